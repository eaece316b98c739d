//! Arguments are bytes: small helpers for `OsStr`, and how it is written to JSON.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// `bytes` as an `OsString`.
#[must_use]
pub fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// The rest of `text` after `prefix`.
#[must_use]
pub fn strip_prefix<'t>(text: &'t OsStr, prefix: &str) -> Option<&'t OsStr> {
    text.as_bytes()
        .strip_prefix(prefix.as_bytes())
        .map(OsStr::from_bytes)
}

/// Whether `text` begins with `prefix`.
#[must_use]
pub fn starts_with(text: &OsStr, prefix: &str) -> bool {
    text.as_bytes().starts_with(prefix.as_bytes())
}

/// `prefix` and `rest` in one argument.
#[must_use]
pub fn joined(prefix: &str, rest: &OsStr) -> OsString {
    let mut whole = OsString::from(prefix);
    whole.push(rest);
    whole
}

/// Whether a terminal would do something at a character, or show the text around it in another
/// order, instead of showing it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        c if c.is_ascii() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
    }
}

/// A text on one line, for people: what a terminal would act on is shown by its number.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, is_hidden)
}

/// The same for a text of many lines, which stay lines.
#[must_use]
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

fn shown(text: &str, hidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Words as a shell would take them, for people to read, quoted only where they must be. What is
/// not UTF-8 shows a replacement character, and control characters are escaped.
#[must_use]
pub fn shell(words: &[OsString]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%+=:,./_-#".contains(c);
    let words = words.iter().map(|word| {
        let word = word.to_string_lossy();
        let bare = !word.is_empty() && !word.starts_with('#') && word.chars().all(plain);
        if bare {
            word.into_owned()
        } else if word.chars().any(is_hidden) {
            let mut quoted = String::from("$'");
            for c in word.chars() {
                match c {
                    c if is_hidden(c) => escape(c, &mut quoted),
                    '\\' | '\'' => quoted.extend(['\\', c]),
                    c => quoted.push(c),
                }
            }
            quoted + "'"
        } else {
            shell_words::quote(&word).into_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A name as make reads it.
#[must_use]
pub fn escaped_for_make(name: &str) -> String {
    let escape = |c: char| match c {
        '$' => "$$".to_owned(),
        ' ' | '#' => format!("\\{c}"),
        c => c.to_string(),
    };
    name.chars().map(escape).collect()
}

/// JSON for one `OsString`: a string, or `{"hex": "..."}` where it is not UTF-8, so that nothing
/// is lost.
pub mod json {
    use super::{OsStr, OsString, os};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
    use std::os::unix::ffi::OsStrExt;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Text {
        Utf8(String),
        Raw { hex: String },
    }

    fn encode(text: &OsStr) -> Text {
        match text.to_str() {
            Some(utf8) => Text::Utf8(utf8.to_owned()),
            None => Text::Raw {
                hex: text.as_bytes().iter().map(|b| format!("{b:02x}")).collect(),
            },
        }
    }

    fn decode(text: Text) -> Option<OsString> {
        match text {
            Text::Utf8(utf8) => Some(utf8.into()),
            Text::Raw { hex } => {
                let digits = hex
                    .chars()
                    .map(|c| c.to_digit(16))
                    .collect::<Option<Vec<_>>>()?;
                let (pairs, rest) = digits.as_chunks::<2>();
                let bytes = pairs.iter().map(|[high, low]| (high * 16 + low) as u8);
                rest.is_empty().then(|| os(&bytes.collect::<Vec<_>>()))
            }
        }
    }

    /// Writes one word.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(text: &OsStr, to: S) -> Result<S::Ok, S::Error> {
        encode(text).serialize(to)
    }

    /// Reads one word.
    ///
    /// # Errors
    /// Neither a string nor an object with an even number of hexadecimal digits.
    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<OsString, D::Error> {
        decode(Text::deserialize(from)?).ok_or_else(|| Error::custom("hex digits expected"))
    }

    /// The same for a list of words.
    pub mod list {
        use super::{Deserialize, Deserializer, Error, OsString, Serializer, Text, decode, encode};

        /// Writes a list of words.
        ///
        /// # Errors
        /// The serializer's own.
        pub fn serialize<S: Serializer>(words: &[OsString], to: S) -> Result<S::Ok, S::Error> {
            to.collect_seq(words.iter().map(|word| encode(word)))
        }

        /// Reads a list of words.
        ///
        /// # Errors
        /// As for one word.
        pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<OsString>, D::Error> {
            Vec::<Text>::deserialize(from)?
                .into_iter()
                .map(|word| decode(word).ok_or_else(|| Error::custom("hex digits expected")))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Words(#[serde(with = "json::list")] Vec<OsString>);

    #[test]
    fn what_a_terminal_acts_on_is_shown() {
        assert_eq!(
            visible("a\x1b[31mb\n\u{9b}\u{202e}"),
            "a\\x1b[31mb\\n\\u009b\\u202e"
        );
        assert_eq!(visible_lines("a\n\tb\r"), "a\n\tb\\r");
        assert_eq!(visible("é – 漢"), "é – 漢");
        let words = ["gcc".into(), "-DX=\x1b'\\\n".into(), "a b".into()];
        assert_eq!(shell(&words), "gcc $'-DX=\\x1b\\'\\\\\\n' 'a b'");
    }

    #[test]
    fn words_survive_json_whatever_their_bytes() {
        let words = Words(vec!["-DX=\"é\"".into(), os(b"\xff/a.c"), "".into()]);
        let text = serde_json::to_string(&words).unwrap();
        assert_eq!(text, r#"["-DX=\"é\"",{"hex":"ff2f612e63"},""]"#);
        assert_eq!(serde_json::from_str::<Words>(&text).unwrap(), words);
        assert!(serde_json::from_str::<Words>(r#"[{"hex":"abc"}]"#).is_err());
    }
}
