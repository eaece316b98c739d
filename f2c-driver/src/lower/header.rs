//! The first statement of a unit: RECURSIVE, RESULT, types with kinds, alternate returns.

use super::Scope;
use crate::declaration::resolve_type;
use crate::error::Lowered;
use crate::expr::Arg;
use crate::source::{Kind, Stmt, Tok, Token};
use crate::unit::result_name;

/// Takes note of RECURSIVE and of alternate returns; f2c must not see the one and `convention` must know
/// the other.
pub(super) fn prefixes(scope: &mut Scope) -> Lowered {
    let name = scope.unit.name.clone();
    if scope.unit.dummies().iter().any(|dummy| dummy == "*") {
        scope.facts.alternate_returns.push(name);
        for stmt in scope
            .unit
            .body
            .iter()
            .filter(|stmt| stmt.kind == Kind::Entry)
        {
            scope
                .facts
                .alternate_returns
                .extend(stmt.tokens.first().map(|t| t.text.clone()));
        }
    }
    for stmt in &scope.unit.body {
        if let Kind::Call { name, args } = &stmt.action().kind
            && args.iter().any(|arg| matches!(arg, Arg::Label(_)))
        {
            scope.facts.alternate_returns.push(name.clone());
        }
    }
    if let Some(Stmt {
        kind: Kind::Procedure(procedure),
        ..
    }) = &scope.unit.header
    {
        scope.facts.recursive |= procedure.recursive;
    }
    Ok(())
}

/// Moves the type of a function into its specification part when FORTRAN 77 could not say it in
/// the header.
pub(super) fn function_type(scope: &mut Scope) -> Lowered {
    let Some(result) = scope.unit.result().map(ToOwned::to_owned) else {
        return Ok(());
    };
    let Some(Stmt {
        kind: Kind::Procedure(procedure),
        at,
        ..
    }) = &mut scope.unit.header
    else {
        return Ok(());
    };
    let Some((base, spec)) = &procedure.result else {
        return Ok(());
    };
    let (_, _, plain) = resolve_type(*base, spec, &scope.table, *at)?;
    if !plain {
        let mut tokens = spec.clone();
        tokens.push(Token::new(Tok::Op, "::", *at));
        tokens.push(Token::new(Tok::Name, result, *at));
        scope
            .unit
            .spec
            .push(Stmt::new(Kind::Type(*base), tokens, *at));
        procedure.result = None;
    }
    Ok(())
}

/// `entry e(x) result(r)`: f2c returns the value of the variable `e`.
pub(super) fn entry_results(scope: &mut Scope) -> Lowered {
    let mut renamed = Vec::new();
    let unit = &mut scope.unit;
    for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
        if stmt.kind == Kind::Entry
            && let Some(result) = result_name(&stmt.tokens).map(ToOwned::to_owned)
            && let Some(close) = stmt.tokens.iter().position(|token| token.op(")"))
        {
            stmt.tokens.truncate(close + 1);
            renamed.push((result, stmt.tokens[0].text.clone()));
        }
    }
    for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
        stmt.each_token(&mut |token| {
            let entry = renamed.iter().find(|(result, _)| token.name(result));
            if let Some((_, entry)) = entry {
                token.text.clone_from(entry);
            }
        });
    }
    Ok(())
}

/// `function f(x) result(r)`: f2c returns the value of the variable `f`. A function that calls
/// itself gets another name for f2c, so that `f` stays free for the call.
pub(super) fn result_clause(scope: &mut Scope) -> Lowered {
    let Some(header) = &scope.unit.header else {
        return Ok(());
    };
    let Some(result) = result_name(&header.tokens).map(ToOwned::to_owned) else {
        return Ok(());
    };
    let name = scope.unit.name.clone();
    let mut calls_itself = false;
    for stmt in &mut scope.unit.body {
        stmt.each_token(&mut |token| calls_itself |= token.name(&name));
    }
    let variable = if calls_itself {
        scope.fresh_name(&format!("{name}0"))
    } else {
        name.clone()
    };
    if let Some(Stmt {
        kind: Kind::Procedure(procedure),
        tokens,
        ..
    }) = &mut scope.unit.header
    {
        let close = tokens
            .iter()
            .position(|token| token.op(")"))
            .unwrap_or(tokens.len() - 1);
        tokens.truncate(close + 1);
        tokens[0].text.clone_from(&variable);
        // A type in front of FUNCTION belongs to the result whatever its name.
        let _ = procedure;
    }
    let unit = &mut scope.unit;
    for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
        stmt.each_token(&mut |token| {
            if token.name(&result) {
                token.text.clone_from(&variable);
            }
        });
    }
    if calls_itself {
        let ty = scope.table.type_of(&result);
        scope.facts.renames.push((variable.clone(), name.clone()));
        scope.unit.name = variable;
        if let Some(ty) = ty {
            scope.declare(&name, ty, "");
        }
        let at = scope.unit.at();
        scope
            .unit
            .spec
            .push(Stmt::parse(&format!("external {name}"), at));
    }
    Ok(())
}
