//! Version scripts, by which a linker for ELF is told what a shared library exports.
//!
//! `NAME { global: a; b*; extern "C++" { "ns::f(int)"; }; local: *; } OTHER;`, nodes one after another.
//! Versions themselves mean nothing here: a side module's symbols have none.
//! Source: section "VERSION Command" of GNU ld's manual; which pattern wins, binutils'
//! `_bfd_elf_find_version_for_sym`.

use signatures::signature::demangle;

/// What scripts say of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// It is exported.
    Export,
    /// It is hidden.
    Hide,
    /// Nothing, or no more than of everything: `global: *`.
    Nothing,
}

/// Scripts of a link.
#[derive(Debug, Default)]
pub(crate) struct VersionScript {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    text: String,
    /// Whether it is a name as it stands, by quotes or for want of wildcards.
    literal: bool,
    /// Whether it is held against a name of C++'s.
    demangled: bool,
    global: bool,
}

impl VersionScript {
    /// Adds what a script says. The error names what cannot be read.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), String> {
        let mut tokens = tokens(text)?.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(_) | Token::Mark(';') => {}
                Token::Mark('{') => self.node(&mut tokens)?,
                other => return Err(format!("{other} stands where a version begins")),
            }
        }
        Ok(())
    }

    fn node(&mut self, tokens: &mut Tokens) -> Result<(), String> {
        let mut global = true;
        let mut demangled = false;
        let mut nested = false;
        while let Some(token) = tokens.next() {
            match token {
                Token::Mark('}') if nested => (nested, demangled) = (false, false),
                Token::Mark('}') => return Ok(()),
                Token::Mark(';') => {}
                Token::Word(word) if word == "extern" && !nested => {
                    let (Some(Token::Quoted(language)), Some(Token::Mark('{'))) =
                        (tokens.next(), tokens.next())
                    else {
                        return Err("`extern` is not followed by \"C++\" {".into());
                    };
                    (nested, demangled) = (true, language == "C++");
                }
                Token::Word(word) if tokens.next_if_eq(&Token::Mark(':')).is_some() => {
                    global = match &*word {
                        "global" => true,
                        "local" => false,
                        other => return Err(format!("`{other}:` is neither global nor local")),
                    };
                }
                Token::Word(text) | Token::Quoted(text) => self.patterns.push(Pattern {
                    literal: !text.contains(['*', '?', '[']),
                    text,
                    demangled,
                    global,
                }),
                other => return Err(format!("{other} stands where a symbol should")),
            }
        }
        Err("a `{` has no end".into())
    }

    /// What they say of a symbol.
    pub(crate) fn says(&self, symbol: &str) -> Says {
        let plain = demangle(symbol);
        let fits = |pattern: &&Pattern| {
            let name = match pattern.demangled {
                true => plain.as_deref().unwrap_or(symbol),
                false => symbol,
            };
            match pattern.literal {
                true => pattern.text == name,
                false => glob(pattern.text.as_bytes(), name.as_bytes()),
            }
        };
        let weight = |pattern: &Pattern| match (&*pattern.text, pattern.literal, pattern.global) {
            (_, true, true) => 5,
            (_, true, false) => 4,
            ("*", _, true) => 1,
            ("*", _, false) => 0,
            (_, _, true) => 3,
            (_, _, false) => 2,
        };
        let best = self.patterns.iter().filter(fits).max_by_key(|p| weight(p));
        match best {
            Some(pattern) if !pattern.global => Says::Hide,
            Some(pattern) if pattern.text != "*" => Says::Export,
            _ => Says::Nothing,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Mark(char),
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<Token>>;

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(text) | Self::Quoted(text) => write!(f, "`{text}`"),
            Self::Mark(mark) => write!(f, "`{mark}`"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '/' if rest.starts_with("/*") => rest.find("*/").ok_or("a comment has no end")? + 2,
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => {
                let end = rest[1..].find('"').ok_or("a quote has no end")? + 2;
                tokens.push(Token::Quoted(rest[1..end - 1].to_owned()));
                end
            }
            '{' | '}' | ';' => {
                tokens.push(Token::Mark(first));
                1
            }
            ':' if !rest.starts_with("::") => {
                tokens.push(Token::Mark(':'));
                1
            }
            space if space.is_whitespace() => space.len_utf8(),
            _ => {
                let end = end_of_word(rest);
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = &rest[end..];
    }
    Ok(tokens)
}

/// Where a word ends that may hold the colons of C++'s names.
fn end_of_word(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b':' if bytes.get(at + 1) == Some(&b':') => at += 2,
            b'{' | b'}' | b';' | b':' | b'"' => break,
            byte if byte.is_ascii_whitespace() => break,
            _ => at += 1,
        }
    }
    at.max(1)
}

/// Whether a name fits a pattern with `*`, `?` and `[...]`: fnmatch(3).
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=name.len()).any(|from| glob(rest, &name[from..])),
        ([b'?', rest @ ..], [_, name @ ..]) => glob(rest, name),
        ([b'[', rest @ ..], [byte, name @ ..]) => match set(rest, *byte) {
            Some((fits, rest)) => fits && glob(rest, name),
            None => *byte == b'[' && glob(rest, name),
        },
        ([first, rest @ ..], [byte, name @ ..]) => first == byte && glob(rest, name),
        _ => false,
    }
}

/// Whether a byte is of the set that begins the pattern, and what follows the set.
fn set(pattern: &[u8], byte: u8) -> Option<(bool, &[u8])> {
    let (negated, body) = match pattern {
        [b'!' | b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let end = body.iter().skip(1).position(|&b| b == b']')? + 1;
    let mut inside = false;
    let mut members = &body[..end];
    while let [first, rest @ ..] = members {
        members = match rest {
            [b'-', last, rest @ ..] => {
                inside |= (first..=last).contains(&&byte);
                rest
            }
            _ => {
                inside |= *first == byte;
                rest
            }
        };
    }
    Some((inside != negated, &body[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> VersionScript {
        let mut script = VersionScript::default();
        script.add(text).unwrap();
        script
    }

    #[test]
    fn what_is_named_is_exported_and_the_rest_hidden() {
        let text = "# a comment\nV1 { global: f; g_[a-c]?; /* more */ extern \"C++\" { ns::h*; \
                    \"ns::k(int)\" }; local: *; };\nV2 { last; lo*; } V1;";
        let script = script(text);
        for name in ["f", "g_b1", "last", "long", "_ZN2ns1hEv", "_ZN2ns1kEi"] {
            assert_eq!(script.says(name), Says::Export, "{name}");
        }
        for name in ["g", "g_d1", "other", "_ZN2ns1kEv"] {
            assert_eq!(script.says(name), Says::Hide, "{name}");
        }
    }

    #[test]
    fn the_more_exact_pattern_wins() {
        let script = script("{ global: *; local: priv*; priv_x; global: private; };");
        assert_eq!(script.says("priv_y"), Says::Hide);
        assert_eq!(script.says("priv_x"), Says::Hide);
        assert_eq!(script.says("private"), Says::Export);
        assert_eq!(script.says("any"), Says::Nothing);
    }

    #[test]
    fn a_script_that_is_none_is_an_error() {
        for text in [
            "{ f;",
            "} ;",
            "{ other: f; };",
            "{ extern \"C\" f; };",
            "{ \"f; };",
            "/* ",
        ] {
            assert!(VersionScript::default().add(text).is_err(), "{text}");
        }
    }
}
