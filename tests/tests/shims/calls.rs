//! How a shim runs its tool: streams, exit status, signals, arguments, environment, what it leaves
//! behind. The tools are fakes that write down how they were called.

use emshim_tests::shim_folder::{LIMIT, ShimFolder, ended, with_default_signals};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until a fake tool has begun.
fn wait_for_call(folder: &ShimFolder) {
    let began = Instant::now();
    while !folder.path("calls/order").exists() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "no tool was called"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < LIMIT, "never {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process number");
    kill_process(pid, signal).expect("a signal sent");
}

#[test]
fn exit_status_is_the_tools() {
    let folder = ShimFolder::new();
    for status in [0, 1, 7, 126, 255] {
        let output = folder.run("gcc", &["-c", "x.c"], &format!("exit {status}"));
        assert_eq!(output.status.code(), Some(status));
        assert_eq!(stderr(&output), "");
    }
}

#[test]
fn a_tool_killed_by_a_signal_takes_the_shim_with_it() {
    let folder = ShimFolder::new();
    for (name, number) in [("SEGV", 11), ("KILL", 9), ("TERM", 15), ("ABRT", 6)] {
        let output = folder.run("gcc", &["-c", "x.c"], &format!("kill -{name} $$"));
        assert_eq!(output.status.signal(), Some(number), "{name}");
    }
}

#[test]
fn streams_pass_untouched() {
    let folder = ShimFolder::new();
    let mut command = folder.command("gcc", "cat; printf '\\377\\000err' >&2");
    command.args(["-E", "-x", "c", "-"]).stdin(Stdio::piped());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shim");
    let text = b"\x00\xff binary\r\n\n".repeat(10_000);
    let mut stdin = child.stdin.take().expect("stdin");
    let sent = text.clone();
    let writer = std::thread::spawn(move || stdin.write_all(&sent));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("a thread").expect("all written");
    assert_eq!(output.stdout, text);
    assert_eq!(output.stderr, b"\xff\x00err");
}

#[test]
fn further_file_descriptors_reach_the_tool() {
    // make hands its job server down so.
    let folder = ShimFolder::new();
    let mut command = folder.command("gcc", "");
    let shim = command.get_program().to_owned();
    let env: Vec<_> = command
        .get_envs()
        .map(|(n, v)| (n.to_owned(), v.map(OsString::from)))
        .collect();
    command = std::process::Command::new("/bin/sh");
    for (name, value) in env {
        command.env(name, value.unwrap_or_default());
    }
    command
        .current_dir(folder.path("work"))
        .env("FAKE_DO", "echo through >&9")
        .args(["-c", "exec 9>fd9; exec \"$0\" -c x.c"])
        .arg(shim);
    assert!(command.status().expect("a shell").success());
    let text = std::fs::read_to_string(folder.path("work/fd9")).expect("the file");
    assert_eq!(text, "through\n");
}

#[test]
fn signals_reach_the_tool_and_the_shim_ends_by_them() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::INT, 2), (Signal::HUP, 1)] {
        let folder = ShimFolder::new();
        let caught = "trap 'echo > caught; trap - TERM INT HUP; kill -$(cat signal) $$' TERM INT HUP; \
                      while :; do sleep 0.05; done";
        std::fs::write(folder.path("work/signal"), number.to_string()).expect("a file");
        let mut command = folder.command("gcc", caught);
        command.args(["-shared", "x.c", "-o", "x.so"]);
        let mut child = with_default_signals(&command).spawn().expect("a shim");
        wait_for_call(&folder);
        std::thread::sleep(Duration::from_millis(100));
        send(&child, signal);
        assert_eq!(ended(&mut child).signal(), Some(number));
        assert!(
            folder.path("work/caught").exists(),
            "{signal:?} did not reach the tool"
        );
        assert_eq!(
            folder.list("tmp"),
            Vec::<String>::new(),
            "intermediate files stay"
        );
        assert_eq!(folder.calls().len(), 1, "a step ran after the signal");
    }
}

#[test]
fn a_tool_that_outlives_a_signal_ends_the_shim_with_its_own_status() {
    let folder = ShimFolder::new();
    let mut command = folder.command("gcc", "trap 'exit 42' TERM; while :; do sleep 0.05; done");
    command.args(["-c", "x.c"]);
    let mut child = with_default_signals(&command).spawn().expect("a shim");
    wait_for_call(&folder);
    std::thread::sleep(Duration::from_millis(100));
    send(&child, Signal::TERM);
    assert_eq!(ended(&mut child).code(), Some(42));
}

#[test]
fn a_signal_the_caller_ignores_stays_ignored() {
    let folder = ShimFolder::new();
    let shim = folder.path("shims/gcc");
    let mut command = folder.command("gcc", "kill -HUP $$; exit 5");
    let env: Vec<_> = command
        .get_envs()
        .map(|(n, v)| (n.to_owned(), v.map(OsString::from)))
        .collect();
    command = std::process::Command::new("/bin/sh");
    for (name, value) in env {
        command.env(name, value.unwrap_or_default());
    }
    command.current_dir(folder.path("work"));
    command.args(["-c", "trap '' HUP; exec \"$0\" -c x.c", shim.as_str()]);
    assert_eq!(command.status().expect("a shell").code(), Some(5));
}

#[test]
fn arguments_arrive_as_they_were_whatever_their_bytes() {
    let folder = ShimFolder::new();
    let odd: Vec<OsString> = [
        &b"-DX=\xff\xfe"[..],
        b"",
        b"a b\n\t'\"\\.c",
        b"\xe9.c",
        b"-D",
        b"\xff",
    ]
    .iter()
    .map(|bytes| OsString::from_vec(bytes.to_vec()))
    .collect();
    let mut command = folder.command("gcc", "");
    assert!(
        command
            .arg("-c")
            .args(&odd)
            .status()
            .expect("a shim")
            .success()
    );
    let call = &folder.calls()[0];
    let at = call.argv.iter().position(|word| word == "-c").expect("-c");
    assert_eq!(call.argv[at + 1..at + 1 + odd.len()], odd);
    let records = folder.records();
    assert_eq!(records[0]["argv"][2]["hex"], "2d44583dfffe");
}

#[test]
fn emscripten_gets_its_environment_and_none_of_the_builds_python() {
    let folder = ShimFolder::new();
    let mut command = folder.command("gcc", "");
    command
        .args(["-c", "x.c"])
        .env("PYTHONPATH", "/x")
        .env("PYTHON", "/usr/bin/python2");
    command
        .env("_PYTHON_SYSCONFIGDATA_NAME", "y")
        .env("EMCC_DEBUG", "1")
        .env("EMSDK_PYTHON", "/z");
    assert!(command.status().expect("a shim").success());
    let call = &folder.calls()[0];
    for gone in ["PYTHONPATH", "PYTHON", "_PYTHON_SYSCONFIGDATA_NAME"] {
        assert_eq!(call.var(gone), None, "{gone}");
    }
    assert_eq!(call.var("EMSDK_PYTHON"), Some("/em/python3"));
    assert_eq!(call.var("EMCC_DEBUG"), Some("1"));
    let path = call.var("PATH").expect("a PATH");
    assert!(
        !path.split(':').any(|dir| dir == folder.path("shims")),
        "{path}"
    );
}

#[test]
fn response_files_are_read_and_left_alone() {
    let folder = ShimFolder::new();
    let file = folder.path("work/args.rsp");
    std::fs::write(&file, "-c 'a b.c' @more\n").expect("a file");
    std::fs::write(folder.path("work/more"), "-DX=\"1\\ 2\"").expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).expect("read-only");
    assert!(
        folder
            .run("gcc", &["@args.rsp", "-O1"], "")
            .status
            .success()
    );
    let line = folder.calls()[0].line();
    assert!(line.contains("-c 'a b.c' '-DX=1 2' -O1"), "{line}");
    let text = std::fs::read_to_string(&file).expect("the file");
    assert_eq!(text, "-c 'a b.c' @more\n");
}

#[test]
fn a_missing_response_file_is_an_error_of_gccs() {
    let folder = ShimFolder::new();
    let output = folder.run("gcc", &["-c", "@missing.rsp"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "gcc: error: @missing.rsp: No such file or directory\n"
    );
    assert!(folder.calls().is_empty());
}

#[test]
fn a_command_too_long_for_the_system_goes_through_a_file_of_ours() {
    let folder = ShimFolder::new();
    let words: Vec<String> = (0..40_000)
        .map(|n| format!("-DNAME_{n}='a \"b\" \\ {n}'"))
        .collect();
    let quoted = words.iter().map(|w| {
        w.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace(' ', "\\ ")
            .replace('\'', "\\'")
    });
    std::fs::write(
        folder.path("work/long.rsp"),
        quoted.collect::<Vec<_>>().join("\n"),
    )
    .expect("a file");
    let keep = "cp \"${1#@}\" ../kept";
    assert!(
        folder
            .run("gcc", &["-c", "x.c", "@long.rsp"], keep)
            .status
            .success()
    );
    let call = &folder.calls()[0];
    assert_eq!(call.argv.len(), 2, "one response file expected");
    let kept = std::fs::read(folder.path("kept")).expect("the copy");
    let read = planner::expand::split(&kept);
    let expected: Vec<OsString> = words.iter().map(OsString::from).collect();
    assert!(
        read.windows(expected.len())
            .any(|window| window == expected)
    );
    // emcc reads it with Python's shlex, which must agree.
    let shlex = "import shlex,sys;print(len(shlex.split(open(sys.argv[1]).read())),end='')";
    let python = std::process::Command::new("python3")
        .args(["-c", shlex, folder.path("kept").as_str()])
        .output()
        .expect("python3");
    assert_eq!(
        String::from_utf8_lossy(&python.stdout),
        read.len().to_string()
    );
    assert_eq!(folder.list("tmp"), Vec::<String>::new());
}

#[test]
fn a_failed_tools_new_output_goes_and_an_old_one_stays() {
    let folder = ShimFolder::new();
    let half = "echo half > x.o; exit 1";
    assert!(!folder.run("gcc", &["-c", "x.c"], half).status.success());
    assert!(!folder.path("work/x.o").exists());
    std::fs::write(folder.path("work/x.o"), "old").expect("a file");
    assert!(!folder.run("gcc", &["-c", "x.c"], "exit 1").status.success());
    assert_eq!(
        std::fs::read_to_string(folder.path("work/x.o")).expect("it"),
        "old"
    );
}

#[test]
fn a_side_module_is_linked_in_steps_and_nothing_is_left() {
    let folder = ShimFolder::new();
    // A fake compiler makes its output; a fake linker keeps the list it was given.
    let tool = "while [ $# -gt 0 ]; do case $1 in -o) shift; echo made > \"$1\";; \
                -sEXPORTED_FUNCTIONS=@*) cp \"${1#*@}\" ../list;; esac; shift; done";
    let words = ["-shared", "a.c", "b.cpp", "-o", "m.so"];
    assert!(folder.run("gcc", &words, tool).status.success());
    let calls = folder.calls();
    let programs: Vec<_> = calls
        .iter()
        .map(|c| Path::new(&c.argv[0]).file_name().unwrap())
        .collect();
    assert_eq!(programs, ["emcc", "em++", "em++"]);
    assert_eq!(
        std::fs::read_to_string(folder.path("list")).expect("the list"),
        "[]"
    );
    assert_eq!(folder.list("work"), ["m.so"]);
    assert_eq!(folder.list("tmp"), Vec::<String>::new());

    let first: Vec<String> = calls.iter().map(|call| call.line()).collect();
    assert!(folder.run("gcc", &words, tool).status.success());
    let again: Vec<String> = folder.calls()[3..].iter().map(|call| call.line()).collect();
    assert_eq!(
        first, again,
        "the same command gives the same command lines"
    );
}

#[test]
fn a_step_that_fails_ends_the_job() {
    let folder = ShimFolder::new();
    let output = folder.run("gcc", &["-shared", "a.c", "b.c", "-o", "m.so"], "exit 3");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(folder.calls().len(), 1);
    assert_eq!(folder.list("tmp"), Vec::<String>::new());
}

#[test]
fn the_same_command_twice_at_once_is_no_trouble() {
    let folder = ShimFolder::new();
    let tool = "while [ $# -gt 0 ]; do case $1 in -o) shift; sleep 0.2; echo made > \"$1\";; esac; shift; done";
    let spawn = || {
        let mut command = folder.command("gcc", tool);
        command
            .args(["-shared", "a.c", "-o", "m.so"])
            .spawn()
            .expect("a shim")
    };
    let children: Vec<Child> = (0..4).map(|_| spawn()).collect();
    for mut child in children {
        assert!(ended(&mut child).success());
    }
    assert_eq!(folder.list("tmp"), Vec::<String>::new());
}

#[test]
fn a_refusal_says_why_and_runs_nothing() {
    let folder = ShimFolder::new();
    let output = folder.run("cc", &["-c", "-fopenmp", "x.c"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "cc: error: -fopenmp: OpenMP needs threads, which Pyodide 0.29 and 314 do not have\n"
    );
    assert!(folder.calls().is_empty());
}

#[test]
fn dry_runs_show_commands_on_stderr_and_run_nothing() {
    let folder = ShimFolder::new();
    let output = folder.run("gcc", &["-###", "-shared", "x.o", "-o", "x.so"], "");
    assert!(output.status.success());
    assert!(
        stderr(&output).contains("\"-sSIDE_MODULE=2\""),
        "{}",
        stderr(&output)
    );
    assert!(output.stdout.is_empty() && folder.calls().is_empty());
}

#[test]
fn answers_of_our_own_go_to_stdout() {
    let folder = ShimFolder::new();
    let output = folder.run("gcc", &["-print-multiarch"], "");
    assert_eq!(output.stdout, b"wasm32-emscripten\n");
    let output = folder.run("gcc", &["-print-prog-name=ld"], "");
    assert_eq!(
        output.stdout,
        format!("{}\n", folder.path("shims/ld")).as_bytes()
    );
    assert!(folder.calls().is_empty());
}

#[test]
fn build_systems_are_found_past_every_shim_folder() {
    let folder = ShimFolder::new();
    let other = ShimFolder::new();
    let links = folder.path("links");
    std::fs::create_dir(&links).expect("a folder");
    symlink(folder.path("shims/cmake"), links.join("cmake")).expect("a link");
    folder.fake("bin/cmake");
    let path = format!(
        "{links}:{}:{}:{}:/usr/bin:/bin",
        folder.path("shims"),
        other.path("shims"),
        folder.path("bin")
    );
    let mut command = folder.command("cmake", "");
    assert!(
        command
            .args(["-S", "."])
            .env("PATH", &path)
            .status()
            .expect("a shim")
            .success()
    );
    let calls = folder.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].argv[0], folder.path("bin/cmake").as_str());
    assert_eq!(
        calls[0].argv[1],
        "-DCMAKE_TOOLCHAIN_FILE=/shims/toolchain.cmake"
    );
    assert_eq!(
        calls[0].var("PATH"),
        Some(path.as_str()),
        "its PATH is the caller's"
    );
}

#[test]
fn a_build_system_that_is_not_there_is_named_with_the_remedy() {
    let folder = ShimFolder::new();
    let mut command = folder.command("meson", "");
    let shims = folder.path("shims");
    let output = command
        .args(["setup", "b"])
        .env("PATH", &shims)
        .output()
        .expect("a shim");
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("no meson on PATH") && said.contains("pip install meson"),
        "{said}"
    );
}

#[test]
fn a_tool_that_cannot_be_run_is_named() {
    let folder = ShimFolder::new();
    std::fs::remove_file(folder.path("em/emcc")).expect("removed");
    let output = folder.run("gcc", &["-c", "x.c"], "");
    assert_eq!(output.status.code(), Some(127));
    assert!(
        stderr(&output).contains(folder.path("em/emcc").as_str()),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_bad_configuration_is_named_with_the_remedy() {
    let folder = ShimFolder::new();
    let file = folder.path("shims/emshim.json");
    for text in ["", "{}", "{\"schema\":99}", "\u{0}"] {
        std::fs::write(&file, text).expect("a file");
        let output = folder.run("gcc", &["-c", "x.c"], "");
        assert_eq!(output.status.code(), Some(1));
        let said = stderr(&output);
        assert!(
            said.contains(file.as_str()) && said.contains("emshim install"),
            "{said}"
        );
    }
    std::fs::remove_file(&file).expect("removed");
    let output = folder.run("gcc", &["-c", "x.c"], "");
    assert!(
        stderr(&output).contains("emshim install"),
        "{}",
        stderr(&output)
    );
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
        send(&child, signal);
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
