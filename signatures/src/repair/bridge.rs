//! What is safe to bridge, and what an adapter then does.

use crate::body;
use crate::cause::{Pair, Remedy, Row};
use crate::marks;
use crate::signature::{Signature, ValType};
use crate::unit::Unit;
use serde::Serialize;
use std::sync::Arc;

/// What an adapter does between a caller and a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Bridge {
    /// What it does to the arguments.
    pub arguments: Arguments,
    /// What it does to the result.
    pub result: ResultChange,
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
pub enum ResultChange {
    /// Passes it.
    Same,
    /// Throws it away.
    Drop,
    /// Gives 0.
    Zero,
    /// Converts `float` to `double`.
    Promote,
    /// Converts `double` to `float`.
    Demote,
    /// Passes a buffer of one byte and its length before the arguments, and gives the byte.
    Byte,
}

/// What is known of the two sides' code.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Whether the caller is linked already.
    pub linked: bool,
    /// Whether no call looks at the result.
    pub result_ignored: bool,
    /// Whether the caller is known to call it as it declares it: by name, or its address through
    /// pointers of that type and none of the definition's.
    pub reached: bool,
    /// The definition: its unit and its number there.
    pub definition: Option<(&'a Unit, u32)>,
}

impl Evidence<'_> {
    /// Whether a function that takes two more pointers or integers than its callers pass is a CHARACTER
    /// function, as far as the code tells. It is none where callers have no use for its result, and it has
    /// none for what would be its last two arguments, which are lengths then.
    pub(crate) fn is_character_function(
        &self,
        symbol: &str,
        signature: &Signature,
    ) -> Option<bool> {
        let (unit, function) = self.definition?;
        if marks::gives_characters(unit, symbol) {
            return Some(true);
        }
        let last = signature.params.len().checked_sub(2)?;
        let lengths = self.result_ignored && body::ignores_parameters_from(unit, function, last);
        lengths.then_some(false)
    }
}

/// Which of the bridges that are safe are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Those that the objects prove to be right.
    Proved,
    /// All of them.
    ByRules,
}

impl Extent {
    /// Whether it holds this one.
    #[must_use]
    pub fn includes(self, repair: &Repair) -> bool {
        match repair {
            Repair::Safe { proved, .. } => *proved || self == Self::ByRules,
            Repair::Refused(_) => false,
        }
    }
}

/// Whether a bridge passes every value that is looked at as it is. That a REAL's `float` is what a
/// caller takes for a `double` is a rule of f2c's, which no object proves.
fn is_exact(bridge: &Bridge) -> bool {
    !matches!(bridge.result, ResultChange::Promote | ResultChange::Demote)
}

/// Whether and how a difference can be bridged.
#[must_use]
pub fn bridge(pair: &Pair, rows: &[&Row], evidence: &Evidence) -> Repair {
    match try_bridge(pair, rows, evidence) {
        Ok((bridge, reason)) => Repair::Safe {
            proved: is_exact(&bridge) && evidence.reached,
            bridge,
            reason,
        },
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
        result: ResultChange::Same,
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
            Remedy::Subroutine => {
                let (outcome, reason) = subroutine_result(pair);
                bridge.result = outcome;
                reasons.push(reason);
            }
            Remedy::Byte => {
                if !marks::gives_one_character(unit, pair.symbol) {
                    return refuse(
                        "the length of the function's result is not known to be 1, for which it must be \
                         compiled by emshim's gfortran and assign its result as a whole",
                    );
                }
                bridge.result = ResultChange::Byte;
                reasons.push("the function writes one byte");
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

/// An `int` that a caller declares is a SUBROUTINE's as f2c writes it, which natively is whatever a register
/// holds; here it is what f2c's would have given.
fn subroutine_result(pair: &Pair) -> (ResultChange, &'static str) {
    if pair.caller.results.is_empty() {
        (ResultChange::Drop, "the caller takes no result")
    } else {
        (
            ResultChange::Zero,
            "f2c's SUBROUTINEs give 0 where there is no alternate return",
        )
    }
}

fn result(pair: &Pair, evidence: &Evidence) -> Result<(ResultChange, &'static str), String> {
    use ValType::{F32, F64};
    Ok(match (&*pair.caller.results, &*pair.definition.results) {
        ([], [_]) => (ResultChange::Drop, "the caller takes no result"),
        ([_], []) if evidence.result_ignored => (ResultChange::Zero, "no call looks at the result"),
        ([_], []) => return Err("a call uses the result, and the function gives none".into()),
        ([F64], [F32]) => (ResultChange::Promote, "every float is a double"),
        ([F32], [F64]) => (ResultChange::Demote, "the double is a REAL's value"),
        _ if evidence.result_ignored => {
            return Err("the result has another type on each side".into());
        }
        _ => return Err("a call uses the result, which has another type here".into()),
    })
}

/// Whether a mismatch can be bridged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repair {
    /// By an adapter that does this, for this reason.
    Safe {
        /// What the adapter does.
        bridge: Bridge,
        /// Why that is right.
        reason: String,
        /// Whether the objects prove it; else it follows from rules of languages and compilers.
        proved: bool,
    },
    /// Not, for this reason.
    Refused(String),
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
