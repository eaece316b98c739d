//! Inquiries about whole arrays.

use super::Scope;
use crate::consts;
use crate::dim::{Dim, Upper};
use crate::expr::Expr;
use crate::source::{Loc, join, lex_fragment};

/// SIZE, LBOUND and UBOUND of a whole array, from its declaration.
pub(super) fn shape(
    function: &str,
    array: &Expr,
    dim: Option<i64>,
    scope: &Scope,
) -> Option<String> {
    let Expr::Name(name) = array else { return None };
    let dims = &scope.table.get(name)?.dims;
    let bound = |dim: &Dim| {
        let Upper::Given(upper) = &dim.upper else {
            return None;
        };
        let lower = dim
            .lower
            .as_ref()
            .map_or("1".to_owned(), |lower| join(lower));
        Some((lower, join(upper)))
    };
    let extent = |dim: &Dim| {
        let (lower, upper) = bound(dim)?;
        let text = match lower.as_str() {
            "1" => upper,
            _ => format!("{upper}-({lower})+1"),
        };
        let constant = consts::eval_int(&lex_fragment(&text, Loc::default()), &scope.table);
        Some(match constant {
            Some(_) => format!("({text})"),
            None => format!("max({text},0)"),
        })
    };
    let wanted = dim.and_then(|dim| dims.get(usize::try_from(dim).ok()?.checked_sub(1)?));
    match (function, wanted) {
        ("size", Some(dim)) => extent(dim),
        ("size", None) if dim.is_none() => {
            let extents: Option<Vec<String>> = dims.iter().map(extent).collect();
            extents
                .filter(|list| !list.is_empty())
                .map(|list| format!("({})", list.join("*")))
        }
        ("lbound", Some(dim)) => dim
            .lower
            .as_ref()
            .map_or(Some("1".into()), |l| Some(join(l))),
        ("ubound", Some(dim)) => bound(dim).map(|(_, upper)| format!("({upper})")),
        _ => None,
    }
}
