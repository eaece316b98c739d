//! What lies where in the folder of a farm.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wheel_build::error::WheelBuildError;

/// The folder. It can be published as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(pub Utf8PathBuf);

impl Folder {
    /// What is to be done.
    pub(crate) fn graph(&self) -> Utf8PathBuf {
        self.0.join("graph.json")
    }

    /// What Snakemake reads.
    pub(crate) fn snakefile(&self) -> Utf8PathBuf {
        self.0.join("Snakefile")
    }

    /// The file whose lock everything that runs for this farm holds.
    pub(crate) fn lock(&self) -> Utf8PathBuf {
        self.0.join("farm.lock")
    }

    /// The wheels of a target.
    #[must_use]
    pub fn wheels(&self, target: &str) -> Utf8PathBuf {
        self.0.join("wheels").join(target)
    }

    /// The lock file and index of a target.
    #[must_use]
    pub fn index(&self, target: &str) -> Utf8PathBuf {
        self.0.join("index").join(target)
    }

    /// The settings of a package.
    pub(crate) fn settings(&self, name: &str) -> Utf8PathBuf {
        self.0.join("settings").join(format!("{name}.toml"))
    }

    /// What came out of a job.
    pub(crate) fn outcome(&self, id: &str) -> Utf8PathBuf {
        self.0.join("results").join(format!("{id}.json"))
    }

    /// What the tools of a job said; relative, for the page links to it.
    pub(crate) fn log(id: &str) -> Utf8PathBuf {
        Utf8Path::new("logs").join(format!("{id}.log"))
    }

    /// The file that tells Snakemake that a job is done.
    pub(crate) fn stamp(&self, id: &str) -> Utf8PathBuf {
        self.0.join("done").join(id)
    }
}

pub(crate) fn write(path: &Utf8Path, bytes: &[u8]) -> Result<(), WheelBuildError> {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        whole::replace(path.as_std_path(), whole::FOR_ALL, bytes)
    };
    write().map_err(WheelBuildError::io("cannot write", path))
}

pub(crate) fn write_json(path: &Utf8Path, value: &impl Serialize) -> Result<(), WheelBuildError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| WheelBuildError::Message(format!("cannot write {path}: {e}")))?;
    write(path, (text + "\n").as_bytes())
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Utf8Path) -> Result<T, WheelBuildError> {
    let text = fs::read(path).map_err(WheelBuildError::io("cannot read", path))?;
    serde_json::from_slice(&text).map_err(|e| {
        WheelBuildError::Message(format!(
            "{path} is not as emshim writes it ({e}): run `emshim farm` again"
        ))
    })
}

/// The BLAKE3 of a file; `None` where it cannot be read.
pub(crate) fn digest(path: &Utf8Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    Some(blake3::hash(&bytes).to_hex().to_string())
}

pub(crate) fn remove(path: &Utf8Path) -> Result<(), WheelBuildError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(WheelBuildError::io("cannot remove", path)(error))
        }
        _ => Ok(()),
    }
}
