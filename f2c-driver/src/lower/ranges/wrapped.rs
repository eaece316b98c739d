//! `-fno-range-check`: an INTEGER constant out of its kind's range becomes the one that it wraps to,
//! or what it is exactly where it is converted.

use super::specification::groups;
use super::{Constant, Int, Ranges, fits, rounded};
use crate::consts::{self, Value};
use crate::data_type::{Class, Type, widest};
use crate::error::Lowered;
use crate::expr::{Expr, parse};
use crate::lists::{inside, split_at, split_commas};
use crate::lower::Scope;
use crate::lower::exprs::map_exprs;
use crate::source::{Kind, Stmt, Tok, Token, join, lex_fragment};
use crate::symbols::Table;
use crate::types::type_of;

/// Replaces them in a whole unit.
pub(in crate::lower) fn wrap(scope: &mut Scope) -> Lowered {
    if scope.options.range_check {
        return Ok(());
    }
    let table = scope.table.clone();
    let mut ranges = Ranges::new(&table, scope.options, scope.unit.at());
    for stmt in &mut scope.unit.spec {
        ranges.at = stmt.at;
        match stmt.kind {
            Kind::Spec("data") => ranges.wrap_data(stmt)?,
            Kind::Spec("parameter") => {
                let parts = split_commas(inside(&stmt.tokens)).into_iter();
                let parts = parts.map(|part| ranges.wrap_value(part));
                let text = parts.collect::<Lowered<Vec<String>>>()?.join(", ");
                stmt.tokens = lex_fragment(&format!("({text})"), stmt.at);
            }
            Kind::Type(_) => {
                let parts = split_commas(&stmt.tokens).into_iter();
                let parts = parts.map(|part| ranges.wrap_value(part));
                let text = parts.collect::<Lowered<Vec<String>>>()?.join(", ");
                stmt.tokens = lex_fragment(&text, stmt.at);
            }
            _ => {}
        }
    }
    for stmt in &mut scope.unit.body {
        ranges.at = stmt.at;
        ranges.wrap_assignment(stmt)?;
        map_exprs(stmt, &mut |expr, _| ranges.wrapped(expr, None))?;
    }
    Ok(())
}

/// An integer as a constant of some type; none for a type that is no number's.
fn text(value: i128, ty: Type, table: &Table) -> Option<String> {
    let bytes = u8::try_from(table.size(ty)).ok()?;
    match ty.class {
        Class::Integer => {
            let unused = 128 - 8 * u32::from(bytes);
            let value = (value << unused) >> unused;
            let suffix = match bytes == table.integer {
                true => String::new(),
                false => format!("_{bytes}"),
            };
            Some(match value {
                0.. => format!("{value}{suffix}"),
                _ if fits(-value, bytes) => format!("(-{}{suffix})", -value),
                _ => format!("(-{}{suffix}-1{suffix})", -(value + 1)),
            })
        }
        Class::Real | Class::Complex => {
            let bytes = ty.bytes;
            let value = rounded(value as f64, bytes);
            Some(consts::text(&Value::Real(value, bytes)))
        }
        Class::Logical | Class::Character => None,
    }
}

impl Ranges<'_> {
    fn wrap_assignment(&mut self, stmt: &mut Stmt) -> Lowered {
        match &mut stmt.kind {
            Kind::LogicalIf(_, inner) => self.wrap_assignment(inner),
            Kind::Assignment { target, value } => {
                let ty = type_of(target, self.table);
                let own = std::mem::replace(value, Expr::Array(Vec::new()));
                *value = self.wrapped(own, ty)?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// An expression whose value is converted to a type, if to any.
    fn wrapped(&mut self, expr: Expr, to: Option<Type>) -> Lowered<Expr> {
        let own = type_of(&expr, self.table);
        if let Some(Constant {
            number: Int(value),
            bytes,
            ..
        }) = self.value(&expr)?
        {
            let ty = to
                .or(own)
                .filter(|_| !fits(value, bytes) || self.has_wide_literal(&expr));
            let text = ty.and_then(|ty| text(value, ty, self.table));
            let parsed = text.and_then(|text| parse(&lex_fragment(&text, self.at)));
            return Ok(parsed.unwrap_or(expr));
        }
        match expr {
            Expr::Binary(op, a, b) => {
                let (x, y) = (type_of(&a, self.table), type_of(&b, self.table));
                let common = x.zip(y).map(|(x, y)| widest(x, y));
                // The power of an INTEGER has a kind of its own.
                let right = if op == "**" { y } else { common };
                let a = Box::new(self.wrapped(*a, common)?);
                let b = Box::new(self.wrapped(*b, right)?);
                Ok(Expr::Binary(op, a, b))
            }
            Expr::Paren(inner) => Ok(Expr::Paren(Box::new(self.wrapped(*inner, to)?))),
            other => other.try_map_parts(&mut |part| self.wrapped(part, None)),
        }
    }

    /// Whether a part of a constant is out of its kind's range, as in -2147483648, which is not.
    fn has_wide_literal(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.walk(&mut |part| {
            if let Expr::Lit(token) = part
                && let Some(Constant {
                    number: Int(value),
                    bytes,
                    ..
                }) = self.literal(token)
            {
                found |= !fits(value, bytes);
            }
        });
        found
    }

    /// `name = value`, as text.
    fn wrap_value(&mut self, part: &[Token]) -> Lowered<String> {
        let sides = split_at(part, "=");
        let value = sides.last().copied().and_then(parse);
        let (true, Some(value)) = (sides.len() == 2, value) else {
            return Ok(join(part));
        };
        let mut names = sides[0].iter().filter(|token| token.kind == Tok::Name);
        let ty = names
            .next_back()
            .and_then(|name| self.table.type_of(&name.text));
        let value = self.wrapped(value, ty)?;
        Ok(format!("{} = {}", join(sides[0]), value.text()))
    }

    /// Values of DATA, where all names are of one type.
    fn wrap_data(&mut self, stmt: &mut Stmt) -> Lowered {
        let mut texts = Vec::new();
        for (names, values) in groups(&stmt.tokens) {
            let mut types = split_commas(names)
                .into_iter()
                .map(|name| self.table.type_of(&name.first()?.text));
            let first = types.next().flatten();
            let ty = first.filter(|_| types.all(|ty| ty == first));
            let mut out = Vec::new();
            for value in split_commas(values) {
                let parts = split_at(value, "*");
                let last = parts.last().copied().unwrap_or_default();
                let mut shown = join(last);
                if let Some(expr) = parse(last)
                    && let Some(Constant {
                        number: Int(number),
                        bytes,
                        ..
                    }) = self.value(&expr)?
                    && !fits(number, bytes)
                {
                    let ty = ty.filter(|ty| ty.class != Class::Complex);
                    let Some(text) = ty.and_then(|ty| text(number, ty, self.table)) else {
                        return self.refuse(&expr, "a constant too big for its kind");
                    };
                    shown = text.replace(['(', ')'], "");
                }
                let count = parts.get(..parts.len() - 1).unwrap_or(&[]);
                let count = count.iter().map(|count| join(count) + "*");
                out.push(count.chain([shown]).collect::<String>());
            }
            texts.push(format!("{} / {} /", join(names), out.join(", ")));
        }
        stmt.tokens = lex_fragment(&texts.join(", "), stmt.at);
        Ok(())
    }
}
