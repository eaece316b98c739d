//! What a build or a run needs beside its own wheel, built where there is no wheel of it.

use camino::Utf8Path;
use pyodide_wheel::resolve::ResolveError;
use pyodide_wheel::site::Site;
use pyodide_wheel::source::Source;

use super::{Builder, Options};
use crate::error::WheelBuildError;
use crate::files::absolute;
use crate::shared_wheels::SharedWheels;

impl Builder<'_> {
    /// Installs wheels and packages for a run of Python. A dependency that has no wheel for the
    /// target is built first, unless the user does not want that.
    ///
    /// # Errors
    /// Something cannot be had or built for the target.
    pub fn site(&self, wanted: &[String], outdir: &Utf8Path) -> Result<Site, WheelBuildError> {
        let cwd = absolute(".".into())?;
        self.with_dependencies(&|| self.session.install(wanted, &[outdir.to_owned()], &cwd))
    }

    /// Collects wheels, and builds those that there are none of for the target.
    pub(super) fn with_dependencies(
        &self,
        collect: &dyn Fn() -> Result<Site, WheelBuildError>,
    ) -> Result<Site, WheelBuildError> {
        let mut built = Vec::new();
        loop {
            let found = self.progress.step("collecting what it needs", collect);
            match found {
                Err(WheelBuildError::Resolve(ResolveError::NoWheel { requirement, .. }))
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
    pub(super) fn build_dependency(&self, requirement: &str) -> Result<(), WheelBuildError> {
        let target = &self.session.target;
        self.progress.note(&format!(
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
        let shared = SharedWheels::of(self.session)?;
        builder
            .build(&Source::Project(project.to_owned()), shared.folder())
            .map(drop)
    }
}
