//! Thin archives made whole.
//!
//! A thin archive names files where others hold them, as Meson's static libraries do. The format: GNU
//! ar's, after `ar(5)` and binutils' documentation of `--thin`. A member is a header of 60 bytes and its
//! content, filled up to an even length; the first members are the index (`/`), whose numbers are places
//! of headers from the file's start, and the long names (`//`).

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use object::read::archive::ArchiveFile;

const THIN: &[u8] = b"!<thin>\n";
const WHOLE: &[u8] = b"!<arch>\n";
const HEADER: usize = 60;
/// The index, and the long names: what a thin archive holds itself.
const INDEX: &[u8] = b"/";
const NAMES: &[u8] = b"//";

/// The archive with its members in it, whose names are relative to `folder`; nothing for what is
/// no thin archive.
///
/// # Errors
/// It is damaged, or a member cannot be read.
pub(crate) fn whole(bytes: &[u8], folder: &Path) -> Result<Option<Vec<u8>>, String> {
    if !bytes.starts_with(THIN) {
        return Ok(None);
    }
    let archive = ArchiveFile::parse(bytes).map_err(|error| error.to_string())?;
    // In the order of the headers, as this reads them.
    let mut files = archive.members();
    let mut out = WHOLE.to_vec();
    let mut moved: BTreeMap<usize, usize> = BTreeMap::new();
    let mut index: Option<Range<usize>> = None;
    let mut at = THIN.len();
    while at < bytes.len() {
        let header = bytes.get(at..at + HEADER).ok_or("a header is cut off")?;
        let name = header[..16].trim_ascii_end();
        moved.insert(at, out.len());
        let start = at + HEADER;
        if name == INDEX || name == NAMES {
            let size = size(header)?;
            let data = start
                .checked_add(size)
                .and_then(|end| bytes.get(start..end));
            let data = data.ok_or("a member leaves the file")?;
            out.extend_from_slice(header);
            if name == INDEX {
                index = Some(out.len()..out.len() + size);
            }
            add(&mut out, data);
            at = start + size + size % 2;
            continue;
        }
        let member = files.next().ok_or("it has a member too many")?;
        let member = member.map_err(|error| error.to_string())?;
        if !member.is_thin() {
            return Err("its index is of another kind".into());
        }
        let path = folder.join(toolcall::os_str::os(member.name()));
        let file = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if file.len() != size(header)? {
            return Err(format!("{} has changed since", path.display()));
        }
        out.extend_from_slice(header);
        add(&mut out, &file);
        at = start;
    }
    if let Some(range) = index {
        renumber(&mut out[range], &moved).ok_or("its index does not fit it")?;
    }
    Ok(Some(out))
}

/// A header's size of the content.
fn size(header: &[u8]) -> Result<usize, String> {
    let digits = std::str::from_utf8(header[48..58].trim_ascii());
    let size = digits.ok().and_then(|digits| digits.parse().ok());
    size.ok_or_else(|| "a header has no size".into())
}

fn add(out: &mut Vec<u8>, data: &[u8]) {
    out.extend_from_slice(data);
    if data.len() % 2 == 1 {
        out.push(b'\n');
    }
}

/// The index is a number of symbols and a place for each, four bytes with the highest first, and
/// the symbols' names.
fn renumber(index: &mut [u8], moved: &BTreeMap<usize, usize>) -> Option<()> {
    let (count, rest) = index.split_first_chunk_mut::<4>()?;
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let (places, _) = rest.split_at_mut_checked(count.checked_mul(4)?)?;
    for place in places.chunks_exact_mut(4) {
        let old = u32::from_be_bytes(place.try_into().ok()?);
        let new = moved.get(&usize::try_from(old).ok()?)?;
        place.copy_from_slice(&u32::try_from(*new).ok()?.to_be_bytes());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: usize) -> String {
        format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644)
    }

    /// A thin archive of two files, with an index of a symbol in each.
    fn thin() -> Vec<u8> {
        let names = "a.o/\nb.o/\n";
        let index = 4 + 8 + 4;
        let first = THIN.len() + HEADER + index + HEADER + names.len();
        let mut bytes = THIN.to_vec();
        bytes.extend(header("/", index).bytes());
        for number in [2, first, first + HEADER] {
            bytes.extend(u32::try_from(number).unwrap().to_be_bytes());
        }
        bytes.extend(b"x\0y\0");
        bytes.extend(header("//", names.len()).bytes());
        bytes.extend(names.bytes());
        bytes.extend(header("/0", 3).bytes());
        bytes.extend(header("/5", 4).bytes());
        bytes
    }

    #[test]
    fn a_thin_archive_becomes_one_that_holds_its_files() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.o"), "one").unwrap();
        std::fs::write(folder.path().join("b.o"), "four").unwrap();
        let made = whole(&thin(), folder.path()).unwrap().unwrap();
        let archive = ArchiveFile::parse(&*made).unwrap();
        let members: Vec<_> = archive
            .members()
            .map(|member| {
                let member = member.unwrap();
                (
                    member.name().to_vec(),
                    member.data(&*made).unwrap().to_vec(),
                )
            })
            .collect();
        let expected = [("a.o", "one"), ("b.o", "four")];
        assert_eq!(
            members,
            expected.map(|(name, data)| (name.into(), data.into()))
        );
        let symbols = archive.symbols().unwrap().unwrap();
        let places: Vec<_> = symbols.map(|symbol| symbol.unwrap().offset().0).collect();
        for (place, (_, data)) in places.iter().zip(expected) {
            let start = usize::try_from(*place).unwrap() + HEADER;
            assert!(made[start..].starts_with(data.as_bytes()), "{place}");
        }
    }

    #[test]
    fn what_is_missing_or_damaged_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let missing = whole(&thin(), folder.path()).unwrap_err();
        assert!(missing.contains("a.o"), "{missing}");
        std::fs::write(folder.path().join("a.o"), "longer").unwrap();
        let changed = whole(&thin(), folder.path()).unwrap_err();
        assert!(changed.contains("changed"), "{changed}");
        assert_eq!(whole(WHOLE, folder.path()).unwrap(), None);
        for length in THIN.len() + 1..thin().len() {
            let _ = whole(&thin()[..length], folder.path());
        }
    }
}
