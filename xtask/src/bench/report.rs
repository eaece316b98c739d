//! Ratios as a table and as JSON.

use std::fmt::Write as _;
use std::fs;

use camino::Utf8Path;
use serde_json::{Value, json};

use crate::Result;

/// One line of the table.
pub struct Row {
    pub work: String,
    pub against: &'static str,
    /// The most that the ratio may be.
    pub aim: f64,
    pub ratio: f64,
    /// Milliseconds of one run, ours and the other's.
    pub times: [f64; 2],
}

impl Row {
    /// A row of one run each, in milliseconds.
    pub fn once(work: &str, against: &'static str, aim: f64, times: [f64; 2]) -> Self {
        Self {
            work: work.to_owned(),
            against,
            aim,
            ratio: times[0] / times[1],
            times,
        }
    }
}

/// Prints the table, and writes it and the JSON of it into `folder`: `report.md`, `report.json`.
/// `peak` is a shim's memory in kilobytes, where it was measured.
pub fn publish(bench: &str, rows: &[Row], peak: Option<u64>, folder: &Utf8Path) -> Result {
    let text = markdown(rows, peak);
    fs::write(folder.join("report.md"), &text)?;
    let report = format!("{:#}\n", json_report(bench, rows, peak));
    fs::write(folder.join("report.json"), report)?;
    print!("{text}");
    Ok(())
}

fn markdown(rows: &[Row], peak: Option<u64>) -> String {
    let mut text = "| work | against | ratio | aim | ours | other |\n".to_owned();
    text += "| --- | --- | --- | --- | --- | --- |\n";
    for row in rows {
        let Row {
            work,
            against,
            aim,
            ratio,
            times,
        } = row;
        let missed = if ratio > aim { " (missed)" } else { "" };
        let [own, other] = times.map(time);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {work} | {against} | {ratio:.3}{missed} | {aim} | {own} | {other} |"
        );
    }
    if let Some(peak) = peak {
        let megabytes = peak as f64 / 1e3;
        let _ = writeln!(
            text,
            "| peak memory of a shim | - | {megabytes:.1} MB | - | - | - |"
        );
    }
    text
}

fn time(milliseconds: f64) -> String {
    match milliseconds {
        short if short < 1e4 => format!("{short:.1} ms"),
        middle if middle < 6e5 => format!("{:.1} s", middle / 1e3),
        long => format!("{:.1} min", long / 6e4),
    }
}

fn json_report(bench: &str, rows: &[Row], peak: Option<u64>) -> Value {
    let row = |row: &Row| {
        json!({
            "work": row.work, "against": row.against, "aim": row.aim, "ratio": row.ratio,
            "milliseconds": row.times[0], "reference_milliseconds": row.times[1],
        })
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    let mut report = json!({ "schema": 1, "bench": bench, "rows": rows });
    if let Some(peak) = peak {
        report["peak_kilobytes"] = json!(peak);
    }
    report
}
