//! Functions of arrays: their values are computed before the statement, those that are arrays into
//! one of ours.

use super::Scope;
use super::elements::{Span, element, guarded, loop_around, spans};
use super::exprs::{Place, map_exprs};
use super::temporary::{around, release};
use crate::data_type::{Class, Type, widest};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, How, Shape};
use crate::source::{Loc, Stmt};
use crate::types::{rank_of, type_of};

/// SUM and its relations, MATMUL, TRANSPOSE, array constructors in expressions.
pub(super) fn functions(scope: &mut Scope) -> Lowered {
    around(scope, &mut |scope, stmt, before, after| {
        let at = stmt.at;
        map_exprs(stmt, &mut |expr, place| {
            let mut work = Work {
                scope: &mut *scope,
                at,
                before: &mut *before,
                after: &mut *after,
            };
            match (place, &expr) {
                (Place::Target, Expr::Ref(..) | Expr::Substring(..)) => {
                    expr.try_map_parts(&mut |part| match part {
                        Expr::Array(_) => Ok(part),
                        _ => work.value(part),
                    })
                }
                (Place::Target, _) => Ok(expr),
                _ => work.value(expr),
            }
        })
    })
}

pub(super) struct Work<'w, 'a> {
    pub scope: &'w mut Scope<'a>,
    pub at: Loc,
    pub before: &'w mut Vec<Stmt>,
    pub after: &'w mut Vec<Stmt>,
}

impl Work<'_, '_> {
    fn value(&mut self, expr: Expr) -> Lowered<Expr> {
        if let Expr::Implied(..) = expr {
            let start = self.before.len();
            let shown = expr.text();
            let mapped = expr.try_map_parts(&mut |part| self.value(part))?;
            if self.before.len() > start {
                let message = format!("an array function in the implied DO '{shown}'");
                return self
                    .scope
                    .refuse(self.at, "array function", message, "write a loop");
            }
            return Ok(mapped);
        }
        // Assignments and arguments take a list of values as it is.
        let lists = match &expr {
            Expr::Binary(..) | Expr::Unary(..) => true,
            Expr::Ref(name, _) => intrinsics::function(name, &self.scope.table).is_some(),
            _ => false,
        };
        // The shape and the order of RESHAPE are asked for their values.
        let reshape = matches!(&expr, Expr::Ref(name, _) if name == "reshape") && lists;
        let expr = expr.try_map_parts(&mut |part| match self.value(part)? {
            Expr::Array(items) if lists && !reshape => self.list(items),
            other => Ok(other),
        })?;
        let expr = match expr {
            Expr::Ref(name, mut args) if reshape => {
                for (index, arg) in args.iter_mut().enumerate() {
                    let data = match arg {
                        Arg::Keyword(word, _) => matches!(word.as_str(), "source" | "pad"),
                        _ => matches!(index, 0 | 2),
                    };
                    if let (true, Arg::Expr(value) | Arg::Keyword(_, value)) = (data, arg)
                        && let Expr::Array(items) = value
                    {
                        *value = self.list(items.clone())?;
                    }
                }
                Expr::Ref(name, args)
            }
            other => other,
        };
        if let Expr::Array(items) = &expr
            && items.iter().any(|item| matches!(item, Expr::Implied(..)))
        {
            let Expr::Array(items) = expr else {
                return Ok(expr);
            };
            return self.list(items);
        }
        let Expr::Ref(name, args) = &expr else {
            return Ok(expr);
        };
        let Some(row) = intrinsics::function(name, &self.scope.table) else {
            return Ok(expr);
        };
        if row.how == How::Reduction {
            return Ok(self.reduction(row, args)?.unwrap_or(expr));
        }
        if let ("shape", [Arg::Expr(array)]) = (row.name, args.as_slice())
            && let Some(loops) = spans(array, self.scope)
        {
            return Ok(Expr::Array(loops.iter().map(Span::extent).collect()));
        }
        if let (bound @ ("lbound" | "ubound"), [Arg::Expr(array @ Expr::Name(_))]) =
            (row.name, args.as_slice())
        {
            let rank = rank_of(array, &self.scope.table);
            let dims = (1..=i64::try_from(rank).unwrap_or(0)).map(|dim| {
                let args = vec![Arg::Expr(array.clone()), Arg::Expr(Expr::int(dim))];
                Expr::Ref(bound.to_owned(), args)
            });
            return Ok(Expr::Array(dims.collect()));
        }
        let whole = match (row.name, args.as_slice()) {
            ("matmul", [Arg::Expr(a), Arg::Expr(b)]) => self.product(a, b)?,
            ("transpose", [Arg::Expr(a)]) => self.transposed(a)?,
            _ if row.how == How::Rearrangement => self.rearranged(row, args)?,
            _ => None,
        };
        match whole {
            Some(name) => {
                self.after.push(release(&name, self.at));
                Ok(Expr::Name(name))
            }
            None if row.shape == Shape::Array
                && matches!(row.how, How::Refused(_) | How::Rearrangement) =>
            {
                let message = format!("f2c has no intrinsic function '{name}' of these arguments");
                self.scope
                    .refuse(self.at, "intrinsic", message, "write it as a loop")
            }
            None => Ok(expr),
        }
    }

    /// An array constructor as an array.
    fn list(&mut self, mut items: Vec<Expr>) -> Lowered<Expr> {
        let ty = items
            .first()
            .and_then(|item| type_of(item, &self.scope.table));
        let plain = items
            .iter()
            .all(|item| rank_of(item, &self.scope.table) == 0);
        let implied = items.iter().any(|item| matches!(item, Expr::Implied(..)));
        let refuse = |work: &Self, message: &str| {
            let remedy = "assign it to an array in a loop";
            work.scope
                .refuse(work.at, "array constructor", message, remedy)
        };
        let Some(ty) = ty.filter(|ty| ty.class != Class::Character) else {
            return refuse(self, "its type is not known");
        };
        if !implied {
            if !plain {
                return refuse(self, "an array among the values");
            }
            let name = self.scope.fresh_name("list");
            self.scope.declare(&name, ty, &format!("({})", items.len()));
            for (index, item) in (1..).zip(&items) {
                let line = self.line(format!("{name}({index}) = {}", item.text()));
                self.before.push(line);
            }
            return Ok(Expr::Name(name));
        }
        let (Some(Expr::Implied(values, variable, bounds)), true) = (items.pop(), items.is_empty())
        else {
            return refuse(self, "an implied DO among other values");
        };
        let simple = values.iter().all(|value| {
            rank_of(value, &self.scope.table) == 0 && !matches!(value, Expr::Implied(..))
        });
        if !simple || bounds.len() < 2 {
            return refuse(self, "an implied DO in an implied DO");
        }
        let own = self.scope.fresh_variable("each", Type::INTEGER);
        let span = Span::over(own.clone(), &bounds);
        let count = span.extent();
        let width = i64::try_from(values.len()).unwrap_or(1);
        let whole = match width {
            1 => count,
            _ => count.with("*", Expr::int(width)),
        };
        let name = self.temporary(ty, &[whole])?;
        self.after.push(release(&name, self.at));
        let mut inside = Vec::new();
        for (index, value) in (0..).zip(values) {
            let value = value.map(&mut |part| match part {
                Expr::Name(name) if name == variable => Expr::Name(own.clone()),
                other => other,
            });
            let place = span.position().with("-", Expr::int(1));
            let place = place
                .with("*", Expr::int(width))
                .with("+", Expr::int(index + 1));
            let place = Expr::Ref(name.clone(), vec![Arg::Expr(place)]);
            inside.push(Stmt::assign(place, value, self.at));
        }
        loop_around(&[span], inside, self.at, self.before);
        Ok(Expr::Name(name))
    }

    pub fn line(&self, text: String) -> Stmt {
        Stmt::parse(&text, self.at)
    }

    /// An array of ours with so many elements along its dimensions.
    pub fn temporary(&mut self, ty: Type, extents: &[Expr]) -> Lowered<String> {
        self.scope
            .temporary_array(ty, extents, self.at, self.before)
    }

    fn product(&mut self, a: &Expr, b: &Expr) -> Lowered<Option<String>> {
        let table = &self.scope.table;
        let types = (type_of(a, table), type_of(b, table));
        let (Some(ty), Some(other)) = types else {
            return Ok(None);
        };
        let ty = widest(ty, other);
        if matches!(ty.class, Class::Logical | Class::Character) {
            return Ok(None);
        }
        let (Some(left), Some(right)) = (spans(a, self.scope), spans(b, self.scope)) else {
            return Ok(None);
        };
        let (rows, inner) = left.split_at(left.len() - 1);
        let columns = &right[1..];
        let outer: Vec<Span> = rows.iter().chain(columns).cloned().collect();
        let extents: Vec<Expr> = outer.iter().map(Span::extent).collect();
        if extents.is_empty() {
            return Ok(None);
        }
        self.same_extent(&inner[0].extent(), &right[0].extent())?;
        let target = self.temporary(ty, &extents)?;
        let places: Vec<Arg> = outer
            .iter()
            .map(|span| Arg::Expr(span.position()))
            .collect();
        let place = Expr::Ref(target.clone(), places).text();
        let x = element(a, &left, &self.scope.table);
        // The inner loop of the left operand runs over the right one's first dimension too.
        let mut along = vec![inner[0].clone()];
        along.extend(columns.iter().cloned());
        let y = super::elements::element_at(b, &along, &right[0], &self.scope.table);
        let first = self.line(format!("{place} = 0"));
        let step = self.line(format!("{place} = {place}+{}", x.with("*", y).text()));
        loop_around(&outer, vec![first], self.at, self.before);
        let mut order = rows.to_vec();
        order.push(inner[0].clone());
        order.extend(columns.iter().cloned());
        loop_around(&order, vec![step], self.at, self.before);
        Ok(Some(target))
    }

    /// MATMUL of arrays that do not fit ends the program.
    fn same_extent(&mut self, wanted: &Expr, given: &Expr) -> Lowered {
        if wanted == given {
            return Ok(());
        }
        if let (Some(wanted), Some(given)) = (wanted.as_int(), given.as_int()) {
            let message = format!("MATMUL of {wanted} columns and {given} rows");
            return self
                .scope
                .refuse(self.at, "intrinsic", message, "pass arrays that fit");
        }
        let text = format!(
            "if (({}).ne.({})) call emshim_unfit({}, {})",
            wanted.text(),
            given.text(),
            given.text(),
            wanted.text()
        );
        let check = self.line(text);
        self.before.push(check);
        Ok(())
    }

    fn transposed(&mut self, a: &Expr) -> Lowered<Option<String>> {
        let Some(loops) = spans(a, self.scope).filter(|loops| loops.len() == 2) else {
            return Ok(None);
        };
        let Some(ty) = type_of(a, &self.scope.table).filter(|ty| ty.class != Class::Character)
        else {
            return Ok(None);
        };
        let extents = [loops[1].extent(), loops[0].extent()];
        let target = self.temporary(ty, &extents)?;
        let places = vec![
            Arg::Expr(loops[1].position()),
            Arg::Expr(loops[0].position()),
        ];
        let item = element(a, &loops, &self.scope.table);
        let copy = Stmt::assign(Expr::Ref(target.clone(), places), item, self.at);
        loop_around(&loops, vec![copy], self.at, self.before);
        Ok(Some(target))
    }
}

/// Copies an array expression into an array of ours in `out`; its name.
pub(super) fn copied(
    scope: &mut Scope,
    expr: &Expr,
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Option<(String, Vec<Span>)>> {
    copied_where(scope, expr, None, at, out)
}

/// The same for the elements that a mask holds for.
pub(super) fn copied_where(
    scope: &mut Scope,
    expr: &Expr,
    mask: Option<&Expr>,
    at: Loc,
    out: &mut Vec<Stmt>,
) -> Lowered<Option<(String, Vec<Span>)>> {
    let length = super::strings::constant_length(expr, scope);
    let length = length.and_then(|length| u64::try_from(length).ok());
    let known = |ty: &Type| ty.class != Class::Character || length.is_some();
    let ty = type_of(expr, &scope.table).filter(known);
    let (Some(ty), Some(loops)) = (ty, spans(expr, scope)) else {
        return Ok(None);
    };
    let extents: Vec<Expr> = loops.iter().map(Span::extent).collect();
    let name = match (ty.class, length) {
        (Class::Character, Some(length)) => {
            scope.temporary_characters(length.max(1), &extents, at, out)?
        }
        _ => scope.temporary_array(ty, &extents, at, out)?,
    };
    let item = element(expr, &loops, &scope.table);
    let place = copy_place(&name, &loops);
    let copy = guarded(Stmt::assign(place, item, at), mask, &loops, scope);
    loop_around(&loops, vec![copy], at, out);
    Ok(Some((name, loops)))
}

/// The element of a copy that the loops are at.
pub(super) fn copy_place(name: &str, loops: &[Span]) -> Expr {
    let places: Vec<Arg> = loops
        .iter()
        .map(|span| Arg::Expr(span.position()))
        .collect();
    Expr::Ref(name.to_owned(), places)
}
