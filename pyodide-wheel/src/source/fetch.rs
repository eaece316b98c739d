//! Fetching an sdist from the index pip is configured for.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::files;
use crate::python::{Output, Python, Script};
use crate::source::SourceError;

const SCRIPT: Script = Script {
    name: "sdist",
    texts: &[
        include_str!("../../assets/pip_failures.py"),
        include_str!("../../assets/sdist.py"),
    ],
};

/// How many versions a message lists.
const LISTED_VERSIONS: usize = 8;

/// A downloaded sdist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its version.
    pub version: String,
    /// The file's SHA-256.
    pub sha256: String,
    /// That the index withdrew it, and why, in words.
    pub yanked: Option<String>,
    /// Whether the index announced a checksum, which then was the file's.
    pub verified: bool,
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
    struct FetchInput<'a> {
        requirement: &'a str,
        folder: &'a Utf8Path,
    }
    #[derive(Deserialize)]
    struct Answer {
        file: String,
        version: String,
        sha256: String,
        verified: bool,
        yanked: Option<String>,
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
        OtherPython {
            why: String,
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
    let request = FetchInput {
        requirement,
        folder,
    };
    let answer = tools.call::<Answer, Refusal>(SCRIPT, &request, output)?;
    let requirement = requirement.to_owned();
    match answer {
        Ok(Answer {
            file,
            version,
            sha256,
            verified,
            yanked,
        }) => Ok(Fetched {
            path: folder.join(file),
            version,
            sha256,
            verified,
            yanked,
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
            Refusal::OtherPython { why } => SourceError::OtherPython { requirement, why },
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
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::python::Env;

    /// An index in a folder, as `pip --index-url file://` reads it.
    struct Index {
        _dir: tempfile::TempDir,
        base: Utf8PathBuf,
    }

    fn index() -> Index {
        let dir = tempfile::tempdir().unwrap();
        let base = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        files::create_dir_all(&base.join("simple")).unwrap();
        Index { _dir: dir, base }
    }

    impl Index {
        /// Adds files of a project, each with the checksum of the given content.
        fn project(&self, name: &str, files: &[(&str, &str)]) {
            let mut page = String::new();
            for (file, hashed) in files {
                files::write_atomic(&self.base.join("files").join(file), b"content").unwrap();
                let hash = crate::hex(&Sha256::digest(hashed));
                page += &format!("<a href='../../files/{file}#sha256={hash}'>{file}</a>\n");
            }
            let path = self.base.join("simple").join(name).join("index.html");
            files::write_atomic(&path, page.as_bytes()).unwrap();
        }

        fn fetch_from(&self, url: &str, requirement: &str) -> Result<Fetched, SourceError> {
            let mut env: Env = std::env::vars_os().collect();
            env.retain(|name, _| !name.as_encoded_bytes().starts_with(b"PIP_"));
            for (name, value) in [
                ("PIP_CONFIG_FILE", "/dev/null"),
                ("PIP_INDEX_URL", url),
                ("PIP_NO_CACHE_DIR", "1"),
                ("PIP_RETRIES", "0"),
            ] {
                env.insert(name.into(), value.into());
            }
            let python = Python {
                exe: "python3".into(),
                env,
            };
            let log = self.base.join("log");
            let mut output = Output {
                log: &log,
                line: &mut |_| {},
            };
            fetch(&python, requirement, &self.base.join("sdists"), &mut output)
        }

        fn fetch(&self, requirement: &str) -> Result<Fetched, SourceError> {
            self.fetch_from(&format!("file://{}/simple", self.base), requirement)
        }

        fn refusal(&self, requirement: &str) -> String {
            let message = self.fetch(requirement).unwrap_err().to_string();
            let left = self
                .base
                .join("sdists")
                .read_dir_utf8()
                .map_or(0, Iterator::count);
            assert_eq!(left, 0, "something was left after: {message}");
            message
        }
    }

    #[test]
    fn the_newest_fitting_sdist_is_fetched_and_verified() {
        let index = index();
        let wheel = "p_q-3-py3-none-any.whl";
        let files = ["p_q-1.0.tar.gz", "p_q-2.0.zip", "p_q-3.0rc1.tar.gz", wheel];
        index.project("p-q", &files.map(|file| (file, "content")));
        let newest = index.fetch("P.q").unwrap();
        assert_eq!((newest.version.as_str(), newest.verified), ("2.0", true));
        assert_eq!(std::fs::read(&newest.path).unwrap(), b"content");
        assert_eq!(newest.path.file_name(), Some("p_q-2.0.zip"));
        assert_eq!(index.fetch("p-q<2").unwrap().version, "1.0");
        assert_eq!(index.fetch("p-q==3.0rc1").unwrap().version, "3.0rc1");
        // The second time it is there already.
        assert_eq!(index.fetch("p-q").unwrap(), newest);
    }

    #[test]
    fn a_wrong_checksum_is_not_kept() {
        let index = index();
        index.project("p", &[("p-1.0.tar.gz", "other content")]);
        let message = index.refusal("p");
        assert!(
            message.contains("p-1.0.tar.gz") && message.contains("announced"),
            "{message}"
        );
    }

    #[test]
    fn what_the_index_does_not_have_is_named() {
        let index = index();
        index.project(
            "p",
            &[("p-1.0.tar.gz", "content"), ("p-0.9.tar.gz", "content")],
        );
        index.project("w", &[("w-1-py3-none-any.whl", "content")]);
        assert!(index.refusal("p==7").contains("sdists there are: 1.0, 0.9"));
        assert!(index.refusal("w").contains("no sdist"));
        assert!(index.refusal("none").contains("no project `none`"));
        assert!(index.refusal("p[extra]").contains("extras do not belong"));
        assert!(index.refusal("p @ file:///x").contains("url do not belong"));
        assert!(index.refusal("a b").contains("`a b` names no source"));
    }

    #[test]
    fn what_the_index_says_of_a_release_is_told() {
        let index = index();
        let page = |name: &str, attribute: &str| {
            index.project(name, &[(&format!("{name}-1.0.tar.gz"), "content")]);
            let path = index.base.join("simple").join(name).join("index.html");
            let text = files::read_to_string(&path).unwrap();
            files::write_atomic(
                &path,
                text.replace("<a ", &format!("<a {attribute} ")).as_bytes(),
            )
            .unwrap();
        };
        page("y", "data-yanked='it is broken'");
        let yanked = index.fetch("y").unwrap().yanked.unwrap();
        assert!(
            yanked.contains("y 1.0") && yanked.contains("it is broken"),
            "{yanked}"
        );
        files::remove(&index.base.join("sdists")).unwrap();
        page("r", "data-requires-python='&gt;=4.7'");
        for requirement in ["r", "r==1.0"] {
            let why = index.refusal(requirement);
            assert!(why.contains("Python") && why.contains("4.7"), "{why}");
        }
        assert!(index.refusal("r==2").contains("r==2"));
        let path = index.base.join("simple/g/index.html");
        files::write_atomic(&path, b"\x00\xff<<<>\x7f{not html").unwrap();
        assert!(index.refusal("g").contains("`g`"));
    }

    #[test]
    fn an_index_that_does_not_answer_is_no_missing_project() {
        // Nobody listens on the discard port.
        let result = index().fetch_from("http://127.0.0.1:9/simple", "p");
        assert!(
            matches!(result, Err(SourceError::Unanswered { .. })),
            "{result:?}"
        );
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
