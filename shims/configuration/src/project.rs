//! What the files of a project say, in layers.

use std::borrow::Cow;

use camino::{Utf8Path, Utf8PathBuf};
use glob::Pattern;
use toml::{Table, Value};

use crate::check::check;
use crate::error::ConfigurationError;
use crate::file::{OWN, PROJECT, read, whole};
use crate::keys::{KEYS, Key, Row, named, nearest};
use crate::pyodide_build::{self, Becomes};
use crate::value::{Pair, Place, entries};

/// How a value of an override meets what is below it, by cibuildwheel's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Replace,
    Append,
    Prepend,
}

/// One value of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub key: Key,
    pub how: How,
    pub entries: Vec<Pair>,
}

/// A table of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layer {
    pub place: Place,
    /// The targets for which it counts; `None` for all.
    pub select: Option<Pattern>,
    pub said: Vec<Said>,
}

/// The files whose settings count for a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Files {
    /// Those of the project.
    #[default]
    Project,
    /// None.
    None,
    /// This one, written as `emshim.toml` is, in their place.
    Instead(Utf8PathBuf),
}

impl Files {
    /// What they say of a project in a folder.
    ///
    /// # Errors
    /// As for [`Project::read`].
    pub fn read(&self, folder: &Utf8Path) -> Result<Project, ConfigurationError> {
        match self {
            Self::Project => Project::read(folder),
            Self::None => Ok(Project::default()),
            Self::Instead(path) => Project::read_file(path),
        }
    }
}

/// What a project's files say, what wins last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Project {
    pub(crate) layers: Vec<Layer>,
    /// What stands there and does not count, with the reason.
    pub notes: Vec<String>,
}

const OVERRIDES: &str = "overrides";
const SELECT: &str = "select";
const INHERIT: &str = "inherit";

impl Project {
    /// Reads the files in a folder: `[tool.pyodide.build]` and `[tool.emshim]` of `pyproject.toml`, then
    /// `emshim.toml`, each over those before it.
    ///
    /// # Errors
    /// A file cannot be read, or says what means nothing.
    pub fn read(folder: &Utf8Path) -> Result<Self, ConfigurationError> {
        let mut project = Self::default();
        if let Some(file) = read(folder, PROJECT)? {
            let tool = file.get("tool").and_then(Value::as_table);
            let pyodide = tool.and_then(|tool| tool.get("pyodide")?.as_table()?.get("build"));
            if let Some(value) = pyodide {
                let place = place(PROJECT, "tool.pyodide.build");
                let table = value.as_table().ok_or_else(|| not_a_table(&place))?;
                project.pyodide_build(table, place)?;
            }
            if let Some(value) = tool.and_then(|tool| tool.get("emshim")) {
                let place = place(PROJECT, "tool.emshim");
                let table = value.as_table().ok_or_else(|| not_a_table(&place))?;
                project.section(table, &place)?;
            }
        }
        if let Some(table) = read(folder, OWN)? {
            project.section(&table, &place(OWN, ""))?;
        }
        Ok(project)
    }

    /// Reads a file that is written as `emshim.toml` is.
    ///
    /// # Errors
    /// As for [`read`](Self::read), or it is not there.
    pub fn read_file(path: &Utf8Path) -> Result<Self, ConfigurationError> {
        Self::of(&whole(path)?, path.to_string())
    }

    /// What a table says that is written as `emshim.toml` is; `file` is where it stands, for messages.
    ///
    /// # Errors
    /// It says what means nothing.
    pub fn of(table: &Table, file: String) -> Result<Self, ConfigurationError> {
        let mut project = Self::default();
        project.section(table, &place(file, ""))?;
        Ok(project)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.layers.iter().all(|layer| layer.said.is_empty())
    }

    /// Whether something is said of a key, for whatever target.
    #[must_use]
    pub fn says(&self, key: Key) -> bool {
        let said = self.layers.iter().flat_map(|layer| &layer.said);
        said.map(|said| said.key).any(|said| said == key)
    }

    /// The files that say something, each once.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let layers = self.layers.iter().filter(|layer| !layer.said.is_empty());
        let mut files: Vec<&str> = layers.map(|layer| &*layer.place.file).collect();
        files.dedup();
        files.into_iter()
    }

    fn section(&mut self, table: &Table, at: &Place) -> Result<(), ConfigurationError> {
        let mut said = Vec::new();
        let others = table.iter().filter(|(name, _)| *name != OVERRIDES);
        for (name, value) in others {
            let row = row(name, at, &[OVERRIDES])?;
            said.push(say(row, name, value, How::Replace, at)?);
        }
        self.layers.push(Layer {
            place: at.clone(),
            select: None,
            said,
        });
        let Some(overrides) = table.get(OVERRIDES) else {
            return Ok(());
        };
        let wrong = || {
            wrong(
                at,
                OVERRIDES,
                "must be written as `[[...overrides]]`, tables with `select`",
            )
        };
        let overrides = overrides.as_array().ok_or_else(wrong)?;
        for one in overrides {
            let layer = one_override(one.as_table().ok_or_else(wrong)?, at)?;
            self.layers.push(layer);
        }
        Ok(())
    }

    fn pyodide_build(&mut self, table: &Table, at: Place) -> Result<(), ConfigurationError> {
        let mut said = Vec::new();
        for (name, value) in table {
            let known = pyodide_build::KEYS.iter().find(|(known, _)| known == name);
            match known.map(|(_, becomes)| becomes) {
                Some(Becomes::Key(key)) => {
                    let value =
                        pyodide_build::value(*key, value).map_err(|why| wrong(&at, name, &why))?;
                    said.push(say(key.row(), name, &value, How::Replace, &at)?);
                }
                Some(Becomes::Nothing(why)) => {
                    self.notes
                        .push(format!("{at}: `{name}` does not count: {why}"));
                }
                // pyodide-build goes on too.
                None => self.notes.push(format!(
                    "{at}: `{name}` does not count: pyodide-build has no such key"
                )),
            }
        }
        self.layers.push(Layer {
            place: at,
            select: None,
            said,
        });
        Ok(())
    }
}

fn one_override(table: &Table, at: &Place) -> Result<Layer, ConfigurationError> {
    let select = table.get(SELECT).and_then(Value::as_str);
    let select = select.ok_or_else(|| {
        wrong(
            at,
            OVERRIDES,
            "lacks `select`, a glob of targets such as `pyodide@0.29.*`",
        )
    })?;
    let at = Place {
        select: Some(select.to_owned()),
        ..at.clone()
    };
    let pattern = Pattern::new(select).map_err(|error| wrong(&at, SELECT, &error.to_string()))?;
    let no_inherit = Table::new();
    let inherit = match table.get(INHERIT) {
        None => &no_inherit,
        Some(value) => {
            let table = value.as_table();
            table.ok_or_else(|| {
                wrong(
                    &at,
                    INHERIT,
                    "must be a table of `append`, `prepend` and `none`",
                )
            })?
        }
    };
    for name in inherit.keys() {
        row(name, &at, &[])?;
        if !table.contains_key(name) {
            return Err(wrong(
                &at,
                INHERIT,
                &format!("names `{name}`, which this override does not set"),
            ));
        }
    }
    let mut said = Vec::new();
    for (name, value) in table {
        if [SELECT, INHERIT].contains(&name.as_str()) {
            continue;
        }
        let row = row(name, &at, &[SELECT, INHERIT])?;
        if row.key == Key::Target {
            return Err(wrong(
                &at,
                name,
                "cannot be overridden for a target: it says which targets there are",
            ));
        }
        let how = match inherit.get(name).map(Value::as_str) {
            None | Some(Some("none")) => How::Replace,
            Some(Some("append")) => How::Append,
            Some(Some("prepend")) => How::Prepend,
            Some(_) => {
                return Err(wrong(
                    &at,
                    INHERIT,
                    "must be a table of `append`, `prepend` and `none`",
                ));
            }
        };
        if how != How::Replace && row.kind.is_single() {
            return Err(wrong(
                &at,
                INHERIT,
                &format!("names `{name}`, which is no list"),
            ));
        }
        said.push(say(row, name, value, how, &at)?);
    }
    Ok(Layer {
        place: at,
        select: Some(pattern),
        said,
    })
}

fn say(
    row: &Row,
    name: &str,
    value: &Value,
    how: How,
    at: &Place,
) -> Result<Said, ConfigurationError> {
    let entries = entries(row.kind, value)
        .and_then(|entries| check(row.key, &entries).map(|()| entries))
        .map_err(|why| wrong(at, name, &why))?;
    Ok(Said {
        key: row.key,
        how,
        entries,
    })
}

/// The row of a name; `others` are further names that may stand in its place.
fn row(
    name: &str,
    at: &Place,
    others: &[&'static str],
) -> Result<&'static Row, ConfigurationError> {
    named(name).ok_or_else(|| {
        let names = || {
            KEYS.iter()
                .map(|row| row.name)
                .chain(others.iter().copied())
        };
        let meant = nearest(name, names()).map(|name| format!("; did you mean `{name}`?"));
        let known = names().collect::<Vec<_>>().join(", ");
        let meant = meant.unwrap_or_default();
        wrong(
            at,
            name,
            &format!("is no key of emshim's{meant} (the keys are {known})"),
        )
    })
}

fn place(file: impl Into<Cow<'static, str>>, table: &'static str) -> Place {
    Place {
        file: file.into(),
        table,
        select: None,
    }
}

fn wrong(at: &Place, key: &str, why: &str) -> ConfigurationError {
    ConfigurationError::Value {
        place: at.clone(),
        key: key.to_owned(),
        why: why.to_owned(),
    }
}

fn not_a_table(at: &Place) -> ConfigurationError {
    wrong(at, at.table, "must be a table")
}
