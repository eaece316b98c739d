//! What sources say of themselves before they are built: their names, and what they need.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::python::{Output, Script, ScriptError};
use crate::resolve::Resolver;

const SCRIPT: Script = Script {
    name: "requires",
    texts: &[include_str!("../assets/requires.py")],
};

/// What a source says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Said {
    /// The project's normalised name, unless only `setup.py` knows it.
    pub name: Option<String>,
    /// Its version, unless the build makes it.
    pub version: Option<String>,
    /// Normalised names of the projects that it needs in the target or to be built.
    pub needs: Vec<String>,
}

/// A source cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum RequiresError {
    /// The script failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A file of the source says what means nothing.
    #[error("{path} says what it needs in a way that nothing understands: {why}")]
    Source {
        /// The source.
        path: String,
        /// What.
        why: String,
    },
}

#[derive(Serialize)]
struct Request<'a> {
    source: Given<'a>,
    markers: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Given<'a> {
    path: &'a Utf8Path,
    pkg_info: Option<String>,
    pyproject: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Refusal {
    Source { source: String, why: String },
}

impl Resolver<'_> {
    /// What an unpacked source says.
    ///
    /// # Errors
    /// A file of it cannot be understood.
    pub fn requires(
        &self,
        source: &Utf8Path,
        output: &mut Output<'_>,
    ) -> Result<Said, RequiresError> {
        let read = |name: &str| -> Option<String> {
            let path: Utf8PathBuf = source.join(name);
            let bytes = fs::read(path).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        };
        let given = Given {
            path: source,
            pkg_info: read("PKG-INFO"),
            pyproject: read("pyproject.toml"),
        };
        let request = Request {
            source: given,
            markers: self.markers(),
        };
        self.tools
            .call::<Said, Refusal>(SCRIPT, &request, output)?
            .map_err(|Refusal::Source { source, why }| RequiresError::Source { path: source, why })
    }
}
