//! Debian packages of a suite, downloaded and unpacked into a folder.

use camino::Utf8Path;

use crate::apt::{Kind, Programs};
use crate::archive::Archive;
use crate::command::Log;
use crate::error::megabytes;
use crate::machine::Env;
use crate::suites::{LeftOut, Suite};
use crate::unpack::unpack;
use crate::{Error, Progress, Store};

/// What is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packages<'a> {
    pub store: &'a Store,
    pub suite: &'a Suite,
    /// The packages; what they depend on comes with them.
    pub names: &'a [&'a str],
    /// Groups of further packages: a group that the suite does not hold whole is left out.
    pub optional: &'a [[String; 2]],
    /// How they are called in messages.
    pub what: &'a str,
    /// Bytes of disk needed while unpacking.
    pub disk: u64,
    /// Files that are not unpacked.
    pub left_out: &'a [LeftOut],
}

impl Packages<'_> {
    /// Fails early when there is not enough room beside `folder`. `there` is what a killed run has
    /// already downloaded, in bytes.
    ///
    /// # Errors
    /// There is not enough room.
    pub(crate) fn require_space(&self, folder: &Utf8Path, there: u64) -> Result<(), Error> {
        let parent = folder.parent().unwrap_or(folder);
        require_space(parent, self.what, self.disk, there)
    }

    /// Downloads the packages with a private apt in `downloads` and unpacks them into `root`.
    ///
    /// # Errors
    /// The mirror does not answer, a file is not what the signed lists say, or the disk is full.
    pub(crate) fn unpack(
        &self,
        env: &Env,
        programs: &Programs,
        downloads: &Utf8Path,
        root: &Utf8Path,
        log: &Log,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let suite = self.suite;
        let name = format!("downloading {}", self.what);
        let (archives, packages) = progress.step(&name, || {
            let settings = (suite.name, Kind::Binary, suite.check_valid_until);
            let archive = Archive::provide(env, self.store, programs, progress)?;
            let apt = archive.open(self.store, programs, downloads, settings, log, progress)?;
            let mut names = self.names.to_vec();
            for group in self.optional {
                let group = group.each_ref().map(String::as_str);
                match apt.closure(&group) {
                    Ok(_) => names.extend(group),
                    Err(_) => progress.note(&format!(
                        "Debian {} has no {}",
                        suite.name,
                        group.join(" and ")
                    )),
                }
            }
            let packages = apt.closure(&names)?;
            let total = packages.iter().map(|package| package.size).sum();
            apt.download(&names, total, progress)?;
            Ok::<_, Error>((apt.archives(), packages))
        })?;
        progress.step(&format!("unpacking {}", self.what), || {
            let (dpkg_deb, left_out) = (&programs.dpkg_deb, self.left_out);
            let spared = unpack(
                dpkg_deb, &archives, &packages, left_out, root, log, progress,
            )?;
            for (row, bytes) in left_out.iter().zip(spared) {
                let size = megabytes(bytes);
                log.line(&format!(
                    "left out {size} MB: {} ({})",
                    row.pattern, row.why
                ));
            }
            Ok(())
        })
    }
}

/// Fails when there is not enough room in a folder, which need not exist yet. `there` is what has
/// already been downloaded, in bytes.
///
/// # Errors
/// There is not enough room, or the free space is unknown.
pub(crate) fn require_space(
    folder: &Utf8Path,
    what: &str,
    needed: u64,
    there: u64,
) -> Result<(), Error> {
    let existing = folder.ancestors().find(|place| place.exists());
    let existing = existing.unwrap_or(Utf8Path::new("/"));
    let stat = rustix::fs::statvfs(existing.as_std_path())
        .map_err(|e| Error::io("look at the free space of", existing)(e.into()))?;
    let available = stat.f_bavail.saturating_mul(stat.f_frsize);
    if available.saturating_add(there) >= needed {
        return Ok(());
    }
    Err(Error::DiskFull {
        folder: folder.to_owned(),
        what: what.to_owned(),
        needed,
        available: Some(available),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SUITES;

    #[test]
    fn a_full_disk_is_refused_before_anything_is_downloaded() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap().join("packages");
        let small = Packages {
            store: &Store::at(folder.clone()),
            suite: &SUITES[0],
            names: &[],
            optional: &[],
            what: "some packages",
            disk: 1,
            left_out: &[],
        };
        small.require_space(&folder, 0).unwrap();
        let large = Packages {
            disk: u64::MAX,
            ..small
        };
        large.require_space(&folder, u64::MAX).unwrap();
        let error = large.require_space(&folder, 0).unwrap_err().to_string();
        assert!(
            error.contains("some packages") && error.contains("EMSHIM_HOME"),
            "{error}"
        );
        assert!(error.contains("MB are free"), "{error}");
    }
}
