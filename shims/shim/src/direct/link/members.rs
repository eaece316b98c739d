//! Which members of libraries a link may draw, by the names in them.
//!
//! wasm-ld draws a member for a symbol that it defines, so that only names decide. A member that has a name
//! which nobody else has, and which nobody asks for, is as good as not there. What is told here may be more than
//! is drawn, never less: a name counts wherever it stands, and two that have the same hash are one.
//! Source: "WebAssembly Object File Linking" of WebAssembly's tool conventions; `addLazy` and
//! `processStubLibraries` in `lld/wasm` of LLVM 19 to 21.

#[cfg(test)]
use super::made;
use super::packed;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use wasmparser::{KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

/// What every archive begins with.
pub(super) const ARCHIVE: &[u8] = b"!<arch>\n";
/// What every object begins with.
pub(super) const OBJECT: &[u8] = b"\0asm";
/// What the file begins with that says what JavaScript defines.
pub(super) const STUBS: &str = "#STUB";
/// Length of the header before a member, and where its size stands in it.
pub(super) const HEADER: usize = 60;
const SIZE: Range<usize> = 48..58;
/// Names of an archive's own tables: of symbols, and of names that are longer than a header has room for.
const SYMBOLS: [&str; 2] = ["/", "/SYM64/"];
const NAMES: &str = "//";

/// A name's hash.
pub(super) type Name = u32;

/// FNV-1a, which is kept on disk and has to stay what it is.
pub(super) fn name(text: &[u8]) -> Name {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    text.iter().fold(0x811c_9dc5, step)
}

/// The members of libraries, and what JavaScript needs of them, each by its number.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Members {
    /// The names that they define, sorted.
    #[serde(with = "packed")]
    defined: Vec<Name>,
    /// For each of these names who defines it.
    #[serde(with = "packed")]
    by: Vec<u32>,
    /// For all of them in turn those that define a name which it has.
    #[serde(with = "packed")]
    leads_to: Vec<u32>,
    /// Where in that list those of each end.
    #[serde(with = "packed")]
    ends: Vec<u32>,
    /// The number of the library of each, and its beginning and end there, with its header. What JavaScript
    /// defines is in none, and stands behind all that are.
    #[serde(with = "packed")]
    places: Vec<u32>,
    /// For each library the place of its members' names.
    pub(super) names: Vec<Option<Range<usize>>>,
}

/// The places of what an archive has, each with its header.
#[derive(Debug, Default)]
pub(super) struct Archived {
    /// The table of its members' names.
    names: Option<Range<usize>>,
    /// Its members.
    pub(super) members: Vec<Range<usize>>,
}

impl Members {
    /// Of these libraries, and of JavaScript's definitions; `None` where one is not of objects alone.
    pub(super) fn of(libraries: &[Vec<u8>], stubs: &str) -> Option<Self> {
        let mut members = Self::default();
        let mut mentioned: Vec<Vec<Name>> = Vec::new();
        let mut defined: BTreeMap<Name, BTreeSet<u32>> = BTreeMap::new();
        for (number, library) in libraries.iter().enumerate() {
            let archived = archived(library)?;
            members.names.push(archived.names);
            for place in archived.members {
                let mut names = Vec::new();
                let this = small(mentioned.len())?;
                let object = &library[place.start + HEADER..place.end];
                symbols(object, &mut |name, is_defined| {
                    names.push(name);
                    if is_defined {
                        defined.entry(name).or_default().insert(this);
                    }
                })?;
                mentioned.push(names);
                for part in [number, place.start, place.end] {
                    members.places.push(small(part)?);
                }
            }
        }
        for line in stubs.lines() {
            if let Some((own, needed)) = line.split_once(':') {
                let own = name(own.trim().as_bytes());
                let this = small(mentioned.len())?;
                defined.entry(own).or_default().insert(this);
                let needed = needed.split(',').map(str::trim);
                mentioned.push(needed.map(|needed| name(needed.as_bytes())).collect());
            }
        }
        for names in mentioned {
            let to = names.iter().filter_map(|name| defined.get(name));
            let to: BTreeSet<u32> = to.flatten().copied().collect();
            members.leads_to.extend(to);
            members.ends.push(small(members.leads_to.len())?);
        }
        for (name, by) in defined {
            members.defined.extend(by.iter().map(|_| name));
            members.by.extend(by);
        }
        Some(members)
    }

    /// The places of the members that these names lead to, in order, each with its library's number.
    pub(super) fn reached(&self, names: &[Name]) -> Vec<(usize, Range<usize>)> {
        let mut reached = vec![false; self.ends.len()];
        let mut next: Vec<u32> = Vec::new();
        for name in names {
            let from = self.defined.partition_point(|defined| defined < name);
            let same = self.defined[from..]
                .iter()
                .take_while(|defined| *defined == name);
            next.extend(&self.by[from..from + same.count()]);
        }
        while let Some(member) = next.pop() {
            let member = member as usize;
            if !std::mem::replace(&mut reached[member], true) {
                let begin = member.checked_sub(1).map_or(0, |before| self.ends[before]);
                next.extend(&self.leads_to[begin as usize..self.ends[member] as usize]);
            }
        }
        let (places, _) = self.places.as_chunks();
        let all = places.iter().zip(reached).filter(|(_, reached)| *reached);
        let place =
            |[library, start, end]: &[u32; 3]| (*library as usize, *start as usize..*end as usize);
        all.map(|(numbers, _)| place(numbers)).collect()
    }
}

/// A number as it is kept.
fn small(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}

/// The places in an archive; `None` if it is none, or a thin one.
pub(super) fn archived(archive: &[u8]) -> Option<Archived> {
    archive.strip_prefix(ARCHIVE)?;
    let mut places = Archived::default();
    let mut at = ARCHIVE.len();
    while at < archive.len() {
        let header = archive.get(at..at + HEADER)?;
        let text = |range: Range<usize>| Some(std::str::from_utf8(&header[range]).ok()?.trim_end());
        let size: usize = text(SIZE)?.parse().ok()?;
        let end = (at + HEADER)
            .checked_add(size)
            .filter(|end| *end <= archive.len())?;
        match text(0..16)? {
            // A BSD archive's, which stands before the member.
            name if name.starts_with('#') => return None,
            NAMES => places.names = Some(at..end),
            name if SYMBOLS.contains(&name) => {}
            _ => places.members.push(at..end),
        }
        at = end + end % 2;
    }
    Some(places)
}

/// Calls `each` with all names in an object by which others may know what it has or needs, and whether it
/// defines them; `None` if it is no object.
pub(super) fn symbols(object: &[u8], each: &mut impl FnMut(Name, bool)) -> Option<()> {
    object.strip_prefix(OBJECT)?;
    for payload in Parser::new(0).parse_all(object) {
        match payload.ok()? {
            // By these JavaScript knows what it is asked for, and they are the names of symbols that have none.
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    each(name(import.ok()?.name.as_bytes()), false);
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Linking(linking) = section.as_known() else {
                    continue;
                };
                for part in linking.subsections() {
                    let Linking::SymbolTable(table) = part.ok()? else {
                        continue;
                    };
                    for symbol in table {
                        if let Some((symbol, defined)) = named(&symbol.ok()?) {
                            each(name(symbol.as_bytes()), defined);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// A symbol's own name, if others can know it, and whether it is defined.
fn named<'n>(symbol: &SymbolInfo<'n>) -> Option<(&'n str, bool)> {
    let (flags, name) = match symbol {
        SymbolInfo::Data { flags, name, .. } => (flags, Some(*name)),
        SymbolInfo::Func { flags, name, .. }
        | SymbolInfo::Global { flags, name, .. }
        | SymbolInfo::Event { flags, name, .. }
        | SymbolInfo::Table { flags, name, .. } => (flags, *name),
        SymbolInfo::Section { .. } => return None,
    };
    let local = flags.contains(SymbolFlags::BINDING_LOCAL);
    let defined = !flags.contains(SymbolFlags::UNDEFINED);
    name.filter(|_| !local).map(|name| (name, defined))
}

#[cfg(test)]
mod tests {
    use super::*;
    use made::{archive, object};

    /// The members that these names lead to, by the number of their library and their own there.
    fn reached(names: &[&str]) -> Vec<(usize, usize)> {
        let one = archive(&[
            object("a", &["b", "js"]),
            object("b", &["a"]),
            object("c", &["twice"]),
            object("twice", &[]),
        ]);
        let other = archive(&[object("d", &[]), object("twice", &["e"]), object("e", &[])]);
        let stubs = "#STUB\njs: d,\nplain\nother: nowhere";
        let libraries = [one, other];
        let members = Members::of(&libraries, stubs).unwrap();
        // As it is kept.
        let kept = serde_json::to_string(&members).unwrap();
        let members: Members = serde_json::from_str(&kept).unwrap();
        let names: Vec<Name> = names.iter().map(|text| name(text.as_bytes())).collect();
        let number = |(library, place): (usize, Range<usize>)| {
            let all = archived(&libraries[library]).unwrap().members;
            (
                library,
                all.iter().position(|other| *other == place).unwrap(),
            )
        };
        members.reached(&names).into_iter().map(number).collect()
    }

    #[test]
    fn names_lead_to_members() {
        assert_eq!(reached(&[]), []);
        assert_eq!(reached(&["nowhere", "plain"]), []);
        assert_eq!(reached(&["e"]), [(1, 2)]);
        // JavaScript needs `d`.
        assert_eq!(reached(&["b"]), [(0, 0), (0, 1), (1, 0)]);
        assert_eq!(reached(&["js"]), [(1, 0)]);
        // Whoever defines it, in order.
        assert_eq!(reached(&["c"]), [(0, 2), (0, 3), (1, 1), (1, 2)]);
    }

    #[test]
    fn what_is_no_archive_of_objects_has_none() {
        let good = archive(&[object("a", &[])]);
        assert!(Members::of(std::slice::from_ref(&good), "").is_some());
        for bad in [
            Vec::new(),
            b"!<thin>\n".to_vec(),
            archive(&[b"BC\xc0\xde".to_vec()]),
            good[..good.len() - 9].to_vec(),
        ] {
            assert!(Members::of(&[bad], "").is_none());
        }
        assert_eq!(archived(&good).unwrap().members.len(), 1);
    }

    #[test]
    fn the_hash_stays_what_it_is() {
        assert_eq!(name(b""), 0x811c_9dc5);
        assert_eq!(name(b"foobar"), 0xbf9c_f968);
    }
}
