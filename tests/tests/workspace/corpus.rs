//! The fuzzer's corpus, replayed without the fuzzer: no reader panics at what once was interesting.

use lamarck_fuzz_targets::{TARGETS, run};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Seeds are written by hand, the corpus is what the fuzzer kept.
const FOLDERS: [&str; 2] = ["seeds", "corpus"];

/// All of them together, in bytes: they are in every clone.
const MOST: usize = 300_000;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

/// The entries of a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

#[test]
fn the_corpus_of_each_target_is_read_without_panic() {
    for (target, _) in TARGETS {
        let files = FOLDERS.map(|folder| entries(&fuzz().join(folder).join(target)));
        assert!(files.iter().all(|files| !files.is_empty()), "`{target}` has no seed or no corpus");
        for file in files.into_iter().flatten() {
            let bytes = fs::read(&file).expect("a file of the corpus");
            // The panic's own message says what, this one where.
            let replayed = std::panic::catch_unwind(|| run(target, &bytes));
            assert!(replayed.is_ok(), "`{target}` panics at {}", file.display());
        }
    }
}

#[test]
fn targets_folders_and_programs_of_the_fuzzer_are_the_same() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for folder in FOLDERS {
        let found = entries(&fuzz().join(folder)).iter().map(|path| name(path)).collect();
        assert_eq!(targets, found, "folders of {folder}");
    }
    let programs = entries(&fuzz().join("fuzz_targets")).iter().map(|path| name(path)).collect();
    assert_eq!(targets, programs, "files of fuzz_targets");
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for target in &targets {
        assert!(manifest.contains(&format!("name = \"{target}\"\n")), "fuzz/Cargo.toml has no `{target}`");
    }
}

#[test]
fn the_corpus_is_small() {
    let files = FOLDERS.iter().flat_map(|folder| entries(&fuzz().join(folder))).flat_map(|of| entries(&of));
    let bytes: u64 = files.map(|file| fs::metadata(file).expect("a file").len()).sum();
    assert!(bytes <= MOST as u64, "{bytes} bytes; minimise with `cargo fuzz cmin`");
}

fn name(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}
