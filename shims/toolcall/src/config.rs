//! The one small file a shim reads: `emshim.json`, beside the binary in the shim folder.
//!
//! `emshim install` writes it; every multicall invocation reads it and nothing else. All paths in
//! it are absolute.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// Name of the configuration file in a shim folder.
pub const FILE_NAME: &str = "emshim.json";

/// Version of the file's layout. A shim refuses a file of another version and names the remedy
/// (`emshim install` again).
pub const SCHEMA: u32 = 4;

/// Everything a shim needs to know about the target and the toolchain. Records hold it, so that a
/// call can be run again: a field that is added has a default for those of older versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShimConfig {
    /// Layout version, [`SCHEMA`].
    pub schema: u32,
    /// The target as the user names it, such as `pyodide@0.29.5`.
    pub target: String,
    /// Pyodide ABI, such as `2025_0`.
    pub abi: String,
    /// Python's minor version, such as `3.13`.
    pub python: String,
    /// The Emscripten in use.
    pub emscripten: EmscriptenConfig,
    /// What Fortran sources need.
    pub fortran: FortranConfig,
    /// Node, which runs linked programs.
    pub node: Utf8PathBuf,
    /// The host interpreter of the target's minor version.
    pub host_python: Utf8PathBuf,
    /// The target's Python headers: the folder that holds `Python.h` and the target's `pyconfig.h`.
    pub python_include: Utf8PathBuf,
    /// Flags every compile for the target needs (ABI: `-fPIC`, exception model).
    pub cflags: Vec<String>,
    /// Flags every C++ compile needs in addition.
    pub cxxflags: Vec<String>,
    /// Flags every side-module link needs, `-sSIDE_MODULE` and the exports excepted.
    pub ldflags: Vec<String>,
    /// Defaults that any user flag of the same kind overrides (`-O2`, `-g0`).
    pub defaults: Vec<String>,
    /// Which symbols a side module exports: `pyinit`, `requested`, `all`, or a comma list.
    pub exports: String,
    /// CMake toolchain file.
    pub cmake_toolchain: Utf8PathBuf,
    /// Meson cross file.
    pub meson_cross: Utf8PathBuf,
    /// Meson native file: the build machine's own tools. Records of older versions lack it.
    #[serde(default)]
    pub meson_native: Utf8PathBuf,
    /// Folder of target `.pc` files, the last that `pkg-config` searches.
    pub pkg_config_libdir: Utf8PathBuf,
    /// The prefix of the libraries that `emshim library add` was told of, unless `EMSHIM_LIBRARIES`
    /// names another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libraries: Option<Utf8PathBuf>,
    /// Environment that makes the host's Python describe the target, as name and value: what
    /// `emshim-python` sets (`PYTHONPATH`, `_PYTHON_SYSCONFIGDATA_NAME`, ...).
    pub cross_env: Vec<(String, String)>,
    /// What goes in front of clang, such as `ccache`, unless `EMSHIM_LAUNCHER` says otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launcher: Vec<String>,
    /// Folder the records go to unless `EMSHIM_LOG` names another.
    pub log: Utf8PathBuf,
}

/// Where Emscripten's tools are and how to call them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmscriptenConfig {
    /// Version as `emcc --version` gives it, such as `3.1.69`.
    pub version: String,
    /// Folder that holds `emcc`, `em++`, `emar`, `emnm`, ...
    pub root: Utf8PathBuf,
    /// Folder that holds `clang`, `wasm-ld`, `llvm-nm`, ...
    pub llvm_bin: Utf8PathBuf,
    /// Emscripten's cache: its `sysroot` holds the target's headers and libraries. Records of older
    /// versions lack it.
    #[serde(default)]
    pub cache: Utf8PathBuf,
    /// Environment every Emscripten tool needs (`EMSDK_PYTHON`, `EM_CONFIG`), as name and value.
    pub env: Vec<(String, String)>,
}

/// Where Binaryen's programs lie, from Emscripten's folder: the SDK's place, and Debian's.
const BINARYEN: [&str; 2] = ["../bin", "../../bin"];

impl EmscriptenConfig {
    /// Where a program of Binaryen's may lie.
    #[must_use]
    pub fn binaryen(&self, name: &str) -> [Utf8PathBuf; 2] {
        BINARYEN.map(|folder| self.root.join(folder).join(name))
    }
}

/// What Fortran takes beside Emscripten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FortranConfig {
    /// f2c, an executable of the build machine.
    pub f2c: Utf8PathBuf,
    /// Folder of `f2c.h` and `libgfortran.a` for the target.
    pub runtime: Utf8PathBuf,
    /// Why one of them is not there, and what to do, where it cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

impl FortranConfig {
    /// Why Fortran cannot be compiled or linked, if it cannot.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let why = self.missing.as_ref()?;
        Some(format!("this emshim cannot compile Fortran: {why}"))
    }
}

/// The configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("cannot read {path}: {source}; run `emshim install {dir}` to write it again")]
    Read {
        /// The configuration file.
        path: Utf8PathBuf,
        /// Its folder.
        dir: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not what this version of emshim writes.
    #[error("{path} is not a configuration of this emshim ({why}); run `emshim install {dir}`")]
    Invalid {
        /// The configuration file.
        path: Utf8PathBuf,
        /// Its folder.
        dir: Utf8PathBuf,
        /// What does not fit.
        why: String,
    },
}

impl ShimConfig {
    /// Reads `emshim.json` from a shim folder.
    ///
    /// # Errors
    /// The file is missing, is not JSON of this layout, or has another [`SCHEMA`].
    pub fn load(dir: &Utf8Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE_NAME);
        let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Read {
            path: path.clone(),
            dir: dir.to_owned(),
            source,
        })?;
        let invalid = |why: String| ConfigError::Invalid {
            path: path.clone(),
            dir: dir.to_owned(),
            why,
        };
        let config: Self = serde_json::from_str(&text).map_err(|e| invalid(e.to_string()))?;
        if config.schema != SCHEMA {
            return Err(invalid(format!(
                "schema {}, expected {SCHEMA}",
                config.schema
            )));
        }
        Ok(config)
    }
}
