//! What cannot be lowered, each with its name and what to do instead.
//!
//! What f2c would read as something else must be found here, or the translation would be wrong
//! without a word: arguments by value, elemental calls, functions with array values.

use super::Scope;
use super::exprs::map_parts;
use crate::data_type::Type;
use crate::declaration::implicit_rules;
use crate::dim::Upper;
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr};
use crate::options::Options;
use crate::source::{Base, Kind, Loc, Stmt, Tok, Token, join};
use crate::symbols::Table;
use crate::types::intrinsic;
use crate::unit::Unit;

/// Statements without a FORTRAN 77 form, sorted, and what to write instead.
const STATEMENTS: &[(&str, &str)] = &[
    ("associate", "write out what the name stands for"),
    (
        "block",
        "declare its variables at the head of the procedure",
    ),
    ("class", "use variables and arrays of intrinsic types"),
    ("decode", "use READ from an internal file"),
    (
        "derived type",
        "use variables and arrays of intrinsic types",
    ),
    ("do concurrent", "use DO"),
    ("encode", "use WRITE to an internal file"),
    ("end associate", "write out what the name stands for"),
    (
        "end block",
        "declare its variables at the head of the procedure",
    ),
    ("end enum", "use INTEGER PARAMETERs"),
    ("end forall", "use DO"),
    (
        "end structure",
        "use variables and arrays of intrinsic types",
    ),
    ("end type", "use variables and arrays of intrinsic types"),
    ("enum", "use INTEGER PARAMETERs"),
    ("enumerator", "use INTEGER PARAMETERs"),
    ("forall", "use DO"),
    ("generic interface", "call the specific procedure"),
    ("import", "declare what the interface needs in it"),
    ("map", "use EQUIVALENCE"),
    ("module procedure", "use external procedures"),
    ("nullify", "use arrays and indices"),
    ("pointer assignment", "use arrays and indices"),
    ("procedure declaration", "declare the procedure EXTERNAL"),
    ("record", "use variables and arrays of intrinsic types"),
    ("select rank", "write a procedure for each rank"),
    ("select type", "write a procedure for each type"),
    ("sequence", "use variables and arrays of intrinsic types"),
    ("structure", "use variables and arrays of intrinsic types"),
    ("submodule", "use external procedures"),
    ("sync", "there is one image"),
    ("union", "use EQUIVALENCE"),
    ("wait", "input and output are synchronous"),
];

/// Attributes that would change what a declaration means.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("bind", "use COMMON"),
    ("codimension", "there is one image"),
    ("optional", "pass every argument"),
    ("pointer", "use arrays and indices"),
    ("value", "pass it by reference"),
];

/// The remedy for `word` in a sorted table.
pub(super) fn find(list: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    let at = list.binary_search_by_key(&word, |(known, _)| *known).ok()?;
    list.get(at).map(|(_, remedy)| *remedy)
}

/// Refuses what cannot be lowered.
pub(super) fn check(scope: &mut Scope) -> Lowered {
    header(scope)?;
    for (name, symbol) in scope.table.iter() {
        if symbol.allocatable && symbol.dummy {
            let message = format!("'{name}' is a dummy argument");
            let remedy = "pass an array and its dimensions";
            return scope.refuse(symbol.at, "ALLOCATABLE", message, remedy);
        }
        if symbol
            .len
            .as_deref()
            .is_some_and(|len| matches!(len, [colon] if colon.op(":")))
        {
            let message = format!("the length of '{name}' is not fixed");
            return scope.refuse(symbol.at, "deferred length", message, "give it a length");
        }
    }
    for unit in &scope.unit.interfaces {
        interface(unit, scope)?;
    }
    let table = &scope.table;
    let mut body = scope.unit.body.clone();
    let stmts = scope.unit.spec.iter().chain(&scope.unit.body);
    for stmt in stmts.flat_map(Stmt::parts) {
        statement(stmt, scope)?;
    }
    for stmt in &mut body {
        let at = stmt.at;
        map_parts(stmt, &mut |part| {
            if let Expr::Ref(name, args) = &part {
                let own = !intrinsic(name, table) && !table.get(name).is_some_and(|s| s.intrinsic);
                if let Some(word) = name.strip_prefix('%') {
                    passing(word, at, scope)?;
                } else if own && table.rank(name) == 0 {
                    keywords(name, args, at, scope)?;
                }
            }
            Ok(part)
        })?;
    }
    Ok(())
}

/// PROGRAM, SUBROUTINE and FUNCTION statements, and modules.
fn header(scope: &Scope) -> Lowered {
    let unit = &scope.unit;
    let Some(header) = &unit.header else {
        return Ok(());
    };
    if header.kind == Kind::Module {
        let message = format!("module '{}' cannot be translated", unit.name);
        let remedy = "use INCLUDE for declarations and external procedures";
        return scope.refuse(unit.at(), "MODULE", message, remedy);
    }
    if let Some(result) = unit.result()
        && scope.table.rank(result) > 0
    {
        return array_function(unit, scope);
    }
    let close = header.tokens.iter().position(|token| token.op(")"));
    let tail = header.tokens.get(close.map_or(1, |close| close + 1)..);
    match tail.unwrap_or(&[]).iter().find(|token| token.name("bind")) {
        Some(bind) => {
            let remedy = "leave it out: the name gets an underscore, arguments are references";
            scope.refuse(
                bind.at,
                "BIND",
                "C names and C's calling convention",
                remedy,
            )
        }
        None => Ok(()),
    }
}

fn array_function(unit: &Unit, scope: &Scope) -> Lowered {
    let message = format!("'{}' has an array as its value", unit.name);
    let remedy = "make it a subroutine with an array as an argument";
    scope.refuse(unit.at(), "array function", message, remedy)
}

/// With `-fdefault-real-8` alone DOUBLE PRECISION is wider than WebAssembly's numbers. Asked before
/// anything is lowered: the lowerings say DOUBLE PRECISION for a REAL of eight bytes.
pub(super) fn sixteen_bytes(unit: &Unit, options: &Options) -> Lowered {
    if !options.default_real_8 || options.default_double_8 {
        return Ok(());
    }
    let wide = |base: &Base| matches!(base, Base::DoublePrecision | Base::DoubleComplex);
    let double = |stmt: &&Stmt| match &stmt.kind {
        Kind::Type(base) => wide(base),
        Kind::Procedure(procedure) => procedure.result.as_ref().is_some_and(|(b, _)| wide(b)),
        Kind::Spec("implicit") => implicit_rules(stmt).any(|(base, ..)| wide(&base)),
        _ => false,
    };
    if let Some(stmt) = unit.header.iter().chain(&unit.spec).find(double) {
        let message = "has 16 bytes with -fdefault-real-8, a type that WebAssembly lacks";
        let remedy = "add -fdefault-double-8";
        return Err(Refusal::new(stmt.at, "DOUBLE PRECISION", message, remedy));
    }
    let mut inner = unit.internal.iter().chain(&unit.interfaces);
    inner.try_for_each(|unit| sixteen_bytes(unit, options))
}

/// An interface body promises a convention that only gfortran's descriptors keep.
fn interface(unit: &Unit, scope: &Scope) -> Lowered {
    let table = Table::of(unit, scope.options)?;
    if unit.result().is_some_and(|result| table.rank(result) > 0) {
        return array_function(unit, scope);
    }
    let shaped = table.iter().find(|(_, symbol)| {
        symbol.dummy && symbol.dims.iter().any(|dim| dim.upper == Upper::Deferred)
    });
    if let Some((name, symbol)) = shaped {
        let message = format!("'{name}' takes its shape from the caller");
        let remedy = "pass the dimensions as arguments";
        return scope.refuse(symbol.at, "assumed-shape array", message, remedy);
    }
    elemental(unit)
}

/// Whoever sees that a procedure is elemental may call it for whole arrays.
pub(super) fn elemental(unit: &Unit) -> Lowered {
    match &unit.header {
        Some(Stmt {
            kind: Kind::Procedure(procedure),
            at,
            ..
        }) if procedure.elemental => {
            let message = format!("'{}' may be called for whole arrays", unit.name);
            let remedy = "leave it out, and call it in a loop";
            Err(Refusal::new(*at, "ELEMENTAL", message, remedy))
        }
        _ => Ok(()),
    }
}

fn statement(stmt: &Stmt, scope: &Scope) -> Lowered {
    if let Some(percent) = stmt.tokens.iter().position(|token| token.op("%"))
        && stmt.kind != Kind::Format
    {
        percent_sign(&stmt.tokens, percent, scope)?;
    }
    match &stmt.kind {
        Kind::Refused(word) => {
            let shown: String = join(&stmt.tokens).chars().take(40).collect();
            let message = match shown.as_str() {
                "" => "has no FORTRAN 77 form".to_owned(),
                shown => format!("has no FORTRAN 77 form: '{shown}'"),
            };
            let remedy = find(STATEMENTS, word).unwrap_or("rewrite it in FORTRAN 77");
            scope.refuse(stmt.at, word, message, remedy)
        }
        Kind::Attribute("pointer") if stmt.tokens.first().is_some_and(|token| token.op("(")) => {
            let message = "an address as a variable";
            scope.refuse(stmt.at, "Cray pointer", message, "use arrays and indices")
        }
        Kind::Attribute(word) => match find(ATTRIBUTES, word) {
            Some(remedy) => attribute(stmt.at, word, remedy, scope),
            None => Ok(()),
        },
        Kind::Type(base) => {
            let declared = crate::declaration::declaration(stmt, *base, &scope.table)?;
            if declared.ty == Type::CHARACTER && character_kind(&stmt.tokens) {
                let remedy = "leave the kind out";
                return scope.refuse(stmt.at, "kind", "characters have one byte", remedy);
            }
            for attribute in declared.attributes.iter().flat_map(|tokens| tokens.first()) {
                if let Some(remedy) = find(ATTRIBUTES, &attribute.text) {
                    return self::attribute(attribute.at, &attribute.text, remedy, scope);
                }
            }
            Ok(())
        }
        Kind::Call { name, args } => match crate::intrinsics::subroutine(name, &scope.table) {
            None => keywords(name, args, stmt.at, scope),
            Some(_) => Ok(()),
        },
        Kind::Mistaken(_) => {
            let shown: String = stmt.text().chars().take(40).collect();
            scope.refuse(stmt.at, "", format!("'{shown}' is not understood"), "")
        }
        _ => Ok(()),
    }
}

fn attribute(at: Loc, word: &str, remedy: &str, scope: &Scope) -> Lowered {
    let message = "FORTRAN 77 has no such attribute";
    scope.refuse(at, &word.to_uppercase(), message, remedy)
}

/// `(kind=4)` or `(10, 4)` behind CHARACTER, with another kind than 1.
fn character_kind(tokens: &[Token]) -> bool {
    let spec = &tokens[..crate::declaration::spec_length(tokens)];
    let parts = crate::lists::split_commas(crate::lists::inside(spec));
    parts.iter().enumerate().any(|(place, part)| match part {
        [word, equals, kind] if word.name("kind") && equals.op("=") => kind.text != "1",
        [kind] => place == 1 && kind.kind == Tok::Int && kind.text != "1",
        _ => false,
    })
}

/// `x%part`, or `%VAL(x)`.
fn percent_sign(tokens: &[Token], percent: usize, scope: &Scope) -> Lowered {
    let at = tokens[percent].at;
    let word = tokens
        .get(percent + 1)
        .map_or("", |token| token.text.as_str());
    let passing = matches!(word, "val" | "ref" | "loc")
        && !tokens[..percent]
            .last()
            .is_some_and(|before| before.kind == Tok::Name);
    if passing {
        return self::passing(word, at, scope);
    }
    let message = format!("'%{word}'");
    let remedy = "use variables and arrays of intrinsic types";
    scope.refuse(at, "component", message, remedy)
}

/// `%VAL(x)` and its like.
fn passing(word: &str, at: Loc, scope: &Scope) -> Lowered {
    if matches!(word, "val" | "ref") {
        return Ok(());
    }
    let construct = format!("%{}", word.to_uppercase());
    let message = "arguments are references";
    scope.refuse(at, &construct, message, "pass the argument itself")
}

/// `name = value` among the arguments of a procedure whose dummies f2c does not know.
fn keywords(name: &str, args: &[Arg], at: Loc, scope: &Scope) -> Lowered {
    let keyword = args.iter().find_map(|arg| match arg {
        Arg::Keyword(word, _) => Some(word),
        _ => None,
    });
    match keyword {
        Some(word) => {
            let message = format!("'{word}=' in a call of '{name}'");
            let remedy = "pass the arguments in their order";
            scope.refuse(at, "argument keyword", message, remedy)
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_complete() {
        for table in [STATEMENTS, ATTRIBUTES] {
            assert!(table.is_sorted_by_key(|(word, _)| *word));
        }
        for word in crate::source::refused_words() {
            assert!(find(STATEMENTS, word).is_some(), "no remedy for {word}");
        }
    }
}
