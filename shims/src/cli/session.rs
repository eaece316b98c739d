//! What a verb needs before it can work: the target and a toolchain that fits it, found on the
//! machine or provisioned.

use std::ffi::OsStr;
use std::process::Command;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use cmake_toolchain::Toolchain;
use provision::{Emscripten, Env, HostPython, Node, Progress as _, Store};
use pyodide_wheel::python::{Output, Python};
use pyodide_wheel::resolve::Resolver;
use pyodide_wheel::runner::{Run, Runner};
use pyodide_wheel::site::Site;
use pyodide_wheel::target::{EmscriptenFit, Lock, Target, TargetName};
use pyodide_wheel::xbuild::{self, CrossPython};

use super::TargetArgs;
use super::builder::DEFAULT_EXPORTS;
use super::error::CliError;
use super::fortran;
use super::install;
use super::toolchain::Choice;
use super::trial;
use super::ui::Ui;
use crate::shim::config::{EmscriptenConfig, FortranConfig, SCHEMA, ShimConfig};

/// What a compile or link gets when its command says nothing of the kind.
const DEFAULT_FLAGS: &[&str] = &["-O2", "-g0"];

/// A target and everything it takes to build for it and to run it.
pub struct Session {
    /// Where provisioned things live.
    pub store: Store,
    /// The target.
    pub target: Target,
    /// Unpacked npm package of Pyodide.
    pub pyodide: Utf8PathBuf,
    /// What that package says of itself.
    pub lock: Lock,
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
}

impl Session {
    /// Finds or provisions everything for a target.
    ///
    /// # Errors
    /// The target is unknown, the Emscripten found does not fit it, or something could not be got.
    pub fn prepare(args: &TargetArgs, ui: &Ui) -> Result<Self, CliError> {
        let name = TargetName::parse(&args.target)?;
        let (env, policy) = (Env::capture(), args.policy());
        let store = Store::from_env()?;
        let node = provision::find_node(&env)?;
        if let Ok(target) = Target::parse(&args.target) {
            // What cannot be had is said before anything is downloaded.
            Choice::make(&env, &target, policy)?;
        }
        let pyodide = provision::provision_pyodide(&store, name.release(), ui)?.root;
        let lock = Lock::read(&pyodide)?;
        let target = Target::from_lock(name, &lock)?;

        let choice = Choice::make(&env, &target, policy)?;
        if let Some(note) = &choice.note {
            ui.note(note);
        }
        let (emscripten, fit) = choice.emscripten(&target, policy, &store, ui)?;
        let python = choice.python(&target, &store, ui)?;
        let fortran = fortran::provide(&env, &store, &target, &emscripten, choice.suite, ui)?;
        let tools = provision::provision_tools(&store, &python, ui)?;
        let tools_python = Python {
            exe: tools.python.clone(),
            env: std::env::vars_os().collect(),
        };
        let cross = xbuild::build(
            xbuild::Inputs {
                target: &target,
                pyodide: &pyodide,
                python: &tools_python,
                host_include: &python.include,
            },
            &store.target(&target_folder(&target, &python, &pyodide)),
            &mut Output {
                log: &store.log().join("target.log"),
                line: &mut |_| {},
            },
        )?;
        let mut session = Self {
            store,
            target,
            pyodide,
            lock,
            node,
            emscripten,
            fit,
            fortran,
            python,
            tools: tools_python,
            cross,
        };
        if fit == EmscriptenFit::Untested {
            session.fit = trial::judge(&session, policy, ui)?;
        }
        Ok(session)
    }

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

    /// The target's own shim folder in the store, whose path is the same for every build.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn shims(&self) -> Result<(Utf8PathBuf, ShimConfig), CliError> {
        let name = self.target.name.to_string().replace('@', "-");
        let dir = self.store.shims(&name, &self.emscripten.version);
        let config = install::write(&dir, self, Vec::new())?;
        Ok((dir, config))
    }

    /// Installs wheels and packages by name, with their dependencies, for one run of Python.
    /// Wheels of `find_links` and those this machine has built are offered beside the index's.
    ///
    /// # Errors
    /// Something has no wheel for the target, or the index does not answer.
    pub fn install(
        &self,
        requirements: &[String],
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Site, CliError> {
        let mut folders = find_links.to_vec();
        folders.push(self.store.wheels(self.target.abi.name));
        let resolver = Resolver {
            tools: &self.tools,
            target: &self.target,
            lock: &self.lock,
            find_links: &folders,
        };
        let root = self.store.root();
        for folder in ["downloads", "sites"] {
            sweep(&root.join(folder));
        }
        let log = self.store.log().join("install.log");
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let wheels = resolver.collect(requirements, cwd, &root.join("downloads"), &mut output)?;
        Ok(Site::install(&wheels, &root.join("sites"))?)
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
    ) -> Result<Command, CliError> {
        let env = &self.tools.env;
        Ok(self.runner().command(&Run {
            args,
            site: site.map(Site::path),
            cwd,
            env,
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
            emscripten: EmscriptenConfig {
                version: self.emscripten.version.clone(),
                root: self.emscripten.root.clone(),
                llvm_bin: self.emscripten.llvm_bin.clone(),
                env: self.emscripten.env.clone(),
            },
            fortran: self.fortran.clone(),
            node: self.node.exe.clone(),
            host_python: self.python.exe.clone(),
            python_include: self.cross.include.clone(),
            cross_env: self
                .cross
                .env()
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
            pkg_config_libdir: self.cross.root.join("pkgconfig"),
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
            sysroot: self.emscripten.root.join("cache/sysroot"),
            python_include: self.cross.include.clone(),
            soabi: self.cross.soabi.clone(),
            ext_suffix: self.cross.ext_suffix.clone(),
        }
    }
}

/// How long what a run keeps in the store may be in use.
const RUN_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes what killed runs left in a folder of the store: a killed process cannot, and no run
/// lasts [`RUN_TIME`]. What cannot be removed is in nobody's way.
fn sweep(folder: &Utf8Path) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let age = entry
            .metadata()
            .and_then(|m| m.modified())
            .map(|time| time.elapsed());
        if matches!(age, Ok(Ok(age)) if age > RUN_TIME) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A path made absolute against the working directory, links kept.
///
/// # Errors
/// The working directory cannot be read or is not UTF-8.
pub fn absolute(path: &Utf8Path) -> Result<Utf8PathBuf, CliError> {
    camino::absolute_utf8(path).map_err(CliError::io("cannot resolve", path))
}

/// Name of the target's folder: another host Python or Pyodide gets another folder, so that none
/// in use is ever replaced.
fn target_folder(target: &Target, python: &HostPython, pyodide: &Utf8Path) -> String {
    let made_from = format!("{}\n{}\n{pyodide}", python.include, python.version);
    let digest = blake3::hash(made_from.as_bytes()).to_hex();
    format!("{}-{}", target.name, &digest[..8]).replace('@', "-")
}
