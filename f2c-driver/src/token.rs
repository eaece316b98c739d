//! Tokens. Names and dot operators are in lower case; literals are as written.

use crate::loc::Loc;

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tok {
    Name,
    /// With its kind suffix, if any.
    Int,
    /// With exponent and kind suffix, if any.
    Real,
    /// `.true.` or `.false.`, with its kind suffix, if any.
    Logical,
    /// A character constant with its quotes.
    Str,
    /// `5Hhello`.
    Hollerith,
    /// `Z'FF'` and `'FF'X`.
    Boz,
    Op,
}

/// A token and its place.
#[derive(Clone, Debug, Eq)]
pub(crate) struct Token {
    pub kind: Tok,
    pub text: String,
    pub at: Loc,
}

/// Tokens are equal when they read the same, wherever they stand.
impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text
    }
}

impl Token {
    /// A token of our own making.
    pub fn new(kind: Tok, text: impl Into<String>, at: Loc) -> Self {
        Self {
            kind,
            text: text.into(),
            at,
        }
    }

    /// Whether this is the operator or punctuation `text`.
    pub fn op(&self, text: &str) -> bool {
        self.kind == Tok::Op && self.text == text
    }

    /// Whether this is the name `text` (lower case).
    pub fn name(&self, text: &str) -> bool {
        self.kind == Tok::Name && self.text == text
    }
}

/// The tokens as Fortran text: blanks only where words would run together.
pub(crate) fn join(tokens: &[Token]) -> String {
    let mut out = String::new();
    let mut word = false;
    for token in tokens {
        let starts_word = token
            .text
            .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if (word && starts_word) || (token.op("=") && !out.is_empty()) {
            out.push(' ');
        }
        out.push_str(&token.text);
        word = token.kind != Tok::Op && token.kind != Tok::Str || token.op("=");
        if token.op(",") {
            word = true;
        }
    }
    out
}

/// What is called for a name or a literal, and whether arguments or subscripts follow it.
pub(crate) type Leaf<'a> = dyn FnMut(&mut Token, bool) + 'a;

/// Shows a name as the token it is.
pub(crate) fn name_leaf(name: &mut String, called: bool, at: Loc, f: &mut Leaf) {
    let mut token = Token::new(Tok::Name, std::mem::take(name), at);
    f(&mut token, called);
    *name = token.text;
}
