//! Words and texts as people, shells and make read them.

use std::borrow::Cow;
use std::ffi::OsString;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
