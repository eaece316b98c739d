//! Lists of tokens, taken apart at parentheses and commas.

use crate::token::Token;

/// Splits tokens at the commas outside parentheses.
pub(crate) fn split_commas(tokens: &[Token]) -> Vec<&[Token]> {
    split_at(tokens, ",")
}

/// Splits tokens at an operator outside parentheses.
pub(crate) fn split_at<'a>(tokens: &'a [Token], op: &str) -> Vec<&'a [Token]> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        if token.op("(") || token.op("[") {
            depth += 1;
        } else if token.op(")") || token.op("]") {
            depth -= 1;
        } else if depth == 0 && token.op(op) {
            out.push(&tokens[start..index]);
            start = index + 1;
        }
    }
    if !tokens.is_empty() {
        out.push(&tokens[start..]);
    }
    out
}

/// Index of the parenthesis that closes the one at `open`.
pub(crate) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.op("(") {
            depth += 1;
        } else if token.op(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

/// The tokens between the first parenthesis and the last.
pub(crate) fn inside(tokens: &[Token]) -> &[Token] {
    let open = tokens
        .iter()
        .position(|token| token.op("("))
        .map_or(0, |open| open + 1);
    let close = tokens
        .iter()
        .rposition(|token| token.op(")"))
        .unwrap_or(tokens.len());
    tokens.get(open..close).unwrap_or(&[])
}
