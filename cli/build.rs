//! Finds the commit that the program is built from, for traces and `lamarck --version`.
//!
//! Only this crate has a build script: a commit changes with every commit, and what knows it is built anew each time. So
//! the libraries do not know it, and the binary hands it to them.
//!
//! `-dirty` must be true or it is worth nothing, so the script runs again when any file changes out of which the program
//! is made: the manifests, `src` and what lies beside them. Tests, benches and texts are left out of both the watch and
//! the comparison: they change the program as little as a README does.
//!
//! `LAMARCK_COMMIT` in the build's environment is taken as it is, for builds out of an archive or in a container. Without
//! it and without git there is no commit.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What of a workspace member's folder ends up in the program.
const BUILT: [&str; 5] = ["Cargo.toml", "build.rs", "src", "studies", "data"];

fn main() {
    println!("cargo::rerun-if-env-changed=LAMARCK_COMMIT");
    println!("cargo::rerun-if-changed=build.rs");
    let given = std::env::var("LAMARCK_COMMIT").ok().filter(|commit| !commit.trim().is_empty());
    let commit = given.map(|commit| commit.trim().to_owned()).or_else(find);
    let version = env!("CARGO_PKG_VERSION");
    match commit {
        Some(commit) => {
            println!("cargo::rustc-env=LAMARCK_COMMIT={commit}");
            println!("cargo::rustc-env=LAMARCK_LONG_VERSION={version} (commit {commit})");
        }
        None => println!("cargo::rustc-env=LAMARCK_LONG_VERSION={version} (commit not known)"),
    }
}

/// The commit of the checkout in which this workspace lies.
fn find() -> Option<String> {
    // cargo runs a build script in its crate's folder.
    let workspace = std::env::current_dir().ok()?.parent()?.canonicalize().ok()?;
    // Sources that were unpacked inside of somebody's repository are not that repository's commit.
    let top = PathBuf::from(git(&workspace, &["rev-parse", "--show-toplevel"])?);
    if top.canonicalize().ok()? != workspace {
        return None;
    }
    let commit = git(&workspace, &["rev-parse", "HEAD"])?;
    watch_head(&workspace);
    let built = built(&workspace)?;
    for path in &built {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    let mut status = vec!["status", "--porcelain", "--untracked-files=no", "--"];
    status.extend(built.iter().map(String::as_str));
    let dirty = !git(&workspace, &status)?.is_empty();
    Some(if dirty { format!("{commit}-dirty") } else { commit })
}

/// Sees to it that another commit is noticed. A file that is not there would be taken as always changed.
fn watch_head(workspace: &Path) {
    let mut names = vec!["HEAD".to_owned(), "logs/HEAD".to_owned(), "packed-refs".to_owned()];
    names.extend(git(workspace, &["symbolic-ref", "--quiet", "HEAD"]));
    for name in names {
        let Some(path) = git(workspace, &["rev-parse", "--git-path", &name]) else { continue };
        let path = workspace.join(path);
        if path.is_file() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

/// The tracked files and folders out of which the workspace is built, relative to it.
fn built(workspace: &Path) -> Option<Vec<String>> {
    let mut paths = vec!["Cargo.toml".to_owned(), "Cargo.lock".to_owned()];
    for manifest in git(workspace, &["ls-files", "--", "*/Cargo.toml"])?.lines() {
        let folder = manifest.strip_suffix("Cargo.toml")?;
        // Fixtures and examples are not in the program.
        if !folder.starts_with("tests/") {
            paths.extend(BUILT.iter().map(|name| format!("{folder}{name}")));
        }
    }
    paths.retain(|path| workspace.join(path).exists());
    Some(paths)
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    // Locks are for who changes something; a build beside an editor's git must not get into its way.
    let mut command = Command::new("git");
    // A build inside of a git hook finds these set, for another purpose.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(variable);
    }
    let output = command.arg("--no-optional-locks").args(arguments).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
