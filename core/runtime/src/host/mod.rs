//! The plugin host: finds libraries, reads their manifests, loads those that are needed, and gives out components.
//!
//! **Invariant: nothing of a library runs before its manifest was read and checked.** `peek` reads the file as
//! data; only [`Registry`]'s constructors of components load it. So listing plugins runs no foreign code, and a
//! damaged or foreign file is an error and not a signal.
//!
//! **Invariant: abi_stable types end here.** What the registry hands out are the traits of lamarck-model; only this
//! module (the loader, the registry's constructors, the adapters in `foreign`) knows the boundary.
//!
//! **Invariant: nothing is loaded that others could have changed, or that a lock does not list.** `trust` says whose
//! file and folder a library may be, `lock` reads `plugins.lock`; [`Library::check`] asks both before every load.
//!
//! A registry refuses two components of one kind and name, naming both files, rather than let the order of a path
//! decide which of two mutators a study means.

mod discovery;
mod error;
mod foreign;
mod load;
mod lock;
mod peek;
mod registry;
mod trust;

pub use discovery::{Discovery, Found, SearchPath, Source, discover};
pub use error::{HostError, HostErrorKind};
/// What a manifest says of a component.
pub use lamarck_abi::manifest::ComponentInfo;
pub use lock::{LOCK_FILE, LockedPlugin, PluginsLock};
pub use peek::{manifest, manifest_in};
pub use registry::{Library, Registry};
