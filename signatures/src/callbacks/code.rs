//! What a function of an object does with functions' addresses and with its own parameters: which it
//! hands to calls, and as what it calls them.
//!
//! Values are followed through the operand stack, locals and slots of the stack in memory, as far as
//! they are certain: a local or slot that a block writes holds nothing known behind it. What is lost so
//! is not found; nothing is found that is not there.

use crate::callbacks::symbols::Symbols;
use crate::read::index_of;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    BlockType, FuncToValidate, FunctionBody, Operator, ValidPayload, Validator, ValidatorResources,
    WasmFeatures,
};

/// A value on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    /// Nothing known.
    Other,
    /// A number.
    Number(u32),
    /// Where the module's part of the table begins.
    TableBase,
    /// The address of a function: the number of its symbol, and where the relocation stands in the
    /// content of the code section.
    Address { symbol: u32, place: u32 },
    /// A parameter as it was passed.
    Param(u32),
    /// An address so far from the stack pointer at the function's start.
    Frame(u32),
}

impl Value {
    /// Whether it may be a function's address.
    fn counts(self) -> bool {
        matches!(self, Self::Address { .. } | Self::Param(_))
    }
}

/// What one function does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Values handed to functions by name: the function's number and the argument's.
    pub passed: Vec<(Value, u32, u32)>,
    /// Values handed to a function that is itself a parameter: that one's number and the argument's.
    pub passed_on: Vec<(Value, u32, u32)>,
    /// Values that are called: the number of the type, and whether the result is thrown away at once.
    pub called: Vec<(Value, u32, bool)>,
}

/// What the functions of an object do, by their numbers; `wanted` says which are read.
pub(crate) fn facts(
    object: &[u8],
    symbols: &Symbols,
    wanted: &dyn Fn(u32) -> bool,
) -> Option<BTreeMap<u32, Facts>> {
    let mut found = BTreeMap::new();
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut next = symbols.imported_functions;
    for payload in wasmparser::Parser::new(0).parse_all(object) {
        let payload = payload.ok()?;
        if matches!(payload, wasmparser::Payload::CustomSection(_)) {
            continue;
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload).ok()? {
            if wanted(next) {
                found.insert(next, read(function, &body, symbols)?);
            }
            next += 1;
        }
    }
    Some(found)
}

/// Where values are.
#[derive(Debug, Clone, Default)]
struct State {
    locals: BTreeMap<u32, Value>,
    slots: BTreeMap<u32, Value>,
}

impl State {
    /// Whoever is handed a slot's address may write there.
    fn handed(&mut self, arguments: &[Value]) {
        for argument in arguments {
            if let Value::Frame(slot) = argument {
                self.slots.remove(slot);
            }
        }
    }
}

/// What an open block has written, and what was known where it began.
struct Block {
    before: State,
    locals: BTreeSet<u32>,
    slots: BTreeSet<u32>,
}

impl Block {
    /// What is known behind it, or where another part of it begins.
    fn forget(&self) -> State {
        let mut state = self.before.clone();
        state.locals.retain(|local, _| !self.locals.contains(local));
        state.slots.retain(|slot, _| !self.slots.contains(slot));
        state
    }
}

fn read(
    function: FuncToValidate<ValidatorResources>,
    body: &FunctionBody,
    symbols: &Symbols,
) -> Option<Facts> {
    let parameters = symbols.parameters(function.ty)?;
    let loops = written_in_loops(body)?;
    let mut validator = function.into_validator(wasmparser::FuncValidatorAllocations::default());
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader).ok()?;
    let mut operators = wasmparser::OperatorsReader::new(reader);
    let mut facts = Facts::default();
    let mut state = State::default();
    for parameter in 0..parameters {
        state.locals.insert(parameter, Value::Param(parameter));
    }
    let mut stack: Vec<Value> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut last_call: Option<usize> = None;
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read().ok()?;
        let (takes, gives) = operator.operator_arity(&validator)?;
        validator.op(offset, &operator).ok()?;
        let offset = u32::try_from(offset).ok()?;
        // The number of an instruction stands behind its one byte.
        let place = (offset + 1).checked_sub(symbols.code_start)?;
        let taken = stack.split_off(stack.len().saturating_sub(index_of(takes)));
        let mut given = Value::Other;
        if let (Some(call), Operator::Drop) = (last_call.take(), &operator) {
            facts.called[call].2 = true;
        }
        match &operator {
            Operator::I32Const { value } => {
                given = match symbols.address_at(place) {
                    Some(symbol) => Value::Address { symbol, place },
                    None => Value::Number(value.cast_unsigned()),
                };
            }
            Operator::GlobalGet { global_index } => {
                given = match symbols.address_at(place) {
                    Some(symbol) => Value::Address { symbol, place },
                    None if symbols.table_base == Some(*global_index) => Value::TableBase,
                    None if symbols.stack_pointer == Some(*global_index) => Value::Frame(0),
                    None => Value::Other,
                };
            }
            Operator::I32Add | Operator::I32Sub => {
                let less = matches!(operator, Operator::I32Sub);
                given = sum(&taken, less);
            }
            Operator::LocalGet { local_index } => {
                given = state
                    .locals
                    .get(local_index)
                    .copied()
                    .unwrap_or(Value::Other);
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                given = *taken.last()?;
                state.locals.insert(*local_index, given);
                for block in &mut blocks {
                    block.locals.insert(*local_index);
                }
            }
            Operator::I32Store { memarg } => {
                if let [Value::Frame(at), value] = taken[..] {
                    let slot = at.wrapping_add(u32::try_from(memarg.offset).ok()?);
                    state.slots.insert(slot, value);
                    for block in &mut blocks {
                        block.slots.insert(slot);
                    }
                }
            }
            Operator::I32Load { memarg } => {
                if let [Value::Frame(at)] = taken[..] {
                    let slot = at.wrapping_add(u32::try_from(memarg.offset).ok()?);
                    given = state.slots.get(&slot).copied().unwrap_or(Value::Other);
                }
            }
            Operator::Call { function_index } => {
                state.handed(&taken);
                let counting = (0..).zip(&taken).filter(|(_, value)| value.counts());
                facts
                    .passed
                    .extend(counting.map(|(argument, value)| (*value, *function_index, argument)));
            }
            Operator::CallIndirect { type_index, .. } => {
                state.handed(&taken);
                let (target, arguments) = taken.split_last()?;
                if target.counts() {
                    last_call = Some(facts.called.len());
                    facts.called.push((*target, *type_index, false));
                }
                if let Value::Param(target) = target {
                    let counting = (0..).zip(arguments).filter(|(_, value)| value.counts());
                    facts
                        .passed_on
                        .extend(counting.map(|(argument, value)| (*value, *target, argument)));
                }
            }
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => {
                if let Operator::Loop { .. } = operator
                    && let Some((locals, slots)) = loops.get(&offset)
                {
                    state.locals.retain(|local, _| !locals.contains(local));
                    if *slots {
                        state.slots.clear();
                    }
                }
                blocks.push(Block {
                    before: state.clone(),
                    locals: BTreeSet::new(),
                    slots: BTreeSet::new(),
                });
            }
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll => {
                state = blocks.last()?.forget();
            }
            Operator::End | Operator::Delegate { .. } => {
                if let Some(block) = blocks.pop() {
                    state = block.forget();
                }
            }
            _ => {}
        }
        stack.extend(std::iter::repeat_n(given, index_of(gives)));
        let height = index_of(validator.operand_stack_height());
        stack.resize(height, Value::Other);
    }
    Some(facts)
}

/// The sum or difference of two values.
fn sum(taken: &[Value], less: bool) -> Value {
    match (taken, less) {
        ([Value::Frame(a), Value::Number(b)], true) => Value::Frame(a.wrapping_sub(*b)),
        ([Value::Number(a), Value::Number(b)], true) => Value::Number(a.wrapping_sub(*b)),
        ([Value::Frame(a), Value::Number(b)] | [Value::Number(b), Value::Frame(a)], false) => {
            Value::Frame(a.wrapping_add(*b))
        }
        (
            [Value::TableBase, address @ Value::Address { .. }]
            | [address @ Value::Address { .. }, Value::TableBase],
            false,
        ) => *address,
        _ => Value::Other,
    }
}

/// The locals that each loop writes, by where it begins, and whether it stores anything.
fn written_in_loops(body: &FunctionBody) -> Option<BTreeMap<u32, (BTreeSet<u32>, bool)>> {
    let mut loops: BTreeMap<u32, (BTreeSet<u32>, bool)> = BTreeMap::new();
    let mut open: Vec<Option<u32>> = Vec::new();
    let mut operators = body.get_operators_reader().ok()?;
    while !operators.eof() {
        let offset = u32::try_from(operators.original_position()).ok()?;
        match operators.read().ok()? {
            Operator::Loop {
                blockty: BlockType::Empty | BlockType::Type(_) | BlockType::FuncType(_),
            } => {
                loops.insert(offset, (BTreeSet::new(), false));
                open.push(Some(offset));
            }
            Operator::Block { .. }
            | Operator::If { .. }
            | Operator::Try { .. }
            | Operator::TryTable { .. } => open.push(None),
            Operator::End | Operator::Delegate { .. } => {
                open.pop();
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                for at in open.iter().flatten() {
                    loops.entry(*at).or_default().0.insert(local_index);
                }
            }
            Operator::I32Store { .. } | Operator::Call { .. } | Operator::CallIndirect { .. } => {
                for at in open.iter().flatten() {
                    loops.entry(*at).or_default().1 = true;
                }
            }
            _ => {}
        }
    }
    Some(loops)
}
