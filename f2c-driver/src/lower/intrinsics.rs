//! Intrinsic procedures that f2c lacks, or types differently from Fortran 90.

use std::collections::BTreeSet;

use super::Scope;
use super::refs::{map_refs, map_stmt};
use super::shape::shape;
use crate::consts;
use crate::error::Lowered;
use crate::expr::{self, Arg, Expr};
use crate::source::{Kind, Stmt, Tok, Token, join, lex_fragment};
use crate::symbols::{Class, Table, Type};
use crate::types::{intrinsic, type_of};

/// The names f2c takes in an INTRINSIC statement, from its own table (`intr.c`).
const KNOWN_TO_F2C: &[&str] = &[
    "abs", "achar", "acos", "aimag", "aint", "alog", "alog10", "amax0", "amax1", "amin0", "amin1",
    "amod", "and", "anint", "asin", "atan", "atan2", "btest", "cabs", "ccos", "cdabs", "cdcos",
    "cdexp", "cdlog", "cdsin", "cdsqrt", "cexp", "char", "clog", "cmplx", "conjg", "cos", "cosh",
    "csin", "csqrt", "dabs", "dacos", "dasin", "datan", "datan2", "dble", "dcmplx", "dconjg",
    "dcos", "dcosh", "ddim", "dexp", "dfloat", "dim", "dimag", "dint", "dlog", "dlog10", "dmax1",
    "dmin1", "dmod", "dnint", "dprod", "dreal", "dsign", "dsin", "dsinh", "dsqrt", "dtan", "dtanh",
    "exp", "float", "iabs", "iachar", "iand", "ibclr", "ibits", "ibset", "ichar", "idim", "idint",
    "idnint", "ieor", "ifix", "imag", "index", "int", "ior", "ishft", "ishftc", "isign", "len",
    "lge", "lgt", "lle", "llt", "log", "log10", "lshift", "max", "max0", "max1", "min", "min0",
    "min1", "mod", "nint", "not", "or", "real", "rshift", "sign", "sin", "sinh", "sngl", "sqrt",
    "tan", "tanh", "xor", "zabs", "zcos", "zexp", "zlog", "zsin", "zsqrt",
];

/// Functions of our runtime: the intrinsic, and the result. The name for f2c is
/// `emshim_<intrinsic>_<type of the first argument>`.
const RUNTIME: &[(&str, Runtime)] = &[
    ("acosh", Runtime::Same),
    ("asinh", Runtime::Same),
    ("atanh", Runtime::Same),
    ("ceiling", Runtime::Integer),
    ("erf", Runtime::Same),
    ("erfc", Runtime::Same),
    ("exponent", Runtime::Integer),
    ("floor", Runtime::Integer),
    ("fraction", Runtime::Same),
    ("gamma", Runtime::Same),
    ("hypot", Runtime::Same),
    ("len_trim", Runtime::Integer),
    ("log_gamma", Runtime::Same),
    ("modulo", Runtime::Same),
    ("scale", Runtime::Same),
    ("set_exponent", Runtime::Same),
    ("spacing", Runtime::Same),
];

#[derive(Clone, Copy, PartialEq)]
enum Runtime {
    Integer,
    Same,
}

/// Subroutines of our runtime that replace intrinsic subroutines, by their argument's type.
const RUNTIME_SUBROUTINES: &[&str] = &["cpu_time", "random_number"];

/// Intrinsic names that, left over after lowering, would silently become external procedures.
pub(super) const MISSING: &[&str] = &[
    "adjustl",
    "adjustr",
    "all",
    "allocated",
    "any",
    "associated",
    "bit_size",
    "cshift",
    "count",
    "cpu_time",
    "date_and_time",
    "dot_product",
    "eoshift",
    "execute_command_line",
    "findloc",
    "get_command",
    "get_command_argument",
    "get_environment_variable",
    "huge",
    "is_iostat_end",
    "lbound",
    "matmul",
    "maxloc",
    "maxval",
    "merge",
    "minloc",
    "minval",
    "move_alloc",
    "mvbits",
    "nearest",
    "norm2",
    "nullify",
    "pack",
    "present",
    "product",
    "random_number",
    "random_seed",
    "repeat",
    "reshape",
    "rrspacing",
    "scan",
    "selected_int_kind",
    "selected_real_kind",
    "shape",
    "shiftl",
    "shiftr",
    "size",
    "spread",
    "sum",
    "system_clock",
    "transfer",
    "transpose",
    "trim",
    "ubound",
    "unpack",
    "verify",
];

/// The letter and size by which the runtime tells types apart.
fn suffix(ty: Type) -> String {
    let letter = match ty.class {
        Class::Integer => 'i',
        Class::Real => 'r',
        Class::Complex => 'c',
        Class::Logical => 'l',
        Class::Character => return "a".into(),
    };
    format!("{letter}{}", ty.bytes)
}

/// Drops names from INTRINSIC statements that f2c does not know; what they stand for is mapped.
pub(super) fn statements(scope: &mut Scope) -> Lowered {
    for stmt in &mut scope.unit.spec {
        if stmt.kind == Kind::Spec("intrinsic") {
            let names = stmt.tokens.iter().filter(|token| token.kind == Tok::Name);
            let known: Vec<&str> = names
                .map(|token| token.text.as_str())
                .filter(|name| KNOWN_TO_F2C.contains(name))
                .collect();
            stmt.tokens = lex_fragment(&known.join(", "), stmt.at);
        }
    }
    let empty = |stmt: &Stmt| stmt.kind == Kind::Spec("intrinsic") && stmt.tokens.is_empty();
    scope.unit.spec.retain(|stmt| !empty(stmt));
    // A type for a generic intrinsic says nothing, but f2c would take a variable of that name.
    let table = &scope.table;
    let typed_intrinsic = |name: &str| {
        table.get(name).is_some_and(|symbol| symbol.intrinsic) && !KNOWN_TO_F2C.contains(&name)
    };
    for stmt in &mut scope.unit.spec {
        if let (Kind::Type(_), [name]) = (&stmt.kind, stmt.tokens.as_slice())
            && typed_intrinsic(&name.text)
        {
            stmt.kind = Kind::Spec("data");
            stmt.tokens.clear();
        }
    }
    scope
        .unit
        .spec
        .retain(|stmt| stmt.kind != Kind::Spec("data") || !stmt.tokens.is_empty());
    Ok(())
}

/// A name that the mapped references need: a function of the runtime, or a constant with its value.
type Needed = (String, Type, Option<i64>);

/// Maps references to intrinsic functions.
pub(super) fn references(scope: &mut Scope) -> Lowered {
    let mut needed: Vec<Needed> = Vec::new();
    let mut spec = std::mem::take(&mut scope.unit.spec);
    let mut body = std::mem::take(&mut scope.unit.body);
    for stmt in spec.iter_mut().chain(&mut body) {
        map_stmt(stmt, &mut |name, args| map(name, args, scope, &mut needed))?;
        if stmt.kind == Kind::Call {
            subroutine(stmt, scope)?;
        }
        if stmt.kind == Kind::Spec("parameter") {
            // A character PARAMETER may use CHAR; numbers were folded before.
            stmt.tokens = map_refs(&stmt.tokens, &mut |name, args| {
                map(name, args, scope, &mut needed)
            })?;
        }
    }
    let at = scope.unit.at();
    let mut declared = BTreeSet::new();
    for (name, ty, value) in needed {
        if !declared.insert(name.clone()) {
            continue;
        }
        spec.push(Stmt::parse(&format!("{} {name}", ty.keyword()), at));
        let what = match value {
            Some(value) => format!("parameter ({name} = {value})"),
            None => format!("external {name}"),
        };
        spec.push(Stmt::parse(&what, at));
    }
    scope.unit.spec = spec;
    scope.unit.body = body;
    Ok(())
}

/// A call of an intrinsic subroutine that the runtime has, or that nobody has.
fn subroutine(stmt: &mut Stmt, scope: &Scope) -> Lowered {
    let at = stmt.at;
    let Some(name) = stmt.tokens.first().map(|token| token.text.clone()) else {
        return Ok(());
    };
    let own = scope
        .table
        .get(&name)
        .is_some_and(|symbol| symbol.external || symbol.dummy);
    if own || !MISSING.contains(&name.as_str()) {
        return Ok(());
    }
    let ty = stmt
        .tokens
        .get(2)
        .and_then(|argument| scope.table.type_of(&argument.text));
    match ty {
        Some(ty) if RUNTIME_SUBROUTINES.contains(&name.as_str()) => {
            stmt.tokens[0].text = format!("emshim_{name}_{}", suffix(ty));
            Ok(())
        }
        _ => {
            let message = format!("f2c has no intrinsic subroutine '{name}'");
            scope.refuse(
                at,
                "intrinsic",
                message,
                "declare it EXTERNAL if it is your own",
            )
        }
    }
}

fn map(
    name: &Token,
    args: &[Vec<Token>],
    scope: &Scope,
    needed: &mut Vec<Needed>,
) -> Lowered<Option<Vec<Token>>> {
    let table = &scope.table;
    let parsed: Vec<Option<Arg>> = args.iter().map(|arg| expr::parse_arg(arg)).collect();
    let first = match parsed.first() {
        Some(Some(Arg::Expr(expr))) => Some(expr),
        _ => None,
    };
    let own = table.get(&name.text).is_some_and(|symbol| {
        symbol.external || symbol.dummy || !symbol.dims.is_empty() || symbol.parameter.is_some()
    });
    let Some(first) = first.filter(|_| !own) else {
        return Ok(None);
    };
    let ty = type_of(first, table);
    let text = |arg: &[Token]| join(arg);
    let kind = args
        .iter()
        .zip(&parsed)
        .skip(1)
        .find_map(|(arg, parsed)| match parsed {
            Some(Arg::Keyword(word, expr)) if word == "kind" => Some((arg, expr.clone())),
            _ => None,
        });
    let kind_at = |place: usize| -> Option<i64> {
        let positional = match parsed.get(place) {
            Some(Some(Arg::Expr(expr))) => Some(expr.clone()),
            _ => None,
        };
        let expr = kind.as_ref().map(|(_, expr)| expr.clone()).or(positional)?;
        match consts::eval(&expr, table)? {
            consts::Value::Int(kind) => Some(kind),
            _ => None,
        }
    };
    let double_complex = ty
        == Some(Type {
            class: Class::Complex,
            bytes: 8,
        });
    let call = |function: &str, args: &[String]| {
        Ok(Some(lex_fragment(
            &format!("{function}({})", args.join(", ")),
            name.at,
        )))
    };
    let x = text(&args[0]);
    match name.text.as_str() {
        "aimag" | "imag" if double_complex => return call("dimag", &[x]),
        "conjg" if double_complex => return call("dconjg", &[x]),
        "real" => {
            return match kind_at(1) {
                Some(8) => call("dble", &[x]),
                Some(_) if double_complex => call("sngl", &[format!("dble({x})")]),
                Some(_) => call("real", &[x]),
                None if double_complex => call("dble", &[x]),
                None => Ok(None),
            };
        }
        "int" | "nint" if args.len() > 1 => {
            return match kind_at(1) {
                Some(4) => call(&name.text, &[x]),
                _ => scope.refuse(
                    name.at,
                    &name.text,
                    "kind is not the default",
                    "use INTEGER*4",
                ),
            };
        }
        "logical" if args.len() <= 2 => return Ok(Some(args[0].clone())),
        "cmplx" => {
            let mut parts: Vec<String> = args
                .iter()
                .zip(&parsed)
                .take(2)
                .filter(|(_, arg)| matches!(arg, Some(Arg::Expr(_))))
                .map(|(arg, _)| text(arg))
                .collect();
            if kind_at(2) == Some(8) {
                return call("dcmplx", &parts);
            }
            if ty == Some(Type::DOUBLE) {
                // Without a kind the result is single, whatever the arguments; f2c keeps double.
                for part in &mut parts {
                    *part = format!("real({part})");
                }
                return call("cmplx", &parts);
            }
            return if args.len() > 2 || kind.is_some() {
                call("cmplx", &parts)
            } else {
                Ok(None)
            };
        }
        "achar" => return call("char", &[x]),
        "iachar" => return call("ichar", &[x]),
        "isnan" | "ieee_is_nan" if args[0].len() == 1 => {
            return Ok(Some(lex_fragment(&format!("({x}.ne.{x})"), name.at)));
        }
        "isnan" | "ieee_is_nan" => {
            let ty = ty.unwrap_or(Type::DOUBLE);
            let function = format!("emshim_isnan_{}", suffix(ty));
            need(&function, Type::LOGICAL, needed);
            return call(&function, &[x]);
        }
        "trim" if matches!(first, Expr::Name(_) | Expr::Ref(..)) => {
            need("emshim_len_trim_a", Type::INTEGER, needed);
            return Ok(Some(lex_fragment(
                &format!("{x}(1:emshim_len_trim_a({x}))"),
                name.at,
            )));
        }
        "size" | "lbound" | "ubound" => {
            if let Some(tokens) = shape(&name.text, first, kind_at(1), scope) {
                return Ok(Some(lex_fragment(&tokens, name.at)));
            }
        }
        "ishft" | "ishftc" | "ibits" => {
            let all: Option<Vec<&Expr>> = parsed.iter().map(positional).collect();
            let ty = ty.filter(|ty| ty.class == Class::Integer);
            let (Some(all), Some(ty)) = (all, ty) else {
                return Ok(None);
            };
            let shift = name.text == "ishft";
            if let Some(value) = shift.then(|| shifted(&all, ty, table)).flatten() {
                let sign = if value < 0 { "n" } else { "" };
                let constant = format!("emshim_{}_{sign}{}", suffix(ty), value.unsigned_abs());
                needed.push((constant.clone(), ty, Some(value)));
                return Ok(Some(lex_fragment(&constant, name.at)));
            }
            // f2c knows those of 32 and 64 bits.
            if ty.bytes < 4 {
                let function = format!("emshim_{}_{}", name.text, suffix(ty));
                need(&function, ty, needed);
                let mut args = vec![x];
                args.extend(all[1..].iter().map(|arg| format!("int({})", arg.text())));
                // All bits.
                if name.text == "ishftc" && all.len() == 2 {
                    args.push("0".into());
                }
                return call(&function, &args);
            }
        }
        "transfer" => {
            if let (Expr::Ref(array, subscripts), true) = (first, args.len() == 3) {
                // A section seen as another type: the address of its first element.
                let lows: Vec<String> = subscripts.iter().map(low).collect();
                return call(array, &lows);
            }
        }
        _ => {}
    }
    if let Some(value) = ty.and_then(|ty| consts::inquiry(&name.text, ty, &scope.table)) {
        return Ok(Some(lex_fragment(&consts::text(&value), name.at)));
    }
    let runtime = RUNTIME.iter().find(|(known, _)| *known == name.text);
    if let (Some((_, gives)), Some(ty)) = (runtime, ty) {
        if ty.class == Class::Integer && matches!(name.text.as_str(), "ceiling" | "floor") {
            return Ok(Some(args[0].clone()));
        }
        let function = format!("emshim_{}_{}", name.text, suffix(ty));
        let result = if *gives == Runtime::Integer {
            Type::INTEGER
        } else {
            ty
        };
        need(&function, result, needed);
        let positional: Vec<String> = args
            .iter()
            .zip(&parsed)
            .filter(|(_, arg)| matches!(arg, Some(Arg::Expr(_))))
            .map(|(arg, _)| text(arg))
            .collect();
        return call(&function, &positional);
    }
    if MISSING.contains(&name.text.as_str())
        && (intrinsic(&name.text, table) || table.get(&name.text).is_none_or(|s| s.intrinsic))
    {
        let message = format!("f2c has no intrinsic function '{}'", name.text);
        return scope.refuse(name.at, "intrinsic", message, "write it out");
    }
    Ok(None)
}

fn positional(arg: &Option<Arg>) -> Option<&Expr> {
    match arg {
        Some(Arg::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// The value of an ISHFT by a constant that f2c would fold as one of 64 bits, or leave to C's
/// operator though it moves all bits out.
fn shifted(args: &[&Expr], ty: Type, table: &Table) -> Option<i64> {
    let constant = |expr: &Expr| match consts::eval(expr, table) {
        Some(consts::Value::Int(value)) => Some(value),
        _ => None,
    };
    let [value, count] = args else { return None };
    let count = constant(count)?;
    let all = 8 * u32::try_from(table.size(ty)).ok()?;
    let unused = 64u32.checked_sub(all)?;
    let places = u32::try_from(count.unsigned_abs()).unwrap_or(all);
    if places >= all {
        return Some(0);
    }
    // At the top of 64 bits; what leaves the type's own goes.
    let top = (constant(value)? as u64) << unused;
    let moved = match count < 0 {
        true => top >> places,
        false => top << places,
    };
    Some((moved as i64) >> unused)
}

fn need(function: &str, ty: Type, needed: &mut Vec<Needed>) {
    needed.push((function.to_owned(), ty, None));
}

/// The first index of a subscript.
fn low(arg: &Arg) -> String {
    match arg {
        Arg::Range(Some(low), ..) => low.text(),
        Arg::Range(..) => "1".into(),
        other => other.text(),
    }
}
