//! JSON for `OsString`: a string, or `{"hex": "..."}` where it is not UTF-8, so that nothing is lost.

use crate::os_str::os;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::ffi::{OsStr, OsString};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Words(#[serde(with = "list")] Vec<OsString>);

    #[test]
    fn words_survive_json_whatever_their_bytes() {
        let words = Words(vec!["-DX=\"é\"".into(), os(b"\xff/a.c"), "".into()]);
        let text = serde_json::to_string(&words).unwrap();
        assert_eq!(text, r#"["-DX=\"é\"",{"hex":"ff2f612e63"},""]"#);
        assert_eq!(serde_json::from_str::<Words>(&text).unwrap(), words);
        assert!(serde_json::from_str::<Words>(r#"[{"hex":"abc"}]"#).is_err());
    }
}
