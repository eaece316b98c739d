//! What a project says of its builds in `pyproject.toml` and `emshim.toml`: the keys as data, reading
//! them, and what wins over what. Nothing is built here.

mod check;
mod commands;
mod error;
mod file;
mod globs;
mod keys;
mod project;
pub mod pyodide_build;
mod resolve;
mod value;
mod variables;

pub use commands::python_commands;
pub use error::ConfigurationError;
pub use globs::Globs;
pub use keys::{KEYS, Key, Kind, LEVELS, Row};
pub use project::{Files, Project};
pub use resolve::{Given, Resolved};
pub use value::{Entry, Origin, Place};
