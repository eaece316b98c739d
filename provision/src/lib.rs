//! Provisioning: a working Emscripten, host Python and Pyodide runtime on a bare machine.
//!
//! What the user has comes first ([`find_user_emscripten`], [`find_user_python`], [`find_node`]);
//! what is missing is put into the [`Store`], a private folder, without root rights and without
//! changing the system. Every download is verified by the tool that fetches it (apt's signatures,
//! npm's integrity, pip's hashes) and goes through the user's own configuration of that tool.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};

mod apt;
mod archive;
mod command;
mod compile;
mod debian;
mod dev_tools;
mod doctor;
mod elf;
mod error;
mod f2c;
mod find;
mod foreign;
mod gfortran;
mod library;
mod machine;
mod micropip;
mod mirrors;
mod outdated;
mod packages;
mod preflight;
mod progress;
mod pyodide;
mod recipes;
mod rust;
mod snakemake;
mod sources;
mod store;
mod store_folders;
mod suites;
mod tools;
mod unpack;
mod usage;

pub use debian::{provision_emscripten, provision_python};
pub use dev_tools::{DevTools, provision_dev_tools};
pub use doctor::{Finding, Sources, Verdict, examine};
pub use error::Error;
pub use f2c::{built_f2c, provision_f2c};
pub use find::{EMCC_VARIABLE, MIN_NODE, find_node, find_user_emscripten, find_user_python};
pub use foreign::{Closure, resolve_for};
pub use gfortran::{NativeFortran, provision_gfortran};
pub use library::StaticLibrary;
pub use machine::{Env, SHIM_FOLDER_MARKER};
pub use micropip::provision_micropip;
pub use outdated::outdated;
pub use preflight::{Needs, preflight};
pub use progress::{Notes, Progress, Silent};
pub use pyodide::provision_pyodide;
pub use recipes::recipes;
pub use rust::{RUST_CODE, RUST_TARGET, Rust, examine_rust, look_for_rust, provision_rust};
pub use snakemake::provision_snakemake;
pub use sources::{SOURCES, Source, check_source, download_upstream, fetch_source, unpack_source};
pub use store::{Slot, Stamp, State, Store, Work, disk_usage, without_recipe};
pub use store_folders::{STORE_FOLDERS, StoreFolder};
pub use suites::{STABLE, SUITES, Suite};
pub use tools::{provision_build_systems, provision_tools};
pub use usage::{Gate, InUse, LEASE, Usage};

/// Where a tool comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The user's own.
    User {
        /// How it was found: `EMSHIM_EMCC`, `PATH` or `EMSDK`.
        how: String,
    },
    /// Packages of a Debian suite, unpacked into the store.
    Debian {
        /// The suite's name.
        suite: String,
    },
}

/// Such as `PATH` or `Debian trixie`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { how } => f.write_str(how),
            Self::Debian { suite } => write!(f, "Debian {suite}"),
        }
    }
}

/// A working Emscripten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emscripten {
    /// Version, such as `3.1.69`.
    pub version: String,
    /// Folder that holds `emcc`, `em++`, `emar`, ...
    pub root: Utf8PathBuf,
    /// Folder that holds `clang`, `wasm-ld`, `llvm-nm`, ...
    pub llvm_bin: Utf8PathBuf,
    /// Its cache, which holds the target's headers and libraries in `sysroot`.
    pub cache: Utf8PathBuf,
    /// Environment every Emscripten tool needs, as name and value.
    pub env: Vec<(String, String)>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A host interpreter of the target's minor version, with headers and the `venv` module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPython {
    /// The interpreter.
    pub exe: Utf8PathBuf,
    /// Full version, such as `3.13.5`.
    pub version: String,
    /// Folder that holds `Python.h`.
    pub include: Utf8PathBuf,
    /// The host's real `pyconfig.h`: the file with the macros, not one that leads to it.
    pub pyconfig: Utf8PathBuf,
    /// Where it comes from.
    pub origin: Origin,
}

impl HostPython {
    /// Minor version, such as `3.13`.
    #[must_use]
    pub fn minor(&self) -> &str {
        minor(&self.version)
    }
}

/// The first two numbers of a version: `3.15` of `3.15.0rc1`.
pub(crate) fn minor(version: &str) -> &str {
    let end = version.match_indices('.').nth(1);
    end.map_or(version, |(end, _)| &version[..end])
}

/// An unpacked Pyodide npm package; all but the folder is read from its `pyodide-lock.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pyodide {
    /// The unpacked package.
    pub root: Utf8PathBuf,
    /// Pyodide's version, such as `0.29.5`.
    pub version: String,
    /// Python's full version, such as `3.13.2`.
    pub python: String,
    /// The Emscripten it was built with, such as `4.0.9`.
    pub emscripten: String,
    /// Pyodide ABI, such as `2025_0`.
    pub abi: String,
}

/// Node.js.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The program.
    pub exe: Utf8PathBuf,
    /// Version without the `v`, such as `20.20.2`.
    pub version: String,
}

/// A Python environment of the target's minor version with pip, build and pyproject_hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonTools {
    /// The environment's interpreter: run tools as `python -m build`, `python -m pip`.
    pub python: Utf8PathBuf,
}

impl PythonTools {
    /// The environment's `bin` folder.
    #[must_use]
    pub fn bin(&self) -> &Utf8Path {
        self.python.parent().unwrap_or(Utf8Path::new("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minor_version_is_its_first_two_numbers() {
        assert_eq!(minor("3.13.5"), "3.13");
        assert_eq!(minor("3.15.0rc1"), "3.15");
        assert_eq!(minor("3.13"), "3.13");
    }
}
