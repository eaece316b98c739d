//! What counts for one build: what the caller says, over what the files of the source say.

use std::cell::RefCell;
use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use configuration::{Files, Globs, Key, Origin, Resolved, python_commands};
use provision::Progress;
use pyodide_wheel::pep517::{ConfigSettings, config_settings};
use pyodide_wheel::python::Python;
use pyodide_wheel::source::Source;
use pyodide_wheel::wheel::Strip;

use super::Builder;
use crate::error::WheelBuildError;
use crate::libraries::Library;
use crate::rust::Given;
use crate::session::{DEFAULT_EXPORTS, Session};
use crate::smaller::Smaller;

/// What stands for the project's folder in commands and settings, by cibuildwheel's names.
const PLACEHOLDERS: [&str; 2] = ["{project}", "{package}"];

/// The variable of each key that the shims heed.
const FOR_SHIMS: &[Key] = &[Key::Cflags, Key::Cxxflags, Key::Ldflags];

/// What counts for one build.
#[derive(Debug, Clone, Default)]
pub struct Chosen(Resolved);

impl Builder<'_> {
    /// What counts for a source that lies in a folder; which files had a word in it is told.
    pub(super) fn chosen(
        &self,
        source: &Source,
        folder: &Utf8Path,
    ) -> Result<Chosen, WheelBuildError> {
        let whose = match (source, &self.options.files) {
            (Source::Folder(_), _) | (_, Files::Instead(_)) => "",
            (Source::Archive(_) | Source::Project(_), _) => "of the source's author, ",
        };
        let read = || -> Result<Resolved, WheelBuildError> {
            let files = &self.options.files;
            let project = files.read(folder)?;
            let target = self.session.target.name.to_string();
            let env = |name: &str| std::env::var(name).ok();
            let mut resolved = project.resolve(&target, &self.options.given, &env)?;
            let wanted = project.targets();
            if !whose.is_empty() && !wanted.is_empty() && !wanted.contains(&target) {
                let targets = wanted.join(", ");
                resolved.notes.push(format!(
                    "its author builds it for {targets}, not for {target}"
                ));
            }
            let keys: Vec<&str> = resolved.from_files().map(|key| key.row().name).collect();
            if !keys.is_empty() {
                let files: Vec<&str> = project.files().collect();
                let (files, keys) = (files.join(" and "), keys.join(", "));
                self.progress
                    .note(&format!("settings {whose}in {files}: {keys}"));
            }
            Ok(resolved)
        };
        let resolved = read().map_err(|error| match whose {
            "" => error,
            _ => WheelBuildError::Message(format!(
                "{error}; --no-config leaves the settings {whose}out"
            )),
        })?;
        for note in &resolved.notes {
            self.progress.note(&format!("note: {note}"));
        }
        for name in Chosen(resolved.clone()).set_by_caller() {
            self.progress.note(&format!(
                "note: {name} stays as it is set in the environment"
            ));
        }
        Ok(Chosen(resolved))
    }
}

impl Chosen {
    /// Settings for the back end of a source that lies in a folder.
    pub(super) fn config_settings(&self, source: &Utf8Path) -> ConfigSettings {
        let pairs = self.0.pairs(Key::ConfigSettings);
        let texts: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", placed(value, source)))
            .collect();
        config_settings(texts.iter().map(String::as_str))
    }

    /// What the wheel does without beside what it excludes.
    pub(super) fn strip(&self) -> Strip {
        Strip {
            tests: self.0.is_on(Key::StripTests),
            debug: self.0.is_on(Key::StripDebug),
            headers: self.0.is_on(Key::StripHeaders),
        }
    }

    /// How it gets smaller with all that is left.
    pub(super) fn smaller(&self) -> Smaller {
        Smaller {
            compile_py: self.0.is_on(Key::CompilePy),
            wasm_opt: self.0.texts(Key::WasmOpt).last().map(str::to_owned),
        }
    }

    /// Whether the wheel gets the older platform tag.
    pub(super) fn legacy_tag(&self) -> bool {
        self.0.is_on(Key::LegacyTag)
    }

    /// Variables for the build and the tests.
    pub fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.pairs(Key::Environment)
    }

    /// The names of those that stay as the caller has set them.
    pub(super) fn set_by_caller(&self) -> impl Iterator<Item = &str> {
        let entries = self.0.entries(Key::Environment).iter();
        let set = entries.filter(|entry| matches!(entry.origin, Origin::Variable(_)));
        set.filter_map(|entry| entry.name.as_deref())
    }

    /// The interpreter of the session's tools, in the environment of this build.
    pub(super) fn tools(&self, session: &Session) -> Python {
        let mut tools = session.tools.clone();
        let own = self.environment();
        tools
            .env
            .extend(own.map(|(name, value)| (name.into(), value.into())));
        tools
    }

    /// That environment, as far as it is text.
    pub(super) fn given(&self, session: &Session) -> Given {
        let env = self.tools(session).env;
        let text = env
            .iter()
            .map(|(name, value)| (name.to_str(), value.to_str()));
        Given::of(text.filter_map(|(name, value)| Some((name?, value?))))
    }

    /// Holds that none of its variables is one that emshim sets for a build.
    pub(super) fn check_free(&self, own: &[(String, String)]) -> Result<(), WheelBuildError> {
        let caller: BTreeSet<&str> = self.set_by_caller().collect();
        let mut names = self.environment().map(|(name, _)| name);
        let taken = |name: &&str| !caller.contains(name) && own.iter().any(|(own, _)| own == name);
        match names.find(taken) {
            None => Ok(()),
            Some(name) => Err(WheelBuildError::Message(format!(
                "`environment` sets {name}, which emshim sets for every build: take it out; {} are \
                 further flags",
                "`cflags`, `cxxflags` and `ldflags`"
            ))),
        }
    }

    /// What the shims are told by variables.
    pub(super) fn for_shims(&self) -> Vec<(String, String)> {
        let exports: Vec<&str> = self.0.texts(Key::Exports).collect();
        let exports = match exports.as_slice() {
            [] => DEFAULT_EXPORTS.to_owned(),
            names => names.join(","),
        };
        let mut variables = vec![("EMSHIM_EXPORTS".to_owned(), exports)];
        for key in FOR_SHIMS {
            // Those of the environment are there already.
            let entries = self.0.entries(*key).iter();
            let of_files = entries.filter(|entry| matches!(entry.origin, Origin::File(_)));
            let flags: Vec<&str> = of_files.map(|entry| entry.value.as_str()).collect();
            if let (Some(name), false) = (key.row().variable, flags.is_empty()) {
                variables.push((name.to_owned(), shell_words::join(flags)));
            }
        }
        variables
    }

    /// Commands that come before the build of a source that lies in a folder.
    pub(super) fn before_build(&self, source: &Utf8Path) -> Vec<String> {
        let commands = self.0.texts(Key::BeforeBuild);
        commands.map(|command| placed(command, source)).collect()
    }

    /// The files that the wheel does without.
    pub(super) fn exclude(&self) -> Result<Exclude, WheelBuildError> {
        let globs = Globs::parse(self.0.texts(Key::Exclude));
        Ok(Exclude {
            globs: globs.map_err(WheelBuildError::Message)?,
            used: RefCell::default(),
        })
    }

    /// The libraries it names; a recipe, and what it is a recipe of, lies in the source.
    pub(super) fn libraries(&self, source: &Utf8Path) -> Result<Vec<Library>, WheelBuildError> {
        let mut libraries = Vec::new();
        for name in self.0.texts(Key::Libraries) {
            let is_path = name.contains('/') || name.ends_with(".toml");
            let library = if is_path {
                let path = inside(source, &source.join(name), name)?;
                Library::choose(path.as_str(), &[])?
            } else {
                Library::choose(name, &[])?
            };
            if let (Some(base), Some(path)) = (&library.base, &library.recipe.source.path) {
                inside(source, &base.join(path), path)?;
            }
            libraries.push(library);
        }
        Ok(libraries)
    }

    /// Whether there is a command that tests the wheel.
    #[must_use]
    pub fn tests(&self) -> bool {
        self.0.texts(Key::TestCommand).next().is_some()
    }

    /// The arguments of `python` for each command that tests the wheel, in a folder with its tests.
    pub(crate) fn test_commands(
        &self,
        folder: &Utf8Path,
    ) -> Result<Vec<Vec<String>>, WheelBuildError> {
        let mut all = Vec::new();
        for text in self.0.texts(Key::TestCommand) {
            let commands = python_commands(text).map_err(WheelBuildError::Message)?;
            let place = |words: Vec<String>| -> Vec<String> {
                words.iter().map(|word| placed(word, folder)).collect()
            };
            all.extend(commands.into_iter().map(place));
        }
        Ok(all)
    }

    /// What the tests need besides.
    pub(crate) fn test_requires(&self) -> impl Iterator<Item = String> {
        self.0.texts(Key::TestRequires).map(str::to_owned)
    }
}

/// A text with a folder in the place of what stands for it.
fn placed(text: &str, folder: &Utf8Path) -> String {
    let replace = |text: String, name: &&str| text.replace(*name, folder.as_str());
    PLACEHOLDERS.iter().fold(text.to_owned(), replace)
}

/// A path of a source, links followed: one that leads out of it is refused.
fn inside(source: &Utf8Path, path: &Utf8Path, named: &str) -> Result<Utf8PathBuf, WheelBuildError> {
    let real = |path: &Utf8Path| {
        let real = path.canonicalize_utf8();
        real.map_err(WheelBuildError::io(
            "`libraries`: cannot find",
            Utf8Path::new(named),
        ))
    };
    let found = real(path)?;
    match found.starts_with(real(source)?) {
        true => Ok(found),
        false => Err(WheelBuildError::Message(format!(
            "`libraries`: {named} leads out of the project; put the recipe and its source into it"
        ))),
    }
}

/// The files that a wheel does without, and which of the globs had one.
pub(super) struct Exclude {
    globs: Globs,
    used: RefCell<BTreeSet<usize>>,
}

impl Exclude {
    /// Whether a file is one of them.
    pub(super) fn takes(&self, path: &str) -> bool {
        let fitting: BTreeSet<usize> = self.globs.fitting(path).collect();
        let takes = !fitting.is_empty();
        self.used.borrow_mut().extend(fitting);
        takes
    }

    /// Tells of globs that no file was like.
    pub(super) fn note_idle(&self, progress: &dyn Progress) {
        for (at, text) in self.globs.texts().enumerate() {
            if !self.used.borrow().contains(&at) {
                progress.note(&format!(
                    "warning: `exclude`: the wheel has nothing like `{text}`"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_source() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let source = root.join("source");
        std::fs::create_dir(&source).unwrap();
        std::fs::write(root.join("secret.toml"), "").unwrap();
        std::fs::write(source.join("a.toml"), "").unwrap();
        std::os::unix::fs::symlink("../secret.toml", source.join("b.toml")).unwrap();
        assert!(inside(&source, &source.join("a.toml"), "a.toml").is_ok());
        for (name, says) in [("b.toml", "leads out"), ("c.toml", "cannot find")] {
            let error = inside(&source, &source.join(name), name).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn what_stands_for_the_project_is_replaced() {
        let text = placed("pytest {project}/a {package}/b", "/p".into());
        assert_eq!(text, "pytest /p/a /p/b");
    }
}
