//! The wheels that are published together: those the user names, and all they need.

use camino::{Utf8Path, Utf8PathBuf};
use pyodide_wheel::describe::Described;
use pyodide_wheel::wheel::{WheelName, normalise};
use wheel_build::error::WheelBuildError;
use wheel_build::session::Session;

use crate::draft::Draft;
use crate::lock_file;

/// The lock file's name, as Pyodide looks for it.
pub const LOCK: &str = "pyodide-lock.json";

/// Wheels that are published together.
#[derive(Debug)]
pub struct Packages {
    /// Every wheel, sorted by its project's name.
    pub all: Vec<Described>,
    /// Normalised names of the projects that the user named, in that order.
    pub named: Vec<String>,
}

impl Packages {
    /// The wheels that these requirements come to for a session's target: paths of wheels and
    /// packages by name, from the index that pip is configured for. `further` are wanted as well,
    /// but not named by the user.
    ///
    /// # Errors
    /// Something has no wheel for the target, is for another one, or has no usable metadata.
    pub fn collect(
        session: &Session,
        requirements: &[String],
        further: &[String],
        find_links: &[Utf8PathBuf],
        cwd: &Utf8Path,
    ) -> Result<Self, WheelBuildError> {
        let mut named: Vec<String> = Vec::new();
        for requirement in requirements {
            let name = project(requirement)?;
            // One that is for another target is refused below, for that.
            if named.contains(&name) && is_taken(session, requirement) {
                return Err(WheelBuildError::Message(format!(
                    "{requirement} is the second of {name}: name one wheel of a project"
                )));
            }
            named.push(name);
        }
        let further = further
            .iter()
            .filter(|one| project(one).is_ok_and(|name| !named.contains(&name)));
        let all: Vec<String> = requirements.iter().chain(further).cloned().collect();
        let all = session.describe(&all, find_links, cwd)?;
        let packages = Self { all, named };
        packages.check()?;
        Ok(packages)
    }

    /// The package of a project.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Described> {
        self.all.iter().find(|package| package.name == name)
    }

    /// Writes the wheels and their lock file into a folder of a draft; `release` is the text of the
    /// lock file of the release they are for.
    ///
    /// # Errors
    /// The release's lock file makes no sense, or a file cannot be written.
    pub fn write(
        &self,
        draft: &mut Draft,
        folder: &str,
        release: &str,
    ) -> Result<(), WheelBuildError> {
        for package in &self.all {
            draft.add(&format!("{folder}{}", package.file()), &package.bytes)?;
        }
        let lock = lock_file::render(release, &self.all)?;
        draft.add(&format!("{folder}{LOCK}"), lock.as_bytes())
    }

    /// Holds that everything a package needs is there.
    fn check(&self) -> Result<(), WheelBuildError> {
        for package in &self.all {
            let missing = package.depends.iter().find(|name| self.get(name).is_none());
            if let Some(name) = missing {
                return Err(WheelBuildError::Message(format!(
                    "{} needs {name}, which pip has not resolved: name {name} as well",
                    package.file()
                )));
            }
        }
        Ok(())
    }
}

/// Whether a requirement is no wheel that the target does not take.
fn is_taken(session: &Session, requirement: &str) -> bool {
    let file = Utf8Path::new(requirement).file_name().unwrap_or_default();
    WheelName::parse(file).map_or(true, |name| session.tags.takes(&name))
}

/// The normalised name of a requirement's project.
fn project(requirement: &str) -> Result<String, WheelBuildError> {
    if requirement.ends_with(".whl") {
        let file = Utf8Path::new(requirement).file_name().unwrap_or_default();
        let name = WheelName::parse(file).map_err(pyodide_wheel::resolve::ResolveError::from)?;
        return Ok(name.project());
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = requirement.find(|c| !is_name(c));
    match normalise(&requirement[..end.unwrap_or(requirement.len())]) {
        name if name.is_empty() => Err(WheelBuildError::Message(format!(
            "{requirement} is neither a wheel nor a package's name"
        ))),
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_read_from_whatever_names_them() {
        let of = |given: &str| project(given).ok();
        for (given, name) in [
            ("dist/Ruamel.yaml-1-py3-none-any.whl", "ruamel-yaml"),
            ("NumPy[x]>=2 ; python_version > '3'", "numpy"),
            ("a_b==1.0", "a-b"),
        ] {
            assert_eq!(of(given).as_deref(), Some(name), "{given}");
        }
        for wrong in ["", "@x", "a.whl"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
