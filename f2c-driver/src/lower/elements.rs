//! Array expressions, element by element: the loops over them, and what stands in the innermost.

use super::Scope;
use crate::data_type::Type;
use crate::dim::Upper;
use crate::expr::{Arg, Expr, parse};
use crate::intrinsics::{self, Shape};
use crate::source::{Count, Kind, Loc, Stmt};
use crate::symbols::Table;
use crate::types::rank_of;

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
    fn head(&self, at: Loc) -> Stmt {
        let count = Some(Count {
            variable: self.variable.clone(),
            bounds: self.bounds(),
        });
        Stmt::tree(Kind::Do { label: None, count }, at)
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
pub(super) fn extents(expr: &Expr, table: &Table) -> Option<Vec<(Expr, Expr, Option<Expr>)>> {
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

/// A statement for each element, or for those that the mask holds for.
pub(super) fn guarded(stmt: Stmt, mask: Option<&Expr>, spans: &[Span], scope: &Scope) -> Stmt {
    let at = stmt.at;
    match mask {
        Some(mask) => {
            let mask = element(mask, spans, &scope.table);
            Stmt::tree(Kind::LogicalIf(mask, Box::new(stmt)), at)
        }
        None => stmt,
    }
}

/// Puts loops around statements.
pub(super) fn loop_around(spans: &[Span], inside: Vec<Stmt>, at: Loc, out: &mut Vec<Stmt>) {
    for span in spans.iter().rev() {
        out.push(span.head(at));
    }
    out.extend(inside);
    for _ in spans {
        out.push(Stmt::tree(Kind::EndDo, at));
    }
}
