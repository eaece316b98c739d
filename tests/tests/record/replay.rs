//! `emshim replay` with tools that copy: what is compared, what is never written over, what is
//! named before anything runs.

use emshim_tests::real::emshim;
use emshim_tests::shim_folder::ShimFolder;
use serde_json::Value;
use std::process::{Command, Output};

fn folder() -> ShimFolder {
    let folder = ShimFolder::new();
    folder.copying_tools();
    folder
}

fn build(folder: &ShimFolder, tool: &str, line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    folder.run(tool, &words, "").status.success()
}

fn source(folder: &ShimFolder, name: &str, text: &str) {
    std::fs::write(folder.path("work").join(name), text).expect("a file");
}

fn replay(folder: &ShimFolder, words: &[&str]) -> Output {
    let mut command = Command::new(emshim());
    let command = command
        .arg("replay")
        .args(words)
        .env("EMSHIM_LOG", folder.path("log"));
    command
        .env("TMPDIR", folder.path("tmp"))
        .output()
        .expect("emshim")
}

/// Standard output and standard error, if the exit status is this.
fn said(output: &Output, status: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "{out}\n{err}");
    (out, err)
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn a_build_is_identical_again_and_nothing_is_written_over() {
    let folder = folder();
    let work = folder.path("work");
    for name in ["x", "y"] {
        source(&folder, &format!("{name}.c"), name);
        let line = format!("-c {name}.c -o {name}.o -MD -MF {name}.d");
        assert!(build(&folder, "gcc", &line));
    }
    assert!(build(&folder, "gcc", "-c x.c y.c"));
    assert!(build(&folder, "ar", "cr lib.a x.o y.o"));
    assert!(build(&folder, "ar", "q lib.a x.o"));
    assert!(build(&folder, "gcc", "-r x.o lib.a -o m.o"));
    assert!(build(&folder, "gcc", "--version"));
    source(&folder, "fail.c", "");
    assert!(!build(&folder, "gcc", "-c fail.c"));
    let before = folder.list("work");
    let times = || {
        let time = |name| std::fs::metadata(work.join(name)).and_then(|meta| meta.modified());
        before
            .iter()
            .map(time)
            .map(|time| time.expect("a time"))
            .collect::<Vec<_>>()
    };
    let then = times();
    let (out, _) = said(&replay(&folder, &["all", "--verify", "-j4"]), 0);
    assert_eq!(
        last_line(&out),
        "7 of 8 calls ran again; outputs: 9 identical, 0 different, 0 missing; \
         1 write nothing themselves"
    );
    assert_eq!(folder.list("work"), before);
    assert_eq!(times(), then);
    assert_eq!(
        folder.list("tmp"),
        Vec::<String>::new(),
        "the sandbox is gone"
    );
}

#[test]
fn what_is_different_or_missing_is_said_and_kept_to_look_at() {
    let folder = folder();
    source(&folder, "random.c", "r");
    source(&folder, "x.c", "x");
    assert!(build(&folder, "gcc", "-c random.c"));
    assert!(build(&folder, "gcc", "-c x.c"));
    let (out, _) = said(&replay(&folder, &["all", "--verify"]), 1);
    assert!(out.contains("  different: random.o  (now "), "{out}");
    let (out, err) = said(
        &replay(&folder, &["all", "--verify", "--keep-going", "-j1"]),
        1,
    );
    assert!(out.contains("1 identical, 1 different, 0 missing"), "{out}");
    let kept = err
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("what differs is in "));
    let kept = std::path::Path::new(kept.expect("a folder"));
    let now = std::fs::read_dir(kept).expect("a sandbox").count();
    assert_eq!(now, 1, "only the different call's folder is left");

    let rows: Vec<Value> = said(&replay(&folder, &["all", "-k", "--json"]), 1)
        .0
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let verdicts: Vec<&str> = rows
        .iter()
        .filter_map(|row| row["verdict"].as_str())
        .collect();
    assert_eq!(rows.len(), 2);
    assert!(verdicts.contains(&"identical") && verdicts.contains(&"different"));
}

#[test]
fn changed_inputs_and_headers_are_named_before_anything_runs() {
    let folder = folder();
    source(&folder, "h.h", "h");
    source(&folder, "x.c", "#include \"h.h\"\n");
    source(&folder, "y.c", "y");
    assert!(build(&folder, "gcc", "-c x.c"));
    assert!(build(&folder, "gcc", "-c y.c"));
    let (out, err) = said(&replay(&folder, &["all", "--verify"]), 0);
    assert_eq!(err, "", "{out}");

    source(&folder, "h.h", "another");
    source(&folder, "y.c", "another");
    let (out, err) = said(&replay(&folder, &["all", "--verify", "-k"]), 1);
    assert!(
        err.contains(": y.c") && err.contains("emshim: changed since call "),
        "{err}"
    );
    let header = folder.path("work/h.h");
    assert!(err.contains("emshim: newer than call "), "{err}");
    assert!(err.contains(header.as_str()), "{err}");
    assert!(out.contains("0 identical, 2 different"), "{out}");

    std::fs::remove_file(folder.path("work/y.c")).expect("a source");
    let (out, err) = said(&replay(&folder, &["all", "--verify", "-k"]), 1);
    assert!(
        err.contains("emshim: gone since call ") && err.contains(": y.c"),
        "{err}"
    );
    assert!(out.contains("1 not run, their inputs are gone"), "{out}");
}

#[test]
fn what_a_build_system_removed_is_had_again() {
    let folder = folder();
    let probe = folder.path("work/CMakeFiles/CMakeScratch/TryCompile-a");
    std::fs::create_dir_all(&probe).expect("a folder");
    std::fs::write(probe.join("t.c"), "t").expect("a source");
    for line in ["-c t.c -o t.o", "t.o -o t"] {
        let mut command = folder.command("gcc", "");
        command.args(line.split_whitespace()).current_dir(&probe);
        assert!(command.status().expect("a shim").success());
    }
    std::fs::remove_dir_all(folder.path("work/CMakeFiles")).expect("a folder");
    // The link's object is made again first.
    let (out, err) = said(&replay(&folder, &["last", "--verify"]), 0);
    assert_eq!(err, "");
    assert!(
        out.contains("identical: t.o") && out.contains("identical: t\n"),
        "{out}"
    );
    assert!(
        last_line(&out).starts_with("2 of 2 calls ran again"),
        "{out}"
    );
    assert!(!probe.exists());
    // The link's list of COMMON blocks is the third.
    let (out, _) = said(&replay(&folder, &["all", "--verify"]), 0);
    assert!(out.contains("3 identical"), "{out}");
}

#[test]
fn one_call_shows_its_output_and_ends_as_it_did() {
    let folder = folder();
    source(&folder, "fail.c", "");
    assert!(!build(&folder, "gcc", "-c fail.c -o fail.o"));
    let (out, err) = said(&replay(&folder, &["last"]), 0);
    assert!(err.contains("fail.c: wrong"), "{err}");
    assert!(
        last_line(&out).starts_with("1 of 1 calls ran again"),
        "{out}"
    );
    assert!(!folder.path("work/fail.o").exists());
}

#[test]
fn in_place_writes_where_the_call_wrote() {
    let folder = folder();
    source(&folder, "x.c", "x");
    assert!(build(&folder, "gcc", "-c x.c -o x.o"));
    let object = folder.path("work/x.o");
    std::fs::remove_file(&object).expect("an object");
    let _ = said(&replay(&folder, &["last", "--in-place"]), 0);
    assert_eq!(std::fs::read(&object).expect("an object"), b"x\n");
}

#[test]
fn all_can_be_one_build() {
    let folder = folder();
    source(&folder, "x.c", "x");
    for name in ["first-1", "second-2"] {
        let mut command = folder.command("gcc", "");
        let command = command.args(["-c", "x.c"]).env("EMSHIM_BUILD", name);
        assert!(command.status().expect("a shim").success());
    }
    for (build, calls) in [("last", 1), ("first-1", 1), ("none", 0)] {
        let (out, _) = said(&replay(&folder, &["all", "--build", build]), 0);
        assert!(
            last_line(&out).contains(&format!("of {calls} calls")),
            "{out}"
        );
    }
    let (out, _) = said(&replay(&folder, &["all"]), 0);
    assert!(last_line(&out).contains("2 of 2 calls"), "{out}");
}

#[test]
fn no_secret_gets_into_a_bundle() {
    let folder = folder();
    source(&folder, "x.c", "x");
    let mut command = folder.command("gcc", "");
    let command = command
        .args(["-c", "x.c", "-DINDEX=https://user:s3cret@host/simple"])
        .env("API_TOKEN", "s3cret")
        .env("EMCC_CFLAGS", "-DY=https://s3cret@host");
    assert!(command.status().expect("a shim").success());
    let bundle = folder.path("bundle.tar.gz");
    let _ = said(&replay(&folder, &["last", "--bundle", bundle.as_str()]), 0);
    let unpacked = Command::new("tar")
        .args(["-xzOf", bundle.as_str()])
        .output()
        .expect("tar");
    let (text, _) = said(&unpacked, 0);
    assert!(!text.contains("s3cret"), "{text}");
    assert!(text.contains("https://***@host/simple"), "{text}");
}

#[test]
fn a_device_that_was_written_to_stays_one() {
    let folder = folder();
    source(&folder, "x.c", "x");
    assert!(build(&folder, "gcc", "-c x.c -o /dev/null"));
    // Devices of its own: root could remove the machine's.
    let script = "mkdir dev; mount -t tmpfs t dev; cp -a /dev/null /dev/zero /dev/urandom dev
        mount --bind dev /dev
        for words in last 'last --verify' 'last --copies'; do
          \"$0\" replay $words 2>&1 || true
          test -c /dev/null || { echo \"removed by: $words\"; exit 1; }
        done";
    let done = Command::new("unshare")
        .args(["-m", "sh", "-ec", script])
        .arg(emshim())
        .current_dir(folder.path(""))
        .env("EMSHIM_LOG", folder.path("log"))
        .env("TMPDIR", folder.path("tmp"))
        .output()
        .expect("unshare");
    said(&done, 0);
}
