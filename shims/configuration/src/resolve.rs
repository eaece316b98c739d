//! What counts for a target: the command line over the environment over files.

use std::collections::BTreeMap;

use crate::error::ConfigurationError;
use crate::keys::{KEYS, Key, Kind};
use crate::project::{How, Project};
use crate::value::{Entry, Origin};
use crate::variables;

/// What the caller of emshim says: by options, by variables, and by not saying anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    said: Vec<(Key, Vec<Entry>)>,
}

impl Given {
    /// Adds texts from a place; a name before each where the key is a table.
    pub fn say(&mut self, key: Key, origin: &Origin, texts: Vec<(Option<String>, String)>) {
        let entry = |(name, value)| Entry {
            name,
            value,
            origin: origin.clone(),
        };
        self.said
            .push((key, texts.into_iter().map(entry).collect()));
    }

    /// Whether the command line says what changes a wheel.
    #[must_use]
    pub fn makes_another_wheel(&self) -> bool {
        self.said.iter().any(|(key, entries)| {
            let by_hand = |entry: &Entry| entry.origin == Origin::CommandLine;
            key.row().makes && entries.iter().any(by_hand)
        })
    }
}

/// What counts, with the place of each text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    settings: BTreeMap<Key, Vec<Entry>>,
    /// What stands in files and does not count, with the reason.
    pub notes: Vec<String>,
}

impl Project {
    /// The targets that the files name; none where they do not.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let mut said = self.layers.iter().flat_map(|layer| &layer.said);
        let last = said.rfind(|said| said.key == Key::Target);
        let entries = last.into_iter().flat_map(|said| &said.entries);
        entries.map(|(_, value)| value.clone()).collect()
    }

    /// What counts for a target. `env` is the environment of the caller.
    ///
    /// # Errors
    /// A variable's value means nothing.
    pub fn resolve(
        &self,
        target: &str,
        given: &Given,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Resolved, ConfigurationError> {
        let mut settings = BTreeMap::new();
        let of = |origin: fn(&Origin) -> bool| {
            let said = given.said.iter();
            said.filter(move |(_, entries)| entries.first().is_some_and(|e| origin(&e.origin)))
        };
        for (key, entries) in of(|origin| *origin == Origin::Default) {
            settings.insert(*key, entries.clone());
        }
        let fits = |select: &Option<glob::Pattern>| match select {
            None => true,
            Some(pattern) => pattern.matches(target),
        };
        for layer in self.layers.iter().filter(|layer| fits(&layer.select)) {
            for said in &layer.said {
                let entry = |(name, value): &(Option<String>, String)| Entry {
                    name: name.clone(),
                    value: value.clone(),
                    origin: Origin::File(layer.place.clone()),
                };
                let new: Vec<Entry> = said.entries.iter().map(entry).collect();
                let old: Vec<Entry> = settings.remove(&said.key).unwrap_or_default();
                settings.insert(said.key, meet(old, new, said.how));
            }
        }
        for row in KEYS {
            let Some(name) = row.variable.filter(|_| row.option.is_none()) else {
                continue;
            };
            if let Some(value) = env(name).filter(|value| !value.is_empty()) {
                let words = shell_words::split(&value).unwrap_or_else(|_| vec![value]);
                let entry = |value| Entry {
                    name: None,
                    value,
                    origin: Origin::Variable(name.to_owned()),
                };
                settings.insert(row.key, words.into_iter().map(entry).collect());
            }
        }
        for (key, entries) in of(|origin| matches!(origin, Origin::Variable(_)))
            .chain(of(|origin| *origin == Origin::CommandLine))
        {
            let old = settings.remove(key).unwrap_or_default();
            let new = match key.row().kind {
                Kind::Settings => over(old, entries.clone()),
                _ => entries.clone(),
            };
            settings.insert(*key, new);
        }
        if let Some(entries) = settings.get_mut(&Key::Environment) {
            environment(entries, env)?;
        }
        settings.retain(|_, entries| !entries.is_empty());
        Ok(Resolved {
            settings,
            notes: self.notes.clone(),
        })
    }
}

fn meet(old: Vec<Entry>, new: Vec<Entry>, how: How) -> Vec<Entry> {
    let is_table = |entries: &[Entry]| entries.iter().any(|entry| entry.name.is_some());
    match how {
        How::Replace => new,
        How::Append if is_table(&new) => over(old, new),
        How::Prepend if is_table(&new) => over(new, old),
        How::Append => [old, new].concat(),
        How::Prepend => [new, old].concat(),
    }
}

/// A table over another: what it names, that one has no longer.
fn over(mut below: Vec<Entry>, above: Vec<Entry>) -> Vec<Entry> {
    below.retain(|old| above.iter().all(|new| new.name != old.name));
    below.extend(above);
    below
}

/// Replaces what stands in values; a variable that is set already stays as it is.
fn environment(
    entries: &mut [Entry],
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(), ConfigurationError> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries {
        let name = entry.name.clone().unwrap_or_default();
        if let Some(set) = env(&name) {
            entry.value = set;
            entry.origin = Origin::Variable(name);
            continue;
        }
        let get = |name: &str| known.get(name).cloned().or_else(|| env(name));
        if let Origin::File(place) = &entry.origin {
            let wrong = |why| ConfigurationError::Value {
                place: place.clone(),
                key: Key::Environment.row().name.to_owned(),
                why,
            };
            entry.value = variables::expand(&entry.value, &get).map_err(wrong)?;
        }
        known.insert(name, entry.value.clone());
    }
    Ok(())
}

impl Resolved {
    /// The texts of a setting, with their places.
    #[must_use]
    pub fn entries(&self, key: Key) -> &[Entry] {
        self.settings.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The texts of a setting.
    pub fn texts(&self, key: Key) -> impl Iterator<Item = &str> {
        self.entries(key).iter().map(|entry| entry.value.as_str())
    }

    /// The names and texts of a table.
    pub fn pairs(&self, key: Key) -> impl Iterator<Item = (&str, &str)> {
        self.entries(key).iter().map(|entry| {
            (
                entry.name.as_deref().unwrap_or_default(),
                entry.value.as_str(),
            )
        })
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, key: Key) -> bool {
        self.texts(key).last() == Some("true")
    }

    /// The keys that files have a word in.
    pub fn from_files(&self) -> impl Iterator<Item = Key> {
        let of_file = |entry: &Entry| matches!(entry.origin, Origin::File(_));
        let keys = self.settings.iter();
        keys.filter(move |(_, entries)| entries.iter().any(of_file))
            .map(|(key, _)| *key)
    }

    /// What counts, in TOML, each value with its place behind it.
    #[must_use]
    pub fn show(&self) -> String {
        let mut lines: Vec<(String, String)> = Vec::new();
        for row in KEYS {
            let entries = self.entries(row.key);
            if entries.is_empty() {
                lines.push((format!("# {}", row.name), "not set".to_owned()));
            }
            // Neighbours of the same name and place are one value.
            let same = |a: &Entry, b: &Entry| a.name == b.name && a.origin == b.origin;
            for group in entries.chunk_by(same) {
                let value = shown(row.kind, group);
                let name = match &group[0].name {
                    Some(name) => format!("{}.{}", row.name, word(name)),
                    None => row.name.to_owned(),
                };
                lines.push((format!("{name} = {value}"), group[0].origin.to_string()));
            }
        }
        let width = lines.iter().map(|(line, _)| line.chars().count()).max();
        let width = width.unwrap_or_default().min(60);
        let mut text: String = lines
            .iter()
            .map(|(line, origin)| format!("{line:width$}  # {origin}\n"))
            .collect();
        for note in &self.notes {
            text += &format!("# {note}\n");
        }
        text
    }
}

fn shown(kind: Kind, group: &[Entry]) -> String {
    let one = kind == Kind::Variables || (kind == Kind::Settings && group.len() == 1);
    let values: Vec<String> = group.iter().map(|entry| quoted(&entry.value)).collect();
    match kind {
        Kind::Switch => group[0].value.clone(),
        Kind::Level => quoted(&group[0].value),
        _ if one => values.join(", "),
        _ => format!("[{}]", values.join(", ")),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A key of TOML: in quotes where it must be.
fn word(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}
