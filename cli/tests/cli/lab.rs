//! A folder to work in, and the binary run in it with nothing of the user's own around.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;
use tempfile::TempDir;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_lamarck");

/// A study small enough for a test.
pub(crate) const SMALL: [&str; 4] = ["--set", "budget.candidates=500", "--replicates", "2"];

/// A temporary folder.
pub(crate) struct Lab(TempDir);

impl Lab {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let lab = Self(TempDir::new().expect("a temporary folder"));
        fs::create_dir(lab.path("data-home")).expect("a folder in it");
        lab
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and returns its name.
    pub(crate) fn write<'a>(&self, name: &'a str, content: impl AsRef<[u8]>) -> &'a str {
        fs::write(self.path(name), content).expect("a file in the temporary folder");
        name
    }

    /// The binary's environment: this folder, no plugins but those beside the binary, no backtraces.
    pub(crate) fn command(&self) -> std::process::Command {
        let mut command = std::process::Command::new(BINARY);
        command
            .current_dir(self.0.path())
            .env_remove("LAMARCK_PLUGIN_PATH")
            .env("XDG_DATA_HOME", self.path("data-home"))
            .env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = Command::from_std(self.command())
            .args(arguments)
            .timeout(Duration::from_mins(2))
            .output()
            .expect("the binary starts");
        Ended { what: arguments.join(" "), output }
    }

    /// Runs a small study with more arguments.
    pub(crate) fn small(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["run"], &SMALL[..], arguments].concat())
    }

    /// Every file below a folder, by its path in it.
    pub(crate) fn tree(&self, name: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(root, &path, files);
                } else {
                    let name = path.strip_prefix(root).expect("below the root").to_owned();
                    files.insert(name, fs::read(&path).expect("a file"));
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(&self.path(name), &self.path(name), &mut files);
        files
    }

    /// The files of two folders are the same, byte by byte.
    pub(crate) fn assert_same(&self, left: &str, right: &str) {
        let (left, right) = (self.tree(left), self.tree(right));
        let names = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&left), names(&right));
        assert!(left.len() > 1, "a trace has a header and parts");
        for (name, bytes) in &left {
            assert!(right[name] == *bytes, "{} differs", name.display());
        }
    }
}

/// The shared library of a fixture plugin; cargo leaves it beside the test binaries.
pub(crate) fn fixture(name: &str) -> String {
    let deps = std::env::current_exe().expect("this test").parent().expect("its folder").to_owned();
    let file = format!("{}fixture_{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let file = deps.join(file);
    assert!(file.is_file(), "{} was not built", file.display());
    file.to_str().expect("an UTF-8 path").to_owned()
}

/// What came of a command.
pub(crate) struct Ended {
    what: String,
    output: Output,
}

impl Ended {
    /// Standard output.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Standard error.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// It ended with this code: by itself, and not by a signal.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> Self {
        let (out, err) = (self.out(), self.err());
        assert_eq!(
            self.output.status.code(),
            Some(code),
            "`lamarck {}` ended with {:?}\n{out}\n{err}",
            self.what,
            self.output.status
        );
        self
    }

    /// It did what it was told, and had nothing to complain of.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        let ended = self.code(0);
        assert_eq!(ended.err(), "", "`lamarck {}`", ended.what);
        ended
    }

    /// It refused with this code and a message that has all these words, and nothing of a panic.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, words: &[&str]) -> Self {
        let ended = self.code(code);
        let err = ended.err();
        assert!(err.starts_with("error: "), "`lamarck {}` says\n{err}", ended.what);
        assert!(!err.contains("panicked at"), "`lamarck {}` says\n{err}", ended.what);
        for word in words {
            assert!(err.contains(word), "`lamarck {}` does not say {word:?}, but\n{err}", ended.what);
        }
        ended
    }

    /// Standard output has all these words.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let out = self.out();
        for word in words {
            assert!(out.contains(word), "`lamarck {}` does not say {word:?}, but\n{out}", self.what);
        }
        self
    }
}

/// Whether `python3` is there; a test that needs it has said so and ends if not.
#[expect(clippy::print_stderr, reason = "a test that does nothing must say so")]
pub(crate) fn has_python() -> bool {
    let found = std::process::Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("LAMARCK_REQUIRE_PYTHON").is_none(),
        "python3 is required and is not there"
    );
    if !found {
        eprintln!("skipped: python3 is not there");
    }
    found
}
