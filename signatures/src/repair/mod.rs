//! Bridges over mismatches: what is safe, and the files that do it.

mod adapter;
mod redirect;
mod write;

use crate::body;
use crate::cause::{Pair, Remedy, Row};
use crate::check::{Findings, Repair};
use crate::signature::{Signature, ValType};
use crate::unit::Unit;
pub use adapter::adapters;
pub use redirect::redirect;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use write::{RepairError, Repaired, write};

/// What an adapter does between a caller and a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Bridge {
    /// What it does to the arguments.
    pub arguments: Arguments,
    /// What it does to the result.
    pub result: Outcome,
}

/// What an adapter does to the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arguments {
    /// Passes them.
    Same,
    /// Adds this many lengths of 1.
    AddLengths(usize),
    /// Leaves out this many at the end.
    Drop(usize),
}

/// What an adapter does to the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Passes it.
    Same,
    /// Throws it away.
    Drop,
    /// Gives 0 to a caller that does not look.
    Zero,
    /// Converts `float` to `double`.
    Promote,
    /// Converts `double` to `float`.
    Demote,
}

/// What is known of the two sides' code.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Whether the caller is linked already.
    pub linked: bool,
    /// Whether no call looks at the result.
    pub result_ignored: bool,
    /// The definition: its unit and its number there.
    pub definition: Option<(&'a Unit, u32)>,
}

/// Whether and how a difference can be bridged.
#[must_use]
pub fn bridge(pair: &Pair, rows: &[&Row], evidence: &Evidence) -> Repair {
    match try_bridge(pair, rows, evidence) {
        Ok((bridge, reason)) => Repair::Safe { bridge, reason },
        Err(reason) => Repair::Refused(reason),
    }
}

fn try_bridge(pair: &Pair, rows: &[&Row], evidence: &Evidence) -> Result<(Bridge, String), String> {
    let refuse = |why: &str| Err(why.to_owned());
    if evidence.linked {
        return refuse("the caller is linked already; link it again");
    }
    let Some((unit, function)) = evidence.definition else {
        return refuse(
            "nothing that is linked defines it, so that neither side is known to be right",
        );
    };
    let plain = |ty: ValType| ty != ValType::Ref;
    if !pair
        .caller
        .types()
        .chain(pair.definition.types())
        .all(plain)
    {
        return refuse("it takes or gives references");
    }
    let mut bridge = Bridge {
        arguments: Arguments::Same,
        result: Outcome::Same,
    };
    let mut reasons = Vec::new();
    let (taken, given) = (pair.caller.params.len(), pair.definition.params.len());
    for row in rows {
        match row.remedy {
            Remedy::None(why) => return refuse(why),
            Remedy::Result => {
                let (outcome, reason) = result(pair, evidence)?;
                bridge.result = outcome;
                reasons.push(reason);
            }
            Remedy::DropLengths => {
                bridge.arguments = Arguments::Drop(taken - given);
                reasons.push("the function does not take the last arguments");
            }
            Remedy::AddLengths => {
                if !body::ignores_parameters_from(unit, function, taken) {
                    return refuse(
                        "the function reads a length that the caller does not pass, and 1 may be \
                         wrong for it",
                    );
                }
                bridge.arguments = Arguments::AddLengths(given - taken);
                reasons.push("the function never reads the lengths: its arguments are CHARACTER*1");
            }
        }
    }
    Ok((bridge, reasons.join("; ")))
}

fn result(pair: &Pair, evidence: &Evidence) -> Result<(Outcome, &'static str), String> {
    use ValType::{F32, F64};
    Ok(match (&*pair.caller.results, &*pair.definition.results) {
        ([], [_]) => (Outcome::Drop, "the caller takes no result"),
        ([_], []) if evidence.result_ignored => (Outcome::Zero, "no call looks at the result"),
        ([_], []) => return Err("a call uses the result, and the function gives none".into()),
        ([F64], [F32]) => (Outcome::Promote, "every float is a double"),
        ([F32], [F64]) => (Outcome::Demote, "the double is a REAL's value"),
        _ if evidence.result_ignored => {
            return Err("the result has another type on each side".into());
        }
        _ => return Err("a call uses the result, which has another type here".into()),
    })
}

/// An adapter: a function that a caller is led to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Adapter {
    /// Its symbol.
    pub name: String,
    /// The symbol it calls.
    pub symbol: String,
    /// How it is called.
    pub caller: Arc<Signature>,
    /// How it calls.
    pub definition: Arc<Signature>,
    /// What it does in between.
    pub bridge: Bridge,
}

/// Which functions each unit, by its number, must be led to instead, and the adapters for them.
#[derive(Debug, Default)]
pub struct Plan {
    /// By unit: needed symbol and its new name.
    pub redirections: BTreeMap<usize, BTreeMap<String, String>>,
    /// What the adapter object must hold, each once.
    pub adapters: Vec<Adapter>,
}

/// What bridges all that can be bridged.
#[must_use]
pub fn plan(findings: &Findings) -> Plan {
    let mut plan = Plan::default();
    for mismatch in &findings.mismatches {
        let Some(against) = mismatch.against() else {
            continue;
        };
        for caller in &mismatch.callers {
            let Repair::Safe { bridge, .. } = &caller.repair else {
                continue;
            };
            let signature = &caller.declared.signature;
            let adapter = Adapter {
                name: name(&mismatch.symbol, signature),
                symbol: mismatch.symbol.clone(),
                caller: signature.clone(),
                definition: against.signature.clone(),
                bridge: *bridge,
            };
            let renames = plan.redirections.entry(caller.declared.unit).or_default();
            renames.insert(mismatch.symbol.clone(), adapter.name.clone());
            plan.adapters.push(adapter);
        }
    }
    plan.adapters.sort();
    plan.adapters.dedup();
    plan
}

/// A name no compiler gives, with the caller's types in it: two callers may need two adapters.
fn name(symbol: &str, caller: &Signature) -> String {
    let letter = |ty: ValType| match ty {
        ValType::I32 => 'i',
        ValType::I64 => 'l',
        ValType::F32 => 'f',
        ValType::F64 => 'd',
        ValType::V128 => 'v',
        ValType::Ref => 'r',
    };
    let types: String = caller.types().map(letter).collect();
    format!("{symbol}.emshim.{}{types}", caller.results.len())
}
