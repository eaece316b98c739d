//! Variables of the user's that are named like an intrinsic function which lowered text calls: they
//! get other names, so that what we write means what we meant.

use std::collections::BTreeMap;

use super::Scope;
use crate::error::Lowered;
use crate::source::{Kind, Stmt, Tok, Token};

/// The functions that the other passes write.
const WRITTEN: [&str; 32] = [
    "abs", "aimag", "aint", "anint", "atan2", "char", "cmplx", "conjg", "dble", "dcmplx", "dconjg",
    "dimag", "float", "huge", "iand", "ichar", "ieor", "index", "int", "ior", "ishft", "len",
    "len_trim", "max", "min", "mod", "nint", "not", "real", "sign", "sngl", "sqrt",
];

/// Renames them.
pub(super) fn apart(scope: &mut Scope) -> Lowered {
    let mut names = BTreeMap::new();
    for name in WRITTEN {
        if variable(name, scope) {
            names.insert(name, scope.fresh_name(name));
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    let unit = &mut scope.unit;
    let stmts = unit.header.iter_mut().chain(&mut unit.spec);
    for stmt in stmts.chain(&mut unit.body) {
        each_operand(stmt, &mut |token, _| {
            if let Some(name) = names.get(token.text.as_str()) {
                token.text.clone_from(name);
            }
        });
    }
    Ok(())
}

/// Whether the name is a variable, a constant or a statement function here, and no one outside the
/// unit knows it.
fn variable(name: &str, scope: &mut Scope) -> bool {
    let symbol = scope.table.get(name);
    if symbol.is_some_and(|symbol| symbol.external || symbol.intrinsic) || scope.unit.name == name {
        return false;
    }
    let listed = |stmt: &&Stmt| stmt.kind == Kind::Spec("namelist");
    let tokens = |stmt: &Stmt| stmt.tokens.iter().any(|token| token.name(name));
    if scope.unit.spec.iter().filter(listed).any(tokens) {
        return false;
    }
    if symbol.is_some_and(|symbol| {
        !symbol.dims.is_empty()
            || symbol.parameter.is_some()
            || symbol.dummy
            || symbol.common
            || symbol.statement_function
    }) {
        return true;
    }
    // A scalar stands without parentheses somewhere.
    let mut found = false;
    for stmt in &mut scope.unit.body {
        each_operand(stmt, &mut |token, called| {
            found |= token.name(name) && !called
        });
    }
    found
}

/// Calls `f` for the names of a statement that may be a variable's, and whether a parenthesis
/// follows each: not for keywords of arguments, names of procedures and COMMON blocks.
fn each_operand(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Token, bool)) {
    let listed = matches!(stmt.kind, Kind::Type(_) | Kind::Allocate | Kind::Deallocate);
    let first = usize::from(matches!(
        stmt.kind,
        Kind::Entry | Kind::Procedure(_) | Kind::Program
    ));
    match &mut stmt.kind {
        Kind::Format
        | Kind::Use
        | Kind::End
        | Kind::Module
        | Kind::BlockData
        | Kind::Spec("implicit") => return,
        Kind::LogicalIf(_, inner) | Kind::Where(_, Some(inner)) => each_operand(inner, f),
        _ => {}
    }
    stmt.each_leaf(&mut |token, called| {
        if token.kind == Tok::Name {
            f(token, called);
        }
    });
    let blocks = matches!(stmt.kind, Kind::Spec("common" | "save" | "namelist"));
    // For each open parenthesis, whether a keyword may stand in it.
    let mut open: Vec<bool> = Vec::new();
    let mut in_block = false;
    for index in 0..stmt.tokens.len() {
        let is = |at: usize, op: &str| stmt.tokens.get(at).is_some_and(|token| token.op(op));
        let (called, equals) = (is(index + 1, "("), is(index + 1, "="));
        let after_name = index > 0 && stmt.tokens[index - 1].kind == Tok::Name;
        let token = &mut stmt.tokens[index];
        if token.op("(") {
            open.push(after_name || (listed && index == 0));
        } else if token.op(")") {
            open.pop();
        } else if blocks && open.is_empty() && token.op("/") {
            in_block = !in_block;
        } else if token.kind == Tok::Name && index >= first && !in_block {
            let keyword = equals && open.last() == Some(&true);
            if !keyword {
                f(token, called);
            }
        }
    }
}
