//! Characters to tokens.

use super::Loc;
use super::lines::Ch;
use crate::error::Refusal;
use crate::token::{Tok, Token};

/// Two-character operators; everything else of class `Op` is one character or `.name.`.
const PAIRS: [&str; 8] = ["**", "//", "==", "/=", "<=", ">=", "=>", "::"];

/// FORTRAN 77's names of the relations with `=`, which f2c does not understand in lists of input and
/// output.
const RELATIONS: [(&str, &str); 4] = [
    ("==", ".eq."),
    ("/=", ".ne."),
    ("<=", ".le."),
    (">=", ".ge."),
];

/// Names between dots that are operators.
const DOT_OPERATORS: [&str; 13] = [
    "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "eqv", "neqv", "xor", "mod",
];

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

struct Lexer<'a> {
    chars: &'a [Ch],
    next: usize,
    free: bool,
    tokens: Vec<Token>,
}

/// Tokens of a statement's text. `free` makes blanks end names and numbers.
pub(super) fn lex(chars: &[Ch], free: bool) -> Result<Vec<Token>, Refusal> {
    let mut lexer = Lexer {
        chars,
        next: 0,
        free,
        tokens: Vec::new(),
    };
    while let Some(ch) = lexer.peek(0) {
        let (kind, text) = lexer.token(ch)?;
        lexer.tokens.push(Token::new(kind, text, ch.at));
    }
    Ok(lexer.tokens)
}

/// Tokens of text written by us; it is known to be well formed.
pub(crate) fn lex_fragment(text: &str, at: Loc) -> Vec<Token> {
    let mut quote = None;
    // Characters of a Hollerith constant that are still to come.
    let mut counted = 0;
    let mut gap = true;
    let mut chars: Vec<Ch> = Vec::new();
    for c in text.chars() {
        if counted == 0 && quote.is_none() && !gap && c.eq_ignore_ascii_case(&'h') {
            counted = hollerith(&chars).map_or(0, |count| count + 1);
        }
        let lit = counted > 0 || quote.is_some() || c == '\'' || c == '"';
        match quote {
            _ if counted > 0 => counted -= 1,
            Some(q) if q == c => quote = None,
            None if lit => quote = Some(c),
            _ => {}
        }
        if c == ' ' && !lit {
            gap = true;
        } else {
            chars.push(Ch {
                c,
                gap: std::mem::take(&mut gap),
                lit,
                at,
            });
        }
    }
    lex(&chars, true).unwrap_or_default()
}

/// The count of the Hollerith constant whose H follows.
fn hollerith(chars: &[Ch]) -> Option<usize> {
    let digits = chars.iter().rev().take_while(|ch| ch.c.is_ascii_digit());
    let start = chars.len() - digits.count();
    let (before, digits) = chars.split_at(start);
    let name = match (before.last(), digits.first()) {
        (Some(last), Some(first)) => is_name(last.c) && !first.gap,
        (_, first) => first.is_none(),
    };
    let count: String = digits.iter().map(|ch| ch.c).collect();
    count.parse().ok().filter(|_| !name)
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<Ch> {
        self.chars.get(self.next + ahead).copied()
    }

    /// Takes characters while `accept` holds and, in free form, no blank intervenes.
    fn run(&mut self, accept: impl Fn(char) -> bool) -> String {
        let start = self.next;
        while let Some(ch) = self.peek(0) {
            if ch.lit || !accept(ch.c) || (self.free && ch.gap && self.next > start) {
                break;
            }
            self.next += 1;
        }
        self.chars[start..self.next].iter().map(|ch| ch.c).collect()
    }

    fn take(&mut self, count: usize) -> String {
        let end = (self.next + count).min(self.chars.len());
        let text = self.chars[self.next..end].iter().map(|ch| ch.c).collect();
        self.next = end;
        text
    }

    fn token(&mut self, ch: Ch) -> Result<(Tok, String), Refusal> {
        if ch.lit {
            return Ok(self.literal(ch.c));
        }
        if ch.c.is_ascii_alphabetic() || ch.c == '_' || ch.c == '$' {
            let name = self.run(is_name).to_ascii_lowercase();
            let boz = matches!(name.as_str(), "z" | "o" | "b" | "x");
            return match self.peek(0) {
                Some(quote) if boz && quote.lit && !quote.gap => {
                    let digits = self.literal(quote.c).1;
                    Ok((Tok::Boz, name + &digits))
                }
                _ => Ok((Tok::Name, name)),
            };
        }
        let decimal = self
            .peek(1)
            .is_some_and(|next| next.c.is_ascii_digit() && !next.lit);
        if ch.c.is_ascii_digit() || (ch.c == '.' && decimal) {
            return Ok(self.number());
        }
        if ch.c == '.'
            && let Some(word) = self.dotted(0)
        {
            self.next += word.len() + 2;
            if word == "true" || word == "false" {
                let suffix = self.kind_suffix();
                return Ok((Tok::Logical, format!(".{word}.{suffix}")));
            }
            // gfortran's other name for it, which f2c does not know.
            let word = if word == "xor" { "neqv" } else { &word };
            return Ok((Tok::Op, format!(".{word}.")));
        }
        let pair: String = self.chars[self.next..]
            .iter()
            .take(2)
            .map(|ch| ch.c)
            .collect();
        if PAIRS.contains(&pair.as_str()) {
            let text = self.take(2);
            let relation = RELATIONS.iter().find(|(known, _)| *known == text);
            return Ok((
                Tok::Op,
                relation.map_or(text, |(_, name)| (*name).to_owned()),
            ));
        }
        if ch.c.is_ascii_graphic() {
            return Ok((Tok::Op, self.take(1)));
        }
        let what = format!("character {:?} outside a string", ch.c);
        Err(Refusal::new(ch.at, "", what, ""))
    }

    /// A quoted or Hollerith constant; doubled quotes belong to it.
    fn literal(&mut self, first: char) -> (Tok, String) {
        if first == '\'' || first == '"' {
            let mut text = String::new();
            let start = self.next;
            while let Some(ch) = self.peek(0).filter(|ch| ch.lit) {
                let boundary = self.next > start && ch.gap;
                if boundary && ch.c != first {
                    break;
                }
                self.next += 1;
                text.push(ch.c);
                let next = self.peek(0);
                let closed = ch.c == first && text.len() > 1 && quotes_closed(&text, first);
                if closed && !next.is_some_and(|n| n.lit && n.c == first && !n.gap) {
                    break;
                }
            }
            let suffix = self.peek(0).map(|ch| ch.c.to_ascii_lowercase());
            if matches!(suffix, Some('x' | 'z' | 'o'))
                && !self.peek(1).is_some_and(|n| is_name(n.c))
            {
                let suffix = self.take(1);
                return (Tok::Boz, text + &suffix);
            }
            return (Tok::Str, text);
        }
        // The H of a Hollerith constant: its count is the integer just read.
        let count = self
            .tokens
            .pop()
            .map(|token| token.text)
            .unwrap_or_default();
        let length: usize = count.parse().unwrap_or(0);
        (Tok::Hollerith, count + &self.take(length + 1))
    }

    /// The word of `.word.` at `ahead`, when it is a known operator or logical constant.
    fn dotted(&self, ahead: usize) -> Option<String> {
        let rest = self.chars.get(self.next + ahead + 1..)?;
        let length = rest
            .iter()
            .take_while(|ch| ch.c.is_ascii_alphabetic() && !ch.lit)
            .count();
        let word: String = rest[..length]
            .iter()
            .map(|ch| ch.c.to_ascii_lowercase())
            .collect();
        let closed = rest.get(length).is_some_and(|ch| ch.c == '.');
        let known = DOT_OPERATORS.contains(&word.as_str()) || word == "true" || word == "false";
        (closed && known).then_some(word)
    }

    fn number(&mut self) -> (Tok, String) {
        let mut text = self.run(|c| c.is_ascii_digit());
        let mut kind = Tok::Int;
        if self.tokens.len() == 1 && self.tokens[0].op("*") {
            // The length in `COMPLEX*16 D1`, where fixed form would see the number 16D1.
            return (kind, text);
        }
        let glued = |ch: Ch, free: bool| !(ch.lit || (free && ch.gap));
        let free = self.free;
        let first = text.is_empty();
        let point = self
            .peek(0)
            .is_some_and(|ch| ch.c == '.' && (first || glued(ch, free)));
        if point && self.dotted(0).is_none() {
            kind = Tok::Real;
            text += &self.take(1);
            if self.peek(0).is_some_and(|ch| glued(ch, free)) {
                text += &self.run(|c| c.is_ascii_digit());
            }
        }
        if let Some(ch) = self.peek(0).filter(|&ch| glued(ch, free)) {
            let sign = usize::from(self.peek(1).is_some_and(|ch| matches!(ch.c, '+' | '-')));
            let digit = self.peek(1 + sign).is_some_and(|ch| ch.c.is_ascii_digit());
            if matches!(ch.c.to_ascii_lowercase(), 'e' | 'd' | 'q') && digit {
                kind = Tok::Real;
                text += &self.take(1 + sign).to_ascii_lowercase();
                text += &self.run(|c| c.is_ascii_digit());
            }
        }
        text += &self.kind_suffix();
        (kind, text)
    }

    fn kind_suffix(&mut self) -> String {
        match self.peek(0) {
            Some(ch) if ch.c == '_' && !ch.gap => self.run(is_name).to_ascii_lowercase(),
            _ => String::new(),
        }
    }
}

/// Whether the quotes in `text`, which starts with one, pair up.
fn quotes_closed(text: &str, quote: char) -> bool {
    text.chars().filter(|&c| c == quote).count() % 2 == 0
}
