//! The targets of the fuzzer: every reader of files that come from elsewhere, fed with bytes.
//!
//! A target is a function of bytes that returns whatever the bytes are. It panics if a reader does, and where what was
//! read contradicts itself: a reader that accepts something must be able to say what. That it answers in time and in
//! bounded memory is the fuzzer's to watch.
//!
//! **A crate of its own, in the workspace.** The crate of the fuzzer (`fuzz/Cargo.toml`) links libFuzzer, builds with
//! cargo-fuzz only, and holds nothing but a line a target. The functions are here, so that an ordinary test
//! (`tests/tests/workspace/corpus.rs`) replays the corpus on every machine and the compiler keeps them from rotting.
//!
//! **Inputs of two parts** are one file with a line between them ([`parts`]): a corpus that can be read and written
//! with an editor, which a generator of structured inputs (`arbitrary`) would not give.

mod accesses;
mod logs;
mod plugins;
mod studies;
mod tables;
mod traces;

/// A target's name, which is that of its folder in the corpus, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("access_trace", accesses::access_trace),
    ("import_csv", logs::csv),
    ("import_deephyper", logs::deephyper),
    ("import_optuna", logs::optuna),
    ("import_ray_tune", logs::ray_tune),
    ("import_syne_tune", logs::syne_tune),
    ("manifest", plugins::manifest),
    ("pickle", tables::pickle),
    ("study", studies::study),
    ("trace_header", traces::header),
];

/// Runs the target of this name.
///
/// # Panics
/// If there is none, or if the target does.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, run) = target.expect("a target of that name");
    run(bytes);
}

/// The line between the parts of an input.
pub const SEPARATOR: &[u8] = b"\n=====\n";

/// The bytes before the first [`SEPARATOR`], and those after it; without one the second part is empty.
pub fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes.windows(SEPARATOR.len()).position(|window| window == SEPARATOR).map_or((bytes, &[]), |at| {
        let (first, rest) = bytes.split_at(at);
        (first, &rest[SEPARATOR.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_has_one_part_or_two() {
        assert_eq!(parts(b"a"), (&b"a"[..], &b""[..]));
        assert_eq!(parts(b"a\n=====\nb\n=====\nc"), (&b"a"[..], &b"b\n=====\nc"[..]));
        assert_eq!(parts(b""), (&b""[..], &b""[..]));
    }
}
