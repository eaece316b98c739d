//! Dimensions of arrays.

use crate::lists::{split_at, split_commas};
use crate::source::{Token, join};

/// A dimension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dim {
    /// Lower bound; none means 1.
    pub lower: Option<Vec<Token>>,
    pub upper: Upper,
}

/// The upper bound of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Upper {
    Given(Vec<Token>),
    /// `*`
    Assumed,
    /// `:`
    Deferred,
}

impl Dim {
    /// Dimensions between parentheses.
    pub fn list(tokens: &[Token]) -> Vec<Self> {
        split_commas(tokens)
            .into_iter()
            .map(|dim| {
                let parts = split_at(dim, ":");
                let colon = dim.iter().any(|token| token.op(":")) && parts.len() <= 2;
                let (lower, upper) = match parts.as_slice() {
                    [only] if !colon => (None, only.to_vec()),
                    [lower, upper] => (Some(lower.to_vec()), upper.to_vec()),
                    _ => (None, Vec::new()),
                };
                let upper = match upper.as_slice() {
                    [] => Upper::Deferred,
                    [star] if star.op("*") => Upper::Assumed,
                    _ => Upper::Given(upper),
                };
                Self {
                    lower: lower.filter(|tokens| !tokens.is_empty()),
                    upper,
                }
            })
            .collect()
    }

    /// As Fortran text.
    pub fn text(&self) -> String {
        let upper = match &self.upper {
            Upper::Given(tokens) => join(tokens),
            Upper::Assumed => "*".into(),
            Upper::Deferred => ":".into(),
        };
        match &self.lower {
            Some(lower) => format!("{}:{upper}", join(lower)),
            None => upper,
        }
    }
}

/// `(d1, d2)` or nothing.
pub(crate) fn dims_text(dims: &[Dim]) -> String {
    if dims.is_empty() {
        return String::new();
    }
    let texts: Vec<String> = dims.iter().map(Dim::text).collect();
    format!("({})", texts.join(","))
}
