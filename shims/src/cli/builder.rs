//! From a source to a finished wheel that was imported in Pyodide.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use provision::Progress as _;
use pyodide_wheel::import_check::{Check, CheckError, Checked, Verdict, import_check};
use pyodide_wheel::overlay::{self, Missing, Overlaid, OverlayError};
use pyodide_wheel::pep517::{Build, ConfigSettings, CrossTools, Isolation, Prepared};
use pyodide_wheel::resolve::ResolveError;
use pyodide_wheel::site::Site;
use pyodide_wheel::source::{self, Fetched, Source, WorkTree};
use pyodide_wheel::wheel::{self, FinishOptions, Finished, Provenance};

use super::audit;
use super::build_log::BuildLog;
use super::environment::Environment;
use super::error::CliError;
use super::session::{Session, absolute};
use super::shared::Shared;
use super::ui::Ui;
use crate::shim::config::ShimConfig;
use crate::shim::record::BUILD;

/// The symbols a side module exports unless the user says otherwise: those the sources make
/// visible, as a native linker does. NumPy's `ctypeslib` tests, for one, call such a function.
pub const DEFAULT_EXPORTS: &str = "requested";

/// Environment variable that names the folder of the log.
pub const LOG: &str = "EMSHIM_LOG";

/// What the user chose for a build.
#[derive(Debug, Clone)]
pub struct Options {
    /// Settings for the back end.
    pub config_settings: ConfigSettings,
    /// Build in the environment of the interpreter on PATH.
    pub no_isolation: bool,
    /// Do not check that build requirements are there.
    pub skip_dependency_check: bool,
    /// Which symbols a side module exports.
    pub exports: String,
    /// The variable that names what goes in front of the compiler.
    pub launcher: Option<(String, String)>,
    /// `SOURCE_DATE_EPOCH`, if it is set: seconds since 1970.
    pub epoch: Option<i64>,
    /// Use the older platform tag.
    pub legacy_tag: bool,
    /// Build what the package needs and no index has for the target.
    pub build_dependencies: bool,
    /// Leave the work tree where it is.
    pub keep_work: bool,
    /// Fail when a module cannot be loaded by what it imports.
    pub audit: bool,
    /// Show the tools' output.
    pub verbose: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config_settings: ConfigSettings::new(),
            no_isolation: false,
            skip_dependency_check: false,
            exports: DEFAULT_EXPORTS.into(),
            launcher: None,
            epoch: None,
            legacy_tag: false,
            build_dependencies: true,
            keep_work: false,
            audit: true,
            verbose: false,
        }
    }
}

/// Builds wheels for one session's target.
#[derive(Clone)]
pub struct Builder<'a> {
    pub(super) session: &'a Session,
    pub(super) ui: &'a Ui,
    options: &'a Options,
    shim_dir: Utf8PathBuf,
    config: ShimConfig,
    /// By which users of the target install wheels.
    micropip: Option<Utf8PathBuf>,
    /// Folder of the records and of the tools' output.
    log: Utf8PathBuf,
    /// Shared with the builders of dependencies: what failed may be one of those.
    failed: Rc<RefCell<Option<Failed>>>,
}

/// A build that failed, in the log.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What records call it.
    pub name: String,
    /// The file with the tools' output, which may not have been begun.
    pub output: Utf8PathBuf,
    /// Folder of the records.
    pub log: Utf8PathBuf,
    /// Its work tree, if one was made and is kept.
    pub tree: Option<Utf8PathBuf>,
}

/// A built wheel.
pub struct Built {
    /// The file.
    pub wheel: Utf8PathBuf,
    /// The folder it was placed in.
    pub outdir: Utf8PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// Top-level modules that were imported.
    pub modules: Vec<String>,
    /// Wall time of the build, provisioning and tests excluded.
    pub time: Duration,
    /// The source it was built from, kept until this value is dropped.
    pub source: WorkTree,
}

impl<'a> Builder<'a> {
    /// A builder with the target's own shim folder, whose paths are the same for every build.
    ///
    /// # Errors
    /// The shim folder cannot be written, or the target's micropip cannot be had.
    pub fn new(session: &'a Session, ui: &'a Ui, options: &'a Options) -> Result<Self, CliError> {
        let (shim_dir, config) = session.shims()?;
        let log = match std::env::var(LOG) {
            Ok(folder) if !folder.is_empty() => absolute(Utf8Path::new(&folder))?,
            _ => session.store.log(),
        };
        Ok(Self {
            session,
            ui,
            options,
            shim_dir,
            config,
            // Now, not when the wheel is there and its last test cannot be made.
            micropip: session.micropip(ui)?,
            log,
            failed: Rc::default(),
        })
    }

    /// The build that failed, if one did.
    #[must_use]
    pub fn failed(&self) -> Option<Failed> {
        self.failed.borrow().clone()
    }

    /// Builds a source, imports the wheel, then places it in `outdir`.
    ///
    /// # Errors
    /// Whatever keeps the wheel from being made or imported; then `outdir` is as it was.
    pub fn build(&self, source: &Source, outdir: &Utf8Path) -> Result<Built, CliError> {
        let log = BuildLog::new(&self.log, source, self.ui, self.options.verbose);
        let mut tree = None;
        self.make(source, outdir, &log, &mut tree).inspect_err(|_| {
            // The first to fail is the cause.
            self.failed.borrow_mut().get_or_insert_with(|| Failed {
                name: log.name().to_owned(),
                output: log.path().to_owned(),
                log: self.log.clone(),
                tree,
            });
        })
    }

    fn make(
        &self,
        source: &Source,
        outdir: &Utf8Path,
        log: &BuildLog<'_>,
        kept: &mut Option<Utf8PathBuf>,
    ) -> Result<Built, CliError> {
        let started = Instant::now();
        let sdist = self.fetch(source, log)?;
        let fetched = match &sdist {
            Some(sdist) => Source::Archive(sdist.path.clone()),
            None => source.clone(),
        };
        let own = self.own_folders(source, outdir)?;
        let own: Vec<&Utf8Path> = own.iter().map(Utf8PathBuf::as_path).collect();
        let mut work = self.ui.step("unpacking the source", || {
            let waiting = &mut || self.ui.note("waiting for another build of the same source");
            let folder = self.session.store.root().join("work");
            WorkTree::create(&folder, &fetched, &own, waiting)
        })?;
        if self.options.keep_work {
            work.keep();
            self.ui.note(&format!("work tree: {}", work.dir()));
        }
        work.keep_if_failed();
        *kept = work.stays().map(Utf8Path::to_owned);
        let (raw, overlaid) = self.back_end(&work, outdir, log)?;
        let finished = wheel::finish(
            &raw,
            &FinishOptions {
                platform_tag: self.platform_tag(),
                ext_suffix: &self.session.cross.ext_suffix,
                epoch: self.options.epoch,
                provenance: &self.provenance(overlaid.applied),
                outdir: &work.dir().join("finished"),
            },
        )?;
        for note in &finished.notes {
            self.ui.note(note);
        }
        let modules = self.check(&finished, outdir)?;
        let wheel = match place(&finished.path, outdir) {
            Ok(wheel) => wheel,
            Err(error) => return Err(self.keep(&finished.path, &error.to_string())),
        };
        if let Some(sdist) = sdist.filter(|_| self.may_share()) {
            let shared = Shared::of(self.session)?;
            // What is as good anywhere comes from the index, unless it is built for being needed.
            if !finished.pure || shared.folder() == outdir {
                let wheel = place(&finished.path, shared.folder())?;
                shared.note(&wheel, &sdist)?;
            }
        }
        let size = fs::metadata(&wheel)
            .map_err(CliError::io("cannot read", wheel.as_path()))?
            .len();
        work.succeeded();
        let outdir = outdir.to_owned();
        Ok(Built {
            wheel,
            outdir,
            size,
            modules,
            time: started.elapsed(),
            source: work,
        })
    }

    /// The folders that are no part of a source though they may lie in it: what emshim and the
    /// tools it calls write to. CI systems can often cache nothing but what lies in the project.
    fn own_folders(
        &self,
        source: &Source,
        outdir: &Utf8Path,
    ) -> Result<Vec<Utf8PathBuf>, CliError> {
        let store = self.session.store.root();
        let real = |path: &Utf8Path| path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
        if let Source::Folder(folder) = source
            && real(folder) == real(store)
        {
            return Err(CliError::Message(format!(
                "the store is the project's own folder, {store}: set EMSHIM_HOME to a folder \
                 below it or elsewhere"
            )));
        }
        let mut own = vec![outdir.to_owned(), store.to_owned(), self.log.clone()];
        if let Ok(path) = std::env::var("TMPDIR")
            && !path.is_empty()
        {
            own.push(absolute(path.as_str().into())?);
        }
        Ok(own)
    }

    /// Installs the wheel in Pyodide as its users do, imports what it holds and gives its top-level modules. A wheel for any
    /// platform is as good as its back end made it, whatever this platform says: then trouble is a
    /// note.
    fn check(&self, finished: &Finished, outdir: &Utf8Path) -> Result<Vec<String>, CliError> {
        let wheel = &finished.path;
        let links = [outdir.to_owned()];
        let cwd = absolute(".".into())?;
        let collect = || self.session.install_for(wheel, &links, &cwd);
        let site = if finished.pure {
            match collect() {
                Ok(site) => site,
                Err(CliError::Resolve(error)) => {
                    self.ui.note(&format!("note: not imported: {error}"));
                    return Ok(Vec::new());
                }
                Err(error) => return Err(error),
            }
        } else {
            let site = self.with_dependencies(&collect)?;
            self.audit(wheel, &site)?;
            site
        };
        let name = wheel.file_name().unwrap_or_default();
        let target = &self.session.target.name;
        let checked = self.ui.step("installing and importing it in Pyodide", || {
            import_check(Check {
                runner: &self.session.runner(),
                wheel,
                site: site.path(),
                micropip: self.micropip.as_deref(),
                env: &self.session.tools.env,
            })
        });
        let checked = match checked {
            Err(CheckError::Refused(why)) => {
                let why = format!("{name} cannot be installed in {target}: micropip says: {why}");
                if finished.pure {
                    self.ui.note(&format!("note: not imported: {why}"));
                    return Ok(Vec::new());
                }
                return Err(self.keep(wheel, &why));
            }
            other => other?,
        };
        let mut broken = Vec::new();
        for Checked { module, verdict } in &checked {
            match verdict {
                Verdict::Imported => {}
                Verdict::Broken(why) if !finished.pure => broken.push(format!("{module}: {why}")),
                Verdict::Broken(why) | Verdict::Doubtful(why) => {
                    self.ui.note(&format!("note: {module}: {why}"));
                }
            }
        }
        if !broken.is_empty() {
            let why = format!("{name} does not import in {target}:\n{}", broken.join("\n"));
            return Err(self.keep(wheel, &why));
        }
        let top = checked
            .into_iter()
            .map(|c| c.module)
            .filter(|m| !m.contains('.'));
        Ok(top.collect())
    }

    /// Holds the wheel's modules against Pyodide's symbols and those of what it requires.
    fn audit(&self, wheel: &Utf8Path, site: &Site) -> Result<(), CliError> {
        let pyodide = &self.session.pyodide;
        let found = self.ui.step("checking its symbols", || {
            audit::wheel(wheel, site.path(), pyodide)
        })?;
        if found.fails() && self.options.audit {
            let name = wheel.file_name().unwrap_or_default();
            let target = &self.session.target.name;
            let why = format!("{name} cannot be loaded in {target} (--no-audit goes on):\n{found}");
            return Err(self.keep(wheel, why.trim_end()));
        }
        if !found.problems.is_empty() {
            self.ui
                .note(&format!("warning: {}", found.to_string().trim_end()));
        }
        Ok(())
    }

    /// The error that ends a build whose wheel is there and cannot be delivered: the wheel is kept.
    fn keep(&self, wheel: &Utf8Path, why: &str) -> CliError {
        let folder = self.session.store.root().join("broken");
        CliError::Message(match place(wheel, &folder) {
            Ok(kept) => format!("{why}\nthe wheel is kept as {kept}"),
            Err(error) => format!("{why}\nthe wheel could not be kept: {error}"),
        })
    }

    /// Whether later builds and runs may be offered the wheel of a project on the index: not with
    /// settings of this command's own. What else makes a wheel, [`Shared`] tells apart.
    fn may_share(&self) -> bool {
        let Options {
            config_settings,
            no_isolation,
            exports,
            legacy_tag,
            ..
        } = self.options;
        config_settings.is_empty() && !no_isolation && exports == DEFAULT_EXPORTS && !legacy_tag
    }

    /// Installs wheels and packages for a run of Python. A dependency that has no wheel for the
    /// target is built first, unless the user does not want that.
    ///
    /// # Errors
    /// Something cannot be had or built for the target.
    pub fn site(&self, wanted: &[String], outdir: &Utf8Path) -> Result<Site, CliError> {
        let cwd = absolute(".".into())?;
        self.with_dependencies(&|| self.session.install(wanted, &[outdir.to_owned()], &cwd))
    }

    /// Collects wheels, and builds those that there are none of for the target.
    fn with_dependencies(
        &self,
        collect: &dyn Fn() -> Result<Site, CliError>,
    ) -> Result<Site, CliError> {
        let mut built = Vec::new();
        loop {
            let found = self.ui.step("collecting what it needs", collect);
            match found {
                Err(CliError::Resolve(ResolveError::NoWheel { requirement, .. }))
                    if self.options.build_dependencies && !built.contains(&requirement) =>
                {
                    self.build_dependency(&requirement)?;
                    built.push(requirement);
                }
                other => return other,
            }
        }
    }

    /// Builds a package for the machine's own use: its wheel is offered to later builds and runs.
    fn build_dependency(&self, requirement: &str) -> Result<(), CliError> {
        let target = &self.session.target;
        self.ui.note(&format!(
            "{requirement} has no wheel for {target}: building it"
        ));
        let options = Options {
            epoch: self.options.epoch,
            ..Options::default()
        };
        let builder = Builder {
            options: &options,
            ..self.clone()
        };
        let project = requirement.split(';').next().unwrap_or(requirement).trim();
        let shared = Shared::of(self.session)?;
        builder
            .build(&Source::Project(project.to_owned()), shared.folder())
            .map(drop)
    }

    /// The sdist of a project on the index; any other source is here.
    fn fetch(&self, source: &Source, log: &BuildLog<'_>) -> Result<Option<Fetched>, CliError> {
        let Source::Project(requirement) = source else {
            return Ok(None);
        };
        let folder = self.session.store.root().join("sdists");
        let step = format!("downloading {requirement}");
        let fetched = self.ui.step(&step, || {
            log.with(|output| source::fetch(&self.session.tools, requirement, &folder, output))
        })?;
        if let Some(yanked) = &fetched.yanked {
            self.ui.note(&format!("warning: {yanked}"));
        }
        if !fetched.verified {
            let name = fetched.path.file_name().unwrap_or_default();
            self.ui
                .note(&format!("warning: the index names no checksum for {name}"));
        }
        Ok(Some(fetched))
    }

    /// Calls the build back end. The wheel is as the back end left it.
    fn back_end(
        &self,
        work: &WorkTree,
        outdir: &Utf8Path,
        log: &BuildLog<'_>,
    ) -> Result<(Utf8PathBuf, Overlaid), CliError> {
        let isolation = if self.options.no_isolation {
            Isolation::Shared {
                python: self.shared_python()?,
                skip_dependency_check: self.options.skip_dependency_check,
            }
        } else {
            Isolation::Isolated
        };
        let build = Build {
            tools: &self.session.tools,
            source: work.source(),
            work: work.dir(),
            isolation: &isolation,
            config_settings: &self.options.config_settings,
        };
        let (prepared, overlaid) = self.requirements(&build, outdir, log)?;
        let mut variables = Environment::of_tools(&self.shim_dir, &self.config).0;
        variables.push(("EMSHIM_EXPORTS".into(), self.options.exports.clone()));
        variables.push(("EMSHIM_BUILD_PYTHON".into(), prepared.python.to_string()));
        variables.push((BUILD.into(), log.name().into()));
        // A relative one would be another folder for every call.
        variables.push((LOG.into(), self.log.to_string()));
        variables.extend(self.options.launcher.clone());
        let pkg_config: Vec<&str> = overlaid.pkg_config.iter().map(|p| p.as_str()).collect();
        variables.push(("EM_PKG_CONFIG_PATH".into(), pkg_config.join(":")));
        let cross = CrossTools {
            python: &self.session.cross,
            path: std::slice::from_ref(&self.shim_dir),
            variables: &variables,
            meson_cross: &self.config.meson_cross,
        };
        let raw = self
            .ui
            .step("building", || {
                log.with(|output| build.wheel(&prepared, &cross, output))
            })
            .inspect_err(|_| log.show_tail())?;
        Ok((raw, overlaid))
    }

    /// The interpreter whose environment `--no-isolation` means: the active one, else the first of
    /// the target's minor version on PATH.
    fn shared_python(&self) -> Result<Utf8PathBuf, CliError> {
        let minor = self.session.target.abi.python;
        let active = std::env::var("VIRTUAL_ENV").ok();
        let active = active.map(|dir| Utf8PathBuf::from(dir).join("bin/python"));
        let candidates = match active {
            Some(python) => vec![python],
            None => provision::Env::capture().programs(&format!("python{minor}")),
        };
        let fits = |python: &&Utf8PathBuf| minor_version(python).as_deref() == Some(minor);
        candidates.iter().find(fits).cloned().ok_or_else(|| {
            CliError::Message(format!(
                "--no-isolation needs an environment of Python {minor}: activate one, or put \
                 python{minor} in PATH (looked at: {})",
                candidates
                    .iter()
                    .map(|p| p.as_str())
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
        })
    }

    /// Installs the build requirements for the host, and over them the headers and libraries of
    /// those that must also exist for the target. What has no wheel for the target in `outdir` or
    /// the store is built first, unless the user does not want that.
    fn requirements(
        &self,
        build: &Build<'_>,
        outdir: &Utf8Path,
        log: &BuildLog<'_>,
    ) -> Result<(Prepared, Overlaid), CliError> {
        let prepared = self
            .ui
            .step("installing build requirements", || {
                log.with(|output| build.prepare(&[], output))
            })
            .inspect_err(|_| log.show_tail())?;
        let Some(site) = &prepared.site else {
            return Ok((prepared, Overlaid::default()));
        };
        let target = &self.session.target;
        let shared = Shared::of(self.session)?;
        shared.sweep();
        let folders = [outdir.to_owned(), shared.folder().to_owned()];
        let needs = overlay::needs(site)?;
        let wanted: Vec<(&str, &str)> = needs
            .iter()
            .map(|need| (need.project.as_str(), need.version.as_str()))
            .collect();
        let used = shared.wheels_of(&wanted);
        log.with(|output| {
            let sdists = self.session.store.root().join("sdists");
            shared.outdated(&used, &self.session.tools, &sdists, output.log)
        });
        let overlaid = match overlay::overlay(site, &needs, &folders, target) {
            Err(OverlayError::Missing { missing }) if self.options.build_dependencies => {
                for Missing { need, .. } in &missing {
                    self.build_dependency(&format!("{}=={}", need.project, need.version))?;
                }
                overlay::overlay(site, &needs, &folders, target)?
            }
            other => other?,
        };
        Ok((prepared, overlaid))
    }

    fn provenance(&self, target_requirements: Vec<String>) -> Provenance {
        let target = &self.session.target;
        Provenance {
            emshim: env!("CARGO_PKG_VERSION").into(),
            target: target.name.to_string(),
            abi: target.abi.name.into(),
            python: self.session.cross.version.clone(),
            emscripten: self.session.emscripten.version.clone(),
            emscripten_fit: self.session.fit.name().into(),
            target_requirements,
        }
    }

    fn platform_tag(&self) -> &str {
        let tags = &self.session.tags;
        if self.options.legacy_tag {
            tags.legacy()
        } else {
            tags.own()
        }
    }
}

/// An interpreter's minor version, such as `3.13`, if it runs.
fn minor_version(python: &Utf8Path) -> Option<String> {
    let print = "import sys; print('%d.%d' % sys.version_info[:2])";
    let output = Command::new(python)
        .args(["-I", "-c", print])
        .output()
        .ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Puts a copy of a file into a folder, whole or not at all.
fn place(file: &Utf8Path, folder: &Utf8Path) -> Result<Utf8PathBuf, CliError> {
    let to = folder.join(file.file_name().unwrap_or_default());
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        // With the permissions of any new file; the default is for the owner's eyes only.
        let mut temporary = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        std::io::copy(&mut fs::File::open(file)?, &mut temporary)?;
        temporary.persist(&to)?;
        Ok(())
    };
    copy().map_err(CliError::io("cannot write", to.as_path()))?;
    Ok(to)
}
