//! Substrings that may be empty, `s(i:j)` with `j` below `i - 1`: f2c gives them a negative length.

use super::Scope;
use super::exprs::{Place, map_exprs};
use crate::consts::{Value, eval};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics;
use crate::symbols::Table;

/// Bounds those whose length counts: arguments, operands of `//`, items of output.
pub(super) fn bounded(scope: &mut Scope) -> Lowered {
    let table = scope.table.clone();
    scope.rewrite_body(&mut |_, mut stmt, out| {
        map_exprs(&mut stmt, &mut |expr, place| {
            let counts = matches!(place, Place::Argument | Place::Output);
            Ok(within(expr, counts, &table))
        })?;
        out.push(stmt);
        Ok(())
    })
}

fn within(expr: Expr, counts: bool, table: &Table) -> Expr {
    let inside = match &expr {
        Expr::Ref(name, args) if !ranges(args) => {
            table.rank(name) == 0
                && (intrinsics::function(name, table).is_none() || LENGTHS.contains(&name.as_str()))
        }
        Expr::Binary(op, ..) => op == "//",
        Expr::Paren(_) => counts,
        _ => false,
    };
    let mapped = expr.try_map_parts(&mut |part| Ok::<_, ()>(within(part, inside, table)));
    let Ok(expr) = mapped else {
        return Expr::int(0);
    };
    match expr {
        Expr::Ref(name, args) if counts && ranges(&args) && table.rank(&name) == 0 => {
            let args = at_least_empty(Expr::Name(name.clone()), args, table);
            Expr::Ref(name, args)
        }
        Expr::Substring(base, args) if counts => {
            let args = at_least_empty((*base).clone(), args, table);
            Expr::Substring(base, args)
        }
        other => other,
    }
}

/// Intrinsic functions whose result depends on the length of their argument.
const LENGTHS: [&str; 4] = ["len", "len_trim", "repeat", "trim"];

fn ranges(args: &[Arg]) -> bool {
    matches!(args, [Arg::Range(..)])
}

/// The bounds with an upper one that is not below the lower one by more than 1.
fn at_least_empty(base: Expr, args: Vec<Arg>, table: &Table) -> Vec<Arg> {
    let [Arg::Range(Some(low), high, None)] = args.as_slice() else {
        return args;
    };
    let constant = |expr: &Expr| match eval(expr, table) {
        Some(Value::Int(value)) => Some(value),
        _ => None,
    };
    let before = match constant(low) {
        Some(1) if high.is_none() => return args,
        Some(value) => Expr::int(value - 1),
        None => low.clone().with("-", Expr::int(1)),
    };
    let high = match high {
        Some(high) => match (constant(low), constant(high)) {
            (Some(low), Some(value)) if value >= low - 1 => return args,
            // `s(i:i)` and `s(i:i+3)`.
            _ if not_below(low, high) => return args,
            _ => high.clone(),
        },
        None => Expr::Ref("len".into(), vec![Arg::Expr(base)]),
    };
    let bound = Expr::Ref("max".into(), vec![Arg::Expr(high), Arg::Expr(before)]);
    vec![Arg::Range(Some(low.clone()), Some(bound), None)]
}

/// Functions that never give less than zero.
const COUNTS: [&str; 3] = ["len", "len_trim", "lnblnk"];

/// Whether `high` is `low`, or `low` and something that is added to it and not negative.
fn not_below(low: &Expr, high: &Expr) -> bool {
    match high {
        Expr::Binary(op, a, b) if op == "+" => **a == *low && b.as_int().is_some_and(|n| n >= 0),
        Expr::Ref(name, _) if COUNTS.contains(&name.as_str()) => low.as_int() == Some(1),
        _ => high == low,
    }
}
