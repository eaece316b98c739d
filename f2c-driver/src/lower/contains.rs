//! Internal procedures become procedures of their own, as long as they keep to themselves.

use std::collections::BTreeSet;

use super::Facts;
use crate::consts::{eval, eval_int, text};
use crate::data_type::Type;
use crate::error::{Lowered, Refusal};
use crate::expr::parse;
use crate::options::Options;
use crate::source::{Kind, Procedure, Stmt, Tok, Token, join};
use crate::symbols::Table;
use crate::unit::Unit;

/// Takes the internal procedures out of `unit`.
pub(super) fn hoist(
    mut unit: Unit,
    options: &Options,
    facts: &mut Facts,
    out: &mut Vec<Unit>,
) -> Lowered {
    let internal = std::mem::take(&mut unit.internal);
    if internal.is_empty() {
        out.push(unit);
        return Ok(());
    }
    let host = Table::of(&unit, options)?;
    let mut hoisted = Vec::new();
    for mut inner in internal {
        super::refused::elemental(&inner)?;
        inherit(&unit, &host, &mut inner)?;
        let table = Table::of(&inner, options)?;
        let at = inner.at();
        let name = &inner.name;
        if let Some(ty) = inner.result().and_then(|result| table.type_of(result))
            && host
                .get(name)
                .is_none_or(|symbol| symbol.declared.is_none())
        {
            let text = format!("{} {name}", result_declaration(&inner, ty, &table)?);
            unit.spec.push(Stmt::parse(&text, at));
        }
        unit.spec.push(Stmt::parse(&format!("external {name}"), at));
        facts.local.push((name.clone(), unit.name.clone()));
        hoist(inner, options, facts, &mut hoisted)?;
    }
    // Behind the host: f2c wants a main program first no more than anybody else.
    out.push(unit);
    out.append(&mut hoisted);
    Ok(())
}

/// The type of a function's result, as a declaration where it is called begins.
pub(super) fn result_declaration(inner: &Unit, ty: Type, table: &Table) -> Lowered<String> {
    let result = inner.result().unwrap_or_default();
    let Some(length) = table.get(result).and_then(|symbol| symbol.len.as_deref()) else {
        return Ok(ty.keyword().to_owned());
    };
    match eval_int(length, table) {
        Some(length) => Ok(format!("{}*{length}", ty.keyword())),
        None => {
            let message = format!("the length of what '{}' gives is not a constant", inner.name);
            let remedy = "give it a constant length";
            Err(Refusal::new(inner.at(), "FUNCTION", message, remedy))
        }
    }
}

/// Gives an internal procedure the constants and IMPLICIT rules of its host; refuses it when it
/// uses the host's variables.
fn inherit(host: &Unit, names: &Table, inner: &mut Unit) -> Lowered {
    let mut constants = Vec::new();
    let mut seen = BTreeSet::new();
    let mut own: BTreeSet<String> = inner.dummies().into_iter().collect();
    own.extend(inner.spec.iter().flat_map(declared));
    own.extend(inner.result().map(ToOwned::to_owned));
    for stmt in inner.header.iter().chain(&inner.spec).chain(&inner.body) {
        let guarded = match &stmt.kind {
            Kind::LogicalIf(guarded) => guarded.tokens.as_slice(),
            _ => &[],
        };
        let prefix = match &stmt.kind {
            Kind::Procedure(Procedure {
                result: Some((_, kind)),
                ..
            }) => kind.as_slice(),
            _ => &[],
        };
        for token in stmt.tokens.iter().chain(guarded).chain(prefix) {
            let name = &token.text;
            if token.kind == Tok::Name && !own.contains(name) && seen.insert(name.clone()) {
                constants.extend(inherited(names, token, &inner.name)?);
            }
            // The kind of a literal.
            let kind = name
                .split_once('_')
                .filter(|_| matches!(token.kind, Tok::Int | Tok::Real));
            if let Some((_, kind)) = kind.filter(|(_, kind)| seen.insert((*kind).to_owned())) {
                let token = Token::new(Tok::Name, kind, token.at);
                constants.extend(inherited(names, &token, &inner.name)?);
            }
        }
    }
    let implicit = |stmt: &&Stmt| stmt.kind == Kind::Spec("implicit");
    let inherited = host.spec.iter().filter(implicit).cloned();
    let own_rules = inner.spec.iter().any(|stmt| implicit(&stmt));
    let mut spec: Vec<Stmt> = if own_rules {
        Vec::new()
    } else {
        inherited.collect()
    };
    spec.append(&mut constants);
    spec.append(&mut inner.spec);
    inner.spec = spec;
    Ok(())
}

/// The names that a specification statement declares: those outside parentheses, initial values and
/// pairs of slashes (of a COMMON block's name or of DATA values).
pub(super) fn declared(stmt: &Stmt) -> Vec<String> {
    if !matches!(
        stmt.kind,
        Kind::Type(_) | Kind::Attribute(_) | Kind::Spec(_)
    ) {
        return Vec::new();
    }
    let start = stmt
        .tokens
        .iter()
        .position(|token| token.op("::"))
        .map_or(0, |at| at + 1);
    let mut depth = 0;
    let (mut value, mut slashes) = (false, false);
    let mut out = Vec::new();
    for token in &stmt.tokens[start..] {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ if depth > 0 => {}
            "=" | "=>" => value = true,
            "," => value = false,
            "/" if !value => slashes = !slashes,
            _ if token.kind == Tok::Name && !value && !slashes => out.push(token.text.clone()),
            _ => {}
        }
    }
    out
}

/// The declaration of a constant of the host; nothing for a name that is no variable of its.
fn inherited(host: &Table, token: &Token, inner: &str) -> Lowered<Vec<Stmt>> {
    let name = &token.text;
    let Some(symbol) = host.get(name) else {
        return Ok(Vec::new());
    };
    if let (Some(value), Some(ty)) = (&symbol.parameter, host.type_of(name)) {
        let value = match parse(std::slice::from_ref(token)).and_then(|expr| eval(&expr, host)) {
            Some(value) => text(&value),
            None => join(value),
        };
        return Ok(vec![
            Stmt::parse(&format!("{} {name}", ty.keyword()), token.at),
            Stmt::parse(&format!("parameter ({name} = {value})"), token.at),
        ]);
    }
    if symbol.external || symbol.intrinsic || name == inner {
        return Ok(Vec::new());
    }
    let message = format!("'{inner}' uses '{name}' of its host");
    Err(Refusal::new(
        token.at,
        "CONTAINS",
        message,
        "pass it as an argument",
    ))
}
