//! Whether others could put code into a plugin's place.
//!
//! Loading a plugin runs its code with all rights of the user. What a library does cannot be judged, but who can change
//! it can: **a plugin must not be easier to change than the program that loads it.** From this follow the rules, which
//! are looked at when a library is about to be loaded (listings only read manifests):
//!
//! - The file and its folder belong to the user, to root, or to whoever owns the program: the owner of the program could
//!   run anything already, and a service account often installs both.
//! - Neither can be written by everybody, also not with the sticky bit: others could add a library to the folder.
//! - Neither can be written by a group, unless it is the owner's own (its number is the owner's: the convention of
//!   systems that give each user a group and a umask of 002), root's, or one that may write the program as well.
//! - No folder above can be written by everybody, unless it is sticky as `/tmp` is: its entries could be exchanged.
//!
//! Where the program itself can be written by everybody, as on file systems that know no rights, nothing is refused on
//! that account: it would protect nobody. ssh is stricter (it looks at the owners and groups of all folders above);
//! project folders of clusters, which belong to an administrator and a group, would fail there. Access control lists are
//! not read. On systems without these modes nothing is checked.

use super::error::HostError;
use std::path::{Path, PathBuf};

/// What a place is to a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The library, or a lock.
    File,
    /// The folder it lies in.
    Folder,
    /// A folder above that one.
    Above,
}

/// Owner, group and mode of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "only read on Unix"))]
struct Rights {
    owner: u32,
    group: u32,
    mode: u32,
}

/// Who could change a place and should not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Everybody,
    Group,
    Owner,
}

const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;
const ROOT: u32 = 0;

/// Judges a place, for this user and this program.
fn judge(place: Place, rights: Rights, user: u32, program: Option<Rights>) -> Option<Other> {
    let Rights { owner, group, mode } = rights;
    let everybody =
        mode & OTHERS_WRITE != 0 && program.is_none_or(|program| program.mode & OTHERS_WRITE == 0);
    if place == Place::Above {
        return (everybody && mode & STICKY == 0).then_some(Other::Everybody);
    }
    if everybody {
        return Some(Other::Everybody);
    }
    if owner != ROOT && owner != user && program.is_none_or(|program| program.owner != owner) {
        return Some(Other::Owner);
    }
    let writes_program =
        program.is_some_and(|program| program.mode & GROUP_WRITES != 0 && program.group == group);
    let harmless = group == owner || group == ROOT || writes_program;
    (mode & GROUP_WRITES != 0 && !harmless).then_some(Other::Group)
}

/// Checks a library's file and the folders it lies in. Returns its real path, which is the one to be loaded: a link
/// could be turned to another file after it was looked at.
///
/// # Errors
/// `Writable` and `Stranger`, with the place and what to do; `Unreadable` when it is not there.
#[cfg(unix)]
pub(super) fn check(plugin: &Path) -> Result<PathBuf, HostError> {
    let unreadable = |source| HostError::Unreadable { path: plugin.to_owned(), source };
    let real = std::fs::canonicalize(plugin).map_err(unreadable)?;
    for (depth, place) in real.ancestors().enumerate() {
        let kind = match depth {
            0 => Place::File,
            1 => Place::Folder,
            _ => Place::Above,
        };
        one(plugin, place, kind)?;
    }
    Ok(real)
}

#[cfg(not(unix))]
pub(super) fn check(plugin: &Path) -> Result<PathBuf, HostError> {
    Ok(plugin.to_owned())
}

/// Checks that not everybody can write a lock: such a one would lock nothing. Whose it is does not matter, since the
/// lock of a colleague's study is as good as the study.
#[cfg(unix)]
pub(super) fn check_lock(lock: &Path) -> Result<(), HostError> {
    one(lock, lock, Place::Above)
}

#[cfg(not(unix))]
pub(super) fn check_lock(_: &Path) -> Result<(), HostError> {
    Ok(())
}

#[cfg(unix)]
fn one(plugin: &Path, place: &Path, kind: Place) -> Result<(), HostError> {
    use std::os::unix::fs::MetadataExt;
    let rights = |metadata: &std::fs::Metadata| Rights {
        owner: metadata.uid(),
        group: metadata.gid(),
        mode: metadata.mode() & 0o7777,
    };
    let metadata = std::fs::metadata(place)
        .map_err(|source| HostError::Unreadable { path: place.to_owned(), source })?;
    let there = rights(&metadata);
    let program = std::env::current_exe().ok().and_then(|exe| std::fs::metadata(exe).ok());
    let program = program.as_ref().map(rights);
    let user = rustix::process::geteuid().as_raw();
    let (plugin, place) = (plugin.to_owned(), place.to_owned());
    let (who, cure) = match judge(kind, there, user, program) {
        None => return Ok(()),
        Some(Other::Owner) => return Err(HostError::Stranger { plugin, place, owner: there.owner }),
        Some(Other::Everybody) => ("everybody".to_owned(), "o-w"),
        Some(Other::Group) => (format!("group {}", there.group), "g-w"),
    };
    Err(HostError::Writable { plugin, place, who, mode: there.mode, cure })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = 1000;
    const PROGRAM: Rights = Rights { owner: 0, group: 0, mode: 0o755 };

    #[track_caller]
    fn is(place: Place, (owner, group, mode): (u32, u32, u32), program: Rights, expected: Option<Other>) {
        let found = judge(place, Rights { owner, group, mode }, ME, Some(program));
        assert_eq!(found, expected, "{place:?} of {owner}:{group}, mode {mode:o}");
    }

    #[test]
    fn what_others_can_change_is_refused() {
        use Other::{Everybody, Group, Owner};
        use Place::{Above, File, Folder};
        for place in [File, Folder] {
            is(place, (ME, 100, 0o755), PROGRAM, None);
            is(place, (ROOT, ROOT, 0o755), PROGRAM, None);
            is(place, (ME, 100, 0o777), PROGRAM, Some(Everybody));
            is(place, (ME, 100, 0o757), PROGRAM, Some(Everybody));
            // The sticky bit keeps others from removing a library, not from adding one.
            is(place, (ROOT, ROOT, 0o1777), PROGRAM, Some(Everybody));
            is(place, (2000, 100, 0o755), PROGRAM, Some(Owner));
            is(place, (ME, 100, 0o775), PROGRAM, Some(Group));
            // Everybody's own group, with a umask of 002.
            is(place, (ME, ME, 0o775), PROGRAM, None);
            is(place, (ROOT, ROOT, 0o775), PROGRAM, None);
        }
        is(Above, (ROOT, ROOT, 0o1777), PROGRAM, None);
        is(Above, (ROOT, ROOT, 0o777), PROGRAM, Some(Everybody));
        // An administrator's folder of a project.
        is(Above, (2000, 500, 0o2775), PROGRAM, None);
    }

    #[test]
    fn who_can_change_the_program_needs_no_plugin() {
        let service = Rights { owner: 300, group: 100, mode: 0o775 };
        is(Place::Folder, (300, 100, 0o775), service, None);
        is(Place::Folder, (300, 101, 0o775), service, Some(Other::Group));
        is(Place::File, (301, 100, 0o755), service, Some(Other::Owner));
        let open = Rights { owner: ROOT, group: ROOT, mode: 0o777 };
        is(Place::Folder, (ROOT, ROOT, 0o777), open, None);
        is(Place::Above, (ROOT, ROOT, 0o777), open, None);
        let unknown = judge(Place::File, Rights { owner: ME, group: ME, mode: 0o666 }, ME, None);
        assert_eq!(unknown, Some(Other::Everybody));
    }
}
