//! ALLOCATE, DEALLOCATE and ALLOCATED as calls of the runtime.

use super::Scope;
use super::refs::map_stmt;
use crate::error::Lowered;
use crate::expr::split_commas;
use crate::source::{Kind, Loc, Stmt, Token, join, lex_fragment};
use crate::symbols::{Dim, Upper, inside};

/// ALLOCATE, DEALLOCATE and ALLOCATED; frees what is left before the procedure returns.
pub(super) fn allocations(scope: &mut Scope) -> Lowered {
    let local: Vec<String> = scope
        .dynamics
        .iter()
        .filter(|dynamic| !dynamic.saved)
        .map(|dynamic| dynamic.name.clone())
        .collect();
    let free = |at: Loc, out: &mut Vec<Stmt>| {
        for name in &local {
            out.push(Stmt::parse(
                &format!("call emshim_deallocate({name}, 0)"),
                at,
            ));
        }
    };
    let mut asks = false;
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let at = stmt.at;
        match stmt.kind {
            Kind::Allocate => return allocate(scope, &stmt, out),
            Kind::Deallocate => return deallocate(scope, &stmt, out),
            Kind::Return => free(at, out),
            _ => map_stmt(&mut stmt, &mut |name, args| {
                asks |= name.name("allocated");
                Ok(name.name("allocated").then(|| {
                    let arg = args.first().map(|arg| join(arg)).unwrap_or_default();
                    lex_fragment(&format!("emshim_allocated({arg})"), at)
                }))
            })?,
        }
        out.push(stmt);
        Ok(())
    })?;
    let end = scope.unit.end.at;
    let returns = scope
        .unit
        .body
        .last()
        .is_some_and(|stmt| stmt.kind == Kind::Return);
    if !returns {
        free(end, &mut scope.unit.body);
    }
    if asks {
        declare_query(scope);
    }
    Ok(())
}

/// Declares the function that ALLOCATED becomes.
fn declare_query(scope: &mut Scope) {
    const QUERY: &str = "emshim_allocated";
    if scope.table.get(QUERY).is_none() {
        let at = scope.unit.at();
        scope.declare(QUERY, crate::symbols::Type::LOGICAL, "");
        let external = Stmt::parse(&format!("external {QUERY}"), at);
        scope.unit.spec.push(external);
    }
}

/// Allocates the array anew unless it has these numbers of elements along its dimensions.
pub(super) fn reallocate(
    scope: &mut Scope,
    name: &str,
    counts: &[String],
    at: Loc,
    out: &mut Vec<Stmt>,
) {
    let found = scope.dynamics.iter().find(|dynamic| dynamic.name == name);
    let Some(dynamic) = found.cloned() else {
        return;
    };
    declare_query(scope);
    let mut condition = format!(".not.emshim_allocated({name})");
    let mut bounds = Vec::new();
    for (count, (low, high)) in counts.iter().zip(&dynamic.bounds) {
        condition += &format!(".or.{high}-({low})+1.ne.{count}");
        if low.parse::<i64>().is_err() {
            bounds.push(format!("{low} = 1"));
        }
        bounds.push(format!("{high} = {count}"));
    }
    let head = Stmt::parse(&format!("if ({condition}) then"), at);
    let free = format!("call emshim_deallocate({name}, 0)");
    let take = format!("call emshim_allocate({name}, {}, 0)", dynamic.bytes());
    out.push(head);
    for text in [free].into_iter().chain(bounds).chain([take]) {
        out.push(Stmt::parse(&text, at));
    }
    out.push(Stmt::new(Kind::EndIf, Vec::new(), at));
}

/// The items of an (DE)ALLOCATE and its STAT variable.
fn items<'a>(stmt: &'a Stmt, scope: &Scope) -> Lowered<(Vec<&'a [Token]>, Option<String>)> {
    let parts = split_commas(inside(&stmt.tokens));
    let (options, items): (Vec<&[Token]>, Vec<&[Token]>) = parts
        .into_iter()
        .partition(|part| part.get(1).is_some_and(|token| token.op("=")));
    let mut status = None;
    for option in options {
        if !option[0].name("stat") {
            let construct = format!("{}=", option[0].text.to_uppercase());
            let remedy = "assign the values afterwards; use STAT";
            return scope.refuse(option[0].at, &construct, "not in (DE)ALLOCATE", remedy);
        }
        status = Some(join(&option[2..]));
    }
    Ok((items, status))
}

fn allocate(scope: &mut Scope, stmt: &Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let at = stmt.at;
    let (items, status) = items(stmt, scope)?;
    for item in items {
        let name = item
            .first()
            .map(|token| token.text.clone())
            .unwrap_or_default();
        let dynamic = scope
            .dynamics
            .iter()
            .find(|d| d.name == name && d.allocatable)
            .cloned();
        let shape = item.get(1..).filter(|shape| !shape.is_empty());
        let (Some(dynamic), Some(shape)) = (dynamic, shape) else {
            let message = format!("'{}' is not a local ALLOCATABLE array", join(item));
            return scope.refuse(at, "ALLOCATE", message, "");
        };
        let dims = Dim::list(inside(shape));
        if dims.len() != dynamic.bounds.len() {
            let message = format!("'{name}' has {} dimensions", dynamic.bounds.len());
            return scope.refuse(at, "ALLOCATE", message, "");
        }
        for (dim, (low, high)) in dims.iter().zip(&dynamic.bounds) {
            if low.parse::<i64>().is_err() {
                let value = dim.lower.as_ref().map_or("1".into(), |lower| join(lower));
                out.push(Stmt::parse(&format!("{low} = {value}"), at));
            }
            if let Upper::Given(upper) = &dim.upper {
                out.push(Stmt::parse(&format!("{high} = {}", join(upper)), at));
            }
        }
        // Without STAT, the runtime stops the program when there is no memory.
        let bytes = dynamic.bytes();
        let text = match &status {
            Some(status) => format!("call emshim_allocate_stat({name}, {bytes}, {status})"),
            None => format!("call emshim_allocate({name}, {bytes}, 0)"),
        };
        out.push(Stmt::parse(&text, at));
    }
    Ok(())
}

fn deallocate(scope: &mut Scope, stmt: &Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let (items, status) = items(stmt, scope)?;
    for item in items {
        let name = join(item);
        if !scope.is_pointer(&name) {
            let message = format!("'{name}' is not a local ALLOCATABLE array");
            return scope.refuse(stmt.at, "DEALLOCATE", message, "");
        }
        let text = format!("call emshim_deallocate({name}, 0)");
        out.push(Stmt::parse(&text, stmt.at));
    }
    if let Some(status) = status {
        out.push(Stmt::parse(&format!("{status} = 0"), stmt.at));
    }
    Ok(())
}
