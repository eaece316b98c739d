//! What a finished wheel must pass before it is placed: it installs, imports and finds its symbols.

use camino::Utf8Path;
use pyodide_wheel::import_check::{Check, CheckError, Checked, Verdict, import_check};
use pyodide_wheel::site::Site;
use pyodide_wheel::wheel::Finished;

use super::Builder;
use crate::audit;
use crate::error::WheelBuildError;
use crate::files::{absolute, place};

impl Builder<'_> {
    /// Installs the wheel in Pyodide as its users do, imports what it holds and gives its top-level modules. A wheel for any
    /// platform is as good as its back end made it, whatever this platform says: then trouble is a
    /// note.
    pub(super) fn check(
        &self,
        finished: &Finished,
        outdir: &Utf8Path,
    ) -> Result<Vec<String>, WheelBuildError> {
        let wheel = &finished.path;
        let links = [outdir.to_owned()];
        let cwd = absolute(".".into())?;
        let collect = || self.session.install_for(wheel, &links, &cwd);
        let site = if finished.pure {
            match collect() {
                Ok(site) => site,
                Err(WheelBuildError::Resolve(error)) => {
                    self.progress.note(&format!("note: not imported: {error}"));
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
        let checked = self
            .progress
            .step("installing and importing it in Pyodide", || {
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
                    self.progress.note(&format!("note: not imported: {why}"));
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
                    self.progress.note(&format!("note: {module}: {why}"));
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
    fn audit(&self, wheel: &Utf8Path, site: &Site) -> Result<(), WheelBuildError> {
        let pyodide = &self.session.pyodide;
        let found = self.progress.step("checking its symbols", || {
            audit::wheel(wheel, site.path(), pyodide)
        })?;
        if found.fails() && self.options.audit {
            let name = wheel.file_name().unwrap_or_default();
            let target = &self.session.target.name;
            let why = format!("{name} cannot be loaded in {target} (--no-audit goes on):\n{found}");
            return Err(self.keep(wheel, why.trim_end()));
        }
        if !found.problems.is_empty() {
            self.progress
                .note(&format!("warning: {}", found.to_string().trim_end()));
        }
        Ok(())
    }

    /// The error that ends a build whose wheel is there and cannot be delivered: the wheel is kept.
    pub(super) fn keep(&self, wheel: &Utf8Path, why: &str) -> WheelBuildError {
        let folder = self.session.store.broken();
        WheelBuildError::Message(match place(wheel, &folder) {
            Ok(kept) => format!("{why}\nthe wheel is kept as {kept}"),
            Err(error) => format!("{why}\nthe wheel could not be kept: {error}"),
        })
    }
}
