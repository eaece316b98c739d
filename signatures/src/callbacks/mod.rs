//! Functions that are handed to procedures which call them otherwise than they are: natively harmless
//! where only a result nobody reads is too many, as C's `int f(...)` for a Fortran subroutine, and a
//! trap here.
//!
//! A function's address that is an argument of a call by name is followed into the parameter of the
//! function called, and from there on through the calls that hand it further, over all units of a
//! link, to the calls through it. Addresses in variables and tables are not followed.

mod code;
pub(crate) mod symbols;

use crate::cause::Pair;
use crate::read::{index_of, types};
use crate::repair::bridge::{Arguments, Bridge, Evidence, Repair, ResultChange, bridge};
use crate::signature::{Signature, demangle};
use crate::unit::{Form, Origin, Role, Unit};
use code::{Facts, Value, facts};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use symbols::Symbols;

/// A function that is handed to others which call it as what it is not.
#[derive(Debug, Clone, Serialize)]
pub struct Callback {
    /// The object that hands it on.
    pub origin: Origin,
    /// The function's name.
    pub name: String,
    /// As what it is defined or declared there.
    pub signature: Arc<Signature>,
    /// The procedures it is handed to, by name.
    pub handed_to: Vec<String>,
    /// The functions that call it, by name, each with its object.
    pub callers: Vec<String>,
    /// As what they call it.
    pub called: Arc<Signature>,
    /// How that can be bridged, or why not.
    pub repair: Repair,
    /// Which of the units the object is.
    #[serde(skip)]
    pub unit: usize,
    /// The number of the function's symbol in it.
    #[serde(skip)]
    pub symbol: u32,
    /// Where its address is taken, in the content of the code section.
    #[serde(skip)]
    pub places: Vec<u32>,
    /// Where its address stands in a table, in the content of the data section.
    #[serde(skip)]
    pub slots: Vec<u32>,
}

/// A function of a unit, by its number.
type FunctionOf = (usize, u32);

/// A parameter of a function of a unit.
type Parameter = (FunctionOf, u32);

/// A function's address where it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    unit: usize,
    symbol: u32,
    place: u32,
}

/// A call through a value.
#[derive(Debug, Clone)]
struct Call {
    caller: String,
    signature: Arc<Signature>,
    ignores_result: bool,
}

/// What is found among units that are linked together.
#[derive(Debug, Default)]
pub struct Callbacks {
    /// Functions that are called as what they are not.
    pub otherwise: Vec<Callback>,
    /// Functions that are called through their addresses as the unit that takes those declares them:
    /// its number and the function's name.
    pub as_declared: BTreeSet<(usize, String)>,
}

/// Finds them.
#[must_use]
pub fn callbacks(units: &[Unit]) -> Callbacks {
    let mut flow = Flow::new(units);
    for (at, unit) in units.iter().enumerate() {
        if unit.form == Form::Object {
            flow.start(at);
        }
    }
    flow.settle();
    flow.found()
}

struct Flow<'u> {
    units: &'u [Unit],
    /// Who defines each function, strong ones before weak ones.
    definers: HashMap<&'u str, FunctionOf>,
    symbols: HashMap<usize, Option<Arc<Symbols>>>,
    types: HashMap<usize, Arc<Vec<Arc<Signature>>>>,
    facts: HashMap<usize, BTreeMap<u32, Facts>>,
    /// What each parameter may be.
    values: BTreeMap<Parameter, BTreeSet<Taken>>,
    /// What has newly come to a parameter.
    pending: Vec<(Parameter, Taken)>,
    /// The calls through each address, and the functions it was handed to first.
    calls: BTreeMap<Taken, Vec<Call>>,
    handed_to: BTreeMap<Taken, BTreeSet<String>>,
}

impl<'u> Flow<'u> {
    fn new(units: &'u [Unit]) -> Self {
        let mut definers: HashMap<&str, FunctionOf> = HashMap::new();
        for weak in [false, true] {
            for (at, unit) in units.iter().enumerate() {
                for function in unit.definitions().filter(|f| f.weak == weak) {
                    let place = definers.entry(&function.name);
                    place.or_insert((at, function.index));
                }
            }
        }
        Self {
            units,
            definers,
            symbols: HashMap::new(),
            types: HashMap::new(),
            facts: HashMap::new(),
            values: BTreeMap::new(),
            pending: Vec::new(),
            calls: BTreeMap::new(),
            handed_to: BTreeMap::new(),
        }
    }

    fn symbols(&mut self, unit: usize) -> Option<Arc<Symbols>> {
        let image = &self.units[unit].image;
        let read = || Symbols::read(image.bytes()).map(Arc::new);
        self.symbols.entry(unit).or_insert_with(read).clone()
    }

    fn signature(&mut self, unit: usize, ty: u32) -> Option<Arc<Signature>> {
        let image = &self.units[unit].image;
        let read = || Arc::new(types(image).unwrap_or_default());
        let types = self.types.entry(unit).or_insert_with(read);
        types.get(index_of(ty)).cloned()
    }

    /// Hands on the addresses that a unit's code takes.
    fn start(&mut self, unit: usize) {
        let Some(symbols) = self.symbols(unit).filter(|s| s.takes_addresses()) else {
            return;
        };
        let image = &self.units[unit].image;
        let Some(all) = facts(image.bytes(), &symbols, &|_| true) else {
            return;
        };
        let passed: Vec<_> = all.values().flat_map(|f| f.passed.clone()).collect();
        self.facts.insert(unit, all);
        for (value, callee, argument) in passed {
            if let Value::Address { symbol, place } = value
                && let Some((function, name)) = self.definition(unit, callee)
            {
                let taken = Taken {
                    unit,
                    symbol,
                    place,
                };
                self.handed_to.entry(taken).or_default().insert(name);
                self.reach((function, argument), taken);
            }
        }
    }

    fn reach(&mut self, parameter: Parameter, taken: Taken) {
        if self.values.entry(parameter).or_default().insert(taken) {
            self.pending.push((parameter, taken));
        }
    }

    /// Follows every address until nothing new is reached.
    fn settle(&mut self) {
        while let Some((parameter, taken)) = self.pending.pop() {
            let (function, number) = parameter;
            let (unit, index) = function;
            let Some(facts) = self.facts_of(unit, index) else {
                continue;
            };
            for (value, ty, ignores_result) in facts.called {
                if value == Value::Param(number)
                    && let Some(signature) = self.signature(unit, ty)
                {
                    let caller = self.place(unit, index);
                    self.calls.entry(taken).or_default().push(Call {
                        caller,
                        signature,
                        ignores_result,
                    });
                }
            }
            for (value, callee, argument) in facts.passed {
                if value == Value::Param(number)
                    && let Some((next, _)) = self.definition(unit, callee)
                {
                    self.reach((next, argument), taken);
                }
            }
            // To a function that is a parameter itself: whatever that may be.
            for (value, target, argument) in facts.passed_on {
                if value == Value::Param(number) {
                    for called in self.values_of((function, target)) {
                        self.reach_called(called, argument, taken);
                    }
                }
                if target == number {
                    let handed = match value {
                        Value::Param(handed) => self.values_of((function, handed)),
                        Value::Address { symbol, place } => vec![Taken {
                            unit,
                            symbol,
                            place,
                        }],
                        _ => Vec::new(),
                    };
                    for handed in handed {
                        self.reach_called(taken, argument, handed);
                    }
                }
            }
        }
    }

    fn values_of(&self, parameter: Parameter) -> Vec<Taken> {
        let values = self.values.get(&parameter);
        values
            .map(|all| all.iter().copied().collect())
            .unwrap_or_default()
    }

    /// An address reaches an argument of a function that is called by its own address.
    fn reach_called(&mut self, called: Taken, argument: u32, taken: Taken) {
        let symbols = self.symbols(called.unit);
        let function = symbols.and_then(|s| Some(s.functions.get(&called.symbol)?.function));
        let next = function.and_then(|function| self.definition(called.unit, function));
        if let Some((next, _)) = next {
            self.reach((next, argument), taken);
        }
    }

    /// The addresses that are called as what they are not.
    fn found(mut self) -> Callbacks {
        let mut as_declared = BTreeSet::new();
        let mut found: BTreeMap<(usize, u32, Arc<Signature>, bool), Callback> = BTreeMap::new();
        for (taken, calls) in std::mem::take(&mut self.calls) {
            let Taken {
                unit,
                symbol,
                place,
            } = taken;
            let Some(symbols) = self.symbols(unit) else {
                continue;
            };
            let Some(function) = symbols.functions.get(&symbol) else {
                continue;
            };
            let ty = symbols.types.get(index_of(function.function));
            let Some(signature) = ty.and_then(|ty| self.signature(unit, *ty)) else {
                continue;
            };
            let Some(first) = calls.first() else { continue };
            // One pointer that is called as two things is nobody's mistake that can be mended here.
            let agree = calls.iter().all(|call| call.signature == first.signature);
            if !agree {
                continue;
            }
            if first.signature == signature {
                as_declared.insert((unit, function.name.clone()));
                continue;
            }
            let ignored = calls.iter().all(|call| call.ignores_result);
            let entry = found.entry((unit, symbol, first.signature.clone(), ignored));
            let entry = entry.or_insert_with(|| Callback {
                origin: self.units[unit].origin.clone(),
                name: demangle(&function.name).unwrap_or_else(|| function.name.clone()),
                signature: signature.clone(),
                handed_to: Vec::new(),
                callers: Vec::new(),
                called: first.signature.clone(),
                repair: repair(
                    &function.name,
                    &self.units[unit],
                    function.function,
                    &signature,
                    &calls,
                ),
                unit,
                symbol,
                places: Vec::new(),
                slots: Vec::new(),
            });
            entry.places.push(place);
            for name in self.handed_to.get(&taken).into_iter().flatten() {
                if !entry.handed_to.contains(name) {
                    entry.handed_to.push(name.clone());
                }
            }
            for call in calls {
                if !entry.callers.contains(&call.caller) {
                    entry.callers.push(call.caller);
                }
            }
        }
        Callbacks {
            otherwise: found.into_values().collect(),
            as_declared,
        }
    }

    /// The function that a unit's call reaches, and its name.
    fn definition(&mut self, unit: usize, callee: u32) -> Option<(FunctionOf, String)> {
        let symbols = self.symbols(unit)?;
        let symbol = symbols.of_function(callee);
        let name = symbol.map_or_else(|| format!("function {callee}"), |s| s.name.clone());
        if let Some(symbol) = symbol.filter(|symbol| symbol.global) {
            return Some((*self.definers.get(&*symbol.name)?, name));
        }
        (callee >= symbols.imported_functions).then_some(((unit, callee), name))
    }

    fn facts_of(&mut self, unit: usize, function: u32) -> Option<Facts> {
        if self.units[unit].form != Form::Object {
            return None;
        }
        let known = self.facts.get(&unit).and_then(|all| all.get(&function));
        if known.is_none() {
            let symbols = self.symbols(unit)?;
            let image = &self.units[unit].image;
            let read = facts(image.bytes(), &symbols, &|number| number == function)?;
            self.facts.entry(unit).or_default().extend(read);
        }
        self.facts.get(&unit)?.get(&function).cloned()
    }

    fn place(&mut self, unit: usize, function: u32) -> String {
        let symbols = self.symbols(unit);
        let symbol = symbols
            .as_ref()
            .and_then(|symbols| symbols.of_function(function));
        let name = symbol.map_or_else(|| format!("function {function}"), |s| s.name.clone());
        format!("{name} in {}", self.units[unit].origin)
    }
}

/// How calls can be bridged to a function.
fn repair(name: &str, unit: &Unit, function: u32, signature: &Signature, calls: &[Call]) -> Repair {
    let Some(first) = calls.first() else {
        return Repair::Refused("nothing calls it".into());
    };
    let evidence = Evidence {
        linked: false,
        result_ignored: calls.iter().all(|call| call.ignores_result),
        reached: true,
        definition: Some((unit, function)),
    };
    let pair = Pair {
        symbol: name,
        caller: &first.signature,
        definition: signature,
        linked: false,
        character: evidence.is_character_function(name, signature),
    };
    match bridge(&pair, &pair.explain(), &evidence) {
        // Lengths that a function declared here does not take are judged where it is defined.
        Repair::Safe {
            bridge:
                Bridge {
                    arguments: Arguments::AddLengths(_),
                    ..
                },
            ..
        } if unit
            .functions
            .iter()
            .any(|f| f.index == function && f.role == Role::Needed) =>
        {
            Repair::Refused("it is defined elsewhere, and lengths are missing".into())
        }
        Repair::Safe { bridge, .. } if bridge.result == ResultChange::Byte => Repair::Refused(
            "its result goes through a buffer, for which an address has no adapter".into(),
        ),
        repair => repair,
    }
}
