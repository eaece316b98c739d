//! Tokens of the C that f2c writes: enough C for that, not for all C.

/// Kind of a C token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Identifier or keyword.
    Word,
    Number,
    /// String or character literal.
    Literal,
    Punct,
    /// A preprocessor line, without its line end.
    Directive,
}

/// A token, and the blanks and comments before it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub before: String,
    pub kind: Kind,
    pub text: String,
}

impl Token {
    pub fn new(before: impl Into<String>, kind: Kind, text: impl Into<String>) -> Self {
        Self {
            before: before.into(),
            kind,
            text: text.into(),
        }
    }

    /// Whether it is this word or punctuation.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Punct) && self.text == text
    }

    /// Where the comment of these words starts that stands directly before it; f2c breaks lines in
    /// comments too.
    pub fn comment(&self, words: &str) -> Option<usize> {
        let start = self.before.rfind("/*")?;
        let found = self.before[start..].split_whitespace();
        found.eq(words.split_whitespace()).then_some(start)
    }
}

/// Tokens of `text`, and what stands after the last.
pub(super) fn lex(text: &str) -> (Vec<Token>, String) {
    let mut out: Vec<Token> = Vec::new();
    let mut rest = text;
    loop {
        let between = trivia(rest);
        let (before, token) = rest.split_at(between);
        let line_start = out.is_empty() || last_line_blank(before);
        let Some(c) = token.chars().next() else {
            return (out, before.to_owned());
        };
        let (kind, length) = match c {
            '#' if line_start => (Kind::Directive, directive(token)),
            '"' | '\'' => (Kind::Literal, literal(token, c)),
            _ if c.is_ascii_alphabetic() || c == '_' => (Kind::Word, run(token, word)),
            _ if c.is_ascii_digit() => (Kind::Number, run(token, |c| word(c) || c == '.')),
            _ => (Kind::Punct, c.len_utf8()),
        };
        let (text, tail) = token.split_at(length);
        // What f2c prints for an INTEGER*8 without a value at the end of initial values.
        let null = out.len().saturating_sub(NULL.len());
        if text == "}" && out[null..].iter().map(|token| &token.text).eq(NULL) {
            out.truncate(null);
        }
        out.push(Token::new(before, kind, text));
        rest = tail;
    }
}

const NULL: [&str; 4] = [",", "(", "null", ")"];

fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace()
}

/// Whether only blanks stand in the last of several lines.
fn last_line_blank(text: &str) -> bool {
    let line = text.rsplit_once('\n');
    line.is_some_and(|(_, line)| line.chars().all(is_blank))
}

/// The length of the blanks and comments at the start of `text`.
fn trivia(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_blank);
        match rest.strip_prefix("/*") {
            Some(comment) => rest = comment.split_once("*/").map_or("", |(_, after)| after),
            None => return text.len() - rest.len(),
        }
    }
}

/// The length of a preprocessor line, which goes on after a backslash.
fn directive(text: &str) -> usize {
    let mut ends = text.match_indices('\n').map(|(end, _)| end);
    let end = ends.find(|&end| !text[..end].ends_with('\\'));
    end.unwrap_or(text.len())
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn run(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return index + 1;
        }
    }
    text.len()
}
