//! ALLOCATE, DEALLOCATE and ALLOCATED as calls of the runtime.

use super::Scope;
use super::dynamic::Dynamic;
use super::exprs::map_parts;
use crate::data_type::Type;
use crate::dim::{Dim, Upper};
use crate::error::Lowered;
use crate::expr::Expr;
use crate::lists::{inside, split_commas};
use crate::source::{Kind, Loc, Stmt, Token, join};
use crate::types::type_of;

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
            out.push(Stmt::parse(&format!("call emshim_deallocate({name})"), at));
        }
    };
    let mut asks = false;
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let at = stmt.at;
        match stmt.kind {
            Kind::Allocate => return allocate(scope, &stmt, out),
            Kind::Deallocate => return deallocate(scope, &stmt, out),
            Kind::Return => free(at, out),
            _ => map_parts(&mut stmt, &mut |part| {
                Ok(match part {
                    Expr::Ref(name, args) if name == "allocated" => {
                        asks = true;
                        Expr::Ref(ALLOCATED.0.to_owned(), args)
                    }
                    other => other,
                })
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
        function(scope, ALLOCATED);
    }
    Ok(())
}

/// The functions of the runtime that answer: whether an array is allocated, and what STAT gets.
const ALLOCATED: (&str, Type) = ("emshim_allocated", Type::LOGICAL);
const ALLOCATE: (&str, Type) = ("emshim_allocate_stat", Type::INTEGER);
const DEALLOCATE: (&str, Type) = ("emshim_deallocate_stat", Type::INTEGER);

/// Declares one of them, and gives its name.
fn function(scope: &mut Scope, (name, ty): (&'static str, Type)) -> &'static str {
    if scope.table.get(name).is_none() {
        let at = scope.unit.at();
        scope.declare(name, ty, "");
        let external = Stmt::parse(&format!("external {name}"), at);
        scope.unit.spec.push(external);
    }
    name
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
    let allocated = function(scope, ALLOCATED);
    let mut condition = format!(".not.{allocated}({name})");
    let mut bounds = Vec::new();
    for (count, (low, high)) in counts.iter().zip(&dynamic.bounds) {
        condition += &format!(".or.{high}-({low})+1.ne.{count}");
        if low.parse::<i64>().is_err() {
            bounds.push(format!("{low} = 1"));
        }
        bounds.push(format!("{high} = {count}"));
    }
    let head = Stmt::parse(&format!("if ({condition}) then"), at);
    let free = format!("call emshim_deallocate({name})");
    let take = format!("call emshim_allocate({name}, {})", dynamic.bytes());
    out.push(head);
    for text in [free].into_iter().chain(bounds).chain([take]) {
        out.push(Stmt::parse(&text, at));
    }
    out.push(Stmt::new(Kind::EndIf, Vec::new(), at));
}

/// The items of an (DE)ALLOCATE and its STAT variable.
fn items<'a>(
    scope: &Scope,
    stmt: &'a Stmt,
    construct: &str,
) -> Lowered<(Vec<&'a [Token]>, Option<String>)> {
    let parts = split_commas(inside(&stmt.tokens));
    let (options, items): (Vec<&[Token]>, Vec<&[Token]>) = parts
        .into_iter()
        .partition(|part| part.get(1).is_some_and(|token| token.op("=")));
    let mut status = None;
    for option in options {
        let word = &option[0];
        if !word.name("stat") {
            let construct = format!("{}=", word.text.to_uppercase());
            let remedy = "assign the values afterwards; use STAT";
            return scope.refuse(word.at, &construct, "not in (DE)ALLOCATE", remedy);
        }
        if option.len() == 2 || status.is_some() {
            return scope.refuse(
                word.at,
                "STAT=",
                "names no one variable",
                "give one variable",
            );
        }
        status = Some(join(&option[2..]));
    }
    if items.is_empty() || items.iter().any(|item| item.is_empty()) {
        let remedy = "name the arrays, with commas between them";
        return scope.refuse(stmt.at, construct, "an array is missing", remedy);
    }
    Ok((items, status))
}

/// An array of an ALLOCATE and the bounds it gets: one or two for each dimension.
fn shaped(scope: &Scope, item: &[Token], at: Loc) -> Lowered<(Dynamic, Vec<Dim>)> {
    let name = item.first().map_or("", |token| token.text.as_str());
    let found = scope.dynamics.iter().find(|d| d.name == name);
    let shape = item.get(1..).filter(|shape| !shape.is_empty());
    let (Some(dynamic), Some(shape)) = (found.filter(|d| d.allocatable), shape) else {
        let message = format!(
            "'{}' is not a local ALLOCATABLE array with bounds",
            join(item)
        );
        return scope.refuse(at, "ALLOCATE", message, "");
    };
    let dims = Dim::list(inside(shape));
    if !dims.iter().all(|dim| matches!(dim.upper, Upper::Given(_))) {
        let message = format!("a bound of '{name}' is missing");
        return scope.refuse(at, "ALLOCATE", message, "give every upper bound");
    }
    if dims.len() != dynamic.bounds.len() {
        let message = format!("'{name}' has {} dimensions", dynamic.bounds.len());
        return scope.refuse(at, "ALLOCATE", message, "");
    }
    Ok((dynamic.clone(), dims))
}

/// An upper bound that INTEGER takes: one of more bits that is beyond it stays too large to have.
fn extreme(scope: &Scope, upper: &[Token]) -> String {
    let ty = crate::expr::parse(upper).and_then(|expr| type_of(&expr, &scope.table));
    let size = |ty| scope.table.size(ty);
    match ty {
        Some(ty) if size(ty) > size(Type::INTEGER) => {
            format!("min({}, {})", join(upper), i32::MAX)
        }
        _ => join(upper),
    }
}

fn allocate(scope: &mut Scope, stmt: &Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let at = stmt.at;
    let (items, status) = items(scope, stmt, "ALLOCATE")?;
    for (index, item) in items.into_iter().enumerate() {
        let (dynamic, dims) = shaped(scope, item, at)?;
        let mut line = |text: String| out.push(Stmt::parse(&text, at));
        let name = &dynamic.name;
        if let Some(status) = &status {
            // One that is allocated keeps its bounds, and no array after the first failure gets any.
            let (allocated, take) = (function(scope, ALLOCATED), function(scope, ALLOCATE));
            if index > 0 {
                line(format!("if ({status}.eq.0) then"));
            }
            line(format!("if ({allocated}({name})) then"));
            line(format!("{status} = {take}({name}, 0d0)"));
            line("else".to_owned());
        }
        for (dim, (low, high)) in dims.iter().zip(&dynamic.bounds) {
            if low.parse::<i64>().is_err() {
                let value = dim.lower.as_ref().map_or("1".into(), |lower| join(lower));
                line(format!("{low} = {value}"));
            }
            if let Upper::Given(upper) = &dim.upper {
                line(format!("{high} = {}", extreme(scope, upper)));
            }
            // An empty dimension has the bounds 1 and 0.
            if low.parse::<i64>().is_err() {
                line(format!("if ({high}.lt.{low}) then"));
                line(format!("{low} = 1"));
                line(format!("{high} = 0"));
                line("end if".to_owned());
            } else {
                line(format!("{high} = max({high}, 0)"));
            }
        }
        let bytes = dynamic.bytes();
        match &status {
            Some(status) => {
                line(format!("{status} = {}({name}, {bytes})", ALLOCATE.0));
                for _ in 0..=index.min(1) {
                    line("end if".to_owned());
                }
            }
            // The runtime stops the program when there is no memory, or the array is there.
            None => line(format!("call emshim_allocate({name}, {bytes})")),
        }
    }
    Ok(())
}

fn deallocate(scope: &mut Scope, stmt: &Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let (items, status) = items(scope, stmt, "DEALLOCATE")?;
    for (index, item) in items.into_iter().enumerate() {
        let name = join(item);
        if !scope.is_allocatable(&name) {
            let message = format!("'{name}' is not a local ALLOCATABLE array");
            return scope.refuse(stmt.at, "DEALLOCATE", message, "");
        }
        let text = match &status {
            Some(status) => {
                let give = function(scope, DEALLOCATE);
                let before = format!("if ({status}.eq.0) ");
                let before = if index > 0 { &before } else { "" };
                format!("{before}{status} = {give}({name})")
            }
            None => format!("call emshim_deallocate_own({name})"),
        };
        out.push(Stmt::parse(&text, stmt.at));
    }
    Ok(())
}
