//! Wheel file names: `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`.
//!
//! The form is the "binary distribution format" of the Python packaging specifications; the last
//! three parts are sets, joined with dots.

use std::fmt;

/// A wheel's file name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelName {
    /// Distribution, as spelled in the file name (`ruamel_yaml`).
    pub name: String,
    /// Version.
    pub version: String,
    /// Build tag, such as `1` or `2_patched`.
    pub build: Option<String>,
    /// Python tags, such as `cp313`.
    pub python: Vec<String>,
    /// ABI tags, such as `cp313`, `abi3`, `none`.
    pub abi: Vec<String>,
    /// Platform tags, such as `pyemscripten_2025_0_wasm32`, `any`.
    pub platform: Vec<String>,
}

/// Not a wheel's file name.
#[derive(Debug, thiserror::Error)]
#[error("{file} is not a wheel's file name: {why}")]
pub struct WheelNameError {
    /// The name as given.
    pub file: String,
    /// What does not fit.
    pub why: &'static str,
}

impl WheelName {
    /// Takes a file name apart.
    ///
    /// # Errors
    /// It has another suffix, another number of parts, or an empty part.
    pub fn parse(file: &str) -> Result<Self, WheelNameError> {
        let wrong = |why| WheelNameError {
            file: file.to_owned(),
            why,
        };
        let stem = file
            .strip_suffix(".whl")
            .ok_or_else(|| wrong("it does not end in .whl"))?;
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, tags) = match parts[..] {
            [name, version, python, abi, platform] => {
                (name, version, None, [python, abi, platform])
            }
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build), [python, abi, platform])
            }
            _ => return Err(wrong("it does not have five or six parts between hyphens")),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(wrong("a part is empty"));
        }
        if build.is_some_and(|build| !build.starts_with(|c: char| c.is_ascii_digit())) {
            return Err(wrong("its build tag does not begin with a digit"));
        }
        let [python, abi, platform] = tags.map(|set| set.split('.').map(str::to_owned).collect());
        Ok(Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.map(str::to_owned),
            python,
            abi,
            platform,
        })
    }

    /// Whether it runs on every platform.
    #[must_use]
    pub fn is_any_platform(&self) -> bool {
        self.platform.iter().any(|tag| tag == "any")
    }

    /// Every single tag, such as `cp313-cp313-any`, in the order of the sets.
    pub fn tags(&self) -> impl Iterator<Item = String> {
        self.python.iter().flat_map(move |python| {
            self.abi.iter().flat_map(move |abi| {
                self.platform
                    .iter()
                    .map(move |platform| format!("{python}-{abi}-{platform}"))
            })
        })
    }

    /// The distribution's normalised name (PEP 503): lower case, runs of `-_.` as one hyphen.
    #[must_use]
    pub fn project(&self) -> String {
        normalise(&self.name)
    }
}

impl fmt::Display for WheelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)?;
        if let Some(build) = &self.build {
            write!(f, "-{build}")?;
        }
        let [python, abi, platform] =
            [&self.python, &self.abi, &self.platform].map(|s| s.join("."));
        write!(f, "-{python}-{abi}-{platform}.whl")
    }
}

/// A project's normalised name (PEP 503): lower case, runs of `-_.` as one hyphen.
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !normal.is_empty() {
            normal.push('-');
        }
        normal.push_str(&part.to_ascii_lowercase());
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_round_trip() {
        for name in [
            "six-1.17.0-py2.py3-none-any.whl",
            "numpy-2.4.6-cp313-cp313-pyemscripten_2025_0_wasm32.whl",
            "cryptography-44.0-2_x-cp39-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        ] {
            assert_eq!(WheelName::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn parts_are_found() {
        let name = WheelName::parse("a_b-1.0-3-py2.py3-none-any.whl").unwrap();
        assert_eq!(name.build.as_deref(), Some("3"));
        assert!(name.is_any_platform());
        assert_eq!(
            name.tags().collect::<Vec<_>>(),
            ["py2-none-any", "py3-none-any"]
        );
        assert_eq!(name.project(), "a-b");
    }

    #[test]
    fn other_files_are_refused() {
        for bad in [
            "x.zip",
            "a-1.whl",
            "a-1-py3-none-.whl",
            "a-1-x-py3-none-any.whl",
            "-.whl",
        ] {
            assert!(WheelName::parse(bad).unwrap_err().to_string().contains(bad));
        }
    }

    #[test]
    fn project_names_are_normalised() {
        assert_eq!(normalise("Ruamel.YAML__clib"), "ruamel-yaml-clib");
    }
}
