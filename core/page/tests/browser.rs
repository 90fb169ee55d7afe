//! The page in a real browser: chromium, headless, driven over its own protocol.
//!
//! Skipped where there is none, unless the environment variable `LAMARCK_REQUIRE_BROWSER` is set. With
//! `LAMARCK_SHOTS=FOLDER` it also writes pictures of the page there.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

mod support;

use std::path::Path;
use std::sync::{Arc, Mutex};

use headless_chrome::browser::default_executable;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Browser as Protocol, Emulation, Page};
use headless_chrome::{Browser, LaunchOptions, Tab};
use lamarck_model::report::StudyReport;
use lamarck_page::{KeepRule, write};
use serde_json::Value;

/// An open page, and what its console said.
struct Opened {
    tab: Arc<Tab>,
    complaints: Arc<Mutex<Vec<String>>>,
    // Closed with the page; fields are dropped in their order.
    _browser: Browser,
    folder: tempfile::TempDir,
}

/// `None` where there is no browser.
fn browser() -> Option<Browser> {
    let path = match default_executable() {
        Ok(path) => path,
        Err(why) => {
            assert!(
                std::env::var_os("LAMARCK_REQUIRE_BROWSER").is_none(),
                "LAMARCK_REQUIRE_BROWSER is set, and there is no chromium: {why}"
            );
            eprintln!("skipped: no chromium was found ({why}); install it, or set CHROME to its path");
            return None;
        }
    };
    let options = LaunchOptions::default_builder()
        .path(Some(path))
        // Containers have no user namespaces to make a sandbox with, and the page is ours.
        .sandbox(false)
        .args(vec!["--disable-dev-shm-usage".as_ref(), "--hide-scrollbars".as_ref()])
        .build()
        .unwrap();
    Some(Browser::new(options).unwrap())
}

fn viewport(tab: &Tab, width: u32, height: u32) {
    tab.call_method(Emulation::SetDeviceMetricsOverride {
        width,
        height,
        device_scale_factor: 1.0,
        mobile: width < 600,
        scale: None,
        screen_width: None,
        screen_height: None,
        position_x: None,
        position_y: None,
        dont_set_visible_size: None,
        screen_orientation: None,
        viewport: None,
        display_feature: None,
        device_posture: None,
    })
    .unwrap();
}

/// Opens the page of the sample study.
fn open(width: u32, height: u32, dark: bool) -> Option<Opened> {
    open_page(width, height, dark, &support::report(), 1000)
}

fn open_page(width: u32, height: u32, dark: bool, report: &StudyReport, candidates: usize) -> Option<Opened> {
    let browser = browser()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let explorer = support::explorer(candidates, &KeepRule::default());
    write(report, Some(&explorer), &mut std::fs::File::create(&file).unwrap()).unwrap();
    let tab = browser.new_tab().unwrap();
    let complaints = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&complaints);
    tab.enable_runtime().unwrap().enable_log().unwrap();
    tab.add_event_listener(Arc::new(move |event: &Event| {
        let complaint = match event {
            Event::RuntimeConsoleAPICalled(call) => Some(format!("{:?}", call.params)),
            Event::RuntimeExceptionThrown(thrown) => Some(format!("{:?}", thrown.params.exception_details)),
            Event::LogEntryAdded(entry) => Some(format!("{:?}", entry.params.entry)),
            _ => None,
        };
        heard.lock().unwrap().extend(complaint);
    }))
    .unwrap();
    viewport(&tab, width, height);
    let scheme = if dark { "dark" } else { "light" };
    tab.call_method(Emulation::SetEmulatedMedia {
        media: None,
        // Smooth scrolling would be waited for at each click.
        features: Some(
            [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]
                .map(|(name, value)| Emulation::MediaFeature { name: name.into(), value: value.into() })
                .to_vec(),
        ),
    })
    .unwrap();
    tab.navigate_to(&format!("file://{}", file.display())).unwrap().wait_until_navigated().unwrap();
    Some(Opened { tab, complaints, _browser: browser, folder })
}

impl Opened {
    /// What an expression, or a promise of it, comes to.
    fn ask(&self, expression: &str) -> Value {
        let wrapped = format!("Promise.resolve({expression}).then((value) => JSON.stringify(value))");
        let answer = self.tab.evaluate(&wrapped, true).unwrap_or_else(|e| panic!("{expression}: {e}"));
        let text = answer.value.clone().unwrap_or_else(|| panic!("{expression} has no value: {answer:?}"));
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    fn quiet(&self) {
        let complaints = self.complaints.lock().unwrap();
        assert!(complaints.is_empty(), "the console is not empty: {complaints:#?}");
    }

    fn click(&self, selector: &str) {
        self.tab.wait_for_element(selector).unwrap().scroll_into_view().unwrap().click().unwrap();
    }

    fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("LAMARCK_SHOTS") else { return };
        self.ask("new Promise((done) => setTimeout(done, 500, true))");
        let size = self.ask("[document.documentElement.clientWidth, document.documentElement.scrollHeight]");
        let [width, height] = [0, 1].map(|i| u32::try_from(size[i].as_u64().unwrap()).unwrap());
        viewport(&self.tab, width, height);
        self.ask("new Promise((done) => setTimeout(done, 500, true))");
        let png =
            self.tab.capture_screenshot(Page::CaptureScreenshotFormatOption::Png, None, None, true).unwrap();
        viewport(&self.tab, width, 900);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(name), png).unwrap();
    }
}

/// For each chart its key and for each of its traces what it is and how many points it stands for and draws.
const TRACES: &str = "[...document.querySelectorAll('figure.chart')].map((figure) => [figure.dataset.key,
    figure.querySelector('.plot').data.map((trace) => [trace.meta.role, trace.meta.points ?? 0, trace.x?.length ?? 0])])";

/// Text on the page that no reader should see. `innerText` leaves scripts out; plotly's texts are asked for apart.
const TELLTALES: &str = r"[document.body.innerText, ...[...document.querySelectorAll('svg text, title')].map((t) => t.textContent)]
    .flatMap((text) => text.match(/\b(NaN|undefined|null|Infinity|\[object \w+\])\b/g) ?? [])";

fn charts_are_whole(opened: &Opened) {
    opened.ask("(drawAll(), true)");
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
    opened.shot("wide-light.png");

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
    opened.click("#table-0-0 .tools button:not(.csv)");
    assert_eq!(column("length"), 30);
    opened.click("#table-0-0 th:nth-child(3) button");
    assert_eq!(column("at(-1).children[2].textContent"), "\u{2013}");
    assert_eq!(opened.ask("document.querySelector('#table-0-0 th:nth-child(3)').ariaSort"), "ascending");

    the_explorer_answers(&opened);
    files_are_saved(&opened);

    opened.click("#theme");
    assert_eq!(opened.ask("document.documentElement.dataset.theme"), "dark");
    assert_eq!(
        opened.ask("document.querySelector('[data-key=donations] .plot').layout.paper_bgcolor"),
        "#14171b"
    );
    opened.shot("wide-dark.png");
    opened.quiet();
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
    let saved = |button: &str, name: &str| -> String {
        opened.click(button);
        let path = opened.folder.path().join(name);
        for _ in 0..100 {
            // The browser renames the file once it is whole.
            if let Ok(text) = std::fs::read_to_string(&path) {
                return text;
            }
            opened.ask("new Promise((done) => setTimeout(done, 50, true))");
        }
        panic!("{name} was not saved")
    };
    let donations = saved("[data-key=donations] .csv", "donations.csv");
    assert_eq!(donations.lines().count(), 1 + 2 * support::LONG, "the file has all points");
    assert_eq!(donations.lines().next(), Some("point,series,theory,candidates finished,donations,low,high"));
    let leaders = saved("#table-1-0 .csv", "leaders.csv");
    assert!(
        leaders.contains("cluster.workers=1,1000,0,\"=overtaken, \"\"by\"\" its own descendant\""),
        "{leaders}"
    );
    let heat = saved("[data-key=option-shares] .csv", "option-shares.csv");
    assert_eq!(heat.lines().count(), 1 + 4 * 600);
    let svg = saved("[data-key=donations] [data-title='Download as SVG']", "donations.svg");
    assert!(svg.contains("<svg") && svg.contains("donations"));
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
    let pdf = opened.tab.print_to_pdf(None).unwrap();
    assert!(pdf.len() > 50_000, "{} bytes", pdf.len());
    // Drawn for the paper, though never scrolled to; and the reader's colours are back.
    assert_eq!(opened.ask("document.querySelectorAll('figure.chart .js-plotly-plot').length"), 6);
    assert_eq!(opened.ask("document.documentElement.dataset.theme"), "dark");
    if let Some(folder) = std::env::var_os("LAMARCK_SHOTS") {
        std::fs::write(Path::new(&folder).join("print.pdf"), pdf).unwrap();
    }
    opened.quiet();
}

#[test]
fn a_page_of_100_000_candidates_opens_and_answers() {
    let Some(opened) = open_page(1400, 900, false, &support::large_report(), 100_000) else { return };
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
