//! Archives of objects, thin ones too.

use super::file::{ReadError, damaged, is_wasm, load, module};
use crate::unit::{Image, Origin, Unit};
use camino::Utf8Path;
use object::read::archive::ArchiveFile;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The members that are WebAssembly. Others, such as a list of names or LLVM bitcode, are left
/// out; so is an archive in an archive, which linkers do not read either.
pub(super) fn read(path: &Utf8Path, bytes: Arc<[u8]>) -> Result<Vec<Unit>, ReadError> {
    let broken = |error: object::Error| damaged(path, None, error.to_string());
    let archive = ArchiveFile::parse(&*bytes).map_err(broken)?;
    let mut units = Vec::new();
    let mut seen = BTreeSet::new();
    for member in archive.members() {
        let member = member.map_err(broken)?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let image = if member.is_thin() {
            // A thin archive names its members relative to itself. One that names a file again
            // and again costs no more than once.
            let file = path.parent().unwrap_or(Utf8Path::new("")).join(&name);
            if !seen.insert(file.clone()) {
                continue;
            }
            let bytes = load(&file)?;
            let range = 0..bytes.len();
            Image::new(bytes.into(), range)
        } else {
            let (offset, size) = member.file_range();
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let size = usize::try_from(size).unwrap_or(usize::MAX);
            let range = start..start.saturating_add(size);
            if bytes.get(range.clone()).is_none() {
                return Err(damaged(
                    path,
                    Some(name),
                    "the member lies outside the archive",
                ));
            }
            Image::new(bytes.clone(), range)
        };
        if !is_wasm(image.bytes()) {
            continue;
        }
        let origin = Origin {
            path: path.to_owned(),
            member: Some(name),
        };
        units.push(module(origin, image)?);
    }
    Ok(units)
}
