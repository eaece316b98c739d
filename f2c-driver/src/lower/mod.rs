//! Lowering: what f2c does not know becomes FORTRAN 77 that it does.
//!
//! Each pass is a function from a [`Scope`] (one program unit and what is known of its names) to a
//! changed scope. [`PASSES`] is their order; every pass may rely on the ones before it.

mod scope;

pub(crate) use scope::Scope;

use crate::error::{Lowered, Refusal};
use crate::options::Options;
use crate::unit::Unit;

/// What later stages must know about the lowered program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Some procedure is RECURSIVE: nothing may be static that need not be.
    pub recursive: bool,
    /// Subroutines with alternate returns, which stay `int`.
    pub alternate_returns: Vec<String>,
    /// Names f2c knows a definition by, and the names it shall have.
    pub renames: Vec<(String, String)>,
    /// Arrays that are dummy arguments for f2c and pointers of their own in truth.
    pub pointers: Vec<Pointer>,
}

/// A local array whose size is known at run time only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// The procedure, by the name f2c sees.
    pub procedure: String,
    pub name: String,
    /// It keeps its value between calls.
    pub saved: bool,
}

/// A pass.
type Pass = fn(&mut Scope) -> Lowered;

/// All passes, in order.
const PASSES: &[(&str, Pass)] = &[
];

/// Lowers all units of a file.
pub(crate) fn lower(
    units: Vec<Unit>,
    options: &Options,
    facts: &mut Facts,
    refusals: &mut Vec<Refusal>,
) -> Vec<Unit> {
    let mut out = Vec::new();
    for unit in units {
        match lower_unit(unit, options, facts) {
            Ok(unit) => out.push(unit),
            Err(refusal) => refusals.push(refusal),
        }
    }
    out
}

fn lower_unit(unit: Unit, options: &Options, facts: &mut Facts) -> Lowered<Unit> {
    let mut scope = Scope::new(unit, options, facts);
    for (_, pass) in PASSES {
        scope.refresh()?;
        pass(&mut scope)?;
    }
    Ok(scope.unit)
}
