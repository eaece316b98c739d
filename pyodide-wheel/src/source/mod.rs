//! Where a build's source comes from: a folder, an sdist file, or a project on an index.

mod copy;
mod error;
mod fetch;
mod gzip;
mod unpack;
mod work;

use camino::{Utf8Path, Utf8PathBuf};

pub use copy::LOG_MARK;
pub use error::SourceError;
pub use fetch::{Fetched, fetch};
pub use work::{FAILED, WORK, WorkTree};

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

impl Source {
    /// Tells the kinds apart: what is there is a folder or a file; what looks like a path must be
    /// there; an address is refused; anything else names a project.
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
            // Never a stranger's project in place of the user's folder.
            Ok(meta) if meta.is_dir() => Err(SourceError::NoProjectFiles { path }),
            Ok(meta) if meta.is_file() => Self::archive(path),
            _ if is_address(given) => Err(SourceError::Address {
                given: given.to_owned(),
                with: if has_archive_suffix(given) {
                    "`curl -LO` or a browser"
                } else {
                    "`git clone`"
                },
            }),
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

/// `https://...`, `git+ssh://...`, `git@host:...`, and pip's `NAME @ address`.
fn is_address(given: &str) -> bool {
    let address = given.split_once('@').map_or(given, |(_, rest)| rest.trim());
    [given, address].iter().any(|text| {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        let is_word = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let known = scheme == "file" || scheme == "git" || scheme.starts_with("git+");
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(is_word)
            && (known || text.contains("://"))
    }) || given.starts_with("git@")
}

fn has_archive_suffix(given: &str) -> bool {
    let suffixes = [".whl", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz"];
    suffixes.iter().any(|suffix| given.ends_with(suffix))
}

/// `a/./b/` as `a/b`; `..` stays, for it may follow a link.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    path.components().collect()
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
        for given in ["numpy==2.4.6", "kiwisolver", "plain==1"] {
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
        for given in ["plain", "./plain", "."] {
            assert!(error(given).contains("neither pyproject.toml nor setup.py"));
            assert!(error(given).contains("NAME==VERSION"));
        }
        assert!(error("./none").contains("there is no"));
        assert!(error("none-1.tar.gz").contains("there is no"));
        assert!(error("p.whl").contains("it is a wheel"));
        assert!(error("p.txt").contains("another suffix"));
    }

    #[test]
    fn addresses_are_refused_as_such() {
        let (_dir, cwd) = cwd();
        for given in [
            "https://example.org/p-1.tar.gz",
            "https://github.com/x/y",
            "git+https://example.org/x.git",
            "git+ssh://git@example.org/x.git@v1",
            "git@example.org:x/y.git",
            "file:///tmp/p-1.tar.gz",
            "p @ https://example.org/p-1.tar.gz",
            "p@git+https://example.org/x",
            "HTTP://EXAMPLE.ORG/p.zip",
        ] {
            let error = Source::parse(given, &cwd).unwrap_err().to_string();
            assert!(error.contains("is an address"), "{error}");
            assert!(error.contains(given), "{error}");
        }
        assert!(Source::parse("p; python_version > '3'", &cwd).is_ok());
        // What is there is there, whatever it is called.
        std::fs::create_dir_all(cwd.join("git+x:")).unwrap();
        std::fs::write(cwd.join("git+x:/setup.py"), "").unwrap();
        assert!(Source::parse("git+x:", &cwd).is_ok());
    }
}
