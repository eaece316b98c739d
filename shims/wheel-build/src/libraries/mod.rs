//! Libraries for a target, built from their recipes: which there are, what decides what each holds, and the
//! prefix in which those that belong together are found.
//!
//! Each lies in a folder of its own, named by all that makes it. A prefix is a folder of links to the files
//! of some of them, named by their names: both are there whole or not at all, and none is ever changed.

mod added;
mod archive;
mod build;
mod chosen;
pub mod demand;
mod install;
mod prefix;
mod resolve;

use camino::Utf8PathBuf;
use provision::Progress;

use chosen::those;
pub use chosen::{Library, Resolved, names};

use crate::error::WheelBuildError;
use crate::session::Session;

impl Session {
    /// The prefix of libraries, there or not; none for none of them.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn prefix_of(&self, wanted: &[Library]) -> Result<Option<Utf8PathBuf>, WheelBuildError> {
        let all = self.resolve(wanted)?;
        let all: Vec<&Resolved> = all.iter().collect();
        let slot = prefix::slot(self, &all);
        Ok(slot.map(|slot| slot.folder().to_owned()))
    }

    /// The prefix of libraries, which are built unless they are there; none for none of them.
    ///
    /// # Errors
    /// A source cannot be had, or is not what the recipe says; or a build fails.
    pub fn provide_libraries(
        &self,
        wanted: &[Library],
        progress: &dyn Progress,
    ) -> Result<Option<Utf8PathBuf>, WheelBuildError> {
        let all = self.resolve(wanted)?;
        let missing: Vec<&Resolved> = all.iter().filter(|one| !one.is_built()).collect();
        archive::fetch(self, &missing, progress)?;
        for one in missing {
            build::build(self, one, &those(&all, &one.depends), progress)?;
        }
        prefix::provide(self, &all.iter().collect::<Vec<_>>(), progress)
    }
}
