//! What building for a target takes: the target, and a toolchain that fits it. [`prepare`](crate::prepare)
//! finds or provisions one.

use std::ffi::OsStr;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use cmake_toolchain::Toolchain;
use provision::{Emscripten, HostPython, Node, Progress, Store, Usage};
use pyodide_wheel::python::Python;
use pyodide_wheel::runner::{Run, Runner};
use pyodide_wheel::site::Site;
use pyodide_wheel::tags::PlatformTags;
use pyodide_wheel::target::{EmscriptenFit, Lock, Locked, Target};
use pyodide_wheel::xbuild::CrossPython;
use toolcall::config::{EmscriptenConfig, FortranConfig, SCHEMA, ShimConfig};

use crate::error::WheelBuildError;

/// The symbols a side module exports unless the user says otherwise: those the sources make
/// visible, as a native linker does. NumPy's `ctypeslib` tests, for one, call such a function.
pub const DEFAULT_EXPORTS: &str = "requested";

/// What a compile or link gets when its command says nothing of the kind.
pub const DEFAULT_FLAGS: &[&str] = &["-O2", "-g0"];

/// A target and everything it takes to build for it and to run it.
pub struct Session {
    /// Says of the folders of the store that they are in use.
    pub usage: Usage,
    /// Where provisioned things live.
    pub store: Store,
    /// The target's own shim folder there.
    pub shims: Utf8PathBuf,
    /// The target.
    pub target: Target,
    /// Unpacked npm package of Pyodide.
    pub pyodide: Utf8PathBuf,
    /// What that package says of itself.
    pub lock: Lock,
    /// The platform tags of wheels that its users can install.
    pub tags: PlatformTags,
    /// Node.
    pub node: Node,
    /// Emscripten.
    pub emscripten: Emscripten,
    /// How it fits the target's ABI.
    pub fit: EmscriptenFit,
    /// f2c and the Fortran runtime.
    pub fortran: FortranConfig,
    /// Host Python of the target's minor version.
    pub python: HostPython,
    /// Interpreter of the environment with pip, build and their like, in the user's environment.
    pub tools: Python,
    /// Headers and `sysconfig` of the target's Python.
    pub cross: CrossPython,
    /// The prefix of the libraries that were added for the target.
    pub libraries: Option<Utf8PathBuf>,
}

impl Session {
    /// One line that says which pair of Emscripten and ABI is in use.
    #[must_use]
    pub fn pair(&self) -> String {
        let how = self.how();
        format!(
            "{}: ABI {}, Python {}, Emscripten {} ({how}) from {}",
            self.target.name,
            self.target.abi.name,
            self.cross.version,
            self.emscripten.version,
            self.emscripten.origin,
        )
    }

    /// How the Emscripten in use fits the target's ABI, as a text.
    #[must_use]
    pub fn how(&self) -> String {
        let how = match self.fit {
            EmscriptenFit::Exact => return "the ABI's own".to_owned(),
            EmscriptenFit::TestedPair => "a tested pair",
            EmscriptenFit::OnTrial => "on trial: it passed emshim's checks on this machine",
            EmscriptenFit::Untested => "untested",
        };
        format!("{how}; the ABI's own is {}", self.target.abi.emscripten)
    }

    /// The micropip by which users of the release install wheels, if its lock names one.
    ///
    /// # Errors
    /// pip cannot get it.
    pub fn micropip(
        &self,
        progress: &dyn Progress,
    ) -> Result<Option<Utf8PathBuf>, WheelBuildError> {
        let pair = |package: &Locked| (package.name.clone(), package.version.clone());
        let packages: Vec<_> = self.lock.micropip.iter().map(pair).collect();
        if packages.is_empty() {
            let path = &self.lock.path;
            progress.note(&format!(
                "warning: {path} names no micropip: the wheel is not installed with it"
            ));
            return Ok(None);
        }
        let python = self.target.abi.python;
        let folder = provision::provision_micropip(&self.store, &packages, python, progress)?;
        Ok(Some(folder))
    }

    /// The command that runs Python in Pyodide, in this process's environment.
    ///
    /// # Errors
    /// An argument is not UTF-8.
    pub fn python_command(
        &self,
        site: Option<&Site>,
        args: &[&OsStr],
        cwd: &Utf8Path,
    ) -> Result<Command, WheelBuildError> {
        let env = &self.tools.env;
        Ok(self.runner().command(&Run {
            args,
            site: site.map(Site::path),
            cwd,
            env,
            install: None,
        })?)
    }

    /// Node and Pyodide.
    #[must_use]
    pub fn runner(&self) -> Runner {
        Runner {
            node: self.node.exe.clone(),
            pyodide: self.pyodide.clone(),
        }
    }

    /// Where Emscripten's tools are.
    #[must_use]
    pub fn emscripten_config(&self) -> EmscriptenConfig {
        EmscriptenConfig {
            version: self.emscripten.version.clone(),
            root: self.emscripten.root.clone(),
            llvm_bin: self.emscripten.llvm_bin.clone(),
            cache: self.emscripten.cache.clone(),
            env: self.emscripten.env.clone(),
        }
    }

    /// What the shims of a folder are told.
    #[must_use]
    pub fn shim_config(&self, dir: &Utf8Path) -> ShimConfig {
        let owned = |flags: &[&str]| flags.iter().map(|f| (*f).to_owned()).collect();
        let abi = self.target.abi;
        ShimConfig {
            schema: SCHEMA,
            target: self.target.name.to_string(),
            abi: abi.name.into(),
            python: abi.python.into(),
            emscripten: self.emscripten_config(),
            fortran: self.fortran.clone(),
            node: self.node.exe.clone(),
            host_python: self.python.exe.clone(),
            python_include: self.cross.include.clone(),
            cross_env: self
                .cross
                .env(&dir.join(cmake_toolchain::PYTHON_DIR))
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            cflags: owned(abi.cflags),
            cxxflags: owned(abi.cxxflags),
            ldflags: owned(abi.ldflags),
            defaults: owned(DEFAULT_FLAGS),
            exports: DEFAULT_EXPORTS.into(),
            cmake_toolchain: dir.join(cmake_toolchain::TOOLCHAIN_FILE),
            meson_cross: dir.join(cmake_toolchain::CROSS_FILE),
            meson_native: dir.join(cmake_toolchain::NATIVE_FILE),
            pkg_config_libdir: self.cross.root.join("pkgconfig"),
            libraries: self.libraries.clone(),
            launcher: Vec::new(),
            log: self.store.log(),
        }
    }

    /// What the toolchain files of a shim folder say.
    #[must_use]
    pub fn toolchain(&self, dir: &Utf8Path) -> Toolchain {
        Toolchain {
            target: self.target.name.to_string(),
            shim_dir: dir.to_owned(),
            node: self.node.exe.clone(),
            emscripten_root: self.emscripten.root.clone(),
            emscripten_version: self.emscripten.version.clone(),
            sysroot: self.emscripten.cache.join("sysroot"),
            python_include: self.cross.include.clone(),
            python_version: self.target.abi.python.into(),
            soabi: self.cross.soabi.clone(),
            ext_suffix: self.cross.ext_suffix.clone(),
            libraries: self.libraries.clone(),
        }
    }
}
