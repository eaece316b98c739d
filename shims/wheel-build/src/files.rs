//! Paths as users give them, and files that are there whole or not at all.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::WheelBuildError;

/// A path made absolute against the working directory, links kept.
///
/// # Errors
/// The working directory cannot be read or is not UTF-8.
pub fn absolute(path: &Utf8Path) -> Result<Utf8PathBuf, WheelBuildError> {
    camino::absolute_utf8(path).map_err(WheelBuildError::io("cannot resolve", path))
}

/// Puts a copy of a file into a folder, whole or not at all.
pub(crate) fn place(file: &Utf8Path, folder: &Utf8Path) -> Result<Utf8PathBuf, WheelBuildError> {
    let to = folder.join(file.file_name().unwrap_or_default());
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        // With the permissions of any new file; the default is for the owner's eyes only.
        let mut temporary = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        std::io::copy(&mut fs::File::open(file)?, &mut temporary)?;
        temporary.persist(&to)?;
        Ok(())
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
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(content)?;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(mode))?;
        // Closed first: a program that is open for writing cannot be started.
        file.into_temp_path().persist(path).map_err(|e| e.error)
    };
    write().map_err(WheelBuildError::io("cannot write", path))
}
