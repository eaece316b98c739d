//! Variables of WebAssembly objects: what they begin as, and how an object is made to use another's.
//!
//! The format: "linking" and "reloc." of WebAssembly's tool conventions, version 2.

use f2c_driver::common;
use signatures::leb;
use std::ops::Range;
use wasm_encoder::Encode;
use wasmparser::{
    BinaryReader, BinaryReaderError, DataKind, KnownCustom, Linking, Parser, Payload,
    RelocSectionReader, SymbolFlags, SymbolInfo,
};

/// A variable that an object defines and others can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its symbol.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it begins as; the rest of it is zero.
    pub value: Vec<u8>,
    /// Whether addresses are part of that, which are known only when the program runs.
    pub addresses: bool,
    /// Whether it is a common symbol without a value of its own: any other definition's counts.
    pub common: bool,
    /// Whether it gives way to another definition.
    pub weak: bool,
}

/// Kind of the symbol table among the subsections of "linking": `WASM_SYMBOL_TABLE`.
const SYMBOL_TABLE: u8 = 8;
/// A kind that means nothing to a linker, which skips it.
const FILLER: u8 = 0x7f;
/// `WASM_SYMBOL_TYPE_DATA`.
const DATA: u8 = 1;
/// What a symbol that is needed cannot be: weak, hidden, exported.
const NOT_FOR_NEEDED: u32 = 1 | 4 | 0x20;
/// `WASM_SYM_UNDEFINED`.
const UNDEFINED: u32 = 0x10;

/// The variables that an object defines and others can see.
///
/// # Errors
/// It is damaged.
pub(crate) fn variables(object: &[u8]) -> Result<Vec<Variable>, BinaryReaderError> {
    let mut segments: Vec<(&[u8], usize)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut symbols = Vec::new();
    let mut addresses: Vec<usize> = Vec::new();
    for payload in Parser::new(0).parse_all(object) {
        match payload? {
            Payload::DataSection(section) => {
                let start = index(section.range().start);
                for data in section {
                    let data = data?;
                    if let DataKind::Active { .. } = data.kind {
                        let at = index(data.range.end) - data.data.len() - start;
                        segments.push((data.data, at));
                    }
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    for part in linking.subsections() {
                        match part? {
                            Linking::SegmentInfo(infos) => {
                                for info in infos {
                                    names.push(info?.name);
                                }
                            }
                            Linking::SymbolTable(table) => {
                                for info in table {
                                    symbols.push(info?);
                                }
                            }
                            _ => {}
                        }
                    }
                }
                KnownCustom::Reloc(relocations) if section.name() == "reloc.DATA" => {
                    addresses = places(relocations)?;
                }
                _ => {}
            },
            _ => {}
        }
    }
    let visible = |flags: &SymbolFlags| {
        !flags.intersects(SymbolFlags::BINDING_LOCAL | SymbolFlags::VISIBILITY_HIDDEN)
    };
    let found = symbols.iter().filter_map(|info| {
        let SymbolInfo::Data {
            flags,
            name,
            symbol: Some(symbol),
        } = info
        else {
            return None;
        };
        let segment = index(symbol.index);
        let (bytes, start) = segments.get(segment)?;
        let from = index(symbol.offset);
        let to = from.checked_add(index(symbol.size))?;
        let place = start + from..start + to;
        let common = names.get(segment)?.strip_prefix(common::SEGMENT) == Some(*name);
        visible(flags).then(|| Variable {
            name: (*name).to_owned(),
            bytes: symbol.size.into(),
            value: trimmed(bytes.get(from..to.min(bytes.len())).unwrap_or_default()),
            addresses: addresses.iter().any(|at| place.contains(at)),
            common,
            weak: flags.contains(SymbolFlags::BINDING_WEAK),
        })
    });
    Ok(found.collect())
}

/// A number of the file's as an index of ours.
fn index(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

/// The bytes up to the last that is not zero.
pub(crate) fn trimmed(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().rposition(|&byte| byte != 0);
    bytes[..end.map_or(0, |end| end + 1)].to_vec()
}

/// The places in the content of a section that a linker writes over.
fn places(relocations: RelocSectionReader) -> Result<Vec<usize>, BinaryReaderError> {
    let entries = relocations.entries();
    entries
        .into_iter()
        .map(|entry| Ok(index(entry?.offset)))
        .collect()
}

/// Makes an object need the variables of these names that it defines and others can see, with no
/// change of its size: what the symbol table gets shorter by is filled. How many there were.
///
/// # Errors
/// It is damaged.
pub(crate) fn need(object: &mut [u8], is_wanted: &dyn Fn(&str) -> bool) -> Result<usize, String> {
    let broken = |error: BinaryReaderError| error.to_string();
    let mut table: Option<(Range<usize>, Vec<u8>)> = None;
    let mut changed = 0;
    for payload in Parser::new(0).parse_all(object) {
        let Payload::CustomSection(section) = payload.map_err(broken)? else {
            continue;
        };
        if section.name() != "linking" {
            continue;
        }
        let start = index(section.data_offset());
        let mut reader = BinaryReader::new(section.data(), 0);
        let version = reader.read_var_u32().map_err(broken)?;
        if version != 2 {
            return Err(format!("its symbols are of version {version}"));
        }
        while !reader.eof() {
            let kind = reader.read_u8().map_err(broken)?;
            let from = section.data().len() - reader.bytes_remaining();
            let size = index(reader.read_var_u32().map_err(broken)?);
            let content = reader.read_bytes(size).map_err(broken)?;
            let to = section.data().len() - reader.bytes_remaining();
            if kind == SYMBOL_TABLE {
                let width = to - from - size;
                let (content, number) = without(content, is_wanted).map_err(broken)?;
                changed += number;
                table = Some((start + from..start + to, filled(&content, width, to - from)));
            }
        }
    }
    if let Some((range, content)) = table.filter(|_| changed > 0) {
        let place = object
            .get_mut(range)
            .filter(|place| place.len() == content.len());
        place
            .ok_or("its symbols leave the file")?
            .copy_from_slice(&content);
    }
    Ok(changed)
}

/// A symbol table in which variables are needed, and how many.
fn without(
    table: &[u8],
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<(Vec<u8>, usize), BinaryReaderError> {
    let mut reader = BinaryReader::new(table, 0);
    let at = |reader: &BinaryReader| table.len() - reader.bytes_remaining();
    let count = reader.read_var_u32()?;
    let mut out = table[..at(&reader)].to_vec();
    let mut changed = 0;
    for _ in 0..count {
        let start = at(&reader);
        let info: SymbolInfo = reader.read()?;
        let entry = &table[start..at(&reader)];
        match info {
            SymbolInfo::Data {
                flags,
                name,
                symbol: Some(_),
            } if !flags.intersects(SymbolFlags::BINDING_LOCAL | SymbolFlags::VISIBILITY_HIDDEN)
                && is_wanted(name) =>
            {
                out.push(DATA);
                (flags.bits() & !NOT_FOR_NEEDED | UNDEFINED).encode(&mut out);
                name.encode(&mut out);
                changed += 1;
            }
            _ => out.extend_from_slice(entry),
        }
    }
    Ok((out, changed))
}

/// The size and the content of a subsection, and a filler behind it, in so many bytes together.
fn filled(content: &[u8], width: usize, bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes);
    leb::padded(
        u32::try_from(content.len()).unwrap_or(u32::MAX),
        width,
        &mut out,
    );
    out.extend_from_slice(content);
    // A symbol that becomes needed loses three numbers, so that a filler has at least one byte more
    // than its kind and its size.
    if let Some(rest) = bytes
        .checked_sub(out.len() + 2)
        .filter(|_| out.len() < bytes)
    {
        out.push(FILLER);
        let width = if rest > 0x7f { 5 } else { 1 };
        let rest = rest + 1 - width;
        leb::padded(u32::try_from(rest).unwrap_or(u32::MAX), width, &mut out);
        out.resize(bytes, 0);
    }
    out
}
