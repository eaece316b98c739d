//! From files to units. Files are untrusted: a count is never used before the bytes it
//! counts were read, archives are not followed into archives, and sizes have limits.

mod archive;
mod file;
mod sections;
mod wasm;
mod wheel;

use crate::unit::{Image, Origin, Unit};
use camino::Utf8Path;
pub(crate) use file::load;
pub use file::{LARGEST, ReadError, bytes, is_wasm, module};
pub use sections::{Section, sections};
use std::sync::Arc;
pub(crate) use wasm::{functions, index_of, types};
pub use wheel::{Wheel, wheel};

/// What a file holds.
#[derive(Debug)]
pub enum Binary {
    /// One object or module.
    Unit(Box<Unit>),
    /// The members of an archive that are WebAssembly, in its order.
    Archive(Vec<Unit>),
    /// A wheel.
    Wheel(Wheel),
}

impl Binary {
    /// Its units.
    #[must_use]
    pub fn into_units(self) -> Vec<Unit> {
        match self {
            Self::Unit(unit) => vec![*unit],
            Self::Archive(units) => units,
            Self::Wheel(wheel) => wheel.modules,
        }
    }
}

const ARCHIVES: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];
const ZIP: &[u8] = b"PK\x03\x04";

/// Reads a file of any kind that holds WebAssembly.
///
/// # Errors
/// It cannot be read, is damaged, or holds none. LLVM bitcode and other forms are
/// [`ReadError::Unknown`].
pub fn read(path: &Utf8Path) -> Result<Binary, ReadError> {
    let bytes: Arc<[u8]> = load(path)?.into();
    parse(path, bytes)
}

/// As [`read`], with the file's bytes at hand; members of a thin archive are still looked up
/// beside `path`.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Utf8Path, bytes: Arc<[u8]>) -> Result<Binary, ReadError> {
    if is_wasm(&bytes) {
        let range = 0..bytes.len();
        let unit = module(Origin::file(path), Image::new(bytes, range))?;
        Ok(Binary::Unit(Box::new(unit)))
    } else if ARCHIVES.iter().any(|magic| bytes.starts_with(magic)) {
        archive::read(path, bytes).map(Binary::Archive)
    } else if bytes.starts_with(ZIP) {
        wheel(path, &bytes).map(Binary::Wheel)
    } else {
        Err(ReadError::Unknown {
            path: path.to_owned(),
        })
    }
}
