//! Plugins that others could have changed, and plugins that a lock does not list.

use crate::lab::{BINARY, Lab, fixture};
use std::fs;
use std::path::PathBuf;

/// A plugin of the fixtures in a folder of its own.
fn own(lab: &Lab) -> PathBuf {
    let from = PathBuf::from(fixture("panics"));
    let folder = lab.path("mine");
    fs::create_dir(&folder).expect("a folder");
    let to = folder.join(from.file_name().expect("a name"));
    fs::copy(from, &to).expect("a copy");
    to
}

/// A study that uses it, though it gets no further than loading it.
const STUDY: &str = "space.plugin = \"nas-bench-201\"\nevaluator.plugin = \"nas-bench-201-table\"\n\
                     scheduler.plugin = \"panics\"\nbudget.candidates = 10\n";

#[cfg(unix)]
mod rights {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    /// Where everybody can write the program, as on some mounted file systems, nothing is refused on that account.
    #[expect(clippy::print_stdout, reason = "a skipped test says so")]
    fn skipped() -> bool {
        let mode = fs::metadata(BINARY).expect("the binary").permissions().mode();
        let open = mode & 0o002 != 0;
        if open {
            println!("skipped: everybody can write {BINARY} (mode {mode:o})");
        }
        open
    }

    #[test]
    fn what_others_can_write_is_not_loaded() {
        if skipped() {
            return;
        }
        let lab = Lab::new();
        let plugin = own(&lab);
        let folder = lab.path("mine");
        lab.write("study.toml", STUDY);
        let run = |place: &str| lab.run(&["run", "study.toml", "--plugin-path", place, "--out", "out"]);
        // It is loaded: what it says comes from its own code.
        run("mine").refused(3, &["this scheduler panics on purpose"]);
        fs::remove_dir_all(lab.path("out")).expect("the trace of the failed run");

        let shown = plugin.file_name().expect("a name").to_str().expect("UTF-8");
        for (path, mode, cure) in
            [(&folder, 0o777, "chmod o-w"), (&folder, 0o1777, "chmod o-w"), (&plugin, 0o666, "chmod o-w")]
        {
            let before = fs::metadata(path).expect("it is there").permissions().mode();
            chmod(path, mode);
            let mode = format!("(mode {mode:04o})");
            let words = ["is refused: `", shown, "can be written by everybody", &mode, cure];
            run("mine").refused(3, &words);
            run(&format!("mine/{shown}")).refused(3, &words);
            // A listing shows it, and why it is not used.
            let listed = lab.run(&["plugins", "list", "--plugin-path", "mine"]).done();
            listed.says(&["panics", "refused: plugin", "can be written by everybody"]);
            lab.run(&["plugins", "lock", "--plugin-path", "mine"]).refused(3, &words);
            // A study that has no use for it goes on.
            lab.small(&["--plugin-path", "mine", "--quiet", "--out", "fine", "--jobs", "1"]).done();
            fs::remove_dir_all(lab.path("fine")).expect("the trace");
            chmod(path, before);
        }
        // A link from a safe folder leads to the same place.
        chmod(&folder, 0o777);
        fs::create_dir(lab.path("links")).expect("a folder");
        std::os::unix::fs::symlink(&plugin, lab.path("links").join(shown)).expect("a link");
        run("links").refused(3, &["can be written by everybody", "mine"]);
        chmod(&folder, 0o755);
        // So does a folder further up, unless it is sticky.
        let above = lab.path("above");
        fs::create_dir(&above).expect("a folder");
        fs::rename(&folder, above.join("mine")).expect("moved");
        chmod(&above, 0o777);
        run("above/mine").refused(3, &["can be written by everybody", "above` can be written"]);
        chmod(&above, 0o1777);
        run("above/mine").refused(3, &["this scheduler panics on purpose"]);
    }

    #[test]
    fn a_lock_that_everybody_can_write_locks_nothing() {
        if skipped() {
            return;
        }
        let lab = Lab::new();
        lab.run(&["plugins", "lock"]).done();
        chmod(&lab.path("plugins.lock"), 0o666);
        lab.small(&["--out", "out"])
            .refused(3, &["plugins.lock", "can be written by everybody", "chmod o-w"]);
    }
}

#[test]
fn only_what_the_lock_lists_is_loaded() {
    let lab = Lab::new();
    let plugin = own(&lab);
    lab.write("study.toml", STUDY);
    let run = ["run", "study.toml", "--plugin-path", "mine", "--out", "out"];
    lab.run(&["plugins", "lock"]).done().says(&["lamarck-mutators", "sha256:", "plugins in plugins.lock"]);
    // What comes with the program is listed, and works: also where no study is run.
    lab.small(&["--out", "fine"]).done();
    lab.run(&["spaces", "list"]).done();
    let words = [
        "fixture-panics",
        "is refused: its hash is sha256:",
        "it is not in `plugins.lock`, which does not list fixture-panics 0.1.0",
        "accept it with `lamarck plugins lock`",
    ];
    lab.run(&run).refused(3, &words);
    lab.run(&["plugins", "list", "--plugin-path", "mine"]).done().says(&["refused: plugin `mine"]);
    // Also who only wants its layout checked would run its code.
    let shown = plugin.to_str().expect("UTF-8");
    lab.run(&["plugins", "info", shown, "--abi-report", "report.txt"]).refused(3, &words);
    lab.run(&["plugins", "info", shown]).done();
    lab.run(&["plugins", "lock", "--plugin-path", "mine"]).done().says(&["fixture-panics"]);
    lab.run(&run).refused(3, &["this scheduler panics on purpose"]);
    fs::remove_dir_all(lab.path("out")).expect("the trace of the failed run");
    // A byte more, and it is another plugin; its manifest is read all the same.
    let mut bytes = fs::read(&plugin).expect("the plugin");
    bytes.push(0);
    fs::write(&plugin, bytes).expect("the plugin");
    lab.run(&run).refused(3, &["is refused", "which lists fixture-panics 0.1.0 with sha256:"]);
}

#[test]
fn the_lock_of_a_study() {
    let lab = Lab::new();
    fs::create_dir(lab.path("study")).expect("a folder");
    let study = "space.plugin = \"nas-bench-201\"\nevaluator.plugin = \"nas-bench-201-table\"\nbudget.candidates = 100\n";
    lab.write("study/one.toml", study);
    lab.run(&["plugins", "lock", "study/one.toml"])
        .done()
        .says(&["plugins in study/plugins.lock", "lamarck-nas-bench-201"]);
    let lock = fs::read_to_string(lab.path("study/plugins.lock")).expect("a lock");
    assert!(lock.contains("lamarck-mutators") && !lock.contains("lamarck-storage"), "{lock}");
    lab.run(&["run", "study/one.toml", "--out", "out"]).done();
    // An analyzer is a plugin that the lock does not list.
    let analyzed =
        ["run", "study/one.toml", "--set", "analyzers=[{ plugin = \"storage\" }]", "--out", "more"];
    lab.run(&analyzed).refused(3, &["lamarck-storage", "not in `study/plugins.lock`"]);
    // Beside another study, and in another folder, it says nothing.
    lab.write("one.toml", study);
    lab.run(&["run", "one.toml", "--out", "free"]).done();
    lab.run(&["plugins", "lock", "nas-bench-201", "--out", "own.lock"]).done().says(&["plugins in own.lock"]);
    lab.run(&["plugins", "lock", "--out", "nowhere/own.lock"])
        .refused(5, &["cannot write `nowhere/own.lock`"]);
    assert!(!lab.path("plugins.lock").exists());
}

#[test]
fn a_damaged_lock() {
    let lab = Lab::new();
    let cases: [(&[u8], &str); 6] = [
        (b"", "version"),
        (b"version = 2\n", "it has version 2, and this lamarck reads version 1"),
        (b"version = 1\n[[plugin]]\nname = \"x\"\n", "line 2: missing field"),
        (b"version = 1\n[[plugin]\n", "line 2: "),
        (
            b"version = 1\n[[plugin]]\nname = \"x\"\nversion = \"1\"\nfile = \"f\"\nhash = \"xxh3:1\"\n",
            "the hash of `x` is `xxh3:1`",
        ),
        (b"\xff\xfe", "UTF-8"),
    ];
    for (text, word) in cases {
        lab.write("plugins.lock", text);
        let words = ["`plugins.lock` is no list of plugins: ", word, "lamarck plugins lock"];
        lab.small(&["--out", "out"]).refused(3, &words);
    }
    // The cure that the message names works.
    lab.run(&["plugins", "lock"]).done();
    lab.small(&["--out", "out"]).done();
    fs::remove_file(lab.path("plugins.lock")).expect("the lock");
    fs::create_dir(lab.path("plugins.lock")).expect("a folder of that name");
    lab.small(&["--out", "more"]).refused(3, &["`plugins.lock` is no list of plugins"]);
}
