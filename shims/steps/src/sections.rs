//! `emshim remove-sections`: what emcc calls llvm-objcopy for, byte for byte.
//!
//! What stays is copied with its header as it is, as llvm-objcopy does where nothing of a header has room
//! to spare but its size. Source: "Modules" of the WebAssembly specification's binary format.

use crate::dylink::HEADER;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::builtin::RemoveSections;
use wasmparser::BinaryReader;

/// The kind of a section with a name.
const CUSTOM: u8 = 0;
/// The last kind that has a number: tags.
const LAST: u8 = 13;

/// A module whose sections cannot be removed.
#[derive(Debug, thiserror::Error)]
pub enum SectionsError {
    /// It cannot be read or written.
    #[error("cannot remove sections of {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is none, or not as LLVM's tools write one.
    #[error("no section of {} is removed: {why}; llvm-objcopy --remove-section says more", .path.display())]
    Module {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
}

/// Carries out the step, relative to `cwd`.
///
/// # Errors
/// The module cannot be read or written, or is none.
pub fn run(step: &RemoveSections, cwd: &Path) -> Result<(), SectionsError> {
    let path = cwd.join(&step.module);
    let failed = |source| SectionsError::File {
        path: path.clone(),
        source,
    };
    let module = signatures::read::bytes(&path).map_err(failed)?;
    let names: Vec<&[u8]> = step.names.iter().map(|name| name.as_bytes()).collect();
    let less = without(&module, &names).map_err(|why| SectionsError::Module {
        path: path.clone(),
        why,
    })?;
    // What is there already has its mode, and is the linker's own work of a moment ago.
    fs::write(&path, less).map_err(failed)
}

/// The module without the sections of these names; `*` at the end of a name stands for anything.
///
/// # Errors
/// It is not certain what llvm-objcopy makes of it.
pub fn without(module: &[u8], names: &[&[u8]]) -> Result<Vec<u8>, &'static str> {
    let mut rest = module.strip_prefix(HEADER).ok_or("it is not WebAssembly")?;
    let mut less = Vec::with_capacity(module.len());
    less.extend_from_slice(HEADER);
    while !rest.is_empty() {
        let (section, after) = section(rest)?;
        let removed = |name: &[u8]| names.iter().any(|pattern| matches(pattern, name));
        if !section.name.is_some_and(removed) {
            less.extend_from_slice(section.bytes);
        }
        rest = after;
    }
    Ok(less)
}

struct Section<'m> {
    name: Option<&'m [u8]>,
    /// All of it, with its header.
    bytes: &'m [u8],
}

/// The first section, and what follows it.
fn section(rest: &[u8]) -> Result<(Section<'_>, &[u8]), &'static str> {
    const CUT: &str = "a section is cut off";
    let mut reader = BinaryReader::new(rest, 0);
    let kind = reader.read_u8().map_err(|_| CUT)?;
    let size = reader.read_var_u32().map_err(|_| CUT)? as usize;
    let content = reader.read_bytes(size).map_err(|_| CUT)?;
    let (bytes, after) = rest.split_at(rest.len() - reader.bytes_remaining());
    if kind > LAST {
        return Err("it has a section of an unknown kind");
    }
    let name = match kind {
        CUSTOM => Some(name(content)?),
        _ => None,
    };
    Ok((Section { name, bytes }, after))
}

/// The name that a section begins with. llvm-objcopy writes its length anew, in as few bytes as it takes.
fn name(content: &[u8]) -> Result<&[u8], &'static str> {
    const NO_NAME: &str = "a section has no name";
    let mut reader = BinaryReader::new(content, 0);
    let length = reader.read_var_u32().map_err(|_| NO_NAME)?;
    let taken = content.len() - reader.bytes_remaining();
    let needed = 1 + [7, 14].iter().filter(|bits| length >> **bits > 0).count();
    if taken != needed {
        return Err("a section's name has an odd length");
    }
    reader.read_bytes(length as usize).map_err(|_| NO_NAME)
}

fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.strip_suffix(b"*") {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &[u8], size: &[u8]) -> Vec<u8> {
        let length = u8::try_from(name.len()).unwrap();
        [&[0], size, &[length], name, b"!"].concat()
    }

    fn module(sections: &[&[u8]]) -> Vec<u8> {
        [HEADER, &sections.concat()].concat()
    }

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let types: &[u8] = b"\x01\x84\x80\x00\x01\x60\x00\x00";
        let long = custom(b"producers", &[0x8b, 0x80, 0x80, 0x80, 0]);
        let debug = custom(b".debug_info", &[13]);
        let name = custom(b"name", &[6]);
        let names = custom(b"names", &[7]);
        let all = module(&[&long, types, &debug, &names, &name, &debug]);
        let without = |patterns: &[&[u8]]| without(&all, patterns).unwrap();
        assert_eq!(without(&[]), all);
        assert_eq!(without(&[b"na", b"TYPE", b"debug"]), all);
        assert_eq!(
            without(&[b"name", b".debug*"]),
            module(&[&long, types, &names])
        );
    }

    #[test]
    fn what_is_no_module_of_llvms_is_refused() {
        let padded = [&b"\0\x07"[..], b"\x84\0name!"].concat();
        for bad in [
            Vec::new(),
            b"BC\xc0\xde".to_vec(),
            b"\0asm\x02\0\0\0".to_vec(),
            module(&[b"\x0e\x00"]),
            module(&[b"\0\0"]),
            module(&[b"\0\x02\x05x"]),
            module(&[b"\x01"]),
            module(&[b"\x01\x80\x80\x80\x80\x80\x00"]),
            module(&[b"\x01\x05\0"]),
            module(&[&padded]),
        ] {
            assert!(without(&bad, &[b"name"]).is_err(), "{bad:?}");
        }
    }
}
