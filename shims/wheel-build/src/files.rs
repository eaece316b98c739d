//! Paths as users give them, and files that are there whole or not at all.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;

use crate::error::WheelBuildError;

/// A path made absolute against the working directory, links kept.
///
/// # Errors
/// The working directory cannot be read or is not UTF-8.
pub fn absolute(path: &Utf8Path) -> Result<Utf8PathBuf, WheelBuildError> {
    camino::absolute_utf8(path).map_err(WheelBuildError::io("cannot resolve", path))
}

/// Makes an empty folder, in the place of one that is there.
pub(crate) fn new_folder(path: &Utf8Path) -> Result<(), WheelBuildError> {
    let make = || match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir_all(path),
    };
    make().map_err(WheelBuildError::io("cannot make", path))
}

/// Puts a copy of a file into a folder, whole or not at all.
pub(crate) fn place(file: &Utf8Path, folder: &Utf8Path) -> Result<Utf8PathBuf, WheelBuildError> {
    let to = folder.join(file.file_name().unwrap_or_default());
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut from = fs::File::open(file)?;
        whole::replace_with(to.as_std_path(), whole::FOR_ALL, |to| {
            std::io::copy(&mut from, to).map(drop)
        })
    };
    copy().map_err(WheelBuildError::io("cannot write", to.as_path()))?;
    Ok(to)
}

/// Writes a file by a rename, unless it already has this content.
pub(crate) fn replace(path: &Utf8Path, content: &[u8], mode: u32) -> Result<(), WheelBuildError> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Utf8Path::new("."));
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(parent)?;
        whole::replace_with(path.as_std_path(), whole::FOR_OWNER, |file| {
            file.write_all(content)?;
            // As told, whatever the umask: others may use a shim folder.
            file.set_permissions(fs::Permissions::from_mode(mode))
        })
    };
    write().map_err(WheelBuildError::io("cannot write", path))
}

/// The program that runs, whatever lies in its place by now: an update may come while it builds.
pub(crate) fn own_program() -> Result<Vec<u8>, WheelBuildError> {
    let path = Utf8Path::new("/proc/self/exe");
    fs::read(path).map_err(WheelBuildError::io("cannot read", path))
}
