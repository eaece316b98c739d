//! Internal procedures become procedures of their own.

use super::Facts;
use crate::consts::eval_int;
use crate::data_type::Type;
use crate::error::{Lowered, Refusal};
use crate::options::Options;
use crate::source::{Kind, Stmt, Tok};
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
    for inner in &internal {
        super::refused::elemental(inner)?;
    }
    let mut internal = internal;
    for index in 0..internal.len() {
        let name = internal[index].name.clone();
        let taken = |other: &Unit| other.name == name;
        if out.iter().any(taken) || facts.local.iter().any(|(local, _)| *local == name) {
            // Another host has one of this name.
            let own = format!("{name}_in_{}", unit.name);
            super::modules::rename(&mut unit, &name, &own);
            for inner in &mut internal {
                super::modules::rename(inner, &name, &own);
            }
        }
    }
    let host = Table::of(&unit, options)?;
    let internal = super::host::associate(&mut unit, &host, internal, options)?;
    let mut hoisted = Vec::new();
    for inner in internal {
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
            let message = format!(
                "the length of what '{}' gives is not a constant",
                inner.name
            );
            let remedy = "give it a constant length";
            Err(Refusal::new(inner.at(), "FUNCTION", message, remedy))
        }
    }
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
