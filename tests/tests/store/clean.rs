//! `emshim clean` on a store made by hand, with builds, sessions and killed processes about it.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use camino::Utf8PathBuf;
use emshim_tests::real::emshim;
use emshim_tests::shim_folder::ShimFolder;

/// A shim folder, and a store whose suite it refers to.
struct Case {
    folder: ShimFolder,
}

/// Of another recipe.
const SUITE: &str = "debian/testing-0123456789abcdef";

impl Case {
    fn new() -> Self {
        let case = Self {
            folder: ShimFolder::new(),
        };
        case.write(&format!("{SUITE}/usr/bin/python3"), "");
        let config = case.folder.path("shims/emshim.json");
        let text = std::fs::read_to_string(&config).expect("it works");
        let mut json: serde_json::Value = serde_json::from_str(&text).expect("it works");
        json["host_python"] = case.path(SUITE).join("usr/bin/python3").as_str().into();
        std::fs::write(&config, json.to_string()).expect("it works");
        case
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.folder.path("store").join(name)
    }

    fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    fn write(&self, name: &str, text: &str) -> Utf8PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it works")).expect("it works");
        std::fs::write(&path, text).expect("it works");
        path
    }

    fn command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(words)
            .env_remove("EMSHIM_TARGET")
            .env_remove("EMSHIM_LOG")
            .env("EMSHIM_HOME", self.path(""));
        apart(&mut command);
        command
    }

    fn clean(&self, words: &[&str]) -> Output {
        let words = [&["clean"], words].concat();
        let mut command = self.command(emshim().as_std_path(), &words);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.output().expect("emshim")
    }

    /// Cleans, and gives what was said.
    fn cleaned(&self, words: &[&str]) -> String {
        let output = self.clean(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    }

    /// Starts `emshim exec -- WORDS` from the shim folder and waits until the command runs.
    fn exec(&self, words: &[&str]) -> Child {
        let started = self.folder.path("started");
        let script = format!("touch {started}; exec {}", words.join(" "));
        let words = [
            "exec",
            "--target",
            "pyodide@0.29.5",
            "--",
            "sh",
            "-c",
            &script,
        ];
        let shims = self.folder.path("shims/emshim");
        let child = self
            .command(shims.as_std_path(), &words)
            .spawn()
            .expect("it works");
        until("started", || started.exists());
        child
    }
}

/// Gives a command a group of its own, to be ended as a whole, and none of our streams: what is
/// left running would keep them open.
fn apart(command: &mut Command) -> &mut Command {
    let command = command.process_group(0).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(60), "never {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Ends a child's whole group.
fn end(mut child: Child) {
    let group = format!("-{}", child.id());
    let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
    assert!(killed.expect("kill").success());
    let _ = child.wait();
}

fn make_old(path: &Utf8PathBuf, days: u64) {
    let file = File::open(path).expect("it works");
    let age = Duration::from_secs(days * 24 * 60 * 60 + 60);
    file.set_modified(SystemTime::now() - age)
        .expect("it works");
}

#[test]
fn what_nothing_uses_goes_and_its_size_is_said() {
    let case = Case::new();
    let big = "x".repeat(1_000_000);
    case.write(&format!("{SUITE}/big"), &big);
    let gone = [
        SUITE,
        "pyodide/0.1.0-0123456789abcdef",
        "tools/python-3.13.5-0123456789abcdef",
        "fortran/pyodide-0.29.5-3.1.69-0123456789abcdef",
        "target/pyodide-0.29.5-01234567",
        "shims/pyodide-0.29.5-3.1.69",
        "shims/pyodide-0.29.5-3.1.69-01234567",
        "broken/a-1-py3-none-any.whl",
        "kept/a-1-py3-none-any.whl",
        "sites/site-x",
        "downloads/wheels-x",
        "work/0123456789abcdef",
        "work/0123456789abcdef.lock",
        "debian/.trixie-0000000000000000.new",
        "debian/.trixie-0000000000000000.apt",
        "debian/.trixie-0000000000000000.lock",
        "target/pyodide-0.29.5-01234567.lock",
    ];
    for path in gone {
        if path.ends_with("lock") || path.ends_with("whl") {
            case.write(path, "");
        } else {
            case.write(&format!("{path}/file"), "x");
        }
    }
    let stays = [
        "log/records.jsonl",
        "log/build-x-1-2.log",
        "wheels/2025_0/a-1-cp313-cp313-pyodide_2025_0_wasm32.whl",
        "sdists/a-1.tar.gz",
        "work/fedcba9876543210/source/setup.py",
        "somebody/else",
    ];
    for path in stays {
        case.write(path, "x");
    }
    let old = case.write("log/build-y-1-2.log", "x");
    make_old(&old, 31);

    // A dry run disturbs nobody, and so need not wait for anybody.
    let preparing = provision::Store::at(case.path("")).enter(&provision::Silent);
    let refused = case.command(emshim().as_std_path(), &["clean"]).output();
    let refused = refused.expect("emshim");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let said = case.cleaned(&["--dry-run"]);
    assert!(said.contains("is preparing what it needs"), "{said}");
    drop(preparing);
    assert!(
        said.contains("would free 1.") && said.contains(SUITE),
        "{said}"
    );
    assert!(gone.iter().all(|path| case.has(path)) && old.exists());

    let said = case.cleaned(&[]);
    assert!(said.contains("freed 1."), "{said}");
    assert!(
        said.contains("fedcba9876543210") && said.contains("--kept-work"),
        "{said}"
    );
    for path in gone {
        assert!(!case.has(path), "{path} is there after:\n{said}");
    }
    assert!(!old.exists());
    for path in stays {
        assert!(case.has(path), "{path} has gone:\n{said}");
    }
    let said = case.cleaned(&["--kept-work"]);
    assert!(!case.has("work/fedcba9876543210"), "{said}");
    assert!(case.cleaned(&[]).contains("freed 0 B"));
}

/// Somebody has set `EMSHIM_HOME` to a folder that he keeps things in.
#[test]
fn what_is_not_emshims_stays() {
    let case = Case::new();
    let others = [
        "downloads/photo.jpg",
        "sites/mine/index.html",
        "target/debug/program",
        "target/x.lock",
        "work/thesis/chapter.tex",
        "work/thesis.lock",
        "tools/hammer/nail",
        "debian/control",
        "debian/.hidden.new/x",
        "broken/heart.txt",
        "kept/receipt.pdf",
        "shims/wood",
        "fortran/old.f",
        "log/build-mine.txt",
        "installed",
    ];
    for path in others {
        let path = case.write(path, "x");
        make_old(&path, 400);
    }
    let said = case.cleaned(&["--kept-work"]);
    for path in others {
        assert!(case.has(path), "{path} has gone:\n{said}");
    }
    assert!(!case.has(SUITE), "{said}");
}

#[test]
fn a_store_that_is_not_there_is_clean_and_stays_away() {
    let case = Case::new();
    std::fs::remove_dir_all(case.path("")).unwrap();
    assert!(case.cleaned(&[]).contains("there is no store"));
    assert!(!case.has(""));
}

#[test]
fn what_a_command_uses_stays_until_it_ends_however_it_ends() {
    let case = Case::new();
    let child = case.exec(&["sleep", "600"]);
    let said = case.cleaned(&[]);
    assert!(case.has(SUITE), "{said}");
    assert!(said.contains(SUITE) && said.contains("in use"), "{said}");
    // By SIGKILL, which leaves its note behind.
    end(child);
    let said = case.cleaned(&[]);
    assert!(!case.has(SUITE), "{said}");
}

#[test]
fn programs_that_a_killed_command_leaves_running_are_users_too() {
    let case = Case::new();
    let left = case.folder.path("left");
    let mut leader = case.exec(&[
        "sh",
        "-c",
        &format!("'env -i sleep 600 & echo $! > {left}; wait'"),
    ]);
    until("left", || {
        std::fs::read_to_string(&left).is_ok_and(|pid| pid.ends_with('\n'))
    });
    leader.kill().unwrap();
    leader.wait().unwrap();
    // It has an empty environment and nothing of the store open but what it has inherited.
    let said = case.cleaned(&[]);
    assert!(case.has(SUITE), "{said}");
    let pid = std::fs::read_to_string(&left).unwrap();
    let killed = Command::new("kill").arg(pid.trim()).status().unwrap();
    assert!(killed.success());
    until("removed", || {
        let _ = case.cleaned(&[]);
        !case.has(SUITE)
    });
}

#[test]
fn what_a_shell_was_given_stays_for_a_day() {
    let case = Case::new();
    let shims = case.folder.path("shims/emshim");
    let words = ["env", "--target", "pyodide@0.29.5"];
    let given = case.command(shims.as_std_path(), &words).status().unwrap();
    assert!(given.success());
    assert!(case.cleaned(&[]).contains("in use") && case.has(SUITE));
    for entry in case.path("in-use").read_dir_utf8().unwrap() {
        make_old(&entry.unwrap().into_path(), 1);
    }
    let said = case.cleaned(&[]);
    assert!(!case.has(SUITE), "{said}");
}

/// An emshim that is older than `emshim clean` says nothing; its build's tools tell on it.
#[test]
fn what_the_tools_of_an_older_emshims_build_name_stays() {
    let case = Case::new();
    let shims = "shims/pyodide-0.29.5-3.1.69";
    let config = std::fs::read_to_string(case.folder.path("shims/emshim.json")).unwrap();
    case.write(&format!("{shims}/emshim.json"), &config);
    let other = "debian/trixie-0123456789abcdef";
    case.write(&format!("{other}/file"), "x");
    // A compiler in the build's environment, as a back end's child.
    let mut sleep = Command::new("sleep");
    sleep.arg("600").env("CC", case.path(shims).join("cc"));
    let child = apart(&mut sleep).spawn().unwrap();
    let said = case.cleaned(&[]);
    assert!(case.has(shims) && case.has(SUITE), "{said}");
    assert!(!case.has(other), "{said}");
    end(child);
    let _ = case.cleaned(&[]);
    assert!(!case.has(shims) && !case.has(SUITE));
}

/// Between its tools, there is only the older emshim itself to be seen.
#[test]
fn toolchains_stay_while_an_emshim_runs_that_says_nothing() {
    let case = Case::new();
    case.write("broken/a.whl", "x");
    // A program of that name that waits: a shim of a folder of its own, whose tool does.
    let waiting = case.folder.path("waiting");
    let call = |store: Utf8PathBuf| {
        let behaviour = format!("touch {waiting}; sleep 600");
        let mut call = case.folder.command("gcc", &behaviour);
        call.args(["-c", "a.c"]).env("EMSHIM_HOME", store);
        apart(&mut call).spawn().unwrap()
    };
    let first = call(case.path(""));
    until("waiting", || waiting.exists());
    let said = case.cleaned(&[]);
    assert!(said.contains("does not say what it uses"), "{said}");
    assert!(case.has(SUITE) && !case.has("broken/a.whl"), "{said}");
    // Of another store, it is nobody here.
    end(first);
    std::fs::remove_file(&waiting).unwrap();
    let second = call(case.folder.path("elsewhere"));
    until("waiting", || waiting.exists());
    let said = case.cleaned(&[]);
    end(second);
    assert!(!case.has(SUITE), "{said}");
}

#[test]
fn what_is_locked_stays() {
    let case = Case::new();
    let hold = |name: &str| {
        let file = File::create(case.write(name, "")).unwrap();
        file.lock().unwrap();
        file
    };
    let work = hold("work/0123456789abcdef.lock");
    case.write("work/0123456789abcdef/source/setup.py", "x");
    let provisioning = hold("debian/.trixie-0000000000000000.lock");
    case.write("debian/.trixie-0000000000000000.new/half", "x");
    let target = hold("target/pyodide-0.29.5-01234567.lock");
    case.write("target/.staging-x/file", "x");
    let said = case.cleaned(&[]);
    for path in [
        "work/0123456789abcdef",
        "debian/.trixie-0000000000000000.new",
        "debian/.trixie-0000000000000000.lock",
        "target/.staging-x",
    ] {
        assert!(case.has(path), "{path}\n{said}");
    }
    drop((work, provisioning, target));
    let said = case.cleaned(&[]);
    for path in [
        "work/0123456789abcdef",
        "debian/.trixie-0000000000000000.new",
        "debian/.trixie-0000000000000000.lock",
        "target/.staging-x",
    ] {
        assert!(!case.has(path), "{path}\n{said}");
    }
}

#[test]
fn while_a_session_prepares_nothing_goes() {
    let case = Case::new();
    case.write("in-use/.gate", "");
    let gate = File::open(case.path("in-use/.gate")).unwrap();
    gate.lock_shared().unwrap();
    let output = case.clean(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is preparing"));
    assert!(case.has(SUITE));
}

#[test]
fn a_shim_folder_of_the_users_own_keeps_what_it_refers_to() {
    let case = Case::new();
    case.write("installed/0123", case.folder.path("shims").as_str());
    assert!(case.cleaned(&[]).contains("in use") && case.has(SUITE));
    std::fs::remove_file(case.folder.path("shims/emshim.json")).unwrap();
    let said = case.cleaned(&[]);
    assert!(!case.has(SUITE), "{said}");
}
