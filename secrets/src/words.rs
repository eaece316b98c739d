//! What looks like a secret in a text: a value whose name says so, a token by its shape, the
//! user-info of an address without a scheme.

/// What the last words of a secret's name are, in upper case with `_` between them. `AUTHOR` is no
/// `AUTH`, and `TOKEN_SIZE` is no token.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "ACCESS_KEY", "ACCESS_KEY_ID", "API_KEY", "AUTH", "AUTHORIZATION", "AUTH_KEY", "BEARER", "CREDENTIAL",
    "CREDENTIALS", "DEPLOY_KEY", "ENCRYPTION_KEY", "PRIVATE_KEY", "PWD_HASH", "SECRET_KEY", "SIGNATURE",
    "SIG", "SIGNING_KEY", "SSHPASS", "SSH_KEY",
];

/// How a secret's name may end without a `_` before.
const ENDS: &[&str] = &[
    "APIKEY",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "SECRET",
    "TOKEN",
];

/// The same as [`NAMES`] where it is written in capitals, as macros and variables are: in small letters
/// these are words of compilers (`-debug-pass=Structure`).
const IN_CAPITALS: &[&str] = &["PASS", "PAT", "PW"];

/// Words behind a name that leave it what it is: `TOKEN_VALUE`, `API_KEY_PROD`.
#[rustfmt::skip]
const MORE: &[&str] = &[
    "_B64", "_BASE64", "_DEV", "_HEX", "_PROD", "_PRODUCTION", "_STAGING", "_STR", "_STRING", "_TEST",
    "_TEXT", "_VALUE",
];

/// Values that are switches, whatever they are called.
const SWITCHES: &[&str] = &["FALSE", "NO", "OFF", "ON", "TRUE", "YES"];

/// How well-known tokens begin, and how long they are at least.
/// Sources: the secret scanning patterns of GitHub and GitLab, PyPI's and AWS's documentation.
const SHAPES: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("ASIA", 20),
    ("eyJ", 40),
    ("ghp_", 24),
    ("gho_", 24),
    ("ghs_", 24),
    ("github_pat_", 24),
    ("glpat-", 20),
    ("hf_", 24),
    ("npm_", 24),
    ("pypi-", 40),
    ("sk-", 24),
    ("xoxb-", 24),
    ("xoxp-", 24),
];

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "***";

/// Whether a name is a secret's.
pub(crate) fn is_secret(name: &str) -> bool {
    let name = name.trim_start_matches('-');
    let words = in_words(name);
    let words = words.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let more = MORE.iter().find_map(|more| words.strip_suffix(more));
    let words = more.unwrap_or(words);
    let ends = |rows: &[&str]| {
        rows.iter().any(|end| {
            let before = words.strip_suffix(end);
            before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
        })
    };
    let in_capitals = !name.contains(|c: char| c.is_ascii_lowercase());
    ENDS.iter().any(|end| words.ends_with(end)) || ends(NAMES) || in_capitals && ends(IN_CAPITALS)
}

/// A name in upper case, with `_` where a word of it begins: `myApiKey` and `my-api.key` too.
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for c in name.chars() {
        if after_small && c.is_ascii_uppercase() {
            words.push('_');
        }
        after_small = c.is_ascii_lowercase();
        words.push(match c {
            '-' | '.' => '_',
            _ => c.to_ascii_uppercase(),
        });
    }
    words
}

/// `text` with the secrets in it hidden; of a URL's parameters too.
pub(crate) fn hide(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if let Some(value) = value(after).filter(|_| is_named(word)) {
            let shown = after.len() - value.len();
            let (kept, length) = secret(value);
            out.push_str(word);
            out.push_str(&after[..shown]);
            if is_harmless(&value[kept..length]) {
                out.push_str(&value[..length]);
            } else {
                out.push_str(&value[..kept]);
                out.push_str(HIDDEN);
            }
            rest = &value[length..];
            continue;
        }
        let shaped = SHAPES
            .iter()
            .any(|(begin, least)| word.len() >= *least && word.starts_with(begin));
        out.push_str(if shaped { HIDDEN } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What follows a name as its value: `=...`, `: ...`, TOML's ` = "...`, CMake's `:STRING=...`, JSON's `": "...`.
fn value(after: &str) -> Option<&str> {
    let plain = after.strip_prefix('=').or_else(|| after.strip_prefix(": "));
    let typed = || {
        let (kind, value) = after.strip_prefix(':')?.split_once('=')?;
        let is_kind = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_uppercase());
        is_kind.then_some(value)
    };
    let quoted = || {
        let behind = after.trim_start_matches(is_quote);
        let value = behind.strip_prefix(':')?.trim_start_matches(' ');
        (behind.len() < after.len() && value.starts_with(is_quote)).then_some(value)
    };
    let spaced = || {
        after
            .strip_prefix(" = ")
            .filter(|value| value.starts_with(is_quote))
    };
    plain.or_else(spaced).or_else(typed).or_else(quoted)
}

fn is_quote(c: char) -> bool {
    matches!(c, '\\' | '"' | '\'')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// `TOKEN`, `-DTOKEN` and `--my-token` are.
fn is_named(word: &str) -> bool {
    is_secret(word) || word.strip_prefix("-D").is_some_and(is_secret)
}

/// Where in `text`, which begins with a value, the value itself begins, behind quotes, and where it
/// ends.
fn secret(text: &str) -> (usize, usize) {
    let begin = text.find(|c| !is_quote(c)).unwrap_or(text.len());
    let quoted = begin > 0;
    let schemes = ["Bearer ", "Basic ", "bearer ", "basic ", "token "];
    let scheme = schemes
        .iter()
        .find(|scheme| text[begin..].starts_with(**scheme));
    let begin = begin + scheme.map_or(0, |scheme| scheme.len());
    let ends = |c: char| is_quote(c) || (!quoted && (c.is_whitespace() || c == '&'));
    let end = text[begin..]
        .find(ends)
        .map_or(text.len(), |end| begin + end);
    (begin, end)
}

/// A number of few digits is a size, a count or a switch, as are the words for on and off; and nothing.
fn is_harmless(value: &str) -> bool {
    let number = value.len() <= 4 && value.bytes().all(|b| b.is_ascii_digit());
    number
        || SWITCHES
            .iter()
            .any(|switch| value.eq_ignore_ascii_case(switch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_secret_names_are_hidden() {
        for (text, hidden) in [
            ("-DTOKEN=abc -DX=1", "-DTOKEN=*** -DX=1"),
            ("-DAPI_KEY=\\\"a b\\\" y", "-DAPI_KEY=\\\"***\\\" y"),
            ("--my-password='a b'", "--my-password='***'"),
            (
                "https://h/x?a=1&token=abc&b=2",
                "https://h/x?a=1&token=***&b=2",
            ),
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("AWS_SECRET_ACCESS_KEY=x/y+z", "AWS_SECRET_ACCESS_KEY=***"),
            ("a ghp_0123456789abcdefghij01 b", "a *** b"),
            ("-DTOKEN:STRING=abc -DX=1", "-DTOKEN:STRING=*** -DX=1"),
            (
                "{\"token\": \"abc\", \"n\": 1}",
                "{\"token\": \"***\", \"n\": 1}",
            ),
            (
                "-DJ={\\\"password\\\":\\\"abc\\\"}",
                "-DJ={\\\"password\\\":\\\"***\\\"}",
            ),
            ("a.token = \"abc\" # x", "a.token = \"***\" # x"),
            ("-DmyAuthToken=abc", "-DmyAuthToken=***"),
            (
                "-DACCESSTOKEN=abc -Dapi_key_prod=abc",
                "-DACCESSTOKEN=*** -Dapi_key_prod=***",
            ),
            (
                "TOKEN_VALUE=abc PASSWORD1=abc",
                "TOKEN_VALUE=*** PASSWORD1=***",
            ),
            (
                "GITHUB_PAT=abc -DDB_PASS=abc -DPW=abc",
                "GITHUB_PAT=*** -DDB_PASS=*** -DPW=***",
            ),
        ] {
            assert_eq!(hide(text), hidden);
            assert_eq!(hide(hidden), hidden);
        }
        let plain = [
            "-DTOKEN_SIZE=256 -DMAX_TOKEN=5 -DAUTHOR=me -DTOKENS=abc -Wl,--sig",
            "-DONE_PASS=ON -debug-pass=Structure -run-pass=x -DCOMPASS=abc -DPATH=/x -DKEY=abc",
            "\"tokens\": \"abc\" token:abc -DTOKEN:x",
            "sk-1 eyJ pypi-x",
            "",
            "=",
            "token",
            "-DTOKEN=",
            "é=ü -DTOKENÉ=1",
        ];
        for text in plain {
            assert_eq!(hide(text), text);
        }
    }
}
