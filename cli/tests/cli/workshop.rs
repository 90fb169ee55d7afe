//! A place where crates of plugins are made and built as their authors do it: with a shell, the real cargo and the real binary.
//!
//! - **It lies in the target folder and stays**, so that dependencies are compiled once, and not at each test run.
//! - **All crates share one target folder** (each has a link to it by the usual name) with one another and with
//!   `tests/tests/workspace/out_of_workspace.rs`. So of the packages they depend on, each is compiled once a profile.
//! - **Nothing comes from the network**: cargo is offline, and the versions are those of the lock that the crates begin with.

use crate::lab::BINARY;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One at a time: a study must not look for plugins where cargo is just putting one.
static TURN: Mutex<()> = Mutex::new(());

/// A folder with nothing but what was made in it.
pub(crate) struct Workshop {
    folder: PathBuf,
    target: PathBuf,
    path: std::ffi::OsString,
    /// Where the next block of commands starts.
    here: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl Workshop {
    /// An empty one. Its shell has the command `lamarck`, whose `run` gets these arguments more.
    pub(crate) fn new(name: &str, run: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // This test lies in <target>/<profile>/deps.
        let test = std::env::current_exe().expect("this test");
        let target = test.ancestors().nth(3).expect("the target folder").join("out-of-workspace");
        let folder = target.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the folder of an earlier test goes");
        }
        let bin = folder.join("bin");
        fs::create_dir_all(&bin).expect("a folder");
        let script = format!("#!/bin/sh\n[ \"$1\" = run ] && set -- \"$@\" {run}\nexec '{BINARY}' \"$@\"\n");
        fs::write(bin.join("lamarck"), script).expect("a script");
        fs::set_permissions(bin.join("lamarck"), fs::Permissions::from_mode(0o755)).expect("it can be run");
        let cargo = Path::new(env!("CARGO")).parent().expect("the folder of cargo");
        let before = std::env::var_os("PATH").unwrap_or_default();
        let path = [bin, cargo.to_owned()].into_iter().chain(std::env::split_paths(&before));
        let path = std::env::join_paths(path).expect("paths without colons");
        Self { here: folder.clone(), folder, target, path, _turn: turn }
    }

    /// Goes back to where it began.
    pub(crate) fn home(&mut self) {
        self.here.clone_from(&self.folder);
    }

    /// The folder that the last command of the last block was in.
    pub(crate) fn here(&self) -> &Path {
        &self.here
    }

    /// Runs commands as a user types them, and returns what they print. None may fail.
    pub(crate) fn shell(&mut self, commands: &str) -> String {
        let target = self.here.join("target");
        if self.here.join("Cargo.toml").is_file() && !target.exists() {
            symlink(&self.target, target).expect("a link");
        }
        let end = self.folder.join("bin").join("here");
        let output = Command::new("sh")
            .arg("-euc")
            .arg(format!("{commands}\npwd > '{}'", end.display()))
            .current_dir(&self.here)
            .env("PATH", &self.path)
            .env("CARGO_NET_OFFLINE", "true")
            // What is compiled here runs for a moment: optimising it would take longer.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .env_remove("LAMARCK_PLUGIN_PATH")
            .env("XDG_DATA_HOME", self.folder.join("bin"))
            .output()
            .expect("a shell");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{commands}\nended with {}\n{out}\n{err}", output.status);
        self.here = PathBuf::from(fs::read_to_string(&end).expect("where it is").trim_end());
        out
    }
}
