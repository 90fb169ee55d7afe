//! All components that there are, as their manifests describe them: what a schema of the study format and a new study are
//! made from, where [`Components`] answers about one component at a time.

use super::components::{Components, NotFound};
use lamarck_model::declaration::Kind;
use lamarck_model::options::OptionInfo;

/// A component, as its manifest describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Its kind.
    pub kind: Kind,
    /// Its name, as studies write it.
    pub name: String,
    /// What it does.
    pub summary: String,
    /// Its options.
    pub options: Vec<OptionInfo>,
}

/// Components by kind and name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory(Vec<Described>);

impl Inventory {
    /// Sorts the components. Of two with the same kind and name the first stays.
    pub fn new(mut components: Vec<Described>) -> Self {
        components.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        components.dedup_by(|b, a| (a.kind, &a.name) == (b.kind, &b.name));
        Self(components)
    }

    /// The components of a kind, by name.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Described> {
        self.0.iter().filter(move |component| component.kind == kind)
    }

    /// The component of this kind and name.
    pub fn get(&self, kind: Kind, name: &str) -> Option<&Described> {
        self.of(kind).find(|component| component.name == name)
    }
}

impl Components for Inventory {
    fn options(&self, kind: Kind, name: &str) -> Result<Vec<OptionInfo>, NotFound> {
        self.get(kind, name)
            .map(|component| component.options.clone())
            .ok_or_else(|| NotFound { known: self.of(kind).map(|known| known.name.clone()).collect() })
    }
}
