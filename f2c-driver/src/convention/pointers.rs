//! Arrays of variable size: arguments for f2c, pointers of their own for C.

use super::names::f2c_external;
use super::token::{Kind, Token, closing, next, split_commas, text};
use crate::lower::{Facts, Pointer};

/// Routines of the runtime that change or ask where an array is, and so take the address of its
/// pointer, and how many arguments they have: f2c adds the length of a CHARACTER.
pub(super) const ALLOCATORS: [(&str, usize); 8] = [
    ("emshim_allocate__", 2),
    ("emshim_allocate_stat__", 2),
    ("emshim_allocated__", 1),
    ("emshim_deallocate__", 1),
    ("emshim_deallocate_own__", 1),
    ("emshim_deallocate_stat__", 1),
    ("emshim_string__", 3),
    ("emshim_temporary__", 2),
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
    let known = match pointer.string {
        true => format!("\n    ftnlen {length} = 0;"),
        false => String::new(),
    };
    let line = format!("\n    {storage}{} = 0;{known}", declaration.trim());
    out.extend(super::token::lex(&line));
    let inner = &tokens[body + 1..end];
    let mut index = 0;
    while index < inner.len() {
        out.push(inner[index].clone());
        let allocator = ALLOCATORS.iter().find(|(name, _)| inner[index].is(name));
        let call = allocator.and_then(|&(_, count)| {
            let paren = next(inner, index + 1).filter(|&at| inner[at].is("("))?;
            let first = next(inner, paren + 1)?;
            inner[first].is(&c_name).then_some(())?;
            Some((count, paren, closing(inner, paren)?))
        });
        if let Some((count, paren, close)) = call {
            out.extend(super::token::lex("((void *)&"));
            let arguments = split_commas(&inner[paren + 1..close]);
            for (number, argument) in arguments.into_iter().take(count).enumerate() {
                if number > 0 {
                    out.extend(super::token::lex(", "));
                }
                // Of a string, the runtime sets the length.
                if number == 2 {
                    out.extend(super::token::lex("&"));
                }
                out.extend(
                    argument
                        .into_iter()
                        .skip_while(|token| !token.significant()),
                );
            }
            out.push(inner[close].clone());
            index = close;
        }
        index += 1;
    }
    out.extend_from_slice(&tokens[end..]);
    out
}
