//! What came of a farm: a line for each package, a page, and the same as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use publish::simple_index::escaped;
use serde_json::{Value, json};
use wheel_build::error::WheelBuildError;

use crate::folder::{Folder, write, write_json};
use crate::outcome::{Ended, Outcome};
use crate::plan::{Graph, Job};

const PAGE: &str = include_str!("page.html");

/// A job and what came of it.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// The job.
    pub job: &'a Job,
    /// What came out, if it ran and that counts.
    pub outcome: Option<Outcome>,
    /// Why there is no wheel, or what its tests did.
    pub cause: Option<String>,
}

impl Row<'_> {
    /// How it ended, in words.
    #[must_use]
    pub fn result(&self) -> &'static str {
        match &self.outcome {
            Some(outcome) => outcome.ended.says(),
            None => "not built",
        }
    }

    /// Whether there is a wheel whose tests, if it has any, passed.
    #[must_use]
    pub fn is_well(&self) -> bool {
        matches!(&self.outcome, Some(outcome) if outcome.ended == Ended::Built)
    }

    fn tests(&self) -> &'static str {
        match &self.outcome {
            Some(Outcome {
                ended: Ended::TestsFailed,
                ..
            }) => "failed",
            Some(Outcome {
                test_seconds: Some(_),
                ..
            }) => "passed",
            Some(Outcome { wheel: Some(_), .. }) => "imported only",
            _ => "",
        }
    }
}

/// What came of every job.
#[must_use]
pub fn rows<'a>(folder: &Folder, graph: &'a Graph) -> Vec<Row<'a>> {
    let mut rows: BTreeMap<&str, Row<'a>> = BTreeMap::new();
    for (id, job) in &graph.jobs {
        let outcome = folder.current(job, graph);
        let cause = outcome.as_ref().and_then(|outcome| outcome.cause.clone());
        rows.insert(
            id,
            Row {
                job,
                outcome,
                cause,
            },
        );
    }
    let has_wheel = |job: &Job| {
        let outcome = rows
            .get(job.id().as_str())
            .and_then(|row| row.outcome.as_ref());
        outcome.is_some_and(|outcome| outcome.wheel.is_some())
    };
    let waits = |job: &Job| {
        let missing = graph.needed(job).filter(|need| !has_wheel(need));
        let names: Vec<&str> = missing.map(|need| need.name.as_str()).collect();
        match names.is_empty() {
            true => "it did not run to its end".to_owned(),
            false => format!("needs {}, of which there is no wheel", names.join(", ")),
        }
    };
    let causes: BTreeMap<String, String> = rows
        .iter()
        .filter(|(_, row)| row.outcome.is_none() && row.cause.is_none())
        .map(|(id, row)| ((*id).to_owned(), waits(row.job)))
        .collect();
    let mut rows: Vec<Row<'a>> = rows.into_values().collect();
    for row in &mut rows {
        row.cause = row
            .cause
            .take()
            .or_else(|| causes.get(&row.job.id()).cloned());
    }
    rows
}

/// Writes `index.html` and `status.json`.
///
/// # Errors
/// They cannot be written.
pub fn write_all(folder: &Folder, rows: &[Row<'_>]) -> Result<(), WheelBuildError> {
    let page = PAGE.replace(
        "{{rows}}",
        &rows.iter().map(|row| html(folder, row)).collect::<String>(),
    );
    let well = rows.iter().filter(|row| row.is_well()).count();
    let page = page.replace("{{summary}}", &format!("{well} of {} built", rows.len()));
    write(&folder.0.join("index.html"), page.as_bytes())?;
    let rows: Vec<Value> = rows.iter().map(json).collect();
    write_json(&folder.0.join("status.json"), &rows)
}

fn json(row: &Row<'_>) -> Value {
    let outcome = row.outcome.as_ref();
    json!({
        "package": row.job.name,
        "version": row.job.version,
        "target": row.job.target,
        "result": row.result(),
        "tests": row.tests(),
        "seconds": outcome.map(|outcome| outcome.seconds),
        "test_seconds": outcome.and_then(|outcome| outcome.test_seconds),
        "wheel": outcome.and_then(|outcome| outcome.wheel.clone()),
        "size": outcome.and_then(|outcome| outcome.size),
        "log": Folder::log(&row.job.id()),
        "cause": row.cause,
    })
}

/// A row of the page's table.
fn html(folder: &Folder, row: &Row<'_>) -> String {
    let mut text = String::new();
    let class = if row.is_well() { "well" } else { "ill" };
    let log = Folder::log(&row.job.id());
    let link = match folder.0.join(&log).exists() {
        true => format!("<a href=\"{}\">log</a>", escaped(log.as_str())),
        false => String::new(),
    };
    let seconds = row
        .outcome
        .as_ref()
        .map(|outcome| format!("{:.0} s", outcome.seconds));
    let version = row.job.version.as_deref().unwrap_or_default();
    let cells = [
        &row.job.name,
        version,
        &row.job.target,
        row.result(),
        row.tests(),
    ];
    let cells = cells
        .map(|cell| format!("<td>{}</td>", escaped(cell)))
        .concat();
    let (seconds, cause) = (
        seconds.unwrap_or_default(),
        row.cause.as_deref().unwrap_or_default(),
    );
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "<tr class=\"{class}\">{cells}<td>{seconds}</td><td>{link}</td><td>{}</td></tr>",
        escaped(cause)
    );
    text
}
