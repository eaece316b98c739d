//! Long lists of numbers in JSON: as base64, since they are read at every link.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(numbers: &[u32], to: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    to.serialize_str(&STANDARD.encode(bytes))
}

pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<u32>, D::Error> {
    let text = <&str>::deserialize(from)?;
    let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
    let (numbers, rest) = bytes.as_chunks();
    match rest {
        [] => Ok(numbers.iter().map(|n| u32::from_le_bytes(*n)).collect()),
        _ => Err(D::Error::custom("a number is cut off")),
    }
}
