//! What a WebAssembly file spends its bytes on.

use camino::Utf8Path;
use wasmparser::{Parser, Payload};

use super::file::{ReadError, damaged};

/// The names of sections that have none of their own, by their numbers in the binary format.
const NAMES: &[&str] = &[
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
];

/// A section: its name, and the bytes of its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its own name where it has one, else its kind's.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// The sections of a file, in its order.
///
/// # Errors
/// It is damaged.
pub fn sections(path: &Utf8Path, bytes: &[u8]) -> Result<Vec<Section>, ReadError> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| damaged(path, None, error.to_string()))?;
        let Some((number, range)) = payload.as_section() else {
            continue;
        };
        let name = match &payload {
            Payload::CustomSection(section) => section.name(),
            _ => NAMES.get(usize::from(number)).copied().unwrap_or("other"),
        };
        all.push(Section {
            name: name.to_owned(),
            size: range.end.saturating_sub(range.start),
        });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_their_names() {
        let file = b"\0asm\x01\0\0\0\x00\x06\x04noteA\x01\x01\0";
        let found = sections("x".into(), file).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.size))
            .collect();
        assert_eq!(names, [("note", 6), ("type", 1)]);
        assert!(sections("x".into(), &file[..12]).is_err());
    }
}
