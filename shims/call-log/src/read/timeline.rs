//! A build to look at: a trace for Perfetto and Chrome, and a page that needs nothing else.

use crate::read::lanes::Bar;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE: &str = include_str!("timeline.html");
/// What stands in the page for the data.
const PLACE: &str = "/*DATA*/";

/// The trace events of the calls: one complete event each, lanes as threads of one process. The
/// format is Chrome's "Trace Event Format"; times are microseconds.
#[must_use]
pub fn trace(bars: &[Bar], title: &str) -> Value {
    let lanes = bars.iter().map(|bar| bar.lane + 1).max().unwrap_or(0);
    let name = |kind: &str, tid: usize, name: &str| json!({"ph": "M", "pid": 1, "tid": tid, "name": kind, "args": {"name": name}});
    let mut events = vec![name("process_name", 0, title)];
    events.extend((0..lanes).map(|lane| name("thread_name", lane, &format!("lane {}", lane + 1))));
    events.extend(bars.iter().map(|bar| {
        let kind = match (bar.ok, bar.probe) {
            (_, true) => "probe",
            (false, false) => "failure",
            (true, false) => &*bar.job,
        };
        json!({
            "ph": "X", "pid": 1, "tid": bar.lane, "ts": bar.start_us, "dur": bar.duration_us,
            "name": bar.tool, "cat": kind,
            "cname": if bar.ok { Value::Null } else { json!("terrible") },
            "args": {
                "command": bar.command, "id": bar.id, "job": bar.job, "exit": bar.status,
                "process": bar.pid, "probe": bar.probe,
            },
        })
    }));
    json!({"displayTimeUnit": "ms", "traceEvents": events})
}

/// The page.
#[must_use]
pub fn page(bars: &[Bar], title: &str) -> String {
    let start = bars.iter().map(|bar| bar.start_us).min().unwrap_or(0);
    let mut tools: BTreeMap<&str, usize> = BTreeMap::new();
    for bar in bars {
        *tools.entry(&bar.tool).or_default() += 1;
    }
    let tools: Vec<&str> = tools.into_keys().collect();
    let rows: Vec<Value> = bars
        .iter()
        .map(|bar| {
            let tool = tools.binary_search(&bar.tool.as_str()).unwrap_or(0);
            json!([
                bar.start_us - start,
                bar.duration_us,
                bar.lane,
                tool,
                u8::from(bar.ok),
                u8::from(bar.probe),
                bar.status,
                bar.job,
                bar.id,
                bar.pid,
                bar.command,
                bar.file,
            ])
        })
        .collect();
    let data = json!({"title": title, "tools": tools, "rows": rows}).to_string();
    // Nothing in a command may end the script it stands in.
    PAGE.replacen(PLACE, &data.replace('<', "\\u003c"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(command: &str) -> Bar {
        Bar {
            start_us: 10,
            duration_us: 5,
            lane: 1,
            tool: "gcc".into(),
            job: "compile".into(),
            status: "1".into(),
            ok: false,
            probe: false,
            id: "1-2-3".into(),
            pid: 7,
            command: command.into(),
            file: "x.o".into(),
        }
    }

    #[test]
    fn a_trace_has_lanes_and_times() {
        let trace = trace(&[bar("gcc x.c")], "t");
        let events = trace["traceEvents"].as_array().unwrap();
        assert_eq!(events.len(), 4);
        assert_eq!(events[3]["ts"], 10);
        assert_eq!(events[3]["tid"], 1);
        assert_eq!(events[3]["cat"], "failure");
    }

    #[test]
    fn a_command_cannot_end_the_pages_script() {
        let page = page(&[bar("gcc -D'X=</script><b>'")], "t");
        assert!(!page.contains(PLACE));
        assert!(!page.contains("X=</script>"));
        assert_eq!(page.matches("</script>").count(), 1);
    }
}
