//! Arguments of intrinsic functions with keywords: in their order, so that nobody else need know them.

use super::Scope;
use super::exprs::map_exprs;
use crate::error::Lowered;
use crate::expr::Expr;
use crate::intrinsics;
use crate::source::{Kind, Loc};
use crate::symbols::Table;

/// Puts them in order.
pub(super) fn in_order(scope: &mut Scope) -> Lowered {
    let mut failed: Option<(Loc, String)> = None;
    let (unit, table) = (&mut scope.unit, &scope.table);
    let functions = unit
        .spec
        .iter_mut()
        .filter(|s| matches!(s.kind, Kind::Assignment { .. }));
    for stmt in functions.chain(&mut unit.body) {
        let at = stmt.at;
        map_exprs(stmt, &mut |expr, _| {
            Ok(expr.map(&mut |part| {
                ordered(part, table).unwrap_or_else(|part| {
                    failed.get_or_insert_with(|| (at, part.text()));
                    part
                })
            }))
        })?;
    }
    match failed {
        None => Ok(()),
        Some((at, text)) => {
            let message = format!("the function in '{text}' has no such arguments");
            scope.refuse(at, "argument keyword", message, "look at its keywords")
        }
    }
}

fn ordered(expr: Expr, table: &Table) -> Result<Expr, Expr> {
    let Expr::Ref(name, args) = &expr else {
        return Ok(expr);
    };
    let Some(row) = intrinsics::function(name, table) else {
        return Ok(expr);
    };
    match row.in_order(args.clone()) {
        Some(args) => Ok(Expr::Ref(name.clone(), args)),
        None => Err(expr),
    }
}
