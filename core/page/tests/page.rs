//! The page as text: what stands in it, and how large it is.

mod support;

use lamarck_model::report::{REPORT_SCHEMA, StudyReport};
use lamarck_page::{KeepRule, Limits, write, write_within};

fn page(report: &StudyReport, limits: &Limits) -> String {
    let explorer = support::explorer(300, &KeepRule::default());
    let mut out = Vec::new();
    write_within(report, Some(&explorer), limits, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page without plotly.js.
fn own(page: &str) -> String {
    let start = page.find("<script>/**\n* plotly.js").unwrap();
    let end = start + page[start..].find("</script>").unwrap();
    format!("{}{}", &page[..start], &page[end..])
}

#[test]
fn no_text_from_data_is_markup() {
    let page = own(&page(&support::report(), &Limits::default()));
    assert!(!page.contains("<script>alert"), "a name became a script");
    assert!(page.contains("<title>workers &lt;script&gt;alert(1)&lt;/script&gt;</title>"));
    assert!(page.contains(r"Donors \u003c/script>\u003cscript>alert(1)"));
    // The early one for the theme, and the page's own; plotly's was cut out. All others are data.
    assert_eq!(page.matches("<script>").count(), 2);
    assert_eq!(page.matches("{{").count(), page.matches("}}").count(), "a place of the template is left");
    assert!(!page.contains("{{title}}") && !page.contains("{{sections}}"));
}

#[test]
fn the_page_asks_for_nothing() {
    let page = own(&page(&support::report(), &Limits::default()));
    assert!(page.contains("default-src 'none'"));
    let addresses: Vec<&str> = page
        .match_indices("http")
        .map(|(at, _)| &page[at..(at + 60).min(page.len())])
        .filter(|text| text.starts_with("http://") || text.starts_with("https://"))
        .filter(|text| !text.starts_with("http://www.w3.org/2000/svg"))
        .collect();
    assert!(addresses.is_empty(), "{addresses:?}");
}

#[test]
fn an_empty_report_is_a_page() {
    let report = StudyReport {
        schema: REPORT_SCHEMA,
        title: "{{script}}".into(),
        summary: String::new(),
        lamarck: "0.1.0".into(),
        command: String::new(),
        study: String::new(),
        points: vec![],
        sections: vec![],
    };
    let mut out = Vec::new();
    write(&report, None, &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.contains("<h1>{{script}}</h1>"), "a title is not a place");
    assert!(page.contains("No analyzer was asked") && page.contains("No run was analysed"));
    assert!(!page.contains("class=\"banner\" role"));
}

#[test]
fn a_page_that_would_be_too_large_has_what_is_drawn() {
    let full = page(&support::report(), &Limits::default());
    assert!(!full.contains("too large for one page"));
    let least = page(&support::report(), &Limits { bytes: 5_500_000 });
    assert!(least.contains("too large for one page"));
    assert!(least.len() < full.len() - 700_000, "{} of {}", least.len(), full.len());
}

#[test]
fn the_explorer_is_cut_to_what_is_left() {
    let explorer = support::explorer(3000, &KeepRule::default());
    assert_eq!((explorer.len(), explorer.total()), (3000, 3000));
    let mut bare = Vec::new();
    write_within(&support::report(), None, &Limits { bytes: 0 }, &mut bare).unwrap();
    let sizes: Vec<usize> = [15_000_000, bare.len() + 1_000_000, bare.len() + 220_000]
        .into_iter()
        .map(|bytes| {
            let mut out = Vec::new();
            write_within(&support::report(), Some(&explorer), &Limits { bytes }, &mut out).unwrap();
            assert!(out.len() <= bytes, "{} of {bytes}", out.len());
            let page = String::from_utf8(out).unwrap();
            let (_, said) = page.split_once("how it is built. ").unwrap();
            let said = said.trim_start_matches("All ").chars();
            let count: String = said.take_while(|c| c.is_ascii_digit() || *c == ',').collect();
            count.replace(',', "").parse().unwrap()
        })
        .collect();
    assert_eq!(sizes[0], 3000);
    assert!(sizes[2] < sizes[0] && sizes[2] > 300, "{sizes:?}");
}

#[test]
fn a_study_of_100_000_candidates_is_a_page_of_less_than_15_mb() {
    let explorer = support::explorer(100_000, &KeepRule::default());
    assert_eq!((explorer.len(), explorer.total()), (20_000, 100_000));
    let mut out = Vec::new();
    write(&support::large_report(), Some(&explorer), &mut out).unwrap();
    let page = String::from_utf8(out).unwrap();
    assert!(page.len() < 15_000_000, "{} bytes", page.len());
    assert!(!page.contains("too large for one page"), "all points are there");
    assert!(page.contains("20,000 of this run\u{2019}s 100,000 candidates are in this page"));
    if let Some(folder) = std::env::var_os("LAMARCK_SHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("large.html"), page).unwrap();
    }
}
