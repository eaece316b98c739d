//! What a verb needs before it can work: the target and a toolchain that fits it, found on the
//! machine or provisioned.

use std::ffi::OsStr;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use cmake_toolchain::Toolchain;
use provision::{Emscripten, Env, HostPython, LEASE, Node, Progress as _, Store, Usage};
use pyodide_wheel::python::{Output, Python};
use pyodide_wheel::resolve::{Collected, Resolver};
use pyodide_wheel::runner::{Run, Runner};
use pyodide_wheel::site::Site;
use pyodide_wheel::tags::PlatformTags;
use pyodide_wheel::target::{EmscriptenFit, Lock, Locked, Target, TargetName};
use pyodide_wheel::xbuild::{self, CrossPython};

use super::TargetArgs;
use super::builder::DEFAULT_EXPORTS;
use super::error::CliError;
use super::fortran;
use super::install;
use super::shared::Shared;
use super::toolchain::{Choice, Policy};
use super::trial;
use super::ui::Ui;
use crate::shim::config::{EmscriptenConfig, FortranConfig, SCHEMA, ShimConfig};

/// What a compile or link gets when its command says nothing of the kind.
const DEFAULT_FLAGS: &[&str] = &["-O2", "-g0"];

/// A target and everything it takes to build for it and to run it.
pub struct Session {
    /// Says of the folders of the store that they are in use.
    pub usage: Usage,
    /// Where provisioned things live.
    pub store: Store,
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
        let gate = store.enter(ui);
        store.mark();
        let node = provision::find_node(&env)?;
        preflight(&args.target, policy, &store, &env, ui)?;
        let pyodide = provision::provision_pyodide(&store, name.release(), ui)?.root;
        let lock = Lock::read(&pyodide)?;
        let target = Target::from_lock(name, &lock)?;
        let tags = PlatformTags::new(&target, &lock);

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
        let shims = shim_folder(&store, &target, &emscripten.version);
        let usage = gate.declare(&[
            &shims,
            &pyodide,
            &emscripten.root,
            &emscripten.llvm_bin,
            &python.exe,
            &tools.python,
            &cross.root,
            &fortran.f2c,
            &fortran.runtime,
        ]);
        let mut session = Self {
            usage,
            store,
            target,
            pyodide,
            lock,
            tags,
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
        let dir = shim_folder(&self.store, &self.target, &self.emscripten.version);
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
        let wheels = self.collect(requirements, find_links, cwd)?;
        Ok(Site::install(&wheels, &self.store.root().join("sites"))?)
    }

    /// Installs what a wheel depends on, and not the wheel, as [`install`](Self::install) does.
    ///
    /// # Errors
    /// As for [`install`](Self::install).
    pub fn install_for(
        &self,
        wheel: &Utf8Path,
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Site, CliError> {
        let wheels = self.collect(&[wheel.to_string()], find_links, cwd)?;
        let others = wheels.iter().filter(|w| w.file_name() != wheel.file_name());
        let others: Vec<_> = others.cloned().collect();
        Ok(Site::install(&others, &self.store.root().join("sites"))?)
    }

    /// The micropip by which users of the release install wheels, if its lock names one.
    ///
    /// # Errors
    /// pip cannot get it.
    pub fn micropip(&self, ui: &Ui) -> Result<Option<Utf8PathBuf>, CliError> {
        let pair = |package: &Locked| (package.name.clone(), package.version.clone());
        let packages: Vec<_> = self.lock.micropip.iter().map(pair).collect();
        if packages.is_empty() {
            let path = &self.lock.path;
            ui.note(&format!(
                "warning: {path} names no micropip: the wheel is not installed with it"
            ));
            return Ok(None);
        }
        let python = self.target.abi.python;
        let folder = provision::provision_micropip(&self.store, &packages, python, ui)?;
        Ok(Some(folder))
    }

    fn collect(
        &self,
        requirements: &[String],
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Collected, CliError> {
        let shared = Shared::of(self)?;
        shared.sweep();
        let mut folders = find_links.to_vec();
        folders.push(shared.folder().to_owned());
        let resolver = Resolver {
            tools: &self.tools,
            target: &self.target,
            lock: &self.lock,
            tags: &self.tags,
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
        let downloads = root.join("downloads");
        let wheels = resolver.collect(requirements, cwd, &downloads, &mut output)?;
        let names: Vec<&str> = wheels
            .iter()
            .filter_map(|wheel| wheel.file_name())
            .collect();
        let sdists = root.join("sdists");
        Ok(if shared.outdated(&names, &self.tools, &sdists, &log) {
            resolver.collect(requirements, cwd, &downloads, &mut output)?
        } else {
            wheels
        })
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
                cache: self.emscripten.cache.clone(),
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
                .map(|(name, value)| (name.to_owned(), before(name, dir, value)))
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
        }
    }
}

/// The value of a variable for `emshim-python`, whose own modules come before the target's.
fn before(name: &str, shims: &Utf8Path, value: String) -> String {
    match name {
        "PYTHONPATH" => format!("{}:{value}", shims.join(cmake_toolchain::PYTHON_DIR)),
        _ => value,
    }
}

/// Says what cannot be had before anything is downloaded. Of a release that the table does not know,
/// only Pyodide's npm package tells what else it takes.
fn preflight(
    name: &str,
    policy: Policy,
    store: &Store,
    env: &Env,
    ui: &Ui,
) -> Result<(), CliError> {
    let Ok(target) = Target::parse(name) else {
        return Ok(());
    };
    let choice = Choice::make(env, &target, policy)?;
    let needs = provision::Needs {
        pyodide: target.name.release(),
        python: choice.python.as_ref(),
        suite: choice.needed_suite(),
        lacking: &choice.lacking(&target),
    };
    Ok(provision::preflight(env, store, needs, ui)?)
}

/// Removes what killed runs left in a folder of the store: a killed process cannot, and no run
/// lasts as long as a [`LEASE`]. What cannot be removed is in nobody's way.
fn sweep(folder: &Utf8Path) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let age = entry
            .metadata()
            .and_then(|m| m.modified())
            .map(|time| time.elapsed());
        let ours = ["site-", "wheels-", ".tmp"];
        let ours = ours
            .iter()
            .any(|start| entry.file_name().starts_with(start));
        if ours && matches!(age, Ok(Ok(age)) if age > LEASE) {
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

/// A target's own shim folder in the store.
fn shim_folder(store: &Store, target: &Target, emscripten: &str) -> Utf8PathBuf {
    let name = target.name.to_string().replace('@', "-");
    store.shims(&name, emscripten)
}

/// Name of the target's folder: another host Python or Pyodide gets another folder, so that none
/// in use is ever replaced.
fn target_folder(target: &Target, python: &HostPython, pyodide: &Utf8Path) -> String {
    let made_from = format!("{}\n{}\n{pyodide}", python.include, python.version);
    let digest = blake3::hash(made_from.as_bytes()).to_hex();
    format!("{}-{}", target.name, &digest[..8]).replace('@', "-")
}
