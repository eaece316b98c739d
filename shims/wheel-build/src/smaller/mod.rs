//! Wheels that hold the same in fewer bytes: bytecode in the place of sources, modules as wasm-opt makes them.

mod bytecode;
mod modules;
mod saved;

use camino::Utf8Path;
use pyodide_wheel::wheel::Entries;

use crate::error::WheelBuildError;
use crate::session::Session;

/// What is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Smaller {
    /// Bytecode takes the place of modules' sources.
    pub compile_py: bool,
    /// The level of wasm-opt.
    pub wasm_opt: Option<String>,
}

impl Smaller {
    /// Whether nothing is.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Does it with the files of a wheel for a session's target, and says what came of it, one sentence each.
    /// `folder` is for files in between.
    ///
    /// # Errors
    /// A tool cannot be run, or fails.
    pub fn apply(
        &self,
        entries: &mut Entries,
        session: &Session,
        folder: &Utf8Path,
    ) -> Result<Vec<String>, WheelBuildError> {
        let mut notes = Vec::new();
        if let Some(level) = &self.wasm_opt {
            notes.extend(modules::optimise(entries, level, session, folder)?);
        }
        if self.compile_py {
            notes.extend(bytecode::compile(entries, session, folder)?);
        }
        Ok(notes)
    }
}
