//! What the user has set.

use std::collections::BTreeMap;

/// The user's environment, as far as it is text.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeMap<String, String>);

impl Given {
    /// This process's environment.
    #[must_use]
    pub fn capture() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// An environment of these variables.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = variables.into_iter();
        Self(owned.map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
    }

    /// A variable's value; empty counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?;
        (!value.is_empty()).then_some(value)
    }
}
