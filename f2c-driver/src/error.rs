//! What the crate says when a source cannot be translated.

use std::fmt;

use camino::Utf8PathBuf;

/// How bad a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The translation goes on.
    Warning,
    /// There is no translation.
    Error,
}

/// A message about one place of the user's sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the translation failed.
    pub severity: Severity,
    /// The file as the user named it (or the one an INCLUDE led to).
    pub file: Utf8PathBuf,
    /// Line, from 1; 0 when the message is about the whole file.
    pub line: u32,
    /// Column, from 1; 0 when unknown.
    pub col: u32,
    /// The construct in question, such as `derived type`; may be empty.
    pub construct: String,
    /// What is wrong.
    pub message: String,
    /// What the user can do about it; may be empty.
    pub remedy: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        if self.line > 0 && self.col > 0 {
            write!(f, "{}:", self.col)?;
        }
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, " {severity}: ")?;
        if !self.construct.is_empty() {
            write!(f, "{}: ", self.construct)?;
        }
        f.write_str(&self.message)?;
        if !self.remedy.is_empty() {
            write!(f, " ({})", self.remedy)?;
        }
        Ok(())
    }
}

/// Why there is no translation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The source has mistakes, or constructs that cannot be lowered.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Source(Vec<Diagnostic>),
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// f2c could not be started or died.
    #[error("{f2c}: {message} (point F2C at a working f2c)")]
    F2c {
        /// The f2c that was run.
        f2c: Utf8PathBuf,
        /// What happened.
        message: String,
    },
}

/// A place and a reason, before the place has a file name: what readers and lowerings return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub at: crate::loc::Loc,
    pub construct: String,
    pub message: String,
    pub remedy: String,
}

impl Refusal {
    /// A refusal of `construct` at `at`.
    pub fn new(
        at: crate::loc::Loc,
        construct: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            at,
            construct: construct.into(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// What a lowering returns.
pub(crate) type Lowered<T = ()> = Result<T, Refusal>;
