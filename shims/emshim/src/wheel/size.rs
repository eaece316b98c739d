//! `emshim wheel size`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pyodide_wheel::wheel::packed_sizes;
use serde::Serialize;
use serde_json::Value;
use signatures::read::{is_wasm, sections};

use super::file::Wheel;
use super::kinds;
use crate::error::CliError;
use crate::ui::bytes;

/// How many of the largest files are shown to people.
const LARGEST: usize = 10;

/// What some files take.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Sum {
    files: usize,
    packed: u64,
    unpacked: u64,
}

/// What each kind takes, and took.
fn kinds_table(report: &Report<'_>, before: Option<&Report<'_>>) -> String {
    let row = |packed: &str, unpacked: &str, files: &str| {
        format!("{packed:>10} {unpacked:>10} {files:>6}  ")
    };
    let cells = |sum: Sum| {
        row(
            &bytes(sum.packed),
            &bytes(sum.unpacked),
            &sum.files.to_string(),
        )
    };
    let head = row("packed", "unpacked", "files");
    let mut text = match before {
        None => format!("\n{head}kind\n"),
        Some(_) => format!(
            "\n{head}{:>10} {:>10} {:>6}  kind\n",
            "before", "unpacked", "files"
        ),
    };
    let of = |report: &Report<'_>, kind: &str| report.kinds.get(kind).copied().unwrap_or_default();
    let all = [Some(report), before].into_iter().flatten();
    let kinds: BTreeSet<&str> = all
        .flat_map(|report| report.kinds.keys().copied())
        .collect();
    let mut kinds: Vec<&str> = kinds.into_iter().collect();
    kinds.sort_by_key(|kind| Reverse(of(report, kind).packed));
    for kind in kinds {
        let then = before.map(|before| cells(of(before, kind)));
        text += &format!(
            "{}{}{kind}\n",
            cells(of(report, kind)),
            then.unwrap_or_default()
        );
    }
    text
}

#[derive(Serialize)]
struct File<'w> {
    path: &'w str,
    packed: u64,
    unpacked: u64,
}

/// What takes the space of a wheel.
#[derive(Serialize)]
struct Report<'w> {
    wheel: &'w str,
    packed: u64,
    unpacked: u64,
    /// By kind.
    kinds: BTreeMap<&'static str, Sum>,
    /// Bytes of all modules' sections by name, unpacked.
    sections: BTreeMap<String, u64>,
    /// The largest first.
    files: Vec<File<'w>>,
}

fn report<'w>(wheel: &'w Wheel<'_>) -> Result<Report<'w>, CliError> {
    let packed = packed_sizes(wheel.path).map_err(|error| CliError::Message(error.to_string()))?;
    let mut kinds: BTreeMap<&str, Sum> = BTreeMap::new();
    let mut parts: BTreeMap<String, u64> = BTreeMap::new();
    let mut files = Vec::new();
    for (path, entry) in &wheel.entries {
        let file = File {
            path,
            packed: packed.get(path).copied().unwrap_or_default(),
            unpacked: entry.bytes.len() as u64,
        };
        let sum = kinds.entry(kinds::of(path)).or_default();
        sum.files += 1;
        sum.packed += file.packed;
        sum.unpacked += file.unpacked;
        files.push(file);
        if is_wasm(&entry.bytes) {
            for section in sections(wheel.path, &entry.bytes)? {
                *parts.entry(section.name).or_default() += section.size;
            }
        }
    }
    files.sort_by(|a, b| b.packed.cmp(&a.packed).then(a.path.cmp(b.path)));
    Ok(Report {
        wheel: wheel.path.as_str(),
        packed: wheel.packed()?,
        unpacked: wheel.unpacked(),
        kinds,
        sections: parts,
        files,
    })
}

/// What takes the space, as JSON.
pub fn json(wheel: &Wheel<'_>, before: Option<&Wheel<'_>>) -> Result<Value, CliError> {
    let value = |wheel| {
        let value = serde_json::to_value(report(wheel)?);
        value.map_err(|error| CliError::Message(error.to_string()))
    };
    let mut said = value(wheel)?;
    if let Some(before) = before {
        said["before"] = value(before)?;
    }
    Ok(said)
}

/// The same, for people.
pub fn text(wheel: &Wheel<'_>, before: Option<&Wheel<'_>>) -> Result<String, CliError> {
    let report = report(wheel)?;
    let before = before.map(self::report).transpose()?;
    let line = |report: &Report<'_>| {
        let (packed, unpacked) = (bytes(report.packed), bytes(report.unpacked));
        format!("{}: {packed}, {unpacked} unpacked\n", report.wheel)
    };
    let mut text = line(&report);
    if let Some(before) = &before {
        text += &format!("before, {}", line(before));
    }
    text += &kinds_table(&report, before.as_ref());
    text += &format!("\n{:>10} {:>10}  largest files\n", "packed", "unpacked");
    for file in report.files.iter().take(LARGEST) {
        text += &format!(
            "{:>10} {:>10}  {}\n",
            bytes(file.packed),
            bytes(file.unpacked),
            file.path
        );
    }
    if !report.sections.is_empty() {
        text += &format!("\n{:>10}  sections of modules\n", "unpacked");
        let mut parts: Vec<_> = report.sections.iter().collect();
        parts.sort_by_key(|(_, size)| Reverse(**size));
        for (name, size) in parts {
            text += &format!("{:>10}  {name}\n", bytes(*size));
        }
    }
    if let Some(tests) = report.kinds.get("tests") {
        text += &format!(
            "\n{} of it are tests: `emshim build --strip-tests` keeps them in an archive of their own\n",
            bytes(tests.packed)
        );
    }
    Ok(text)
}
