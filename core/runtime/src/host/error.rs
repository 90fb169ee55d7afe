//! What can go wrong between a file and a working component.

use lamarck_model::Fault;
use lamarck_model::declaration::Kind;
use std::path::PathBuf;

/// Why a plugin or one of its components cannot be used. Every message says cause and cure.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The file or folder cannot be read.
    #[error("cannot read plugin `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is no shared library, or a damaged one.
    #[error(
        "`{}` is not a shared library, or it is damaged ({reason}); build or copy it again", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader stumbled over.
        reason: String,
    },
    /// The library does not carry a manifest.
    #[error(
        "`{}` is a shared library, but not a Lamarck plugin: it has no symbol {}; its crate must call \
         lamarck_sdk::export_plugin!", path.display(), lamarck_abi::MANIFEST_SYMBOL
    )]
    NotAPlugin {
        /// The file.
        path: PathBuf,
    },
    /// The manifest cannot be understood.
    #[error(
        "the manifest of plugin `{}` is not understood: {reason}; build the plugin again with lamarck-sdk {}",
        path.display(), env!("CARGO_PKG_VERSION")
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The library is for another kind of machine.
    #[error(
        "plugin `{}` was built for {found}, but this is {expected}; build it for this machine", path.display()
    )]
    WrongMachine {
        /// The file.
        path: PathBuf,
        /// What the file is for.
        found: String,
        /// What this process is.
        expected: String,
    },
    /// The library speaks another generation of the boundary.
    #[error(
        "plugin `{}` speaks generation {found} of the plugin boundary, but this lamarck speaks generation \
         {expected}; {}", path.display(),
        if found > expected { "update lamarck, or build the plugin with an older lamarck-sdk" }
        else { "build the plugin again with the lamarck-sdk of this lamarck" }
    )]
    WrongGeneration {
        /// The file.
        path: PathBuf,
        /// Its generation.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// The library was built against an incompatible version of the abi crate.
    #[error(
        "plugin `{}` was built against lamarck-abi {found}, but this lamarck has {expected}; build the plugin again \
         with the lamarck-sdk of this lamarck", path.display()
    )]
    WrongVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
        /// Ours.
        expected: String,
    },
    /// The layout check found a type that differs.
    #[error(
        "plugin `{}` was built against other types than this lamarck ({reason}); build the plugin again with the \
         lamarck-sdk of this lamarck (`lamarck plugins info PLUGIN --abi-report FILE` writes the whole comparison to a file)",
        path.display()
    )]
    WrongLayout {
        /// The file.
        path: PathBuf,
        /// The first difference, in short.
        reason: String,
        /// The whole comparison, which can have thousands of lines.
        report: String,
    },
    /// The loader or the library's own start refused.
    #[error("cannot load plugin `{}`: {reason}", path.display())]
    Load {
        /// The file.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// Others can change the library, or put one beside it.
    #[error(
        "plugin `{}` is refused: `{}` can be written by {who} (mode {mode:04o}), so that others can put code there \
         that runs as you; close it with `chmod {cure} {}`, or copy the plugin into a folder of your own",
        plugin.display(), place.display(), place.display()
    )]
    Writable {
        /// The library, or the lock.
        plugin: PathBuf,
        /// The file or folder that can be written.
        place: PathBuf,
        /// By whom: `everybody`, `group 100`.
        who: String,
        /// Its mode.
        mode: u32,
        /// What chmod is to do: `o-w`.
        cure: &'static str,
    },
    /// The library belongs to somebody else.
    #[error(
        "plugin `{}` is refused: `{}` belongs to user {owner}, who is neither you nor root nor the owner of this \
         lamarck; if you trust it, copy it into a folder of your own",
        plugin.display(), place.display()
    )]
    Stranger {
        /// The library.
        plugin: PathBuf,
        /// The file or folder.
        place: PathBuf,
        /// The number of its owner.
        owner: u32,
    },
    /// The library is not listed in the lock.
    #[error(
        "plugin `{}` is refused: its hash is {hash}, and it is not in `{}`, {listed}; if this is the plugin \
         that you mean, accept it with `lamarck plugins lock`",
        plugin.display(), lock.display()
    )]
    NotLocked {
        /// The library.
        plugin: PathBuf,
        /// Its hash.
        hash: String,
        /// The lock.
        lock: PathBuf,
        /// What the lock lists instead.
        listed: String,
    },
    /// The lock cannot be understood.
    #[error(
        "`{}` is no list of plugins: {reason}; take it from a copy, or write it anew with `lamarck plugins lock`",
        path.display()
    )]
    Lock {
        /// The lock.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Two files provide the same component.
    #[error(
        "two plugins provide the {kind} `{name}`: `{}` and `{}`; remove one, or take its folder off the plugin path",
        first.display(), second.display()
    )]
    Duplicate {
        /// The component's kind.
        kind: Kind,
        /// Its name.
        name: String,
        /// The file found first.
        first: PathBuf,
        /// The file found later.
        second: PathBuf,
    },
    /// No file provides the component.
    #[error("{}", not_found(*kind, name, known, nearest.as_deref(), searched))]
    NotFound {
        /// The component's kind.
        kind: Kind,
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
        /// The one most like it.
        nearest: Option<String>,
        /// The folders searched, and the files in them that are broken plugins.
        searched: Vec<String>,
    },
    /// The component failed.
    #[error("{kind} `{name}` {}", if matches!(fault.kind(), lamarck_model::FaultKind::Options) { "does not accept its options" } else { "failed" })]
    Component {
        /// Its kind.
        kind: Kind,
        /// Its name.
        name: String,
        /// What it said: the error's cause, so that whoever walks through causes finds its kind.
        #[source]
        fault: Fault,
    },
}

fn not_found(kind: Kind, name: &str, known: &[String], nearest: Option<&str>, searched: &[String]) -> String {
    let mut text = format!("no plugin provides the {kind} `{name}`");
    match nearest {
        Some(nearest) => text += &format!("; did you mean `{nearest}`?"),
        None if known.is_empty() => text += &format!("; no {kind} was found at all"),
        None => text += &format!("; known are {}", known.join(", ")),
    }
    if !searched.is_empty() {
        text += &format!(" (searched {})", searched.join(", "));
    }
    text
}

/// The kind of a [`HostError`], which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostErrorKind {
    /// A file cannot be read.
    Unreadable,
    /// A file is no usable plugin.
    Unusable,
    /// A plugin is not to be trusted: others can change it, or a lock does not list it.
    Refused,
    /// Two files provide the same component.
    Duplicate,
    /// Nobody provides the component.
    NotFound,
    /// A component does not accept its options.
    Options,
    /// A component failed or panicked.
    Failed,
}

impl HostError {
    /// The kind.
    pub fn kind(&self) -> HostErrorKind {
        match self {
            Self::Unreadable { .. } => HostErrorKind::Unreadable,
            Self::Damaged { .. }
            | Self::NotAPlugin { .. }
            | Self::Manifest { .. }
            | Self::WrongMachine { .. }
            | Self::WrongGeneration { .. }
            | Self::WrongVersion { .. }
            | Self::WrongLayout { .. }
            | Self::Load { .. } => HostErrorKind::Unusable,
            Self::Writable { .. } | Self::Stranger { .. } | Self::NotLocked { .. } | Self::Lock { .. } => {
                HostErrorKind::Refused
            }
            Self::Duplicate { .. } => HostErrorKind::Duplicate,
            Self::NotFound { .. } => HostErrorKind::NotFound,
            Self::Component { fault, .. } if fault.kind() == lamarck_model::FaultKind::Options => {
                HostErrorKind::Options
            }
            Self::Component { .. } => HostErrorKind::Failed,
        }
    }
}
