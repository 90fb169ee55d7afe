//! The registry: which library provides which component, and components made from them.

use super::discovery::{Found, SearchPath, discover};
use super::error::HostError;
use super::foreign::{
    ForeignAnalyzer, ForeignEvaluator, ForeignMutator, ForeignScheduler, ForeignSpace, ForeignStrategy, Name,
};
use super::load;
use super::lock::{InForce, PluginsLock};
use super::trust;
use crate::study::{Components, Described, Inventory, NotFound};
use crate::trace::PluginHeader;
use abi_stable::std_types::RStr;
use lamarck_abi::manifest::ComponentInfo;
use lamarck_abi::v1::{PluginModule_Ref, PluginResult};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;
use lamarck_model::{
    Analyzer, Context, Evaluator, Fault, FaultKind, Mutator, Scheduler, SearchSpace, Strategy,
};
use serde_json::{Map, Value};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use xxhash_rust::xxh3::xxh3_128;

/// A library: its file and manifest, and once needed its root module and hash.
pub struct Library {
    /// The file, why it was found, and its manifest.
    pub found: Found,
    module: OnceLock<PluginModule_Ref>,
    hash: OnceLock<String>,
    lock: Option<Arc<InForce>>,
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library")
            .field("found", &self.found)
            .field("loaded", &self.module.get().is_some())
            .finish_non_exhaustive()
    }
}

impl Library {
    /// The file's hash, `xxh3:` and 32 hexadecimal digits.
    pub fn hash(&self) -> Result<&str, HostError> {
        if let Some(hash) = self.hash.get() {
            return Ok(hash);
        }
        let path = &self.found.path;
        let bytes = fs::read(path).map_err(|source| HostError::Unreadable { path: path.clone(), source })?;
        Ok(self.hash.get_or_init(|| format!("xxh3:{:032x}", xxh3_128(&bytes))))
    }

    /// The file's name, without the folder.
    pub fn file_name(&self) -> String {
        self.found.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Whether the library may be loaded: others cannot change it, and the lock in force lists it. Returns the file that
    /// was looked at, behind all links. Loading asks this anyway; listings ask it to tell.
    pub fn check(&self) -> Result<PathBuf, HostError> {
        let real = trust::check(&self.found.path)?;
        if let Some(lock) = &self.lock {
            lock.check(self, &real)?;
        }
        Ok(real)
    }

    /// Loads the library, unless it is loaded.
    pub fn load(&self) -> Result<(), HostError> {
        self.module().map(|_| ())
    }

    fn module(&self) -> Result<PluginModule_Ref, HostError> {
        if let Some(module) = self.module.get() {
            return Ok(*module);
        }
        let module = load::root(&self.found.path, &self.check()?)?;
        Ok(*self.module.get_or_init(|| module))
    }
}

/// All libraries on a search path.
#[derive(Debug, Default)]
pub struct Registry {
    libraries: Vec<Library>,
    problems: Vec<HostError>,
    searched: Vec<String>,
}

impl Registry {
    /// Searches a path. Two components of one kind and name are an error.
    pub fn discover(path: &SearchPath) -> Result<Self, HostError> {
        let registry = Self::scan(path)?;
        match registry.duplicate() {
            Some(error) => Err(error),
            None => Ok(registry),
        }
    }

    /// Searches a path and lets duplicates stand, for listings.
    pub fn scan(path: &SearchPath) -> Result<Self, HostError> {
        let discovery = discover(path)?;
        let lock = path.lock().map(|path| {
            let lock = PluginsLock::read(path)?;
            Ok::<_, HostError>(Arc::new(InForce { path: path.to_owned(), lock }))
        });
        let lock = lock.transpose()?;
        let libraries = discovery
            .libraries
            .into_iter()
            .map(|found| Library {
                found,
                module: OnceLock::new(),
                hash: OnceLock::new(),
                lock: lock.clone(),
            })
            .collect();
        Ok(Self { libraries, problems: discovery.problems, searched: path.existing() })
    }

    /// The first two components that share kind and name, as an error.
    pub fn duplicate(&self) -> Option<HostError> {
        let mut seen: Vec<(Kind, &str, &Library)> = Vec::new();
        for (library, component) in self.components() {
            let same = seen.iter().find(|(kind, name, _)| *kind == component.kind && *name == component.name);
            if let Some((kind, name, first)) = same {
                return Some(HostError::Duplicate {
                    kind: *kind,
                    name: (*name).to_owned(),
                    first: first.found.path.clone(),
                    second: library.found.path.clone(),
                });
            }
            seen.push((component.kind, &component.name, library));
        }
        None
    }

    /// The libraries, in the order of the search.
    pub fn libraries(&self) -> &[Library] {
        &self.libraries
    }

    /// Files that look like plugins and cannot be used.
    pub fn problems(&self) -> &[HostError] {
        &self.problems
    }

    /// Every component with its library.
    pub fn components(&self) -> impl Iterator<Item = (&Library, &ComponentInfo)> {
        self.libraries.iter().flat_map(|library| {
            library.found.manifest.components.iter().map(move |component| (library, component))
        })
    }

    /// The names of all components of a kind, sorted.
    pub fn names(&self, kind: Kind) -> Vec<String> {
        let mut names: Vec<String> = self
            .components()
            .filter(|(_, component)| component.kind == kind)
            .map(|(_, component)| component.name.clone())
            .collect();
        names.sort();
        names
    }

    /// All components as their manifests describe them.
    pub fn inventory(&self) -> Inventory {
        let described = |component: &ComponentInfo| Described {
            kind: component.kind,
            name: component.name.clone(),
            summary: component.summary.clone(),
            options: component.options.clone(),
        };
        Inventory::new(self.components().map(|(_, component)| described(component)).collect())
    }

    /// The component of this kind and name, and its library.
    pub fn find(&self, kind: Kind, name: &str) -> Result<(&Library, &ComponentInfo), HostError> {
        self.components().find(|(_, component)| component.kind == kind && component.name == name).ok_or_else(
            || {
                let known = self.names(kind);
                let nearest = known
                    .iter()
                    .map(|known| (strsim::damerau_levenshtein(known, name), known))
                    .filter(|(distance, known)| *distance <= known.len().max(name.len()) / 3)
                    .min()
                    .map(|(_, known)| known.clone());
                let mut searched = self.searched.clone();
                searched.extend(self.problems.iter().map(ToString::to_string));
                HostError::NotFound { kind, name: name.to_owned(), known, nearest, searched }
            },
        )
    }

    /// A component and its library, as headers of traces name them. Hashes the library's file, and loads nothing.
    pub fn plugin_header(&self, kind: Kind, name: &str) -> Result<PluginHeader, HostError> {
        let (library, component) = self.find(kind, name)?;
        Ok(PluginHeader {
            kind: kind.as_str().to_owned(),
            name: name.to_owned(),
            library: library.found.manifest.name.clone(),
            version: library.found.manifest.version.clone(),
            hash: library.hash()?.to_owned(),
            file: library.file_name(),
            license: library.found.manifest.license.clone(),
            references: component.references.clone(),
        })
    }

    fn make<T>(
        &self,
        kind: Kind,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
        create: impl FnOnce(PluginModule_Ref) -> extern "C" fn(RStr<'_>, RStr<'_>, RStr<'_>) -> PluginResult<T>,
    ) -> Result<(Name, T), HostError> {
        let (library, _) = self.find(kind, name)?;
        let module = library.module()?;
        let failed = |fault: Fault| HostError::Component { kind, name: name.to_owned(), fault };
        let json = |text: serde_json::Result<String>| {
            text.map_err(|error| failed(Fault::new(FaultKind::Protocol, error.to_string())))
        };
        let (options, context) =
            (json(serde_json::to_string(options))?, json(serde_json::to_string(context))?);
        let object = create(module)(name.into(), options.as_str().into(), context.as_str().into());
        let object = object.into_result().map_err(|flat| failed(flat.into()))?;
        Ok((Name { kind, name: name.to_owned() }, object))
    }

    /// Makes a search space.
    pub fn search_space(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn SearchSpace>, HostError> {
        let (name, object) =
            self.make(Kind::SearchSpace, name, options, context, |module| module.create_space())?;
        Ok(Box::new(ForeignSpace::new(name, object)?))
    }

    /// Makes an evaluator.
    pub fn evaluator(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn Evaluator>, HostError> {
        let (name, object) =
            self.make(Kind::Evaluator, name, options, context, |module| module.create_evaluator())?;
        Ok(Box::new(ForeignEvaluator::new(name, object)?))
    }

    /// Makes a mutator.
    pub fn mutator(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn Mutator>, HostError> {
        let (name, object) =
            self.make(Kind::Mutator, name, options, context, |module| module.create_mutator())?;
        Ok(Box::new(ForeignMutator { name, object }))
    }

    /// Makes a strategy.
    pub fn strategy(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn Strategy>, HostError> {
        let (name, object) =
            self.make(Kind::Strategy, name, options, context, |module| module.create_strategy())?;
        Ok(Box::new(ForeignStrategy::new(name, object)?))
    }

    /// Makes a scheduler.
    pub fn scheduler(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn Scheduler>, HostError> {
        let (name, object) =
            self.make(Kind::Scheduler, name, options, context, |module| module.create_scheduler())?;
        Ok(Box::new(ForeignScheduler::new(name, object)?))
    }

    /// Makes an analyzer.
    pub fn analyzer(
        &self,
        name: &str,
        options: &Map<String, Value>,
        context: &Context,
    ) -> Result<Box<dyn Analyzer>, HostError> {
        let (name, object) =
            self.make(Kind::Analyzer, name, options, context, |module| module.create_analyzer())?;
        let wants_layers = name.take(object.wants_layers())?;
        Ok(Box::new(ForeignAnalyzer { name, object, wants_layers }))
    }
}

/// The registry answers the study's questions from manifests, without loading anything.
impl Components for Registry {
    fn options(&self, kind: Kind, name: &str) -> Result<Vec<OptionInfo>, NotFound> {
        match self.find(kind, name) {
            Ok((_, component)) => Ok(component.options.clone()),
            Err(_) => Err(NotFound { known: self.names(kind) }),
        }
    }
}
