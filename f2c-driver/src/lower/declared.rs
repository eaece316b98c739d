//! What declarations say: the names in them, the type of a function for who calls it, and the names that
//! modules and their procedures have for f2c.

use std::collections::BTreeSet;

use crate::consts::eval_int;
use crate::data_type::Type;
use crate::declaration::spec_length;
use crate::error::{Lowered, Refusal};
use crate::lists::closing;
use crate::source::{Kind, Stmt, Tok};
use crate::symbols::Table;
use crate::unit::Unit;

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

/// The places of the words in a declaration that are no names: those in front of `::` but for a kind, a
/// length and dimensions.
pub(super) fn attribute_words(stmt: &Stmt) -> BTreeSet<usize> {
    let colons = stmt.tokens.iter().position(|token| token.op("::"));
    let Some(colons) = colons.filter(|_| matches!(stmt.kind, Kind::Type(_) | Kind::Attribute(_)))
    else {
        return BTreeSet::new();
    };
    let mut out: BTreeSet<usize> = (spec_length(&stmt.tokens)..colons).collect();
    let dimension = stmt.tokens.iter().position(|token| token.name("dimension"));
    if let Some(word) = dimension.filter(|word| *word < colons)
        && let Some(close) = closing(&stmt.tokens, word + 1)
    {
        out.retain(|place| !(word + 1..close).contains(place));
    }
    out
}

/// Gives a name of a unit another spelling everywhere in it.
pub(super) fn rename(unit: &mut Unit, old: &str, new: &str) {
    let stmts = unit
        .header
        .iter_mut()
        .chain(&mut unit.spec)
        .chain(&mut unit.body);
    for stmt in stmts {
        stmt.each_token(&mut |token| {
            if token.name(old) {
                new.clone_into(&mut token.text);
            }
        });
    }
    if unit.name == old {
        new.clone_into(&mut unit.name);
    }
    for inner in &mut unit.internal {
        rename(inner, old, new);
    }
}

/// The name of a module for its own procedures, which see what is PRIVATE too; no module has it.
pub(super) fn inside(module: &str) -> String {
    format!("{INSIDE}{module}")
}

/// What such a name begins with.
pub(crate) const INSIDE: char = '.';

/// The name for f2c of a module's variable or procedure, whose symbol is another.
pub(super) fn mangled(module: &str, name: &str) -> String {
    format!("mod_{module}_{name}")
}
