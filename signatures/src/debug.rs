//! Places in sources, as a unit's debug information has them: the custom sections ".debug_*", DWARF
//! for WebAssembly. Addresses of code count from the start of the code section.

use crate::unit::Image;
use gimli::{AttributeValue, EndianSlice, LittleEndian, Operation, UnitRef};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wasmparser::{Parser, Payload};

type Bytes<'i> = EndianSlice<'i, LittleEndian>;

/// What debug information says of a unit.
#[derive(Debug, Default)]
pub(crate) struct Debug {
    /// Places in sources by where their code begins; nothing where code ends.
    code: BTreeMap<u64, Option<(Arc<str>, u64)>>,
    /// Variables by address.
    variables: BTreeMap<u64, Variable>,
}

/// A variable of static storage.
#[derive(Debug)]
struct Variable {
    /// `name` or `name at file:line`.
    name: String,
    /// Bytes; 0 where the debug information does not say.
    size: u64,
}

impl Debug {
    /// Reads it: as much as can be read, which may be nothing.
    pub(crate) fn read(image: &Image) -> Self {
        let sections = sections(image);
        let empty: &[u8] = &[];
        let load = |id: gimli::SectionId| -> Result<Bytes, gimli::Error> {
            let data = sections.get(id.name()).copied().unwrap_or(empty);
            Ok(EndianSlice::new(data, LittleEndian))
        };
        let mut debug = Self::default();
        if let Ok(dwarf) = gimli::Dwarf::load(load) {
            let mut units = dwarf.units();
            while let Ok(Some(header)) = units.next() {
                let Ok(unit) = dwarf.unit(header) else {
                    continue;
                };
                let unit = unit.unit_ref(&dwarf);
                // A part that is damaged costs what it tells.
                let _ = debug.lines(&unit);
                let _ = debug.globals(&unit);
            }
        }
        debug
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.code.is_empty() && self.variables.is_empty()
    }

    /// The source line that an instruction comes from, by its distance from the start of the code
    /// section.
    pub(crate) fn line(&self, code: u64) -> Option<String> {
        let (_, place) = self.code.range(..=code).next_back()?;
        let (file, line) = place.as_ref()?;
        Some(format!("{file}:{line}"))
    }

    /// The variable that holds an address of the unit's memory.
    pub(crate) fn variable(&self, address: u32) -> Option<&str> {
        let mut before = self.variables.range(..=u64::from(address));
        let (start, variable) = before.next_back()?;
        let inside = u64::from(address) - start < variable.size.max(1);
        inside.then_some(variable.name.as_str())
    }

    fn lines(&mut self, unit: &UnitRef<Bytes>) -> gimli::Result<()> {
        let Some(program) = unit.line_program.clone() else {
            return Ok(());
        };
        let mut rows = program.rows();
        let mut names: HashMap<u64, Arc<str>> = HashMap::new();
        while let Some((header, row)) = rows.next_row()? {
            if row.end_sequence() {
                self.code.entry(row.address()).or_insert(None);
                continue;
            }
            let Some(line) = row.line() else { continue };
            let name = names
                .entry(row.file_index())
                .or_insert_with(|| file_name(unit, header, row.file_index()).into());
            let place = (name.clone(), line.get());
            self.code.insert(row.address(), Some(place));
        }
        Ok(())
    }

    fn globals(&mut self, unit: &UnitRef<Bytes>) -> gimli::Result<()> {
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs()? {
            if entry.tag() != gimli::DW_TAG_variable {
                continue;
            }
            let place = entry.attr_value(gimli::DW_AT_location);
            let (Some(name), Some(AttributeValue::Exprloc(place))) =
                (entry.attr_value(gimli::DW_AT_name), place)
            else {
                continue;
            };
            // In a side module the address is added to the memory's base.
            let mut operations = place.operations(unit.encoding());
            let mut address = None;
            while let Some(operation) = operations.next()? {
                match operation {
                    Operation::Address { address: at } => address = Some(at),
                    Operation::AddressIndex { index } => address = Some(unit.address(index)?),
                    _ => {}
                }
            }
            let Some(address) = address else { continue };
            let name = unit.attr_string(name)?.to_string_lossy().into_owned();
            let file = entry.attr_value(gimli::DW_AT_decl_file);
            let line = entry.attr_value(gimli::DW_AT_decl_line);
            let declared = file.and_then(|file| match file {
                AttributeValue::FileIndex(index) => Some(index),
                other => other.udata_value(),
            });
            let header = unit.line_program.as_ref().map(|program| program.header());
            let place = declared.zip(header).zip(line.and_then(|l| l.udata_value()));
            let name = match place {
                Some(((file, header), line)) => {
                    format!("{name} at {}:{line}", file_name(unit, header, file))
                }
                None => name,
            };
            let size = size(unit, entry, MAX_TYPES).unwrap_or_default();
            self.variables.insert(address, Variable { name, size });
        }
        Ok(())
    }
}

/// Types of types deeper than this are taken for a circle.
const MAX_TYPES: usize = 20;

/// The bytes that a variable or type takes, where it says.
fn size<'i>(
    unit: &UnitRef<Bytes<'i>>,
    entry: &gimli::DebuggingInformationEntry<Bytes<'i>>,
    depth: usize,
) -> Option<u64> {
    let number = |value: AttributeValue<Bytes<'i>>| value.udata_value();
    let own = entry.attr_value(gimli::DW_AT_byte_size).and_then(number);
    if own.is_some() || depth == 0 {
        return own;
    }
    if entry.tag() == gimli::DW_TAG_pointer_type {
        return Some(u64::from(unit.encoding().address_size));
    }
    let AttributeValue::UnitRef(at) = entry.attr_value(gimli::DW_AT_type)? else {
        return None;
    };
    let mut bytes = size(unit, &unit.entry(at).ok()?, depth - 1)?;
    if entry.tag() == gimli::DW_TAG_array_type {
        let mut tree = unit.entries_tree(Some(entry.offset())).ok()?;
        let mut ranges = tree.root().ok()?.children();
        while let Some(range) = ranges.next().ok()? {
            let count = range.entry().attr_value(gimli::DW_AT_count);
            bytes = bytes.checked_mul(count.and_then(number)?)?;
        }
    }
    Some(bytes)
}

/// A source's name: relative to the compiler's folder where it is there.
fn file_name<'i>(
    unit: &UnitRef<Bytes<'i>>,
    header: &gimli::LineProgramHeader<Bytes<'i>>,
    index: u64,
) -> String {
    let text = |value| {
        let text = unit.attr_string(value).ok()?;
        Some(text.to_string_lossy().into_owned())
    };
    let Some(file) = header.file(index) else {
        return "?".into();
    };
    let name = text(file.path_name()).unwrap_or_default();
    let folder = match file.directory_index() {
        0 => None,
        _ => file.directory(header).and_then(text),
    };
    match folder {
        Some(folder) if !name.starts_with('/') => format!("{folder}/{name}"),
        _ => name,
    }
}

/// The custom sections of debug information, by name.
fn sections(image: &Image) -> HashMap<&str, &[u8]> {
    let mut sections = HashMap::new();
    for payload in Parser::new(0).parse_all(image.bytes()) {
        let Ok(payload) = payload else { break };
        if let Payload::CustomSection(section) = payload
            && section.name().starts_with(".debug_")
        {
            sections.insert(section.name(), section.data());
        }
    }
    sections
}
