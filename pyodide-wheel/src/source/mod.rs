//! Where a build's source comes from: a folder, an sdist file, or a project on an index.

mod copy;
mod unpack;
mod work;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::files::{self, FileError};
use crate::python::{Output, Python, Script, ScriptError};

pub use work::WorkTree;

const SCRIPT: Script = Script {
    name: "sdist",
    texts: &[
        include_str!("../../assets/pip_failures.py"),
        include_str!("../../assets/sdist.py"),
    ],
};

/// How many versions a message lists.
const LISTED_VERSIONS: usize = 8;

/// What the user asked to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A project's folder.
    Folder(Utf8PathBuf),
    /// An sdist file.
    Archive(Utf8PathBuf),
    /// A requirement, such as `kiwisolver` or `numpy==2.4.6`, for the index.
    Project(String),
}

/// A source could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The script that asks the index failed.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A path that is not there.
    #[error("there is no {path}; give a project's folder, an sdist file, or NAME[==VERSION]")]
    NotFound {
        /// The path.
        path: Utf8PathBuf,
    },
    /// A folder without a project in it.
    #[error("{path} is no Python project: it has neither pyproject.toml nor setup.py")]
    NoProjectFiles {
        /// The folder.
        path: Utf8PathBuf,
    },
    /// A file of another kind.
    #[error("{path} is no sdist ({why}); give a .tar.gz or .zip source archive")]
    NoArchive {
        /// The file.
        path: Utf8PathBuf,
        /// What it is.
        why: String,
    },
    /// The archive could write outside the folder it is unpacked into.
    #[error("{path} is not safe to unpack: {member:?} {why}")]
    Unsafe {
        /// The archive.
        path: Utf8PathBuf,
        /// The member.
        member: String,
        /// What it would do.
        why: &'static str,
    },
    /// Not a requirement that names one sdist.
    #[error("`{requirement}` names no source: {why}; give NAME or NAME==VERSION")]
    Requirement {
        /// The requirement.
        requirement: String,
        /// What is wrong with it.
        why: String,
    },
    /// The index has no such project.
    #[error("the index pip is configured for has no project `{requirement}`; check the name")]
    NoProject {
        /// The requirement.
        requirement: String,
    },
    /// No version fits.
    #[error("no version fits `{requirement}`; sdists there are: {versions}")]
    NoVersion {
        /// The requirement.
        requirement: String,
        /// The newest versions.
        versions: String,
    },
    /// Only wheels.
    #[error(
        "`{requirement}` has no sdist on the index, only wheels ({versions}); get its source and give its folder"
    )]
    NoSdist {
        /// The requirement.
        requirement: String,
        /// The versions there are.
        versions: String,
    },
    /// The index is down or unreachable.
    #[error(
        "the index does not answer for `{requirement}`: {why}; check the network and pip's configuration (pip config list)"
    )]
    Unanswered {
        /// The requirement.
        requirement: String,
        /// What the connection said.
        why: String,
    },
    /// The download is not what the index announced.
    #[error("{file} has checksum {actual}, but the index announced {expected}; it was not kept")]
    Checksum {
        /// The file.
        file: String,
        /// The announced checksum.
        expected: String,
        /// The checksum of what came.
        actual: String,
    },
    /// The download could not be stored.
    #[error("cannot store the sdist of `{requirement}` in {folder}: {why}")]
    Disk {
        /// The requirement.
        requirement: String,
        /// The download folder.
        folder: Utf8PathBuf,
        /// What the system said.
        why: String,
    },
}

/// A downloaded sdist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The file.
    pub path: Utf8PathBuf,
    /// The project as the index spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The file's SHA-256.
    pub sha256: String,
    /// Whether the index announced a checksum, which then was the file's.
    pub verified: bool,
}

impl Source {
    /// Tells the kinds apart: what is there is a folder or a file; what looks like a path must be
    /// there; anything else names a project.
    ///
    /// # Errors
    /// The path is not there, or is neither a project's folder nor an archive.
    pub fn parse(given: &str, cwd: &Utf8Path) -> Result<Self, SourceError> {
        let path = normal(&cwd.join(given));
        let looks_like_path = given.contains('/') || given.starts_with('.') || given.is_empty();
        let is_project = || {
            ["pyproject.toml", "setup.py"]
                .iter()
                .any(|file| path.join(file).is_file())
        };
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_dir() && is_project() => Ok(Self::Folder(path)),
            Ok(meta) if meta.is_dir() && looks_like_path => {
                Err(SourceError::NoProjectFiles { path })
            }
            Ok(meta) if meta.is_file() => Self::archive(path),
            _ if looks_like_path || has_archive_suffix(given) => {
                Err(SourceError::NotFound { path })
            }
            _ => Ok(Self::Project(given.to_owned())),
        }
    }

    fn archive(path: Utf8PathBuf) -> Result<Self, SourceError> {
        if unpack::Format::of(&path).is_some() {
            return Ok(Self::Archive(path));
        }
        let why = if path.extension() == Some("whl") {
            "it is a wheel, which is built already"
        } else {
            "it has another suffix"
        };
        Err(SourceError::NoArchive {
            path,
            why: why.to_owned(),
        })
    }
}

fn has_archive_suffix(given: &str) -> bool {
    let suffixes = [".whl", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz"];
    suffixes.iter().any(|suffix| given.ends_with(suffix))
}

/// `a/./b/` as `a/b`; `..` stays, for it may follow a link.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    path.components().collect()
}

/// Finds the sdist of a requirement on the index pip is configured for (its environment,
/// configuration files, proxies and find-links), downloads it into `folder` and verifies its
/// checksum.
///
/// # Errors
/// There is no such project, version or sdist, the index does not answer, or the checksum is
/// wrong.
pub fn fetch(
    tools: &Python,
    requirement: &str,
    folder: &Utf8Path,
    output: &mut Output<'_>,
) -> Result<Fetched, SourceError> {
    #[derive(Serialize)]
    struct Request<'a> {
        requirement: &'a str,
        folder: &'a Utf8Path,
    }
    #[derive(Deserialize)]
    struct Answer {
        file: String,
        name: String,
        version: String,
        sha256: String,
        verified: bool,
    }
    #[derive(Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Refusal {
        Syntax {
            why: String,
        },
        Unsupported {
            what: String,
        },
        NoProject,
        NoVersion {
            versions: Vec<String>,
        },
        NoSdist {
            versions: Vec<String>,
        },
        Unanswered {
            why: String,
        },
        Checksum {
            file: String,
            expected: String,
            actual: String,
        },
        Disk {
            why: String,
        },
    }
    files::create_dir_all(folder)?;
    let request = Request {
        requirement,
        folder,
    };
    let answer = tools.call::<Answer, Refusal>(SCRIPT, &request, output)?;
    let requirement = requirement.to_owned();
    match answer {
        Ok(Answer {
            file,
            name,
            version,
            sha256,
            verified,
        }) => Ok(Fetched {
            path: folder.join(file),
            name,
            version,
            sha256,
            verified,
        }),
        Err(refusal) => Err(match refusal {
            Refusal::Syntax { why } => {
                let why = why.lines().next().unwrap_or_default().to_owned();
                SourceError::Requirement { requirement, why }
            }
            Refusal::Unsupported { what } => {
                let why = format!("{what} do not belong in what is to be built");
                SourceError::Requirement { requirement, why }
            }
            Refusal::NoProject => SourceError::NoProject { requirement },
            Refusal::NoVersion { versions } => SourceError::NoVersion {
                requirement,
                versions: listed(&versions),
            },
            Refusal::NoSdist { versions } => SourceError::NoSdist {
                requirement,
                versions: listed(&versions),
            },
            Refusal::Unanswered { why } => SourceError::Unanswered { requirement, why },
            Refusal::Checksum {
                file,
                expected,
                actual,
            } => SourceError::Checksum {
                file,
                expected,
                actual,
            },
            Refusal::Disk { why } => SourceError::Disk {
                requirement,
                folder: folder.to_owned(),
                why,
            },
        }),
    }
}

/// The newest versions, and how many more there are.
fn listed(versions: &[String]) -> String {
    let shown = versions[..versions.len().min(LISTED_VERSIONS)].join(", ");
    match versions.len().saturating_sub(LISTED_VERSIONS) {
        0 => shown,
        more => format!("{shown} and {more} older"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cwd() -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let cwd = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        for folder in ["project", "plain"] {
            std::fs::create_dir(cwd.join(folder)).unwrap();
        }
        for file in ["project/pyproject.toml", "p-1.tar.gz", "p.whl", "p.txt"] {
            std::fs::write(cwd.join(file), "").unwrap();
        }
        (dir, cwd)
    }

    #[test]
    fn what_is_there_is_a_path() {
        let (_dir, cwd) = cwd();
        let parse = |given| Source::parse(given, &cwd).unwrap();
        assert_eq!(parse("project"), Source::Folder(cwd.join("project")));
        assert_eq!(parse("./project/"), Source::Folder(cwd.join("project")));
        assert_eq!(parse("p-1.tar.gz"), Source::Archive(cwd.join("p-1.tar.gz")));
        let inside = Source::parse(".", &cwd.join("project")).unwrap();
        assert_eq!(inside, Source::Folder(cwd.join("project")));
    }

    #[test]
    fn anything_else_names_a_project() {
        let (_dir, cwd) = cwd();
        for given in ["numpy==2.4.6", "kiwisolver", "plain"] {
            assert_eq!(
                Source::parse(given, &cwd).unwrap(),
                Source::Project(given.to_owned())
            );
        }
    }

    #[test]
    fn paths_that_do_not_fit_are_named() {
        let (_dir, cwd) = cwd();
        let error = |given| Source::parse(given, &cwd).unwrap_err().to_string();
        assert!(error("./plain").contains("neither pyproject.toml nor setup.py"));
        assert!(error(".").contains("neither pyproject.toml nor setup.py"));
        assert!(error("./none").contains("there is no"));
        assert!(error("none-1.tar.gz").contains("there is no"));
        assert!(error("p.whl").contains("it is a wheel"));
        assert!(error("p.txt").contains("another suffix"));
    }

    #[test]
    fn long_version_lists_are_cut() {
        let versions: Vec<String> = (0..10).rev().map(|n| format!("1.{n}")).collect();
        assert_eq!(
            listed(&versions),
            "1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2 and 2 older"
        );
        assert_eq!(listed(&versions[..1]), "1.9");
    }
}
