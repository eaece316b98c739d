//! What a verb needs before it can work: the target and a toolchain that fits it, found on the
//! machine or provisioned.

use std::ffi::OsStr;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use cmake_toolchain::Toolchain;
use provision::{
    Emscripten, Env, HostPython, LEASE, Node, Progress as _, SUITES, Store, Suite, Usage,
};
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
        let env = Env::capture();
        let store = Store::from_env()?;
        let gate = store.enter(ui);
        let node = provision::find_node(&env)?;
        let pyodide = provision::provision_pyodide(&store, name.release(), ui)?.root;
        let lock = Lock::read(&pyodide)?;
        let target = Target::from_lock(name, &lock)?;
        let tags = PlatformTags::new(&target, &lock);

        let suite = suite_for(&target);
        let emscripten = emscripten(&store, &target, suite, &env, ui)?;
        let fit = target.check_emscripten(&emscripten.version);
        if let EmscriptenFit::Refused { remedy } = &fit {
            if !args.allow_emscripten {
                return Err(CliError::Message(remedy.clone()));
            }
            ui.note(&format!(
                "warning: Emscripten {} is untested with ABI {} (--allow-emscripten)",
                emscripten.version, target.abi.name
            ));
        }
        let python = python(&store, &target, suite, &env, ui)?;
        let fortran = fortran::provide(&env, &store, &target, &emscripten, suite, ui)?;
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
        Ok(Self {
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
        })
    }

    /// One line that says which pair of Emscripten and ABI is in use.
    #[must_use]
    pub fn pair(&self) -> String {
        let how = match self.fit {
            EmscriptenFit::Exact => "the ABI's own".to_owned(),
            EmscriptenFit::TestedPair => {
                format!(
                    "a tested pair; the ABI's own is {}",
                    self.target.abi.emscripten
                )
            }
            EmscriptenFit::Refused { .. } => {
                format!("untested; the ABI's own is {}", self.target.abi.emscripten)
            }
        };
        format!(
            "{}: ABI {}, Python {}, Emscripten {} ({how}) from {}",
            self.target.name,
            self.target.abi.name,
            self.cross.version,
            self.emscripten.version,
            self.emscripten.origin,
        )
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
        let mut folders = find_links.to_vec();
        folders.push(self.store.wheels(self.target.abi.name));
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
        Ok(resolver.collect(requirements, cwd, &root.join("downloads"), &mut output)?)
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

/// The suite that provisions for a target: with the ABI's own Emscripten if there is one, else
/// with a tested one.
pub(super) fn suite_for(target: &Target) -> Option<&'static Suite> {
    let of_python = || SUITES.iter().filter(|s| s.python == target.abi.python);
    let with = |wanted: EmscriptenFit| {
        of_python().find(move |s| target.check_emscripten(s.emscripten) == wanted)
    };
    with(EmscriptenFit::Exact).or_else(|| with(EmscriptenFit::TestedPair))
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

fn emscripten(
    store: &Store,
    target: &Target,
    suite: Option<&'static Suite>,
    env: &Env,
    ui: &Ui,
) -> Result<Emscripten, CliError> {
    if let Some(found) = provision::find_user_emscripten(env)? {
        return Ok(found);
    }
    let suite = suite.ok_or_else(|| {
        CliError::Message(format!(
            "{target} needs Emscripten {}, which no Debian suite has: install it with \
             `emsdk install {0}` and `emsdk activate {0}`",
            target.abi.emscripten
        ))
    })?;
    Ok(provision::provision_emscripten(store, suite, ui)?)
}

fn python(
    store: &Store,
    target: &Target,
    suite: Option<&'static Suite>,
    env: &Env,
    ui: &Ui,
) -> Result<HostPython, CliError> {
    let minor = target.abi.python;
    if let Some(found) = provision::find_user_python(env, minor) {
        return Ok(found);
    }
    let suite = suite.or_else(|| SUITES.iter().find(|s| s.python == minor));
    let suite = suite.ok_or_else(|| {
        CliError::Message(format!(
            "{target} needs Python {minor} on the host, which no Debian suite has: install \
             python{minor} with its headers and put it in PATH"
        ))
    })?;
    Ok(provision::provision_python(store, suite, ui)?)
}
