//! Array assignments become DO loops; sections as arguments become their first element.

use super::Scope;
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse, split_at, split_commas};
use crate::intrinsics::{self, Shape};
use crate::source::{Kind, Loc, Stmt, Token, join, lex_fragment};
use crate::symbols::{Class, Table, Type, Upper};
use crate::types::{intrinsic, rank_of, type_of};

/// One loop over a dimension of a section.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub variable: String,
    low: Expr,
    high: Expr,
    step: Option<Expr>,
}

impl Span {
    /// The loop of an implied DO: low, high and step.
    pub fn over(variable: String, bounds: &[Expr]) -> Self {
        let part = |place: usize| bounds.get(place).cloned();
        Self {
            variable,
            low: part(0).unwrap_or_else(|| Expr::int(1)),
            high: part(1).unwrap_or_else(|| Expr::int(0)),
            step: part(2),
        }
    }

    /// The DO statement.
    pub fn head(&self) -> String {
        let step = self
            .step
            .as_ref()
            .map(|step| format!(", {}", step.text()))
            .unwrap_or_default();
        format!(
            "do {} = {}, {}{step}",
            self.variable,
            self.low.text(),
            self.high.text()
        )
    }

    /// `low:high`, to declare a dimension with; only constants can be.
    pub fn declared(&self) -> Option<String> {
        let (low, high) = (self.low.as_int()?, self.high.as_int()?);
        self.step.is_none().then(|| format!("{low}:{high}"))
    }

    /// `low, high, step`, for an implied DO.
    pub fn bounds(&self) -> Vec<Expr> {
        [Some(&self.low), Some(&self.high), self.step.as_ref()]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// The index of this section in step with the loop over another.
    fn index_from(&self, other: &Self) -> Expr {
        other.index(&self.low, self.step.as_ref()).wrapped()
    }

    /// The index of another section, with its own start and step, in step with this loop.
    fn index(&self, low: &Expr, step: Option<&Expr>) -> Expr {
        let variable = Expr::Name(self.variable.clone());
        if *low == self.low && step == self.step.as_ref() {
            return variable;
        }
        if step.is_none() && self.step.is_none() {
            if let (Some(a), Some(b)) = (low.as_int(), self.low.as_int()) {
                return variable.with("+", Expr::int(a - b));
            }
            return low.clone().with("+", variable.with("-", self.low.clone()));
        }
        let count = variable.with("-", self.low.clone());
        let count = match &self.step {
            Some(own) => count.with("/", own.clone()),
            None => count,
        };
        let one = Expr::int(1);
        low.clone()
            .with("+", count.with("*", step.unwrap_or(&one).clone()))
    }

    /// The number of turns, or less than 1 for none.
    pub fn extent(&self) -> Expr {
        let span = self.high.clone().with("-", self.low.clone());
        match (&self.step, self.low.as_int(), self.high.as_int()) {
            (None, Some(low), Some(high)) => Expr::int(high - low + 1),
            (None, Some(1), _) => self.high.clone(),
            (None, ..) => span.with("+", Expr::int(1)),
            (Some(step), ..) => span.with("+", step.clone()).with("/", step.clone()),
        }
    }

    /// The position in the section, from 1.
    pub fn position(&self) -> Expr {
        self.index(&Expr::int(1), None)
    }
}

/// Bounds of a dimension of a declared array.
fn bounds(table: &Table, name: &str, dim: usize) -> (Expr, Option<Expr>) {
    let dim = table.get(name).and_then(|symbol| symbol.dims.get(dim));
    let low = dim
        .and_then(|dim| dim.lower.as_ref())
        .and_then(|tokens| parse(tokens));
    let high = dim.and_then(|dim| match &dim.upper {
        Upper::Given(tokens) => parse(tokens),
        _ => None,
    });
    (low.unwrap_or_else(|| Expr::int(1)), high)
}

/// Low, high and step of each dimension of an array expression's first array part.
fn extents(expr: &Expr, table: &Table) -> Option<Vec<(Expr, Expr, Option<Expr>)>> {
    match expr {
        Expr::Name(name) => (0..table.rank(name))
            .map(|dim| {
                let (low, high) = bounds(table, name, dim);
                Some((low, high?, None))
            })
            .collect(),
        Expr::Ref(name, args) if table.rank(name) > 0 => args
            .iter()
            .enumerate()
            .filter_map(|(dim, arg)| match arg {
                Arg::Range(low, high, step) => {
                    let (first, last) = bounds(table, name, dim);
                    let low = low.clone().unwrap_or(first);
                    let high = high.clone().or(last);
                    Some(high.map(|high| (low, high, step.clone())))
                }
                Arg::Expr(index) if rank_of(index, table) > 0 => {
                    Some(extents(index, table).and_then(|mut list| list.pop()))
                }
                _ => None,
            })
            .collect(),
        Expr::Ref(_, args) => args.iter().find_map(|arg| match arg {
            Arg::Expr(expr) if rank_of(expr, table) > 0 => extents(expr, table),
            _ => None,
        }),
        Expr::Unary(_, inner) | Expr::Paren(inner) | Expr::Substring(inner, _) => {
            extents(inner, table)
        }
        Expr::Binary(_, a, b) | Expr::Complex(a, b) => [a, b]
            .into_iter()
            .find(|e| rank_of(e, table) > 0)
            .and_then(|e| extents(e, table)),
        _ => None,
    }
}

/// The number of elements of an array, as text.
pub(super) fn count(expr: &Expr, table: &Table) -> Option<String> {
    let extents = extents(expr, table)?.into_iter().map(|(low, high, step)| {
        let span = Span {
            variable: String::new(),
            low,
            high,
            step,
        };
        format!("max({},0)", span.extent().text())
    });
    Some(extents.collect::<Vec<_>>().join("*"))
}

/// Loops over an array expression, the first dimension first.
pub(super) fn spans(expr: &Expr, scope: &mut Scope) -> Option<Vec<Span>> {
    let list = extents(expr, &scope.table)?;
    let spans = list.into_iter().map(|(low, high, step)| {
        let variable = scope.fresh_variable("loop", Type::INTEGER);
        Span {
            variable,
            low,
            high,
            step,
        }
    });
    Some(spans.collect())
}

/// The element of an array expression that the loops are at.
pub(super) fn element(expr: &Expr, spans: &[Span], table: &Table) -> Expr {
    let inner = |expr: &Expr| Box::new(element(expr, spans, table));
    match expr {
        Expr::Name(name) if table.rank(name) > 0 => {
            let index = |(dim, span): (usize, &Span)| {
                Arg::Expr(span.index(&bounds(table, name, dim).0, None))
            };
            Expr::Ref(name.clone(), spans.iter().enumerate().map(index).collect())
        }
        Expr::Ref(name, args) if table.rank(name) > 0 => {
            let mut next = spans.iter();
            let args = args.iter().enumerate().map(|(dim, arg)| match arg {
                Arg::Range(low, _, step) => {
                    let low = low.clone().unwrap_or_else(|| bounds(table, name, dim).0);
                    match next.next() {
                        Some(span) => Arg::Expr(span.index(&low, step.as_ref())),
                        None => arg.clone(),
                    }
                }
                Arg::Expr(index) if rank_of(index, table) > 0 => match next.next() {
                    Some(span) => Arg::Expr(element(index, std::slice::from_ref(span), table)),
                    None => arg.clone(),
                },
                other => other.clone(),
            });
            Expr::Ref(name.clone(), args.collect())
        }
        Expr::Ref(name, args) if elemental(name, table) => {
            let args = args.iter().map(|arg| match arg {
                Arg::Expr(expr) => Arg::Expr(element(expr, spans, table)),
                other => other.clone(),
            });
            Expr::Ref(name.clone(), args.collect())
        }
        Expr::Unary(op, a) => Expr::Unary(op.clone(), inner(a)),
        Expr::Binary(op, a, b) => Expr::Binary(op.clone(), inner(a), inner(b)),
        Expr::Paren(a) => Expr::Paren(inner(a)),
        Expr::Complex(a, b) => Expr::Complex(inner(a), inner(b)),
        Expr::Substring(base, range) => Expr::Substring(inner(base), range.clone()),
        other => other.clone(),
    }
}

/// The element of `expr` where `loops` are, the first of which stands for a loop over `first`.
pub(super) fn element_at(expr: &Expr, loops: &[Span], first: &Span, table: &Table) -> Expr {
    let Some((leading, rest)) = loops.split_first() else {
        return expr.clone();
    };
    let mut own = vec![first.clone()];
    own.extend(rest.iter().cloned());
    let place = first.index_from(leading);
    element(expr, &own, table).map(&mut |part| match part {
        Expr::Name(name) if name == first.variable => place.clone(),
        other => other,
    })
}

/// Whether the name is an intrinsic function that works element by element.
fn elemental(name: &str, table: &Table) -> bool {
    intrinsics::function(name, table).is_some_and(|row| row.shape == Shape::Elemental)
}

/// Puts loops around statements.
pub(super) fn loop_around(spans: &[Span], inside: Vec<Stmt>, at: Loc, out: &mut Vec<Stmt>) {
    for span in spans.iter().rev() {
        out.push(Stmt::parse(&span.head(), at));
    }
    out.extend(inside);
    for _ in spans {
        out.push(Stmt::new(Kind::EndDo, Vec::new(), at));
    }
}

/// Array assignments, sections in input and output lists.
pub(super) fn assignments(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, stmt, out| match stmt.kind {
        Kind::Assignment => assignment(scope, stmt, out),
        Kind::Action("read" | "write" | "print") => {
            out.push(transfer_list(scope, stmt));
            Ok(())
        }
        _ => {
            out.push(stmt);
            Ok(())
        }
    })
}

fn assignment(scope: &mut Scope, stmt: Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let parts = split_at(&stmt.tokens, "=");
    let [left, right] = parts.as_slice() else {
        out.push(stmt);
        return Ok(());
    };
    let Some(target) = parse(left).filter(|target| rank_of(target, &scope.table) > 0) else {
        out.push(stmt);
        return Ok(());
    };
    let at = stmt.at;
    let Some(value) = parse(right) else {
        let message = format!("'{}' is not understood", join(right));
        return scope.refuse(at, "array assignment", message, "write it as a loop");
    };
    if let Expr::Name(name) = &target
        && scope.is_allocatable(name)
        && rank_of(&value, &scope.table) > 0
    {
        fit(scope, name, &value, at, out)?;
    }
    if let Expr::Array(items) = &value {
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
    let Some(spans) = spans(&target, scope) else {
        let message = format!("the last dimension of '{name}' is not known here");
        return scope.refuse(
            at,
            "array assignment",
            message,
            "give the bounds of the section",
        );
    };
    let value = hoisted(value, name, scope, at, out)?;
    let left = element(&target, &spans, &scope.table);
    let element = element(&value, &spans, &scope.table);
    if overlaps(&element, &left, name, &spans) {
        let copy = super::transform::copied(scope, &value, at, out)?;
        let Some((copy, _)) = copy else {
            let message = format!("'{name}' is read and written at different places");
            return scope.refuse(at, "array assignment", message, "write it as a loop");
        };
        let text = format!(
            "{} = {}",
            left.text(),
            super::transform::copy_place(&copy, &spans)
        );
        loop_around(&spans, vec![Stmt::parse(&text, at)], at, out);
        out.push(super::temporary::release(&copy, at));
        return Ok(());
    }
    let text = format!("{} = {}", left.text(), element.text());
    loop_around(&spans, vec![Stmt::parse(&text, at)], at, out);
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
fn overlaps(value: &Expr, target: &Expr, name: &str, spans: &[Span]) -> bool {
    let ours = |name: &String| spans.iter().any(|span| span.variable == *name);
    let Expr::Ref(_, wanted) = target else {
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
            found |= other == name && !same_loops && !apart;
        }
    });
    found
}

/// Scalars on the right side that the assignment could change, and calls, are evaluated once
/// before the loops.
fn hoisted(
    value: Expr,
    target: &str,
    scope: &mut Scope,
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Expr> {
    let mut temporaries = Vec::new();
    let value = value.map(&mut |expr| {
        let Expr::Ref(name, _) = &expr else {
            return expr;
        };
        let scalar = rank_of(&expr, &scope.table) == 0;
        let call = scope.table.rank(name) == 0 && !intrinsic(name, &scope.table);
        if !scalar || !(name == target || call) {
            return expr;
        }
        let Some(ty) = type_of(&expr, &scope.table).filter(|ty| ty.class != Class::Character)
        else {
            return expr;
        };
        let temporary = scope.fresh_variable("hoist", ty);
        temporaries.push(Stmt::parse(&format!("{temporary} = {}", expr.text()), at));
        Expr::Name(temporary)
    });
    out.extend(temporaries);
    Ok(value)
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
    for (index, item) in (0..).zip(items) {
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
        out.push(Stmt::parse(
            &format!("{} = {}", place.text(), item.text()),
            at,
        ));
    }
    Ok(())
}

/// Sections in a list of READ, WRITE or PRINT become implied DOs, and array constructors their
/// items.
fn transfer_list(scope: &mut Scope, mut stmt: Stmt) -> Stmt {
    let start = match stmt.tokens.first() {
        Some(open) if open.op("(") => {
            crate::expr::closing(&stmt.tokens, 0).map_or(stmt.tokens.len(), |close| close + 1)
        }
        _ => match split_commas(&stmt.tokens).first() {
            Some(format) => (format.len() + 1).min(stmt.tokens.len()),
            None => 0,
        },
    };
    let at = stmt.at;
    let items: Vec<Vec<Token>> = split_commas(&stmt.tokens[start..])
        .into_iter()
        .map(|item| {
            let Some(expr) = parse(item) else {
                return item.to_vec();
            };
            if let Expr::Array(items) = &expr {
                let texts: Vec<String> = items.iter().map(Expr::text).collect();
                return lex_fragment(&texts.join(","), at);
            }
            // A whole array is FORTRAN 77, unless its size is known at run time only.
            let whole = matches!(&expr, Expr::Name(name) if !scope.is_pointer(name));
            if whole || rank_of(&expr, &scope.table) == 0 {
                return item.to_vec();
            }
            let Some(spans) = spans(&expr, scope) else {
                return item.to_vec();
            };
            let mut inner = element(&expr, &spans, &scope.table);
            for span in &spans {
                inner = Expr::Implied(vec![inner], span.variable.clone(), span.bounds());
            }
            lex_fragment(&inner.text(), at)
        })
        .collect();
    stmt.tokens.truncate(start);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            stmt.tokens
                .push(Token::new(crate::source::Tok::Op, ",", at));
        }
        stmt.tokens.extend(item);
    }
    stmt
}
