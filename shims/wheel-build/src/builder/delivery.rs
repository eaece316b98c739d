//! What a finished wheel must pass before it is placed: it installs, imports and finds its symbols.

use camino::Utf8Path;
use pyodide_wheel::import_check::{Check, CheckError, Checked, Verdict, import_check};
use pyodide_wheel::site::Site;
use pyodide_wheel::wheel::Finished;

use super::Builder;
use crate::audit;
use crate::error::WheelBuildError;
use crate::files::{absolute, place};
use crate::rust;

/// Said of a module of Rust that asks for what nobody has.
const LEFT_OUT: &str = "a native library of one of its crates was left out of the link: look in the output of the \
     crate's build script for what it did not find, and for a feature (`vendored`, `bundled`) that \
     compiles it\n";

impl Builder<'_> {
    /// Installs the wheel in Pyodide as its users do, imports what it holds and gives its top-level modules. A wheel for any
    /// platform is as good as its back end made it, whatever this platform says: then trouble is a
    /// note.
    pub(super) fn check(
        &self,
        finished: &Finished,
        outdir: &Utf8Path,
        rust: bool,
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
            self.audit(wheel, &site, rust)?;
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
            let broken = broken.join("\n");
            let remedy = rust.then(|| rust::explain_import(&broken)).flatten();
            let remedy = remedy.map(|text| format!("\n{text}")).unwrap_or_default();
            let why = format!("{name} does not import in {target}:\n{broken}{remedy}");
            return Err(self.keep(wheel, &why));
        }
        let top = checked
            .into_iter()
            .map(|c| c.module)
            .filter(|m| !m.contains('.'));
        Ok(top.collect())
    }

    /// Holds the wheel's modules against Pyodide's symbols and those of what it requires.
    ///
    /// What a module of Rust asks for and nobody has is, nearly always, of a native library that its
    /// build left out: rustc would have dropped what nothing calls.
    fn audit(&self, wheel: &Utf8Path, site: &Site, rust: bool) -> Result<(), WheelBuildError> {
        let pyodide = &self.session.pyodide;
        let found = self.progress.step("checking its symbols", || {
            audit::wheel(wheel, site.path(), pyodide)
        })?;
        let left_out = rust && found.is_incomplete();
        if (found.fails() || left_out) && self.options.audit {
            let name = wheel.file_name().unwrap_or_default();
            let target = &self.session.target.name;
            let why = format!(
                "{name} cannot be loaded in {target} (--no-audit goes on):\n{found}{}",
                if left_out { LEFT_OUT } else { "" }
            );
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
