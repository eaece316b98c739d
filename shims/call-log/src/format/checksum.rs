//! The checksum that ends each line of a log, so that a line cut short or edited is known for one.

/// What stands between a line's fields and their checksum.
const FIELD: &[u8] = b",\"sum\":\"";
/// Hexadecimal digits of BLAKE3 that are kept.
const DIGITS: usize = 16;
/// What ends a line.
const CLOSE: &[u8] = b"\"}";

/// Adds the checksum, as a last field, to a JSON object.
#[must_use]
pub fn checksummed(mut object: Vec<u8>) -> Vec<u8> {
    object.pop();
    let sum = blake3::hash(&object).to_hex();
    object.extend_from_slice(FIELD);
    object.extend_from_slice(&sum.as_bytes()[..DIGITS]);
    object.extend_from_slice(CLOSE);
    object
}

/// Whether a line, without its end, is as it was written.
#[must_use]
pub fn is_whole(line: &[u8]) -> bool {
    let tail = FIELD.len() + DIGITS + CLOSE.len();
    let Some((body, tail)) = line
        .len()
        .checked_sub(tail)
        .map(|middle| line.split_at(middle))
    else {
        return false;
    };
    let sum = tail
        .strip_prefix(FIELD)
        .and_then(|tail| tail.strip_suffix(CLOSE));
    sum.is_some_and(|sum| blake3::hash(body).to_hex().as_bytes().starts_with(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_shortened_line_is_known() {
        let line = checksummed(br#"{"record":"end","id":"1"}"#.to_vec());
        assert!(is_whole(&line));
        let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["sum"].as_str().map(str::len), Some(DIGITS));
        for cut in 0..line.len() {
            assert!(!is_whole(&line[..cut]), "{cut}");
        }
        for at in 0..line.len() {
            let mut edited = line.clone();
            edited[at] ^= 1;
            assert!(!is_whole(&edited), "{at}");
        }
    }
}
