//! Not written yet.

use crate::{ImportError, Log, ReadOptions};
use std::path::PathBuf;

pub(crate) fn read(_paths: &[PathBuf], _options: &ReadOptions) -> Result<Vec<Log>, ImportError> {
    Ok(Vec::new())
}
