//! Array sections, expressions and constructors as actual arguments. What must happen before the statement is
//! put before it.

use super::Scope;
use super::elements::{Span, element, loop_around, spans};
use super::refs::map_stmt;
use super::temporary::{around, release};
use super::transform;
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse_arg};
use crate::lists::split_commas;
use crate::source::{Kind, Loc, Stmt, Token, join, lex_fragment};
use crate::types::{intrinsic, rank_of, type_of};

/// Sections and constructors in the arguments of calls and of function references.
pub(super) fn arguments(scope: &mut Scope) -> Lowered {
    around(scope, &mut |scope, stmt, before, after| {
        let at = stmt.at;
        if stmt.kind == Kind::Call
            && let [name, rest @ ..] = stmt.tokens.as_slice()
        {
            let mut tokens = vec![name.clone()];
            let close = rest.len().saturating_sub(1);
            if rest.first().is_some_and(|token| token.op("(")) && rest[close].op(")") {
                let mut actuals = Vec::new();
                for arg in split_commas(&rest[1..close]) {
                    actuals.push(join(&actual(scope, arg, at, before, after)?));
                }
                tokens.extend(lex_fragment(&format!("({})", actuals.join(", ")), at));
                stmt.tokens = tokens;
            }
        }
        map_stmt(stmt, &mut |name, args| {
            let array = scope.table.rank(&name.text) > 0;
            if array || intrinsic(&name.text, &scope.table) {
                return Ok(None);
            }
            let mut actuals = Vec::new();
            for arg in args {
                actuals.push(join(&actual(scope, arg, at, before, after)?));
            }
            let text = format!("{}({})", name.text, actuals.join(", "));
            Ok(Some(lex_fragment(&text, at)))
        })
    })
}

/// One actual argument as FORTRAN 77 can pass it.
fn actual(
    scope: &mut Scope,
    arg: &[Token],
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Vec<Token>> {
    let Some(Arg::Expr(expr)) = parse_arg(arg) else {
        return Ok(arg.to_vec());
    };
    match &expr {
        Expr::Array(items) => {
            let ty = items.first().and_then(|item| type_of(item, &scope.table));
            let Some(ty) = ty.filter(|ty| ty.class != Class::Character) else {
                let message = "its type is not known";
                return scope.refuse(at, "array constructor", message, "use an array");
            };
            let name = scope.fresh_name("list");
            scope.declare(&name, ty, &format!("({})", items.len()));
            for (index, item) in (1..).zip(items) {
                let text = format!("{name}({index}) = {}", item.text());
                out.push(Stmt::parse(&text, at));
            }
            Ok(lex_fragment(&name, at))
        }
        Expr::Ref(name, subscripts)
            if scope.table.rank(name) > 0 && rank_of(&expr, &scope.table) > 0 =>
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
                return section(scope, &expr, !indexed, at, out, after);
            }
            let dims = scope
                .table
                .get(name)
                .map(|symbol| symbol.dims.clone())
                .unwrap_or_default();
            let lows: Vec<String> = subscripts
                .iter()
                .enumerate()
                .map(|(dim, arg)| match arg {
                    Arg::Range(Some(low), ..) => low.text(),
                    Arg::Range(..) => {
                        let low = dims.get(dim).and_then(|dim| dim.lower.as_ref());
                        low.map_or("1".into(), |low| join(low))
                    }
                    other => other.text(),
                })
                .collect();
            Ok(lex_fragment(&format!("{name}({})", lows.join(",")), at))
        }
        Expr::Name(_) => Ok(arg.to_vec()),
        _ if rank_of(&expr, &scope.table) > 0 => evaluated(scope, &expr, at, out, after),
        _ => Ok(arg.to_vec()),
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
) -> Lowered<Vec<Token>> {
    let Some((copy, loops)) = transform::copied(scope, expr, at, out)? else {
        let message = format!("'{}' is not contiguous", expr.text());
        let remedy = "copy it to an array and pass that";
        return scope.refuse(at, "array section as argument", message, remedy);
    };
    if definable {
        let item = element(expr, &loops, &scope.table);
        let place = transform::copy_place(&copy, &loops);
        let back = Stmt::parse(&format!("{} = {place}", item.text()), at);
        loop_around(&loops, vec![back], at, after);
    }
    after.push(release(&copy, at));
    Ok(lex_fragment(&copy, at))
}

/// An array expression, evaluated into an array of its own before the statement.
fn evaluated(
    scope: &mut Scope,
    expr: &Expr,
    at: Loc,
    out: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Vec<Token>> {
    let ty = type_of(expr, &scope.table).filter(|ty| ty.class != Class::Character);
    let loops = spans(expr, scope).unwrap_or_default();
    let dims: Option<Vec<String>> = loops.iter().map(Span::declared).collect();
    let (Some(ty), Some(dims), false) = (ty, dims, loops.is_empty()) else {
        if let Some((copy, _)) = transform::copied(scope, expr, at, out)? {
            after.push(release(&copy, at));
            return Ok(lex_fragment(&copy, at));
        }
        let message = format!("the size of '{}' is not known here", expr.text());
        let remedy = "assign it to an array and pass that";
        return scope.refuse(at, "array expression as argument", message, remedy);
    };
    let name = scope.fresh_name("value");
    scope.declare(&name, ty, &format!("({})", dims.join(",")));
    let index: Vec<&str> = loops.iter().map(|span| span.variable.as_str()).collect();
    let item = element(expr, &loops, &scope.table);
    let text = format!("{name}({}) = {}", index.join(","), item.text());
    loop_around(&loops, vec![Stmt::parse(&text, at)], at, out);
    Ok(lex_fragment(&name, at))
}
