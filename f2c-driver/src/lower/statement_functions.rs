//! Statement functions of strings: f2c takes a substring of their arguments for one of the whole, so
//! each reference becomes assignments before its statement.

use super::Scope;
use super::exprs::map_exprs;
use super::temporary::around;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::source::{Kind, Loc, Stmt, join};
use crate::symbols::Table;
use crate::types::type_of;

/// One of the unit.
struct Function {
    name: String,
    dummies: Vec<String>,
    value: Expr,
}

/// Writes them out.
pub(super) fn of_strings(scope: &mut Scope) -> Lowered {
    let functions: Vec<Function> = scope.unit.spec.iter().filter_map(function).collect();
    let string = |name: &String| {
        let ty = scope.table.type_of(name);
        ty.is_some_and(|ty| ty.class == Class::Character)
    };
    // Whatever refers to one of these is one too.
    let mut chosen: Vec<Function> = Vec::new();
    for function in functions {
        let mut refers = false;
        function.value.walk(&mut |part| {
            refers |= matches!(part, Expr::Ref(name, _) if chosen.iter().any(|f| f.name == *name));
        });
        if refers || function.dummies.iter().any(string) {
            chosen.push(function);
        }
    }
    if chosen.is_empty() {
        return Ok(());
    }
    scope.unit.spec.retain(|stmt| {
        let own = match &stmt.kind {
            Kind::Assignment { target, .. } => target.name(),
            _ => None,
        };
        !chosen.iter().any(|function| own == Some(&function.name))
    });
    around(scope, &mut |scope, stmt, before, _| {
        let at = stmt.at;
        map_exprs(stmt, &mut |expr, _| {
            written_out(expr, &chosen, scope, at, before)
        })
    })
}

/// Powers of REAL with an exponent that is no INTEGER are computed in double precision: f2c gives
/// libf2c's function, which is for that, a constant argument as it is.
pub(super) fn powers(scope: &mut Scope) -> Lowered {
    let mut spec = std::mem::take(&mut scope.unit.spec);
    let mut widened = false;
    for stmt in &mut spec {
        if let Kind::Assignment { value, .. } = &mut stmt.kind {
            let wide = value.clone().map(&mut |part| power(part, &scope.table));
            widened |= wide != *value;
            *value = wide;
        }
    }
    scope.unit.spec = spec;
    if widened {
        let at = scope.unit.at();
        for text in [
            format!("double precision {WIDEN}"),
            format!("external {WIDEN}"),
        ] {
            scope.unit.spec.push(Stmt::parse(&text, at));
        }
    }
    Ok(())
}

/// The runtime's conversion of REAL to DOUBLE PRECISION.
const WIDEN: &str = "emshim_to_r8_r4";

fn power(expr: Expr, table: &Table) -> Expr {
    let Expr::Binary(op, base, exponent) = &expr else {
        return expr;
    };
    let ty = |expr: &Expr| type_of(expr, table).filter(|_| op == "**");
    let call = |name: &str, arg: &Expr| Expr::Ref(name.into(), vec![Arg::Expr(arg.clone())]);
    let wide = |part: &Expr| match ty(part).map(|ty| (ty.class, ty.bytes)) {
        Some((Class::Real, 4)) => Some(call(WIDEN, part)),
        Some((Class::Real, _)) => Some(part.clone()),
        Some((Class::Integer, _)) => Some(call("dble", part)),
        _ => None,
    };
    let exact = ty(exponent).is_none_or(|ty| ty.class == Class::Integer);
    let (false, Some(a), Some(b)) = (exact, wide(base), wide(exponent)) else {
        return expr;
    };
    let power = a.with("**", b);
    match type_of(&expr, table) == Some(Type::REAL) {
        true => call("sngl", &power),
        false => Expr::Paren(Box::new(power)),
    }
}

fn function(stmt: &Stmt) -> Option<Function> {
    let Kind::Assignment {
        target: Expr::Ref(name, args),
        value,
    } = &stmt.kind
    else {
        return None;
    };
    let dummies = args.iter().map(Arg::text).collect();
    Some(Function {
        name: name.clone(),
        dummies,
        value: value.clone(),
    })
}

/// An expression whose references are variables of ours, which are assigned before.
fn written_out(
    expr: Expr,
    functions: &[Function],
    scope: &mut Scope,
    at: Loc,
    before: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    let start = before.len();
    let implied = matches!(expr, Expr::Implied(..));
    let shown = expr.text();
    let expr = expr.try_map_parts(&mut |part| written_out(part, functions, scope, at, before))?;
    if implied && before.len() > start {
        let message = format!("one of strings in the implied DO '{shown}'");
        return scope.refuse(at, "statement function", message, "write a loop");
    }
    let Expr::Ref(name, args) = &expr else {
        return Ok(expr);
    };
    let Some(function) = functions.iter().find(|function| function.name == *name) else {
        return Ok(expr);
    };
    let mut values = Vec::new();
    for (dummy, arg) in function.dummies.iter().zip(args) {
        let variable = like(dummy, scope, at)?;
        before.push(Stmt::parse(&format!("{variable} = {}", arg.text()), at));
        values.push((dummy, variable));
    }
    let given = |name: &String| {
        let found = values.iter().find(|(dummy, _)| *dummy == name);
        found.map(|(_, variable)| variable.clone())
    };
    let value = function.value.clone().map(&mut |part| match part {
        Expr::Name(name) => Expr::Name(given(&name).unwrap_or(name)),
        // A substring of an argument.
        Expr::Ref(name, args) if matches!(args.as_slice(), [Arg::Range(..)]) => {
            Expr::Ref(given(&name).unwrap_or(name), args)
        }
        other => other,
    });
    let value = written_out(value, functions, scope, at, before)?;
    let result = like(&function.name, scope, at)?;
    let result = Expr::Name(result);
    before.push(Stmt::assign(result.clone(), value, at));
    Ok(result)
}

/// A new variable of the type of another name.
fn like(name: &str, scope: &mut Scope, at: Loc) -> Lowered<String> {
    let Some(ty) = scope.table.type_of(name) else {
        let message = format!("'{name}' has no type");
        return scope.refuse(at, "statement function", message, "declare it");
    };
    if ty != Type::CHARACTER {
        return Ok(scope.fresh_variable("given", ty));
    }
    let length = scope.table.get(name).and_then(|symbol| symbol.len.clone());
    let length = length.map_or("1".into(), |length| join(&length));
    let variable = scope.fresh_name("given");
    let text = format!("character*({length}) {variable}");
    let stmt = Stmt::parse(&text, scope.unit.at());
    scope.table.statement(&stmt)?;
    scope.unit.spec.push(stmt);
    Ok(variable)
}
