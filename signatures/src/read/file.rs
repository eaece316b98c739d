//! One file with WebAssembly in it, and why there may be none.

use super::wasm;
use crate::unit::{Image, Origin, Unit};
use camino::{Utf8Path, Utf8PathBuf};
use std::io::Read as _;
use std::path::Path;

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

const WASM: &[u8] = b"\0asm";

/// Whether bytes begin like WebAssembly.
#[must_use]
pub fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(WASM)
}

/// Reads one WebAssembly file from memory.
///
/// # Errors
/// It is damaged.
pub fn module(origin: Origin, image: Image) -> Result<Unit, ReadError> {
    wasm::unit(origin.clone(), image).map_err(|why| ReadError::Damaged { origin, why })
}

/// The bytes of a regular file that is not larger than [`LARGEST`]; for any other the error says so.
///
/// # Errors
/// There is none that can be read.
pub fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let refuse = |why| Err(std::io::Error::other(why));
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        // Reading a device would not end, and a FIFO without a writer would block.
        return refuse("it is no regular file");
    }
    if meta.len() > LARGEST {
        return refuse("it is larger than WebAssembly can be");
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    // It may grow meanwhile.
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same, with the error that the others here give.
pub(crate) fn load(path: &Utf8Path) -> Result<Vec<u8>, ReadError> {
    bytes(path.as_std_path()).map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })
}

pub(super) fn damaged(
    path: &Utf8Path,
    member: Option<String>,
    why: impl Into<String>,
) -> ReadError {
    let origin = Origin {
        path: path.to_owned(),
        member,
    };
    let why = why.into();
    ReadError::Damaged { origin, why }
}
