//! Carries out the step that a command states.

use crate::bind::{self, BindError};
use crate::check_link::{self, CheckError};
use crate::commons::{self, CommonsError};
use crate::exports::{self, ExportsError};
use crate::fortran::{self, FortranError};
use crate::libraries::{self, LibrariesError};
use crate::place::{self, PlaceError};
use crate::run_path::{self, RunPathError};
use crate::sections::{self, SectionsError};
use crate::share::{self, ShareError};
use crate::translations::Cached;
use crate::weaken::{self, WeakenError};
use std::ffi::OsString;
use std::path::Path;
use toolcall::builtin::{BuiltIn, UsageError};

/// A step of ours failed.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The command states none.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The list of exported symbols.
    #[error(transparent)]
    Exports(#[from] ExportsError),
    /// A Fortran source.
    #[error(transparent)]
    Fortran(#[from] FortranError),
    /// COMMON blocks.
    #[error(transparent)]
    Commons(#[from] CommonsError),
    /// Common symbols.
    #[error(transparent)]
    Weaken(#[from] WeakenError),
    /// The script that finds a program's shared libraries.
    #[error(transparent)]
    Libraries(#[from] LibrariesError),
    /// A module's own symbols.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Variables of shared libraries.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// A module's run path.
    #[error(transparent)]
    RunPath(#[from] RunPathError),
    /// A module's sections.
    #[error(transparent)]
    Sections(#[from] SectionsError),
    /// Signatures that disagree.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// An output that is no file.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl StepError {
    /// Whether it is told as compilers tell of a source's mistakes: the file first, no tool before.
    #[must_use]
    pub fn is_about_a_source(&self) -> bool {
        use f2c_driver::Error::Source;
        matches!(self, Self::Fortran(FortranError::Translate(Source(_))))
    }
}

/// Carries out a command, relative to `cwd`, which is the process's working directory.
///
/// # Errors
/// The command states no step, or the step fails.
pub fn run(argv: &[OsString], cwd: &Path) -> Result<Cached, StepError> {
    match BuiltIn::parse(argv)? {
        BuiltIn::BindSymbols(step) => bind::run(&step, cwd)?,
        BuiltIn::CheckLink(step) => check_link::run(&step, cwd)?,
        BuiltIn::SizeCommons(step) => commons::run(&step, cwd)?,
        BuiltIn::ListExports(step) => exports::run(&step, cwd)?,
        BuiltIn::FindLibraries(step) => libraries::run(&step, cwd)?,
        BuiltIn::Translate(step) => return Ok(fortran::run(&step)?),
        BuiltIn::RemoveSections(step) => sections::run(&step, cwd)?,
        BuiltIn::ShareSymbols(step) => share::run(&step, cwd)?,
        BuiltIn::WeakenCommons(step) => weaken::run(&step, cwd)?,
        BuiltIn::ShowRunPath(step) => run_path::show(&step, cwd)?,
        BuiltIn::WriteRunPath(step) => run_path::run(&step, cwd)?,
        BuiltIn::Place(step) => place::run(&step, cwd)?,
    }
    Ok(Cached::Miss)
}
