//! A package's own tests in Pyodide, run to the end though some of them trap.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use serde::Deserialize;

use crate::packages::Counts;
use crate::real::command;

const DRIVE: &str = include_str!("drive.py");
/// A suite in which more tests trap than this is given up.
const MOST_TRAPS: usize = 100;

/// What to run.
#[derive(Debug)]
pub struct Suite<'a> {
    /// A name for the table and for files.
    pub name: &'a str,
    /// The target.
    pub target: &'a str,
    /// Wheels and names that are installed.
    pub with: &'a [&'a str],
    /// pytest's arguments.
    pub pytest: &'a [&'a str],
}

/// A test that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// pytest's name for it.
    pub test: String,
    /// Whether WebAssembly trapped.
    pub trapped: bool,
    /// The first line of what it says, empty for a trap.
    pub why: String,
}

/// What a suite came to.
#[derive(Debug)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Counts; tests that trap are not in them.
    pub counts: Counts,
    /// What failed or trapped.
    pub problems: Vec<Problem>,
    /// Wall time.
    pub time: Duration,
}

/// A line of `drive.py`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    test: Option<String>,
    outcome: Outcome,
    why: String,
    end: Option<i32>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    #[default]
    Begun,
    Passed,
    Skipped,
    Xfailed,
    Failed,
}

/// Runs a suite in a folder of its own, again after each trap.
///
/// # Errors
/// The folder cannot be written, tests cannot be collected or begun, or too many trap.
pub fn run(emshim: &Utf8Path, suite: &Suite, folder: &Utf8Path) -> Result<Report, String> {
    let text = |error: std::io::Error| format!("{folder}: {error}");
    fs::create_dir_all(folder).map_err(text)?;
    let results = folder.join("results.jsonl");
    let _ = fs::remove_file(&results);
    fs::write(folder.join("drive.py"), DRIVE).map_err(text)?;
    let mut words = vec!["run", "--target", suite.target];
    words.extend(suite.with.iter().flat_map(|with| ["--with", with]));
    words.extend(["drive.py", "results.jsonl"]);
    words.extend(suite.pytest);
    let begun = Instant::now();
    let mut before = 0;
    for _ in 0..=MOST_TRAPS {
        let output = folder.join("output.txt");
        let done = command(emshim, &words).dir(folder).stderr_to_stdout();
        let done = done.stdout_path(&output).unchecked().run().map_err(text)?;
        let lines = fs::read_to_string(&results).unwrap_or_default();
        if lines.len() == before {
            let status = done.status;
            return Err(format!(
                "{}: no test was begun ({status}); see {output}",
                suite.name
            ));
        }
        before = lines.len();
        if let Some(report) = report(suite.name, &lines)? {
            return Ok(Report {
                time: begun.elapsed(),
                ..report
            });
        }
    }
    Err(format!("{}: more than {MOST_TRAPS} tests trap", suite.name))
}

/// The modules below a package in a wheel that have tests.
///
/// # Errors
/// The wheel cannot be read.
pub fn modules(wheel: &Utf8Path, package: &str) -> Result<Vec<String>, String> {
    let file = fs::File::open(wheel).map_err(|error| format!("{wheel}: {error}"))?;
    let archive = zip::ZipArchive::new(file).map_err(|error| format!("{wheel}: {error}"))?;
    let of_tests = |name: &str| {
        let below = name.strip_prefix(package)?.strip_prefix('/')?;
        let (module, rest) = below.split_once('/')?;
        rest.contains("tests/test_").then(|| module.to_owned())
    };
    let names = archive.file_names().filter_map(Result::ok);
    let modules: BTreeSet<_> = names.filter_map(|name| of_tests(&name)).collect();
    Ok(modules.into_iter().collect())
}

/// What the lines say; nothing if they stop before the end.
fn report(name: &str, lines: &str) -> Result<Option<Report>, String> {
    let mut tests: BTreeMap<String, (Outcome, String)> = BTreeMap::new();
    let mut end = None;
    for line in lines.lines() {
        // A killed process may leave half of one.
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            continue;
        };
        end = line.end;
        let Some(test) = line.test else { continue };
        let known = tests.entry(test).or_default();
        // A test that passes and whose clean-up fails has failed.
        if known.0 != Outcome::Failed {
            *known = (line.outcome, line.why);
        }
    }
    let Some(end) = end else { return Ok(None) };
    // pytest's exit statuses: 0 and 1 say that all has run.
    if !(0..=1).contains(&end) {
        return Err(format!("{name}: pytest ended with status {end}"));
    }
    let mut counts = Counts::default();
    let mut problems = Vec::new();
    for (test, (outcome, why)) in tests {
        match outcome {
            Outcome::Passed => counts.passed += 1,
            Outcome::Skipped => counts.skipped += 1,
            Outcome::Xfailed => counts.xfailed += 1,
            Outcome::Failed | Outcome::Begun => {
                let trapped = outcome == Outcome::Begun;
                counts.failed += u32::from(!trapped);
                problems.push(Problem { test, trapped, why });
            }
        }
    }
    Ok(Some(Report {
        name: name.to_owned(),
        counts,
        problems,
        time: Duration::ZERO,
    }))
}

/// What a platform without threads and processes cannot do, by what tests then say.
const LIMITS: &[(&str, &[&str])] = &[
    (
        "starts threads",
        &["can't start new thread", "cannot start new thread"],
    ),
    (
        "starts processes",
        &[
            "does not support processes",
            "multiprocessing",
            "fork",
            "subprocess",
        ],
    ),
];

/// The limit of the platform that a problem is of, if it is: by what the test says, or by its name in a
/// table of tests that say nothing of it, a part of the name and the limit each.
#[must_use]
pub fn limit<'k>(problem: &Problem, known: &'k [(&str, &'k str)]) -> Option<&'k str> {
    let says = |word: &&str| problem.why.contains(*word);
    let told = LIMITS.iter().find(|(_, words)| words.iter().any(&says));
    let named = known.iter().find(|(part, _)| problem.test.contains(part));
    told.map(|(limit, _)| *limit)
        .or(named.map(|(_, limit)| *limit))
}

/// The reports as a Markdown table, and every problem below it.
#[must_use]
pub fn table(reports: &[Report], known: &[(&str, &str)]) -> String {
    let mut text = String::from(
        "| module | passed | failed | trapped | skipped | expected failures | time |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for report in reports {
        let Counts {
            passed,
            failed,
            skipped,
            xfailed,
        } = report.counts;
        let trapped = report.problems.iter().filter(|p| p.trapped).count();
        let _ = writeln!(
            text,
            "| {} | {passed} | {failed} | {trapped} | {skipped} | {xfailed} | {:.0} s |",
            report.name,
            report.time.as_secs_f64(),
        );
    }
    text.push('\n');
    for problem in reports.iter().flat_map(|report| &report.problems) {
        let what = match limit(problem, known) {
            Some(limit) => limit,
            None if problem.trapped => "TRAPPED",
            None => "FAILED",
        };
        let _ = writeln!(text, "{what}: {}: {}", problem.test, problem.why);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"{"test": "a", "outcome": "begun"}
{"test": "a", "outcome": "passed", "why": ""}
{"test": "b", "outcome": "begun"}
{"test": "c", "outcome": "begun"}
{"test": "c", "outcome": "failed", "why": "RuntimeError: can't start new thread"}
{"test": "d", "outcome": "begun"}
{"test": "d", "outcome": "passed", "why": ""}
{"test": "d", "outcome": "failed", "why": "at the end"}
"#;

    #[test]
    fn a_test_that_began_and_came_to_nothing_trapped() {
        assert!(report("m", LINES).unwrap().is_none());
        let lines = format!("{LINES}{{\"end\": 1}}\n");
        let report = report("m", &lines).unwrap().unwrap();
        assert_eq!((report.counts.passed, report.counts.failed), (1, 2));
        let trapped: Vec<_> = report
            .problems
            .iter()
            .map(|p| (&*p.test, p.trapped))
            .collect();
        assert_eq!(trapped, [("b", true), ("c", false), ("d", false)]);
        assert_eq!(limit(&report.problems[1], &[]), Some("starts threads"));
        assert_eq!(limit(&report.problems[2], &[("e", "no")]), None);
        assert_eq!(limit(&report.problems[2], &[("d", "yes")]), Some("yes"));
    }

    #[test]
    fn an_end_that_is_none_is_an_error() {
        assert!(report("m", "{\"end\": 3}\n").is_err());
    }
}
