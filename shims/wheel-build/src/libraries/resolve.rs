//! What libraries depend on, and what decides where each lies.

use std::sync::OnceLock;

use camino::Utf8Path;
use libraries::recipe::Origin;
use provision::Slot;

use super::archive;
use super::chosen::{Library, Resolved, those};
use crate::error::WheelBuildError;
use crate::files::own_program;
use crate::session::Session;

impl Session {
    /// Libraries with all that they depend on, what is needed first, each once.
    ///
    /// # Errors
    /// A recipe depends on one that there is not, or on itself; or two of them are in each other's way.
    pub fn resolve(&self, wanted: &[Library]) -> Result<Vec<Resolved>, WheelBuildError> {
        let mut done: Vec<Resolved> = Vec::new();
        for library in wanted {
            self.resolve_one(library, wanted, &mut Vec::new(), &mut done)?;
        }
        for one in &done {
            let recipe = &one.library.recipe;
            let other =
                |name: &&String| done.iter().any(|other| other.library.recipe.name == **name);
            if let Some(other) = recipe.conflicts.iter().find(other) {
                return Err(WheelBuildError::Message(format!(
                    "{} and {other} cannot be in one prefix: they install the same files; `emshim \
                     library remove {other}` first",
                    recipe.name
                )));
            }
        }
        Ok(done)
    }

    fn resolve_one(
        &self,
        library: &Library,
        wanted: &[Library],
        path: &mut Vec<String>,
        done: &mut Vec<Resolved>,
    ) -> Result<(), WheelBuildError> {
        let name = &library.recipe.name;
        if done.iter().any(|one| one.library.recipe.name == *name) {
            return Ok(());
        }
        if path.contains(name) {
            return Err(WheelBuildError::Message(format!(
                "the recipe of {name} depends on itself: {} -> {name}",
                path.join(" -> ")
            )));
        }
        path.push(name.clone());
        let mut depends: Vec<String> = Vec::new();
        for needed in &library.recipe.depends {
            // One that is chosen with settings is the one that is meant.
            let chosen = wanted.iter().find(|one| one.recipe.name == *needed);
            let needed_library = match chosen {
                Some(chosen) => chosen.clone(),
                None => Library::built_in(needed)?,
            };
            self.resolve_one(&needed_library, wanted, path, done)?;
            let further = done.iter().find(|one| one.library.recipe.name == *needed);
            let further = further.map(|one| one.depends.clone()).unwrap_or_default();
            for name in further.into_iter().chain([needed.clone()]) {
                if !depends.contains(&name) {
                    depends.push(name);
                }
            }
        }
        path.pop();
        let below: Vec<&Resolved> = those(done, &depends);
        let slot = self.slot(library, &below)?;
        done.push(Resolved {
            library: library.clone(),
            slot,
            depends,
        });
        Ok(())
    }

    /// A library's folder, named by all that makes it.
    fn slot(&self, library: &Library, depends: &[&Resolved]) -> Result<Slot, WheelBuildError> {
        let mut config = self.shim_config(Utf8Path::new("/shims"));
        config.libraries = None;
        let config = serde_json::to_string(&config).unwrap_or_default();
        let source = match library.recipe.source.origin() {
            Ok(Origin::Path(path)) => archive::digest(&library.at(path))?,
            _ => String::new(),
        };
        let settings = library.settings.join(",");
        let mut parts = vec![program()?, &config, &library.text, &settings, &source];
        parts.extend(
            depends
                .iter()
                .filter_map(|one| one.slot.folder().file_name()),
        );
        let recipe = &library.recipe;
        let target = self.target.name.to_string().replace('@', "-");
        let name = format!("{target}-{}-{}", recipe.name, recipe.version);
        Ok(Slot::new(
            &self.store.libraries(),
            &name,
            library.label(),
            parts,
        ))
    }
}

/// The digest of the running program: another emshim may build otherwise.
fn program() -> Result<&'static str, WheelBuildError> {
    static DIGEST: OnceLock<String> = OnceLock::new();
    if let Some(digest) = DIGEST.get() {
        return Ok(digest);
    }
    let digest = blake3::hash(&own_program()?).to_hex().to_string();
    Ok(DIGEST.get_or_init(|| digest))
}
