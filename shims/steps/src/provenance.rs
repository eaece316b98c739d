//! Findings about objects with what a build's record knows of them: source, line, command.

use call_log::read::log::Log;
use call_log::read::producers::{Object, Producer};
use signatures::check::{Findings, Made};
use signatures::unit::{Role, Unit};
use std::collections::BTreeMap;
use std::path::Path;

/// Adds to each place of the findings how its object was made, as far as the log tells. A log that
/// is not there, or cannot be read, tells nothing: the findings are right without it.
pub fn trace(findings: &mut Findings, units: &[Unit], log: &Log) {
    let mut wanted: Vec<usize> = findings.places().map(|place| place.unit).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let objects: Vec<Object> = wanted
        .iter()
        .map(|&unit| Object {
            hash: blake3::hash(units[unit].image.bytes()).to_hex().to_string(),
            path: units[unit].origin.path.clone().into(),
        })
        .collect();
    let Ok(producers) = log.producers(&objects) else {
        return;
    };
    let producers: BTreeMap<usize, Producer> = wanted
        .into_iter()
        .zip(producers)
        .filter_map(|(unit, producer)| Some((unit, producer?)))
        .collect();
    findings.trace(|symbol, place, role| {
        let producer = producers.get(&place.unit)?;
        let source = producer.source.as_deref();
        Some(Made {
            source: source.map(|source| source.display().to_string()),
            line: source.and_then(|source| line(source, symbol, role)),
            command: producer.command.clone(),
            folder: producer.cwd.display().to_string(),
        })
    });
}

/// The line of a source, counted from 1, that first names a symbol; for a definition the first that
/// does so at its beginning, if one does. Fortran's names are written without the underscore, in
/// letters of any size.
#[must_use]
pub fn line(source: &Path, symbol: &str, role: Role) -> Option<usize> {
    let text = std::fs::read(source).ok()?;
    let text = String::from_utf8_lossy(&text);
    let fortran = signatures::cause::is_fortran(symbol);
    let exact = |line: &str| has_word(line, symbol);
    let loose =
        |line: &str| fortran && has_word(&line.to_ascii_lowercase(), symbol.trim_end_matches('_'));
    let first = |names: &dyn Fn(&str) -> bool| {
        let mut found = text.lines().enumerate().filter(|(_, line)| names(line));
        let outer = |(_, line): &(usize, &str)| !line.starts_with([' ', '\t']);
        let all: Vec<(usize, &str)> = found.by_ref().collect();
        let defined = all
            .iter()
            .find(|found| role == Role::Defined && outer(found));
        defined.or(all.first()).map(|(at, _)| at + 1)
    };
    first(&exact).or_else(|| first(&loose))
}

fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.split(|c| !part(c)).any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_names_a_symbol() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("x.c");
        let text = "// dscal_more\nvoid g(void) {\n  dscal_(1);\n}\nint dscal_(int n)\n{}\n";
        std::fs::write(&source, text).unwrap();
        assert_eq!(line(&source, "dscal_", Role::Needed), Some(3));
        assert_eq!(line(&source, "dscal_", Role::Defined), Some(5));
        assert_eq!(line(&source, "ddot_", Role::Defined), None);
        std::fs::write(&source, "*\n      SUBROUTINE DGEMV(T, X)\n").unwrap();
        assert_eq!(line(&source, "dgemv_", Role::Defined), Some(2));
    }
}
