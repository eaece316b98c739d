//! The recipes that come with emshim.

use std::sync::LazyLock;

use crate::recipe::Recipe;

macro_rules! recipes {
    ($($name:literal),* $(,)?) => {
        /// Each recipe's name and text. Of two that answer to one name, the first is the default.
        const TEXTS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../recipes/", $name, ".toml")))),*
        ];
    };
}

recipes![
    "fftw",
    "freetype",
    "geos",
    "gmp",
    "hdf5",
    "lapack",
    "lcms2",
    "libffi",
    "libjpeg-turbo",
    "libpng",
    "libtiff",
    "libwebp",
    "libxml2",
    "libxslt",
    "libyaml",
    "mpc",
    "mpfr",
    "openjpeg",
    "openssl",
    "sqlite",
    "zlib",
];

/// A recipe that comes with emshim.
#[derive(Debug)]
pub struct Entry {
    /// It.
    pub recipe: Recipe,
    /// As it is written.
    pub text: &'static str,
}

/// All of them.
///
/// # Panics
/// One cannot be read: a test reads each.
#[must_use]
pub fn all() -> &'static [Entry] {
    static ALL: LazyLock<Vec<Entry>> = LazyLock::new(|| {
        let entry = |(name, text): &(&str, &'static str)| {
            let recipe = Recipe::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            Entry { recipe, text }
        };
        TEXTS.iter().map(entry).collect()
    });
    &ALL
}

/// The recipe of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    all().iter().find(|entry| entry.recipe.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_recipe_has_its_name_and_what_it_depends_on() {
        for (entry, (name, _)) in all().iter().zip(TEXTS) {
            let recipe = &entry.recipe;
            assert_eq!(recipe.name, *name);
            for other in recipe.depends.iter().chain(&recipe.conflicts) {
                assert!(find(other).is_some(), "{name}: {other} has no recipe");
            }
            let file = recipe.source.file.as_deref().unwrap_or_default();
            // A crate that carries a library has a version of its own.
            let version = match &recipe.source.cargo {
                Some(pinned) => pinned.split_once("==").unwrap_or_default().1,
                None => recipe.version.as_str(),
            };
            assert!(file.contains(version), "{name}: {file} is not {version}");
        }
    }
}
