//! Subroutines return nothing, dummy arguments do not alias, the main program has no alias.

use std::collections::{BTreeMap, BTreeSet};

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

/// Functions of the runtime for narrow types, whose expressions f2c gives the type of INTEGER.
const BITS: [&str; 2] = ["emshim_ishft", "emshim_ibits"];

/// Declarations of procedures that the file defines lose their parameters: f2c infers them from the
/// arguments of a call, which Fortran lets differ in type from the dummies (a COMPLEX array passed
/// for a REAL one), and C does not. So do those of [`ALLOCATORS`], which take arrays of every type,
/// and of [`BITS`].
pub(super) fn own_declarations(tokens: Vec<Token>, defined: &BTreeSet<String>) -> Vec<Token> {
    let ours = |name: &str| {
        let bits = BITS.iter().any(|function| name.starts_with(function));
        defined.contains(name) || bits || ALLOCATORS.iter().any(|(known, _)| *known == name)
    };
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

/// Declarations of functions that the file defines have their results: of one that is only passed on
/// f2c knows no type before it comes to the definition.
pub(super) fn own_results(tokens: Vec<Token>) -> Vec<Token> {
    let results = results(&tokens);
    let mut out = Vec::with_capacity(tokens.len());
    let mut index = 0;
    while index < tokens.len() {
        out.push(tokens[index].clone());
        index += 1;
        let end = (index..tokens.len()).find(|&at| tokens[at].is(";"));
        if let (true, Some(end)) = (tokens[index - 1].is("extern"), end) {
            out.extend(with_results(&tokens[index..end], &results));
            index = end;
        }
    }
    out
}

/// The names of the functions that a file defines, and what stands before them.
fn results(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut words: Vec<&str> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let close = match token.is("(") || token.is("{") {
            true => closing(tokens, index),
            false => None,
        };
        let body = |close: usize| next(tokens, close + 1).is_some_and(|at| tokens[at].is("{"));
        if token.is("(")
            && close.is_some_and(body)
            && let Some(name) = words.pop()
        {
            words.retain(|word| word.trim() != "static");
            out.insert(name.to_owned(), words.join(" "));
        }
        if token.kind == Kind::Word {
            words.push(&token.text);
        } else if token.is("{") || token.is(";") {
            words.clear();
        }
        index = close.unwrap_or(index) + 1;
    }
    out
}

/// What follows `extern`, where the declarators with another result come as declarations of their
/// own.
fn with_results(statement: &[Token], results: &BTreeMap<String, String>) -> Vec<Token> {
    let Some(open) = statement.iter().position(|token| token.is("(")) else {
        return statement.to_vec();
    };
    let name = statement[..open]
        .iter()
        .rposition(|token| token.kind == Kind::Word)
        .unwrap_or(0);
    let (head, declarators) = statement.split_at(name);
    let words = head.iter().filter(|token| token.kind == Kind::Word);
    let result = words.map(|word| word.text.as_str()).collect::<Vec<_>>();
    let result = result.join(" ");
    let own = |declarator: &[Token]| {
        let name = declarator.iter().find(|token| token.kind == Kind::Word)?;
        let own = results.get(&name.text).filter(|own| **own != result)?;
        Some(format!("{own} {}()", name.text))
    };
    let (others, same): (Vec<_>, Vec<_>) = split_commas(declarators)
        .into_iter()
        .partition(|declarator| own(declarator).is_some());
    if others.is_empty() {
        return statement.to_vec();
    }
    let mut out = Vec::new();
    for (number, declarator) in same.into_iter().enumerate() {
        match number {
            0 => out.extend_from_slice(head),
            _ => out.push(Token::new(Kind::Punct, ",")),
        }
        out.extend(declarator);
    }
    let others: Vec<String> = others.iter().filter_map(|other| own(other)).collect();
    let between = if out.is_empty() { " " } else { "; extern " };
    out.extend(lex(&format!("{between}{}", others.join("; extern "))));
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
