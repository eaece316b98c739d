//! Physical lines to logical lines: comments, continuations, tabs, literals.
//!
//! A logical line keeps no blanks outside literals; a character that had one before it says so
//! (`gap`), because free form separates words by blanks and fixed form does not. Bytes become
//! characters one to one (Latin-1), so any encoding in comments and strings survives.

use camino::Utf8Path;

use super::{Files, Loc};
use crate::error::Refusal;
use crate::options::{DLines, Form, Options};

/// A character that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ch {
    pub c: char,
    /// A blank or a line end stood before it.
    pub gap: bool,
    /// Part of a character or Hollerith constant, quotes included.
    pub lit: bool,
    pub at: Loc,
}

/// A statement's text (or several, separated by semicolons).
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub at: Loc,
    pub label: String,
    pub chars: Vec<Ch>,
}

impl Line {
    /// The file name of an INCLUDE line, which has no continuation.
    pub fn include(&self) -> Option<String> {
        let word: String = self
            .chars
            .iter()
            .take(7)
            .map(|ch| ch.c.to_ascii_lowercase())
            .collect();
        let rest = self.chars.get(7..)?;
        let one_line = self.chars.iter().all(|ch| ch.at.line == self.at.line);
        let literal = rest.len() > 2 && rest.iter().all(|ch| ch.lit);
        let quoted = word == "include" && literal && one_line;
        quoted.then(|| rest[1..rest.len() - 1].iter().map(|ch| ch.c).collect())
    }

    /// Whether a semicolon follows a label.
    pub fn label_alone(&self) -> bool {
        let first = self.chars.first();
        !self.label.is_empty() && first.is_some_and(|ch| ch.c == ';' && !ch.lit)
    }

    /// The statements between semicolons, behind which labels may stand in free form.
    pub fn pieces(&self, free: bool) -> Vec<Line> {
        let mut first = Some(self.label.clone());
        self.chars
            .split(|ch| ch.c == ';' && !ch.lit)
            .filter(|chars| !chars.is_empty())
            .map(|chars| {
                let digit = |ch: &&Ch| free && ch.c.is_ascii_digit() && !ch.lit;
                let digits = match first {
                    Some(_) => 0,
                    None => chars.iter().take_while(digit).count(),
                };
                let own: String = chars[..digits].iter().map(|ch| ch.c).collect();
                let own = own.trim_start_matches('0').to_owned();
                Line {
                    at: chars[digits.min(chars.len() - 1)].at,
                    label: first.take().unwrap_or(own),
                    chars: chars[digits..].to_vec(),
                }
            })
            .collect()
    }
}

/// Joins the characters of one logical line and knows whether it is inside a literal.
struct Joiner {
    chars: Vec<Ch>,
    quote: Option<char>,
    /// Where the last literal starts.
    opened: Loc,
    hollerith: usize,
    escaped: bool,
    gap: bool,
    backslash: bool,
}

/// What ended a physical line.
#[derive(PartialEq)]
enum LineEnd {
    Plain,
    /// A free-form `&`.
    Continued,
}

impl Joiner {
    fn new(backslash: bool) -> Self {
        Self {
            chars: Vec::new(),
            quote: None,
            opened: Loc::default(),
            hollerith: 0,
            escaped: false,
            gap: true,
            backslash,
        }
    }

    fn in_literal(&self) -> bool {
        self.quote.is_some() || self.hollerith > 0
    }

    fn push(&mut self, c: char, at: Loc) {
        if self.hollerith > 0 {
            self.hollerith -= 1;
            self.chars.push(Ch {
                c,
                gap: false,
                lit: true,
                at,
            });
        } else if let Some(quote) = self.quote {
            if std::mem::take(&mut self.escaped) {
                // Outside this reader a quote is escaped by doubling it.
                if matches!(c, '\'' | '"') {
                    self.chars.pop();
                    if c == quote {
                        self.chars.push(Ch {
                            c,
                            gap: false,
                            lit: true,
                            at,
                        });
                    }
                }
            } else if self.backslash && c == '\\' {
                self.escaped = true;
            } else if c == quote {
                self.quote = None;
            }
            self.chars.push(Ch {
                c,
                gap: false,
                lit: true,
                at,
            });
        } else if matches!(c, ' ' | '\t' | '\x0c') {
            self.gap = true;
        } else {
            let gap = std::mem::take(&mut self.gap);
            let quoted = c == '\'' || c == '"';
            if quoted {
                self.quote = Some(c);
            } else if (c == 'h' || c == 'H') && !gap {
                self.hollerith = self.hollerith_count();
            }
            let lit = quoted || self.hollerith > 0;
            if lit {
                self.opened = at;
            }
            self.chars.push(Ch { c, gap, lit, at });
        }
    }

    /// The count before an `H`, when the place is one for a Hollerith constant. A kind, as in
    /// `REAL*8H`, is not written without a blank.
    fn hollerith_count(&self) -> usize {
        let digits = self
            .chars
            .iter()
            .rev()
            .take_while(|ch| ch.c.is_ascii_digit() && !ch.lit)
            .count();
        let start = self.chars.len() - digits;
        let allowed = match start.checked_sub(1).map(|before| self.chars[before].c) {
            Some('(' | ')' | ',' | '/' | '=') => true,
            Some('*') => !self.chars[..start - 1]
                .iter()
                .all(|ch| ch.c.is_ascii_alphabetic()),
            _ => false,
        };
        if digits == 0 || digits > 4 || !allowed {
            return 0;
        }
        let count: String = self.chars[start..].iter().map(|ch| ch.c).collect();
        count.parse().unwrap_or(0)
    }

    /// Takes one physical line's text, up to a comment or a continuation mark.
    fn text(&mut self, text: &[(char, Loc)], free: bool) -> LineEnd {
        for (index, &(c, at)) in text.iter().enumerate() {
            let literal = self.in_literal();
            if c == '!' && !literal {
                break;
            }
            if free && c == '&' {
                let rest = &text[index + 1..];
                let first = rest
                    .iter()
                    .map(|(c, _)| *c)
                    .find(|c| !matches!(c, ' ' | '\t'));
                if first.is_none() || (first == Some('!') && !literal) {
                    return LineEnd::Continued;
                }
            }
            self.push(c, at);
        }
        LineEnd::Plain
    }
}

/// A `# 12 "file"` line marker.
fn line_marker(line: &str) -> Option<(u32, Option<&str>)> {
    let rest = line
        .strip_prefix("#line")
        .or_else(|| line.strip_prefix('#'))?
        .trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = rest[..digits].parse().ok()?;
    let name = rest[digits..]
        .trim_start()
        .strip_prefix('"')
        .and_then(|s| s.split_once('"'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty());
    Some((number, name))
}

/// The bytes of a file without the mark that some editors put in front of UTF-8.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// All logical lines of a file, or what is wrong with them.
pub(super) fn logical_lines(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    files: &mut Files,
) -> Vec<Result<Line, Refusal>> {
    let mut at = Loc {
        file: files.open(path),
        line: 0,
        col: 0,
    };
    let mut out = Vec::new();
    if bytes.contains(&0) {
        let what = "the file holds NUL bytes";
        out.push(Err(Refusal::new(
            at,
            "",
            what,
            "is it a Fortran source at all?",
        )));
        return out;
    }
    let mut assembler = Assembler {
        options,
        out,
        current: None,
        continued: false,
    };
    let mut next = 1_u32;
    for raw in without_mark(bytes).split(|&b| b == b'\n') {
        at.line = next;
        next = next.saturating_add(1);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if raw.first() == Some(&0x1a) {
            break;
        }
        if raw.first() == Some(&b'#') {
            let text: String = raw.iter().map(|&b| b as char).collect();
            if let Some((line, name)) = line_marker(&text) {
                if let Some(name) = name {
                    at.file = files.intern(Utf8Path::new(name));
                }
                next = line;
            } else if text.trim_end() != "#" {
                assembler.out.push(Err(Refusal::new(
                    at,
                    "preprocessor directive",
                    text.trim_end(),
                    "turn the preprocessor on: -cpp, or a name that ends in .F or .F90",
                )));
            }
            continue;
        }
        match options.form {
            Form::Fixed { width } => assembler.fixed(raw, at, width),
            Form::Free => assembler.free(raw, at),
        }
    }
    assembler.finish();
    assembler.out
}

struct Assembler<'a> {
    options: &'a Options,
    out: Vec<Result<Line, Refusal>>,
    current: Option<(Loc, String, Joiner)>,
    /// Free form: the last line ended in `&`.
    continued: bool,
}

impl Assembler<'_> {
    fn finish(&mut self) {
        if let Some((at, label, joiner)) = self.current.take() {
            if joiner.in_literal() {
                let what = if joiner.quote.is_some() {
                    "string"
                } else {
                    "Hollerith constant"
                };
                self.out.push(Err(Refusal::new(
                    joiner.opened,
                    what,
                    "it does not end",
                    "",
                )));
            } else if let Some(first) = joiner.chars.first() {
                let at = first.at;
                self.out.push(Ok(Line {
                    at,
                    label,
                    chars: joiner.chars,
                }));
            } else if !label.is_empty() {
                let what = format!("label {label} without a statement");
                self.out.push(Err(Refusal::new(at, "", what, "")));
            }
        }
    }

    fn start(&mut self, at: Loc, label: String) -> &mut Joiner {
        self.finish();
        let joiner = Joiner::new(self.options.backslash);
        &mut self.current.insert((at, label, joiner)).2
    }

    fn fixed(&mut self, raw: &[u8], at: Loc, width: usize) {
        if matches!(raw.first(), None | Some(b'c' | b'C' | b'*' | b'!')) {
            return;
        }
        let debug = matches!(raw.first(), Some(b'd' | b'D'));
        let unmarked = match self.options.d_lines {
            DLines::Comments if debug => return,
            DLines::Code if debug => Some([b" ", &raw[1..]].concat()),
            _ => None,
        };
        let raw = unmarked.as_deref().unwrap_or(raw);
        let (head, mark, text) = split_fixed(raw, at, width);
        let blank = |c: char| matches!(c, ' ' | '\t' | '\x0c');
        let label: String = head.chars().filter(|&c| !blank(c)).collect();
        let empty = text.iter().all(|&(c, _)| blank(c));
        if label.starts_with('!') || (label.is_empty() && matches!(mark, ' ' | '0') && empty) {
            return;
        }
        if !label.chars().all(|c| c.is_ascii_digit()) {
            let what = format!("'{label}' in the label field, columns 1 to 5");
            let remedy = match debug {
                true => "-fd-lines-as-comments or -fd-lines-as-code says what D in column 1 means",
                false => "labels are numbers; is the file in free form?",
            };
            let at = Loc { col: 1, ..at };
            self.out.push(Err(Refusal::new(at, "", what, remedy)));
            return;
        }
        if matches!(mark, ' ' | '0') {
            let label = label.trim_start_matches('0').to_owned();
            self.start(at, label).text(&text, false);
            return;
        }
        match &mut self.current {
            Some((_, _, joiner)) => {
                if joiner.in_literal() && width != usize::MAX {
                    // Inside a literal a short line counts as padded with blanks to its full width.
                    let used = joiner.chars.last().map_or(0, |ch| ch.at.col as usize);
                    for _ in used..width {
                        if joiner.in_literal() {
                            joiner.push(' ', at);
                        }
                    }
                }
                joiner.text(&text, false);
            }
            None => self.out.push(Err(Refusal::new(
                at,
                "continuation line",
                "there is no line before it to continue",
                "a blank or 0 in column 6 starts a statement; is the file in free form?",
            ))),
        }
    }

    fn free(&mut self, raw: &[u8], at: Loc) {
        let mut text: Vec<(char, Loc)> = raw
            .iter()
            .zip(1..)
            .map(|(&b, col)| (b as char, Loc { col, ..at }))
            .collect();
        let first = text
            .iter()
            .position(|(c, _)| !matches!(c, ' ' | '\t' | '\x0c'));
        let Some(first) = first else { return };
        let continued = self.continued;
        let in_literal = self
            .current
            .as_ref()
            .is_some_and(|(_, _, joiner)| joiner.in_literal());
        if text[first].0 == '!' && !(continued && in_literal) {
            return;
        }
        if !continued {
            let rest = text.split_off(first);
            let digits = rest.iter().take_while(|(c, _)| c.is_ascii_digit()).count();
            let label: String = rest[..digits].iter().map(|(c, _)| *c).collect();
            let label = label.trim_start_matches('0').to_owned();
            let end = self.start(at, label).text(&rest[digits..], true);
            self.continued = end == LineEnd::Continued;
            return;
        }
        if let Some((_, _, joiner)) = &mut self.current {
            if text[first].0 == '&' {
                text.drain(..=first);
                if text.iter().all(|(c, _)| matches!(c, ' ' | '\t')) {
                    return;
                }
            } else {
                joiner.gap = true;
            }
            let end = joiner.text(&text, true);
            self.continued = end == LineEnd::Continued;
        }
    }
}

/// Label field, continuation mark and text of a fixed-form line. A tab in the first six columns
/// leads to column 7, or to column 6 when a digit from 1 to 9 follows.
fn split_fixed(raw: &[u8], at: Loc, width: usize) -> (String, char, Vec<(char, Loc)>) {
    let mut head = String::new();
    let mut rest = raw;
    let mut col = 1;
    while let Some((&b, tail)) = rest.split_first() {
        if head.len() == 5 || (b == b'!' && head.trim().is_empty()) {
            break;
        }
        rest = tail;
        col += 1;
        if b == b'\t' {
            if !matches!(rest.first(), Some(b'1'..=b'9')) {
                head.push(' ');
                return (head, ' ', fixed_text(rest, at, 7, width));
            }
            break;
        }
        head.push(if b == 0x0c { ' ' } else { b as char });
    }
    match rest.split_first() {
        Some((b'!', _)) if head.len() < 5 => ("!".into(), ' ', Vec::new()),
        Some((b'\t', tail)) => (head, ' ', fixed_text(tail, at, 7, width)),
        Some((&mark, tail)) => (
            head,
            mark as char,
            fixed_text(tail, at, col.max(6) + 1, width),
        ),
        None => (head, ' ', Vec::new()),
    }
}

fn fixed_text(rest: &[u8], at: Loc, from: u32, width: usize) -> Vec<(char, Loc)> {
    rest.iter()
        .zip(from..)
        .take_while(|&(_, col)| col as usize <= width)
        .map(|(&b, col)| (b as char, Loc { col, ..at }))
        .collect()
}
