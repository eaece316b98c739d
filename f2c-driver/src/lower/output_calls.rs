//! Functions in the items of a WRITE or PRINT are called before it: libf2c has one statement at work at a
//! time, and a function may write to an internal file.

use super::Scope;
use super::exprs::{Place, map_exprs};
use super::strings::constant_length;
use super::temporary::around;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics;
use crate::source::{Loc, Stmt};
use crate::types::type_of;

/// Calls them, as far as no implied DO stands around them.
pub(super) fn before(scope: &mut Scope) -> Lowered {
    around(scope, &mut |scope, stmt, before, _| {
        let at = stmt.at;
        map_exprs(stmt, &mut |expr, place| match place {
            Place::Output => called(expr, scope, at, before),
            _ => Ok(expr),
        })
    })
}

/// An expression with variables of ours for its calls, the innermost first.
fn called(expr: Expr, scope: &mut Scope, at: Loc, before: &mut Vec<Stmt>) -> Lowered<Expr> {
    if matches!(expr, Expr::Implied(..)) {
        return Ok(expr);
    }
    let expr = expr.try_map_parts(&mut |part| called(part, scope, at, before))?;
    let Expr::Ref(name, args) = &expr else {
        return Ok(expr);
    };
    let values = args.iter().all(|arg| matches!(arg, Arg::Expr(_)));
    let function = values
        && scope.table.may_be_external(name)
        && intrinsics::function(name, &scope.table).is_none();
    let Some(ty) = type_of(&expr, &scope.table).filter(|_| function) else {
        return Ok(expr);
    };
    let variable = match ty.class {
        Class::Character => match constant_length(&expr, scope) {
            Some(length) => string(length, scope)?,
            None => return Ok(expr),
        },
        _ => scope.fresh_variable("value", ty),
    };
    let variable = Expr::Name(variable);
    before.push(Stmt::assign(variable.clone(), expr, at));
    Ok(variable)
}

fn string(length: i64, scope: &mut Scope) -> Lowered<String> {
    let variable = scope.fresh_name("value");
    let text = format!("{}*{length} {variable}", Type::CHARACTER.keyword());
    let stmt = Stmt::parse(&text, scope.unit.at());
    scope.table.statement(&stmt)?;
    scope.unit.spec.push(stmt);
    Ok(variable)
}
