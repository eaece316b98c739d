//! Finds the symbols with more than one signature.

use crate::body::{self, Calls};
use crate::callbacks::{Callback, Callbacks, callbacks};
use crate::cause::{Cause, Pair};
pub use crate::repair::bridge::Repair;
use crate::repair::bridge::{Evidence, Extent, bridge};
use crate::runtime::indirect_calls;
use crate::signature::{Signature, demangle};
use crate::slots;
use crate::unit::{Form, Function, Model, Origin, Role, Unit};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A file in which a symbol has a signature.
#[derive(Debug, Clone, Serialize)]
pub struct Declared {
    /// Where.
    pub origin: Origin,
    /// As what.
    pub signature: Arc<Signature>,
    /// What is known of how the file was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// Which of the units checked it is.
    #[serde(skip)]
    pub unit: usize,
}

/// How a file was made, from a build's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// The source file.
    pub source: Option<String>,
    /// Line of the source that first names the symbol, counted from 1.
    pub line: Option<usize>,
    /// The command line.
    pub command: String,
    /// Where it ran.
    pub folder: String,
}

/// A caller that disagrees.
#[derive(Debug, Clone, Serialize)]
pub struct Caller {
    /// The file, and how it declares the function.
    #[serde(flatten)]
    pub declared: Declared,
    /// The functions in it that call; nobody where only its address is taken.
    pub functions: Vec<String>,
    /// Whether it is called by name, which is wrong in any case. An address may be cast to the
    /// right type before it is called.
    pub direct: bool,
    /// Why it disagrees.
    pub causes: Vec<Cause>,
    /// How it can be bridged, or why not.
    pub repair: Repair,
}

/// A symbol with more than one signature.
#[derive(Debug, Clone, Serialize)]
pub struct Mismatch {
    /// The symbol.
    pub symbol: String,
    /// Its name in C++ or Rust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demangled: Option<String>,
    /// Who defines it; several where definitions disagree, nobody where it comes from elsewhere.
    pub definitions: Vec<Declared>,
    /// A caller that the others are held against where nobody defines it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Declared>,
    /// The callers that disagree.
    pub callers: Vec<Caller>,
    /// How many callers agree.
    pub agreeing: usize,
}

impl Mismatch {
    /// Whether a call traps if it is made.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.callers.iter().any(|caller| caller.direct)
    }

    /// What the callers are held against: the definition, else another caller.
    #[must_use]
    pub fn against(&self) -> Option<&Declared> {
        self.definitions.first().or(self.reference.as_ref())
    }
}

/// Units compiled for models that cannot be linked with each other.
#[derive(Debug, Clone, Serialize)]
pub struct MixedModels {
    /// One model.
    pub model: Model,
    /// Units compiled for it.
    pub units: Vec<Origin>,
    /// The other.
    pub opposite: Model,
    /// Units compiled for that.
    pub opposed: Vec<Origin>,
}

/// What is wrong with a set of units that are linked or loaded together.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Findings {
    /// By symbol.
    pub mismatches: Vec<Mismatch>,
    /// Functions handed to callers that call them as what they are not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Callback>,
    /// Exception and longjmp models.
    pub models: Vec<MixedModels>,
}

impl Findings {
    /// Whether there is nothing to mend.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.mismatches.is_empty() && self.callbacks.is_empty() && self.models.is_empty()
    }

    /// Every file that is named for a signature.
    pub fn places(&self) -> impl Iterator<Item = &Declared> {
        self.mismatches.iter().flat_map(|mismatch| {
            let callers = mismatch.callers.iter().map(|caller| &caller.declared);
            mismatch
                .definitions
                .iter()
                .chain(&mismatch.reference)
                .chain(callers)
        })
    }

    /// Adds how each file was made, which `made` knows by the symbol, the file and its role.
    pub fn trace(&mut self, made: impl Fn(&str, &Declared, Role) -> Option<Made>) {
        for mismatch in &mut self.mismatches {
            let symbol = &mismatch.symbol;
            for definition in &mut mismatch.definitions {
                definition.made = made(symbol, definition, Role::Defined);
            }
            let callers = mismatch
                .callers
                .iter_mut()
                .map(|caller| &mut caller.declared);
            for caller in callers.chain(&mut mismatch.reference) {
                caller.made = made(symbol, caller, Role::Needed);
            }
        }
    }

    /// The findings without those that every caller is cured of by a repair.
    #[must_use]
    pub fn unrepaired(mut self, extent: Extent) -> Self {
        for mismatch in &mut self.mismatches {
            let callers = &mut mismatch.callers;
            callers.retain(|caller| !extent.includes(&caller.repair));
        }
        self.mismatches
            .retain(|mismatch| !mismatch.callers.is_empty());
        self.callbacks
            .retain(|callback| !extent.includes(&callback.repair));
        self
    }
}

/// One unit's view of a symbol.
#[derive(Clone, Copy)]
struct View<'u> {
    unit: usize,
    function: &'u Function,
}

/// Checks units that are linked together.
#[must_use]
pub fn check(units: &[Unit]) -> Findings {
    let mut views: HashMap<&str, Vec<View>> = HashMap::new();
    for (unit, content) in units.iter().enumerate() {
        for function in &content.functions {
            let view = View { unit, function };
            views.entry(&function.name).or_default().push(view);
        }
    }
    let odd: BTreeMap<&str, Vec<View>> = views
        .into_iter()
        .filter(|(_, views)| {
            let mut signatures = views.iter().map(|view| &view.function.signature);
            let first = signatures.next();
            signatures.any(|other| Some(other) != first)
        })
        .collect();
    let Callbacks {
        otherwise,
        as_declared,
    } = callbacks(units);
    let slots = slots::object::bridged(units);
    let mut evidence = Proofs::gather(units, &odd);
    evidence.as_declared = as_declared;
    let mismatches = odd.iter().filter_map(|(symbol, views)| {
        let symbol = Symbol {
            symbol,
            units,
            views,
            evidence: &evidence,
        };
        symbol.mismatch()
    });
    Findings {
        mismatches: mismatches.collect(),
        callbacks: otherwise.into_iter().chain(slots).collect(),
        models: mixed_models(units),
    }
}

/// What the code of the units says about the symbols in question; read once for each unit.
struct Proofs {
    calls: HashMap<usize, BTreeMap<u32, Calls>>,
    /// Functions whose addresses a unit hands to callers that call them as it declares them.
    as_declared: BTreeSet<(usize, String)>,
}

impl Proofs {
    fn gather(units: &[Unit], odd: &BTreeMap<&str, Vec<View>>) -> Self {
        let mut wanted: HashMap<usize, Vec<u32>> = HashMap::new();
        for view in odd.values().flatten() {
            if view.function.role == Role::Needed {
                wanted
                    .entry(view.unit)
                    .or_default()
                    .push(view.function.index);
            }
        }
        let calls = wanted
            .into_iter()
            .map(|(unit, functions)| (unit, body::calls(&units[unit], &functions)));
        Self {
            calls: calls.collect(),
            as_declared: BTreeSet::new(),
        }
    }

    fn calls(&self, view: View) -> Calls {
        let calls = self.calls.get(&view.unit);
        let calls = calls.and_then(|calls| calls.get(&view.function.index));
        calls.cloned().unwrap_or_default()
    }

    /// Whether a function is called by name. A linked unit imports no others.
    fn direct(&self, view: View, units: &[Unit]) -> bool {
        units[view.unit].form != Form::Object || self.calls(view).count > 0
    }
}

struct Symbol<'a> {
    symbol: &'a str,
    units: &'a [Unit],
    views: &'a [View<'a>],
    evidence: &'a Proofs,
}

impl Symbol<'_> {
    fn mismatch(&self) -> Option<Mismatch> {
        let with = |role: Role| {
            let views = self.views.iter();
            views
                .copied()
                .filter(move |view| view.function.role == role)
        };
        let mut definers: Vec<View> = with(Role::Defined).collect();
        // A strong definition wins over a weak one, and else the first.
        definers.sort_by_key(|view| view.function.weak);
        let definer = definers.first().copied();
        let direct = |view: &View| self.evidence.direct(*view, self.units);
        let callers: Vec<View> = with(Role::Needed)
            // A declaration without parameters says nothing of an address.
            .filter(|view| direct(view) || !view.function.signature.params.is_empty())
            .collect();
        let reference = callers
            .iter()
            .copied()
            .find(direct)
            .or(callers.first().copied());
        let against = definer.or(reference)?;
        let mut definitions: Vec<Declared> = Vec::new();
        for view in definers {
            let declared = self.declared(view);
            if definitions
                .iter()
                .all(|d| d.signature != declared.signature)
            {
                definitions.push(declared);
            }
        }
        let (callers, agreeing): (Vec<View>, Vec<View>) = callers
            .into_iter()
            .partition(|view| view.function.signature != against.function.signature);
        if callers.is_empty() && definitions.len() < 2 {
            return None;
        }
        Some(Mismatch {
            symbol: self.symbol.to_owned(),
            demangled: demangle(self.symbol),
            definitions,
            reference: definer.is_none().then(|| self.declared(against)),
            callers: callers
                .into_iter()
                .map(|view| self.caller(view, against, definer))
                .collect(),
            agreeing: agreeing.len(),
        })
    }

    fn is_handed_on_as_declared(&self, view: View) -> bool {
        let handed = &self.evidence.as_declared;
        handed.contains(&(view.unit, self.symbol.to_owned()))
    }

    fn declared(&self, view: View) -> Declared {
        Declared {
            origin: self.units[view.unit].origin.clone(),
            signature: view.function.signature.clone(),
            made: None,
            unit: view.unit,
        }
    }

    fn caller(&self, view: View, against: View, definer: Option<View>) -> Caller {
        let unit = &self.units[view.unit];
        let (caller, definition) = (&view.function.signature, &against.function.signature);
        let calls = self.evidence.calls(view);
        let direct = self.evidence.direct(view, self.units);
        let evidence = Evidence {
            linked: unit.form != Form::Object,
            result_ignored: calls.ignore_result(),
            reached: direct
                || is_called_through_pointers_as_declared(unit, caller)
                || self.is_handed_on_as_declared(view),
            definition: definer.map(|view| (&self.units[view.unit], view.function.index)),
        };
        let pair = Pair {
            symbol: self.symbol,
            caller,
            definition,
            linked: unit.form != Form::Object,
            character: evidence.is_character_function(self.symbol, definition),
        };
        let rows = pair.explain();
        Caller {
            declared: self.declared(view),
            functions: calls.callers,
            direct,
            causes: rows.iter().map(|row| row.cause).collect(),
            repair: bridge(&pair, &rows, &evidence),
        }
    }
}

/// Whether a unit that takes a function's address calls through pointers of the type it declares it
/// with: what it declares is what C calls a pointer to it as.
fn is_called_through_pointers_as_declared(unit: &Unit, caller: &Signature) -> bool {
    indirect_calls(unit).contains(caller)
}

/// Pairs of models that exclude each other and are both there.
fn mixed_models(units: &[Unit]) -> Vec<MixedModels> {
    let of = |model: Model| -> Vec<Origin> {
        let units = units.iter().filter(|unit| unit.models.contains(&model));
        units.map(|unit| unit.origin.clone()).collect()
    };
    let models: BTreeSet<Model> = units
        .iter()
        .flat_map(|unit| &unit.models)
        .copied()
        .collect();
    [Model::JsExceptions, Model::JsLongjmp]
        .into_iter()
        .filter(|model| models.contains(model) && models.contains(&model.opposite()))
        .map(|model| MixedModels {
            model,
            units: of(model),
            opposite: model.opposite(),
            opposed: of(model.opposite()),
        })
        .collect()
}
