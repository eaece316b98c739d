//! Array sections, expressions and constructors as actual arguments, and functions that reduce an array to one
//! value. What must happen before the statement is put before it.

use super::Scope;
use super::elements::{Span, element, loop_around, spans};
use super::refs::map_stmt;
use super::temporary::{around, release};
use super::transform;
use crate::data_type::{Class, Type};
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr, parse, parse_arg};
use crate::intrinsics::{self, How};
use crate::lists::split_commas;
use crate::source::{Kind, Loc, Stmt, Token, join, lex_fragment};
use crate::types::{intrinsic, rank_of, type_of};

/// Reductions become loops before the statement that holds them.
pub(super) fn reductions(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let at = stmt.at;
        let late = matches!(stmt.kind, Kind::ElseIf | Kind::DoWhile { .. });
        let start = out.len();
        map_stmt(&mut stmt, &mut |name, args| {
            reduce(scope, name, args, at, out)
        })?;
        if late && out.len() > start {
            let message = "an array function in a condition that is evaluated late";
            return scope.refuse(
                at,
                "array function",
                message,
                "assign it to a variable first",
            );
        }
        out.push(stmt);
        Ok(())
    })
}

fn reduce(
    scope: &mut Scope,
    name: &Token,
    args: &[Vec<Token>],
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Option<Vec<Token>>> {
    let function = name.text.as_str();
    let row = intrinsics::function(function, &scope.table);
    if !row.is_some_and(|row| row.how == How::Reduction) {
        return Ok(None);
    }
    let Some(array) = args.first().and_then(|tokens| parse(tokens)) else {
        return Ok(None);
    };
    let rank = rank_of(&array, &scope.table);
    if rank == 0 {
        return Ok(None);
    }
    let refuse = |message: &str| {
        Err(Refusal::new(
            at,
            format!("{function} of an array"),
            message,
            "write it as a loop",
        ))
    };
    let location = matches!(function, "maxloc" | "minloc");
    let second = args.get(1).map(|tokens| join(tokens));
    let dimension_one = matches!(second.as_deref(), Some("1" | "dim = 1" | "dim =1"));
    let supported = match function {
        "dot_product" => rank == 1 && args.len() == 2,
        "maxloc" | "minloc" => rank == 1 && dimension_one && args.len() == 2,
        _ => args.len() == 1 || (rank == 1 && dimension_one && args.len() == 2),
    };
    if !supported {
        return refuse("these arguments are not supported");
    }
    let Some(loops) = spans(&array, scope) else {
        return refuse("the bounds of the array are not known here");
    };
    let item = element(&array, &loops, &scope.table);
    let ty = type_of(&array, &scope.table).unwrap_or(Type::DOUBLE);
    let line = |text: String| Stmt::parse(&text, at);
    let mut inside = Vec::new();
    let result;
    match function {
        "sum" | "product" | "dot_product" => {
            result = scope.fresh_variable("reduce", ty);
            let (start, op) = if function == "product" {
                ("1", "*")
            } else {
                ("0", "+")
            };
            out.push(line(format!("{result} = {start}")));
            let mut term = item.clone();
            if function == "dot_product" {
                let Some(other) = parse(&args[1]).filter(|e| rank_of(e, &scope.table) == 1) else {
                    return refuse("the second argument is not an array");
                };
                let other = element(&other, &loops, &scope.table);
                let first = match ty.class {
                    Class::Complex => Expr::Ref("conjg".into(), vec![Arg::Expr(term)]),
                    _ => term,
                };
                term = first.with("*", other);
            }
            inside.push(line(format!("{result} = {result}{op}({})", term.text())));
        }
        "any" | "all" | "count" => {
            let counting = function == "count";
            result = scope.fresh_variable(
                "reduce",
                if counting {
                    Type::INTEGER
                } else {
                    Type::LOGICAL
                },
            );
            let (start, condition, then) = match function {
                "any" => (".false.", item.text(), ".true.".to_owned()),
                "all" => (
                    ".true.",
                    format!(".not.({})", item.text()),
                    ".false.".to_owned(),
                ),
                _ => ("0", item.text(), format!("{result}+1")),
            };
            out.push(line(format!("{result} = {start}")));
            inside.push(line(format!("if ({condition}) {result} = {then}")));
        }
        _ => {
            // A NaN counts only when nothing else is there, as with gfortran.
            let best = scope.fresh_variable("best", ty);
            let place = scope.fresh_variable("place", Type::INTEGER);
            let op = if function.starts_with("max") {
                ".gt."
            } else {
                ".lt."
            };
            let extreme = crate::consts::inquiry("huge", ty, &scope.table);
            let extreme = extreme
                .map(|value| crate::consts::text(&value))
                .unwrap_or("0".into());
            let sign = if function.starts_with("max") { "-" } else { "" };
            out.push(line(format!("{place} = 0")));
            out.push(line(format!("{best} = {sign}{extreme}")));
            let item = item.text();
            inside.push(line(format!(
                "if ({place}.eq.0.or.{item}{op}{best}.or.({best}.ne.{best}.and.{item}.eq.{item})) then"
            )));
            inside.push(line(format!("{best} = {item}")));
            let position = if location {
                loops[0].position().text()
            } else {
                "1".into()
            };
            inside.push(line(format!("{place} = {position}")));
            inside.push(Stmt::new(Kind::EndIf, Vec::new(), at));
            result = if location { place } else { best };
        }
    }
    loop_around(&loops, inside, at, out);
    Ok(Some(lex_fragment(&result, at)))
}

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
