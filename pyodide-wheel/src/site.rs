//! Wheels unpacked as a site-packages folder.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::files::{self, Context as _, FileError};
use crate::wheel::{self, ArchiveError, Entry, WheelName, WheelNameError};

/// Where the parts of a wheel's `.data` folder go, relative to site-packages. There is no
/// installation prefix to put the last three in; `pip install --target` places them so too.
const SCHEMES: &[(&str, &str)] = &[
    ("purelib", ""),
    ("platlib", ""),
    ("data", ""),
    ("scripts", "bin"),
    ("headers", "include"),
];

/// Wheels could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A wheel is damaged.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Not a wheel's file name.
    #[error(transparent)]
    Name(#[from] WheelNameError),
    /// Two wheels of one project.
    #[error("{first} and {second} are the same project; give one of them")]
    Twice {
        /// One wheel.
        first: Utf8PathBuf,
        /// The other.
        second: Utf8PathBuf,
    },
    /// A part of the `.data` folder the specification does not know.
    #[error("{wheel} has files in {path}, which is no installation scheme")]
    Scheme {
        /// The wheel.
        wheel: Utf8PathBuf,
        /// The path in it.
        path: String,
    },
}

/// A site-packages folder for one run: a program may write into it, and the next run must not see
/// that. Dropping it removes it.
#[derive(Debug)]
pub struct Site {
    temp: tempfile::TempDir,
    wheels: Vec<WheelName>,
}

impl Site {
    /// Unpacks wheels into a new folder below `parent`.
    ///
    /// # Errors
    /// A wheel is damaged, two are of one project, or the disk is full.
    pub fn install(wheels: &[Utf8PathBuf], parent: &Utf8Path) -> Result<Self, SiteError> {
        files::create_dir_all(parent)?;
        let temp = tempfile::Builder::new()
            .prefix("site-")
            .tempdir_in(parent)
            .context("create a folder in", parent)?;
        let mut site = Self {
            temp,
            wheels: Vec::new(),
        };
        let mut seen: Vec<(String, &Utf8PathBuf)> = Vec::new();
        for wheel in wheels {
            let name = WheelName::parse(wheel.file_name().unwrap_or_default())?;
            let project = name.project();
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == project) {
                return Err(SiteError::Twice {
                    first: (*first).clone(),
                    second: wheel.clone(),
                });
            }
            seen.push((project, wheel));
            site.unpack(wheel)?;
            site.wheels.push(name);
        }
        Ok(site)
    }

    /// Unpacks the archive of tests that were taken out of a wheel.
    ///
    /// # Errors
    /// It is damaged, has what such an archive has not, or the disk is full.
    pub fn add_tests(&self, archive: &Utf8Path) -> Result<(), SiteError> {
        let file = fs::File::open(archive).context("read", archive)?;
        let damaged = |why: String| ArchiveError::Damaged {
            path: archive.to_owned(),
            why,
        };
        let broken = |e: std::io::Error| damaged(e.to_string());
        for entry in tar::Archive::new(file).entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = path.trim_start_matches("./").trim_end_matches('/');
            if entry.header().entry_type().is_dir() {
                continue;
            }
            if !entry.header().entry_type().is_file() || !wheel::is_contained(name) {
                return Err(damaged(format!("{path} is no file of tests")).into());
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            let executable = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
            write(&self.path().join(name), &Entry { bytes, executable })?;
        }
        Ok(())
    }

    /// The wheel of a project that is installed here.
    #[must_use]
    pub fn wheel_of(&self, project: &str) -> Option<&WheelName> {
        self.wheels.iter().find(|wheel| wheel.project() == project)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.temp.path()).expect("a UTF-8 folder and an ASCII name")
    }

    fn unpack(&self, wheel: &Utf8Path) -> Result<(), SiteError> {
        for (path, entry) in wheel::read(wheel)? {
            let place = installed(&path).ok_or_else(|| SiteError::Scheme {
                wheel: wheel.to_owned(),
                path: path.clone(),
            })?;
            write(&self.path().join(place), &entry)?;
        }
        Ok(())
    }
}

fn write(path: &Utf8Path, entry: &Entry) -> Result<(), FileError> {
    files::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, &entry.bytes).context("write", path)?;
    if entry.executable {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).context("write", path)?;
    }
    Ok(())
}

/// Where a member of a wheel is installed, relative to site-packages.
#[must_use]
pub fn installed(member: &str) -> Option<String> {
    let Some((top, rest)) = member
        .split_once('/')
        .filter(|(top, _)| top.ends_with(".data"))
    else {
        return Some(member.to_owned());
    };
    let (scheme, rest) = rest.split_once('/')?;
    let (_, folder) = SCHEMES.iter().find(|(name, _)| *name == scheme)?;
    let project = top.split('-').next()?;
    Some(match *folder {
        "" => rest.to_owned(),
        "include" => format!("include/{project}/{rest}"),
        folder => format!("{folder}/{rest}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wheel(dir: &Utf8Path, name: &str, members: &[&str]) -> Utf8PathBuf {
        let entry = |member: &&str| {
            let executable = member.contains("scripts");
            (
                (*member).to_owned(),
                Entry {
                    bytes: member.as_bytes().to_vec(),
                    executable,
                },
            )
        };
        let path = dir.join(name);
        fs::write(
            &path,
            wheel::write(&members.iter().map(entry).collect(), None).unwrap(),
        )
        .unwrap();
        path
    }

    #[test]
    fn data_schemes_find_their_places() {
        assert_eq!(installed("p/a.py").unwrap(), "p/a.py");
        assert_eq!(
            installed("p-1.dist-info/RECORD").unwrap(),
            "p-1.dist-info/RECORD"
        );
        assert_eq!(installed("p-1.data/platlib/p/a.so").unwrap(), "p/a.so");
        assert_eq!(installed("p-1.data/data/share/x").unwrap(), "share/x");
        assert_eq!(installed("p-1.data/scripts/run").unwrap(), "bin/run");
        assert_eq!(installed("p-1.data/headers/x.h").unwrap(), "include/p/x.h");
        assert_eq!(installed("p-1.data/other/x"), None);
        assert_eq!(installed("p-1.data/stray"), None);
    }

    #[test]
    fn wheels_become_one_folder_that_goes_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let wheels = [
            wheel(
                dir,
                "p-1-py3-none-any.whl",
                &["p/a.py", "p-1.data/scripts/run"],
            ),
            wheel(
                dir,
                "q-1-py3-none-any.whl",
                &["q.py", "q-1.dist-info/METADATA"],
            ),
        ];
        let site = Site::install(&wheels, &dir.join("sites")).unwrap();
        let path = site.path().to_owned();
        assert_eq!(fs::read_to_string(path.join("p/a.py")).unwrap(), "p/a.py");
        assert!(path.join("q-1.dist-info/METADATA").exists());
        let mode = fs::metadata(path.join("bin/run"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111);
        drop(site);
        assert!(!path.exists());
    }

    #[test]
    fn what_does_not_fit_is_named_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = Utf8Path::from_path(dir.path()).unwrap();
        let sites = dir.join("sites");
        let error = |wheels: &[Utf8PathBuf]| Site::install(wheels, &sites).unwrap_err().to_string();
        let a = wheel(dir, "p_p-1-py3-none-any.whl", &["a"]);
        let b = wheel(dir, "P.p-2-py3-none-any.whl", &["b"]);
        assert!(error(&[a, b]).contains("the same project"));
        let c = wheel(dir, "c-1-py3-none-any.whl", &["c-1.data/odd/x"]);
        assert!(error(&[c]).contains("c-1.data/odd/x"));
        assert_eq!(fs::read_dir(&sites).unwrap().count(), 0);
    }
}
