//! Which commit this program was built from, as `build.rs` found it.

/// The commit; `None` where the build knew of none.
const COMMIT: Option<&str> = option_env!("LAMARCK_COMMIT");

/// What `lamarck --version` says.
pub(crate) const LONG_VERSION: &str = env!("LAMARCK_LONG_VERSION");

/// The commit, for traces: forty digits, and `-dirty` where the sources had been changed since.
pub(crate) fn commit() -> Option<String> {
    COMMIT.map(str::to_owned)
}
