//! What of a text may be stored or shown: no password of an address, no secret.

mod words;

use std::ffi::{OsStr, OsString};

/// `text` without secrets: the user-info of every URL in it (`https://user:token@host`), values
/// whose names say that they are secret, and well-known tokens are replaced by `***`.
#[must_use]
pub fn mask(text: &str) -> String {
    // Every user of an address stands before one.
    match text.contains('@') {
        true => words::hide(&mask_bare(&mask_urls(text))),
        false => words::hide(text),
    }
}

/// The user-info of an address that lacks its scheme, `user:password@host:80` or `user:password@host/x`.
fn mask_bare(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        let outside =
            |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '=' | ',' | '@');
        let begin = before.rfind(outside).map_or(0, |found| {
            found + before[found..].chars().next().map_or(1, char::len_utf8)
        });
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let host = after[1..].trim_start_matches(is_host);
        let is_address = host.len() < after.len() - 1 && host.starts_with([':', '/']);
        let user = before[begin..].split_once(':');
        let is_user = user.is_some_and(|(user, word)| {
            !user.is_empty() && !word.is_empty() && !word.contains(':')
        });
        if is_address && is_user {
            masked.push_str(&before[..begin]);
            masked.push_str("***");
        } else {
            masked.push_str(before);
        }
        masked.push('@');
        rest = &after[1..];
    }
    masked.push_str(rest);
    masked
}

fn mask_urls(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        masked.push_str(before);
        masked.push_str("://");
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>');
        let mut authority = &after[..after.find(ends).unwrap_or(after.len())];
        if let Some((_, port)) = authority.split_once(':')
            && !authority.contains('@')
            && !port.bytes().all(|b| b.is_ascii_digit())
        {
            // A password with a `/` or `?` of its own, which should have been escaped.
            authority = &after[..after.find(char::is_whitespace).unwrap_or(after.len())];
        }
        rest = match authority.rfind('@') {
            Some(at) => {
                masked.push_str("***");
                &after[at..]
            }
            None => after,
        };
    }
    masked.push_str(rest);
    masked
}

/// The same for the words of a command. The word behind `--password` and its like is a secret; of
/// words that are not UTF-8 the secrets in what is are hidden.
#[must_use]
pub fn mask_words(words: &[OsString]) -> Vec<OsString> {
    let mut masked = Vec::with_capacity(words.len());
    let mut is_secret = false;
    for word in words {
        let hidden = is_secret && !word.as_encoded_bytes().starts_with(b"-");
        masked.push(if hidden {
            words::HIDDEN.into()
        } else {
            mask_os(word)
        });
        is_secret = word
            .to_str()
            .is_some_and(|word| word.starts_with("--") && words::is_secret(word));
    }
    masked
}

fn mask_os(word: &OsStr) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    let mut masked = OsString::new();
    for chunk in word.as_bytes().utf8_chunks() {
        masked.push(mask(chunk.valid()));
        masked.push(OsStr::from_bytes(chunk.invalid()));
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_of_urls_is_masked_and_nothing_else() {
        for (text, masked) in [
            ("https://u:tok@host/x", "https://***@host/x"),
            (
                "-DA=https://tok@h -DB=git+ssh://git@h/p",
                "-DA=https://***@h -DB=git+ssh://***@h/p",
            ),
            ("https://u:p@ss@h/x", "https://***@h/x"),
            ("https://host/a@b", "https://host/a@b"),
            ("a@b://c", "a@b://c"),
            ("no url @ all", "no url @ all"),
            ("https://u:p/q@h/x", "https://***@h/x"),
            ("https://h:80/a@b", "https://h:80/a@b"),
            ("https://u:p@h/x?token=t", "https://***@h/x?token=***"),
            ("u:hunter2@127.0.0.1:1/simple", "***@127.0.0.1:1/simple"),
            ("proxy=u:p@h:80 b", "proxy=***@h:80 b"),
            (
                "git@h:x/y a::b@h/x a:b@ é:ü@h/x",
                "git@h:x/y a::b@h/x a:b@ ***@h/x",
            ),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn words_of_a_command_are_masked() {
        use std::os::unix::ffi::OsStringExt as _;
        let bad = OsString::from_vec(b"\xff-DTOKEN=abc".to_vec());
        let words = ["--password".into(), "abc".into(), "abc".into(), bad];
        let masked = mask_words(&words);
        assert_eq!(
            masked[..3],
            ["--password", "***", "abc"].map(OsString::from)
        );
        assert_eq!(masked[3], OsString::from_vec(b"\xff-DTOKEN=***".to_vec()));
    }
}
