//! Which adapters a link needs, and who is led to them.

use super::bridge::{Adapter, Extent, Repair};
use super::thunk::Thunk;
use crate::check::Findings;
use crate::signature::{Signature, ValType};
use std::collections::{BTreeMap, BTreeSet};

/// Which functions each unit, by its number, must be led to instead, and the adapters for them.
#[derive(Debug, Default)]
pub struct Plan {
    /// By unit: needed symbol and its new name.
    pub redirections: BTreeMap<usize, BTreeMap<String, String>>,
    /// What the adapter object must hold, each once.
    pub adapters: Vec<Adapter>,
    /// By unit: functions that are added to it.
    pub thunks: BTreeMap<usize, Vec<Thunk>>,
}

impl Plan {
    /// The units that are changed.
    pub(super) fn units(&self) -> BTreeSet<usize> {
        self.redirections
            .keys()
            .chain(self.thunks.keys())
            .copied()
            .collect()
    }
}

/// What bridges all that can be bridged to such an extent.
#[must_use]
pub fn plan(findings: &Findings, extent: Extent) -> Plan {
    let mut plan = Plan::default();
    for mismatch in &findings.mismatches {
        let Some(against) = mismatch.against() else {
            continue;
        };
        let callers = mismatch.callers.iter();
        for caller in callers.filter(|caller| extent.includes(&caller.repair)) {
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
    for callback in findings
        .callbacks
        .iter()
        .filter(|c| extent.includes(&c.repair))
    {
        let Repair::Safe { bridge, .. } = &callback.repair else {
            continue;
        };
        let adapter = Adapter {
            name: name(&callback.name, &callback.called),
            symbol: callback.name.clone(),
            caller: callback.called.clone(),
            definition: callback.signature.clone(),
            bridge: *bridge,
        };
        plan.thunks.entry(callback.unit).or_default().push(Thunk {
            adapter,
            symbol: callback.symbol,
            places: callback.places.clone(),
            slots: callback.slots.clone(),
        });
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
