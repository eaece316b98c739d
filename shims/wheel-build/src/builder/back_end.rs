//! The build requirements, and the call of the build back end.

use std::ffi::OsStr;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use pyodide_wheel::overlay::{self, Missing, Overlaid, OverlayError};
use pyodide_wheel::pep517::{Build, CrossTools, Isolation, Prepared};
use pyodide_wheel::source::WorkTree;
use toolcall::variables::{BUILD, LIBRARIES, LOG};

use super::{Builder, Chosen, Made};
use crate::build_log::BuildLog;
use crate::environment::{Environment, notices};
use crate::error::WheelBuildError;
use crate::rust::{self, Given, Place, Settings};
use crate::shared_wheels::SharedWheels;

/// emcc's variable for further folders of `.pc` files.
const PKG_CONFIG: &str = "EM_PKG_CONFIG_PATH";

impl Builder<'_> {
    /// Calls the build back end. The wheel is as the back end left it.
    pub(super) fn back_end(
        &self,
        work: &WorkTree,
        outdir: &Utf8Path,
        chosen: &Chosen,
        libraries: Option<&Utf8Path>,
        log: &BuildLog<'_>,
    ) -> Result<Made, WheelBuildError> {
        let tools = chosen.tools(self.session);
        let config_settings = chosen.config_settings(work.source());
        let isolation = if self.options.no_isolation {
            Isolation::Shared {
                python: self.shared_python()?,
                skip_dependency_check: self.options.skip_dependency_check,
            }
        } else {
            Isolation::Isolated
        };
        let build = Build {
            tools: &tools,
            source: work.source(),
            work: work.dir(),
            isolation: &isolation,
            config_settings: &config_settings,
        };
        let prepared = self
            .progress
            .step("installing build requirements", || {
                log.with(|output| build.prepare(&[], output))
            })
            .inspect_err(|_| log.show_tail())?;
        let mut overlaid = self.target_files(&prepared, outdir, log)?;
        let given = chosen.given(self.session);
        let mut settings = self.rust(&prepared.requirements, work, &given)?;
        // The back end may compile, and run all of `setup.py`, to say what it needs.
        let path = tools
            .env
            .get(OsStr::new("PATH"))
            .and_then(|path| path.to_str());
        let bin = prepared.python.parent().unwrap_or(work.dir());
        let systems = self.build_systems(work.source(), bin, path.unwrap_or_default());
        let variables = |overlaid: &Overlaid, settings: &Settings| {
            let mut all = self.variables(chosen, libraries, settings, work, log);
            all.extend(prepared_variables(&prepared, overlaid));
            chosen.check_free(&all)?;
            all.extend(systems.clone());
            Ok::<_, WheelBuildError>(all)
        };
        let own = variables(&overlaid, &settings)?;
        let modules = self.shim_dir.join(cmake_toolchain::PYTHON_DIR);
        let path = self.path_first(&settings);
        let more = self
            .progress
            .step("asking the back end", || {
                log.with(|output| build.ask(&prepared, &self.cross(&modules, &path, &own), output))
            })
            .inspect_err(|_| log.show_tail())?;
        if !more.is_empty() {
            overlaid = self.target_files(&prepared, outdir, log)?;
        }
        if settings.rust.is_none() {
            settings = self.rust(&more, work, &given)?;
        }
        let own = variables(&overlaid, &settings)?;
        if settings.rust.is_some() {
            rust::note_overridden(&own, &given, self.progress);
        }
        let path = self.path_first(&settings);
        let raw = self
            .progress
            .step("building", || {
                log.with(|output| {
                    build.wheel(&prepared, &self.cross(&modules, &path, &own), output)
                })
            })
            .inspect_err(|_| {
                log.show_tail();
                let rust = settings.rust.as_ref();
                if let Some(why) = rust.and_then(|rust| rust::explain(&log.text(), rust)) {
                    self.progress.note(&why);
                }
            })?;
        Ok(Made {
            raw,
            overlaid,
            rust: settings.rust,
        })
    }

    fn cross<'c>(
        &'c self,
        modules: &'c Utf8Path,
        path: &'c [Utf8PathBuf],
        variables: &'c [(String, String)],
    ) -> CrossTools<'c> {
        CrossTools {
            python: &self.session.cross,
            modules,
            path,
            variables,
            meson_cross: &self.config.meson_cross,
        }
    }

    /// Folders that come first in the back end's PATH: the shims, then cargo and rustc.
    fn path_first(&self, settings: &Settings) -> Vec<Utf8PathBuf> {
        let rust = settings.rust.as_ref().map(|rust| rust.bin.clone());
        std::iter::once(self.shim_dir.clone()).chain(rust).collect()
    }

    /// The Rust that the source is compiled by, if its requirements or its manifest ask for one, and
    /// the user's settings of cargo.
    fn rust(
        &self,
        requirements: &[String],
        work: &WorkTree,
        given: &Given,
    ) -> Result<Settings, WheelBuildError> {
        let (store, source) = (&self.session.store, work.source());
        let rust = match rust::needed(requirements, source) {
            None => None,
            Some(why) => {
                let found = rust::provide(self.session, &why, self.progress)?;
                self.session.usage.add(&[&found.bin]);
                let (version, origin) = (&found.version, &found.origin);
                self.progress.note(&format!("Rust {version} ({origin})"));
                rust::note_pinned(source, &found, self.progress);
                Some(found)
            }
        };
        Settings::of(store, rust, source, given)
    }

    /// What the shims and build systems of this build find in their environment.
    pub(super) fn variables(
        &self,
        chosen: &Chosen,
        libraries: Option<&Utf8Path>,
        settings: &Settings,
        work: &WorkTree,
        log: &BuildLog<'_>,
    ) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let place = Place {
            shims: &self.shim_dir,
            config: &self.config,
            settings,
            work: Some(work.dir()),
        };
        let mut variables = Environment::of_tools(&place, &path).0;
        variables.extend(chosen.for_shims());
        variables.push((BUILD.into(), log.name().into()));
        variables.push(notices());
        // A relative one would be another folder for every call.
        variables.push((LOG.into(), self.log.to_string()));
        variables.extend(self.options.launcher.clone());
        let libraries = libraries.map_or("", Utf8Path::as_str);
        variables.push((LIBRARIES.into(), libraries.into()));
        variables
    }

    /// The interpreter whose environment `--no-isolation` means: the active one, else the first of
    /// the target's minor version on PATH.
    fn shared_python(&self) -> Result<Utf8PathBuf, WheelBuildError> {
        let minor = self.session.target.abi.python;
        let active = std::env::var("VIRTUAL_ENV").ok();
        let active = active.map(|dir| Utf8PathBuf::from(dir).join("bin/python"));
        let candidates = match active {
            Some(python) => vec![python],
            None => provision::Env::capture().programs(&format!("python{minor}")),
        };
        let fits = |python: &&Utf8PathBuf| minor_version(python).as_deref() == Some(minor);
        candidates.iter().find(fits).cloned().ok_or_else(|| {
            WheelBuildError::Message(format!(
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

    /// Puts the headers and libraries of those build requirements that must also exist for the
    /// target over the host's. What has no wheel for the target in `outdir` or the store is built
    /// first, unless the user does not want that.
    fn target_files(
        &self,
        prepared: &Prepared,
        outdir: &Utf8Path,
        log: &BuildLog<'_>,
    ) -> Result<Overlaid, WheelBuildError> {
        let Some(site) = &prepared.site else {
            return Ok(Overlaid::default());
        };
        let target = &self.session.target;
        let shared = SharedWheels::of(self.session)?;
        shared.sweep();
        let folders = [outdir.to_owned(), shared.folder().to_owned()];
        let needs = overlay::needs(site)?;
        let wanted: Vec<(&str, &str)> = needs
            .iter()
            .map(|need| (need.project.as_str(), need.version.as_str()))
            .collect();
        let used = shared.wheels_of(&wanted);
        log.with(|output| {
            let sdists = self.session.store.sdists();
            shared.outdated(&used, &self.session.tools, &sdists, output.log)
        });
        Ok(match overlay::overlay(site, &needs, &folders, target) {
            Err(OverlayError::Missing { missing }) if self.options.build_dependencies => {
                for Missing { need, .. } in &missing {
                    self.build_dependency(&format!("{}=={}", need.project, need.version))?;
                }
                overlay::overlay(site, &needs, &folders, target)?
            }
            other => other?,
        })
    }
}

/// What the build requirements add to the environment.
fn prepared_variables(prepared: &Prepared, overlaid: &Overlaid) -> [(String, String); 2] {
    // The user's own come before those of the build requirements.
    let users = std::env::var(PKG_CONFIG).unwrap_or_default();
    let mut pkg_config: Vec<&str> = users.split(':').filter(|p| !p.is_empty()).collect();
    pkg_config.extend(overlaid.pkg_config.iter().map(|p| p.as_str()));
    [
        ("EMSHIM_BUILD_PYTHON".into(), prepared.python.to_string()),
        (PKG_CONFIG.into(), pkg_config.join(":")),
    ]
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
