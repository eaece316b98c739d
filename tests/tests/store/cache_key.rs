//! `emshim setup --print-cache-key`: the key under which a CI keeps the store.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::Utf8Path;
use emshim_tests::real::{Folder, emshim};

/// The key that a machine with this store and this folder of programs prints. There is no other
/// program on it, and so no npm, pip or apt.
fn key(store: &Utf8Path, programs: &Utf8Path, words: &[&str]) -> String {
    key_in("/".into(), store, programs, words)
}

/// The same, printed in a folder.
fn key_in(cwd: &Utf8Path, store: &Utf8Path, programs: &Utf8Path, words: &[&str]) -> String {
    let output = Command::new(emshim())
        .current_dir(cwd)
        .args(["setup", "--print-cache-key"])
        .args(words)
        .env_clear()
        .env("PATH", programs)
        .env("EMSHIM_HOME", store)
        .output()
        .expect("emshim");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let (key, why) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success() && why.is_empty(), "{why}");
    assert!(!store.exists(), "something was provisioned");
    let line = key.strip_suffix('\n').expect("a line");
    let word = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    assert!(line.chars().all(word), "{key}");
    line.to_owned()
}

fn program(folder: &Utf8Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a program");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("a program");
}

#[test]
fn the_key_follows_what_the_store_would_hold_and_nothing_else() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name);
    let none = path("none");
    let one = |target: &str| key(&path("store"), &none, &["--target", target]);
    let own = one("pyodide@0.29.5");
    assert_eq!(
        own,
        key(
            &path("another/store"),
            &none,
            &["--target", "pyodide@0.29.5"]
        )
    );
    assert!(
        own.contains("pyodide-0.29.5") && own.contains(std::env::consts::ARCH),
        "{own}"
    );
    for other in ["pyodide@0.29.4", "pyodide@315.0.0-alpha.2"] {
        assert_ne!(own.rsplit('-').next(), one(other).rsplit('-').next());
    }
    let both = ["--target", "pyodide@0.29.5", "--target", "pyodide@0.28.3"];
    assert_ne!(own, key(&path("store"), &none, &both));

    // An Emscripten of the user's own is not provisioned: another store, wherever it lies.
    let emcc = |folder: &str, version: &str| {
        let bin = path(folder);
        program(&bin, "emcc", &format!("echo 'emcc (Emscripten) {version}'"));
        program(&bin, "em-config", &format!("echo {bin}"));
        key(&path("store"), &bin, &["--target", "pyodide@0.29.5"])
    };
    let with_own = emcc("a", "4.0.9");
    assert_ne!(own, with_own);
    assert_eq!(with_own, emcc("b", "4.0.9"));
    assert_ne!(with_own, emcc("c", "3.1.69"));
}

#[test]
fn a_project_says_for_which_targets_its_store_is() {
    let folder = Folder::new();
    let path = |name: &str| folder.path().join(name);
    let in_project = |words: &[&str]| key_in(folder.path(), &path("store"), &path("none"), words);
    let default = in_project(&[]);
    folder.file(
        "pyproject.toml",
        "[tool.emshim]\ntarget = ['pyodide@0.29.5', 'pyodide@314.0.7']\n",
    );
    let of_project = in_project(&[]);
    assert_ne!(default, of_project);
    let both = ["--target", "pyodide@0.29.5,pyodide@314.0.7"];
    assert_eq!(of_project, key(&path("store"), &path("none"), &both));
    let one = ["--target", "pyodide@314.0.7"];
    assert_eq!(in_project(&one), default, "what is named wins");
}
