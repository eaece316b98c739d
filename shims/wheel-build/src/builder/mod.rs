//! From a source to a finished wheel that was imported in Pyodide.

mod back_end;
mod before_build;
mod build_systems;
mod chosen;
mod delivery;
mod dependencies;
mod failed_calls;
mod libraries;
mod repair;
mod smaller;

use std::cell::RefCell;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use configuration::{Files, Given};
use provision::{Progress, Rust};
use pyodide_wheel::overlay::Overlaid;
use pyodide_wheel::source::{self, Fetched, Source, WorkTree};
use pyodide_wheel::wheel::{self, FinishOptions, Provenance};
use toolcall::config::ShimConfig;
use toolcall::variables::LOG;

use crate::build_log::{self, BuildLog};
use crate::error::WheelBuildError;
use crate::files::{absolute, place};
use crate::session::Session;
use crate::shared_wheels::{self, SharedWheels};

pub use chosen::Chosen;

/// What the user chose for a build.
#[derive(Debug, Clone)]
pub struct Options {
    /// What options, variables and defaults say of what a project's files may say too.
    pub given: Given,
    /// The files whose settings count.
    pub files: Files,
    /// Build in the environment of the interpreter on PATH.
    pub no_isolation: bool,
    /// Do not check that build requirements are there.
    pub skip_dependency_check: bool,
    /// The variable that names what goes in front of the compiler.
    pub launcher: Option<(String, String)>,
    /// `SOURCE_DATE_EPOCH`, if it is set: seconds since 1970.
    pub epoch: Option<i64>,
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
            given: Given::default(),
            files: Files::Project,
            no_isolation: false,
            skip_dependency_check: false,
            launcher: None,
            epoch: None,
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
    pub(super) progress: &'a dyn Progress,
    options: &'a Options,
    shim_dir: Utf8PathBuf,
    config: ShimConfig,
    /// By which users of the target install wheels.
    micropip: Option<Utf8PathBuf>,
    /// Folder of the records and of the tools' output.
    log: Utf8PathBuf,
    /// SharedWheels with the builders of dependencies: what failed may be one of those.
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

/// What the back end gave.
struct Made {
    /// The wheel, as it left it.
    raw: Utf8PathBuf,
    /// Build requirements whose target files were used.
    overlaid: Overlaid,
    /// The Rust that was in use.
    rust: Option<Rust>,
}

/// A built wheel.
pub struct Built {
    /// The file.
    pub wheel: Utf8PathBuf,
    /// The archive with the tests that it does without.
    pub tests: Option<Utf8PathBuf>,
    /// The folder it was placed in.
    pub outdir: Utf8PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// Top-level modules that were imported.
    pub modules: Vec<String>,
    /// Whether it has anything that is compiled.
    pub compiled: bool,
    /// What compiles and links were to make and none did, though the build went on: it may lack modules.
    pub unmade: Vec<String>,
    /// What counted for it.
    pub chosen: Chosen,
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
    pub fn new(
        session: &'a Session,
        progress: &'a dyn Progress,
        options: &'a Options,
    ) -> Result<Self, WheelBuildError> {
        let (shim_dir, config) = session.shims()?;
        let log = match std::env::var(LOG) {
            Ok(folder) if !folder.is_empty() => absolute(Utf8Path::new(&folder))?,
            _ => session.store.log(),
        };
        Ok(Self {
            session,
            progress,
            options,
            shim_dir,
            config,
            // Now, not when the wheel is there and its last test cannot be made.
            micropip: session.micropip(progress)?,
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
    pub fn build(&self, source: &Source, outdir: &Utf8Path) -> Result<Built, WheelBuildError> {
        build_log::mark(&self.log);
        let log = BuildLog::new(&self.log, source, self.progress, self.options.verbose);
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
    ) -> Result<Built, WheelBuildError> {
        let started = Instant::now();
        let sdist = self.fetch(source, log)?;
        let fetched = match &sdist {
            Some(sdist) => Source::Archive(sdist.path.clone()),
            None => source.clone(),
        };
        let own = self.own_folders(source, outdir)?;
        let own: Vec<&Utf8Path> = own.iter().map(Utf8PathBuf::as_path).collect();
        let mut work = self.progress.step("unpacking the source", || {
            let waiting = &mut || {
                self.progress
                    .note("waiting for another build of the same source")
            };
            let folder = self.session.store.work();
            WorkTree::create(&folder, &fetched, &own, waiting)
        })?;
        if self.options.keep_work {
            work.keep();
            self.progress.note(&format!("work tree: {}", work.dir()));
        }
        work.keep_if_failed();
        *kept = work.stays().map(Utf8Path::to_owned);
        let chosen = self.chosen(&fetched, work.source())?;
        let libraries = self.libraries(work.source(), &chosen)?;
        self.before_build(&work, &chosen, libraries.as_deref(), log)?;
        let Made {
            raw,
            overlaid,
            rust,
        } = self.back_end(&work, outdir, &chosen, libraries.as_deref(), log)?;
        let unmade = self.note_failed_calls(log);
        let exclude = chosen.exclude()?;
        let finished = wheel::finish(
            &raw,
            &FinishOptions {
                platform_tag: self.platform_tag(&chosen),
                ext_suffix: &self.session.cross.ext_suffix,
                epoch: self.options.epoch,
                provenance: &self.provenance(overlaid.applied, rust.as_ref()),
                work: work.dir(),
                exclude: &|path| exclude.takes(path),
                strip: chosen.strip(),
                outdir: &work.dir().join("finished"),
            },
        )?;
        exclude.note_idle(self.progress);
        for note in &finished.notes {
            self.progress.note(note);
        }
        if !finished.pure {
            self.repair(&finished.path, &chosen, libraries.as_deref())?;
        }
        self.make_smaller(&finished, &chosen, work.dir())?;
        let modules = self.check(&finished, outdir, rust.is_some())?;
        let tests = finished.tests.as_ref().map(|tests| place(tests, outdir));
        let tests = tests.transpose()?;
        let wheel = match place(&finished.path, outdir) {
            Ok(wheel) => wheel,
            Err(error) => return Err(self.keep(&finished.path, &error.to_string())),
        };
        if let Some(sdist) = sdist.filter(|_| self.may_share(rust.as_ref(), &chosen)) {
            let shared = SharedWheels::of(self.session)?;
            // What is as good anywhere comes from the index, unless it is built for being needed.
            if !finished.pure || shared.folder() == outdir {
                let wheel = place(&finished.path, shared.folder())?;
                shared.note(&wheel, &sdist)?;
            }
        }
        let size = fs::metadata(&wheel)
            .map_err(WheelBuildError::io("cannot read", wheel.as_path()))?
            .len();
        work.succeeded();
        let outdir = outdir.to_owned();
        Ok(Built {
            wheel,
            tests,
            outdir,
            size,
            modules,
            compiled: finished.compiled,
            unmade,
            chosen,
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
    ) -> Result<Vec<Utf8PathBuf>, WheelBuildError> {
        let store = self.session.store.root();
        let real = |path: &Utf8Path| path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
        if let Source::Folder(folder) = source
            && real(folder) == real(store)
        {
            return Err(WheelBuildError::Message(format!(
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

    /// The sdist of a project on the index; any other source is here.
    fn fetch(
        &self,
        source: &Source,
        log: &BuildLog<'_>,
    ) -> Result<Option<Fetched>, WheelBuildError> {
        let Source::Project(requirement) = source else {
            return Ok(None);
        };
        let folder = self.session.store.sdists();
        let step = format!("downloading {requirement}");
        let fetched = self.progress.step(&step, || {
            log.with(|output| source::fetch(&self.session.tools, requirement, &folder, output))
        })?;
        if let Some(yanked) = &fetched.yanked {
            self.progress.note(&format!("warning: {yanked}"));
        }
        if !fetched.verified {
            let name = fetched.path.file_name().unwrap_or_default();
            self.progress
                .note(&format!("warning: the index names no checksum for {name}"));
        }
        Ok(Some(fetched))
    }

    /// Whether later builds and runs may be offered the wheel of a project on the index: not with
    /// settings of this command's own. What else makes a wheel, [`SharedWheels`] tells apart.
    ///
    /// What the sdist's own files say is part of the sdist, whose checksum is held against the index.
    fn may_share(&self, rust: Option<&Rust>, chosen: &Chosen) -> bool {
        let Options {
            given,
            files,
            no_isolation,
            ..
        } = self.options;
        // The user's own Rust is no part of what names the folder of shared wheels.
        rust.is_none_or(Rust::is_own)
            && !no_isolation
            && *files == Files::Project
            && !given.makes_another_wheel()
            // The name of the folder tells all other variables apart.
            && chosen.set_by_caller().all(|name| shared_wheels::decides(name.as_ref()))
    }

    fn provenance(&self, target_requirements: Vec<String>, rust: Option<&Rust>) -> Provenance {
        let target = &self.session.target;
        Provenance {
            emshim: env!("CARGO_PKG_VERSION").into(),
            target: target.name.to_string(),
            abi: target.abi.name.into(),
            python: self.session.cross.version.clone(),
            emscripten: self.session.emscripten.version.clone(),
            emscripten_fit: self.session.fit.name().into(),
            rust: rust.map(|rust| rust.version.clone()),
            target_requirements,
        }
    }

    fn platform_tag(&self, chosen: &Chosen) -> &str {
        let tags = &self.session.tags;
        if chosen.legacy_tag() {
            tags.legacy()
        } else {
            tags.own()
        }
    }
}
