//! Libraries that a source asks for, built before anything slow begins.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Builder, Chosen};
use crate::error::WheelBuildError;
use crate::libraries::{Library, demand};

impl Builder<'_> {
    /// The prefix of the libraries that the project names, that were added and that the source needs; what it would use
    /// if it were there is told.
    pub(super) fn libraries(
        &self,
        source: &Utf8Path,
        chosen: &Chosen,
    ) -> Result<Option<Utf8PathBuf>, WheelBuildError> {
        let mut libraries = chosen.libraries(source)?;
        let named = |one: &Library| {
            libraries
                .iter()
                .any(|own| own.recipe.name == one.recipe.name)
        };
        let mut added = self.session.added_libraries()?;
        added.retain(|one| !named(one));
        libraries.extend(added);
        let wanted = demand::of_source(source, &libraries);
        for (library, asked) in &wanted.optional {
            self.progress.note(&format!(
                "{} would use {} ({}), and does without; to have it: emshim library add {}",
                asked.file,
                asked.name,
                library.label(),
                library.recipe.name
            ));
        }
        for (library, asked) in wanted.needed {
            self.progress.note(&format!(
                "{} asks for {}: {}",
                asked.file,
                asked.name,
                library.label()
            ));
            libraries.push(library);
        }
        self.session.provide_libraries(&libraries, self.progress)
    }
}
