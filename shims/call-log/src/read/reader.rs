//! Lines of a log become calls; what cannot be read is named and passed over.

use crate::format::checksum::is_whole;
use crate::format::schema::{Kind, SCHEMA};
use crate::read::error::LogError;
use crate::read::view::{Call, Line, View};
use camino::Utf8PathBuf;
use memchr::memmem;
use serde::Deserialize;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};

/// Longest line that is read, in bytes: eight times the longest command a system starts.
const LONGEST: u64 = 16 << 20;

/// A line that is no part of a readable record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which line, the first being 1.
    pub line: u64,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// The id of its call, if it can be read.
    pub id: Option<String>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It was cut short, written over or edited.
    Damaged,
    /// It is of another layout.
    Schema(u32),
    /// It is whole and means nothing to this emshim.
    NotUnderstood(String),
    /// It ends a call whose first line is not there.
    NoBeginning,
    /// It begins or ends a call that another line did.
    Twice,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line, offset, id, ..
        } = self;
        write!(f, "line {line} (byte {offset})")?;
        if let Some(id) = id {
            write!(f, ", call {id}")?;
        }
        match &self.why {
            Why::Damaged => write!(f, ": cut short or edited, its checksum does not fit"),
            Why::Schema(schema) if *schema > SCHEMA => write!(
                f,
                ": written by a newer emshim (schema {schema}, this one reads {SCHEMA}); read it with that one"
            ),
            Why::Schema(schema) => write!(
                f,
                ": written by an older emshim (schema {schema}, this one reads {SCHEMA})"
            ),
            Why::NotUnderstood(why) => write!(f, ": not a record ({why})"),
            Why::NoBeginning => write!(f, ": the end of a call whose beginning cannot be read"),
            Why::Twice => write!(f, ": a second line for the same part of a call"),
        }
    }
}

/// A call, or a line that is part of none.
#[derive(Debug)]
pub enum Item<B, E> {
    /// A call.
    Call(Call<B, E>),
    /// A line that cannot be used.
    Problem(Problem),
}

/// The calls of a file of records: each when its end is read, those without one last.
pub struct Calls<V: View> {
    file: BufReader<File>,
    path: Utf8PathBuf,
    buffer: Vec<u8>,
    line: u64,
    offset: u64,
    /// Begun and not ended so far.
    open: BTreeMap<String, V::Begin>,
    unfinished: Option<btree_map::IntoValues<String, V::Begin>>,
    only: Option<memmem::Finder<'static>>,
}

type CallOf<V> = Call<<V as View>::Begin, <V as View>::End>;

enum Parsed<V: View> {
    Begin(V::Begin),
    End(V::End),
}

impl<V: View> Parsed<V> {
    fn schema(&self) -> u32 {
        match self {
            Self::Begin(begin) => begin.schema(),
            Self::End(end) => end.schema(),
        }
    }
}

/// How the second line of a record begins.
const END: &[u8] = br#"{"record":"end","#;

impl<V: View> Calls<V> {
    pub(super) fn new(file: File, path: Utf8PathBuf) -> Self {
        Self {
            file: BufReader::with_capacity(256 << 10, file),
            path,
            buffer: Vec::new(),
            line: 0,
            offset: 0,
            open: BTreeMap::new(),
            unfinished: None,
            only: None,
        }
    }

    /// The calls alone; what keeps a line from being read goes to `problems`.
    pub fn apart(
        self,
        problems: &mut Vec<Problem>,
    ) -> impl Iterator<Item = Result<CallOf<V>, LogError>> {
        self.filter_map(|item| match item {
            Ok(Item::Call(call)) => Some(Ok(call)),
            Ok(Item::Problem(problem)) => {
                problems.push(problem);
                None
            }
            Err(error) => Some(Err(error)),
        })
    }

    /// Passes over lines that do not hold this text, unread: for those that seek one call.
    pub fn only_lines_with(&mut self, text: &str) {
        self.only = Some(memmem::Finder::new(text).into_owned());
    }

    /// Reads the next line; false at the end of the file.
    fn advance(&mut self) -> std::io::Result<bool> {
        self.offset += self.buffer.len() as u64;
        self.buffer.clear();
        let mut limited = (&mut self.file).take(LONGEST);
        let read = limited.read_until(b'\n', &mut self.buffer)?;
        self.line += 1;
        if read as u64 == LONGEST && !self.buffer.ends_with(b"\n") {
            // No record: what is left of it goes by without being held.
            self.offset += self.file.skip_until(b'\n')? as u64;
        }
        Ok(read > 0)
    }

    fn parse(&self, line: &[u8]) -> Result<Parsed<V>, Why> {
        if !is_whole(line) {
            return Err(other_schema(line).map_or(Why::Damaged, Why::Schema));
        }
        let mistaken = |error: serde_json::Error| {
            other_schema(line).map_or_else(|| Why::NotUnderstood(error.to_string()), Why::Schema)
        };
        // The field that tells them apart is the first that is written.
        let kind = if line.starts_with(END) {
            Kind::End
        } else {
            Kind::Begin
        };
        let parsed = match kind {
            Kind::Begin => serde_json::from_slice(line).map(Parsed::Begin),
            Kind::End => serde_json::from_slice(line).map(Parsed::End),
        };
        let parsed = parsed.map_err(mistaken)?;
        match parsed.schema() {
            SCHEMA => Ok(parsed),
            other => Err(Why::Schema(other)),
        }
    }

    /// What a line adds: a call that is complete now, or nothing yet.
    fn take(&mut self, parsed: Parsed<V>) -> Result<Option<CallOf<V>>, (String, Why)> {
        match parsed {
            Parsed::Begin(begin) => match self.open.entry(begin.id().to_owned()) {
                btree_map::Entry::Occupied(entry) => Err((entry.key().clone(), Why::Twice)),
                btree_map::Entry::Vacant(entry) => {
                    entry.insert(begin);
                    Ok(None)
                }
            },
            Parsed::End(end) => match self.open.remove(end.id()) {
                None => Err((end.id().to_owned(), Why::NoBeginning)),
                Some(begin) => Ok(Some(Call {
                    begin,
                    end: Some(end),
                })),
            },
        }
    }
}

/// The schema of a line, if it is a record of another one.
fn other_schema(line: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Schema {
        schema: u32,
    }
    let Schema { schema } = serde_json::from_slice(line).ok()?;
    (schema != SCHEMA).then_some(schema)
}

/// The id in a line that is not JSON any more.
fn id_in(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let (_, rest) = text.split_once("\"id\":\"")?;
    let (id, _) = rest.split_once('"')?;
    let plain = id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    plain.then(|| id.to_owned())
}

impl<V: View> Iterator for Calls<V> {
    type Item = Result<Item<V::Begin, V::End>, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.unfinished.is_none() {
            match self.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.unfinished = Some(std::mem::take(&mut self.open).into_values());
                    break;
                }
                Err(source) => {
                    self.unfinished = Some(BTreeMap::new().into_values());
                    let path = self.path.clone();
                    return Some(Err(LogError::Read { path, source }));
                }
            }
            let whole = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
            let passed = self
                .only
                .as_ref()
                .is_some_and(|text| text.find(whole).is_none());
            if whole.is_empty() || passed {
                continue;
            }
            let result = self.parse(whole).map_err(|why| (id_in(whole), why));
            let result =
                result.and_then(|parsed| self.take(parsed).map_err(|(id, why)| (Some(id), why)));
            match result {
                Ok(None) => {}
                Ok(Some(call)) => return Some(Ok(Item::Call(call))),
                Err((id, why)) => {
                    return Some(Ok(Item::Problem(Problem {
                        line: self.line,
                        offset: self.offset,
                        id,
                        why,
                    })));
                }
            }
        }
        let begin = self.unfinished.as_mut()?.next()?;
        Some(Ok(Item::Call(Call { begin, end: None })))
    }
}
