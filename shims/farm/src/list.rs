//! `farm.toml`: which packages, for which targets, with which settings.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use configuration::{Key, Project};
use pyodide_wheel::wheel::normalise;
use serde::Deserialize;
use toml::Table;
use wheel_build::error::WheelBuildError;
use wheel_build::files::absolute;

/// The file's name.
pub const FILE: &str = "farm.toml";

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    target: Vec<String>,
    packages: Vec<String>,
    #[serde(default)]
    needs: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    settings: BTreeMap<String, Table>,
}

/// What the file says.
#[derive(Debug, Clone)]
pub struct List {
    /// The folder that paths of sources are relative to.
    pub folder: Utf8PathBuf,
    /// The targets; none where the file leaves them to the command line.
    pub targets: Vec<String>,
    /// What `emshim build` takes as a source.
    pub packages: Vec<String>,
    /// What a package needs beside what its metadata says, by normalised names.
    pub needs: BTreeMap<String, Vec<String>>,
    /// Settings of a package, as `emshim.toml` would have them, by its normalised name.
    pub settings: BTreeMap<String, Table>,
}

impl List {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or says what means nothing.
    pub fn read(path: &Utf8Path) -> Result<Self, WheelBuildError> {
        let text = fs::read_to_string(path).map_err(WheelBuildError::io("cannot read", path))?;
        let wrong = |why: &str| {
            WheelBuildError::Message(format!(
                "{path} is no list of packages: {why}; `packages = [\"NAME\", ...]` is what it has to say"
            ))
        };
        let written: Written = toml::from_str(&text).map_err(|e| wrong(e.to_string().trim()))?;
        for (name, settings) in &written.settings {
            let place = format!("{path} [settings.{name}]");
            if Project::of(settings, place)?.says(Key::Target) {
                return Err(wrong(&format!(
                    "[settings.{name}] names targets, which `target` does for all"
                )));
            }
        }
        let folder = absolute(path)?.parent().map(Utf8Path::to_owned);
        let named = |names: Vec<String>| names.iter().map(|name| normalise(name)).collect();
        Ok(Self {
            folder: folder.unwrap_or_default(),
            targets: written.target,
            packages: written.packages,
            needs: written
                .needs
                .into_iter()
                .map(|(name, needs)| (normalise(&name), named(needs)))
                .collect(),
            settings: written
                .settings
                .into_iter()
                .map(|(name, settings)| (normalise(&name), settings))
                .collect(),
        })
    }

    /// The projects that a package's tests need, by its settings.
    pub(crate) fn tests_need(&self, name: &str) -> impl Iterator<Item = String> {
        let row = Key::TestRequires.row().name;
        let value = self
            .settings
            .get(name)
            .and_then(|settings| settings.get(row));
        let text = value.and_then(toml::Value::as_str).into_iter();
        let words = text.flat_map(str::split_whitespace);
        let list = value.and_then(toml::Value::as_array).into_iter().flatten();
        words
            .chain(list.filter_map(toml::Value::as_str))
            .map(project)
    }
}

/// The normalised name of a requirement's project.
pub(crate) fn project(requirement: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = requirement.find(|c| !is_name(c));
    normalise(&requirement[..end.unwrap_or(requirement.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<List, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, text).unwrap();
        let path = Utf8Path::from_path(&path).unwrap();
        List::read(path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_list_names_packages_and_their_settings() {
        let list = "packages = ['NumPy==2.4.6', './mine']\n[settings.My_Own]\ntest-requires = 'hypothesis>=6 tox'\n\
                    [needs]\n'A.b' = ['C_d']\n";
        let list = read(list).unwrap();
        assert_eq!(list.packages, ["NumPy==2.4.6", "./mine"]);
        let tests: Vec<String> = list.tests_need("my-own").collect();
        assert_eq!(tests, ["hypothesis", "tox"]);
        assert_eq!(list.needs["a-b"], ["c-d"]);
    }

    #[test]
    fn what_means_nothing_is_refused_by_name() {
        for (text, says) in [
            ("package = ['a']", "package"),
            ("packages = 'a'", "packages"),
            (
                "packages = []\n[settings.a]\ntest_command = 'x'",
                "did you mean `test-command`?",
            ),
            (
                "packages = []\n[settings.a]\ntarget = ['pyodide@0.29.5']",
                "[settings.a] names targets",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(says) && error.contains(FILE), "{error}");
        }
    }
}
