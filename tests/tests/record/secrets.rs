//! What must not be in a record, or be shown of one.

use emshim_tests::real::emshim;
use emshim_tests::shim_folder::ShimFolder;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

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

#[test]
fn the_password_of_a_mirror_is_not_shown() {
    let folder = ShimFolder::new();
    let output = Command::new(emshim())
        .arg("doctor")
        .env("EMSHIM_HOME", folder.path("store"))
        .env(
            "EMSHIM_DEBIAN_MIRROR",
            "http://u:hunter2@127.0.0.1:1/debian",
        )
        .output()
        .expect("emshim");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("Pyodide") || said.contains("pyodide"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
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
