//! Shared libraries that a wheel was linked with and does not have: those of the prefixes that its links found.

use camino::Utf8Path;
use pyodide_wheel::wheel::{self, WheelName};
use toolcall::variables::{LIBRARIES, PREFIX};

use super::{Builder, Chosen};
use crate::error::WheelBuildError;
use crate::repair::{Search, repair};

impl Builder<'_> {
    /// Puts them into the wheel, and sets the run paths of its modules. What it still lacks the wheels that it requires
    /// may bring: the audit knows.
    pub(super) fn repair(
        &self,
        path: &Utf8Path,
        chosen: &Chosen,
        libraries: Option<&Utf8Path>,
    ) -> Result<(), WheelBuildError> {
        let env = chosen.tools(self.session).env;
        let search = Search::prefixes(|name| match name {
            LIBRARIES => libraries.map(Utf8Path::to_string),
            PREFIX => env
                .get(PREFIX.as_ref() as &std::ffi::OsStr)?
                .to_str()
                .map(str::to_owned),
            _ => None,
        });
        let name = WheelName::parse(path.file_name().unwrap_or_default());
        let name = name.map_err(wheel::FinishError::from)?;
        let entries = wheel::read(path).map_err(wheel::FinishError::from)?;
        let repaired = repair(&name, entries, &search)?;
        if repaired.changed.is_empty() {
            return Ok(());
        }
        for note in repaired.notes() {
            self.progress.note(&note);
        }
        let folder = path.parent().unwrap_or(".".into());
        wheel::repack(repaired.entries, &name, self.options.epoch, folder)?;
        Ok(())
    }
}
