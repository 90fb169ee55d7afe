//! Drives the browser: opens a page, asks it, clicks, takes pictures, and listens to its console.

use std::path::Path;
use std::sync::{Arc, Mutex};

use headless_chrome::browser::default_executable;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::protocol::cdp::{Emulation, Page};
use headless_chrome::{Browser, LaunchOptions, Tab};
use lamarck_model::report::StudyReport;
use lamarck_page::{Explorer, KeepRule, write};
use serde_json::Value;

use crate::support;

/// An open page, and what its console said.
pub(crate) struct Opened {
    pub(crate) tab: Arc<Tab>,
    complaints: Arc<Mutex<Vec<String>>>,
    // Closed with the page; fields are dropped in their order.
    _browser: Browser,
    pub(crate) folder: tempfile::TempDir,
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
pub(crate) fn open(width: u32, height: u32, dark: bool) -> Option<Opened> {
    open_page(width, height, dark, &support::report(), &support::explorer(1000, &KeepRule::default()))
}

pub(crate) fn open_page(
    width: u32,
    height: u32,
    dark: bool,
    report: &StudyReport,
    explorer: &Explorer,
) -> Option<Opened> {
    let browser = browser()?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    write(report, Some(explorer), &mut std::fs::File::create(&file).unwrap()).unwrap();
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
    pub(crate) fn ask(&self, expression: &str) -> Value {
        let wrapped = format!("Promise.resolve({expression}).then((value) => JSON.stringify(value))");
        let answer = self.tab.evaluate(&wrapped, true).unwrap_or_else(|e| panic!("{expression}: {e}"));
        let text = answer.value.clone().unwrap_or_else(|| panic!("{expression} has no value: {answer:?}"));
        serde_json::from_str(text.as_str().unwrap()).unwrap()
    }

    /// Lets the page work for so many milliseconds.
    pub(crate) fn wait(&self, milliseconds: u32) {
        self.ask(&format!("new Promise((done) => setTimeout(done, {milliseconds}, true))"));
    }

    /// Waits until an expression comes to a value; slow machines take seconds.
    pub(crate) fn until(&self, expression: &str, value: &Value) {
        for _ in 0..100 {
            if self.ask(expression) == *value {
                return;
            }
            self.wait(100);
        }
        panic!("{expression} is {}, not {value}", self.ask(expression));
    }

    pub(crate) fn quiet(&self) {
        let complaints = self.complaints.lock().unwrap();
        assert!(complaints.is_empty(), "the console is not empty: {complaints:#?}");
    }

    pub(crate) fn click(&self, selector: &str) {
        let element = self.tab.wait_for_element(selector).unwrap();
        // In the middle of the window, so that nothing that is drawn meanwhile moves it away.
        self.ask(&format!(
            "(document.querySelector({selector:?}).scrollIntoView({{ block: 'center' }}), true)"
        ));
        self.wait(50);
        element.click().unwrap();
    }

    pub(crate) fn shot(&self, name: &str) {
        let Some(folder) = std::env::var_os("LAMARCK_SHOTS") else { return };
        self.wait(500);
        let size = self.ask("[document.documentElement.clientWidth, document.documentElement.scrollHeight]");
        let [width, height] = [0, 1].map(|i| u32::try_from(size[i].as_u64().unwrap()).unwrap());
        viewport(&self.tab, width, height);
        self.wait(500);
        let png =
            self.tab.capture_screenshot(Page::CaptureScreenshotFormatOption::Png, None, None, true).unwrap();
        viewport(&self.tab, width, 900);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(name), png).unwrap();
    }
}
