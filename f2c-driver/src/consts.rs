//! Constant expressions, evaluated in the kind Fortran gives them.

use crate::data_type::{Class, Type};
use crate::expr::{Arg, Expr};
use crate::source::{Tok, Token};
use crate::symbols::Table;

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    /// Value, rounded to its kind, and bytes of the kind.
    Real(f64, u8),
    Logical(bool),
}

/// PARAMETERs that refer to each other deeper than this are taken for a circle.
const MAX_DEPTH: usize = 40;

/// The value of a constant expression; nothing when it is not constant, or not of a class that
/// kinds, bounds and numeric PARAMETERs need.
pub(crate) fn eval(expr: &Expr, table: &Table) -> Option<Value> {
    eval_at(expr, table, 0)
}

/// The same for an integer.
pub(crate) fn eval_int(tokens: &[Token], table: &Table) -> Option<i64> {
    match eval(&crate::expr::parse(tokens)?, table)? {
        Value::Int(value) => Some(value),
        _ => None,
    }
}

/// The characters of a constant string.
pub(crate) fn string(expr: &Expr, table: &Table) -> Option<Vec<u8>> {
    match expr {
        Expr::Lit(token) if token.kind == Tok::Str => {
            let mut chars = token.text.chars();
            let quote = chars.next()?;
            let inside = token.text.strip_prefix(quote)?.strip_suffix(quote)?;
            let doubled: String = [quote, quote].iter().collect();
            let plain = inside.replace(&doubled, &quote.to_string());
            plain
                .chars()
                .map(|c| u8::try_from(u32::from(c)).ok())
                .collect()
        }
        Expr::Paren(inner) => string(inner, table),
        Expr::Binary(op, a, b) if op == "//" => {
            Some([string(a, table)?, string(b, table)?].concat())
        }
        Expr::Ref(name, args)
            if matches!(name.as_str(), "char" | "achar") && !table.shadows(name) =>
        {
            match args.as_slice() {
                [Arg::Expr(code)] => match eval(code, table)? {
                    Value::Int(code) => u8::try_from(code).ok().map(|byte| vec![byte]),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// The kind of a literal's suffix.
pub(crate) fn suffix_kind(suffix: &str, table: &Table) -> Option<i64> {
    if let Ok(kind) = suffix.parse() {
        return Some(kind);
    }
    match eval_at(&Expr::Name(suffix.to_owned()), table, 0)? {
        Value::Int(kind) => Some(kind),
        _ => None,
    }
}

fn rounded(value: f64, bytes: u8) -> Value {
    match bytes {
        4 => Value::Real(f64::from(value as f32), 4),
        _ => Value::Real(value, bytes),
    }
}

/// The value of a literal.
fn literal(token: &Token, table: &Table) -> Option<Value> {
    let (digits, suffix) = token.text.split_once('_').unwrap_or((&token.text, ""));
    match token.kind {
        Tok::Int => digits.parse().ok().map(Value::Int),
        Tok::Real => {
            let double = digits.contains('d');
            let bytes = match suffix {
                "" if double => 8,
                "" => table.real,
                suffix => u8::try_from(suffix_kind(suffix, table)?).ok()?,
            };
            let value: f64 = digits.replace(['d', 'q'], "e").parse().ok()?;
            // Parsing to single precision directly rounds once.
            match bytes {
                4 => digits
                    .parse::<f32>()
                    .ok()
                    .map(|v| Value::Real(f64::from(v), 4)),
                _ => Some(Value::Real(value, bytes)),
            }
        }
        Tok::Logical => Some(Value::Logical(token.text.starts_with(".t"))),
        _ => None,
    }
}

fn eval_at(expr: &Expr, table: &Table, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let eval = |expr: &Expr| eval_at(expr, table, depth + 1);
    match expr {
        Expr::Lit(token) => literal(token, table),
        Expr::Paren(inner) => eval(inner),
        Expr::Name(name) => {
            let symbol = table.get(name)?;
            let value = eval(&crate::expr::parse(symbol.parameter.as_ref()?)?)?;
            convert(value, table.type_of(name)?)
        }
        Expr::Unary(op, inner) => match (op.as_str(), eval(inner)?) {
            ("-", Value::Int(value)) => value.checked_neg().map(Value::Int),
            ("-", Value::Real(value, bytes)) => Some(Value::Real(-value, bytes)),
            ("+", value) => Some(value),
            (".not.", Value::Logical(value)) => Some(Value::Logical(!value)),
            _ => None,
        },
        Expr::Binary(op, a, b) => binary(op, eval(a)?, eval(b)?),
        Expr::Ref(name, args) => intrinsic(name, args, table, depth),
        _ => None,
    }
}

fn convert(value: Value, ty: Type) -> Option<Value> {
    match (value, ty.class) {
        (Value::Int(value), Class::Integer) => Some(Value::Int(value)),
        (Value::Real(value, _), Class::Integer) => Some(Value::Int(value as i64)),
        (Value::Int(value), Class::Real) => Some(rounded(value as f64, ty.bytes)),
        (Value::Real(value, _), Class::Real) => Some(rounded(value, ty.bytes)),
        (Value::Logical(value), Class::Logical) => Some(Value::Logical(value)),
        _ => None,
    }
}

fn binary(op: &str, a: Value, b: Value) -> Option<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => match op {
            "+" => a.checked_add(b).map(Value::Int),
            "-" => a.checked_sub(b).map(Value::Int),
            "*" => a.checked_mul(b).map(Value::Int),
            "/" => a.checked_div(b).map(Value::Int),
            "**" => a.checked_pow(u32::try_from(b).ok()?).map(Value::Int),
            ".eq." | "==" => Some(Value::Logical(a == b)),
            ".ne." | "/=" => Some(Value::Logical(a != b)),
            ".lt." | "<" => Some(Value::Logical(a < b)),
            ".le." | "<=" => Some(Value::Logical(a <= b)),
            ".gt." | ">" => Some(Value::Logical(a > b)),
            ".ge." | ">=" => Some(Value::Logical(a >= b)),
            _ => None,
        },
        (Value::Real(a, bytes), Value::Int(b)) if op == "**" => {
            Some(rounded(a.powi(i32::try_from(b).ok()?), bytes))
        }
        (Value::Real(a, x), Value::Real(b, y)) => real(op, a, b, x.max(y)),
        (Value::Real(a, x), Value::Int(b)) => real(op, a, b as f64, x),
        (Value::Int(a), Value::Real(b, y)) => real(op, a as f64, b, y),
        _ => None,
    }
}

fn real(op: &str, a: f64, b: f64, bytes: u8) -> Option<Value> {
    let value = match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "**" => a.powf(b),
        _ => return None,
    };
    Some(rounded(value, bytes))
}

/// Numbers that describe a kind of REAL: digits, smallest and largest exponent.
fn model(bytes: u8) -> (i64, i64, i64) {
    if bytes == 8 {
        (53, -1021, 1024)
    } else {
        (24, -125, 128)
    }
}

/// The value of an inquiry about a type: `huge`, `epsilon`, `digits`, ...
pub(crate) fn inquiry(name: &str, mut ty: Type, table: &Table) -> Option<Value> {
    if ty == Type::INTEGER {
        // Explicit kinds of the old width are refused where the default is wider.
        ty.bytes = table.integer;
    }
    let bits = 8 * i64::from(ty.bytes);
    if ty.class == Class::Integer {
        return Some(Value::Int(match name {
            "huge" if bits == 64 => i64::MAX,
            "huge" => (1 << (bits - 1)) - 1,
            "digits" => bits - 1,
            "radix" => 2,
            "range" => ((bits - 1) as f64 * std::f64::consts::LOG10_2) as i64,
            "bit_size" | "storage_size" => bits,
            "sizeof" | "c_sizeof" => bits / 8,
            "kind" => i64::from(ty.bytes),
            _ => return None,
        }));
    }
    if name == "kind" {
        return Some(Value::Int(i64::from(ty.bytes)));
    }
    if ty.class != Class::Real
        && !(ty.class == Class::Complex && matches!(name, "range" | "precision"))
    {
        return None;
    }
    let (digits, least, most) = model(ty.bytes);
    let single = ty.bytes == 4;
    Some(match name {
        "huge" if single => Value::Real(f64::from(f32::MAX), 4),
        "huge" => Value::Real(f64::MAX, 8),
        "tiny" if single => Value::Real(f64::from(f32::MIN_POSITIVE), 4),
        "tiny" => Value::Real(f64::MIN_POSITIVE, 8),
        "epsilon" if single => Value::Real(f64::from(f32::EPSILON), 4),
        "epsilon" => Value::Real(f64::EPSILON, 8),
        "digits" => Value::Int(digits),
        "radix" => Value::Int(2),
        "minexponent" => Value::Int(least),
        "maxexponent" => Value::Int(most),
        "precision" => Value::Int(if single { 6 } else { 15 }),
        "range" => Value::Int(if single { 37 } else { 307 }),
        _ => return None,
    })
}

fn intrinsic(name: &str, args: &[Arg], table: &Table, depth: usize) -> Option<Value> {
    if table.shadows(name) {
        return None;
    }
    let plain: Vec<&Expr> = args
        .iter()
        .filter_map(|arg| match arg {
            Arg::Expr(expr) => Some(expr),
            _ => None,
        })
        .collect();
    let keyword = |wanted: &str| {
        args.iter().find_map(|arg| match arg {
            Arg::Keyword(name, expr) if name == wanted => Some(expr),
            _ => None,
        })
    };
    let eval = |expr: &Expr| eval_at(expr, table, depth + 1);
    let int = |expr: &Expr| match eval(expr)? {
        Value::Int(value) => Some(value),
        _ => None,
    };
    if let Some(value) = plain
        .first()
        .and_then(|first| crate::types::type_of(first, table))
        .and_then(|ty| inquiry(name, ty, table))
    {
        return Some(value);
    }
    let kind = |place: usize| {
        plain
            .get(place)
            .copied()
            .or_else(|| keyword("kind"))
            .map(int)
            .unwrap_or(Some(i64::from(table.real)))
    };
    match name {
        "selected_real_kind" => {
            let digits = plain
                .first()
                .copied()
                .or_else(|| keyword("p"))
                .map_or(Some(0), int)?;
            let range = plain
                .get(1)
                .copied()
                .or_else(|| keyword("r"))
                .map_or(Some(0), int)?;
            Some(Value::Int(match (digits, range) {
                (..=6, ..=37) => 4,
                (..=15, ..=307) => 8,
                _ => 16,
            }))
        }
        "selected_int_kind" => {
            let range = int(plain.first().copied().or_else(|| keyword("r"))?)?;
            Some(Value::Int(match range {
                ..3 => 1,
                3..5 => 2,
                5..10 => 4,
                10..19 => 8,
                _ => 16,
            }))
        }
        "real" | "float" | "sngl" => {
            let bytes = u8::try_from(kind(1)?).ok()?;
            convert(
                eval(plain.first()?)?,
                Type {
                    class: Class::Real,
                    bytes,
                },
            )
        }
        "dble" | "dfloat" => convert(eval(plain.first()?)?, Type::DOUBLE),
        "int" | "ifix" | "idint" => convert(eval(plain.first()?)?, Type::INTEGER),
        "ceiling" | "floor" | "nint" | "idnint" => match eval(plain.first()?)? {
            Value::Real(value, _) => Some(Value::Int(match name {
                "ceiling" => value.ceil() as i64,
                "floor" => value.floor() as i64,
                _ => value.round() as i64,
            })),
            Value::Int(value) => Some(Value::Int(value)),
            Value::Logical(_) => None,
        },
        "abs" | "iabs" | "dabs" => match eval(plain.first()?)? {
            Value::Int(value) => value.checked_abs().map(Value::Int),
            Value::Real(value, bytes) => Some(Value::Real(value.abs(), bytes)),
            Value::Logical(_) => None,
        },
        "sqrt" | "dsqrt" => match eval(plain.first()?)? {
            Value::Real(value, bytes) => Some(rounded(value.sqrt(), bytes)),
            _ => None,
        },
        "max" | "max0" | "min" | "min0" => {
            let values: Option<Vec<i64>> = plain.iter().map(|expr| int(expr)).collect();
            let values = values?.into_iter();
            if name.starts_with("max") {
                values.max()
            } else {
                values.min()
            }
            .map(Value::Int)
        }
        "mod" => match (int(plain.first()?)?, int(plain.get(1)?)?) {
            (_, 0) => None,
            (a, b) => a.checked_rem(b).map(Value::Int),
        },
        _ => None,
    }
}

/// The constant as Fortran text that f2c reads, exact to the last bit in either precision: where f2c
/// converts a REAL constant to double precision, it keeps the text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Int(value) if *value < 0 => format!("(-{})", value.unsigned_abs()),
        Value::Int(value) => value.to_string(),
        Value::Logical(value) => format!(".{value}."),
        Value::Real(value, bytes) => {
            let shown = format!("{value:e}");
            let shown = match bytes {
                4 => shown,
                _ => shown.replace('e', "d"),
            };
            let (mantissa, exponent) = shown.split_at(shown.find(['e', 'd']).unwrap_or(0));
            let point = if mantissa.contains('.') { "" } else { "." };
            let shown = format!("{mantissa}{point}{exponent}");
            if *value < 0.0 {
                format!("({shown})")
            } else {
                shown
            }
        }
    }
}
