//! What a linked side module keeps in memory: its data, and the addresses that its function
//! `__wasm_apply_data_relocs` stores one after another at load, which is evaluated here.

use crate::body::walk;
use crate::read::{index_of, types};
use crate::signature::Signature;
use crate::unit::Unit;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use wasmparser::{DataKind, ElementItems, ElementKind, Operator, Parser, Payload, TypeRef};

/// The longest text that is taken for a name, in bytes.
const LONGEST: usize = 256;

/// A value that address arithmetic comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    Number(u32),
    /// An address in the module's memory.
    Memory(u32),
    /// A place in the module's part of the table.
    Table(u32),
    /// Something else's address.
    Other,
}

/// Where the module puts what.
pub(crate) struct Layout {
    /// What is stored at addresses.
    stores: BTreeMap<u32, Value>,
    /// Bytes by address.
    data: BTreeMap<u32, Vec<u8>>,
    /// Functions by place in the table.
    table: HashMap<u32, u32>,
    signatures: Vec<Arc<Signature>>,
}

impl Layout {
    /// What is known of memory by other means than a linked module's: what is stored where, bytes by address,
    /// and functions by their places in the table, with the signatures of all.
    pub(crate) fn new(
        stores: BTreeMap<u32, Value>,
        data: BTreeMap<u32, Vec<u8>>,
        table: HashMap<u32, u32>,
        signatures: Vec<Arc<Signature>>,
    ) -> Self {
        Self {
            stores,
            data,
            table,
            signatures,
        }
    }

    pub(crate) fn read(unit: &Unit) -> Option<Self> {
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

    /// The word at an address as it is before addresses are stored: zero where nothing is.
    pub(crate) fn word(&self, at: u32) -> u32 {
        let byte = |at: u32| {
            let (start, bytes) = self.data.range(..=at).next_back()?;
            bytes.get(index_of(at - start)).copied()
        };
        let bytes = [0, 1, 2, 3].map(|n| at.checked_add(n).and_then(byte).unwrap_or_default());
        u32::from_le_bytes(bytes)
    }

    /// What stands at an address.
    pub(crate) fn value(&self, at: u32) -> Value {
        let stored = self.stores.get(&at).copied();
        stored.unwrap_or_else(|| Value::Number(self.word(at)))
    }

    /// The text of C at an address.
    pub(crate) fn text(&self, at: u32) -> Option<&str> {
        let (start, bytes) = self.data.range(..=at).next_back()?;
        let bytes = bytes.get(index_of(at - start)..)?;
        let end = bytes.iter().take(LONGEST).position(|&byte| byte == 0)?;
        let text = std::str::from_utf8(&bytes[..end]).ok()?;
        let plain = !text.is_empty() && !text.contains(char::is_control);
        plain.then_some(text)
    }

    /// Where addresses are stored, and which.
    pub(crate) fn stored(&self) -> impl Iterator<Item = (u32, Value)> {
        self.stores.iter().map(|(at, value)| (*at, *value))
    }

    /// The function at a place in the table, by its number.
    pub(crate) fn function(&self, place: u32) -> Option<(u32, Arc<Signature>)> {
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
    fn addresses_are_added_up() {
        assert_eq!(add(Value::Memory(8), Value::Number(4)), Value::Memory(12));
        assert_eq!(add(Value::Memory(8), Value::Table(4)), Value::Other);
        assert_eq!(
            add(Value::Number(1), Value::Table(u32::MAX)),
            Value::Table(0)
        );
    }
}
