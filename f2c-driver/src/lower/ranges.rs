//! Constant expressions, computed as gfortran computes them: exactly, and refused where a result does
//! not fit its kind. f2c would take each for something.

mod arguments;
mod functions;
mod specification;
mod wrapped;

pub(super) use specification::groups;
pub(super) use wrapped::wrap;

use std::collections::BTreeMap;

use super::Scope;
use super::exprs::each_expression;
use crate::consts;
use crate::data_type::{Class, Type};
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr, parse};
use crate::options::Options;
use crate::source::{Kind, Loc, Stmt, Tok, Token};
use crate::symbols::Table;
use crate::types::type_of;

/// A constant number and the bytes of its kind.
#[derive(Clone, Copy, Debug)]
struct Constant {
    number: Number,
    bytes: u8,
    /// Computed after its statement was read, as with parentheses or a function: gfortran says
    /// nothing of a sum or product out of range before that, and goes on with the exact number.
    late: bool,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Int(i128),
    Real(f64),
}

use Number::{Int, Real};

/// The largest integer of a kind.
pub(super) fn most(bytes: u8) -> i128 {
    (1 << (8 * u32::from(bytes.clamp(1, 8)) - 1)) - 1
}

/// Whether an integer is one of a kind.
fn fits(value: i128, bytes: u8) -> bool {
    (-most(bytes) - 1..=most(bytes)).contains(&value)
}

/// A number as its kind has it.
fn rounded(value: f64, bytes: u8) -> f64 {
    match bytes {
        4 => f64::from(value as f32),
        _ => value,
    }
}

const OVERFLOW: &str = "the result is too big for its kind";
const CONVERSION: &str = "a constant too big for the kind it is converted to";

/// What is known at a statement.
struct Ranges<'t> {
    table: &'t Table,
    /// Results that are too big are no mistakes: `-fno-range-check`.
    unchecked: bool,
    /// PARAMETERs that were computed before; none while one is.
    known: BTreeMap<String, Option<Constant>>,
    /// In the value of a PARAMETER.
    initial: bool,
    /// In a list of tokens that may look like a complex constant, as that of DEALLOCATE.
    list: bool,
    at: Loc,
}

impl<'t> Ranges<'t> {
    fn new(table: &'t Table, options: &Options, at: Loc) -> Self {
        Self {
            table,
            unchecked: !options.range_check,
            known: BTreeMap::new(),
            initial: false,
            list: false,
            at,
        }
    }
}

/// Refuses it in a whole unit.
pub(super) fn check(scope: &Scope) -> Lowered {
    let mut ranges = Ranges::new(&scope.table, scope.options, scope.unit.at());
    for stmt in &scope.unit.spec {
        ranges.specification(stmt)?;
    }
    for stmt in &scope.unit.body {
        ranges.at = stmt.at;
        ranges.list = matches!(stmt.action().kind, Kind::Allocate | Kind::Deallocate);
        let mut found = Ok(());
        each_expression(stmt, &mut |expr| {
            if found.is_ok() {
                found = ranges.value(expr).map(drop);
            }
        });
        found?;
        ranges.assignment(stmt.action())?;
        ranges.called_arguments(stmt.action())?;
    }
    Ok(())
}

impl Ranges<'_> {
    fn refuse<T>(&self, expr: &Expr, message: &str) -> Lowered<T> {
        let mut at = None;
        expr.walk(&mut |part| {
            if let Expr::Lit(token) = part {
                at.get_or_insert(token.at);
            }
        });
        let at = at.filter(|at| *at != Loc::default()).unwrap_or(self.at);
        let construct = format!("'{}'", expr.text());
        let remedy = match message {
            OVERFLOW | CONVERSION => "use a wider kind, or -fno-range-check",
            _ => "",
        };
        Err(Refusal::new(at, construct, message, remedy))
    }

    fn assignment(&mut self, stmt: &Stmt) -> Lowered {
        match &stmt.kind {
            Kind::Assignment { target, value } => match type_of(target, self.table) {
                Some(ty) => self.conversion(value, ty),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Whether a constant may be made one of another type.
    fn conversion(&mut self, expr: &Expr, to: Type) -> Lowered {
        if self.unchecked {
            return Ok(());
        }
        if let Expr::Complex(a, b) = expr {
            let part = Type {
                class: Class::Real,
                ..to
            };
            if to.class == Class::Complex {
                self.conversion(a, part)?;
                self.conversion(b, part)?;
            }
            return Ok(());
        }
        let Some(constant) = self.value(expr)? else {
            return Ok(());
        };
        let bytes = u8::try_from(self.table.size(Type {
            class: match to.class {
                Class::Complex => Class::Real,
                class => class,
            },
            ..to
        }))
        .unwrap_or(8);
        let right = match (constant.number, to.class) {
            (Int(value), Class::Integer) => bytes == constant.bytes || fits(value, bytes),
            (Real(value), Class::Integer) => {
                value.is_finite() && fits(value.trunc() as i128, bytes)
            }
            (Real(value), Class::Real | Class::Complex) => {
                bytes == constant.bytes || rounded(value, bytes).is_finite()
            }
            _ => true,
        };
        match right {
            true => Ok(()),
            false => self.refuse(expr, CONVERSION),
        }
    }

    /// The value of a numeric constant expression; nothing for any other, whose parts are looked at.
    fn value(&mut self, expr: &Expr) -> Lowered<Option<Constant>> {
        match expr {
            Expr::Lit(token) => Ok(self.literal(token)),
            Expr::Name(name) => self.parameter(name),
            Expr::Paren(inner) => {
                let value = self.value(inner)?;
                Ok(value.map(|value| Constant {
                    late: true,
                    ..value
                }))
            }
            Expr::Unary(op, inner) => {
                let value = self.value(inner)?;
                match (op.as_str(), value) {
                    ("-", Some(value)) => {
                        let number = match value.number {
                            Int(value) => Int(-value),
                            Real(value) => Real(-value),
                        };
                        self.result(expr, Constant { number, ..value }).map(Some)
                    }
                    ("+", value) => Ok(value),
                    _ => Ok(None),
                }
            }
            Expr::Binary(op, a, b) => {
                let (left, right) = (self.value(a)?, self.value(b)?);
                match (left, right) {
                    (Some(a), Some(b)) => self.binary(expr, op, a, b),
                    _ => Ok(None),
                }
            }
            Expr::Complex(a, b) => {
                for part in [a, b] {
                    self.value(part)?;
                    if !self.list && !self.part(part) {
                        let message = "a part of a complex constant that is no constant itself";
                        return self.refuse(expr, message);
                    }
                }
                Ok(None)
            }
            Expr::Ref(name, args) => {
                let values = self.arguments(args)?;
                self.substring(expr, name, args)?;
                self.function_arguments(expr, name, args)?;
                self.function(expr, name, args, &values)
            }
            Expr::Substring(base, args) => {
                self.value(base)?;
                self.arguments(args).map(|_| None)
            }
            Expr::Array(items) => self.all(items),
            Expr::Implied(items, variable, bounds) => {
                if self.table.rank(variable) > 0 {
                    return self.refuse(expr, "an array that counts");
                }
                self.all(items)?;
                self.all(bounds)
            }
        }
    }

    /// Whether a part of a complex constant is a number or a name of one.
    fn part(&self, part: &Expr) -> bool {
        match part {
            Expr::Lit(_) => true,
            Expr::Unary(_, number) => matches!(**number, Expr::Lit(_)),
            Expr::Name(name) => {
                let symbol = self.table.get(name);
                symbol.is_some_and(|symbol| symbol.parameter.is_some())
            }
            _ => false,
        }
    }

    fn all(&mut self, exprs: &[Expr]) -> Lowered<Option<Constant>> {
        exprs
            .iter()
            .try_for_each(|expr| self.value(expr).map(drop))?;
        Ok(None)
    }

    fn arguments(&mut self, args: &[Arg]) -> Lowered<Vec<Option<Constant>>> {
        let value = |arg: &Arg| match arg {
            Arg::Expr(expr) | Arg::Keyword(_, expr) => self.value(expr),
            Arg::Range(low, high, step) => {
                for part in [low, high, step].into_iter().flatten() {
                    self.value(part)?;
                }
                Ok(None)
            }
            Arg::Label(_) => Ok(None),
        };
        args.iter().map(value).collect()
    }

    fn literal(&self, token: &Token) -> Option<Constant> {
        let (digits, suffix) = token.text.split_once('_').unwrap_or((&token.text, ""));
        let kind = match suffix {
            "" => None,
            suffix => Some(u8::try_from(consts::suffix_kind(suffix, self.table)?).ok()?),
        };
        let (number, bytes) = match token.kind {
            Tok::Int => (
                Int(digits.parse().ok()?),
                kind.unwrap_or(self.table.integer),
            ),
            Tok::Real => {
                let double = digits.contains(['d', 'q']);
                let bytes = kind.unwrap_or(if double { 8 } else { self.table.real });
                let value: f64 = digits.replace(['d', 'q'], "e").parse().ok()?;
                (Real(rounded(value, bytes)), bytes)
            }
            _ => return None,
        };
        Some(Constant {
            number,
            bytes,
            late: false,
        })
    }

    fn parameter(&mut self, name: &str) -> Lowered<Option<Constant>> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        let table = self.table;
        let symbol = table.get(name).filter(|symbol| symbol.dims.is_empty());
        let value = symbol.and_then(|symbol| parse(symbol.parameter.as_ref()?));
        let (Some(value), Some(ty)) = (value, table.type_of(name)) else {
            return Ok(None);
        };
        // One that is defined by itself has no value.
        self.known.insert(name.to_owned(), None);
        let bytes = u8::try_from(table.size(ty)).unwrap_or(8);
        let within = std::mem::replace(&mut self.initial, true);
        let value = self.value(&value);
        self.initial = within;
        let number = value?.and_then(|value| match (value.number, ty.class) {
            (Int(value), Class::Integer) => Some(Int(value)),
            (Real(value), Class::Integer) => Some(Int(value.trunc() as i128)),
            (Int(value), Class::Real) => Some(Real(rounded(value as f64, bytes))),
            (Real(value), Class::Real) => Some(Real(rounded(value, bytes))),
            _ => None,
        });
        let constant = number.map(|number| Constant {
            number,
            bytes,
            late: false,
        });
        self.known.insert(name.to_owned(), constant);
        Ok(constant)
    }

    /// The result of an operation, if it is one of its kind.
    fn result(&self, expr: &Expr, value: Constant) -> Lowered<Constant> {
        let right = match value.number {
            _ if self.unchecked => true,
            Int(number) => !value.late || fits(number, value.bytes),
            Real(number) if number.is_nan() => false,
            Real(number) => !value.late || number.is_finite(),
        };
        match right {
            true => Ok(value),
            false => self.refuse(expr, OVERFLOW),
        }
    }

    fn binary(&self, expr: &Expr, op: &str, a: Constant, b: Constant) -> Lowered<Option<Constant>> {
        let late = a.late || b.late;
        let zero = matches!(b.number, Int(0)) || matches!(b.number, Real(x) if x == 0.0);
        let integers = matches!((a.number, b.number), (Int(_), Int(_)));
        if op == "/" && zero && (integers || !self.unchecked) {
            return self.refuse(expr, "division by zero");
        }
        let (number, bytes) = match (a.number, b.number) {
            (Int(x), Int(y)) => {
                let bytes = a.bytes.max(b.bytes);
                let number = match op {
                    "+" => x.checked_add(y),
                    "-" => x.checked_sub(y),
                    "*" => x.checked_mul(y),
                    "/" => x.checked_div(y),
                    "**" => return self.power(expr, x, y, bytes, late).map(Some),
                    _ => return Ok(None),
                };
                match number {
                    Some(number) => (Int(number), bytes),
                    None => return self.refuse(expr, OVERFLOW),
                }
            }
            (x, y) => {
                let bytes = match (x, y) {
                    (Real(_), Real(_)) => a.bytes.max(b.bytes),
                    (Real(_), Int(_)) => a.bytes,
                    _ => b.bytes,
                };
                let float = |number| match number {
                    Int(value) => rounded(value as f64, bytes),
                    Real(value) => value,
                };
                let (x, y) = (float(x), float(y));
                let number = match op {
                    "+" => x + y,
                    "-" => x - y,
                    "*" => x * y,
                    "/" => x / y,
                    "**" if x == 0.0 && y < 0.0 && !self.unchecked => {
                        return self.refuse(expr, "division by zero");
                    }
                    "**" if x < 0.0 && matches!(b.number, Real(_)) => {
                        return self.refuse(expr, "a negative number to the power of a REAL");
                    }
                    "**" => x.powf(y),
                    _ => return Ok(None),
                };
                (Real(rounded(number, bytes)), bytes)
            }
        };
        let value = Constant {
            number,
            bytes,
            late,
        };
        self.result(expr, value).map(Some)
    }

    /// A power of integers, of which gfortran says at once when it is too big.
    fn power(&self, expr: &Expr, x: i128, y: i128, bytes: u8, late: bool) -> Lowered<Constant> {
        let number = match (x, y) {
            (0, ..0) => return self.refuse(expr, "division by zero"),
            (1, _) => Some(1),
            (-1, y) => Some(if y % 2 == 0 { 1 } else { -1 }),
            (_, ..0) => Some(0),
            _ => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        };
        match number {
            Some(number) if self.unchecked || fits(number, bytes) => Ok(Constant {
                number: Int(number),
                bytes,
                late,
            }),
            _ => self.refuse(expr, OVERFLOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn kinds_have_their_numbers() {
        for (value, bytes, right) in [
            (127, 1, true),
            (128, 1, false),
            (-128, 1, true),
            (-129, 1, false),
            (40_000, 2, false),
            (i128::from(i32::MAX), 4, true),
            (i128::from(i32::MAX) + 1, 4, false),
            (i128::from(i64::MIN), 8, true),
            (i128::from(i64::MIN) - 1, 8, false),
        ] {
            assert_eq!(fits(value, bytes), right, "{value} in {bytes}");
        }
    }
}
