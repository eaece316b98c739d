//! Faults that were found by trying, where fake tools show them: what is recorded and printed, and
//! when a call ends.

use emshim_tests::real::emshim;
use emshim_tests::shim_folder::{LIMIT, ShimFolder, ended, with_default_signals};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < LIMIT, "never {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn emshim_of(folder: &ShimFolder, words: &[&str]) -> Output {
    let mut command = Command::new(emshim());
    let command = command.args(words).env("EMSHIM_LOG", folder.path("log"));
    command.output().expect("emshim")
}

#[test]
fn no_secret_is_recorded_and_records_are_their_users_own() {
    let folder = ShimFolder::new();
    std::fs::write(folder.path("work/f.rsp"), "-DPASSWORD=hunter2").expect("a file");
    let mut command = folder.command("gcc", "");
    let command = command
        .args(["-c", "x.c", "-DTOKEN=hunter2", "@f.rsp"])
        .arg("-DURL=https://u:hun/ter2@h/x?api_key=hunter2")
        .env("CFLAGS", "-O2 -DSECRET=\\\"hunter2\\\"");
    assert!(command.status().expect("a shim").success());
    // The tool itself gets what it was given.
    assert!(folder.calls()[0].line().contains("-DTOKEN=hunter2"));
    let mut files = 0;
    for entry in walk(folder.path("log").as_std_path()) {
        let mode = std::fs::metadata(&entry)
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{}", entry.display());
        let text = String::from_utf8_lossy(&std::fs::read(&entry).expect("a file")).into_owned();
        assert!(
            !text.contains("hunter2") && !text.contains("ter2@"),
            "{text}"
        );
        files += 1;
    }
    assert!(files > 2);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_a_terminal_would_act_on_is_shown_escaped() {
    let folder = ShimFolder::new();
    let output = folder.run(
        "gcc",
        &["-c", "x.c", "-DX=\x1b[31m\u{9b}", "-pthread\x1b"],
        "",
    );
    assert!(output.status.success());
    for words in [
        &["log", "list"][..],
        &["log", "show", "last"],
        &["explain", "last"],
    ] {
        let output = emshim_of(&folder, words);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let bad = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(bad), "{words:?}: {text:?}");
        assert!(text.contains("\\x1b[31m"), "{words:?}: {text}");
    }
}

#[test]
fn a_step_of_ours_ends_when_told_to_and_leaves_nothing() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::INT, 2), (Signal::HUP, 1)] {
        let folder = ShimFolder::new();
        folder.fake("bin/f2c");
        let json = folder.path("shims/emshim.json");
        let text = std::fs::read_to_string(&json).expect("a configuration");
        let f2c = folder.path("bin/f2c");
        std::fs::write(&json, text.replace("/host/f2c", f2c.as_str())).expect("a file");
        std::fs::write(folder.path("work/x.f"), "      END\n").expect("a source");
        let pid = folder.path("work/pid");
        let sleeps = format!("case $0 in *f2c) echo $$ > {pid}; exec sleep 300;; esac");
        let mut command = folder.command("gfortran", &sleeps);
        command.args(["-c", "x.f", "-o", "x.o"]);
        let mut child = with_default_signals(&command).spawn().expect("a shim");
        until("at f2c", || folder.path("work/pid").exists());
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a number"), signal).expect("a signal sent");
        assert_eq!(ended(&mut child).signal(), Some(number));
        assert_eq!(folder.list("tmp"), Vec::<String>::new());
        assert!(!folder.path("work/x.o").exists());
        let f2c = std::fs::read_to_string(folder.path("work/pid")).expect("a number");
        let running = || {
            let stat = std::fs::read_to_string(format!("/proc/{}/stat", f2c.trim()));
            stat.is_ok_and(|stat| !stat.contains(") Z "))
        };
        until("without f2c", || !running());
        let records = folder.records();
        assert_eq!(records.last().expect("a record")["signal"], number);
    }
}
