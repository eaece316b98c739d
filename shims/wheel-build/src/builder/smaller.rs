//! A wheel for the target, in fewer bytes.

use camino::Utf8Path;
use pyodide_wheel::wheel::{self, Finished, WheelName};

use super::{Builder, Chosen};
use crate::error::WheelBuildError;
use crate::files::new_folder;

impl Builder<'_> {
    /// Makes a finished wheel smaller as the settings say. One for any platform stays: bytecode is one Python's.
    pub(super) fn make_smaller(
        &self,
        finished: &Finished,
        chosen: &Chosen,
        work: &Utf8Path,
    ) -> Result<(), WheelBuildError> {
        let smaller = chosen.smaller();
        if smaller.is_nothing() {
            return Ok(());
        }
        let path = &finished.path;
        let file = path.file_name().unwrap_or_default();
        if finished.pure {
            self.progress.note(&format!(
                "note: {file} is for any platform, and stays as it is: `compile-py` and `wasm-opt` are for {}",
                self.session.target.name
            ));
            return Ok(());
        }
        let name = WheelName::parse(file).map_err(wheel::FinishError::from)?;
        let mut entries = wheel::read(path).map_err(wheel::FinishError::from)?;
        let folder = work.join("smaller");
        new_folder(&folder)?;
        let notes = self.progress.step("making it smaller", || {
            smaller.apply(&mut entries, self.session, &folder)
        })?;
        for note in notes {
            self.progress.note(&note);
        }
        let folder = path.parent().unwrap_or(".".into());
        wheel::repack(entries, &name, self.options.epoch, folder)?;
        Ok(())
    }
}
