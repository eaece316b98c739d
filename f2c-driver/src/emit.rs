//! Lowered units as FORTRAN 77 in fixed form, for f2c.
//!
//! Line markers before the statements make f2c use the user's line numbers, in messages and in
//! `#line` directives. A marker names a file by its number in the [`Files`](crate::source::Files)
//! table, so that no file name can upset f2c.

use std::fmt::Write;

use crate::source::{Loc, Stmt};
use crate::unit::Unit;

/// Columns 7 to 72.
const TEXT_WIDTH: usize = 66;

/// Writes the units.
pub(crate) fn emit(units: &[Unit]) -> String {
    let mut out = Writer {
        text: String::new(),
        next: Loc::default(),
        markers: true,
    };
    for unit in units {
        out.unit(unit);
    }
    out.text
}

/// The same without line markers, for people to read.
pub(crate) fn emit_plain(units: &[Unit]) -> String {
    let mut out = Writer {
        text: String::new(),
        next: Loc::default(),
        markers: false,
    };
    for unit in units {
        out.unit(unit);
    }
    out.text
}

struct Writer {
    text: String,
    /// The file and line that f2c takes the next line for.
    next: Loc,
    markers: bool,
}

impl Writer {
    fn unit(&mut self, unit: &Unit) {
        for stmt in unit.header.iter().chain(&unit.spec).chain(&unit.body) {
            self.stmt(&stmt.label, &stmt.text(), stmt);
        }
        self.stmt(&unit.end.label, "end", &unit.end);
    }

    fn stmt(&mut self, label: &str, text: &str, stmt: &Stmt) {
        let at = stmt.at;
        if self.markers && (self.next.file, self.next.line) != (at.file, at.line) {
            // Writing to a String cannot fail.
            let _ = writeln!(self.text, "# {} \"{}\"", at.line, at.file);
        }
        let mut rest = text;
        let mut lines = 0;
        while lines == 0 || !rest.is_empty() {
            let cut = rest
                .char_indices()
                .nth(TEXT_WIDTH)
                .map_or(rest.len(), |(index, _)| index);
            let (line, tail) = rest.split_at(cut);
            let mark = if lines == 0 { ' ' } else { '&' };
            let label = if lines == 0 { label } else { "" };
            let _ = writeln!(self.text, "{label:<5}{mark}{line}");
            rest = tail;
            lines += 1;
        }
        self.next = Loc {
            file: at.file,
            line: at.line.saturating_add(lines),
            col: 0,
        };
    }
}

/// The bytes of the emitted text: characters stand for bytes (Latin-1).
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}
