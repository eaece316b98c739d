//! Rust sources as far as the rules need them: without comments, strings and tests.

/// A source up to its tests, which stand at its end in a module of their own.
#[must_use]
pub fn before_tests(text: &str) -> &str {
    let end = text.find("\n#[cfg(test)]\nmod ");
    end.map_or(text, |end| &text[..=end])
}

/// The source with comments and the contents of strings blanked; lines stay where they are.
#[must_use]
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let blank = |out: &mut String, part: &str| {
        out.extend(part.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
    };
    while let Some(first) = rest.chars().next() {
        let (length, keep) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), false)
        } else if rest.starts_with("/*") {
            (rest.find("*/").map_or(rest.len(), |end| end + 2), false)
        } else if let Some(length) = string(rest, &out) {
            (length, false)
        } else if let Some(length) = character(rest) {
            (length, false)
        } else {
            (first.len_utf8(), true)
        };
        let (part, after) = rest.split_at(length);
        if keep {
            out.push_str(part);
        } else {
            blank(&mut out, part);
        }
        rest = after;
    }
    out
}

/// The length of the string literal that begins here, raw ones included.
fn string(text: &str, before: &str) -> Option<usize> {
    let in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    if let Some(raw) = text.strip_prefix('r').filter(|_| !in_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = body.find(&close)?;
        return Some(1 + hashes + 1 + end + close.len());
    }
    let body = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = body.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    Some(end.map_or(text.len(), |end| end + 2))
}

/// The length of the character literal that begins here; lifetimes are none.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    if let Some(escaped) = body.strip_prefix('\\') {
        // The escaped character may itself be a quote.
        let skip = escaped.chars().next()?.len_utf8();
        let end = escaped[skip..].find('\'')?;
        return Some(2 + skip + end + 1);
    }
    let length = body.chars().next()?.len_utf8();
    body[length..].starts_with('\'').then_some(1 + length + 1)
}

/// The string literals of a source, comments left out.
#[must_use]
pub fn strings(text: &str) -> Vec<&str> {
    let plain = code(text);
    let comments = without_comments(text, &plain);
    comments
        .into_iter()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

/// The lines that hold code, in full up to a comment.
fn without_comments<'t>(text: &'t str, code: &str) -> Vec<&'t str> {
    let lines = text.lines().zip(code.lines());
    let own = lines.filter(|(_, code)| !code.trim().is_empty());
    own.map(|(line, _)| {
        let comment = line.find(" // ").unwrap_or(line.len());
        &line[..comment]
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let source = "a // b\n/* c */ \"d\\\"e\" 'f' '\\'' r#\"g\"h\"# 'life for\n'\"' i";
        let plain: String = code(source).split_whitespace().collect();
        assert_eq!(plain, "a'lifefori");
        assert_eq!(code(source).lines().count(), source.lines().count());
    }

    #[test]
    fn tests_are_cut_off_at_their_module() {
        let source = "fn a() {}\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(before_tests(source), "fn a() {}\n\n");
        assert_eq!(
            before_tests("#[cfg(test)]\nfn a() {}"),
            "#[cfg(test)]\nfn a() {}"
        );
    }
}
