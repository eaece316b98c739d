//! When emcc is asked for its flags, and when what it said before counts. The tools are fakes:
//! emcc answers as the real one does, and clang writes down how it was called.

use emshim_tests::shim_folder::ShimFolder;
use std::process::Output;

/// Answers `-###` with a command of clang's; anything else is done without a word.
const EMCC: &str = "case \"$1\" in -###) \
    printf ' %s' \"$CLANG\" --of-emcc \"$@\" >&2; echo >&2;; esac";

fn folder() -> ShimFolder {
    let folder = ShimFolder::new();
    folder.fake("llvm/clang");
    folder
}

fn compile(folder: &ShimFolder, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = folder.command("gcc", EMCC);
    command
        .env("EMSHIM_DIRECT", "1")
        .env("CLANG", folder.path("llvm/clang"))
        .envs(env.iter().copied())
        .args(args);
    let output = command.output().expect("a shim that starts");
    assert!(output.status.success(), "{output:?}");
    output
}

/// The programs called so far, by name.
fn called(folder: &ShimFolder) -> Vec<String> {
    let name = |line: &str| line.split('/').next_back().unwrap_or_default().to_owned();
    let calls = folder.calls();
    let programs = calls.iter().map(|call| call.argv[0].to_string_lossy());
    programs.map(|program| name(&program)).collect()
}

#[test]
fn emcc_is_asked_once_for_each_set_of_settings() {
    let folder = folder();
    compile(&folder, &["-O1", "-c", "x.c", "-DA", "-I", "d"], &[]);
    compile(&folder, &["-O1", "-c", "y.c", "-DB", "-o", "z.o"], &[]);
    assert_eq!(called(&folder), ["emcc", "clang", "clang"]);
    compile(&folder, &["-O3", "-c", "x.c"], &[]);
    assert_eq!(called(&folder)[3..], ["emcc", "clang"]);
    let line = folder.calls()[2].line();
    assert!(
        line.contains("--of-emcc ") && line.contains(" -O1 "),
        "{line}"
    );
    assert!(line.ends_with("y.c -o z.o"), "{line}");
    assert!(
        !line.contains("EMSHIM_AT") && !line.contains("-###"),
        "{line}"
    );
}

#[test]
fn a_toolchain_that_changed_is_asked_again() {
    let folder = folder();
    let words = ["-c", "x.c"];
    compile(&folder, &words, &[]);
    compile(&folder, &words, &[]);
    assert_eq!(called(&folder), ["emcc", "clang", "clang"]);
    // A file that decides the flags, one of its configuration, and a variable of it.
    std::fs::write(folder.path("em/emcc.py"), "1").expect("a file");
    compile(&folder, &words, &[]);
    std::fs::write(folder.path("em/.emscripten"), "1").expect("a file");
    compile(&folder, &words, &[]);
    compile(&folder, &words, &[("EM_CACHE", "/other")]);
    assert_eq!(called(&folder)[3..], ["emcc", "clang"].repeat(3));
    compile(&folder, &words, &[("EM_CACHE", "/other")]);
    compile(&folder, &words, &[("EM_PKG_CONFIG_PATH", "/of/a/build")]);
    assert_eq!(called(&folder)[9..], ["clang", "clang"]);
}

#[test]
fn an_object_over_which_clang_crashes_is_made_another_way() {
    let folder = folder();
    let run = |clang: &str, args: &[&str]| {
        let behaviour = format!("case \"$0\" in */clang) {clang};; *) {EMCC};; esac");
        let mut command = folder.command("gcc", &behaviour);
        command
            .env("EMSHIM_DIRECT", "1")
            .env("CLANG", folder.path("llvm/clang"))
            .args(args);
        command.output().expect("a shim that starts")
    };
    let crashes = "case \" $* \" in *' -fno-inline '*) echo made > x.o;; *) exit 139;; esac";
    let output = run(crashes, &["-O2", "-c", "x.c"]);
    assert!(output.status.success(), "{output:?}");
    assert!(folder.path("work/x.o").exists());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("clang crashed") && said.contains("-fno-inline"),
        "{said}"
    );
    assert_eq!(called(&folder), ["emcc", "clang", "clang"]);
    // clang++ 19 gives 1 for a crash of its compiler, as for a mistake in the source, which stays one.
    let gives_one = "case \" $* \" in *' -fno-inline '*) echo made > x.o;; *) exit 1;; esac";
    assert!(run(gives_one, &["-O2", "-c", "x.c"]).status.success());
    let mistake = "echo why >&2; exit 1";
    let output = run(mistake, &["-O2", "-c", "x.c"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said.matches("why").count(), 1, "{said}");
    assert_eq!(called(&folder)[3..], ["clang"; 4]);
    assert_eq!(run(mistake, &["-O0", "-c", "x.c"]).status.code(), Some(1));
    assert_eq!(called(&folder)[7..], ["emcc", "clang"]);
    // A crash that stays is told as it came.
    assert_eq!(
        run("exit 139", &["-O2", "-c", "x.c"]).status.code(),
        Some(139)
    );
}

#[test]
fn an_object_over_which_emccs_clang_crashes_is_made_another_way_too() {
    let folder = folder();
    let run = |emcc: &str| {
        let mut command = folder.command("gcc", emcc);
        command.env("EMSHIM_DIRECT", "0");
        let output = command.args(["-O2", "-c", "x.c"]).output();
        output.expect("a shim that starts")
    };
    let crashes = "case \" $* \" in *' -fno-inline '*) echo made > x.o;; *) exit 1;; esac";
    let output = run(crashes);
    assert!(output.status.success(), "{output:?}");
    assert!(folder.path("work/x.o").exists());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("made with -fno-inline"), "{said}");
    // A mistake in the source is told once.
    let wrong = run("echo why >&2; exit 1");
    assert_eq!(wrong.status.code(), Some(1));
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(said.matches("why").count(), 1, "{said}");
}

/// `wasm-opt` stops over some debug information: autoconf's programs have it.
#[test]
fn a_link_that_fails_over_debug_information_is_made_without() {
    let folder = folder();
    std::fs::write(folder.path("work/x.o"), "").expect("a file");
    let run = |emcc: &str, args: &[&str]| {
        let output = folder.command("gcc", emcc).args(args).output();
        output.expect("a shim that starts")
    };
    let crashes = "case \" $* \" in *' -g0 '*) echo made > x; echo again >&2;; \
                   *) echo received SIGABRT >&2; exit 1;; esac";
    let output = run(crashes, &["-g", "-O2", "x.o", "-o", "x"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("SIGABRT") && said.contains("made with -g0") && !said.contains("again"),
        "{said}"
    );
    // One without it, and one that nothing helps.
    let plain = run("exit 1", &["-O2", "x.o", "-o", "x"]);
    assert_eq!(plain.status.code(), Some(1));
    let stays = run("echo why >&2; exit 1", &["-g", "-O2", "x.o", "-o", "x"]);
    assert_eq!(stays.status.code(), Some(1));
    let said = String::from_utf8_lossy(&stays.stderr).into_owned();
    assert_eq!(said.matches("why").count(), 1, "{said}");
}

#[test]
fn calls_at_once_may_all_ask() {
    let folder = folder();
    std::thread::scope(|scope| {
        for number in 0..6 {
            let folder = &folder;
            let source = format!("{number}.c");
            scope.spawn(move || compile(folder, &["-c", &source], &[]));
        }
    });
    assert_eq!(folder.list("shims/answers").len(), 1);
    let clangs = called(&folder)
        .iter()
        .filter(|name| *name == "clang")
        .count();
    assert_eq!(clangs, 6);
}

#[test]
fn where_nothing_can_be_kept_emcc_does_it_all() {
    let folder = folder();
    std::fs::write(folder.path("shims/answers"), "").expect("a file in the folder's place");
    compile(&folder, &["-c", "x.c"], &[]);
    assert_eq!(called(&folder), ["emcc"]);
    compile(&folder, &["--version"], &[]);
    assert_eq!(called(&folder), ["emcc", "emcc"]);
}

#[test]
fn what_emcc_warns_of_it_does_itself() {
    let folder = folder();
    let warns = "echo 'emcc: warning: no' >&2";
    let run = || {
        let mut command = folder.command("gcc", warns);
        command.env("EMSHIM_DIRECT", "1").args(["-c", "x.c"]);
        command.output().expect("a shim that starts")
    };
    assert!(run().status.success() && run().status.success());
    // The first two are the question.
    assert_eq!(called(&folder), ["emcc"; 4]);
}

#[test]
fn what_emcc_says_once_passes() {
    let folder = folder();
    let waits = "case \"$1\" in -###) \
        [ -e asked ] || { echo 'waiting for the cache' >&2; touch asked; exit; };; esac; ";
    let run = || {
        let mut command = folder.command("gcc", &format!("{waits}{EMCC}"));
        command
            .env("EMSHIM_DIRECT", "1")
            .env("CLANG", folder.path("llvm/clang"))
            .args(["-c", "x.c"]);
        command.output().expect("a shim that starts")
    };
    assert!(run().status.success() && run().status.success());
    assert_eq!(called(&folder), ["emcc", "emcc", "clang", "clang"]);
}

#[test]
fn a_question_that_failed_is_asked_again() {
    let folder = folder();
    let run = |behaviour: &str| {
        let mut command = folder.command("gcc", behaviour);
        command
            .env("EMSHIM_DIRECT", "1")
            .env("CLANG", folder.path("llvm/clang"))
            .args(["-c", "x.c"]);
        command.output().expect("a shim that starts").status
    };
    let fails = "case \"$1\" in -###) exit 1;; esac";
    assert!(run(fails).success());
    assert_eq!(called(&folder), ["emcc", "emcc"]);
    assert!(run(EMCC).success() && run(EMCC).success());
    assert_eq!(called(&folder)[2..], ["emcc", "clang", "clang"]);
}

#[test]
fn a_fixed_question_is_asked_once() {
    let folder = folder();
    let ask = |question: &str| {
        let mut command = folder.command("gcc", "echo out; echo err >&2");
        command.env("EMSHIM_DIRECT", "1").arg(question);
        command.output().expect("a shim that starts")
    };
    for _ in 0..2 {
        let output = ask("--version");
        assert_eq!(
            (&*output.stdout, &*output.stderr),
            (&b"out\n"[..], &b"err\n"[..])
        );
    }
    assert_eq!(called(&folder), ["emcc"]);
    let _ = (
        ask("-print-file-name=libc.a"),
        ask("-print-file-name=libc.a"),
    );
    assert_eq!(called(&folder), ["emcc", "emcc", "emcc"]);
}
