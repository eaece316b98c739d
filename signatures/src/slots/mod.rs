//! Functions that CPython finds in a module's tables, and calls with signatures of its own.
//!
//! A type's slots, in a `PyType_Slot` array or a static `PyTypeObject`, pair a place with a function,
//! which CPython calls as that slot's, whatever the function's own signature: a `void` `tp_clear`
//! works natively and traps here. So it is with a module's slots and with methods of the FASTCALL
//! conventions. Other methods, getters and setters it calls through a trampoline on Emscripten, which
//! passes as many arguments as the function takes; those must only take and give pointers.
//!
//! A link of objects makes those right that natively are (`object`). What this cannot know: tables that are filled by
//! code, and functions whose addresses come from other modules. Nothing is guessed: what is not laid out as CPython has
//! it is left alone.

pub(crate) mod object;
mod tables;

use crate::layout::{Layout, Value};
use crate::signature::{Signature, ValType};
use crate::unit::Unit;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tables::{
    ATTRIBUTE, ATTRIBUTES_SLOT, CALLED, CONVENTIONS, Convention, FLAGS, Field, LAST, METHOD,
    METHODS_SLOT, MODULE, MODULE_NAME, MODULE_SLOTS, SLOTS, SPEC_SLOTS, Shape, TYPE, TYPE_NAME,
    TYPE_SLOTS, is_reference_count,
};

/// A function in a slot or table that is called otherwise than it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSlot {
    /// The slot's or method's name.
    pub slot: String,
    /// What it is a slot of, where that has a name.
    pub holder: Option<String>,
    /// How CPython calls it.
    pub called: Signature,
    /// How the function is defined.
    pub defined: Arc<Signature>,
    /// The function's number in the module.
    pub function: u32,
    /// Where its address is stored.
    pub(crate) at: u32,
}

/// The functions of a side module that are in slots of other signatures, each slot once. A module
/// that does not look like LLVM's has none.
#[must_use]
pub fn wrong_slots(unit: &Unit) -> Vec<WrongSlot> {
    Layout::read(unit).map_or_else(Vec::new, |layout| wrong_in(&layout))
}

/// The same of what lies so in memory.
fn wrong_in(layout: &Layout) -> Vec<WrongSlot> {
    let mut finder = Finder {
        layout,
        seen: BTreeSet::new(),
        wrong: Vec::new(),
    };
    finder.structures();
    finder.arrays();
    finder.wrong
}

/// Four bytes for each field.
fn field(start: u32, number: u32) -> Option<u32> {
    start.checked_add(number.checked_mul(4)?)
}

fn signature((parameters, result): Shape) -> Signature {
    let results: &[ValType] = if result { &[ValType::I32] } else { &[] };
    Signature::new(&vec![ValType::I32; parameters], results)
}

struct Finder<'a> {
    layout: &'a Layout,
    /// Tables that were looked at: several types may share one.
    seen: BTreeSet<u32>,
    wrong: Vec<WrongSlot>,
}

impl Finder<'_> {
    /// Goes through static types and module definitions, which are known by their names' places.
    fn structures(&mut self) {
        for (at, value) in self.layout.stored() {
            let Value::Memory(text) = value else { continue };
            let Some(name) = self.layout.text(text) else {
                continue;
            };
            for (what, fields, place) in
                [("type", TYPE, TYPE_NAME), ("module", MODULE, MODULE_NAME)]
            {
                let start = at.checked_sub(place * 4);
                if let Some(start) = start.filter(|&start| self.is(start, fields)) {
                    self.structure(start, fields, &format!("the {what} {name}"));
                }
            }
        }
    }

    /// Whether memory looks like a static object of these fields: each of its kind, the first a reference
    /// count as static objects have it, and some function or table in it. What lies in one row with a name by
    /// chance, the end of one structure and the beginning of another, begins with any number.
    fn is(&self, start: u32, fields: &[Field]) -> bool {
        let mut used = false;
        let fits = (0u32..).zip(fields).all(|(number, kind)| {
            let Some(at) = field(start, number) else {
                return false;
            };
            let value = self.layout.value(at);
            let empty = value == Value::Number(0);
            match kind {
                Field::Number => match value {
                    Value::Number(count) => number != 0 || is_reference_count(count),
                    _ => false,
                },
                Field::Name => matches!(value, Value::Memory(_)),
                Field::Address => empty || matches!(value, Value::Memory(_) | Value::Other),
                Field::Slot(_) | Field::Function(..) => {
                    used |= !empty;
                    empty || matches!(value, Value::Table(_) | Value::Other)
                }
                Field::Part(_) | Field::Methods | Field::Attributes | Field::ModuleSlots => {
                    used |= !empty;
                    empty || matches!(value, Value::Memory(_) | Value::Other)
                }
            }
        });
        fits && used
    }

    fn structure(&mut self, start: u32, fields: &[Field], holder: &str) {
        if !self.seen.insert(start) {
            return;
        }
        for (number, kind) in (0u32..).zip(fields) {
            let Some(at) = field(start, number) else {
                return;
            };
            let value = self.layout.value(at);
            match (*kind, value) {
                (Field::Slot(slot), _) => {
                    if let Ok(row) = SLOTS.binary_search_by_key(&slot, |row| row.0) {
                        let (_, name, shape) = SLOTS[row];
                        self.hold(at, name, Some(holder), &signature(shape));
                    }
                }
                (Field::Function(name, shape), _) => {
                    self.hold(at, name, Some(holder), &signature(shape));
                }
                (Field::Part(fields), Value::Memory(part)) => self.structure(part, fields, holder),
                (Field::Methods, Value::Memory(table)) => self.methods(table, holder),
                (Field::Attributes, Value::Memory(table)) => self.attributes(table, holder),
                (Field::ModuleSlots, Value::Memory(table)) => self.module_slots(table, holder),
                _ => {}
            }
        }
    }

    /// Holds the function stored at an address, if one of this module is, against the signature it is called with; whether it is one.
    fn hold(&mut self, at: u32, slot: &str, holder: Option<&str>, called: &Signature) -> bool {
        let Some((function, defined)) = self.function(self.layout.value(at)) else {
            return false;
        };
        let fits = *defined == *called;
        if !fits {
            self.wrong.push(WrongSlot {
                slot: slot.to_owned(),
                holder: holder.map(str::to_owned),
                called: called.clone(),
                defined,
                function,
                at,
            });
        }
        fits
    }

    fn function(&self, value: Value) -> Option<(u32, Arc<Signature>)> {
        match value {
            Value::Table(place) => self.layout.function(place),
            _ => None,
        }
    }

    /// The entries of a table, each the addresses of its first field, up to the one that is zero;
    /// nothing where an entry is none.
    fn entries(
        &self,
        start: u32,
        fields: u32,
        is: impl Fn(u32) -> Option<bool>,
    ) -> Option<Vec<u32>> {
        let mut entries = Vec::new();
        let mut at = start;
        while self.layout.value(at) != Value::Number(0) {
            if !is(at)? {
                return None;
            }
            entries.push(at);
            at = field(at, fields)?;
        }
        Some(entries)
    }

    fn named(&self, at: u32) -> Option<&str> {
        match self.layout.value(at) {
            Value::Memory(text) => self.layout.text(text),
            _ => None,
        }
    }

    fn convention(&self, method: u32) -> Option<&'static Convention> {
        match self.layout.value(field(method, 2)?) {
            Value::Number(flags) if flags & !FLAGS == 0 => {
                let mut all = CONVENTIONS.iter();
                all.find(|convention| convention.flags == flags & CALLED)
            }
            _ => None,
        }
    }

    fn methods(&mut self, table: u32, holder: &str) {
        let is = |at: u32| Some(self.named(at).is_some() && self.convention(at).is_some());
        let entries = self.entries(table, METHOD, is);
        if !self.seen.insert(table) {
            return;
        }
        for at in entries.into_iter().flatten() {
            let (Some(name), Some(convention), Some(function)) =
                (self.named(at), self.convention(at), field(at, 1))
            else {
                continue;
            };
            let name = name.to_owned();
            let called = signature((convention.parameters, true));
            let through = convention.trampoline && self.is_of_pointers(function);
            if !through {
                let holder = format!("{holder}, {}", convention.name);
                self.hold(function, &name, Some(&holder), &called);
            }
        }
    }

    /// Whether the function stored at an address takes nothing but pointers, and gives one: the trampoline
    /// calls it.
    fn is_of_pointers(&self, at: u32) -> bool {
        self.function(self.layout.value(at))
            .is_some_and(|(_, defined)| {
                *defined.results == [ValType::I32]
                    && defined.params.iter().all(|ty| *ty == ValType::I32)
            })
    }

    /// Getters: a setter that gives nothing is taken by the trampoline to succeed.
    fn attributes(&mut self, table: u32, holder: &str) {
        let is = |at: u32| {
            let getter = self.layout.value(field(at, 1)?);
            Some(self.named(at).is_some() && !matches!(getter, Value::Memory(_)))
        };
        let entries = self.entries(table, ATTRIBUTE, is);
        if !self.seen.insert(table) {
            return;
        }
        for at in entries.into_iter().flatten() {
            let (Some(name), Some(getter)) = (self.named(at), field(at, 1)) else {
                continue;
            };
            let name = name.to_owned();
            if !self.is_of_pointers(getter) {
                let holder = format!("{holder}, getter");
                self.hold(getter, &name, Some(&holder), &signature((2, true)));
            }
        }
    }

    fn module_slots(&mut self, table: u32, holder: &str) {
        let number = |at: u32| match self.layout.value(at) {
            Value::Number(number) if (1..=LAST).contains(&number) => Some(number),
            _ => None,
        };
        let Some(entries) = self.entries(table, 2, |at| Some(number(at).is_some())) else {
            return;
        };
        for at in entries {
            let row = number(at).and_then(|number| MODULE_SLOTS.iter().find(|row| row.0 == number));
            if let (Some((_, name, shape)), Some(function)) = (row, field(at, 1)) {
                self.hold(function, name, Some(holder), &signature(*shape));
            }
        }
    }

    /// Goes through the `PyType_Slot` arrays of types that are made at run time.
    fn arrays(&mut self) {
        let begins = |at: u32| {
            let before = at.checked_sub(8).and_then(|at| self.slot(at));
            self.slot(at).is_some() && before.is_none()
        };
        let stored = self.layout.stored().map(|(at, _)| at);
        let arrays = stored.filter(|at| begins(*at));
        let arrays: Vec<Vec<(u32, u32)>> = arrays.filter_map(|at| self.array(at)).collect();
        let specs = self.specs();
        for array in arrays {
            let start = array.first().and_then(|(_, at)| at.checked_sub(4));
            let name = start.and_then(|start| specs.get(&start));
            let holder = name.map(|name| format!("the type {name}"));
            self.slots_of(&array, holder.as_deref());
        }
    }

    /// Names of types by where their slots are, as each `PyType_Spec` has them.
    fn specs(&self) -> BTreeMap<u32, String> {
        let named = self.layout.stored().filter_map(|(at, value)| {
            let Value::Memory(slots) = value else {
                return None;
            };
            let start = at.checked_sub(SPEC_SLOTS * 4)?;
            let name = self.named(start)?;
            // Sizes and flags.
            let number = |place| matches!(self.layout.value(start + place * 4), Value::Number(_));
            (1..SPEC_SLOTS)
                .all(number)
                .then(|| (slots, name.to_owned()))
        });
        named.collect()
    }

    /// The slot whose entry's function is stored at an address: its number stands before.
    fn slot(&self, at: u32) -> Option<u32> {
        match self.layout.value(at.checked_sub(4)?) {
            Value::Number(slot) if (1..=LAST).contains(&slot) => Some(slot),
            _ => None,
        }
    }

    /// The entries of an array of slots that begins before an address, each its slot and where its
    /// function is stored; nothing where the array does not end as one does, with zeros.
    fn array(&self, mut at: u32) -> Option<Vec<(u32, u32)>> {
        let mut entries = Vec::new();
        while let Some(slot) = self.slot(at) {
            entries.push((slot, at));
            at = at.checked_add(8)?;
        }
        let zero = |at: u32| self.layout.value(at) == Value::Number(0);
        (zero(at.checked_sub(4)?) && zero(at)).then_some(entries)
    }

    /// The wrong entries of an array, if it is a type's: other tables of numbers and functions
    /// have numbers twice, none of a type's own slots, or hardly a function that fits.
    fn slots_of(&mut self, array: &[(u32, u32)], holder: Option<&str>) {
        let mut numbers: Vec<u32> = array.iter().map(|(slot, _)| *slot).collect();
        numbers.sort_unstable();
        let own = numbers.iter().any(|slot| TYPE_SLOTS.contains(slot));
        let unique = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        if !own || !unique {
            return;
        }
        let before = self.wrong.len();
        let mut fitting = 0;
        let mut tables = Vec::new();
        for &(slot, at) in array {
            if let Ok(row) = SLOTS.binary_search_by_key(&slot, |row| row.0) {
                let (_, name, shape) = SLOTS[row];
                fitting += usize::from(self.hold(at, name, holder, &signature(shape)));
            } else if let Value::Memory(table) = self.layout.value(at) {
                tables.push((slot, table));
            }
        }
        if fitting < 2 || self.wrong.len() - before >= fitting {
            self.wrong.truncate(before);
            return;
        }
        let holder = holder.unwrap_or("a type");
        for (slot, table) in tables {
            match slot {
                METHODS_SLOT => self.methods(table, holder),
                ATTRIBUTES_SLOT => self.attributes(table, holder),
                _ => {}
            }
        }
    }
}
