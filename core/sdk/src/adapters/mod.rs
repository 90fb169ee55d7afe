//! Adapters: each wraps an author's component and implements the boundary's trait of its kind.
//!
//! Every entry runs inside `guard`, so that neither an error nor a panic crosses as anything but a fault. Vectors
//! that authors see as `Vec` are scratch space of the adapter, reused from call to call.

mod objects;
mod search;

pub use objects::{analyzers, evaluators, mutators, schedulers, search_spaces, strategies};

use crate::Component;
use abi_stable::std_types::{RErr, ROk, RStr};
use anyhow::Result;
use lamarck_abi::v1::PluginResult;
use lamarck_model::declaration::Kind;
use lamarck_model::{Context, Fault, FaultKind};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Message and place of the last panic on this thread, left by the hook for the guard to find.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces this library's panic hook by one that prints nothing and remembers message and place. A shared library
/// has a standard library of its own, so the host's hook is not touched. Called when the host asks for the root.
pub fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let message = info.payload_as_str().unwrap_or("a panic without a message");
            let text = match info.location() {
                Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
                None => message.to_owned(),
            };
            LAST_PANIC.with(|last| *last.borrow_mut() = Some(text));
        }));
    });
}

/// Runs an author's code and turns errors and panics into faults.
#[inline]
pub(crate) fn guard<T>(run: impl FnOnce() -> Result<T>) -> PluginResult<T> {
    // Unwind safety: after a panic the host drops the object without calling it again.
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => ROk(value),
        Ok(Err(error)) => RErr(fault_of(&error)),
        Err(payload) => RErr(panic_of(payload.as_ref())),
    }
}

#[cold]
fn fault_of(error: &anyhow::Error) -> lamarck_abi::v1::FlatFault {
    Fault::from_error(error).into()
}

#[cold]
fn panic_of(payload: &(dyn std::any::Any + Send)) -> lamarck_abi::v1::FlatFault {
    let text = LAST_PANIC.with(|last| last.borrow_mut().take()).unwrap_or_else(|| {
        let text = payload.downcast_ref::<&str>().map(|&text| text.to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".into())
    });
    Fault::new(FaultKind::Panic, text).into()
}

/// Makes a component from its options and context as JSON.
pub(crate) fn create<T: Component>(options: &str, context: &str) -> Result<T> {
    let context: Context = serde_json::from_str(context).map_err(|error| {
        Fault::new(FaultKind::Protocol, format!("the host's context is not understood: {error}"))
    })?;
    let mut deserializer = serde_json::Deserializer::from_str(options);
    let options: T::Options = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        // serde_json ends its messages with a line and column of the JSON, which nobody wrote by hand.
        let text = error.inner().to_string();
        let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(head, _)| head);
        Fault::new(FaultKind::Options, text).at(path)
    })?;
    T::create(options, &context).map_err(|error| match error.downcast_ref::<Fault>() {
        Some(_) => error,
        None => Fault::new(FaultKind::Options, error.to_string())
            .with_causes(error.chain().skip(1).map(ToString::to_string).collect())
            .into(),
    })
}

/// The answer for a name that no component of the library has.
pub fn unknown<T>(kind: Kind, name: RStr<'_>) -> PluginResult<T> {
    RErr(Fault::new(FaultKind::Unknown, format!("the library has no {kind} `{name}`")).into())
}
