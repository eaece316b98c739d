//! Steps that are emshim's own work. Their commands, `emshim NAME ...`, run by hand as `emshim
//! explain` and the record show them.

use super::commons::{self, CommonsError};
use super::exports::{self, ExportsError};
use super::fortran::{self, FortranError};
use super::signatures::{self, CheckError};
use std::ffi::OsString;
use std::path::Path;

/// A step of ours failed.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// The list of exported symbols.
    #[error(transparent)]
    Exports(#[from] ExportsError),
    /// A Fortran source.
    #[error(transparent)]
    Fortran(#[from] FortranError),
    /// COMMON blocks.
    #[error(transparent)]
    Commons(#[from] CommonsError),
    /// Signatures that disagree.
    #[error(transparent)]
    Check(#[from] CheckError),
}

impl OwnError {
    /// Whether it is told as compilers tell of a source's mistakes: the file first, no tool before.
    #[must_use]
    pub fn is_about_a_source(&self) -> bool {
        use f2c_driver::Error::Source;
        matches!(self, Self::Fortran(FortranError::Translate(Source(_))))
    }
}

/// Where the result of a step is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The step did its work.
    Anew,
    /// It was done before and kept.
    FromCache,
}

type Work = fn(&[OsString], &Path) -> Result<Done, OwnError>;

/// The works, by the second word of their commands.
const WORKS: &[(&str, Work)] = &[
    ("check-link", |argv, cwd| anew(signatures::run(argv, cwd))),
    ("commons", |argv, cwd| anew(commons::run(argv, cwd))),
    ("exports", |argv, cwd| anew(exports::run(argv, cwd))),
    ("fortran", |argv, _| Ok(fortran::run(argv)?)),
];

fn anew<E: Into<OwnError>>(result: Result<(), E>) -> Result<Done, OwnError> {
    result.map(|()| Done::Anew).map_err(Into::into)
}

/// Carries out a command, relative to `cwd`, which is the process's working directory; `None` for
/// one that is no step of ours.
#[must_use]
pub fn run(argv: &[OsString], cwd: &Path) -> Option<Result<Done, OwnError>> {
    let name = argv.get(1)?;
    let (_, work) = WORKS.iter().find(|(known, _)| name == known)?;
    Some(work(argv, cwd))
}
