//! What looks like a secret in a text: a value whose name says so, a token by its shape, the
//! user-info of an address without a scheme.

/// What the last part of a secret's name is, upper case, `-` as `_`. `AUTHOR` is no `AUTH`, and
/// `TOKEN_SIZE` is no token.
const NAMES: &[&str] = &[
    "ACCESS_KEY",
    "ACCESS_KEY_ID",
    "API_KEY",
    "APIKEY",
    "AUTH",
    "AUTHORIZATION",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PRIVATE_KEY",
    "PWD_HASH",
    "SECRET",
    "SECRET_KEY",
    "SIGNATURE",
    "SIG",
    "TOKEN",
];

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
pub(super) const HIDDEN: &str = "***";

/// Whether a name is a secret's.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name
        .trim_start_matches('-')
        .to_ascii_uppercase()
        .replace('-', "_");
    NAMES.iter().any(|end| {
        name.strip_suffix(end).is_some_and(|before| {
            before.is_empty() || before.ends_with('_') || before.ends_with('.')
        })
    })
}

/// `text` with the secrets in it hidden; of a URL's parameters too.
pub(super) fn hide(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let value = after
            .strip_prefix('=')
            .or_else(|| after.strip_prefix(": "))
            .filter(|_| is_named(word));
        if let Some(value) = value {
            let shown = after.len() - value.len();
            let (kept, length) = secret(value);
            out.push_str(word);
            out.push_str(&after[..shown]);
            if is_small_number(&value[kept..length]) {
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
    let begin = text
        .find(|c| !matches!(c, '\\' | '"' | '\''))
        .unwrap_or(text.len());
    let quoted = begin > 0;
    let schemes = ["Bearer ", "Basic ", "bearer ", "basic ", "token "];
    let scheme = schemes
        .iter()
        .find(|scheme| text[begin..].starts_with(**scheme));
    let begin = begin + scheme.map_or(0, |scheme| scheme.len());
    let ends =
        |c: char| matches!(c, '\\' | '"' | '\'') || (!quoted && (c.is_whitespace() || c == '&'));
    let end = text[begin..]
        .find(ends)
        .map_or(text.len(), |end| begin + end);
    (begin, end)
}

/// A number of few digits is a size, a count or a switch, and nothing.
fn is_small_number(value: &str) -> bool {
    value.len() <= 4 && value.bytes().all(|b| b.is_ascii_digit())
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
        ] {
            assert_eq!(hide(text), hidden);
            assert_eq!(hide(hidden), hidden);
        }
        let plain = [
            "-DTOKEN_SIZE=256 -DMAX_TOKEN=5 -DAUTHOR=me -DTOKENS=abc -Wl,--sig",
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
