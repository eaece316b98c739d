//! A recipe: where a library's source comes from, how it is built, what it provides.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8Path};
use serde::Deserialize;

/// A library for the target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recipe {
    /// Its name, by which users and other recipes call it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is, in a line.
    pub summary: String,
    /// Where its source comes from.
    pub source: Source,
    /// How it is built.
    pub build: Build,
    /// What others find of it.
    pub provides: Provides,
    /// Recipes that are built before it, and that it finds.
    #[serde(default)]
    pub depends: Vec<String>,
    /// Recipes of which none can be in the same prefix, as they install the same files.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// What a user may turn on, each with what it adds.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
}

/// Where a source archive comes from. Exactly one of `debian`, `pypi`, `cargo` and `path` says it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A source package of the Debian suite that emshim provisions from.
    #[serde(default)]
    pub debian: Option<String>,
    /// A project on the index that pip is configured for, as `NAME==VERSION`: its sdist.
    #[serde(default)]
    pub pypi: Option<String>,
    /// A crate of the registry that cargo is configured for, as `NAME==VERSION`.
    #[serde(default)]
    pub cargo: Option<String>,
    /// An archive or a folder, relative to the recipe's own folder.
    #[serde(default)]
    pub path: Option<String>,
    /// The archive's file name.
    #[serde(default)]
    pub file: Option<String>,
    /// The archive's SHA-256, lower-case hexadecimal.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The folder in the archive that is built, below its top.
    #[serde(default)]
    pub folder: Option<String>,
    /// Files that the archive lacks, below that folder, and what they hold: an archive without a manual
    /// that its configure looks for.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// How a library is built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Build {
    /// Its build system.
    pub system: System,
    /// Options of the configure step, of `make` where there is none.
    #[serde(default)]
    pub options: Vec<String>,
    /// Flags of every compile, of any language.
    #[serde(default)]
    pub flags: Vec<String>,
    /// What `make` makes, where it is not the default.
    #[serde(default)]
    pub targets: Vec<String>,
    /// Further builds of the same source, installed beside the first: the options that each adds. For what a
    /// configure script makes one of at a time, such as the precisions of a library.
    #[serde(default)]
    pub again: Vec<Vec<String>>,
    /// Whether shared libraries are wanted, in the place of static ones: of one whose state its users share.
    #[serde(default)]
    pub shared: bool,
}

/// A build system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// A `configure` that autoconf made, and make.
    #[default]
    Autoconf,
    /// A `configure` that somebody wrote, which takes `--prefix` and no `--host`, and make.
    Configure,
    /// CMake and Ninja.
    Cmake,
    /// Meson and Ninja.
    Meson,
    /// Makefiles alone.
    Make,
}

/// What others find of a library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provides {
    /// The names of its `.pc` files.
    #[serde(default)]
    pub pkg_config: Vec<String>,
    /// Whether those that it installs itself are wrong, and written in their place.
    #[serde(default)]
    pub write_pkg_config: bool,
    /// Names that it answers to in pkg-config beside its own: a `.pc` file each, that leads to some of
    /// its own.
    #[serde(default)]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Names by which CMake's `find_package` knows it.
    #[serde(default)]
    pub cmake: Vec<String>,
    /// What `-l` calls its libraries.
    #[serde(default)]
    pub libraries: Vec<String>,
    /// Headers by which it is asked for, relative to its include folder.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Programs by which it is asked for, such as `xml2-config`.
    #[serde(default)]
    pub programs: Vec<String>,
    /// Crates that look for it as they are built.
    #[serde(default)]
    pub crates: Vec<String>,
}

/// What a setting adds to a build when it is on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Setting {
    /// What it does, in a line.
    pub summary: String,
    /// Further options.
    #[serde(default)]
    pub options: Vec<String>,
    /// Further flags.
    #[serde(default)]
    pub flags: Vec<String>,
}

/// Why a text is no recipe.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RecipeError(String);

/// Where an archive is got from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin<'a> {
    /// A Debian source package.
    Debian(&'a str),
    /// A project's sdist.
    Pypi(&'a str),
    /// A crate.
    Cargo(&'a str),
    /// A file or folder of the user's.
    Path(&'a str),
}

impl Source {
    /// Where it comes from.
    ///
    /// # Errors
    /// None or several places are named.
    pub fn origin(&self) -> Result<Origin<'_>, RecipeError> {
        let all = [
            self.debian.as_deref().map(Origin::Debian),
            self.pypi.as_deref().map(Origin::Pypi),
            self.cargo.as_deref().map(Origin::Cargo),
            self.path.as_deref().map(Origin::Path),
        ];
        let mut named = all.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(origin), None) => Ok(origin),
            _ => Err(wrong(
                "[source]: say one of `debian`, `pypi`, `cargo` and `path`",
            )),
        }
    }
}

impl Recipe {
    /// Reads a recipe.
    ///
    /// # Errors
    /// It is no TOML, has a key that means nothing, lacks one, or a value that no recipe can have.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text)
            .map_err(|error| RecipeError(error.to_string().trim().to_owned()))?;
        recipe.check()?;
        Ok(recipe)
    }

    fn check(&self) -> Result<(), RecipeError> {
        for (key, value) in [("name", &self.name), ("version", &self.version)] {
            word(key, value)?;
        }
        for (key, names) in [("depends", &self.depends), ("conflicts", &self.conflicts)] {
            names.iter().try_for_each(|name| word(key, name))?;
        }
        let provides = &self.provides;
        let names = provides.aliases.keys().chain(&provides.pkg_config);
        names
            .into_iter()
            .try_for_each(|name| word("provides", name))?;
        self.settings
            .keys()
            .try_for_each(|name| word("settings", name))?;
        if let Some(stray) = provides
            .aliases
            .values()
            .flatten()
            .find(|of| !provides.pkg_config.contains(of))
        {
            return Err(wrong(format!(
                "[provides.aliases]: `{stray}` is none of `pkg-config`"
            )));
        }
        if provides.libraries.is_empty() {
            return Err(wrong("[provides]: `libraries` names none"));
        }
        if self.build.system == System::Make && !self.build.again.is_empty() {
            return Err(wrong(
                "[build]: `again` is for builds in a folder of their own, and makefiles build in the source",
            ));
        }
        let source = &self.source;
        let folder = match source.origin()? {
            Origin::Debian(name) => word("debian", name).map(|()| false),
            Origin::Pypi(pinned) | Origin::Cargo(pinned) => {
                let (name, version) = pinned
                    .split_once("==")
                    .ok_or_else(|| wrong(format!("[source]: `{pinned}` is not NAME==VERSION")))?;
                word("source", name)?;
                word("source", version).map(|()| false)
            }
            // Its checksum is the user's business: the file lies on this machine.
            Origin::Path(_) => Ok(true),
        }?;
        match (&source.file, &source.sha256) {
            (Some(file), Some(sum)) if !folder => {
                word("file", file)?;
                checksum(sum)?;
            }
            (None, sum) if folder => sum.iter().try_for_each(|sum| checksum(sum))?,
            _ if folder => return Err(wrong("[source]: `path` names the file; leave `file` out")),
            _ => return Err(wrong("[source]: `file` and `sha256` are needed")),
        }
        for path in source.folder.iter().chain(source.files.keys()) {
            let inside = Utf8Path::new(path)
                .components()
                .all(|part| matches!(part, Utf8Component::Normal(_)));
            if !inside || path.is_empty() {
                return Err(wrong(format!(
                    "[source]: `{path}` leads out of the archive"
                )));
            }
        }
        Ok(())
    }

    /// The build with settings turned on.
    ///
    /// # Errors
    /// There is no such setting.
    pub fn build_with(&self, settings: &[String]) -> Result<Build, RecipeError> {
        let mut build = self.build.clone();
        for name in settings {
            let setting = self.settings.get(name).ok_or_else(|| {
                let known: Vec<&str> = self.settings.keys().map(String::as_str).collect();
                let known = match known.as_slice() {
                    [] => "it has none".to_owned(),
                    known => format!("it has {}", known.join(", ")),
                };
                wrong(format!("{} has no setting `{name}`; {known}", self.name))
            })?;
            build.options.extend(setting.options.iter().cloned());
            build.flags.extend(setting.flags.iter().cloned());
        }
        Ok(build)
    }
}

fn wrong(why: impl Into<String>) -> RecipeError {
    RecipeError(why.into())
}

/// A name that may stand in a path and in a command: no separator, no space, no leading dot or dash.
fn word(key: &str, text: &str) -> Result<(), RecipeError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+~-".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins && text.chars().all(plain) {
        return Ok(());
    }
    Err(wrong(format!(
        "{key}: `{text}` may have letters, digits and `._+~-` only, and begins with a letter or digit"
    )))
}

fn checksum(text: &str) -> Result<(), RecipeError> {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() == 64 && text.bytes().all(digit) {
        return Ok(());
    }
    Err(wrong(format!(
        "sha256: `{text}` is not 64 lower-case hexadecimal digits"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "a"
version = "1.0"
summary = "an example"
[source]
path = "a.tar.gz"
[build]
system = "make"
[provides]
libraries = ["a"]
"#;

    fn refusal(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replace(from, to);
        Recipe::parse(&text).unwrap_err().to_string()
    }

    #[test]
    fn a_small_recipe_is_enough() {
        let recipe = Recipe::parse(GOOD).unwrap();
        assert_eq!(recipe.source.origin().unwrap(), Origin::Path("a.tar.gz"));
        assert_eq!(recipe.build.system, System::Make);
    }

    #[test]
    fn what_means_nothing_is_named() {
        let message = refusal("summary", "headline");
        assert!(message.contains("headline"), "{message}");
        let message = refusal("system = \"make\"", "system = \"scons\"");
        assert!(message.contains("scons"), "{message}");
        assert!(refusal("path = \"a.tar.gz\"", "").contains("say one of"));
        let two = refusal("path = \"a.tar.gz\"", "path = \"a\"\ndebian = \"a\"");
        assert!(two.contains("say one of"), "{two}");
        let unnamed = refusal("path = \"a.tar.gz\"", "debian = \"a\"");
        assert!(unnamed.contains("sha256"), "{unnamed}");
        assert!(refusal("libraries = [\"a\"]", "").contains("libraries"));
        let again = refusal("system = \"make\"", "system = \"make\"\nagain = [[\"x\"]]");
        assert!(again.contains("`again`"), "{again}");
    }

    #[test]
    fn names_cannot_lead_anywhere() {
        for name in ["../a", "a/b", "", ".hidden", "-rf", "a b", "/etc"] {
            let message = refusal("name = \"a\"", &format!("name = \"{name}\""));
            assert!(message.contains("letters"), "{name}: {message}");
        }
        assert!(refusal("\"1.0\"", "\"1/../..\"").contains("version"));
        let folder = refusal("path = ", "folder = \"x/../..\"\npath = ");
        assert!(folder.contains("leads out"), "{folder}");
        let file = refusal("path = ", "files = { \"../x\" = \"\" }\npath = ");
        assert!(file.contains("leads out"), "{file}");
        let file = refusal(
            "path = \"a.tar.gz\"",
            "debian = \"a\"\nfile = \"../a\"\nsha256 = \"0\"",
        );
        assert!(file.contains("../a"), "{file}");
        let alias = refusal(
            "libraries",
            "pkg-config = [\"a\"]\naliases = { \"../x\" = [\"a\"] }\nlibraries",
        );
        assert!(alias.contains("../x"), "{alias}");
    }

    #[test]
    fn settings_add_to_the_build() {
        let text = format!("{GOOD}[settings.simd]\nsummary = \"s\"\nflags = [\"-msimd128\"]\n");
        let recipe = Recipe::parse(&text).unwrap();
        let build = recipe.build_with(&["simd".into()]).unwrap();
        assert_eq!(build.flags, ["-msimd128"]);
        let message = recipe.build_with(&["fast".into()]).unwrap_err().to_string();
        assert!(
            message.contains("`fast`") && message.contains("simd"),
            "{message}"
        );
    }
}
