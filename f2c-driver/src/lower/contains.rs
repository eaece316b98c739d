//! Internal procedures become procedures of their own, as long as they keep to themselves.

use super::Facts;
use crate::error::{Lowered, Refusal};
use crate::source::{Kind, Stmt, Tok};
use crate::symbols::Table;
use crate::unit::Unit;

/// Takes the internal procedures out of `unit`.
pub(super) fn hoist(mut unit: Unit, facts: &mut Facts, out: &mut Vec<Unit>) -> Lowered {
    let internal = std::mem::take(&mut unit.internal);
    if internal.is_empty() {
        out.push(unit);
        return Ok(());
    }
    let host = Table::of(&unit)?;
    let mut hoisted = Vec::new();
    for mut inner in internal {
        inherit(&unit, &host, &mut inner)?;
        let table = Table::of(&inner)?;
        let at = inner.at();
        let name = &inner.name;
        if let Some(ty) = inner.result().and_then(|result| table.type_of(result))
            && host
                .get(name)
                .is_none_or(|symbol| symbol.declared.is_none())
        {
            let text = format!("{} {name}", ty.keyword());
            unit.spec.push(Stmt::parse(&text, at));
        }
        unit.spec.push(Stmt::parse(&format!("external {name}"), at));
        facts.local.push((name.clone(), unit.name.clone()));
        hoist(inner, facts, &mut hoisted)?;
    }
    // Behind the host: f2c wants a main program first no more than anybody else.
    out.push(unit);
    out.append(&mut hoisted);
    Ok(())
}

/// Gives an internal procedure the constants and IMPLICIT rules of its host; refuses it when it
/// uses the host's variables.
fn inherit(host: &Unit, names: &Table, inner: &mut Unit) -> Lowered {
    let own = Table::of(inner)?;
    let mut constants = Vec::new();
    for stmt in inner.spec.iter().chain(&inner.body) {
        let guarded = match &stmt.kind {
            Kind::LogicalIf(guarded) => guarded.tokens.as_slice(),
            _ => &[],
        };
        for token in stmt.tokens.iter().chain(guarded) {
            if token.kind != Tok::Name || own.get(&token.text).is_some() {
                continue;
            }
            let Some(symbol) = names.get(&token.text) else {
                continue;
            };
            if let (Some(value), Some(ty)) = (&symbol.parameter, names.type_of(&token.text)) {
                let value = crate::source::join(value);
                let text = format!("{} {}", ty.keyword(), token.text);
                constants.push(Stmt::parse(&text, token.at));
                let text = format!("parameter ({} = {value})", token.text);
                constants.push(Stmt::parse(&text, token.at));
            } else if !symbol.external && !symbol.intrinsic && token.text != inner.name {
                return Err(Refusal::new(
                    token.at,
                    "CONTAINS",
                    format!("'{}' uses '{}' of its host", inner.name, token.text),
                    "pass it as an argument",
                ));
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
