//! Subroutines return nothing, dummy arguments do not alias, the main program has no alias.

use std::collections::BTreeSet;

use super::pointers::ALLOCATORS;
use super::token::{Kind, Token, closing, lex, next, split_commas};
use crate::lower::Facts;

/// What f2c writes in front of the result of a subroutine.
const SUBROUTINE: &str = "/* Subroutine */";

/// Whether a token is that comment; f2c breaks lines in comments too.
fn is_comment(token: &Token, comment: &str) -> bool {
    token.kind == Kind::Comment && token.text.split_whitespace().eq(comment.split_whitespace())
}

/// The names f2c gives to `name`: with its underscores, and as the helper of procedures with
/// ENTRY.
fn f2c_names(name: &str) -> [String; 2] {
    [super::names::f2c_external(name), format!("{name}_0_")]
}

/// `int` becomes `void` for every subroutine, unless it has alternate returns.
pub(super) fn subroutines(tokens: Vec<Token>, alternate: &[String]) -> Vec<Token> {
    let stays: Vec<String> = alternate.iter().flat_map(|name| f2c_names(name)).collect();
    let stays = |name: &str| stays.iter().any(|known| known == name);
    let mut out = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while index < tokens.len() {
        let marked = is_comment(&tokens[index], SUBROUTINE);
        let int = if marked {
            next(&tokens, index).filter(|&at| tokens[at].is("int"))
        } else {
            None
        };
        let Some(int) = int else {
            out.push(tokens[index].clone());
            index += 1;
            continue;
        };
        // `name(...)`, or a list of them.
        let end = (int + 1..tokens.len())
            .find(|&at| tokens[at].is(";") || tokens[at].is("{"))
            .unwrap_or(tokens.len());
        let external = out
            .iter()
            .rev()
            .find(|t| t.significant())
            .is_some_and(|t| t.is("extern"));
        let declarators = split_commas(&tokens[int + 1..end]);
        let mut previous: Option<bool> = None;
        for declarator in declarators {
            let name = declarator.iter().find(|t| t.kind == Kind::Word);
            let keeps = name.is_some_and(|name| stays(&name.text));
            let result = Token::new(Kind::Word, if keeps { "int" } else { "void" });
            match previous {
                Some(last) if last == keeps => out.push(Token::new(Kind::Punct, ",")),
                Some(_) => {
                    let extern_word = if external { "extern " } else { "" };
                    out.push(Token::new(Kind::Punct, ";"));
                    out.push(Token::new(Kind::Blank, format!("\n    {extern_word}")));
                    out.push(result);
                }
                None => out.push(result),
            }
            previous = Some(keeps);
            out.extend(declarator);
        }
        index = end;
        if tokens.get(index).is_some_and(|token| token.is("{")) && previous == Some(false) {
            let close = closing(&tokens, index).map_or(tokens.len(), |close| close + 1);
            let body = subroutines(tokens[index..close].to_vec(), alternate);
            out.extend(without_results(&body));
            index = close;
        }
    }
    out
}

/// The body of a subroutine: `return 0;` returns nothing, and `return f_0_(...);` is a call.
fn without_results(body: &[Token]) -> Vec<Token> {
    let mut out = Vec::with_capacity(body.len());
    let mut index = 0;
    while index < body.len() {
        let token = &body[index];
        index += 1;
        if !token.is("return") {
            out.push(token.clone());
            continue;
        }
        let value = next(body, index);
        match value.map(|at| &body[at]) {
            Some(value_token) if value_token.text == "0" => {
                out.push(token.clone());
                index = value.map_or(index, |at| at + 1);
            }
            Some(value_token) if value_token.kind == Kind::Word => {
                // The call of the helper that all entries share.
                index = value.unwrap_or(index);
            }
            _ => out.push(token.clone()),
        }
    }
    out
}

/// Definitions at file level: Fortran's dummy arguments do not alias, and helpers that f2c makes
/// for ENTRY are nobody else's.
pub(super) fn definitions(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut index = 0;
    // Where the current declaration at file level starts in `out`.
    let mut start = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        if token.is("(") {
            let Some(close) = closing(&tokens, index) else {
                break;
            };
            let body = next(&tokens, close + 1).is_some_and(|at| tokens[at].is("{"));
            let name = out.iter().rev().find(|t| t.significant()).cloned();
            if body && name.as_ref().is_some_and(|name| name.kind == Kind::Word) {
                let helper = name.is_some_and(|name| name.text.ends_with("_0_"))
                    && parameters_start_with(&tokens[index..close], &["int", "n__"]);
                let parameters = restricted(&tokens[index..=close]);
                if helper {
                    let at = (start..out.len())
                        .find(|&at| out[at].significant())
                        .unwrap_or(start);
                    out.insert(at, Token::new(Kind::Word, "static "));
                }
                out.extend(parameters);
            } else {
                out.extend_from_slice(&tokens[index..=close]);
            }
            index = close + 1;
            continue;
        }
        if token.is("{") {
            let Some(close) = closing(&tokens, index) else {
                break;
            };
            out.extend_from_slice(&tokens[index..=close]);
            index = close + 1;
            start = out.len();
            continue;
        }
        out.push(token.clone());
        index += 1;
        if token.is(";") {
            start = out.len();
        }
    }
    out.extend_from_slice(&tokens[index.min(tokens.len())..]);
    out
}

/// Declarations of procedures that the file defines lose their parameters: f2c infers them from the
/// arguments of a call, which Fortran lets differ in type from the dummies (a COMPLEX array passed
/// for a REAL one), and C does not. So do those of [`ALLOCATORS`], which take arrays of every type.
pub(super) fn own_declarations(tokens: Vec<Token>, defined: &BTreeSet<String>) -> Vec<Token> {
    let ours =
        |name: &str| defined.contains(name) || ALLOCATORS.iter().any(|(known, _)| *known == name);
    let mut out = Vec::with_capacity(tokens.len());
    let mut external = false;
    let mut index = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        out.push(token.clone());
        index += 1;
        if token.is("extern") {
            external = true;
        } else if token.is(";") {
            external = false;
        } else if external && ours(&token.text) {
            let open = next(&tokens, index).filter(|&at| tokens[at].is("("));
            if let Some(close) = open.and_then(|open| closing(&tokens, open)) {
                out.extend([Token::new(Kind::Punct, "("), Token::new(Kind::Punct, ")")]);
                index = close + 1;
            }
        }
    }
    out
}

fn parameters_start_with(tokens: &[Token], words: &[&str]) -> bool {
    let found = tokens
        .iter()
        .filter(|token| token.kind == Kind::Word)
        .take(words.len());
    found
        .map(|token| token.text.as_str())
        .eq(words.iter().copied())
}

/// The parameter list with `restrict` behind every `*`.
fn restricted(parameters: &[Token]) -> Vec<Token> {
    let mut out = Vec::with_capacity(parameters.len() + 8);
    for token in parameters {
        out.push(token.clone());
        if token.is("*") {
            out.push(Token::new(Kind::Blank, " "));
            out.push(Token::new(Kind::Word, "restrict"));
            out.push(Token::new(Kind::Blank, " "));
        }
    }
    out
}

/// What f2c writes in front of a main program, and what stands there instead.
const MAIN: &str = "/* Main program */";
const OWN_MAIN: &str = "/* Main program */ static";

/// The function that the C runtime starts; `runtime/program.c` has `emshim_main`.
const START: &str = "\nint main(int argc, char **argv)\n{\n    \
                     void emshim_main(int, char **, int (*)(void));\n    \
                     emshim_main(argc, argv, MAIN__);\n    return 0;\n}\n";

/// The main program: `MAIN__`, which is nobody else's, and no second name; a subroutine that stands
/// for it gets its shape.
pub(super) fn main_program(tokens: Vec<Token>, facts: &Facts) -> Vec<Token> {
    let alias = tokens
        .iter()
        .position(|token| is_comment(token, "/* Main program alias */"));
    let mut tokens = tokens;
    if let Some(alias) = alias {
        tokens.truncate(alias);
    }
    let known = facts.main.as_deref().map(super::names::f2c_external);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for mut token in tokens {
        if known.as_ref().is_some_and(|known| token.is(known)) {
            token.text = "MAIN__".into();
            // It keeps its int: the runtime calls it so.
            let mark = out
                .iter()
                .rposition(|token| is_comment(token, SUBROUTINE))
                .filter(|&mark| out.len() - mark < 6);
            if let Some(mark) = mark {
                out.splice(mark..=mark, lex(OWN_MAIN));
            }
        } else if is_comment(&token, MAIN) {
            out.extend(lex(OWN_MAIN));
            continue;
        }
        out.push(token);
    }
    out
}

/// Defines `main` in a file that has a main program, as gfortran does: whoever links needs no
/// object that starts it.
pub(super) fn start(mut tokens: Vec<Token>) -> Vec<Token> {
    if tokens.iter().any(|token| token.is("MAIN__")) {
        tokens.extend(lex(START));
    }
    tokens
}
