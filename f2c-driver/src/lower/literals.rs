//! Literals as f2c takes them.

use std::collections::BTreeMap;

use super::Scope;
use crate::consts::{self, Value};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::source::{Stmt, Tok, Token};

/// Literals with kinds: `1.0_wp` is `1.0d0` or `1.0`, `.true._4` is `.true.`. An integer of another
/// kind than the default becomes a PARAMETER of that kind: f2c has no notation for it.
pub(super) fn literals(scope: &mut Scope) -> Lowered {
    let default = if scope.options.default_integer_8 {
        8
    } else {
        4
    };
    let mut parameters: BTreeMap<(u8, String), String> = BTreeMap::new();
    let mut body = std::mem::take(&mut scope.unit.body);
    for stmt in &mut body {
        stmt.each_token(&mut |token| {
            let Some((digits, suffix)) = token.text.split_once('_') else {
                return;
            };
            let kind = consts::suffix_kind(suffix, &scope.table);
            let kind = kind
                .and_then(|kind| u8::try_from(kind).ok())
                .filter(|k| *k != default);
            if let (Tok::Int, Some(kind)) = (token.kind, kind) {
                let name = parameters
                    .entry((kind, digits.to_owned()))
                    .or_insert_with(|| {
                        let stem: String = digits.chars().take(20).collect();
                        scope.fresh_name(&format!("int{kind}_{stem}"))
                    });
                *token = Token::new(Tok::Name, name.clone(), token.at);
            }
        });
    }
    scope.unit.body = body;
    let at = scope.unit.at();
    let declared = parameters.iter().flat_map(|((kind, digits), name)| {
        let ty = Type {
            class: Class::Integer,
            bytes: *kind,
        };
        let texts = [
            format!("{} {name}", ty.keyword()),
            format!("parameter ({name} = {digits})"),
        ];
        texts.map(|text| Stmt::parse(&text, at))
    });
    scope.unit.spec.splice(0..0, declared.collect::<Vec<_>>());
    plain_literals(scope)
}

/// Drops the kinds of the other literals, and gives those of single precision the digits of the
/// number they stand for.
fn plain_literals(scope: &mut Scope) -> Lowered {
    let table = &scope.table;
    let wide = scope.options.default_real_8;
    let mut unknown = None;
    let mut plain = |token: &mut Token| {
        if !matches!(token.kind, Tok::Int | Tok::Real | Tok::Logical) {
            return;
        }
        let Some((digits, suffix)) = token.text.split_once('_') else {
            if token.kind == Tok::Real && !wide {
                token.text = single(&token.text);
            }
            return;
        };
        let kind = consts::suffix_kind(suffix, table);
        let text = match (token.kind, kind) {
            (_, None) => {
                unknown = unknown.take().or(Some((token.at, suffix.to_owned())));
                return;
            }
            (Tok::Real, Some(4)) => single(digits),
            (Tok::Real, Some(8)) if digits.contains('e') => digits.replace('e', "d"),
            (Tok::Real, Some(8)) => format!("{digits}d0"),
            _ => digits.to_owned(),
        };
        token.text = text;
    };
    let unit = &mut scope.unit;
    for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
        stmt.each_token(&mut plain);
    }
    match unknown {
        None => Ok(()),
        Some((at, suffix)) => {
            let message = format!("the kind '{suffix}' of a constant is not known");
            scope.refuse(at, "kind", message, "declare it as an INTEGER PARAMETER")
        }
    }
}

/// A REAL literal with the digits of the number that single precision makes of it. f2c keeps the
/// text of a literal, and where it ends in double precision (DATA, PARAMETER, what f2c folds or
/// converts itself) a C compiler would read more digits than the literal has in Fortran.
fn single(text: &str) -> String {
    let (Ok(stored), Ok(written)) = (text.parse::<f32>(), text.parse::<f64>()) else {
        // With a D in its exponent it is of double precision.
        return text.to_owned();
    };
    let stored = f64::from(stored);
    match stored == written || stored.is_infinite() {
        true => text.to_owned(),
        false => consts::text(&Value::Real(stored, 4)),
    }
}

#[cfg(test)]
mod tests {
    use super::single;

    #[test]
    fn digits_are_those_of_the_number() {
        for (written, stored) in [
            ("0.1", "1.0000000149011612e-1"),
            ("1.e-30", "1.0000000031710769e-30"),
            ("16777217.0", "1.6777216e7"),
            ("0.5", "0.5"),
            ("1.", "1."),
            (".25e1", ".25e1"),
            ("0.1d0", "0.1d0"),
            ("1e40", "1e40"),
        ] {
            assert_eq!(single(written), stored);
            assert_eq!(single(stored), stored);
        }
    }
}
