//! Array sections, expressions and constructors as actual arguments. What must happen before the statement is
//! put before it.

use super::Scope;
use super::elements::{Span, element, loop_around, spans};
use super::exprs::map_parts;
use super::temporary::{around, release};
use super::transform;
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::source::{Kind, Loc, Stmt};
use crate::types::{intrinsic, rank_of, type_of};

/// Sections and constructors in the arguments of calls and of function references.
pub(super) fn arguments(scope: &mut Scope) -> Lowered {
    around(scope, &mut |scope, stmt, before, after| {
        let at = stmt.at;
        if let Kind::Call { args, .. } = &mut stmt.kind {
            actuals(scope, args, at, before, after)?;
        }
        map_parts(stmt, &mut |part| match part {
            Expr::Ref(name, mut args)
                if scope.table.rank(&name) == 0 && !intrinsic(&name, &scope.table) =>
            {
                actuals(scope, &mut args, at, before, after)?;
                Ok(Expr::Ref(name, args))
            }
            other => Ok(other),
        })
    })
}

/// Actual arguments as FORTRAN 77 can pass them.
fn actuals(
    scope: &mut Scope,
    args: &mut [Arg],
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered {
    args.iter_mut().try_for_each(|arg| {
        if let Arg::Expr(expr) = arg {
            *expr = actual(scope, expr, at, out, after)?;
        }
        Ok(())
    })
}

fn actual(
    scope: &mut Scope,
    expr: &Expr,
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    match expr {
        Expr::Array(items) => {
            let ty = items.first().and_then(|item| type_of(item, &scope.table));
            let Some(ty) = ty.filter(|ty| ty.class != Class::Character) else {
                let message = "its type is not known";
                return scope.refuse(at, "array constructor", message, "use an array");
            };
            let name = scope.fresh_name("list");
            scope.declare(&name, ty, &format!("({})", items.len()));
            for (index, item) in (1..).zip(items) {
                let place = Expr::Ref(name.clone(), vec![Arg::Expr(Expr::int(index))]);
                out.push(Stmt::assign(place, item.clone(), at));
            }
            Ok(Expr::Name(name))
        }
        Expr::Ref(name, subscripts)
            if scope.table.rank(name) > 0 && rank_of(expr, &scope.table) > 0 =>
        {
            // Contiguous: whole dimensions, then at most one part of a dimension, then elements.
            let full = |arg: &Arg| matches!(arg, Arg::Range(None, None, None));
            let vector = |arg: &Arg| !matches!(arg, Arg::Expr(_));
            let whole = subscripts.iter().take_while(|arg| full(arg)).count();
            let rest = subscripts.get(whole..).unwrap_or(&[]);
            let part = usize::from(rest.first().is_some_and(vector));
            let strided = rest
                .iter()
                .any(|arg| matches!(arg, Arg::Range(_, _, Some(_))));
            let indexed = subscripts.iter().any(|arg| match arg {
                Arg::Expr(index) => rank_of(index, &scope.table) > 0,
                _ => false,
            });
            if strided || indexed || rest.iter().skip(part).any(vector) {
                return section(scope, expr, !indexed, at, out, after);
            }
            let dims = scope
                .table
                .get(name)
                .map(|symbol| symbol.dims.clone())
                .unwrap_or_default();
            let lows = subscripts.iter().enumerate().map(|(dim, arg)| match arg {
                Arg::Range(Some(low), ..) => Arg::Expr(low.clone()),
                Arg::Range(..) => {
                    let low = dims.get(dim).and_then(|dim| dim.lower.as_ref());
                    let low = low.and_then(|low| parse(low));
                    Arg::Expr(low.unwrap_or_else(|| Expr::int(1)))
                }
                other => other.clone(),
            });
            Ok(Expr::Ref(name.clone(), lows.collect()))
        }
        Expr::Name(_) => Ok(expr.clone()),
        _ if rank_of(expr, &scope.table) > 0 => evaluated(scope, expr, at, out, after),
        _ => Ok(expr.clone()),
    }
}

/// A section with gaps: a copy, and what the procedure makes of it back in its place unless its
/// indices are an array.
fn section(
    scope: &mut Scope,
    expr: &Expr,
    definable: bool,
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    let Some((copy, loops)) = transform::copied(scope, expr, at, out)? else {
        let message = format!("'{}' is not contiguous", expr.text());
        let remedy = "copy it to an array and pass that";
        return scope.refuse(at, "array section as argument", message, remedy);
    };
    if definable {
        let item = element(expr, &loops, &scope.table);
        let place = transform::copy_place(&copy, &loops);
        let back = Stmt::assign(item, place, at);
        loop_around(&loops, vec![back], at, after);
    }
    after.push(release(&copy, at));
    Ok(Expr::Name(copy))
}

/// An array expression, evaluated into an array of its own before the statement.
fn evaluated(
    scope: &mut Scope,
    expr: &Expr,
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    let ty = type_of(expr, &scope.table).filter(|ty| ty.class != Class::Character);
    let loops = spans(expr, scope).unwrap_or_default();
    let dims: Option<Vec<String>> = loops.iter().map(Span::declared).collect();
    let (Some(ty), Some(dims), false) = (ty, dims, loops.is_empty()) else {
        if let Some((copy, _)) = transform::copied(scope, expr, at, out)? {
            after.push(release(&copy, at));
            return Ok(Expr::Name(copy));
        }
        let message = format!("the size of '{}' is not known here", expr.text());
        let remedy = "assign it to an array and pass that";
        return scope.refuse(at, "array expression as argument", message, remedy);
    };
    let name = scope.fresh_name("value");
    scope.declare(&name, ty, &format!("({})", dims.join(",")));
    let indices = loops.iter().map(|span| Expr::Name(span.variable.clone()));
    let place = Expr::Ref(name.clone(), indices.map(Arg::Expr).collect());
    let item = element(expr, &loops, &scope.table);
    loop_around(&loops, vec![Stmt::assign(place, item, at)], at, out);
    Ok(Expr::Name(name))
}
