//! What gfortran refuses of intrinsic functions with constant arguments, and the values of some.

use super::{Constant, Int, Number, Ranges, Real, rounded};
use crate::consts::{self, Value};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics;
use crate::types::type_of;

/// The specific names of a function.
type Names = &'static [&'static str];
/// What functions make of a REAL.
type Functions = &'static [(Names, fn(f64) -> f64)];

type Domain = (Names, fn(f64) -> bool, &'static str);

/// Numbers that are no arguments of a function, and what they would be.
const DOMAINS: &[Domain] = &[
    (
        &["sqrt", "dsqrt"],
        |x| x < 0.0,
        "the square root of a negative number",
    ),
    (
        &["log", "alog", "dlog", "log10", "alog10", "dlog10"],
        |x| x <= 0.0,
        "the logarithm of a number that is not positive",
    ),
    (
        &["acos", "dacos", "asin", "dasin"],
        |x| x.abs() > 1.0,
        "an argument that is not between -1 and 1",
    ),
    (
        &["gamma", "dgamma", "log_gamma", "algama", "dlgama"],
        |x| x <= 0.0 && x.fract() == 0.0,
        "a pole of the function",
    ),
];

/// Functions of a REAL.
const REALS: Functions = &[
    (&["exp", "dexp"], f64::exp),
    (&["sinh", "dsinh"], f64::sinh),
    (&["cosh", "dcosh"], f64::cosh),
    (&["sin", "dsin"], f64::sin),
    (&["cos", "dcos"], f64::cos),
    (&["tan", "dtan"], f64::tan),
    (&["atan", "datan"], f64::atan),
    (&["sqrt", "dsqrt"], f64::sqrt),
    (&["log", "alog", "dlog"], f64::ln),
    (&["log10", "alog10", "dlog10"], f64::log10),
    (&["gamma", "dgamma"], gamma),
];

/// Functions that make an INTEGER of a REAL.
const INTEGERS: Functions = &[
    (&["int", "ifix", "idint"], f64::trunc),
    (&["nint", "idnint"], f64::round),
    (&["ceiling"], f64::ceil),
    (&["floor"], f64::floor),
];

/// Near enough to say whether it fits its kind.
fn gamma(x: f64) -> f64 {
    if x < 20.0 {
        // Nothing that is far from a pole is large there.
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // Stirling's series; its next term is below 1e-9.
    (2.0 * std::f64::consts::PI / x).sqrt()
        * (x / std::f64::consts::E).powf(x)
        * (1.0 + 1.0 / (12.0 * x))
}

fn row(table: Functions, name: &str) -> Option<fn(f64) -> f64> {
    let row = table.iter().find(|(names, _)| names.contains(&name));
    row.map(|(_, function)| *function)
}

fn integer(value: Option<&Option<Constant>>) -> Option<i128> {
    match value.copied().flatten()?.number {
        Int(value) => Some(value),
        Real(_) => None,
    }
}

impl Ranges<'_> {
    /// A reference to an intrinsic function.
    pub(super) fn function(
        &mut self,
        expr: &Expr,
        name: &str,
        args: &[Arg],
        values: &[Option<Constant>],
    ) -> Lowered<Option<Constant>> {
        if intrinsics::function(name, self.table).is_none() {
            return Ok(None);
        }
        self.bits(expr, name, args, values)?;
        self.characters(expr, name, args, values)?;
        let real = match values.first().copied().flatten() {
            Some(Constant {
                number: Real(value),
                bytes,
                ..
            }) => Some((value, bytes)),
            _ => None,
        };
        if let Some((value, bytes)) = real {
            let domain = DOMAINS.iter().find(|(names, ..)| names.contains(&name));
            if let Some((_, outside, message)) = domain
                && outside(value)
            {
                return self.refuse(expr, message);
            }
            if let Some(function) = row(REALS, name) {
                return self.made(expr, Real(rounded(function(value), bytes)), bytes);
            }
            if let Some(function) = row(INTEGERS, name)
                && let Some(ty) = type_of(expr, self.table)
            {
                let bytes = u8::try_from(self.table.size(ty)).unwrap_or(8);
                return self.made(expr, Int(function(value) as i128), bytes);
            }
        }
        let zero = |value: &Option<Constant>| {
            matches!(
                value,
                Some(Constant {
                    number: Real(0.0),
                    ..
                })
            )
        };
        let all_zero = match (name, args) {
            ("atan2" | "datan2", _) => values.len() == 2 && values.iter().all(zero),
            ("log" | "clog" | "zlog" | "cdlog", [Arg::Expr(Expr::Complex(a, b))]) => {
                zero(&self.value(a)?) && zero(&self.value(b)?)
            }
            _ => false,
        };
        if all_zero {
            return self.refuse(expr, "no value where all is zero");
        }
        let first = values.first().copied().flatten();
        match (name, first.map(|first| (first.number, first.bytes))) {
            ("abs" | "iabs", Some((Int(value), bytes))) => self.made(expr, Int(value.abs()), bytes),
            ("abs" | "dabs", Some((Real(value), bytes))) => {
                self.made(expr, Real(value.abs()), bytes)
            }
            ("int" | "real" | "float" | "sngl" | "dble" | "dfloat", Some((number, _))) => {
                self.kind(expr, number)
            }
            ("min" | "max" | "min0" | "max0", Some((_, bytes))) => {
                let all: Option<Vec<i128>> =
                    values.iter().map(|value| integer(Some(value))).collect();
                let best = all.and_then(|all| match name.starts_with("min") {
                    true => all.into_iter().min(),
                    false => all.into_iter().max(),
                });
                best.map_or(Ok(None), |best| self.made(expr, Int(best), bytes))
            }
            ("mod" | "modulo" | "amod" | "dmod", _) => self.modulus(expr, name, values),
            ("huge" | "tiny" | "epsilon" | "digits" | "kind" | "bit_size" | "radix", _) => {
                Ok(self.inquiry(expr))
            }
            _ => Ok(None),
        }
    }

    /// `name(low:high)` of a string.
    pub(super) fn substring(&mut self, expr: &Expr, name: &str, args: &[Arg]) -> Lowered {
        let [Arg::Range(low, high, None)] = args else {
            return Ok(());
        };
        let Some(symbol) = self.table.get(name).filter(|symbol| symbol.dims.is_empty()) else {
            return Ok(());
        };
        if self.table.type_of(name) != Some(Type::CHARACTER) {
            return Ok(());
        }
        let length = match &symbol.len {
            None => Some(1),
            Some(len) => consts::eval_int(len, self.table).map(i128::from),
        };
        let mut bound = |part: &Option<Expr>| -> Lowered<Option<i128>> {
            match part {
                Some(part) => Ok(match self.value(part)? {
                    Some(Constant {
                        number: Int(value), ..
                    }) => Some(value),
                    _ => None,
                }),
                None => Ok(None),
            }
        };
        let (low, high) = (bound(low)?, bound(high)?);
        // No characters at all may be anywhere.
        if matches!((low, high), (Some(low), Some(high)) if low > high) {
            return Ok(());
        }
        if low.is_some_and(|low| low < 1) {
            return self.refuse(expr, "the substring begins before the string");
        }
        match (high, length) {
            (Some(high), Some(length)) if high > length => {
                self.refuse(expr, "the substring ends behind the string")
            }
            _ => Ok(()),
        }
    }

    /// The result of a function, which is computed late but in a PARAMETER.
    fn made(&self, expr: &Expr, number: Number, bytes: u8) -> Lowered<Option<Constant>> {
        let value = Constant {
            number,
            bytes,
            late: !self.initial,
        };
        self.result(expr, value).map(Some)
    }

    /// A conversion to the kind that the expression has.
    fn kind(&mut self, expr: &Expr, number: Number) -> Lowered<Option<Constant>> {
        let Some(ty) = type_of(expr, self.table) else {
            return Ok(None);
        };
        let bytes = u8::try_from(self.table.size(ty)).unwrap_or(8);
        let number = match (number, ty.class) {
            (Int(value), Class::Integer) => Int(value),
            (Int(value), Class::Real) => Real(rounded(value as f64, bytes)),
            (Real(value), Class::Real) => Real(rounded(value, bytes)),
            _ => return Ok(None),
        };
        self.made(expr, number, bytes)
    }

    fn modulus(
        &self,
        expr: &Expr,
        name: &str,
        values: &[Option<Constant>],
    ) -> Lowered<Option<Constant>> {
        let [a, Some(b)] = values else {
            return Ok(None);
        };
        if matches!(b.number, Int(0)) || matches!(b.number, Real(x) if x == 0.0) {
            return self.refuse(expr, "the second argument is zero");
        }
        match (a.map(|a| a.number), b.number) {
            (Some(Int(x)), Int(y)) => {
                let rest = x % y;
                let other = name == "modulo" && rest != 0 && (rest < 0) != (y < 0);
                self.made(expr, Int(if other { rest + y } else { rest }), b.bytes)
            }
            _ => Ok(None),
        }
    }

    fn inquiry(&self, expr: &Expr) -> Option<Constant> {
        let ty = type_of(expr, self.table)?;
        let number = match consts::eval(expr, self.table)? {
            Value::Int(value) => Int(value.into()),
            Value::Real(value, _) => Real(value),
            Value::Logical(_) => return None,
        };
        Some(Constant {
            number,
            bytes: u8::try_from(self.table.size(ty)).ok()?,
            late: !self.initial,
        })
    }

    /// Places and shifts of bits.
    fn bits(&self, expr: &Expr, name: &str, args: &[Arg], values: &[Option<Constant>]) -> Lowered {
        let ty = match args.first() {
            Some(Arg::Expr(first)) => type_of(first, self.table),
            _ => None,
        };
        let Some(ty) = ty.filter(|ty| ty.class == Class::Integer) else {
            return Ok(());
        };
        let width = 8 * i128::from(self.table.size(ty));
        let (second, third) = (integer(values.get(1)), integer(values.get(2)));
        let right = match (name, second) {
            ("ibset" | "ibclr" | "btest", Some(place)) => (0..width).contains(&place),
            ("ishft", Some(shift)) => shift.abs() <= width,
            ("shiftl" | "shiftr" | "shifta" | "lshift" | "rshift", Some(shift)) => {
                (0..=width).contains(&shift)
            }
            ("ibits", Some(place)) => {
                place >= 0 && place + third.unwrap_or(0) <= width && third.unwrap_or(0) >= 0
            }
            ("ishftc", Some(shift)) => {
                let size = third.unwrap_or(width);
                (1..=width).contains(&size) && shift.abs() <= size
            }
            _ => true,
        };
        match right {
            true => Ok(()),
            false => self.refuse(expr, "more bits than the argument has"),
        }
    }

    fn characters(
        &self,
        expr: &Expr,
        name: &str,
        args: &[Arg],
        values: &[Option<Constant>],
    ) -> Lowered {
        let wrong = match (name, integer(values.first()), args.first()) {
            ("char" | "achar", Some(code), _) => !(0..=255).contains(&code),
            ("ichar" | "iachar", _, Some(Arg::Expr(text))) => {
                type_of(text, self.table) == Some(Type::CHARACTER)
                    && consts::string(text, self.table).is_some_and(|text| text.len() != 1)
            }
            ("repeat", ..) => integer(values.get(1)).is_some_and(|copies| copies < 0),
            _ => false,
        };
        match wrong {
            true => self.refuse(expr, "no such character or string"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_intrinsic() {
        let domains = DOMAINS.iter().map(|(names, ..)| *names);
        let reals = REALS.iter().map(|(names, _)| *names);
        let integers = INTEGERS.iter().map(|(names, _)| *names);
        for name in domains.chain(reals).chain(integers).flatten() {
            assert!(intrinsics::find(name).is_some(), "{name}");
        }
    }
}
