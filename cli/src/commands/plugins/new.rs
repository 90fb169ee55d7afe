//! `lamarck plugins new`: a crate for a plugin, complete and working, for its author to change.

use super::name;
use super::template::{Sdk, files};
use crate::args::NewArgs;
use crate::exit::{Exit, usage};
use crate::output::Out;
use anyhow::{Context, Result};
use lamarck_runtime::host::{Registry, SearchPath};
use std::fs;
use std::path::{Path, PathBuf};

/// The SDK that this binary was built with, if the folder is still there.
const BUILT_WITH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/sdk");

/// Runs `lamarck plugins new`.
pub(super) fn run(args: &NewArgs, plugins: &[PathBuf]) -> Result<Exit> {
    name::check(&args.name)?;
    refuse_known(&args.name, plugins)?;
    let sdk = sdk(args, Path::new(BUILT_WITH))?;
    let folder = args.path.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    let files = files(&args.name, args.kind, &sdk);
    write(&folder, &files)?;

    let mut out = Out::new();
    let places: Vec<&str> = files.iter().map(|(place, _)| *place).collect();
    out.line(format!(
        "{} `{}` written to {}: {}",
        args.kind,
        args.name,
        folder.display(),
        places.join(", ")
    ))?;
    out.line(format!("\n  cd {}\n  cargo test\n  cargo build --release", quoted(&folder)))?;
    out.line(format!("  {} run study.toml", this_program()))?;
    out.finish()?;
    Ok(Exit::Done)
}

/// Two components of one name and kind could not be used together; of two kinds, nobody could tell them apart in a list.
fn refuse_known(name: &str, plugins: &[PathBuf]) -> Result<()> {
    let registry = Registry::scan(&SearchPath::standard(plugins, &[]))?;
    let Some((library, component)) = registry.components().find(|(_, component)| component.name == name)
    else {
        return Ok(());
    };
    Err(usage(format!(
        "there is a {} `{name}` already, in `{}`; choose another name",
        component.kind,
        library.found.path.display()
    )))
}

/// Where the crate is to get the SDK from: what the command line says, or else the folder that this binary was built with.
fn sdk(args: &NewArgs, built_with: &Path) -> Result<Sdk> {
    if let Some(url) = &args.sdk_git {
        return Ok(Sdk::Git(url.clone()));
    }
    let folder = match &args.sdk {
        Some(folder) => [folder.join("core").join("sdk"), folder.clone()]
            .into_iter()
            .find(|folder| is_sdk(folder))
            .ok_or_else(|| {
                usage(format!(
                    "`{}` holds no lamarck-sdk; --sdk takes a checkout of Lamarck, or the folder core/sdk of one",
                    folder.display()
                ))
            })?,
        None if is_sdk(built_with) => built_with.to_owned(),
        None => {
            return Err(usage(format!(
                "lamarck-sdk, which the plugin depends on, is no longer where this lamarck was built with it (`{}`); \
                 name a checkout of Lamarck with --sdk PATH, or its repository with --sdk-git URL",
                built_with.display()
            )));
        }
    };
    let folder =
        fs::canonicalize(&folder).with_context(|| format!("cannot resolve `{}`", folder.display()))?;
    let text = folder.to_str().ok_or_else(|| {
        usage(format!(
            "the path of lamarck-sdk is not UTF-8, which Cargo.toml must be: `{}`",
            folder.display()
        ))
    })?;
    Ok(Sdk::Path(text.to_owned()))
}

fn is_sdk(folder: &Path) -> bool {
    fs::read_to_string(folder.join("Cargo.toml"))
        .is_ok_and(|manifest| manifest.lines().any(|line| line.trim() == "name = \"lamarck-sdk\""))
}

/// A folder that goes again unless it got its final name.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Nothing is left to be done about a folder that cannot be removed; after success it is not there.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes all files or none: into a folder beside the final one, which then gets its name.
fn write(folder: &Path, files: &[(&str, String)]) -> Result<()> {
    if folder.symlink_metadata().is_ok() {
        return Err(usage(format!(
            "`{}` exists already; choose another folder with --path, or remove it",
            folder.display()
        )));
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let last = folder.file_name().filter(|_| parent.is_dir()).ok_or_else(|| {
        usage(format!("`{}`, where the crate's folder is to be made, is no folder", parent.display()))
    })?;
    let partial = parent.join(format!(".{}.new-{}", last.to_string_lossy(), std::process::id()));
    let partial = Partial(partial);
    let cannot = |path: &Path| format!("cannot write `{}`", path.display());
    fs::create_dir(&partial.0).with_context(|| cannot(&partial.0))?;
    for (place, text) in files {
        let file = partial.0.join(place);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| cannot(folder))?;
        }
        fs::write(&file, text).with_context(|| cannot(&file))?;
    }
    fs::rename(&partial.0, folder).with_context(|| cannot(folder))
}

/// A path for a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/\\._-+:~".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// How this program is called: by its name where a shell finds it by that.
fn this_program() -> String {
    let Ok(exe) = std::env::current_exe() else { return "lamarck".to_owned() };
    let same = |folder: PathBuf| {
        let found = fs::canonicalize(folder.join(exe.file_name()?)).ok()?;
        (found == fs::canonicalize(&exe).ok()?).then_some(())
    };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&folders).find_map(same).is_some() { "lamarck".to_owned() } else { quoted(&exe) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamarck_model::declaration::Kind;

    fn args(sdk: Option<&Path>, sdk_git: Option<&str>) -> NewArgs {
        NewArgs {
            name: "wide".into(),
            kind: Kind::Mutator,
            path: None,
            sdk: sdk.map(Path::to_owned),
            sdk_git: sdk_git.map(str::to_owned),
        }
    }

    #[test]
    fn the_sdk_is_where_this_binary_was_built_or_where_the_user_says() {
        let built_with = Path::new(BUILT_WITH);
        let real = fs::canonicalize(built_with).expect("the SDK").display().to_string();
        assert_eq!(sdk(&args(None, None), built_with).expect("it is there"), Sdk::Path(real.clone()));
        // A checkout will do, too.
        for folder in [built_with.to_owned(), built_with.join("../..")] {
            let found = sdk(&args(Some(&folder), None), Path::new("gone")).expect("it is there");
            assert_eq!(found, Sdk::Path(real.clone()));
        }
        let git = sdk(&args(None, Some("https://example.org/l.git")), Path::new("gone")).expect("a URL");
        assert_eq!(git, Sdk::Git("https://example.org/l.git".into()));
    }

    #[test]
    fn without_an_sdk_the_message_says_what_to_do() {
        let error = sdk(&args(None, None), Path::new("gone")).expect_err("it is not there").to_string();
        assert_eq!(
            error,
            "lamarck-sdk, which the plugin depends on, is no longer where this lamarck was built with it (`gone`); \
             name a checkout of Lamarck with --sdk PATH, or its repository with --sdk-git URL"
        );
        let error = sdk(&args(Some(Path::new("src")), None), Path::new("gone")).expect_err("it is not there");
        assert!(error.to_string().starts_with("`src` holds no lamarck-sdk"), "{error}");
    }

    #[test]
    fn nothing_half_written_is_left() {
        let lab = tempfile::tempdir().expect("a folder");
        let folder = lab.path().join("x");
        // The second file would lie in the first one.
        let files = [("a", String::new()), ("a/b", String::new())];
        let error = write(&folder, &files).expect_err("a file is no folder").to_string();
        assert!(error.starts_with("cannot write `"), "{error}");
        assert_eq!(fs::read_dir(lab.path()).expect("it is there").count(), 0);
        write(&folder, &files[..1]).expect("this can be written");
        assert_eq!(fs::read_dir(lab.path()).expect("it is there").count(), 1);
    }

    #[test]
    fn paths_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
        assert_eq!(quoted(Path::new("it's mine")), r"'it'\''s mine'");
    }
}
