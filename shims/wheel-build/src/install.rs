//! Wheels and packages for one run of Python: those of the index, those the user names, and those that
//! this machine has built.

use camino::{Utf8Path, Utf8PathBuf};
use provision::LEASE;
use pyodide_wheel::describe::Described;
use pyodide_wheel::python::Output;
use pyodide_wheel::resolve::{Collected, Resolver};
use pyodide_wheel::site::Site;

use crate::error::WheelBuildError;
use crate::session::Session;
use crate::shared_wheels::SharedWheels;

impl Session {
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
    ) -> Result<Site, WheelBuildError> {
        let wheels = self.collect(requirements, find_links, cwd)?;
        Ok(Site::install(&wheels, &self.store.sites())?)
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
    ) -> Result<Site, WheelBuildError> {
        let wheels = self.collect(&[wheel.to_string()], find_links, cwd)?;
        let others = wheels.iter().filter(|w| w.file_name() != wheel.file_name());
        let others: Vec<_> = others.cloned().collect();
        Ok(Site::install(&others, &self.store.sites())?)
    }

    /// What is installed for these requirements, described: the wheels and all they need.
    ///
    /// # Errors
    /// As for [`install`](Self::install), or a wheel has no usable metadata.
    pub fn describe(
        &self,
        requirements: &[String],
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Vec<Described>, WheelBuildError> {
        let wheels = self.collect(requirements, find_links, cwd)?;
        let log = self.install_log();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        Ok(self
            .resolver(find_links)
            .describe(&wheels, requirements, &mut output)?)
    }

    fn collect(
        &self,
        requirements: &[String],
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Collected, WheelBuildError> {
        let shared = SharedWheels::of(self)?;
        shared.sweep();
        let mut folders = find_links.to_vec();
        folders.push(shared.folder().to_owned());
        let resolver = self.resolver(&folders);
        for folder in [self.store.downloads(), self.store.sites()] {
            sweep(&folder);
        }
        let log = self.install_log();
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let downloads = self.store.downloads();
        let wheels = resolver.collect(requirements, cwd, &downloads, &mut output)?;
        let names: Vec<&str> = wheels
            .iter()
            .filter_map(|wheel| wheel.file_name())
            .collect();
        let sdists = self.store.sdists();
        Ok(if shared.outdated(&names, &self.tools, &sdists, &log) {
            resolver.collect(requirements, cwd, &downloads, &mut output)?
        } else {
            wheels
        })
    }

    pub(crate) fn resolver<'a>(&'a self, find_links: &'a [Utf8PathBuf]) -> Resolver<'a> {
        Resolver {
            tools: &self.tools,
            target: &self.target,
            lock: &self.lock,
            tags: &self.tags,
            find_links,
        }
    }

    fn install_log(&self) -> Utf8PathBuf {
        self.store.log().join("install.log")
    }
}

/// Removes what killed runs left in a folder of the store: a killed process cannot, and no run
/// lasts as long as a [`LEASE`]. Failing to remove one is ignored.
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
