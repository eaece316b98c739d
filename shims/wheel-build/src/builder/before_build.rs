//! Commands of the project's that come before its build.

use camino::Utf8Path;
use pyodide_wheel::source::WorkTree;

use super::{Builder, Chosen};
use crate::build_log::BuildLog;
use crate::error::WheelBuildError;
use crate::rust::Settings;

impl Builder<'_> {
    /// Runs them in the copy of the source, with the shims first in PATH.
    pub(super) fn before_build(
        &self,
        work: &WorkTree,
        chosen: &Chosen,
        libraries: Option<&Utf8Path>,
        log: &BuildLog<'_>,
    ) -> Result<(), WheelBuildError> {
        let tools = chosen.tools(self.session);
        let own = self.variables(chosen, libraries, &Settings::default(), work, log);
        chosen.check_free(&own)?;
        for command in chosen.before_build(work.source()) {
            let mut environment = tools.env.clone();
            environment.extend(own.iter().map(|(name, value)| (name.into(), value.into())));
            let path = std::env::var("PATH").unwrap_or_default();
            environment.insert("PATH".into(), format!("{}:{path}", self.shim_dir).into());
            let words = ["/bin/sh", "-c", &command].map(str::to_owned);
            let step = format!("before-build: {command}");
            let status = self
                .progress
                .step(&step, || log.run(&words, work.source(), environment))
                .map_err(WheelBuildError::io("cannot run", Utf8Path::new("/bin/sh")))?;
            if !status.success() {
                log.show_tail();
                return Err(WheelBuildError::Message(format!(
                    "`before-build` failed ({status}): {command}\nthe whole output is in {}",
                    log.path()
                )));
            }
        }
        Ok(())
    }
}
