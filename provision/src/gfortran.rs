//! A native gfortran with its gcc: the machine's own, or Debian's packages in the store. The
//! baseline that translated Fortran is compared with; nothing for a target is compiled by it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::Programs;
use crate::command::{Command, Log};
use crate::machine::Env;
use crate::packages::Packages;
use crate::store::{Slot, State, disk_usage, remove_tree, write_whole};
use crate::suites::{LeftOut, MANUALS, STABLE, Suite};
use crate::{Error, Progress, Store, elf, tools};

/// A native Fortran compiler and the C compiler that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeFortran {
    /// `gfortran`.
    pub gfortran: Utf8PathBuf,
    /// `gcc`.
    pub gcc: Utf8PathBuf,
    /// gfortran's version, such as `14.2.0`.
    pub version: String,
}

const PACKAGES: &[&str] = &["gfortran", "gcc"];

/// Bytes of disk needed while unpacking.
const DISK: u64 = 500_000_000;

const LEFT_OUT: &[LeftOut] = &[MANUALS];

const BROKEN: &str = "remove this folder of the store and run the same command again";

fn what(suite: &Suite) -> String {
    format!("gfortran (Debian {})", suite.name)
}

fn name(suite: &Suite) -> String {
    format!("{}-gfortran", suite.name)
}

/// Its folder in the store.
pub(crate) fn slot(store: &Store) -> Slot {
    let suite = STABLE;
    let name = name(suite);
    let rows = LEFT_OUT.iter().map(|row| row.pattern);
    let parts = PACKAGES.iter().copied().chain(rows).chain([WRAPPER]);
    Slot::new(&store.debian(), &name, what(suite), parts)
}

/// The machine's own gfortran and gcc, both on PATH; else those of the default suite's packages,
/// unpacked into the store unless they are there already. Programs that the latter link are static:
/// the machine may have an older C library.
///
/// # Errors
/// This is not a Debian machine, the mirror does not answer, or the disk is full.
pub fn provision_gfortran(
    env: &Env,
    store: &Store,
    progress: &dyn Progress,
) -> Result<NativeFortran, Error> {
    if let (Some(gfortran), Some(gcc)) = (env.program("gfortran"), env.program("gcc"))
        && let Some(version) = version(&gfortran)
    {
        return Ok(NativeFortran {
            gfortran,
            gcc,
            version,
        });
    }
    let suite = STABLE;
    let (what, name) = (what(suite), name(suite));
    let slot = slot(store);
    if !matches!(slot.state(), State::Ready(_)) {
        let work = slot.lock(progress)?;
        if !matches!(slot.state(), State::Ready(_)) {
            let packages = Packages {
                store,
                suite,
                names: PACKAGES,
                optional: &[],
                what: &what,
                disk: DISK,
                left_out: LEFT_OUT,
            };
            let make = || {
                let log = Log::create(&store.log(), &name)?;
                let programs = Programs::find(env)?;
                let patchelf = tools::provision_patchelf(env, store, progress)?;
                let downloads = slot.sibling("apt");
                packages.require_space(slot.folder(), disk_usage(&downloads))?;
                let root = work.staging()?;
                packages.unpack(env, &programs, &downloads, root, &log, progress)?;
                let tree = Tree {
                    root,
                    place: slot.folder(),
                };
                progress.step("adjusting the unpacked programs", || {
                    tree.adjust(&programs, &patchelf, &log, progress)
                })?;
                work.place()?;
                remove_tree(&downloads)?;
                work.finish(BTreeMap::new())
            };
            make().map_err(|e| e.or_disk_full(slot.folder(), &what, DISK))?;
        }
    }
    let gfortran = slot.folder().join("gfortran");
    let version = version(&gfortran).ok_or_else(|| Error::Invalid {
        path: gfortran.to_string(),
        why: "does not tell its version".to_owned(),
        remedy: BROKEN.to_owned(),
    })?;
    Ok(NativeFortran {
        gcc: slot.folder().join("gcc"),
        gfortran,
        version,
    })
}

fn version(gfortran: &Utf8Path) -> Option<String> {
    let command = Command::new(gfortran, "", "").args(["-dumpfullversion"]);
    let answer = command.query()?;
    let version = answer.trim();
    (!version.is_empty()).then(|| version.to_owned())
}

/// Calls a compiler of the tree: with the tree's headers, libraries, assembler and linker.
const WRAPPER: &str = "#!/bin/sh\nroot='{root}'\n\
    exec \"$root/usr/bin/{name}\" --sysroot=\"$root\" -B\"$root/usr/bin/\" -static \"$@\"\n";

/// An unpacked tree that lies at `root` now and will lie at `place`.
struct Tree<'a> {
    root: &'a Utf8Path,
    place: &'a Utf8Path,
}

impl Tree<'_> {
    fn adjust(
        &self,
        programs: &Programs,
        patchelf: &Utf8Path,
        log: &Log,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let triplet = programs.architecture.triplet;
        let libraries = Utf8Path::new("usr/lib").join(triplet);
        // The linker's scripts name libraries below these two.
        for link in ["lib", "lib64"] {
            let path = self.root.join(link);
            if fs::symlink_metadata(&path).is_err() {
                symlink(format!("usr/{link}"), &path).map_err(Error::io("link", &path))?;
            }
        }
        let mut folders = vec![Utf8PathBuf::from("usr/bin")];
        let passes = Utf8Path::new("usr/libexec/gcc").join(triplet);
        let versions = self.root.join(&passes);
        for entry in versions
            .read_dir_utf8()
            .map_err(Error::io("read", &versions))?
        {
            let entry = entry.map_err(Error::io("read", &versions))?;
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(passes.join(entry.file_name()));
            }
        }
        let layout = elf::Layout {
            root: self.root,
            place: self.place,
            programs: &folders,
            libraries: &[libraries],
            architecture: programs.architecture,
        };
        elf::patch(&layout, patchelf, log, progress)?;
        for name in ["gfortran", "gcc"] {
            let text = WRAPPER
                .replace("{root}", &self.place.as_str().replace('\'', r"'\''"))
                .replace("{name}", name);
            let path = self.root.join(name);
            write_whole(&path, text.as_bytes())?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
                .map_err(Error::io("write", &path))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::machine::tests::program;

    #[test]
    fn the_machines_own_gfortran_needs_its_gcc() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let bin = root.join("bin");
        let env = Env::from_iter([("PATH", bin.as_str())]);
        let store = Store::at(root.join("store"));
        let find = || provision_gfortran(&env, &store, &Silent);
        program(&bin, "gfortran", "echo 12.2.0");
        let error = find().unwrap_err().to_string();
        assert!(error.contains("dpkg"), "packages were wanted: {error}");
        program(&bin, "gcc", "");
        let found = find().unwrap();
        assert_eq!(found.version, "12.2.0");
        assert_eq!(found.gfortran, bin.join("gfortran"));
    }
}
