//! A library as it was chosen, and its place.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use libraries::catalogue;
use libraries::recipe::{Build, Recipe};
use provision::{Slot, State};

use crate::error::WheelBuildError;

/// A library as it was chosen.
#[derive(Debug, Clone)]
pub struct Library {
    /// Its recipe.
    pub recipe: Recipe,
    /// The recipe as it is written, which decides what is built.
    pub(super) text: String,
    /// The folder of a recipe of the user's.
    pub base: Option<Utf8PathBuf>,
    /// The settings that are on.
    pub settings: Vec<String>,
}

/// A library whose folder is known, there or not.
#[derive(Debug)]
pub struct Resolved {
    /// It.
    pub library: Library,
    pub(super) slot: Slot,
    /// The names of all that it depends on.
    pub(super) depends: Vec<String>,
}

impl Library {
    /// A library by its name, or by the path of a recipe: what holds a `/` or ends in `.toml`.
    ///
    /// # Errors
    /// There is no such recipe, it cannot be read, or it has no such setting.
    pub fn choose(name: &str, settings: &[String]) -> Result<Self, WheelBuildError> {
        let mut library = if name.contains('/') || name.ends_with(".toml") {
            let path = crate::files::absolute(name.into())?;
            let text = fs::read_to_string(&path)
                .map_err(WheelBuildError::io("cannot read", path.as_path()))?;
            let base = path.parent().unwrap_or(Utf8Path::new("/"));
            Self::read(text, Some(base.to_owned()), path.as_str())?
        } else {
            Self::built_in(name)?
        };
        library.settings = settings.to_vec();
        library.build()?;
        Ok(library)
    }

    pub(super) fn built_in(name: &str) -> Result<Self, WheelBuildError> {
        let entry = catalogue::find(name).ok_or_else(|| {
            let known: Vec<&str> = names().collect();
            WheelBuildError::Message(format!(
                "emshim has no recipe of `{name}`; it has {}; a recipe of your own is named by its \
                 path, such as ./{name}.toml",
                known.join(", ")
            ))
        })?;
        Ok(Self::of(entry))
    }

    pub(super) fn of(entry: &catalogue::Entry) -> Self {
        Self {
            recipe: entry.recipe.clone(),
            text: entry.text.to_owned(),
            base: None,
            settings: Vec::new(),
        }
    }

    pub(super) fn read(
        text: String,
        base: Option<Utf8PathBuf>,
        place: &str,
    ) -> Result<Self, WheelBuildError> {
        let recipe = Recipe::parse(&text)
            .map_err(|error| WheelBuildError::Message(format!("{place} is no recipe: {error}")))?;
        Ok(Self {
            recipe,
            text,
            base,
            settings: Vec::new(),
        })
    }

    /// Its build, with its settings.
    pub(super) fn build(&self) -> Result<Build, WheelBuildError> {
        self.recipe
            .build_with(&self.settings)
            .map_err(|error| WheelBuildError::Message(error.to_string()))
    }

    /// Its name and version.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{} {}", self.recipe.name, self.recipe.version)
    }
}

/// The names of emshim's own recipes.
pub fn names() -> impl Iterator<Item = &'static str> {
    catalogue::all()
        .iter()
        .map(|entry| entry.recipe.name.as_str())
}

impl Resolved {
    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        self.slot.folder()
    }

    /// Whether it is there, as it was built. Its files know their place, so one that was moved is not.
    #[must_use]
    pub fn is_built(&self) -> bool {
        matches!(self.slot.state(), State::Ready(_)) && self.slot.is_intact()
    }
}

impl Library {
    /// A path of the recipe's own folder.
    pub(super) fn at(&self, path: &str) -> Utf8PathBuf {
        self.base
            .as_deref()
            .unwrap_or(Utf8Path::new("/"))
            .join(path)
    }
}

/// The libraries of some names.
pub(super) fn those<'a>(all: &'a [Resolved], names: &[String]) -> Vec<&'a Resolved> {
    let is = |one: &&Resolved| names.contains(&one.library.recipe.name);
    all.iter().filter(is).collect()
}
