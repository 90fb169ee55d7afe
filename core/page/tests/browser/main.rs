//! The page in a real browser: chromium, headless, driven over its own protocol.
//!
//! Skipped where there is none, unless the environment variable `LAMARCK_REQUIRE_BROWSER` is set. With
//! `LAMARCK_SHOTS=FOLDER` it also writes pictures of the page there.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

mod driver;
#[path = "../support/mod.rs"]
mod support;

use headless_chrome::protocol::cdp::Browser as Protocol;
use lamarck_page::KeepRule;

use driver::{Opened, open, open_page};

/// For each chart its key and for each of its traces what it is and how many points it stands for and draws.
const TRACES: &str = "[...document.querySelectorAll('figure.chart')].map((figure) => [figure.dataset.key,
    figure.querySelector('.plot').data.map((trace) => [trace.meta.role, trace.meta.points ?? 0, trace.x?.length ?? 0])])";

/// Text on the page that no reader should see. `innerText` leaves scripts out; plotly's texts are asked for apart.
const TELLTALES: &str = r"[document.body.innerText, ...[...document.querySelectorAll('svg text, title')].map((t) => t.textContent)]
    .flatMap((text) => text.match(/\b(NaN|undefined|null|Infinity|\[object \w+\])\b/g) ?? [])";

fn charts_are_whole(opened: &Opened) {
    opened.ask("(drawAll(), true)");
    // A narrow page shows the first of many points; all of them are a choice away.
    opened.ask(
        "([...document.querySelectorAll('figure.chart select')].forEach((select) => {
           if (select.value !== 'all') { select.value = 'all'; select.onchange(); } }), true)",
    );
    let charts = opened.ask(TRACES);
    let roles = |key: &str, role: &str| -> Vec<(u64, u64)> {
        let chart = charts.as_array().unwrap().iter().find(|chart| chart[0] == key).unwrap();
        let all = chart[1].as_array().unwrap().iter().filter(|trace| trace[0] == role);
        all.map(|trace| (trace[1].as_u64().unwrap(), trace[2].as_u64().unwrap())).collect()
    };
    // Four points; six decisions with a band each, and a neutral line beside each.
    assert_eq!(roles("entropy-over-time", "line"), [(60, 60); 24]);
    assert_eq!(roles("entropy-over-time", "theory"), [(60, 60); 24]);
    assert_eq!(roles("entropy-over-time", "band").len(), 24);
    assert_eq!(roles("mutation-survival", "bars"), [(5, 5); 8]);
    assert_eq!(roles("mutation-survival", "theory"), [(5, 5); 4]);
    assert_eq!(roles("option-shares", "heat"), [(600, 40); 4]);
    assert!(roles("muller", "flow").len() >= 4 * 10);
    // The long line is drawn from fewer points, its spike among them.
    let [(all, drawn)] = roles("donations", "line")[..] else { panic!("one line") };
    assert_eq!(all, support::LONG as u64);
    assert!((1000..=2000).contains(&drawn), "{drawn}");
    let highest = opened.ask(
        "Math.max(...document.querySelector('[data-key=donations] .plot').data.find((t) => t.meta.role === 'line').y)",
    );
    assert!(highest.as_f64().unwrap() > 90.0);
    assert_eq!(opened.ask("document.querySelectorAll('.failed').length"), 0);
    assert_eq!(opened.ask(TELLTALES), serde_json::json!([]));
    // What is wider than the page scrolls in a box of its own.
    let [inner, outer] = ["scrollWidth", "clientWidth"]
        .map(|what| opened.ask(&format!("document.documentElement.{what}")).as_i64().unwrap());
    assert!(inner <= outer, "the page is {inner} wide in a window of {outer}");
}

#[test]
fn a_wide_page_draws_answers_and_saves() {
    let Some(opened) = open(1400, 900, false) else { return };
    assert!(opened.tab.get_title().unwrap().starts_with("workers <script>"));
    opened.quiet();
    charts_are_whole(&opened);

    // A view over all points has one line a point.
    opened.ask(
        "(() => { const select = document.querySelector('[data-key=effective-donors] select');
           select.value = 'over:effective donors'; select.onchange(); return true; })()",
    );
    let over = opened.ask(
        "document.querySelector('[data-key=effective-donors] .plot').data.filter((t) => t.meta.role === 'line').map((t) => t.name)",
    );
    assert_eq!(over.as_array().unwrap().len(), 4, "{over}");

    // A table sorts; what is missing stays last.
    let column =
        |sorted: &str| opened.ask(&format!("[...document.querySelectorAll('#table-0-0 tbody tr')].{sorted}"));
    assert_eq!(column("length"), 0, "a folded table is not drawn");
    opened.click("#table-0-0 summary");
    opened.wait(100);
    assert_eq!(column("length"), 10);
    opened.click("#table-0-0 .tools button:not(.csv)");
    assert_eq!(column("length"), 30);
    opened.click("#table-0-0 th:nth-child(3) button");
    assert_eq!(column("at(-1).children[2].textContent"), "\u{2013}");
    assert_eq!(opened.ask("document.querySelector('#table-0-0 th:nth-child(3)').ariaSort"), "ascending");

    legends_and_the_pointer_answer(&opened);
    bands_keep_their_heights(&opened);
    the_contents_follow(&opened);
    the_explorer_answers(&opened);
    files_are_saved(&opened);

    opened.shot("wide-light.png");
    opened.click("#theme");
    assert_eq!(opened.ask("document.documentElement.dataset.theme"), "dark");
    assert_eq!(
        opened.ask("document.querySelector('[data-key=donations] .plot').layout.paper_bgcolor"),
        "#14171b"
    );
    opened.shot("wide-dark.png");
    opened.quiet();
}

fn legends_and_the_pointer_answer(opened: &Opened) {
    // The click on a legend's entry hides its line, and the band around it.
    opened.click("[data-key=donations] .legendtoggle");
    let hidden = "document.querySelector('[data-key=donations] .plot').data.filter((t) => t.visible === 'legendonly').length";
    opened.until(hidden, &serde_json::json!(2));
    // Two clicks in a row would be a double click, which means something else.
    opened.wait(600);
    opened.click("[data-key=donations] .legendtoggle");
    opened.until(hidden, &serde_json::json!(0));
    let plot = opened.tab.wait_for_element("[data-key=donations] .plot .nsewdrag").unwrap();
    plot.scroll_into_view().unwrap().move_mouse_over().unwrap();
    opened.until(
        "document.querySelector('[data-key=donations] .hoverlayer').textContent.includes('by rank alone')",
        &serde_json::json!(true),
    );
    // A drag over the plot zooms in.
    let range = || {
        let range = opened.ask("document.querySelector('[data-key=donations] .plot').layout.xaxis.range");
        [0, 1].map(|i| range[i].as_f64().unwrap())
    };
    let whole = range();
    opened.ask(
        "(() => { const drag = document.querySelector('[data-key=donations] .plot .nsewdrag');
           const { left, top, width, height } = drag.getBoundingClientRect();
           const send = (target, type, x) => target.dispatchEvent(new MouseEvent(type,
             { bubbles: true, clientX: left + width * x, clientY: top + height / 2, buttons: 1 }));
           send(drag, 'mousedown', 0.25); send(document, 'mousemove', 0.5); send(document, 'mouseup', 0.5); return true; })()",
    );
    opened.wait(600);
    let zoomed = range();
    assert!(zoomed[1] - zoomed[0] < 0.4 * (whole[1] - whole[0]), "{zoomed:?} of {whole:?}");
}

/// Curves between windows pass through the windows' values, are never negative, and keep a full stack full.
fn bands_keep_their_heights(opened: &Opened) {
    let worst = opened.ask(
        "(() => { const x = [0, 1, 3, 4, 9], stack = [[1, 0, 2, 5, 5], [4, 5, 3, 0, 0]];
           const { x: fine, heights, steps } = smoothed(x, stack);
           const off = stack.flatMap((y, band) => y.map((height, i) => Math.abs(heights[band][i * steps] - height)));
           const sums = fine.map((_, i) => Math.abs(heights[0][i] + heights[1][i] - 5));
           return [steps, Math.max(...off, ...sums), Math.min(...heights.flat())]; })()",
    );
    assert!(worst[0].as_u64().unwrap() > 1);
    assert!(worst[1].as_f64().unwrap() < 1e-9 && worst[2].as_f64().unwrap() >= 0.0, "{worst}");
}

fn the_contents_follow(opened: &Opened) {
    let current =
        || opened.ask("[...document.querySelectorAll('nav [aria-current]')].map((link) => link.hash)");
    opened.ask("(document.querySelector('#section-1').scrollIntoView(), new Promise((done) => setTimeout(done, 200, true)))");
    let there = current();
    let there = there[0].as_str().unwrap();
    assert!(there == "#section-1" || there.starts_with("#chart-1"), "{there}");
    assert_eq!(opened.ask("document.querySelectorAll('nav li.open > ol').length"), 1);
}

fn the_explorer_answers(opened: &Opened) {
    let heading = || opened.ask("document.querySelector('.candidate h3').textContent");
    opened.click(".explorer .best");
    let best = heading();
    // The same as the data say.
    let expected = opened.ask("'Candidate ' + parts.get(document.querySelector('.explorer')).lineage.best");
    assert_eq!(best, expected);
    let chain = opened.ask("document.querySelectorAll('.ancestors tbody tr').length").as_u64().unwrap();
    assert!(chain > 3, "{chain} generations");
    let [boxes, inherited, edges] = [".graph rect", ".graph .inherited", ".graph path"]
        .map(|what| opened.ask(&format!("document.querySelectorAll('{what}').length")).as_u64().unwrap());
    assert!(boxes >= 12 && edges >= boxes - 1, "{boxes} layers, {edges} edges");
    let about = opened.ask("document.querySelector('.graph').closest('div.columns').textContent");
    assert!(
        about.as_str().unwrap().contains(&format!("{inherited} of {boxes} layers are the same")),
        "{about}"
    );
    assert!((1..boxes).contains(&inherited), "{inherited} of {boxes}");

    // A click on the parent goes there; a number that is typed as well; one that is not there says so.
    let parent = opened.ask("document.querySelector('.ancestors tbody tr:nth-child(2) button').dataset.id");
    opened.click(".ancestors tbody tr:nth-child(2) button");
    assert_eq!(heading(), format!("Candidate {}", parent.as_str().unwrap()));
    let field = opened.tab.wait_for_element("#candidate").unwrap();
    field.click().unwrap();
    opened.ask("(document.querySelector('#candidate').select(), true)");
    opened.tab.type_str("120").unwrap().press_key("Enter").unwrap();
    assert_eq!(heading(), "Candidate 120");
    assert_eq!(opened.ask("location.hash"), "#candidate=120");
    opened.ask("(document.querySelector('#candidate').select(), true)");
    opened.tab.type_str("5000").unwrap().press_key("Enter").unwrap();
    assert_eq!(heading(), "Candidate 120");
    let message = opened.ask("document.querySelector('.explorer .message').textContent");
    assert!(message.as_str().unwrap().contains("5000 is not in this page"), "{message}");
    opened.click(".explorer .best");
    assert_eq!(opened.ask(TELLTALES), serde_json::json!([]));
}

fn files_are_saved(opened: &Opened) {
    opened
        .tab
        .call_method(Protocol::SetDownloadBehavior {
            behavior: Protocol::SetDownloadBehaviorBehaviorOption::Allow,
            browser_context_id: None,
            download_path: Some(opened.folder.path().display().to_string()),
            events_enabled: None,
        })
        .unwrap();
    let saved = |button: &str, name: &str| -> Vec<u8> {
        opened.click(button);
        let path = opened.folder.path().join(name);
        for _ in 0..100 {
            // The browser renames the file once it is whole.
            if let Ok(bytes) = std::fs::read(&path) {
                return bytes;
            }
            opened.wait(50);
        }
        panic!("{name} was not saved")
    };
    let saved_text = |button: &str, name: &str| String::from_utf8(saved(button, name)).unwrap();
    let donations = saved_text("[data-key=donations] .csv", "donations.csv");
    assert_eq!(donations.lines().count(), 1 + 2 * support::LONG, "the file has all points");
    assert_eq!(donations.lines().next(), Some("point,series,theory,candidates finished,donations,low,high"));
    opened.click("#table-1-0 summary");
    let leaders = saved_text("#table-1-0 .csv", "leaders.csv");
    assert!(
        leaders.contains("cluster.workers=1,1000,0,\"=overtaken, \"\"by\"\" its own descendant\""),
        "{leaders}"
    );
    let heat = saved_text("[data-key=option-shares] .csv", "option-shares.csv");
    assert_eq!(heat.lines().count(), 1 + 4 * 600);
    let svg = String::from_utf8(saved("[data-key=muller] .svg", "muller.svg")).unwrap();
    assert!(svg.contains("<svg") && svg.contains("Rise and fall of clades (synthetic scores)"));
    let png = saved("[data-key=donations] .png", "donations.png");
    assert!(png.starts_with(b"\x89PNG\r\n") && png.len() > 20_000, "{} bytes", png.len());
}

#[test]
fn a_narrow_dark_page_is_whole() {
    let Some(opened) = open(390, 844, true) else { return };
    assert_eq!(opened.ask("document.documentElement.dataset.theme"), "dark");
    charts_are_whole(&opened);
    opened.shot("narrow-dark.png");
    opened.click("#theme");
    opened.shot("narrow-light.png");
    opened.quiet();
}

#[test]
fn printing_draws_everything_on_white() {
    let Some(opened) = open(1200, 800, true) else { return };
    let unfolded = "document.querySelectorAll('details.study[open]').length";
    assert_eq!(opened.ask(unfolded), 0);
    assert_eq!(opened.ask(&format!("(dispatchEvent(new Event('beforeprint')), {unfolded})")), 1);
    assert_eq!(opened.ask(&format!("(dispatchEvent(new Event('afterprint')), {unfolded})")), 0);
    let pdf = opened.tab.print_to_pdf(None).unwrap();
    assert!(pdf.len() > 50_000, "{} bytes", pdf.len());
    // Drawn for the paper, though never scrolled to; and the reader's colours are back.
    assert_eq!(opened.ask("document.querySelectorAll('figure.chart .js-plotly-plot').length"), 6);
    assert_eq!(opened.ask("document.documentElement.dataset.theme"), "dark");
    if let Some(folder) = std::env::var_os("LAMARCK_SHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("print.pdf"), pdf).unwrap();
    }
    opened.quiet();
}

#[test]
fn a_page_of_100_000_candidates_opens_and_answers() {
    let explorer = support::explorer(100_000, &KeepRule::default());
    let Some(opened) = open_page(1400, 900, false, &support::large_report(), &explorer) else { return };
    // What is far below is not drawn yet.
    opened.tab.wait_for_element("figure.chart .js-plotly-plot").unwrap();
    let drawn =
        opened.ask("document.querySelectorAll('figure.chart .js-plotly-plot').length").as_u64().unwrap();
    assert!((1..20).contains(&drawn), "{drawn} of 40 charts");
    opened.ask("(document.querySelector('#explorer').scrollIntoView(), new Promise((done) => setTimeout(done, 300, true)))");
    opened.click(".explorer .best");
    let took = opened.ask("((start) => { document.querySelector('.explorer .best').click(); return performance.now() - start; })(performance.now())");
    let loaded = opened.ask("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd");
    // Some 20 times what it takes on a laptop, for machines that do much else.
    assert!(loaded.as_f64().unwrap() < 20_000.0, "opened after {loaded} ms");
    assert!(took.as_f64().unwrap() < 5_000.0, "answered after {took} ms");
    eprintln!("opened after {loaded} ms, answered after {took} ms");
    opened.ask("(drawAll(), true)");
    assert_eq!(opened.ask("document.querySelectorAll('figure.chart .js-plotly-plot').length"), 40);
    opened.quiet();
}

#[test]
fn a_page_of_nothing_says_so() {
    for explorer in support::nothing::empty_explorers() {
        let Some(opened) = open_page(1000, 800, false, &support::nothing::empty_report(), &explorer) else {
            return;
        };
        opened.ask(
            "(document.querySelectorAll('details').forEach((d) => { d.open = true; }), drawAll(), true)",
        );
        opened.wait(300);
        assert_eq!(opened.ask("document.querySelectorAll('.failed').length"), 0);
        let empty = "[...document.querySelectorAll('figure.chart')].map((f) => f.querySelectorAll('.annotation-text').length > 0
            && f.querySelector('.plot').textContent.includes('no data'))";
        assert_eq!(opened.ask(empty), serde_json::json!([true, true, true, true, true]));
        opened.ask("(document.querySelector('#candidate').value = 77, document.querySelector('.explorer form').requestSubmit(), true)");
        assert_eq!(opened.ask("document.querySelector('.explorer .message').hidden"), false);
        assert_eq!(opened.ask(TELLTALES), serde_json::json!([]));
        opened.quiet();
    }
}
