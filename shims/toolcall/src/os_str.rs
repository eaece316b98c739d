//! Arguments are bytes: small helpers for `OsStr`.

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
