//! Values, as entries with the place they come from.

use std::borrow::Cow;
use std::fmt;

use toml::Value;

use crate::keys::{Kind, LEVELS};

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: Cow<'static, str>,
    /// The table in it; nothing for the whole file.
    pub table: &'static str,
    /// The targets for which it counts, where it is an override.
    pub select: Option<String>,
}

/// Such as `pyproject.toml [tool.emshim], overrides for pyodide@0.29.*`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.table.is_empty() {
            write!(f, " [{}]", self.table)?;
        }
        match &self.select {
            Some(select) => write!(f, ", overrides for {select}"),
            None => Ok(()),
        }
    }
}

/// Where a value comes from: what stands below wins over what stands above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A file.
    File(Place),
    /// An environment variable.
    Variable(String),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => place.fmt(f),
            Self::Variable(name) => write!(f, "{name} of the environment"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// One text of a value: each value is a list of them, a switch one of `true` or `false`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, in a table. One that stands there several times has a list.
    pub name: Option<String>,
    /// It.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// A name, if the value is a table, and a text.
pub(crate) type Pair = (Option<String>, String);

/// The entries of a value as it stands in a file; else what is wrong with it.
pub(crate) fn entries(kind: Kind, value: &Value) -> Result<Vec<Pair>, String> {
    let wrong = || format!("must be {}", kind.says());
    let plain = |texts: Vec<String>| texts.into_iter().map(|text| (None, text)).collect();
    match (kind, value) {
        (Kind::Switch, Value::Boolean(on)) => Ok(vec![(None, on.to_string())]),
        (Kind::Switch, _) => Err(wrong()),
        (Kind::Level, Value::String(text)) if LEVELS.contains(&text.as_str()) => {
            Ok(vec![(None, text.clone())])
        }
        (Kind::Names, Value::String(text)) => {
            Ok(plain(text.split_whitespace().map(str::to_owned).collect()))
        }
        (Kind::Flags, Value::String(text)) => {
            let words = shell_words::split(text).map_err(|_| "has a quote that is left open")?;
            Ok(plain(words))
        }
        (Kind::Globs | Kind::Commands, Value::String(text)) => Ok(match text.trim() {
            "" => Vec::new(),
            text => vec![(None, text.to_owned())],
        }),
        (Kind::Names | Kind::Flags | Kind::Globs | Kind::Commands, Value::Array(items)) => {
            texts(items).map(plain).ok_or_else(wrong)
        }
        (Kind::Settings, Value::Table(table)) => {
            let mut all = Vec::new();
            for (name, value) in table {
                let values = match value {
                    Value::Array(items) => texts(items).ok_or_else(wrong)?,
                    value => vec![scalar(value).ok_or_else(wrong)?],
                };
                all.extend(values.into_iter().map(|value| (Some(name.clone()), value)));
            }
            Ok(all)
        }
        (Kind::Variables, Value::Table(table)) => {
            let pair =
                |(name, value): (&String, &Value)| Some((Some(name.clone()), scalar(value)?));
            table
                .iter()
                .map(pair)
                .collect::<Option<_>>()
                .ok_or_else(wrong)
        }
        (Kind::Variables, Value::String(text)) => {
            let words = shell_words::split(text).map_err(|_| "has a quote that is left open")?;
            let pair = |word: String| {
                let (name, value) = word.split_once('=')?;
                Some((Some(name.to_owned()), value.to_owned()))
            };
            let all = words.into_iter().map(pair);
            all.collect::<Option<_>>().ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn texts(items: &[Value]) -> Option<Vec<String>> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    items.iter().map(text).collect()
}

/// A text, a number or a switch, as a back end or a program gets it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(on) => Some(on.to_string()),
        _ => None,
    }
}
