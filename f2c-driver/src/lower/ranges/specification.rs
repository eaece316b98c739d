//! Constants among specification statements.

use super::Ranges;
use crate::data_type::{Class, Type};
use crate::declaration::declaration;
use crate::dim::Upper;
use crate::error::Lowered;
use crate::expr::parse;
use crate::lists::{closing, inside, split_at, split_commas};
use crate::source::{Kind, Stmt, Token};
use crate::types::type_of;

impl Ranges<'_> {
    pub(super) fn specification(&mut self, stmt: &Stmt) -> Lowered {
        self.at = stmt.at;
        match &stmt.kind {
            Kind::Spec("parameter") => {
                self.initial = true;
                for part in split_commas(inside(&stmt.tokens)) {
                    if let [name, equals, value @ ..] = part
                        && equals.op("=")
                    {
                        self.converted(value, self.table.type_of(&name.text))?;
                    }
                }
                self.initial = false;
            }
            Kind::Spec("data") => {
                for (names, values) in groups(&stmt.tokens) {
                    let types = split_commas(names).into_iter();
                    let types: Vec<Option<Type>> = types
                        .map(|name| self.table.type_of(&name.first()?.text))
                        .collect();
                    // Those of one type; which value is whose takes more than that to know.
                    let one = types.windows(2).all(|pair| pair[0] == pair[1]);
                    self.data(values, types.first().copied().flatten().filter(|_| one))?;
                }
            }
            Kind::Spec("dimension" | "common") => {
                // Each list in parentheses is one of bounds.
                let mut rest = stmt.tokens.as_slice();
                while let Some(open) = rest.iter().position(|token| token.op("("))
                    && let Some(close) = closing(rest, open)
                {
                    self.bounds(&rest[open + 1..close])?;
                    rest = &rest[close + 1..];
                }
            }
            Kind::Type(base) => {
                let declared = declaration(stmt, *base, self.table)?;
                if let Some(dimension) = declared.attribute("dimension") {
                    self.bounds(inside(&dimension[1..]))?;
                }
                for entity in &declared.entities {
                    for dim in &entity.dims {
                        let upper = match &dim.upper {
                            Upper::Given(upper) => Some(upper),
                            _ => None,
                        };
                        for bound in dim.lower.iter().chain(upper) {
                            self.bounds(bound)?;
                        }
                    }
                    if let Some(value) = &entity.value {
                        self.converted(value, Some(declared.ty))?;
                    }
                    if let Some(values) = &entity.data {
                        self.data(values, Some(declared.ty))?;
                    }
                }
            }
            Kind::Assignment { target, value } => {
                self.value(target)?;
                self.value(value)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn bounds(&mut self, tokens: &[Token]) -> Lowered {
        for part in split_commas(tokens) {
            for bound in split_at(part, ":") {
                if let Some(bound) = parse(bound) {
                    self.value(&bound)?;
                    let ty = type_of(&bound, self.table);
                    if let Some(ty) = ty.filter(|ty| ty.class != Class::Integer) {
                        let message = format!("a bound of type {}", ty.keyword());
                        return self.refuse(&bound, &message);
                    }
                }
            }
        }
        Ok(())
    }

    /// Values of DATA.
    fn data(&mut self, values: &[Token], ty: Option<Type>) -> Lowered {
        for value in split_commas(values) {
            let parts = split_at(value, "*");
            self.converted(parts.last().copied().unwrap_or_default(), ty)?;
        }
        Ok(())
    }

    /// A constant as a value of some type.
    fn converted(&mut self, tokens: &[Token], ty: Option<Type>) -> Lowered {
        let Some(expr) = parse(tokens) else {
            return Ok(());
        };
        match (ty, self.value(&expr)?) {
            (Some(ty), _) => self.conversion(&expr, ty),
            _ => Ok(()),
        }
    }
}

/// Names and values of a DATA statement, `names/values/, names/values/`.
pub(crate) fn groups(tokens: &[Token]) -> Vec<(&[Token], &[Token])> {
    let parts = split_at(tokens, "/");
    let pairs = parts.chunks_exact(2);
    pairs
        .map(|pair| {
            let names = match pair[0] {
                [comma, names @ ..] if comma.op(",") => names,
                names => names,
            };
            (names, pair[1])
        })
        .collect()
}
