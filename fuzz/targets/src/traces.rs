//! Headers of traces.

use lamarck_runtime::trace::TraceHeader;
use std::path::Path;

pub(crate) fn header(bytes: &[u8]) {
    match TraceHeader::parse(Path::new("trace.json"), bytes) {
        Ok(mut header) => {
            for point in (0..4).chain([u32::MAX]) {
                let _ = (header.space(point), header.evaluator(point));
            }
            if let Some(run) = header.runs.first().cloned() {
                header.set_run(run);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
