//! What the binaries in a wheel are, from their first bytes.

/// Kind of a binary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// WebAssembly that `dlopen` can load: its first section is `dylink.0`.
    SideModule,
    /// Other WebAssembly: an object file or a program.
    Wasm,
    /// A binary of the build machine (ELF or Mach-O).
    Native,
    /// Anything else.
    Other,
}

const NATIVE: &[&[u8]] = &[b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"];

impl Binary {
    /// Looks at a file's content. An archive is what its first object is.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        match bytes.strip_prefix(b"!<arch>\n") {
            Some(members) => Self::first_member(members),
            None => Self::of_object(bytes),
        }
    }

    fn of_object(bytes: &[u8]) -> Self {
        if let Some(sections) = bytes.strip_prefix(b"\0asm\x01\0\0\0") {
            return if first_section_is_dylink(sections) {
                Self::SideModule
            } else {
                Self::Wasm
            };
        }
        if NATIVE.iter().any(|magic| bytes.starts_with(magic)) {
            Self::Native
        } else {
            Self::Other
        }
    }

    /// Members have a header of 60 bytes: name in the first 16, decimal size in 48..58. Those
    /// whose name begins with a slash are symbol and name tables.
    fn first_member(mut members: &[u8]) -> Self {
        while let Some((header, rest)) = members.split_at_checked(60) {
            let size = std::str::from_utf8(&header[48..58])
                .ok()
                .and_then(|n| n.trim().parse().ok());
            let Some(size) = size else { break };
            // `/` and `//` are tables; `/12` is a long member name.
            let is_table = header.starts_with(b"/ ") || header.starts_with(b"//");
            match rest.split_at_checked(size) {
                Some((object, _)) if !is_table => return Self::of_object(object),
                Some((_, next)) => members = next.get(size % 2..).unwrap_or_default(),
                None => break,
            }
        }
        Self::Other
    }
}

/// A custom section: id 0, size, length of the name, name; sizes are LEB128.
fn first_section_is_dylink(sections: &[u8]) -> bool {
    let Some(rest) = sections.strip_prefix(&[0]) else {
        return false;
    };
    let size_bytes = rest.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    rest.get(size_bytes..)
        .is_some_and(|section| section.starts_with(b"\x08dylink.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: &[u8] = b"\0asm\x01\0\0\0\0\x8f\x80\x00\x08dylink.0\x01\x04";
    const OBJECT: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0";

    fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut bytes = b"!<arch>\n".to_vec();
        for (name, content) in members {
            bytes.extend(format!("{name:<48}{:<10}`\n", content.len()).bytes());
            bytes.extend_from_slice(content);
            bytes.resize(bytes.len().next_multiple_of(2), b'\n');
        }
        bytes
    }

    #[test]
    fn kinds_are_told_apart() {
        assert_eq!(Binary::of(SIDE), Binary::SideModule);
        assert_eq!(Binary::of(OBJECT), Binary::Wasm);
        assert_eq!(Binary::of(b"\x7fELF\x02\x01"), Binary::Native);
        assert_eq!(Binary::of(b"#!/bin/sh"), Binary::Other);
        for end in 0..SIDE.len() {
            assert_ne!(Binary::of(&SIDE[..end]), Binary::Native);
        }
    }

    #[test]
    fn archives_are_what_they_hold() {
        assert_eq!(
            Binary::of(&archive(&[("/", b"tab"), ("x.o/", OBJECT)])),
            Binary::Wasm
        );
        assert_eq!(
            Binary::of(&archive(&[("//", b"n"), ("/0", b"\x7fELF")])),
            Binary::Native
        );
        assert_eq!(Binary::of(&archive(&[])), Binary::Other);
        assert_eq!(Binary::of(&archive(&[("/", b"odd")])[..67]), Binary::Other);
    }
}
