//! Functions in the slots of Python types, as CPython calls them.
//!
//! A type's `PyType_Slot` array pairs a number with a function, which CPython then calls with the
//! signature of that slot, whatever the function's own: a `void` `tp_clear` works natively and traps
//! here. A linked side module fills such arrays in its function `__wasm_apply_data_relocs`, which
//! stores addresses one after another; that is evaluated here. Methods and getters are no concern:
//! CPython calls those through a trampoline on Emscripten.

use crate::body::walk;
use crate::read::{index_of, types};
use crate::signature::{Signature, ValType};
use crate::unit::Unit;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wasmparser::{DataKind, ElementItems, ElementKind, Operator, Parser, Payload, TypeRef};

/// A function in a slot that is called otherwise than it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSlot {
    /// The slot's name.
    pub slot: &'static str,
    /// How CPython calls it.
    pub called: Signature,
    /// How the function is defined.
    pub defined: Arc<Signature>,
    /// The function's number in the module.
    pub function: u32,
}

/// Shapes of slots: how many `int` or pointer parameters, and whether there is an `int` result.
const UNARY: (usize, bool) = (1, true);
const BINARY: (usize, bool) = (2, true);
const TERNARY: (usize, bool) = (3, true);
const DESTRUCTOR: (usize, bool) = (1, false);

/// Numbers, names and shapes of the slots that hold functions, sorted by number.
/// Source: `Include/typeslots.h` and the types of the fields in `Include/cpython/object.h`.
#[rustfmt::skip]
const SLOTS: &[(u32, &str, (usize, bool))] = &[
    (1, "bf_getbuffer", TERNARY), (2, "bf_releasebuffer", (2, false)),
    (3, "mp_ass_subscript", TERNARY), (4, "mp_length", UNARY), (5, "mp_subscript", BINARY),
    (6, "nb_absolute", UNARY), (7, "nb_add", BINARY), (8, "nb_and", BINARY), (9, "nb_bool", UNARY),
    (10, "nb_divmod", BINARY), (11, "nb_float", UNARY), (12, "nb_floor_divide", BINARY),
    (13, "nb_index", UNARY), (14, "nb_inplace_add", BINARY), (15, "nb_inplace_and", BINARY),
    (16, "nb_inplace_floor_divide", BINARY), (17, "nb_inplace_lshift", BINARY),
    (18, "nb_inplace_multiply", BINARY), (19, "nb_inplace_or", BINARY),
    (20, "nb_inplace_power", TERNARY), (21, "nb_inplace_remainder", BINARY),
    (22, "nb_inplace_rshift", BINARY), (23, "nb_inplace_subtract", BINARY),
    (24, "nb_inplace_true_divide", BINARY), (25, "nb_inplace_xor", BINARY), (26, "nb_int", UNARY),
    (27, "nb_invert", UNARY), (28, "nb_lshift", BINARY), (29, "nb_multiply", BINARY),
    (30, "nb_negative", UNARY), (31, "nb_or", BINARY), (32, "nb_positive", UNARY),
    (33, "nb_power", TERNARY), (34, "nb_remainder", BINARY), (35, "nb_rshift", BINARY),
    (36, "nb_subtract", BINARY), (37, "nb_true_divide", BINARY), (38, "nb_xor", BINARY),
    (39, "sq_ass_item", TERNARY), (40, "sq_concat", BINARY), (41, "sq_contains", BINARY),
    (42, "sq_inplace_concat", BINARY), (43, "sq_inplace_repeat", BINARY), (44, "sq_item", BINARY),
    (45, "sq_length", UNARY), (46, "sq_repeat", BINARY), (47, "tp_alloc", BINARY),
    (50, "tp_call", TERNARY), (51, "tp_clear", UNARY), (52, "tp_dealloc", DESTRUCTOR),
    (53, "tp_del", DESTRUCTOR), (54, "tp_descr_get", TERNARY), (55, "tp_descr_set", TERNARY),
    (57, "tp_getattr", BINARY), (58, "tp_getattro", BINARY), (59, "tp_hash", UNARY),
    (60, "tp_init", TERNARY), (61, "tp_is_gc", UNARY), (62, "tp_iter", UNARY),
    (63, "tp_iternext", UNARY), (65, "tp_new", TERNARY), (66, "tp_repr", UNARY),
    (67, "tp_richcompare", TERNARY), (68, "tp_setattr", TERNARY), (69, "tp_setattro", TERNARY),
    (70, "tp_str", UNARY), (71, "tp_traverse", TERNARY), (74, "tp_free", DESTRUCTOR),
    (75, "nb_matrix_multiply", BINARY), (76, "nb_inplace_matrix_multiply", BINARY),
    (77, "am_await", UNARY), (78, "am_aiter", UNARY), (79, "am_anext", UNARY),
    (80, "tp_finalize", DESTRUCTOR), (81, "am_send", TERNARY), (82, "tp_vectorcall", (4, true)),
];

/// The slots `tp_*`: a type has one of them in any case.
const TYPE_SLOTS: std::ops::RangeInclusive<u32> = 47..=74;

/// The highest number of a slot, functions or not, of any version so far.
const LAST: u32 = 90;

/// The functions of a side module that are in slots of other signatures. A module that does not
/// look like LLVM's has none: nothing is guessed.
#[must_use]
pub fn wrong_slots(unit: &Unit) -> Vec<WrongSlot> {
    Layout::read(unit).map_or_else(Vec::new, |layout| layout.wrong())
}

/// A value that address arithmetic comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    Number(u32),
    /// An address in the module's memory.
    Memory(u32),
    /// A place in the module's part of the table.
    Table(u32),
    /// Something else's address.
    Other,
}

/// Where the module puts what.
struct Layout {
    /// What is stored at addresses.
    stores: BTreeMap<u32, Value>,
    /// Bytes by address.
    data: BTreeMap<u32, Vec<u8>>,
    /// Functions by place in the table.
    table: HashMap<u32, u32>,
    signatures: Vec<Arc<Signature>>,
}

impl Layout {
    fn read(unit: &Unit) -> Option<Self> {
        let types = types(&unit.image)?;
        let mut machine = Machine::default();
        let mut layout = Self {
            stores: BTreeMap::new(),
            data: BTreeMap::new(),
            table: HashMap::new(),
            signatures: Vec::new(),
        };
        let mut next_global = 0;
        for payload in Parser::new(0).parse_all(unit.image.bytes()) {
            match payload.ok()? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.ok()?;
                        match import.ty {
                            TypeRef::Func(ty) => {
                                layout.signatures.push(types.get(index_of(ty))?.clone());
                            }
                            TypeRef::Global(_) => {
                                let value = match import.name {
                                    "__memory_base" => Value::Memory(0),
                                    "__table_base" => Value::Table(0),
                                    _ => Value::Other,
                                };
                                machine.globals.insert(next_global, value);
                                next_global += 1;
                            }
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        let signature = types.get(index_of(ty.ok()?))?;
                        layout.signatures.push(signature.clone());
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        layout.element(element.ok()?, &mut machine)?;
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data.ok()?;
                        if let DataKind::Active { offset_expr, .. } = data.kind
                            && let Value::Memory(at) = machine.constant(&offset_expr)
                        {
                            layout.data.insert(at, data.data.to_vec());
                        }
                    }
                }
                _ => {}
            }
        }
        // Addresses of what the module itself exports are globals that a function fills first.
        for _ in 0..2 {
            walk(&unit.image, |_, operators| {
                machine.run(operators);
                Ok(())
            })
            .ok()?;
        }
        layout.stores = machine.stores;
        Some(layout)
    }

    fn element(&mut self, element: wasmparser::Element, machine: &mut Machine) -> Option<()> {
        let ElementKind::Active { offset_expr, .. } = element.kind else {
            return Some(());
        };
        let (Value::Table(start), ElementItems::Functions(functions)) =
            (machine.constant(&offset_expr), element.items)
        else {
            return Some(());
        };
        for (at, function) in (start..).zip(functions) {
            self.table.insert(at, function.ok()?);
        }
        Some(())
    }

    fn word(&self, at: u32) -> Option<u32> {
        let (start, bytes) = self.data.range(..=at).next_back()?;
        let offset = index_of(at - start);
        let word = bytes.get(offset..offset.checked_add(4)?)?;
        Some(u32::from_le_bytes(word.try_into().ok()?))
    }

    /// The slot whose entry's function is stored at an address: its number stands before.
    fn slot(&self, at: u32) -> Option<u32> {
        let number = at.checked_sub(4)?;
        let plain = !self.stores.contains_key(&number);
        self.word(number)
            .filter(|slot| plain && (1..=LAST).contains(slot))
    }

    /// The entries of an array of slots that begins before an address, each its slot and where its
    /// function is stored; nothing where the array does not end as one does, with zeros.
    fn array(&self, mut at: u32) -> Option<Vec<(u32, u32)>> {
        let mut entries = Vec::new();
        while let Some(slot) = self.slot(at) {
            entries.push((slot, at));
            at = at.checked_add(8)?;
        }
        let zero = |at: u32| !self.stores.contains_key(&at) && self.word(at).unwrap_or(0) == 0;
        (zero(at.checked_sub(4)?) && zero(at)).then_some(entries)
    }

    fn wrong(&self) -> Vec<WrongSlot> {
        let begins = |at: &&u32| {
            let before = at.checked_sub(8).and_then(|at| self.slot(at));
            self.slot(**at).is_some() && before.is_none()
        };
        let arrays = self.stores.keys().filter(begins);
        let arrays = arrays.filter_map(|at| self.array(*at));
        arrays.flat_map(|array| self.wrong_of(&array)).collect()
    }

    /// The wrong entries of an array, if it is a type's: other tables of numbers and functions
    /// have numbers twice, none of a type's own slots, or hardly a function that fits.
    fn wrong_of(&self, array: &[(u32, u32)]) -> Vec<WrongSlot> {
        let mut numbers: Vec<u32> = array.iter().map(|(slot, _)| *slot).collect();
        numbers.sort_unstable();
        let own = numbers.iter().any(|slot| TYPE_SLOTS.contains(slot));
        let unique = numbers.windows(2).all(|pair| pair[0] < pair[1]);
        let mut fitting = 0;
        let mut wrong = Vec::new();
        for &(slot, at) in array {
            let Some(Value::Table(place)) = self.stores.get(&at) else {
                continue;
            };
            let row = SLOTS.binary_search_by_key(&slot, |row| row.0);
            let (Ok(row), Some((function, defined))) = (row, self.function(*place)) else {
                continue;
            };
            let (_, name, (params, result)) = SLOTS[row];
            let results: &[ValType] = if result { &[ValType::I32] } else { &[] };
            let called = Signature::new(&vec![ValType::I32; params], results);
            if *defined == called {
                fitting += 1;
            } else {
                wrong.push(WrongSlot {
                    slot: name,
                    called,
                    defined,
                    function,
                });
            }
        }
        if own && unique && fitting >= 2 && wrong.len() < fitting {
            wrong
        } else {
            Vec::new()
        }
    }

    fn function(&self, place: u32) -> Option<(u32, Arc<Signature>)> {
        let function = *self.table.get(&place)?;
        let signature = self.signatures.get(index_of(function))?;
        Some((function, signature.clone()))
    }
}

/// Evaluates address arithmetic, up to the first thing that is none.
#[derive(Default)]
struct Machine {
    globals: HashMap<u32, Value>,
    locals: HashMap<u32, Value>,
    stack: Vec<Value>,
    stores: BTreeMap<u32, Value>,
}

impl Machine {
    /// What a segment's offset comes to.
    fn constant(&mut self, expression: &wasmparser::ConstExpr) -> Value {
        self.run(expression.get_operators_reader());
        self.stack.pop().unwrap_or(Value::Other)
    }

    fn run<'o>(&mut self, operators: impl IntoIterator<Item = wasmparser::Result<Operator<'o>>>) {
        self.locals.clear();
        self.stack.clear();
        for operator in operators {
            let Ok(operator) = operator else { return };
            if self.step(&operator).is_none() {
                return;
            }
        }
    }

    fn step(&mut self, operator: &Operator) -> Option<()> {
        match *operator {
            Operator::I32Const { value } => self.stack.push(Value::Number(value.cast_unsigned())),
            Operator::GlobalGet { global_index } => {
                let value = self.globals.get(&global_index);
                self.stack.push(value.copied().unwrap_or(Value::Other));
            }
            Operator::GlobalSet { global_index } => {
                let value = self.stack.pop()?;
                self.globals.insert(global_index, value);
            }
            Operator::LocalGet { local_index } => {
                let value = self.locals.get(&local_index)?;
                self.stack.push(*value);
            }
            Operator::LocalSet { local_index } => {
                let value = self.stack.pop()?;
                self.locals.insert(local_index, value);
            }
            Operator::LocalTee { local_index } => {
                self.locals.insert(local_index, *self.stack.last()?);
            }
            Operator::I32Add => {
                let sum = add(self.stack.pop()?, self.stack.pop()?);
                self.stack.push(sum);
            }
            Operator::I32Store { memarg } => {
                let value = self.stack.pop()?;
                let offset = u32::try_from(memarg.offset).ok()?;
                let Value::Memory(at) = add(self.stack.pop()?, Value::Number(offset)) else {
                    return None;
                };
                self.stores.insert(at, value);
            }
            Operator::End => {}
            _ => return None,
        }
        Some(())
    }
}

fn add(a: Value, b: Value) -> Value {
    use Value::{Memory, Number, Table};
    match (a, b) {
        (Number(a), Number(b)) => Number(a.wrapping_add(b)),
        (Memory(a), Number(b)) | (Number(b), Memory(a)) => Memory(a.wrapping_add(b)),
        (Table(a), Number(b)) | (Number(b), Table(a)) => Table(a.wrapping_add(b)),
        _ => Value::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(SLOTS.is_sorted_by_key(|row| row.0));
        assert!(SLOTS.iter().all(|row| row.0 <= LAST));
    }

    #[test]
    fn addresses_are_added_up() {
        assert_eq!(add(Value::Memory(8), Value::Number(4)), Value::Memory(12));
        assert_eq!(add(Value::Memory(8), Value::Table(4)), Value::Other);
        assert_eq!(
            add(Value::Number(1), Value::Table(u32::MAX)),
            Value::Table(0)
        );
    }
}
