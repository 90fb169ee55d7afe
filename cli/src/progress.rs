//! A progress bar on a terminal, nothing in a pipe; and Ctrl-C.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use lamarck_runtime::engine::Progress;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Watches a study's progress until it is dropped.
pub(crate) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Shows a bar for `total` candidates (a spinner when nobody knows how many there will be).
    pub(crate) fn new(progress: &Arc<Progress>, total: Option<u64>, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self { stop: None, thread: None };
        }
        let progress = Arc::clone(progress);
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
            let template = match total {
                Some(_) => "{bar:32} {human_pos} of {human_len} candidates, {per_sec}, {eta} left",
                None => "{spinner} {human_pos} candidates, {per_sec}",
            };
            // The templates above are valid, and the default would do as well.
            bar.set_style(
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            while stopped.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(progress.finished.load(Ordering::Relaxed));
            }
            bar.finish_and_clear();
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A bar that panicked is no reason to lose a result.
            let _ = thread.join();
        }
    }
}

/// On the first Ctrl-C or termination signal, runs stop, resumably; on the second the process ends at once.
pub(crate) fn stop_on_signal(progress: &Arc<Progress>) -> anyhow::Result<()> {
    let progress = Arc::clone(progress);
    ctrlc::set_handler(move || {
        if progress.stop.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(())
}
