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
    /// Blanks and line ends.
    Blank,
    Comment,
    /// A preprocessor line, without its line end.
    Directive,
}

/// A token and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub text: String,
}

impl Token {
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// Whether it is this word or punctuation.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Punct) && self.text == text
    }

    /// Neither blank, nor comment, nor directive.
    pub fn significant(&self) -> bool {
        !matches!(self.kind, Kind::Blank | Kind::Comment | Kind::Directive)
    }
}

/// Tokens of `text`; their texts joined are `text` again.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut line_start = true;
    while let Some(c) = rest.chars().next() {
        let (kind, length) = match c {
            '#' if line_start => (Kind::Directive, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (
                Kind::Comment,
                rest.find("*/").map_or(rest.len(), |end| end + 2),
            ),
            '"' | '\'' => (Kind::Literal, literal(rest, c)),
            _ if c.is_ascii_whitespace() => (Kind::Blank, run(rest, |c| c.is_ascii_whitespace())),
            _ if c.is_ascii_alphabetic() || c == '_' => (Kind::Word, run(rest, word)),
            _ if c.is_ascii_digit() => (Kind::Number, run(rest, |c| word(c) || c == '.')),
            _ => (Kind::Punct, c.len_utf8()),
        };
        let (token, tail) = rest.split_at(length);
        line_start = match kind {
            Kind::Blank => token.contains('\n') || line_start,
            _ => false,
        };
        out.push(Token::new(kind, token));
        rest = tail;
    }
    out
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

/// Index of the next significant token at or after `from`.
pub(super) fn next(tokens: &[Token], from: usize) -> Option<usize> {
    (from..tokens.len()).find(|&index| tokens[index].significant())
}

/// Index of the parenthesis or brace that closes the one at `open`.
pub(super) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.kind != Kind::Punct {
            continue;
        }
        match token.text.as_str() {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Splits tokens at commas outside parentheses.
pub(super) fn split_commas(tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut out = vec![Vec::new()];
    let mut depth = 0;
    for token in tokens {
        match token.text.as_str() {
            "(" | "[" | "{" if token.kind == Kind::Punct => depth += 1,
            ")" | "]" | "}" if token.kind == Kind::Punct => depth -= 1,
            "," if depth == 0 && token.kind == Kind::Punct => {
                out.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(token.clone());
        }
    }
    out
}

/// The text of tokens.
pub(super) fn text(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect()
}
