//! Array assignments become DO loops; sections as arguments become their first element.

use super::Scope;
use super::elements::{Span, element, extents, guarded, loop_around, spans};
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, Shape};
use crate::lists::split_commas;
use crate::source::{Kind, Loc, Stmt};
use crate::types::{intrinsic, rank_of, type_of};

/// Array assignments, sections in input and output lists.
pub(super) fn assignments(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, stmt, out| match stmt.kind {
        Kind::Assignment { .. } | Kind::Where(..) => assignment(scope, stmt, out),
        Kind::Call { .. } => elemental_call(scope, stmt, out),
        _ => {
            out.push(transfer_list(scope, stmt));
            Ok(())
        }
    })
}

/// One assignment, all of it or where a mask holds.
fn assignment(scope: &mut Scope, stmt: Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let (mask, action) = match &stmt.kind {
        Kind::Where(mask, Some(inner)) => (Some(mask.clone()), &inner.kind),
        kind => (None, kind),
    };
    let (target, value) = match action {
        Kind::Assignment { target, value } if rank_of(target, &scope.table) > 0 => {
            (target.clone(), value.clone())
        }
        _ => {
            out.push(stmt);
            return Ok(());
        }
    };
    let at = stmt.at;
    if let Expr::Name(name) = &target
        && mask.is_none()
        && scope.is_allocatable(name)
        && rank_of(&value, &scope.table) > 0
    {
        fit(scope, name, &value, at, out)?;
    }
    if let Expr::Array(items) = &value
        && mask.is_none()
    {
        return constructor(scope, &target, items, at, out);
    }
    let (Expr::Name(name) | Expr::Ref(name, _)) = &target else {
        return scope.refuse(
            at,
            "array assignment",
            "not to an array",
            "write it as a loop",
        );
    };
    let name = name.clone();
    let names = overlay(&name, scope);
    let (target, copies) = fixed(target, &names, scope, at, out)?;
    let Some(spans) = spans(&target, scope) else {
        let message = format!("the last dimension of '{name}' is not known here");
        return scope.refuse(
            at,
            "array assignment",
            message,
            "give the bounds of the section",
        );
    };
    let value = hoisted(value, &names, scope, at, out)?;
    let left = element(&target, &spans, &scope.table);
    let element = element(&value, &spans, &scope.table);
    if overlaps(&element, &left, &names, &spans) {
        let copy = super::transform::copied_where(scope, &value, mask.as_ref(), at, out)?;
        let Some((copy, _)) = copy else {
            let message = format!("'{name}' is read and written at different places");
            return scope.refuse(at, "array assignment", message, "write it as a loop");
        };
        let place = super::transform::copy_place(&copy, &spans);
        let inside = guarded(Stmt::assign(left, place, at), mask.as_ref(), &spans, scope);
        loop_around(&spans, vec![inside], at, out);
        out.push(super::temporary::release(&copy, at));
    } else {
        let inside = guarded(
            Stmt::assign(left, element, at),
            mask.as_ref(),
            &spans,
            scope,
        );
        loop_around(&spans, vec![inside], at, out);
    }
    out.extend(
        copies
            .iter()
            .map(|copy| super::temporary::release(copy, at)),
    );
    Ok(())
}

/// The name, and those that EQUIVALENCE lays over its storage or over theirs.
fn overlay(name: &str, scope: &Scope) -> Vec<String> {
    let statements = scope.unit.spec.iter();
    let statements = statements.filter(|stmt| stmt.kind == Kind::Spec("equivalence"));
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for stmt in statements {
        for group in split_commas(&stmt.tokens) {
            let items = split_commas(crate::lists::inside(group));
            let names = items.iter().filter_map(|item| item.first());
            groups.push(names.map(|token| token.text.as_str()).collect());
        }
    }
    let mut out = vec![name.to_owned()];
    let mut next = 0;
    while let Some(known) = out.get(next).cloned() {
        for group in groups
            .iter()
            .filter(|group| group.contains(&known.as_str()))
        {
            for other in group {
                if !out.iter().any(|name| name == other) {
                    out.push((*other).to_owned());
                }
            }
        }
        next += 1;
    }
    out
}

/// The target of an assignment with subscripts that the assignment cannot change, and the arrays of
/// ours that hold some.
fn fixed(
    target: Expr,
    names: &[String],
    scope: &mut Scope,
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<(Expr, Vec<String>)> {
    let Expr::Ref(name, args) = target else {
        return Ok((target, Vec::new()));
    };
    let mut copies = Vec::new();
    let mut fixed = Vec::with_capacity(args.len());
    for arg in args {
        let mut part = |expr: Option<Expr>, scope: &mut Scope| -> Lowered<Option<Expr>> {
            expr.map(|expr| hoisted(expr, names, scope, at, out))
                .transpose()
        };
        fixed.push(match arg {
            Arg::Expr(index) => {
                let index = hoisted(index, names, scope, at, out)?;
                let mut changed = false;
                index.walk(&mut |expr| {
                    if let Expr::Name(name) | Expr::Ref(name, _) = expr {
                        changed |= names.contains(name);
                    }
                });
                let copy = match changed && rank_of(&index, &scope.table) > 0 {
                    true => super::transform::copied(scope, &index, at, out)?,
                    false => None,
                };
                match copy {
                    Some((copy, _)) => {
                        copies.push(copy.clone());
                        Arg::Expr(Expr::Name(copy))
                    }
                    None => Arg::Expr(index),
                }
            }
            Arg::Range(low, high, step) => {
                let low = part(low, scope)?;
                let high = part(high, scope)?;
                Arg::Range(low, high, part(step, scope)?)
            }
            other => other,
        });
    }
    Ok((Expr::Ref(name, fixed), copies))
}

/// A CALL of an intrinsic subroutine for each element of its arguments.
fn elemental_call(scope: &mut Scope, stmt: Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let found = match &stmt.kind {
        Kind::Call { name, args } => intrinsics::subroutine(name, &scope.table)
            .filter(|row| row.shape == Shape::ElementalSubroutine)
            .map(|row| (row, args.clone())),
        _ => None,
    };
    let Some((row, args)) = found else {
        out.push(stmt);
        return Ok(());
    };
    let args: Option<Vec<Expr>> = row.in_order(args).and_then(|args| {
        let values = args.into_iter().map(|arg| match arg {
            Arg::Expr(expr) => Some(expr),
            _ => None,
        });
        values.collect()
    });
    let Some(args) = args else {
        out.push(stmt);
        return Ok(());
    };
    let array = args.iter().find(|arg| rank_of(arg, &scope.table) > 0);
    let Some(array) = array.cloned() else {
        out.push(stmt);
        return Ok(());
    };
    let at = stmt.at;
    let Some(spans) = spans(&array, scope) else {
        let message = "the bounds of an argument are not known here";
        return scope.refuse(at, row.name, message, "write a loop");
    };
    let mut elements = Vec::new();
    for arg in args {
        let arg = hoisted(arg, &[], scope, at, out)?;
        elements.push(element(&arg, &spans, &scope.table));
    }
    loop_around(&spans, vec![Stmt::call(row.name, elements, at)], at, out);
    Ok(())
}

/// An allocatable array takes the shape of what is assigned to the whole of it.
fn fit(scope: &mut Scope, name: &str, value: &Expr, at: Loc, out: &mut Vec<Stmt>) -> Lowered {
    let (mut whole, mut part) = (false, false);
    value.walk(&mut |expr| {
        whole |= matches!(expr, Expr::Name(other) if other == name);
        part |= matches!(expr, Expr::Ref(other, _) if other == name);
    });
    let counts: Option<Vec<String>> = match value {
        Expr::Array(items) => Some(vec![items.len().to_string()]),
        _ => extents(value, &scope.table).and_then(|list| {
            let count = |(low, high, step): &(Expr, Expr, Option<Expr>)| match step {
                None => Some(high.clone().with("-", low.clone()).text() + "+1"),
                Some(_) => None,
            };
            list.iter().map(count).collect()
        }),
    };
    match counts {
        // It has that shape already: operands are conformable.
        _ if whole => Ok(()),
        Some(counts) if !part => {
            super::allocate::reallocate(scope, name, &counts, at, out);
            Ok(())
        }
        _ => {
            let message = "the assignment may change the shape of an allocatable array";
            let remedy = "ALLOCATE it and assign to a section, a(:) = ...";
            scope.refuse(at, "array assignment", message, remedy)
        }
    }
}

/// Whether an element of the target is read in another iteration than it is written in. Elements
/// whose loop indices stand in the same places never are.
fn overlaps(value: &Expr, target: &Expr, names: &[String], spans: &[Span]) -> bool {
    let ours = |name: &String| spans.iter().any(|span| span.variable == *name);
    let Expr::Ref(name, wanted) = target else {
        return true;
    };
    let mut found = false;
    value.walk(&mut |expr| {
        if let Expr::Ref(other, args) = expr {
            let same_loops = args.iter().zip(wanted).all(|(a, b)| {
                let looped = |arg: &Arg| {
                    let mut found = false;
                    if let Arg::Expr(index) = arg {
                        index.walk(&mut |part| {
                            found |= matches!(part, Expr::Name(n) if ours(n));
                        });
                    }
                    found
                };
                a == b || !(looped(a) || looped(b))
            });
            let constant = |arg: &Arg| match arg {
                Arg::Expr(expr) => expr.as_int(),
                _ => None,
            };
            let apart = args
                .iter()
                .zip(wanted)
                .any(|(a, b)| matches!((constant(a), constant(b)), (Some(a), Some(b)) if a != b));
            found |= match other == name {
                true => !same_loops && !apart,
                false => names.contains(other),
            };
        }
    });
    found
}

/// Scalars that an assignment to the targets could change, and calls, are evaluated once before the
/// loops.
pub(super) fn hoisted(
    value: Expr,
    targets: &[String],
    scope: &mut Scope,
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    let mut temporaries = Vec::new();
    let value = value.map(&mut |expr| {
        let (Expr::Ref(name, _) | Expr::Name(name)) = &expr else {
            return expr;
        };
        let scalar = rank_of(&expr, &scope.table) == 0;
        let call = matches!(&expr, Expr::Ref(..))
            && scope.table.rank(name) == 0
            && !intrinsic(name, &scope.table);
        if !scalar || !(targets.contains(name) || call) {
            return expr;
        }
        let Some(ty) = type_of(&expr, &scope.table).filter(|ty| ty.class != Class::Character)
        else {
            return expr;
        };
        let temporary = scope.fresh_variable("hoist", ty);
        temporaries.push(Stmt::assign(Expr::Name(temporary.clone()), expr, at));
        Expr::Name(temporary)
    });
    out.extend(temporaries);
    Ok(value)
}

/// The items of a constructor, those that an assignment of the ones before could change in variables.
fn evaluated(
    scope: &mut Scope,
    target: &Expr,
    items: &[Expr],
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Vec<Expr>> {
    let names = target.name().map(|name| overlay(name, scope));
    let names = names.unwrap_or_default();
    let mut found = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut changes = false;
        item.walk(&mut |part| {
            changes |= match part {
                Expr::Name(name) => names.contains(name),
                Expr::Ref(name, _) => {
                    let call = scope.table.rank(name) == 0 && !intrinsic(name, &scope.table);
                    names.contains(name) || call
                }
                _ => false,
            };
        });
        let ty = type_of(item, &scope.table);
        match ty.filter(|ty| ty.class != Class::Character) {
            Some(ty) if changes && index > 0 => {
                let variable = scope.fresh_variable("item", ty);
                out.push(Stmt::assign(Expr::Name(variable.clone()), item.clone(), at));
                found.push(Expr::Name(variable));
            }
            None if changes && index > 0 => {
                let message = "a string of an array constructor that the assignment may change";
                let remedy = "assign the elements";
                return scope.refuse(at, "array assignment", message, remedy);
            }
            _ => found.push(item.clone()),
        }
    }
    Ok(found)
}

/// `a(1:3) = (/ x, y, z /)`: one assignment for each item.
fn constructor(
    scope: &mut Scope,
    target: &Expr,
    items: &[Expr],
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered {
    let list = extents(target, &scope.table).filter(|list| list.len() == 1);
    let Some(list) = list else {
        let message = "an array constructor for several dimensions";
        return scope.refuse(at, "array assignment", message, "assign the elements");
    };
    if items.iter().any(|item| matches!(item, Expr::Implied(..))) {
        let message = "an implied DO in an array constructor";
        return scope.refuse(at, "array assignment", message, "write it as a loop");
    }
    let (low, _, step) = &list[0];
    let items = evaluated(scope, target, items, at, out)?;
    for (index, item) in (0..).zip(&items) {
        let offset = match step {
            Some(step) => Expr::int(index).with("*", step.clone()),
            None => Expr::int(index),
        };
        let index = match (low.as_int(), offset.as_int()) {
            (Some(low), Some(offset)) => Expr::int(low + offset),
            _ => low.clone().with("+", offset),
        };
        let place = match target {
            Expr::Name(name) => Expr::Ref(name.clone(), vec![Arg::Expr(index)]),
            Expr::Ref(name, args) => {
                let args = args.iter().map(|arg| match arg {
                    Arg::Range(..) => Arg::Expr(index.clone()),
                    other => other.clone(),
                });
                Expr::Ref(name.clone(), args.collect())
            }
            _ => return scope.refuse(at, "array assignment", "not to an array", ""),
        };
        out.push(Stmt::assign(place, item.clone(), at));
    }
    Ok(())
}

/// Sections in a list of READ, WRITE or PRINT become implied DOs, and array constructors their
/// items.
fn transfer_list(scope: &mut Scope, mut stmt: Stmt) -> Stmt {
    if let Kind::Io {
        word: "read" | "write" | "print",
        items,
        ..
    } = &mut stmt.kind
    {
        *items = std::mem::take(items)
            .into_iter()
            .flat_map(|item| match listed(item, scope) {
                Expr::Array(items) => items,
                other => vec![other],
            })
            .collect();
    }
    stmt
}

/// An item of such a list.
fn listed(expr: Expr, scope: &mut Scope) -> Expr {
    if let Expr::Implied(items, variable, bounds) = expr {
        let items = items
            .into_iter()
            .flat_map(|item| match listed(item, scope) {
                Expr::Array(items) => items,
                other => vec![other],
            });
        return Expr::Implied(items.collect(), variable, bounds);
    }
    // A whole array is FORTRAN 77, unless its size is known at run time only.
    let whole = matches!(&expr, Expr::Name(name) if !scope.is_pointer(name));
    let constructor = matches!(expr, Expr::Array(_));
    if whole || constructor || rank_of(&expr, &scope.table) == 0 {
        return expr;
    }
    let Some(spans) = spans(&expr, scope) else {
        return expr;
    };
    let mut inner = element(&expr, &spans, &scope.table);
    for span in &spans {
        inner = Expr::Implied(vec![inner], span.variable.clone(), span.bounds());
    }
    inner
}
