//! The preprocessor, as gfortran runs it: directives and macros in the traditional manner, which
//! leaves Fortran's strings, `//` and blanks alone. No compiler is needed for it.

mod condition;

use std::cell::Cell;
use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::Refusal;
use crate::lookup::Folder;
use crate::options::{Options, Preprocess};
use crate::source::{Files, Loc, NotIncluded, without_mark};
use condition::{Condition, is_word};

/// A macro: parameters (for a function-like one) and text.
#[derive(Clone)]
struct Macro {
    parameters: Option<Vec<String>>,
    text: String,
}

/// A conditional group.
struct Group {
    at: Loc,
    /// The text of the current branch counts.
    active: bool,
    /// Some branch has counted, or none may.
    done: bool,
}

/// Nested includes and macro expansions deeper than this are taken for a circle.
const MAX_DEPTH: usize = 40;

/// More macro expansions on a line are taken for a circle too: each of 40 macros may stand for the
/// next one twice.
const MAX_EXPANSIONS: usize = 10_000;

struct Preprocessor<'a> {
    macros: HashMap<String, Macro>,
    files: &'a mut Files,
    include_dirs: &'a [Utf8PathBuf],
    refusals: &'a mut Vec<Refusal>,
    out: Vec<u8>,
    /// A circle of includes was found: nothing more is read.
    stopped: bool,
    /// Macro expansions on the current line.
    expansions: Cell<usize>,
}

/// Preprocesses `bytes`, the contents of `path`: the text, and the macros as they are at its end,
/// sorted. Every line stays where it is, and line markers say where included text comes from.
pub(crate) fn preprocess(
    bytes: &[u8],
    path: &Utf8Path,
    choices: &Preprocess,
    options: &Options,
    files: &mut Files,
    refusals: &mut Vec<Refusal>,
) -> (Vec<u8>, Vec<(String, String)>) {
    let mut cpp = Preprocessor {
        macros: HashMap::new(),
        files,
        include_dirs: &options.include_dirs,
        refusals,
        out: Vec::with_capacity(bytes.len()),
        stopped: false,
        expansions: Cell::new(0),
    };
    let builtin =
        ["__GFORTRAN__", "_LANGUAGE_FORTRAN"].map(|name| (name.to_owned(), Some("1".into())));
    for (name, value) in builtin.iter().chain(&choices.macros) {
        // The name may have parameters: `-D'ADD(a,b)=a+b'`.
        let (word, parameters) = name.split_at(name.find('(').unwrap_or(name.len()));
        match value {
            Some(text) => cpp.define(word, &format!("{parameters} {text}")),
            None => {
                cpp.macros.remove(word);
            }
        }
    }
    cpp.file(bytes, path, 0);
    let definition = |(name, found): (String, Macro)| {
        let parameters = found
            .parameters
            .map(|names| format!("({})", names.join(",")));
        (name + &parameters.unwrap_or_default(), found.text)
    };
    let mut macros: Vec<_> = cpp.macros.into_iter().map(definition).collect();
    macros.sort();
    (cpp.out, macros)
}

impl Preprocessor<'_> {
    fn file(&mut self, bytes: &[u8], path: &Utf8Path, depth: usize) {
        let file = self.files.open(path);
        let mut groups: Vec<Group> = Vec::new();
        let text: String = without_mark(bytes).iter().map(|&b| b as char).collect();
        let mut lines = text.split_inclusive('\n').zip(1..).peekable();
        while let Some((line, number)) = lines.next() {
            let at = Loc {
                file,
                line: number,
                col: 1,
            };
            if self.stopped {
                return;
            }
            let Some(directive) = line.strip_prefix('#') else {
                self.expansions.set(0);
                if groups.iter().all(|group| group.active) {
                    let line = self.expand(line, at, 0);
                    if self.expansions.get() > MAX_EXPANSIONS {
                        self.refuse(at, "the macros on this line never end".into());
                    }
                    self.out.extend(crate::emit::bytes(&line));
                } else {
                    self.out.push(b'\n');
                }
                continue;
            };
            self.out.push(b'\n');
            let mut directive = directive.trim_end().to_owned();
            while directive.ends_with('\\') {
                directive.pop();
                let Some((next, _)) = lines.next() else { break };
                directive.push_str(next.trim_end());
                self.out.push(b'\n');
            }
            self.directive(&strip_comments(&directive), at, &mut groups, depth);
        }
        if let Some(group) = groups.last() {
            let message = "the #if that starts here has no #endif";
            self.refusals
                .push(Refusal::new(group.at, "preprocessor", message, ""));
        }
    }

    fn directive(&mut self, text: &str, at: Loc, groups: &mut Vec<Group>, depth: usize) {
        let text = text.trim();
        let word: String = text.chars().take_while(|&c| is_word(c)).collect();
        let rest = text[word.len()..].trim();
        let active = groups.iter().all(|group| group.active);
        let name: String = rest.chars().take_while(|&c| is_word(c)).collect();
        match word.as_str() {
            "if" | "ifdef" | "ifndef" => {
                let holds = active
                    && match word.as_str() {
                        "if" => self.condition(rest, at),
                        "ifdef" => self.macros.contains_key(&name),
                        _ => !self.macros.contains_key(&name),
                    };
                groups.push(Group {
                    at,
                    active: holds,
                    done: holds || !active,
                });
            }
            "elif" | "else" => {
                let last = groups.last();
                let wanted = last.is_some_and(|group| !group.done)
                    && (word == "else" || self.condition(rest, at));
                match groups.last_mut() {
                    Some(group) => {
                        group.active = wanted;
                        group.done |= wanted;
                    }
                    None => self.refuse(at, format!("#{word} without #if")),
                }
            }
            "endif" => {
                if groups.pop().is_none() {
                    self.refuse(at, "#endif without #if".into());
                }
            }
            _ if !active => {}
            "define" => self.define(&name, &rest[name.len()..]),
            "undef" => {
                self.macros.remove(&name);
            }
            "include" => self.include(rest, at, depth),
            "error" => self.refuse(at, format!("#error {rest}")),
            "line" => self.marker(rest),
            "" | "warning" | "pragma" | "ident" => {}
            other if other.bytes().all(|b| b.is_ascii_digit()) => self.marker(text),
            other => self.refuse(at, format!("unknown directive #{other}")),
        }
    }

    /// A line marker for the reader, whose next line it numbers.
    fn marker(&mut self, place: &str) {
        if place.starts_with(|c: char| c.is_ascii_digit()) {
            let marker = format!("# {place}\n");
            self.out.extend(crate::emit::bytes(&marker));
        }
    }

    fn refuse(&mut self, at: Loc, message: String) {
        self.refusals
            .push(Refusal::new(at, "preprocessor", message, ""));
    }

    fn define(&mut self, name: &str, rest: &str) {
        let mut parameters = None;
        let mut text = rest;
        if let Some((list, body)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
            let names = list.split(',').map(|name| name.trim().to_owned());
            parameters = Some(names.filter(|name| !name.is_empty()).collect());
            text = body;
        }
        let text = text.trim().to_owned();
        self.macros
            .insert(name.to_owned(), Macro { parameters, text });
    }

    fn include(&mut self, rest: &str, at: Loc, depth: usize) {
        let name = rest.trim_matches(|c| matches!(c, '"' | '<' | '>'));
        let beside = (!rest.starts_with('<')).then(|| self.files.folder(at.file));
        let given = Folder::given(self.include_dirs);
        let dirs: Vec<Folder> = beside.into_iter().chain(given).collect();
        match self.files.find_include(name, &dirs) {
            Ok((bytes, path)) if depth < MAX_DEPTH => {
                let index = self.files.intern(&path);
                self.marker(&format!("1 \"{}\"", self.files.name(index)));
                self.file(&bytes, &path, depth + 1);
                if self.out.last() != Some(&b'\n') {
                    self.out.push(b'\n');
                }
                self.marker(&format!("{} \"{}\"", at.line + 1, self.files.name(at.file)));
            }
            Ok(_) | Err(NotIncluded::TooMany) => {
                self.refuse(at, format!("#include \"{name}\" is nested too deeply"));
                self.stopped = true;
            }
            Err(NotIncluded::Missing) => self.refusals.push(Refusal::new(
                at,
                "#include",
                format!("'{name}' was not found"),
                "give its folder with -I",
            )),
        }
    }

    /// A line with its macros expanded, outside strings and comments.
    fn expand(&self, line: &str, at: Loc, depth: usize) -> String {
        // A line that starts with `*` is a comment in fixed form and wrong in free form.
        if (depth == 0 && line.starts_with('*')) || depth > MAX_DEPTH {
            return line.to_owned();
        }
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        let mut quote = None;
        while let Some(c) = rest.chars().next() {
            if quote.is_none() && (c.is_ascii_alphabetic() || c == '_') {
                let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
                rest = &rest[word.len()..];
                match self.replacement(word, &mut rest, at, depth) {
                    Some(text) => out.push_str(&text),
                    None => out.push_str(word),
                }
                continue;
            }
            if quote.is_none() && c.is_ascii_digit() {
                // A number with an exponent or kind is no place for a macro.
                let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
                out.push_str(word);
                rest = &rest[word.len()..];
                continue;
            }
            match (c, quote) {
                ('!', None) => {
                    out.push_str(rest);
                    break;
                }
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                _ => {}
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    /// The expansion of a macro; takes the arguments of a function-like one from `rest`.
    fn replacement(&self, word: &str, rest: &mut &str, at: Loc, depth: usize) -> Option<String> {
        match word {
            "__LINE__" => return Some(at.line.to_string()),
            "__FILE__" => {
                self.files.bind();
                return Some(format!("\"{}\"", self.files.name(at.file)));
            }
            _ => {}
        }
        let found = self.macros.get(word)?;
        self.expansions.set(self.expansions.get() + 1);
        if self.expansions.get() > MAX_EXPANSIONS {
            return None;
        }
        let Some(parameters) = &found.parameters else {
            return Some(self.expand(&found.text, at, depth + 1));
        };
        let (arguments, after) = arguments(rest)?;
        *rest = after;
        let mut text = String::new();
        let mut body = found.text.as_str();
        while let Some(c) = body.chars().next() {
            if is_word(c) {
                let word = &body[..body.find(|c| !is_word(c)).unwrap_or(body.len())];
                let place = parameters.iter().position(|parameter| parameter == word);
                text.push_str(match place {
                    Some(place) => arguments.get(place).map_or("", String::as_str),
                    None => word,
                });
                body = &body[word.len()..];
            } else {
                text.push(c);
                body = &body[c.len_utf8()..];
            }
        }
        // Tokens are pasted by `##`, and in the traditional manner by an empty comment.
        let text = text
            .replace("/**/", "")
            .replace(" ## ", "")
            .replace("##", "");
        Some(self.expand(&text, at, depth + 1))
    }

    fn condition(&mut self, text: &str, at: Loc) -> bool {
        let mut parser = Condition {
            defined: &|name| self.macros.contains_key(name),
            expand: &|word| self.expand(word, at, 1),
            text,
            depth: 0,
        };
        let value = parser.or();
        let left = parser.text.trim();
        match value {
            Some(value) if left.is_empty() => value != 0,
            _ => {
                self.refuse(at, format!("#if {text}: the condition is not understood"));
                false
            }
        }
    }
}

/// The arguments in parentheses at the start of `rest`, and what follows them.
fn arguments(rest: &str) -> Option<(Vec<String>, &str)> {
    let inner = rest.trim_start().strip_prefix('(')?;
    let mut depth = 0usize;
    let mut arguments = vec![String::new()];
    for (index, c) in inner.char_indices() {
        match c {
            ')' if depth == 0 => {
                let arguments = arguments
                    .iter()
                    .map(|text| text.trim().to_owned())
                    .collect();
                return Some((arguments, &inner[index + 1..]));
            }
            ',' if depth == 0 => {
                arguments.push(String::new());
                continue;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if let Some(last) = arguments.last_mut() {
            last.push(c);
        }
    }
    None
}

/// A directive without C comments.
fn strip_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        out.push(' ');
        rest = after.split_once("*/").map_or("", |(_, tail)| tail);
    }
    out + rest
}
