//! A log's folder, and what it holds by name.

use crate::format::folder;
use crate::format::schema::{Begin, Blob, Step, Toolchain};
use crate::read::error::LogError;
use crate::read::reader::{Calls, Problem};
use crate::read::view::{Full, FullCall, View};
use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use toolcall::explanation::Explanation;
use toolcall::plan;

/// A log folder.
#[derive(Debug, Clone)]
pub struct Log {
    folder: Utf8PathBuf,
}

impl Log {
    /// The log in a folder. Nothing is read yet.
    #[must_use]
    pub fn new(folder: impl Into<Utf8PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The file of records.
    #[must_use]
    pub fn file(&self) -> Utf8PathBuf {
        let path = folder::records(self.folder.as_std_path());
        Utf8PathBuf::try_from(path).unwrap_or_else(|_| self.folder.clone())
    }

    /// Reads the calls, those that ended in the order they did, then the others.
    ///
    /// # Errors
    /// There is no log.
    pub fn calls<V: View>(&self) -> Result<Calls<V>, LogError> {
        let file = File::open(self.file()).map_err(|source| LogError::Open {
            folder: self.folder.clone(),
            source,
        })?;
        Ok(Calls::new(file, self.file()))
    }

    /// Finds one call by its id, by an end or a beginning of it that no other has, or the last one
    /// that began by `last`.
    ///
    /// # Errors
    /// There is no such call, or there are several.
    pub fn find(&self, name: &str) -> Result<(FullCall, Vec<Problem>), LogError> {
        let mut found: BTreeMap<String, FullCall> = BTreeMap::new();
        let mut problems = Vec::new();
        let mut calls = self.calls::<Full>()?;
        if name != "last" {
            calls.only_lines_with(name);
        }
        for call in calls.apart(&mut problems) {
            let call = call?;
            let id = &call.begin.id;
            if name == "last" {
                let later = found.keys().next().is_none_or(|last| last < id);
                if later {
                    found.clear();
                    found.insert(id.clone(), call);
                }
            } else if id.starts_with(name) || id.ends_with(name) {
                found.insert(id.clone(), call);
            }
        }
        if found.len() > 1 {
            let ids: Vec<&str> = found.keys().take(5).map(String::as_str).collect();
            return Err(LogError::NotFound(format!(
                "{name} is short for {} calls ({}, ...); give more of the id",
                found.len(),
                ids.join(", ")
            )));
        }
        match found.into_values().next() {
            Some(call) => Ok((call, problems)),
            None => Err(LogError::NotFound(format!(
                "no call {name} in {}; `emshim log list` has the ids{}",
                self.file(),
                unreadable(&problems)
            ))),
        }
    }

    /// The contents of this name.
    ///
    /// # Errors
    /// They are gone, or not what they were.
    pub fn blob(&self, name: &str) -> Result<Vec<u8>, LogError> {
        let folder = folder::blobs(self.folder.as_std_path());
        let folder = Utf8PathBuf::try_from(folder).unwrap_or_else(|_| self.folder.clone());
        let lost = |why: String| LogError::Blob {
            path: folder.join(name),
            why,
        };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(lost("no name of a blob".into()));
        }
        let bytes = std::fs::read(folder.join(name)).map_err(|error| lost(error.to_string()))?;
        if blake3::hash(&bytes).to_hex().as_str() != name {
            return Err(lost("its contents are not those of its name".into()));
        }
        Ok(bytes)
    }

    /// Shared contents that are JSON.
    ///
    /// # Errors
    /// As [`Self::blob`], or they are of another layout.
    pub fn parsed<T: DeserializeOwned>(&self, name: &Blob) -> Result<T, LogError> {
        serde_json::from_slice(&self.blob(name)?).map_err(|error| LogError::Blob {
            path: self.folder.join("blobs").join(name),
            why: error.to_string(),
        })
    }

    /// The environment a call was given: allowed variables, passwords in URLs masked.
    ///
    /// # Errors
    /// As [`Self::parsed`].
    pub fn env(&self, begin: &Begin) -> Result<BTreeMap<String, String>, LogError> {
        self.parsed(&begin.env)
    }

    /// What a call was planned with, whatever the age of the emshim that recorded it.
    ///
    /// # Errors
    /// As [`Self::parsed`].
    pub fn toolchain(&self, begin: &Begin) -> Result<Toolchain, LogError> {
        let mut toolchain: Toolchain = self.parsed(&begin.toolchain)?;
        let emscripten = &mut toolchain.config.emscripten;
        if emscripten.cache.as_str().is_empty() {
            // Emscripten's own place for it.
            emscripten.cache = emscripten.root.join("cache");
        }
        Ok(toolchain)
    }

    /// A step as it was planned.
    ///
    /// # Errors
    /// As [`Self::parsed`].
    pub fn step(&self, step: &Step) -> Result<plan::Step, LogError> {
        let env = step.env.as_ref().map(|env| self.parsed(env));
        Ok(plan::Step {
            kind: step.kind,
            argv: step.argv.clone(),
            env: env.transpose()?.unwrap_or_default(),
            outputs: step.outputs.clone(),
        })
    }

    /// A recorded call explained as a new one is.
    ///
    /// # Errors
    /// As [`Self::parsed`].
    pub fn explain(&self, begin: &Begin) -> Result<Explanation, LogError> {
        let decisions = begin.decisions.as_ref().map(|name| self.parsed(name));
        let steps = begin.steps.iter().map(|step| self.step(step));
        Ok(Explanation {
            job: begin.job,
            decisions: decisions.transpose()?.unwrap_or_default(),
            steps: steps.collect::<Result<_, _>>()?,
            refusal: begin.refusal.clone(),
        })
    }
}

fn unreadable(problems: &[Problem]) -> String {
    match problems.len() {
        0 => String::new(),
        n => format!(" ({n} lines of it cannot be read)"),
    }
}
