//! `export_plugin!` and what it needs.

use abi_stable::library::{__call_root_module_loader, CheckTypeLayout, RootModuleResult};
use abi_stable::prefix_type::PrefixTypeTrait;
use lamarck_abi::v1::{PluginModule, PluginModule_Ref};

pub use abi_stable::library::LibHeader;

/// Gives the host the root module; a panic becomes an error of the loader.
pub fn root(module: fn() -> PluginModule_Ref) -> RootModuleResult {
    crate::adapters::silence_panics();
    __call_root_module_loader(module)
}

/// Moves a module to where it stays for ever, since libraries are never unloaded.
pub fn leak(module: PluginModule) -> PluginModule_Ref {
    module.leak_into_prefix()
}

/// The header for the root symbol.
///
/// # Safety
///
/// `constructor` must return what [`root`] returned.
#[expect(unsafe_code, reason = "abi_stable takes the root module's type on trust")]
pub const unsafe fn header(constructor: extern "C" fn() -> RootModuleResult) -> LibHeader {
    // SAFETY: `root` makes the erased module from a `PluginModule_Ref`, and our caller promises that the
    // constructor returns just that.
    unsafe { LibHeader::from_constructor::<PluginModule_Ref>(constructor, CheckTypeLayout::Yes) }
}

/// Makes a shared library of this crate's components: writes the manifest and the entry points.
///
/// Each list is optional and may name several components:
///
/// ```text
/// export_plugin! {
///     search_spaces: [MySpace],
///     evaluators: [MyTable],
///     mutators: [Swap, Shift],
///     strategies: [Tabu],
///     schedulers: [Nearest],
///     analyzers: [Census],
/// }
/// ```
///
/// Once a library: the two symbols it defines must be the only ones of their names. To use the components of a
/// plugin crate as a plain dependency, keep them in a library crate of their own.
#[macro_export]
macro_rules! export_plugin {
    ($($list:ident: [$($component:ty),+ $(,)?]),+ $(,)?) => {
        const _: () = {
            use $crate::private::v1;
            use $crate::private::{RStr, RootModuleResult};

            const LIBRARY: $crate::private::manifest::LibraryInfo = $crate::private::manifest::LibraryInfo {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                license: env!("CARGO_PKG_LICENSE"),
                authors: env!("CARGO_PKG_AUTHORS"),
                repository: env!("CARGO_PKG_REPOSITORY"),
                sdk: $crate::private::SDK_VERSION,
                rustc: $crate::private::RUSTC,
            };
            const COMPONENTS: &[($crate::Kind, $crate::ComponentSpec)] =
                &[$($(($crate::export_plugin!(@kind $list), <$component as $crate::Component>::SPEC)),+),+];
            const LENGTH: usize = $crate::private::manifest::render::<0>(&LIBRARY, COMPONENTS).len;

            #[unsafe(no_mangle)]
            pub static LAMARCK_PLUGIN_MANIFEST: [u8; LENGTH] =
                $crate::private::manifest::render::<LENGTH>(&LIBRARY, COMPONENTS).bytes;

            $crate::export_plugin!(@constructor search_spaces SpaceObject SearchSpace [$($($list $component),+),+]);
            $crate::export_plugin!(@constructor evaluators EvaluatorObject Evaluator [$($($list $component),+),+]);
            $crate::export_plugin!(@constructor mutators MutatorObject Mutator [$($($list $component),+),+]);
            $crate::export_plugin!(@constructor strategies StrategyObject Strategy [$($($list $component),+),+]);
            $crate::export_plugin!(@constructor schedulers SchedulerObject Scheduler [$($($list $component),+),+]);
            $crate::export_plugin!(@constructor analyzers AnalyzerObject Analyzer [$($($list $component),+),+]);

            fn module() -> v1::PluginModule_Ref {
                $crate::private::leak(v1::PluginModule {
                    create_space: search_spaces,
                    create_evaluator: evaluators,
                    create_mutator: mutators,
                    create_strategy: strategies,
                    create_scheduler: schedulers,
                    create_analyzer: analyzers,
                })
            }

            extern "C" fn constructor() -> RootModuleResult {
                $crate::private::root(module)
            }

            #[unsafe(no_mangle)]
            // SAFETY: the constructor returns what `root` returns.
            pub static LAMARCK_PLUGIN_ROOT: $crate::private::LibHeader =
                unsafe { $crate::private::header(constructor) };
        };
    };

    (@kind search_spaces) => { $crate::Kind::SearchSpace };
    (@kind evaluators) => { $crate::Kind::Evaluator };
    (@kind mutators) => { $crate::Kind::Mutator };
    (@kind strategies) => { $crate::Kind::Strategy };
    (@kind schedulers) => { $crate::Kind::Scheduler };
    (@kind analyzers) => { $crate::Kind::Analyzer };
    (@kind $other:ident) => {
        compile_error!(
            "the lists are search_spaces, evaluators, mutators, strategies, schedulers and analyzers"
        )
    };

    (@constructor $name:ident $object:ident $kind:ident [$($list:ident $component:ty),+]) => {
        #[allow(unused_variables, reason = "a library without this kind looks at nothing but the name")]
        extern "C" fn $name(name: RStr<'_>, options: RStr<'_>, context: RStr<'_>) -> v1::PluginResult<v1::$object> {
            $($crate::export_plugin!(@try $name $list $component, name, options, context);)+
            $crate::adapters::unknown($crate::Kind::$kind, name)
        }
    };

    (@try search_spaces search_spaces $($rest:tt)*) => { $crate::export_plugin!(@make search_spaces $($rest)*) };
    (@try evaluators evaluators $($rest:tt)*) => { $crate::export_plugin!(@make evaluators $($rest)*) };
    (@try mutators mutators $($rest:tt)*) => { $crate::export_plugin!(@make mutators $($rest)*) };
    (@try strategies strategies $($rest:tt)*) => { $crate::export_plugin!(@make strategies $($rest)*) };
    (@try schedulers schedulers $($rest:tt)*) => { $crate::export_plugin!(@make schedulers $($rest)*) };
    (@try analyzers analyzers $($rest:tt)*) => { $crate::export_plugin!(@make analyzers $($rest)*) };
    (@try $($other:tt)*) => {};

    (@make $name:ident $component:ty, $given:ident, $options:ident, $context:ident) => {
        if $given.as_str() == <$component as $crate::Component>::SPEC.name {
            return $crate::adapters::$name::<$component>($options, $context);
        }
    };
}
