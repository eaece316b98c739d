//! Functions of too few parameters in CPython's tables, while objects are linked.
//!
//! A function that takes only the first of what CPython passes is as good as any natively, and traps here: its
//! slot gets another that takes all and passes on what it takes. Its data are laid out as the object has them,
//! with the symbol's number for a function's place in the table.

use super::{WrongSlot, wrong_in};
use crate::callbacks::Callback;
use crate::callbacks::symbols::Symbols;
use crate::layout::{Layout, Value};
use crate::read::{index_of, types};
use crate::repair::bridge::{Arguments, Bridge, Repair, ResultChange};
use crate::signature::{Signature, ValType, demangle};
use crate::unit::{Form, Role, Unit};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wasmparser::{
    DataKind, KnownCustom, Linking, Operator, Parser, Payload, RelocationEntry, RelocationType,
    SymbolInfo,
};

/// The slots of objects that are linked together which a bridge makes right, each function of an object once
/// for each signature that it is called with.
pub(crate) fn bridged(units: &[Unit]) -> Vec<Callback> {
    let mut found: BTreeMap<_, Callback> = BTreeMap::new();
    // Tables may be of several modules.
    let mut taken = BTreeSet::new();
    let objects = units.iter().enumerate();
    for (at, unit) in objects.filter(|(_, unit)| unit.form == Form::Object) {
        let Some(object) = Object::read(unit) else {
            continue;
        };
        for wrong in wrong_in(&object.layout) {
            let Some((callback, slot)) = object.callback(units, at, &wrong) else {
                continue;
            };
            if !taken.insert((at, slot)) {
                continue;
            }
            let key = (at, callback.symbol, callback.called.clone());
            match found.entry(key) {
                Entry::Vacant(entry) => entry.insert(callback).slots.push(slot),
                Entry::Occupied(mut entry) => {
                    entry.get_mut().slots.push(slot);
                    entry.get_mut().callers.extend(callback.callers);
                }
            }
        }
    }
    found.into_values().collect()
}

/// What calls a function so that natively it is right, if anything does.
fn bridge(called: &Signature, defined: &Signature) -> Option<Bridge> {
    let surplus = called.params.len().checked_sub(defined.params.len())?;
    let result = match (&*called.results, &*defined.results) {
        (a, b) if a == b => ResultChange::Same,
        ([], [ValType::I32]) => ResultChange::Drop,
        _ => return None,
    };
    called
        .params
        .starts_with(&defined.params)
        .then_some(Bridge {
            arguments: Arguments::Drop(surplus),
            result,
        })
}

struct Object {
    layout: Layout,
    symbols: Symbols,
    /// By address, where in the data section's content it lies.
    places: BTreeMap<u32, u32>,
}

impl Object {
    /// The callback of a slot, without its place, and that.
    fn callback(&self, units: &[Unit], unit: usize, wrong: &WrongSlot) -> Option<(Callback, u32)> {
        let Value::Table(symbol) = self.layout.value(wrong.at) else {
            return None;
        };
        let function = self.symbols.functions.get(&symbol)?;
        let same = |other: &Unit| {
            let definition = other.function(&function.name, Role::Defined);
            definition.is_some_and(|definition| definition.signature == wrong.defined)
        };
        if !function.defined && !units.iter().any(same) {
            return None;
        }
        let bridge = bridge(&wrong.called, &wrong.defined)?;
        // A table of numbers and functions to which nothing of CPython's leads may be the user's own: its caller, who
        // passes what the function takes, would find another there.
        let holder = wrong.holder.as_ref()?;
        let slot = format!("{} of {holder}", wrong.slot);
        let callback = Callback {
            origin: units[unit].origin.clone(),
            name: demangle(&function.name).unwrap_or_else(|| function.name.clone()),
            signature: wrong.defined.clone(),
            handed_to: vec!["CPython".to_owned()],
            callers: vec![format!("CPython ({slot})")],
            called: Arc::new(wrong.called.clone()),
            repair: Repair::Safe {
                bridge,
                reason: match bridge.arguments {
                    Arguments::Drop(0) => "CPython takes no result",
                    _ => "the function does not take the last arguments",
                }
                .to_owned(),
                proved: true,
            },
            unit,
            symbol,
            places: Vec::new(),
            slots: Vec::new(),
        };
        Some((callback, *self.places.get(&wrong.at)?))
    }

    /// Reads an object; nothing of one that has no function's address in its data, or is damaged.
    fn read(unit: &Unit) -> Option<Self> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut data_symbols: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        let mut relocations: Vec<RelocationEntry> = Vec::new();
        for payload in Parser::new(0).parse_all(unit.image.bytes()) {
            match payload.ok()? {
                Payload::DataSection(section) => {
                    let start = section.range().start;
                    for data in section {
                        segments.push(Segment::read(&data.ok()?, start)?);
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            let Linking::SymbolTable(table) = part.ok()? else {
                                continue;
                            };
                            for (number, info) in (0..).zip(table) {
                                if let SymbolInfo::Data {
                                    symbol: Some(symbol),
                                    ..
                                } = info.ok()?
                                {
                                    data_symbols.insert(number, (symbol.index, symbol.offset));
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(entries) if section.name() == "reloc.DATA" => {
                        for entry in entries.entries() {
                            relocations.push(entry.ok()?);
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        let function = |entry: &RelocationEntry| entry.ty == RelocationType::TableIndexI32;
        if !relocations.iter().any(function) {
            return None;
        }
        let symbols = Symbols::read(unit.image.bytes())?;
        let types = types(&unit.image)?;
        let signatures = symbols.types.iter().map(|&ty| types.get(index_of(ty)));
        let signatures = signatures.map(|of| of.cloned()).collect::<Option<_>>()?;
        let mut places = BTreeMap::new();
        let mut stores = BTreeMap::new();
        for entry in relocations {
            // They lie in the order of their segments.
            let next = segments.partition_point(|segment| segment.start <= entry.offset);
            let at = segments[..next].last()?.address(entry.offset)?;
            let value = match entry.ty {
                RelocationType::TableIndexI32 => Value::Table(entry.index),
                RelocationType::MemoryAddrI32 => match data_symbols.get(&entry.index) {
                    Some((segment, offset)) => {
                        let address = segments.get(index_of(*segment))?.base;
                        let addend = i32::try_from(entry.addend).ok()?;
                        Value::Memory(address.checked_add(*offset)?.wrapping_add_signed(addend))
                    }
                    None => Value::Other,
                },
                _ => Value::Other,
            };
            stores.insert(at, value);
            places.insert(at, entry.offset);
        }
        let data = segments.into_iter().map(|s| (s.base, s.bytes)).collect();
        let functions = symbols.functions.iter();
        let table = functions.map(|(symbol, function)| (*symbol, function.function));
        Some(Self {
            layout: Layout::new(stores, data, table.collect(), signatures),
            symbols,
            places,
        })
    }
}

/// Data that lie together.
struct Segment {
    /// Their address, as far as the object has one.
    base: u32,
    /// Where they begin in the section's content.
    start: u32,
    bytes: Vec<u8>,
}

impl Segment {
    fn read(data: &wasmparser::Data, section: u64) -> Option<Self> {
        let DataKind::Active { offset_expr, .. } = &data.kind else {
            return None;
        };
        let mut operators = offset_expr.get_operators_reader();
        let Ok(Operator::I32Const { value }) = operators.read() else {
            return None;
        };
        let end = data.range.end;
        let length = u64::try_from(data.data.len()).ok()?;
        Some(Self {
            base: value.cast_unsigned(),
            start: u32::try_from(end.checked_sub(section)?.checked_sub(length)?).ok()?,
            bytes: data.data.to_vec(),
        })
    }

    /// The address of a place in the section's content.
    fn address(&self, place: u32) -> Option<u32> {
        let below = place.checked_sub(self.start)?;
        (index_of(below) < self.bytes.len()).then(|| self.base.checked_add(below))?
    }
}
