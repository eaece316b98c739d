//! What a user tells a back end: `-C key=value`.

use std::collections::BTreeMap;

use serde::Serialize;

/// Config settings for a back end: `-C key=value`, a key given twice makes a list.
pub type ConfigSettings = BTreeMap<String, Setting>;

/// The value of one config setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// Given once.
    One(String),
    /// Given several times, in order.
    Many(Vec<String>),
}

/// Collects `-C` arguments, each `KEY=VALUE` or `KEY` alone for an empty value.
pub fn config_settings<'a>(given: impl IntoIterator<Item = &'a str>) -> ConfigSettings {
    let mut settings = ConfigSettings::new();
    for argument in given {
        let (key, value) = argument.split_once('=').unwrap_or((argument, ""));
        add_setting(&mut settings, key, value);
    }
    settings
}

/// Adds a value before those that a key has.
pub(crate) fn put_first(settings: &mut ConfigSettings, key: &str, value: String) {
    let all = match settings.remove(key) {
        None => Setting::One(value),
        Some(Setting::One(last)) => Setting::Many(vec![value, last]),
        Some(Setting::Many(mut all)) => {
            all.insert(0, value);
            Setting::Many(all)
        }
    };
    settings.insert(key.to_owned(), all);
}

/// Adds one value to what a key has.
pub(crate) fn add_setting(settings: &mut ConfigSettings, key: &str, value: &str) {
    let value = value.to_owned();
    let all = match settings.remove(key) {
        None => Setting::One(value),
        Some(Setting::One(first)) => Setting::Many(vec![first, value]),
        Some(Setting::Many(mut all)) => {
            all.push(value);
            Setting::Many(all)
        }
    };
    settings.insert(key.to_owned(), all);
}
