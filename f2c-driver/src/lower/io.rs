//! Input and output: the specifiers that Fortran added after FORTRAN 77.

use super::Scope;
use super::refused::find;
use crate::error::Lowered;
use crate::expr::{closing, split_commas};
use crate::source::{Kind, Stmt, Tok, Token, lex_fragment};

/// Specifiers of input and output that FORTRAN 77 lacks.
const SPECIFIERS: &[(&str, &str)] = &[
    ("advance", "end the format with $ for ADVANCE='NO'"),
    ("asynchronous", "input and output are synchronous"),
    ("decimal", "leave it out"),
    ("delim", "write the quotes yourself"),
    ("encoding", "leave it out"),
    ("id", "input and output are synchronous"),
    ("iomsg", "use IOSTAT"),
    ("newunit", "choose a unit number"),
    ("pos", "use direct access"),
    ("round", "leave it out"),
    ("sign", "use SP or SS in the format"),
    ("size", "read into a CHARACTER variable"),
];

/// Specifiers that say nothing the runtime would do otherwise.
const DROPPED: [&str; 2] = ["action", "pad"];

/// Rewrites the control lists.
pub(super) fn specifiers(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        if matches!(stmt.kind, Kind::Action(_)) {
            control_list(&mut stmt, scope)?;
        }
        out.push(stmt);
        Ok(())
    })
}

fn control_list(stmt: &mut Stmt, scope: &Scope) -> Lowered {
    let close = match stmt.tokens.first() {
        Some(open) if open.op("(") => closing(&stmt.tokens, 0),
        _ => None,
    };
    let Some(close) = close else {
        return Ok(());
    };
    let mut list: Vec<Token> = Vec::new();
    for part in split_commas(&stmt.tokens[1..close]) {
        let Some(part) = specifier(part, scope)? else {
            continue;
        };
        if !list.is_empty() {
            list.push(Token::new(Tok::Op, ",", stmt.at));
        }
        list.extend(part);
    }
    stmt.tokens.splice(1..close, list);
    Ok(())
}

/// One item of a control list for f2c, or nothing for one to leave out.
fn specifier(part: &[Token], scope: &Scope) -> Lowered<Option<Vec<Token>>> {
    let [word, equals, value @ ..] = part else {
        return Ok(Some(part.to_vec()));
    };
    if word.kind != Tok::Name || !equals.op("=") {
        return Ok(Some(part.to_vec()));
    }
    let construct = format!("{}=", word.text.to_uppercase());
    if let Some(remedy) = find(SPECIFIERS, &word.text) {
        let message = "FORTRAN 77 has no such specifier";
        return scope.refuse(word.at, &construct, message, remedy);
    }
    if DROPPED.contains(&word.text.as_str()) {
        return Ok(None);
    }
    let says = |text: &str| {
        let quoted = |token: &Token| token.text.trim_matches(['\'', '"']).trim().to_lowercase();
        value
            .iter()
            .any(|token| token.kind == Tok::Str && quoted(token) == text)
    };
    if word.name("access") && says("stream") {
        let message = "the runtime has no stream access";
        return scope.refuse(word.at, &construct, message, "use direct access");
    }
    if word.name("position") {
        if says("append") {
            return Ok(Some(lex_fragment("access='append'", word.at)));
        }
        if says("rewind") || says("asis") {
            return Ok(None);
        }
        let remedy = "give 'append' itself, or use READ to get there";
        return scope.refuse(
            word.at,
            &construct,
            "the position is not a constant",
            remedy,
        );
    }
    Ok(Some(part.to_vec()))
}
