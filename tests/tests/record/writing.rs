//! Records: whole, one per call, whatever happens around them, and never in a build's way.

use emshim_tests::shim_folder::{LIMIT, ShimFolder, ended};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

/// The lines of each record, by id.
fn by_id(records: &[Value]) -> BTreeMap<String, Vec<&Value>> {
    let mut ids: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for line in records {
        let id = line["id"].as_str().expect("an id").to_owned();
        ids.entry(id).or_default().push(line);
    }
    ids
}

fn is_finished(lines: &[&Value]) -> bool {
    matches!(lines, [begin, end] if begin["record"] == "begin" && end["record"] == "end")
}

#[test]
fn a_record_says_what_came_in_what_ran_and_what_came_out() {
    let folder = ShimFolder::new();
    std::fs::write(folder.path("work/x.c"), "int x;").expect("a file");
    std::fs::write(folder.path("work/f.rsp"), "-DX").expect("a file");
    let output = folder.run(
        "gcc",
        &["-c", "x.c", "@f.rsp", "-pthread"],
        "echo made > x.o",
    );
    assert!(output.status.success());
    let records = folder.records();
    let (begin, end) = (&records[0], &records[1]);
    assert_eq!(begin["schema"], call_log::format::schema::SCHEMA);
    assert_eq!(
        begin["argv"],
        serde_json::json!(["gcc", "-c", "x.c", "@f.rsp", "-pthread"])
    );
    assert_eq!(begin["cwd"], folder.path("work").as_str());
    assert_eq!(begin["job"], "compile");
    let blob = |name: &Value| {
        let path = folder
            .path("log/blobs")
            .join(name.as_str().expect("a name"));
        std::fs::read_to_string(path).expect("a blob")
    };
    let parsed = |name: &Value| serde_json::from_str::<Value>(&blob(name)).expect("JSON");
    let toolchain = parsed(&begin["toolchain"]);
    assert_eq!(toolchain["config"]["emscripten"]["version"], "3.1.69");
    let drop = parsed(&begin["decisions"])[0].clone();
    assert_eq!(drop["argument"], "-pthread");
    assert_eq!(drop["action"], "drop");
    assert!(
        drop["reason"]
            .as_str()
            .is_some_and(|why| why.contains("threads"))
    );
    assert_eq!(blob(&begin["response_files"][0]["contents"]), "-DX");
    assert!(blob(&begin["env"]).contains("\"TMPDIR\""));
    assert_eq!(end["id"], begin["id"]);
    assert_eq!(end["exit"], 0);
    assert_eq!(end["inputs"][0]["path"], "x.c");
    assert_eq!(end["inputs"][0]["size"], 6);
    let hash = blake3::hash(b"made\n").to_hex().to_string();
    assert_eq!(end["outputs"][0]["blake3"], hash);
    assert_eq!(end["steps"][0]["exit"], 0);
    assert!(end["duration_us"].as_u64().is_some_and(|us| us > 0));
}

#[test]
fn a_call_names_the_build_and_the_call_it_came_from() {
    let folder = ShimFolder::new();
    folder.fake("bin/cmake");
    let behaviour = "case $0 in *cmake) exec $NESTED --version;; esac";
    let mut command = folder.command("cmake", behaviour);
    command
        .args(["--build", "."])
        .env("EMSHIM_BUILD", "all-1")
        .env("NESTED", folder.path("shims/gcc"));
    assert!(command.status().expect("a shim").success());
    let records = folder.records();
    let begins: Vec<_> = records.iter().filter(|r| r["record"] == "begin").collect();
    assert_eq!(begins.len(), 2);
    assert_eq!(begins[0]["tool"], "cmake");
    assert_eq!(begins[0]["caller"], Value::Null);
    assert_eq!(begins[1]["tool"], "gcc");
    assert_eq!(begins[1]["caller"], begins[0]["id"]);
    assert!(begins.iter().all(|begin| begin["build"] == "all-1"));
}

#[test]
fn the_source_of_a_probe_is_kept() {
    let folder = ShimFolder::new();
    for name in ["conftest.c", "real.c"] {
        let text = format!("int {};", &name[..4]);
        std::fs::write(folder.path("work").join(name), &text).expect("a source");
        assert!(folder.run("gcc", &["-c", name], "").status.success());
        let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
        let kept = folder.path("log/blobs").join(hash).exists();
        assert_eq!(kept, name == "conftest.c", "{name}");
    }
    assert_eq!(folder.records()[0]["probe"], true);
    assert_eq!(folder.records()[2]["probe"], Value::Null);
}

#[test]
fn a_file_changed_in_place_is_recorded_as_it_was_before() {
    let folder = ShimFolder::new();
    std::fs::write(folder.path("work/lib.a"), "old").expect("an archive");
    let output = folder.run("ar", &["cr", "lib.a", "x.o"], "echo new > lib.a");
    assert!(output.status.success());
    let records = folder.records();
    let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    assert_eq!(records[0]["before"][0]["blake3"], hash(b"old"));
    assert_eq!(records[1]["outputs"][0]["blake3"], hash(b"new\n"));
    assert_eq!(records[1]["inputs"], serde_json::json!([]));
}

#[test]
fn a_killed_call_leaves_a_beginning_and_spoils_no_other() {
    let folder = ShimFolder::new();
    assert!(folder.run("gcc", &["-c", "before.c"], "").status.success());
    let mut command = folder.command("gcc", "sleep 30");
    let mut child = command.args(["-c", "killed.c"]).spawn().expect("a shim");
    let began = Instant::now();
    while folder.calls().len() < 2 {
        assert!(began.elapsed() < LIMIT, "no tool was called");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    ended(&mut child);
    // Also a writer that was stopped in the middle of a line.
    let mut log = std::fs::OpenOptions::new()
        .append(true)
        .open(folder.path("log/records.jsonl"))
        .expect("the log");
    log.write_all(b"{\"record\":\"begin\",\"id\":\"torn")
        .expect("a torn line");
    drop(log);
    assert!(folder.run("gcc", &["-c", "after.c"], "").status.success());

    let text = std::fs::read_to_string(folder.path("log/records.jsonl")).expect("the log");
    let (whole, torn): (Vec<_>, Vec<_>) = text
        .lines()
        .map(serde_json::from_str::<Value>)
        .partition(Result::is_ok);
    assert_eq!(torn.len(), 1);
    let whole: Vec<Value> = whole.into_iter().flatten().collect();
    let ids = by_id(&whole);
    let states: Vec<bool> = ids.values().map(|lines| is_finished(lines)).collect();
    assert_eq!(states, [true, false, true]);
}

#[test]
fn a_signal_is_recorded_as_the_end() {
    let folder = ShimFolder::new();
    let _ = folder.run("gcc", &["-c", "x.c"], "kill -SEGV $$");
    assert_eq!(folder.records()[1]["signal"], 11);
}

#[test]
fn a_log_that_cannot_be_written_warns_once_and_the_build_goes_on() {
    let folder = ShimFolder::new();
    let full = folder.path("full");
    std::fs::create_dir(&full).expect("a folder");
    symlink("/dev/full", full.join("records.jsonl")).expect("a link");
    let nowhere = folder.path("shims/emshim.json/log");
    for log in [full, nowhere] {
        let run = |required: &str| {
            let mut command = folder.command("gcc", "");
            command
                .args(["-c", "x.c"])
                .env("EMSHIM_LOG", &log)
                .env("EMSHIM_RECORD", required);
            command.output().expect("a shim")
        };
        let first = run("on");
        assert!(first.status.success());
        let said = String::from_utf8_lossy(&first.stderr).into_owned();
        assert!(
            said.starts_with("gcc: warning: no record in ") && said.contains(log.as_str()),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
        let second = run("on");
        assert!(second.status.success());
        assert!(
            second.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&second.stderr)
        );

        let calls = folder.calls().len();
        assert_eq!(run("required").status.code(), Some(1));
        assert_eq!(
            folder.calls().len(),
            calls,
            "nothing runs without its record"
        );
    }
}

#[test]
fn recording_can_be_off_and_elsewhere() {
    let folder = ShimFolder::new();
    let mut command = folder.command("gcc", "");
    command.args(["-c", "x.c"]).env("EMSHIM_RECORD", "off");
    assert!(command.status().expect("a shim").success());
    assert!(!folder.path("log").exists());
    let mut command = folder.command("gcc", "");
    command
        .args(["-c", "x.c"])
        .env("EMSHIM_LOG", "relative/log");
    assert!(command.status().expect("a shim").success());
    assert!(folder.path("work/relative/log/records.jsonl").exists());
}

#[test]
fn secrets_stay_out() {
    let folder = ShimFolder::new();
    std::fs::write(folder.path("work/f.rsp"), "-DURL=https://me:s3cret@host/x").expect("a file");
    let mut command = folder.command("gcc", "");
    command
        .args([
            "-c",
            "x.c",
            "-DINDEX=https://user:s3cret@host/simple",
            "@f.rsp",
        ])
        .env("CFLAGS", "-DY=https://s3cret@host")
        .env("API_TOKEN", "s3cret")
        .env("PIP_INDEX_URL", "https://u:s3cret@host");
    assert!(command.status().expect("a shim").success());
    let mut text = std::fs::read_to_string(folder.path("log/records.jsonl")).expect("the log");
    for blob in folder.list("log/blobs") {
        text += &std::fs::read_to_string(folder.path("log/blobs").join(blob)).expect("a blob");
    }
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("https://***@host/simple"));
}
