//! f2c's C to gfortran's calling convention, token by token.
//!
//! Each pass takes the tokens of a whole file and gives them back changed.

mod characters;
mod commons;
mod names;
mod pointers;
mod procedures;
mod single;
mod token;
mod values;

pub(crate) use names::Names;

use crate::lower::Facts;
use crate::options::Options;
use crate::source::Files;
use token::{Kind, Token};

/// Rewrites the C that f2c made of a file; gives its external names too, as gfortran spells them.
pub(crate) fn convert(c: &str, facts: &Facts, files: &Files, options: &Options) -> (String, Names) {
    let mut tokens = token::lex(c);
    tokens = drop_banner(tokens);
    tokens = drop_null(tokens);
    tokens = values::pass(tokens, facts);
    tokens = pointers::localise(tokens, facts);
    tokens = procedures::main_program(tokens, facts);
    tokens = procedures::subroutines(tokens, &facts.alternate_returns);
    tokens = procedures::definitions(tokens);
    tokens = single::functions(tokens);
    tokens = single::arguments(tokens);
    let names = Names::of(&tokens);
    tokens = procedures::own_results(tokens);
    tokens = procedures::own_declarations(tokens, &names.defined);
    tokens = names::rename(tokens, &names, facts, options);
    tokens = commons::mark(tokens);
    tokens = characters::mark(tokens);
    tokens = lines(tokens, files, options);
    tokens = procedures::start(tokens);
    (token::text(&tokens), Names::of(&tokens))
}

/// Drops what f2c prints for an INTEGER*8 without a value at the end of initial values: `, (null)`.
fn drop_null(tokens: Vec<Token>) -> Vec<Token> {
    let shape = ["}", ")", "null", "(", ","];
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.is(shape[0]) {
            let before = out.iter().enumerate().rev();
            let before: Vec<usize> = before
                .filter(|(_, token)| token.significant())
                .map(|(at, _)| at)
                .take(4)
                .collect();
            if before.len() == 4
                && before
                    .iter()
                    .zip(&shape[1..])
                    .all(|(&at, text)| out[at].is(text))
            {
                out.truncate(before[3]);
            }
        }
        out.push(token);
    }
    out
}

/// Drops f2c's comment on how to link, and the marker of its own file that follows the include.
fn drop_banner(mut tokens: Vec<Token>) -> Vec<Token> {
    let mut directives = (0..tokens.len()).filter(|&at| tokens[at].kind == Kind::Directive);
    let include = directives.find(|&at| tokens[at].text.starts_with("#include"));
    let marker = directives
        .next()
        .filter(|&at| tokens[at].text == "#line 1 \"\"");
    if let Some(marker) = marker {
        tokens.remove(marker);
    }
    tokens.split_off(include.unwrap_or(0))
}

/// `#line 71 "0"` names the user's file, or goes when no line directives are wanted.
fn lines(tokens: Vec<Token>, files: &Files, options: &Options) -> Vec<Token> {
    let line = |token: &Token| token.kind == Kind::Directive && token.text.starts_with("#line");
    if !options.line_directives {
        return tokens.into_iter().filter(|token| !line(token)).collect();
    }
    let renamed = |token: Token| {
        if !line(&token) {
            return token;
        }
        let mut parts = token.text.splitn(3, ' ');
        let number = parts.nth(1).unwrap_or("1").to_owned();
        let file = parts
            .next()
            .and_then(|name| name.trim_matches('"').parse().ok());
        let name = files
            .name(file.unwrap_or(0))
            .as_str()
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        Token::new(Kind::Directive, format!("#line {number} \"{name}\""))
    };
    tokens.into_iter().map(renamed).collect()
}
