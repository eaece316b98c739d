//! Arrays of variable size: arguments for f2c, pointers of their own for C.

use super::names::f2c_external;
use super::token::{Kind, Token, closing, next, split_commas, text};
use crate::lower::{Facts, Pointer};

/// Runtime routines that change where an array is, and so take the address of its pointer.
const ALLOCATORS: [&str; 4] = [
    "emshim_allocate__",
    "emshim_allocate_stat__",
    "emshim_deallocate__",
    "emshim_allocated__",
];

/// Moves the arrays from the parameters to the local variables of their procedures.
pub(super) fn localise(tokens: Vec<Token>, facts: &Facts) -> Vec<Token> {
    let mut tokens = tokens;
    for pointer in &facts.pointers {
        tokens = one(tokens, pointer);
    }
    tokens
}

fn one(tokens: Vec<Token>, pointer: &Pointer) -> Vec<Token> {
    let procedure = f2c_external(&pointer.procedure);
    let definition = (0..tokens.len()).find_map(|index| {
        if !tokens[index].is(&procedure) {
            return None;
        }
        let open = next(&tokens, index + 1).filter(|&at| tokens[at].is("("))?;
        let close = closing(&tokens, open)?;
        let body = next(&tokens, close + 1).filter(|&at| tokens[at].is("{"))?;
        Some((open, close, body, closing(&tokens, body)?))
    });
    let Some((open, close, body, end)) = definition else {
        return tokens;
    };
    let name = |parameter: &[Token]| {
        parameter
            .iter()
            .rev()
            .find(|t| t.kind == Kind::Word)
            .map(|t| t.text.clone())
    };
    // f2c appends underscores to names with an underscore, and to those it uses itself.
    let spellings = [pointer.name.clone(), format!("{}__", pointer.name)];
    let length = format!("{}_len", pointer.name);
    let mut kept = Vec::new();
    let mut local = None;
    for parameter in split_commas(&tokens[open + 1..close]) {
        match name(&parameter) {
            Some(found) if spellings.contains(&found) => local = Some((found, parameter)),
            Some(found) if found == length => {}
            _ => kept.push(parameter),
        }
    }
    let Some((c_name, declaration)) = local else {
        return tokens;
    };
    let mut out = tokens[..=open].to_vec();
    if kept.is_empty() {
        out.push(Token::new(Kind::Word, "void"));
    }
    for (index, parameter) in kept.into_iter().enumerate() {
        if index > 0 {
            out.push(Token::new(Kind::Punct, ","));
        }
        out.extend(parameter);
    }
    out.extend_from_slice(&tokens[close..=body]);
    let storage = if pointer.saved { "static " } else { "" };
    let declaration = text(&declaration);
    let line = format!("\n    {storage}{} = 0;", declaration.trim());
    out.extend(super::token::lex(&line));
    let inner = &tokens[body + 1..end];
    let mut index = 0;
    while index < inner.len() {
        out.push(inner[index].clone());
        let call = ALLOCATORS
            .contains(&inner[index].text.as_str())
            .then(|| next(inner, index + 1).filter(|&at| inner[at].is("(")))
            .flatten();
        if let Some(paren) = call {
            let first = next(inner, paren + 1);
            if first.is_some_and(|at| inner[at].is(&c_name)) {
                out.extend_from_slice(&inner[index + 1..=paren]);
                out.extend(super::token::lex("(void *)&"));
                index = paren;
            }
        }
        index += 1;
    }
    out.extend_from_slice(&tokens[end..]);
    out
}
