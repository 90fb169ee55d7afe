//! A plugin whose author knows only `lamarck-sdk`: built by a cargo of its own, outside this workspace, then loaded.

use crate::{ran, study};
use lamarck_model::{Nullable, Origin};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds `tests/out-of-workspace` and returns its shared library.
///
/// A copy is built, with the versions that this workspace has locked: what is built must not depend on what a
/// registry has today, and nothing must be written among the sources.
fn build() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (source, workspace) = (tests.join("out-of-workspace"), tests.join(".."));
    let sdk = workspace.join("core/sdk").canonicalize().expect("the SDK");
    // This test lies in <target>/<profile>/deps.
    let test = std::env::current_exe().expect("this test");
    let target = test.ancestors().nth(3).expect("the target folder").join("out-of-workspace");
    let copy = target.join("crate");
    fs::create_dir_all(copy.join("src")).expect("a folder for the copy");
    let manifest = fs::read_to_string(source.join("Cargo.toml")).expect("its manifest");
    let (relative, absolute) = ("\"../../core/sdk\"", format!("{:?}", sdk.to_str().expect("an UTF-8 path")));
    assert!(manifest.contains(relative));
    fs::write(copy.join("Cargo.toml"), manifest.replace(relative, &absolute)).expect("a copy");
    fs::copy(workspace.join("Cargo.lock"), copy.join("Cargo.lock")).expect("a copy");
    fs::copy(source.join("src/lib.rs"), copy.join("src/lib.rs")).expect("a copy");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet"])
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("CARGO_BUILD_TARGET")
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = format!("{}rotate{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    target.join("debug").join(name)
}

#[test]
fn a_mutator_from_elsewhere_takes_part() {
    let file = build();
    let text = study(
        "[strategy]\npopulation = 20\nsample = 5\n[[mutators]]\nplugin = \"rotate\"\nplaces = 2\n\
         [cluster]\nworkers = 8\n[budget]\ncandidates = 500\n",
    );
    let ran = ran(&text, std::slice::from_ref(&file));
    let entry =
        ran.header.plugins.iter().find(|plugin| plugin.name == "rotate").expect("it is in the header");
    assert_eq!((entry.kind.as_str(), entry.library.as_str()), ("mutator", "rotate"));
    assert_eq!(Path::new(&entry.file).file_name(), file.file_name());
    assert!(entry.hash.starts_with("xxh3:"), "{}", entry.hash);
    // And it did its work: every child is its parent, turned by two places.
    let vectors: BTreeMap<_, _> = ran.rows.iter().map(|row| (row.id, &row.choices)).collect();
    let mut children = 0;
    for row in ran.rows.iter().filter(|row| row.origin() == Some(Origin::Mutation)) {
        let mut expected = vectors[&row.parent.known().expect("a child has a parent")].clone();
        expected.rotate_left(2);
        assert_eq!(row.choices, expected, "candidate {}", row.id);
        children += 1;
    }
    assert_eq!(children, 500 - 27);
}
