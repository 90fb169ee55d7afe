//! Manifests in libraries of plugins.

use lamarck_runtime::host::manifest_in;
use std::path::Path;

pub(crate) fn manifest(bytes: &[u8]) {
    match manifest_in(Path::new("libplugin.so"), bytes) {
        // Whatever is in it can be shown.
        Ok(manifest) => drop(format!("{manifest:?}")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
