//! Statement functions of strings: f2c takes a substring of their arguments for one of the whole, so
//! each reference becomes assignments before its statement.

use super::Scope;
use super::exprs::{each_expression, map_exprs};
use super::temporary::around;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::source::{Kind, Loc, Stmt, Tok, join};
use crate::symbols::Table;
use crate::types::{rank_of, type_of};

/// One of the unit.
struct Function {
    name: String,
    dummies: Vec<String>,
    value: Expr,
}

/// Refuses what gfortran does: f2c converts arguments, and a dummy is what it was declared for.
pub(super) fn check(scope: &mut Scope) -> Lowered {
    let functions: Vec<Function> = scope.unit.spec.iter().filter_map(function).collect();
    if functions.is_empty() {
        return Ok(());
    }
    let construct = "statement function";
    for function in &functions {
        let at = scope.unit.spec.iter().find_map(|stmt| {
            let own = self::function(stmt).is_some_and(|own| own.name == function.name);
            own.then_some(stmt.at)
        });
        let at = at.unwrap_or(scope.unit.at());
        let mut dummies = function.dummies.iter().enumerate();
        let wrong = dummies.find(|(place, name)| {
            scope.table.rank(name) > 0 || function.dummies[..*place].contains(name)
        });
        if let Some((_, name)) = wrong {
            let message = format!("'{name}' is an array, or there twice");
            return scope.refuse(at, construct, message, "give the argument another name");
        }
    }
    let mut wrong = None;
    for stmt in scope.unit.spec.iter().chain(&scope.unit.body) {
        each_expression(stmt, &mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Ref(name, args) = part
                    && let Some(function) = functions.iter().find(|own| own.name == *name)
                    && let Some(arg) = unfit(function, args, &scope.table)
                {
                    wrong.get_or_insert((stmt.at, name.clone(), arg));
                }
            });
        });
    }
    match wrong {
        Some((at, name, arg)) => {
            let message = format!("'{arg}' has another type or rank than the argument of '{name}'");
            scope.refuse(at, construct, message, "convert it")
        }
        None => Ok(()),
    }
}

/// The text of an argument of another type or rank than the dummy.
fn unfit(function: &Function, args: &[Arg], table: &Table) -> Option<String> {
    let mut pairs = function.dummies.iter().zip(args);
    pairs.find_map(|(dummy, arg)| {
        let Arg::Expr(arg) = arg else { return None };
        let bits =
            matches!(arg, Expr::Lit(token) if matches!(token.kind, Tok::Boz | Tok::Hollerith));
        let (given, wanted) = (type_of(arg, table)?, table.type_of(dummy)?);
        let class = given.class == wanted.class;
        let size = given.class == Class::Character || table.size(given) == table.size(wanted);
        (!bits && (!class || !size || rank_of(arg, table) > 0)).then(|| arg.text())
    })
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
