//! Ratios as a table and as JSON.

use std::fmt::Write as _;
use std::fs;

use camino::Utf8Path;
use serde_json::{Value, json};

use super::call::Cost;
use super::setup::median;
use crate::task::Result;

/// One line of a table.
pub struct Row {
    pub work: String,
    pub against: &'static str,
    /// The most that the ratio may be.
    pub aim: f64,
    pub ratio: f64,
    /// Milliseconds of one run, ours and the other's.
    pub times: [f64; 2],
    /// Of several rounds, what one run cannot tell.
    pub rounds: Option<Rounds>,
}

/// What several rounds say besides medians of wall times.
pub struct Rounds {
    /// How many.
    count: usize,
    /// The least and the greatest ratio of a round.
    spread: [f64; 2],
    /// The ratio of processor times, which other load of the machine changes little.
    processor: f64,
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
            rounds: None,
        }
    }

    /// A row of rounds, each a run of ours and one of the other's after it; medians count.
    pub fn of(work: &str, against: &'static str, aim: f64, rounds: &[[Cost; 2]]) -> Self {
        let all =
            |figure: &dyn Fn(&[Cost; 2]) -> f64| rounds.iter().map(figure).collect::<Vec<_>>();
        let ratios = all(&|[own, other]| own.wall / other.wall);
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = ratios.iter().copied().fold(0.0, f64::max);
        Self {
            work: work.to_owned(),
            against,
            aim,
            ratio: median(ratios),
            times: [
                median(all(&|round| round[0].wall)),
                median(all(&|round| round[1].wall)),
            ],
            rounds: Some(Rounds {
                count: rounds.len(),
                spread: [least, greatest],
                processor: median(all(&|[own, other]| own.processor / other.processor)),
            }),
        }
    }
}

/// What a bench comes to.
pub struct Report {
    /// Its tables.
    text: String,
    /// The same as JSON: an object.
    figures: Value,
    /// What could not be measured, and why.
    failed: Vec<String>,
}

impl Report {
    /// Of a bench that has figures of its own: `figures` is an object.
    pub fn new(bench: &str, text: String, mut figures: Value) -> Self {
        figures["schema"] = json!(1);
        figures["bench"] = json!(bench);
        Self {
            text,
            figures,
            failed: Vec::new(),
        }
    }

    /// Of a bench that gave an error instead.
    pub fn of_error(bench: &str, error: &dyn std::fmt::Display) -> Self {
        let mut report = Self::new(bench, String::new(), json!({}));
        report.failed.push(format!("{bench}: {error}"));
        report
    }
}

/// Rows in the making: one that cannot be measured hides no other.
#[derive(Default)]
pub struct Rows {
    rows: Vec<Row>,
    failed: Vec<String>,
}

impl Rows {
    /// Takes the rows of some work, or why there are none.
    pub fn add(&mut self, work: &str, rows: Result<Vec<Row>>) {
        match rows {
            Ok(rows) => self.rows.extend(rows),
            Err(error) => self.fail(work, &error),
        }
    }

    /// Takes why some work could not be measured.
    pub fn fail(&mut self, work: &str, error: &dyn std::fmt::Display) {
        eprintln!("{work}: {error}");
        self.failed.push(format!("{work}: {error}"));
    }

    /// The report. `peak` is a shim's memory in kilobytes, where it was measured.
    pub fn report(self, bench: &str, peak: Option<u64>) -> Report {
        let text = markdown(&self.rows, peak);
        let mut report = Report::new(bench, text, figures(&self.rows, peak));
        report.failed = self.failed;
        report
    }
}

/// Prints reports, and writes them and the JSON of them into `folder`: `report.md`, `report.json`.
///
/// # Errors
/// Something could not be measured, or a file not be written.
pub fn publish(reports: &[Report], folder: &Utf8Path) -> Result {
    let failed: Vec<&str> = reports
        .iter()
        .flat_map(|report| report.failed.iter().map(String::as_str))
        .collect();
    let mut parts: Vec<String> = reports.iter().map(|report| report.text.clone()).collect();
    if !failed.is_empty() {
        parts.push(format!("Not measured:\n\n- {}\n", failed.join("\n- ")));
    }
    parts.retain(|part| !part.is_empty());
    let text = parts.join("\n");
    let figures = |report: &Report| {
        let mut figures = report.figures.clone();
        figures["failed"] = json!(report.failed);
        figures
    };
    let figures = match reports {
        [report] => figures(report),
        all => json!({ "schema": 1, "benches": all.iter().map(figures).collect::<Vec<_>>() }),
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join("report.md"), &text)?;
    fs::write(folder.join("report.json"), format!("{figures:#}\n"))?;
    print!("{text}");
    eprintln!("written to {folder}/report.md and report.json");
    match failed.len() {
        0 => Ok(()),
        number => Err(format!("{number} could not be measured").into()),
    }
}

fn markdown(rows: &[Row], peak: Option<u64>) -> String {
    let mut text =
        "| work | against | ratio | rounds, their ratios | processor time | aim | ours | other |\n\
                    | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    for row in rows {
        let Row {
            work,
            against,
            aim,
            ratio,
            times,
            rounds,
        } = row;
        let missed = if ratio > aim { " (missed)" } else { "" };
        let [own, other] = times.map(time);
        let (spread, processor) = match rounds {
            None => ("1".to_owned(), "-".to_owned()),
            Some(Rounds {
                count,
                spread: [least, greatest],
                processor,
            }) => (
                format!("{count}, {least:.2} to {greatest:.2}"),
                format!("{processor:.3}"),
            ),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {work} | {against} | {ratio:.3}{missed} | {spread} | {processor} | {aim} | {own} | {other} |"
        );
    }
    if let Some(peak) = peak {
        let megabytes = peak as f64 / 1e3;
        let _ = writeln!(
            text,
            "| peak memory of a shim | - | {megabytes:.1} MB | - | - | - | - | - |"
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

fn figures(rows: &[Row], peak: Option<u64>) -> Value {
    let row = |row: &Row| {
        let mut figures = json!({
            "work": row.work, "against": row.against, "aim": row.aim, "ratio": row.ratio,
            "milliseconds": row.times[0], "reference_milliseconds": row.times[1],
        });
        if let Some(rounds) = &row.rounds {
            figures["rounds"] = json!(rounds.count);
            figures["spread"] = json!(rounds.spread);
            figures["processor_ratio"] = json!(rounds.processor);
        }
        figures
    };
    let mut figures = json!({ "rows": rows.iter().map(row).collect::<Vec<_>>() });
    if let Some(peak) = peak {
        figures["peak_kilobytes"] = json!(peak);
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_hides_nothing() {
        let folder = std::env::temp_dir().join(format!("xtask-report-{}", std::process::id()));
        let folder = camino::Utf8PathBuf::try_from(folder).unwrap();
        let mut rows = Rows::default();
        rows.add("link", Err("no emcc".into()));
        let row = Row::once("compile", "clang", 1.05, [3.0, 2.0]);
        let cost = |wall, processor| Cost { wall, processor };
        let rounds = [(4.0, 1.0), (1.0, 3.0), (2.0, 2.0)]
            .map(|(wall, processor)| [cost(wall, processor), cost(2.0, 2.0)]);
        let link = Row::of("module", "emcc", 1.0, &rounds);
        rows.add("compile", Ok(vec![row, link]));
        let reports = [
            rows.report("shims", Some(2000)),
            Report::of_error("numpy", &"no index"),
            Report::new("record", "| a |\n".to_owned(), json!({ "rows": [] })),
        ];
        assert!(publish(&reports, &folder).is_err());
        let text = fs::read_to_string(folder.join("report.md")).unwrap();
        for line in [
            "| compile | clang | 1.500 (missed) | 1 | - | 1.05 | 3.0 ms | 2.0 ms |",
            "| module | emcc | 1.000 | 3, 0.50 to 2.00 | 1.000 | 1 | 2.0 ms | 2.0 ms |",
            "| peak memory of a shim | - | 2.0 MB | - | - | - | - | - |",
            "| a |",
            "- link: no emcc",
            "- numpy: no index",
        ] {
            assert!(text.lines().any(|found| found == line), "{text}");
        }
        let figures = fs::read_to_string(folder.join("report.json")).unwrap();
        let figures: Value = serde_json::from_str(&figures).unwrap();
        assert_eq!(figures["benches"][0]["rows"][0]["ratio"], 1.5);
        assert_eq!(figures["benches"][1]["failed"][0], "numpy: no index");
        assert_eq!(figures["benches"][2]["bench"], "record");
        assert!(publish(&reports[2..], &folder).is_ok());
        fs::remove_dir_all(&folder).unwrap();
    }
}
