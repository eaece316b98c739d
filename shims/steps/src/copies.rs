//! Copies of a link's inputs in which symbol tables say something else.

use crate::link_inputs::LinkInput;
use crate::symbols::ReadError;
use crate::thin;
use object::read::archive::ArchiveFile;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toolcall::os_str;

/// A copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// An input cannot be read, or is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file cannot be read or written.
    #[error("cannot read or write {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What changes an object in place; how much it changed.
pub(crate) type Edit<'e> = dyn FnMut(&mut [u8]) -> Result<usize, String> + 'e;

/// Changes the objects of the inputs, those in archives too; the copies of files in which something
/// changed, by what they stand for. Of a file that cannot be changed `refused` learns why.
pub(crate) fn edited(
    inputs: &[LinkInput],
    folder: &Path,
    kind: &str,
    edit: &mut Edit,
    refused: &mut dyn FnMut(&Path, &str),
) -> Result<BTreeMap<PathBuf, OsString>, CopyError> {
    let mut copies = BTreeMap::new();
    for (number, LinkInput { path, .. }) in inputs.iter().enumerate() {
        let read = signatures::read::bytes(path);
        let mut bytes = read.map_err(|source| ReadError::Io {
            path: path.clone(),
            source,
        })?;
        let members = path.parent().unwrap_or(Path::new("."));
        let changed = thin::whole(&bytes, members).and_then(|whole| {
            if let Some(whole) = whole {
                bytes = whole;
            }
            edit_all(&mut bytes, edit)
        });
        match changed {
            Ok(0) => {}
            Ok(_) => {
                // Inputs of several folders may have one name.
                let name = path.file_name().unwrap_or_default();
                let name = os_str::joined(&format!("{kind}-{number}-"), name);
                let copy = folder.join(name);
                write(&copy, &bytes)?;
                copies.insert(path.clone(), copy.into_os_string());
            }
            Err(why) => refused(path, &why),
        }
    }
    Ok(copies)
}

/// Changes the objects of one file.
fn edit_all(bytes: &mut [u8], edit: &mut Edit) -> Result<usize, String> {
    let mut changed = 0;
    for range in objects(bytes)? {
        let object = &mut bytes[range];
        if object.starts_with(b"BC\xc0\xde") {
            return Err("it holds LLVM bitcode (-flto)".into());
        }
        if object.starts_with(b"\0asm") {
            changed += edit(object)?;
        }
    }
    Ok(changed)
}

/// Where the objects of a file lie in it.
fn objects(bytes: &[u8]) -> Result<Vec<Range<usize>>, String> {
    if !bytes.starts_with(b"!<") {
        return Ok(std::iter::once(0..bytes.len()).collect());
    }
    let archive = ArchiveFile::parse(bytes).map_err(|error| error.to_string())?;
    let mut ranges = Vec::new();
    for member in archive.members() {
        let member = member.map_err(|error| error.to_string())?;
        let (at, length) = member.file_range();
        let at = usize::try_from(at).map_err(|error| error.to_string())?;
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| at.checked_add(length));
        let end = end.filter(|&end| end <= bytes.len());
        ranges.push(at..end.ok_or("a member leaves the file")?);
    }
    Ok(ranges)
}

/// Writes a file, its folder too.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    let failed = |source| CopyError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}
