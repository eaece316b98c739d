//! What a set of wheels is: their names and hashes, what each needs of the others, what they let
//! users import.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::files::{self, FileError};
use crate::hex;
use crate::import_check::top_level;
use crate::python::{Output, Script, ScriptError};
use crate::resolve::Resolver;
use crate::wheel::{self, ArchiveError, Entries};

const SCRIPT: Script = Script {
    name: "describe",
    texts: &[include_str!("../assets/describe.py")],
};

/// A wheel among those that are installed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The wheel.
    pub path: Utf8PathBuf,
    /// The project's normalised name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The Python versions it runs in, as it says itself.
    pub requires_python: Option<String>,
    /// Normalised names of the projects it needs in the target, sorted.
    pub depends: Vec<String>,
    /// Top-level modules, sorted.
    pub imports: Vec<String>,
    /// Its METADATA file, byte for byte.
    pub metadata: Vec<u8>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Described {
    /// The wheel's file name.
    #[must_use]
    pub fn file(&self) -> &str {
        self.path.file_name().unwrap_or_default()
    }

    /// SHA-256 of the wheel.
    #[must_use]
    pub fn sha256(&self) -> String {
        sha256(&self.bytes)
    }

    /// SHA-256 of its METADATA file.
    #[must_use]
    pub fn metadata_sha256(&self) -> String {
        sha256(&self.metadata)
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Wheels could not be described.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// A wheel could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A wheel is no usable archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The script that reads metadata failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A wheel's metadata is not what it has to be.
    #[error("{file} has no usable METADATA: {why}; build it again with a current build back end")]
    Metadata {
        /// The wheel.
        file: String,
        /// What is wrong.
        why: String,
    },
}

#[derive(Serialize)]
struct Request<'a> {
    wheels: Vec<Given<'a>>,
    requirements: &'a [String],
    markers: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Given<'a> {
    file: &'a str,
    metadata: String,
}

#[derive(Deserialize)]
struct Answer {
    file: String,
    name: String,
    version: String,
    requires_python: Option<String>,
    depends: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Refusal {
    Metadata { file: String, why: String },
}

impl Resolver<'_> {
    /// Describes wheels that were [collected](Self::collect) for these requirements, sorted by name.
    ///
    /// # Errors
    /// A wheel is damaged or has no usable metadata.
    pub fn describe(
        &self,
        wheels: &[Utf8PathBuf],
        requirements: &[String],
        output: &mut Output<'_>,
    ) -> Result<Vec<Described>, DescribeError> {
        let mut described: BTreeMap<String, Described> = BTreeMap::new();
        for path in wheels {
            let one = unnamed(path)?;
            described.insert(one.file().to_owned(), one);
        }
        let given = |one: &'_ Described| String::from_utf8_lossy(&one.metadata).into_owned();
        let request = Request {
            wheels: described
                .iter()
                .map(|(file, one)| Given {
                    file,
                    metadata: given(one),
                })
                .collect(),
            requirements,
            markers: self.markers(),
        };
        let answers = self
            .tools
            .call::<Vec<Answer>, Refusal>(SCRIPT, &request, output)?
            .map_err(|Refusal::Metadata { file, why }| DescribeError::Metadata { file, why })?;
        for answer in answers {
            if let Some(one) = described.get_mut(&answer.file) {
                one.name = answer.name;
                one.version = answer.version;
                one.requires_python = answer.requires_python;
                one.depends = answer.depends;
            }
        }
        let mut all: Vec<_> = described.into_values().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

/// What can be read of a wheel without understanding its metadata.
fn unnamed(path: &Utf8Path) -> Result<Described, DescribeError> {
    let entries = wheel::read(path)?;
    Ok(Described {
        path: path.to_owned(),
        name: String::new(),
        version: String::new(),
        requires_python: None,
        depends: Vec::new(),
        imports: top_level(&entries),
        metadata: metadata(path, &entries)?,
        bytes: files::read(path)?,
    })
}

/// The METADATA file of the one `.dist-info` folder.
fn metadata(path: &Utf8Path, entries: &Entries) -> Result<Vec<u8>, DescribeError> {
    let is_metadata = |name: &str| {
        name.split_once('/')
            .is_some_and(|(folder, file)| folder.ends_with(".dist-info") && file == "METADATA")
    };
    let mut found = entries.iter().filter(|(name, _)| is_metadata(name));
    match (found.next(), found.next()) {
        (Some((_, entry)), None) => Ok(entry.bytes.clone()),
        (one, _) => Err(DescribeError::Metadata {
            file: path.to_string(),
            why: if one.is_none() {
                "there is no such file".to_owned()
            } else {
                "there are several".to_owned()
            },
        }),
    }
}
