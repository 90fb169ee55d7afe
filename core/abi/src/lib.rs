//! The binary boundary between Lamarck and its plugins.
//!
//! Only the SDK (the plugin's side) and the runtime's plugin host use this crate; an abi_stable type anywhere else
//! is a mistake. Each generation of the boundary is a module ([`v1`]); until the first release it may change, with
//! this crate's version raised, and from then on it is frozen and a change is a new generation beside it.
//!
//! **Why abi_stable.** A plugin built by another compiler, or against another version of this crate, must be
//! refused with a message instead of corrupting memory. abi_stable compares the full layout of every type that
//! crosses, at load time, for about a third of a millisecond. Hand-written `repr(C)` tables would be as fast and
//! as safe only as long as nobody errs.
//!
//! **Why this crate has its own version.** The version is part of every layout. Raised together with the
//! workspace's it would break every plugin with every release.
//!
//! **Why every trait has `extension`.** To abi_stable a host that knows one more method than the plugin is an
//! error, even where the method has a default. So what is added to a generation later goes through
//! `extension(name, json)`, which a plugin answers with nothing when it does not know the name.
//!
//! **What crosses.** Slices of integers both ways and structs of integers where calls are frequent; JSON where they
//! happen once (options, context, descriptions); a flat layer graph in between. No enum with data: field-less
//! `repr(u8)` numbers and structs only, since abi_stable's checks of data-carrying enums are disputed.
//!
//! A plugin's library also carries a [`manifest`]: plain text in a symbol, which the host reads out of the file
//! before it lets the loader near it.

#![expect(
    unsafe_code,
    non_local_definitions,
    non_camel_case_types,
    missing_docs,
    clippy::used_underscore_binding,
    clippy::expl_impl_clone_on_copy,
    clippy::cast_ptr_alignment,
    clippy::cast_possible_wrap,
    reason = "what abi_stable's derives write into this crate"
)]

pub mod manifest;
pub mod v1;

/// The generation of the boundary that this crate implements. A manifest names it; another number is refused
/// before the library is loaded.
pub const GENERATION: u32 = 1;

/// This crate's version, which takes part in the layout check.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The symbol that holds the root module's header.
pub const ROOT_SYMBOL: &str = "LAMARCK_PLUGIN_ROOT";

/// The symbol that holds the manifest.
pub const MANIFEST_SYMBOL: &str = "LAMARCK_PLUGIN_MANIFEST";
