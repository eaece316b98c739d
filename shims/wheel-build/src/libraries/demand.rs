//! Libraries that a source asks for, found before anything slow begins.

use camino::Utf8Path;
use libraries::catalogue;
pub use libraries::demand::By;
use libraries::demand::{Demand, of_tree};

use super::chosen::Library;

/// What the build scripts of a source ask for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Libraries that are needed, and which script asks for what.
    pub needed: Vec<(Library, Demand)>,
    /// Libraries that the source does without.
    pub optional: Vec<(Library, Demand)>,
}

/// What a source tree asks for and `added` does not answer for.
#[must_use]
pub fn of_source(tree: &Utf8Path, added: &[Library]) -> Wanted {
    let mut wanted = Wanted::default();
    for demand in of_tree(tree) {
        let answers = |library: &Library| library.recipe.answers(&demand.name, demand.by);
        let known = wanted.needed.iter().chain(&wanted.optional);
        if added
            .iter()
            .chain(known.map(|(library, _)| library))
            .any(answers)
        {
            continue;
        }
        let Some(library) = recipe_for(&demand.name, demand.by) else {
            continue;
        };
        let list = match demand.optional {
            true => &mut wanted.optional,
            false => &mut wanted.needed,
        };
        list.push((library, demand));
    }
    wanted
}

/// The library of emshim's that answers to a name.
#[must_use]
pub fn recipe_for(name: &str, by: By) -> Option<Library> {
    let mut all = catalogue::all().iter();
    let entry = all.find(|entry| entry.recipe.answers(name, by))?;
    Some(Library::of(entry))
}
