//! From files to units. Nothing here trusts a file: a count is never believed before the bytes it
//! counts were read, archives are not followed into archives, and sizes have limits.

mod archive;
mod wasm;
mod wheel;

use crate::unit::{Image, Origin, Unit};
use camino::{Utf8Path, Utf8PathBuf};
use std::sync::Arc;
pub(crate) use wasm::{functions, index_of, types};
pub use wheel::{Wheel, wheel};

/// The largest file that is read, in bytes; WebAssembly's own limit is near it.
pub const LARGEST: u64 = 2 << 30;

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system cannot read it.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It does not go on as it begins.
    #[error("{origin} is damaged: {why}; build it again")]
    Damaged {
        /// The file, and the member if it is one.
        origin: Origin,
        /// What is wrong.
        why: String,
    },
    /// It is something else.
    #[error("{path} is no WebAssembly object, archive, module or wheel")]
    Unknown {
        /// The file.
        path: Utf8PathBuf,
    },
}

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

const WASM: &[u8] = b"\0asm";
const ARCHIVES: [&[u8]; 2] = [b"!<arch>\n", b"!<thin>\n"];
const ZIP: &[u8] = b"PK\x03\x04";

/// Whether bytes begin like WebAssembly.
#[must_use]
pub fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(WASM)
}

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

/// Reads one WebAssembly file from memory.
///
/// # Errors
/// It is damaged.
pub fn module(origin: Origin, image: Image) -> Result<Unit, ReadError> {
    wasm::unit(origin.clone(), image).map_err(|why| ReadError::Damaged { origin, why })
}

pub(crate) fn load(path: &Utf8Path) -> Result<Vec<u8>, ReadError> {
    let io = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > LARGEST {
        return Err(damaged(path, None, "it is larger than WebAssembly can be"));
    }
    std::fs::read(path).map_err(io)
}

fn damaged(path: &Utf8Path, member: Option<String>, why: impl Into<String>) -> ReadError {
    let origin = Origin {
        path: path.to_owned(),
        member,
    };
    let why = why.into();
    ReadError::Damaged { origin, why }
}
