//! `emshim log` and `emshim explain ID` on logs whole and damaged, small and large.

use emshim_tests::real::emshim;
use emshim_tests::shim_folder::ShimFolder;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Output};

/// Runs `emshim` on the folder's log.
fn ask(folder: &ShimFolder, words: &[&str]) -> Output {
    let mut command = Command::new(emshim());
    command.args(words).env("EMSHIM_LOG", folder.path("log"));
    command.output().expect("emshim")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

fn objects(folder: &ShimFolder, words: &[&str]) -> Vec<Value> {
    let words = [words, &["--json"]].concat();
    let (out, err) = said(&ask(folder, &words));
    assert_eq!(err, "");
    let lines = out.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

/// A log of a compile, a probe that fails, a call that is refused and one that was killed.
fn small() -> ShimFolder {
    let folder = ShimFolder::new();
    for source in ["a.c", "conftest.c"] {
        std::fs::write(folder.path("work").join(source), "int x;").expect("a source");
    }
    std::fs::write(folder.path("work/f.rsp"), "-DFROM_FILE").expect("a response file");
    let first = ["-c", "a.c", "-pthread", "@f.rsp", "-o", "a.o"];
    assert!(folder.run("gcc", &first, "echo o > a.o").status.success());
    assert!(
        !folder
            .run("g++", &["-c", "conftest.c"], "exit 3")
            .status
            .success()
    );
    assert!(!folder.run("gcc", &["-c", "@missing"], "").status.success());
    let mut command = folder.command("gcc", "kill -9 $PPID");
    let _ = command.args(["-c", "b.c"]).status();
    folder
}

#[test]
fn list_has_a_row_for_each_call_and_filters_them() {
    let folder = small();
    let rows = objects(&folder, &["log", "list"]);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0]["tool"], "gcc");
    assert_eq!(rows[0]["argv"][1], "-c");
    assert_eq!(rows[0]["cwd"], folder.path("work").as_str());
    assert_eq!(rows[0]["exit"], 0);
    assert!(rows[0]["duration_us"].as_u64().is_some_and(|us| us > 0));
    assert_eq!(rows[1]["exit"], 3);
    assert_eq!(rows[3]["exit"], Value::Null);
    for (filter, count) in [
        (&["--tool", "g++"][..], 1),
        (&["--exit", "ok"], 1),
        (&["--exit", "3"], 1),
        (&["--exit", "failed"], 2),
        (&["--exit", "unfinished"], 1),
        (&["--file", "a.o"], 1),
        (&["--text", "FROM_FILE"], 0),
        (&["--text", "-pthread"], 1),
        (&["--longer", "1h"], 0),
        (&["--probes"], 1),
        (&["--no-probes", "--tool", "gcc"], 3),
    ] {
        let words = [&["log", "list"], filter].concat();
        if filter.contains(&"1h") {
            assert_eq!(ask(&folder, &words).status.code(), Some(2), "a wrong unit");
            continue;
        }
        assert_eq!(objects(&folder, &words).len(), count, "{filter:?}");
    }
    let (table, _) = said(&ask(&folder, &["log", "list"]));
    assert_eq!(table.lines().count(), 5);
    assert!(
        table.contains("gcc -c a.c -pthread @f.rsp -o a.o"),
        "{table}"
    );
}

#[test]
fn failures_leave_probes_out_and_say_why() {
    let folder = small();
    let failures = objects(&folder, &["log", "failures"]);
    assert_eq!(failures.len(), 1);
    let why = failures[0]["refusal"].as_str().expect("a reason");
    assert!(why.contains("@missing"), "{why}");
    assert_eq!(objects(&folder, &["log", "failures", "--probes"]).len(), 2);
}

#[test]
fn no_failure_and_no_compile_left_are_said() {
    let folder = ShimFolder::new();
    std::fs::write(folder.path("work/a.c"), "int x;").expect("a source");
    let call = folder.run("gcc", &["-c", "a.c", "-o", "a.o"], "echo o > a.o");
    assert!(call.status.success());
    let (text, _) = said(&ask(&folder, &["log", "failures"]));
    assert_eq!(text, "no call failed, probes left out\n");
    assert_eq!(objects(&folder, &["log", "failures"]).len(), 0);
    // As after a build, whose work tree has gone.
    std::fs::remove_file(folder.path("work/a.c")).expect("a source");
    let database = folder.path("compile_commands.json");
    let words = ["log", "compile-commands", "-o", database.as_str()];
    let output = ask(&folder, &words);
    assert_eq!(output.status.code(), Some(1));
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.contains("a.c") && why.contains("--keep-work"), "{why}");
    assert!(!database.exists());
}

#[test]
fn show_and_explain_tell_all_about_a_call() {
    let folder = small();
    let id = objects(&folder, &["log", "list"])[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let (text, _) = said(&ask(&folder, &["log", "show", &id]));
    for part in [
        "command    gcc -c a.c -pthread @f.rsp -o a.o",
        "with status 0",
        "called by",
        "Emscripten 3.1.69",
        "drop -pthread",
        "run: ",
        "@f.rsp:\n-DFROM_FILE",
        "read: a.c  6 B",
        "wrote: a.o  2 B",
        "TMPDIR=",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let (json, _) = said(&ask(&folder, &["log", "show", &id, "--json"]));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["id"], *id);
    assert_eq!(json["response_files"][0]["contents"], "-DFROM_FILE");
    assert_eq!(json["decisions"][0]["action"], "drop");
    assert_eq!(json["toolchain"]["config"]["abi"], "2025_0");
    assert_eq!(json["exit"], 0);
    // The end of an id is enough.
    let (_, end) = id.split_once('-').expect("parts");
    assert_eq!(said(&ask(&folder, &["log", "show", end])).0, text);

    let (explained, _) = said(&ask(&folder, &["explain", &id]));
    assert!(
        explained.starts_with("job: compile\ndrop -pthread"),
        "{explained}"
    );
    assert!(text.contains(&explained), "{explained}");
    let missing = ask(&folder, &["explain", "0000"]);
    assert_eq!(missing.status.code(), Some(1));
    let why = String::from_utf8_lossy(&missing.stderr).into_owned();
    assert!(
        why.contains("no call 0000 in") && why.contains("emshim log list"),
        "{why}"
    );
}

#[test]
fn stats_sum_calls_and_dropped_flags() {
    let folder = small();
    let (text, _) = said(&ask(&folder, &["log", "stats", "--json"]));
    let stats: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(stats["all"]["calls"], 3);
    assert_eq!(stats["all"]["failed"], 2);
    assert_eq!(stats["unfinished"], 1);
    assert_eq!(stats["probes"]["calls"], 1);
    assert_eq!(stats["real"]["calls"], 2);
    assert_eq!(stats["dropped"][0]["rule"], "-pthread");
    assert_eq!(stats["dropped"][0]["times"], 1);
    let took = |sum: &Value| sum["duration_us"].as_u64().expect("a time");
    assert!(took(&stats["slowest"][0]) >= took(&stats["slowest"][1]));
    let (table, _) = said(&ask(&folder, &["log", "stats"]));
    assert!(
        table.contains("flags dropped\n       1  -pthread"),
        "{table}"
    );
}

#[test]
fn no_log_is_an_error_with_the_remedy() {
    let folder = ShimFolder::new();
    for verb in ["list", "stats", "failures"] {
        let output = ask(&folder, &["log", verb]);
        assert_eq!(output.status.code(), Some(1));
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            why.contains("no records in") && why.contains("EMSHIM_LOG"),
            "{why}"
        );
    }
}

/// What the reader makes of a log with these bytes: rows, and what it says.
fn read(folder: &ShimFolder, bytes: &[u8]) -> (Vec<Value>, String) {
    std::fs::write(folder.path("log/records.jsonl"), bytes).expect("a log");
    let (out, err) = said(&ask(folder, &["log", "list", "--json"]));
    let rows = out
        .lines()
        .map(|line| serde_json::from_str(line).expect(line));
    (rows.collect(), err)
}

#[test]
fn a_log_cut_at_any_byte_shows_all_that_is_whole() {
    use call_log::read::log::Log;
    use call_log::read::reader::{Item, Why};
    use call_log::read::view::Brief;
    let folder = small();
    let file = folder.path("log/records.jsonl");
    let whole = std::fs::read(&file).expect("a log");
    let log = Log::new(folder.path("log"));
    let mut cuts = 0;
    for cut in (0..=whole.len()).rev() {
        std::fs::OpenOptions::new()
            .write(true)
            .open(&file)
            .and_then(|file| file.set_len(cut as u64))
            .expect("a shorter log");
        let before = &whole[..cut];
        let at = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |at| at + 1);
        // A line whose newline alone is missing is whole.
        let torn = at < cut && whole.get(cut) != Some(&b'\n');
        let text = std::str::from_utf8(if torn { &before[..at] } else { before });
        let lines: Vec<&str> = text.expect("UTF-8").lines().collect();
        let begins = lines
            .iter()
            .filter(|line| line.starts_with("{\"record\":\"begin\""))
            .count();
        let (mut calls, mut problems) = (0, Vec::new());
        for item in log.calls::<Brief>().expect("a log") {
            match item.expect("a readable file") {
                Item::Call(_) => calls += 1,
                Item::Problem(problem) => problems.push(problem),
            }
        }
        assert_eq!(calls, begins, "cut at {cut}");
        assert_eq!(problems.len(), usize::from(torn), "cut at {cut}");
        if let Some(problem) = problems.first() {
            assert_eq!(problem.why, Why::Damaged);
            assert_eq!(problem.line, lines.len() as u64 + 1);
            assert_eq!(problem.offset, at as u64);
        }
        cuts += 1;
    }
    assert_eq!(cuts, whole.len() + 1);
}

#[test]
fn damage_is_named_and_the_rest_is_shown() {
    let folder = small();
    let whole = std::fs::read_to_string(folder.path("log/records.jsonl")).expect("a log");
    let lines: Vec<&str> = whole.lines().collect();

    let edited = whole.replacen("a.c", "z.c", 1);
    let (rows, said) = read(&folder, edited.as_bytes());
    assert_eq!(rows.len(), 3, "the edited call is not among them");
    assert!(said.contains("2 lines of"), "{said}");
    assert!(said.contains("line 1 (byte 0), call "), "{said}");
    assert!(said.contains("cut short or edited"), "{said}");
    assert!(
        said.contains("line 2 ") && said.contains("beginning cannot be read"),
        "{said}"
    );

    let newer = lines[2].replace("\"schema\":2", "\"schema\":3");
    let (rows, said) = read(&folder, [lines[0], lines[1], &newer].join("\n").as_bytes());
    assert_eq!(rows.len(), 1);
    assert!(said.contains("line 3"), "{said}");
    assert!(
        said.contains("a newer emshim (schema 3, this one reads 2)"),
        "{said}"
    );

    let mut noise = whole.clone().into_bytes();
    noise.splice(0..0, b"\xff\xfe not json\n{}\n".iter().copied());
    let (rows, said) = read(&folder, &noise);
    assert_eq!(rows.len(), 4);
    assert!(
        said.contains("line 1 (byte 0)") && said.contains("line 2 (byte 12)"),
        "{said}"
    );

    let (rows, said) = read(&folder, [&whole, lines[6]].join("").as_bytes());
    assert_eq!(rows.len(), 4);
    assert!(
        said.contains("a second line for the same part of a call"),
        "{said}"
    );
}

#[test]
fn lost_contents_are_named_and_the_rest_is_shown() {
    let folder = small();
    for blob in folder.list("log/blobs") {
        std::fs::write(folder.path("log/blobs").join(blob), "edited").expect("a blob");
    }
    let id = objects(&folder, &["log", "list"])[0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let (text, _) = said(&ask(&folder, &["log", "show", &id]));
    assert!(text.contains("gcc -c a.c"), "{text}");
    assert!(
        text.contains("contents are not those of its name"),
        "{text}"
    );
    assert!(text.contains("wrote: a.o"), "{text}");
}

/// A log of this many calls, made from one real one.
fn large(folder: &ShimFolder, calls: u32) -> Vec<String> {
    let file = folder.path("log/records.jsonl");
    let whole = std::fs::read_to_string(&file).expect("a log");
    let lines: Vec<Value> = whole
        .lines()
        .take(2)
        .map(|line| serde_json::from_str(line).expect("a record"))
        .collect();
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file).expect("a log"));
    let mut ids = Vec::new();
    for number in 0..calls {
        let id = format!("{number:013x}-1-0000");
        for line in &lines {
            let mut line = line.clone();
            line["id"] = id.clone().into();
            line.as_object_mut().expect("an object").shift_remove("sum");
            let object = serde_json::to_vec(&line).expect("JSON");
            out.write_all(&call_log::format::checksum::checksummed(object))
                .expect("written");
            out.write_all(b"\n").expect("written");
        }
        ids.push(id);
    }
    out.flush().expect("written");
    ids
}

#[test]
fn a_hundred_thousand_calls_are_read_with_little_memory() {
    const CALLS: u32 = 100_000;
    let folder = small();
    let ids = large(&folder, CALLS);
    let size = std::fs::metadata(folder.path("log/records.jsonl"))
        .expect("a log")
        .len();
    let middle = ids[ids.len() / 2].as_str();
    for words in [
        &["log", "list", "--json"][..],
        &["log", "stats"],
        &["log", "show", middle],
    ] {
        // Address space, in KiB, far below the log's size.
        let limit = 64 << 10;
        assert!(size > limit * 1024 * 3 / 2);
        let mut command = Command::new("sh");
        let began = std::time::Instant::now();
        let script = format!("ulimit -v {limit}; exec \"$@\"");
        command
            .args(["-c", &script, "sh", emshim().as_str()])
            .args(words);
        let output = command
            .env("EMSHIM_LOG", folder.path("log"))
            .output()
            .expect("emshim");
        println!("{words:?}: {:?} for {size} bytes", began.elapsed());
        let (out, err) = said(&output);
        assert_eq!(err, "");
        match words[1] {
            "list" => assert_eq!(out.lines().count(), CALLS as usize),
            "stats" => assert!(out.contains("100000"), "{out}"),
            _ => assert!(out.contains(middle), "{out}"),
        }
    }
}

#[test]
fn a_trace_has_an_event_for_each_call_in_lanes_that_do_not_overlap() {
    let folder = small();
    let (text, _) = said(&ask(&folder, &["log", "timeline", "--json"]));
    let trace: Value = serde_json::from_str(&text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    let calls: Vec<&Value> = events.iter().filter(|event| event["ph"] == "X").collect();
    assert_eq!(calls.len(), 4);
    let kinds: Vec<_> = calls
        .iter()
        .filter_map(|call| call["cat"].as_str())
        .collect();
    assert_eq!(kinds, ["compile", "probe", "failure", "failure"]);
    for (one, other) in calls.iter().zip(&calls[1..]) {
        let end = one["ts"]
            .as_u64()
            .zip(one["dur"].as_u64())
            .map(|(ts, dur)| ts + dur);
        assert!(one["tid"] != other["tid"] || end <= other["ts"].as_u64());
    }
}

#[test]
fn diff_finds_the_first_cause() {
    let folder = ShimFolder::new();
    folder.copying_tools();
    let build = |name: &str, header: &str, flag: &str| {
        let place = folder.path(name);
        std::fs::create_dir_all(&place).expect("a folder");
        std::fs::write(place.join("a.c"), format!("{header}\n")).expect("a source");
        std::fs::write(place.join("b.c"), "b\n").expect("a source");
        for line in [
            "gcc -c b.c -o b.o".to_owned(),
            format!("gcc -c a.c -o a.o {flag}"),
            "gcc -r a.o b.o -o all.o".to_owned(),
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            let mut command = folder.command(words[0], "");
            command
                .args(&words[1..])
                .current_dir(&place)
                .env("EMSHIM_BUILD", name);
            assert!(command.status().expect("a shim").success());
        }
    };
    build("one-1", "x", "");
    build("two-2", "x", "");
    build("three-3", "y", "-DNEW");
    let builds = objects(&folder, &["log", "builds"]);
    let names: Vec<_> = builds
        .iter()
        .filter_map(|build| build["build"].as_str())
        .collect();
    assert_eq!(names, ["one-1", "two-2", "three-3"]);
    assert_eq!(builds[0]["calls"], 3);
    assert_eq!(builds[0]["failed"], 0);
    let (same, _) = said(&ask(&folder, &["log", "diff", "one-1", "two-2"]));
    assert!(
        same.starts_with("3 calls in both, 0 of them differ; 0 outputs"),
        "{same}"
    );

    let (text, _) = said(&ask(
        &folder,
        &["log", "diff", "one-1", "three-3", "--json"],
    ));
    let diff: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(diff["both"], 3);
    let changes = diff["changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["name"], "a.o");
    assert_eq!(
        changes[0]["causes"],
        serde_json::json!(["command: +[-DNEW]", "input a.c"])
    );
    assert_eq!(
        changes[1]["causes"],
        serde_json::json!(["input a.o (made differently before)"])
    );
    assert_eq!(diff["first_cause"], 0);
    let (text, _) = said(&ask(&folder, &["log", "diff", "one-1", "three-3"]));
    assert!(text.contains("first cause: a.o "), "{text}");
}
