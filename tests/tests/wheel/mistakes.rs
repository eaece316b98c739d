//! What bad input gets: one message that names the thing and the remedy, a failing status, and
//! nothing half-written.

use emshim_tests::real::{
    Completed, Folder, TINY_MODULE, assert_says, command, emshim, run, setuptools_project,
    wheel_name,
};

/// A failed run whose last words name each of `words`, with no panic in it.
#[track_caller]
fn refused(done: &Completed, words: &[&str]) {
    assert_ne!(done.status, 0, "{}", done.stdout);
    assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
    assert_says(&done.stderr, words);
}

#[test]
fn a_folder_that_is_no_package() {
    let folder = Folder::new();
    let out = folder.path().join("out");
    let done = run(&["build", "-o", out.as_str(), folder.path().as_str()]);
    refused(&done, &[folder.path().as_str(), "pyproject.toml"]);
    assert!(!out.exists(), "an output folder was left behind");
}

#[test]
fn a_name_the_index_does_not_have() {
    refused(
        &run(&["build", "no-such-package-of-emshim-tests"]),
        &["no-such-package-of-emshim-tests"],
    );
}

#[test]
fn a_version_the_index_does_not_have() {
    refused(
        &run(&["build", "kiwisolver==99.99"]),
        &["kiwisolver", "99.99"],
    );
}

#[test]
fn a_name_of_which_the_index_has_wheels_for_other_machines_alone() {
    let folder = Folder::new();
    let wheel = "w-1.5-cp313-cp313-win_amd64.whl";
    folder.file("w/index.html", &format!("<a href='{wheel}'>{wheel}</a>"));
    let index = format!("file://{}", folder.path());
    let build = command(emshim(), &["build", "w"]).env("PIP_INDEX_URL", index);
    refused(&Completed::of(&build), &["`w`", "only wheels (1.5)"]);
}

#[test]
fn an_index_that_does_not_answer() {
    let build = command(emshim(), &["build", "kiwisolver"])
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        .env("PIP_RETRIES", "0");
    refused(&Completed::of(&build), &["127.0.0.1:9"]);
}

#[test]
fn a_file_that_is_no_sdist() {
    let folder = Folder::new();
    let file = folder.file("x-1.0.tar.gz", "not an archive");
    refused(&run(&["build", file.as_str()]), &[file.as_str()]);
}

#[test]
fn an_unknown_target() {
    refused(
        &run(&["build", "--target", "node@20", "kiwisolver"]),
        &["node@20", "pyodide@"],
    );
}

#[test]
fn a_build_that_fails_keeps_its_output_and_says_where() {
    let folder = Folder::new();
    folder.file(
        "pyproject.toml",
        "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
         [project]\nname = 'broken'\nversion = '1'\n",
    );
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('broken', ['broken.c'])], py_modules=[])\n",
    );
    folder.file("broken.c", "#error on purpose\n");
    let out = folder.path().join("out");
    let done = run(&["build", "-o", out.as_str(), folder.path().as_str()]);
    refused(&done, &["on purpose"]);
    let log = done.stderr.split_whitespace().find_map(|word| {
        let path = word
            .trim_matches(['(', ')', ',', ';', ':', '`', '\''])
            .trim_end_matches('.');
        path.ends_with(".log").then(|| path.to_owned())
    });
    let log = std::fs::read_to_string(log.expect("the log's path in the message")).unwrap();
    assert!(log.contains("on purpose"), "{log}");
    let wheels = out.read_dir_utf8().map(Iterator::count).unwrap_or(0);
    assert_eq!(wheels, 0, "something half-written was left behind");
}

#[test]
fn an_emscripten_of_another_version() {
    let folder = Folder::new();
    folder.file("em/emscripten-version.txt", "\"2.0.0\"\n");
    folder.file("llvm/clang", "");
    let script = |name: &str, answer: &str| {
        let path = folder.file(
            &format!("em/{name}"),
            &format!("#!/bin/sh\necho '{answer}'\n"),
        );
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&path, mode).unwrap();
        path
    };
    let emcc = script(
        "emcc",
        "emcc (Emscripten gcc/clang-like replacement) 2.0.0 ()",
    );
    script("em-config", folder.path().join("llvm").as_str());
    // One that only stands in PATH is passed over.
    let bin = emcc.parent().expect("a folder");
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    let setup = command(emshim(), &["setup"]).env("PATH", path);
    let done = Completed::of(&setup).success();
    assert_says(&done.stderr, &["2.0.0", "does not serve", "Debian testing"]);

    let build = command(emshim(), &["build", "kiwisolver"]).env("EMSHIM_EMCC", emcc);
    refused(
        &Completed::of(&build),
        &["2.0.0", "5.0.3", "--allow-emscripten"],
    );
}

#[test]
fn a_machine_without_node() {
    let folder = Folder::new();
    let build = command(emshim(), &["build", "kiwisolver"]).env("PATH", folder.path().as_str());
    refused(&Completed::of(&build), &["node"]);
}

#[test]
fn an_openmp_build_gets_the_honest_answer() {
    let done = run(&["exec", "--", "gcc", "-fopenmp", "-c", "x.c"]);
    refused(&done, &["-fopenmp", "thread"]);
}

#[test]
fn a_shim_folder_in_a_place_of_somebody_else() {
    let folder = Folder::new();
    folder.file("gcc", "somebody's");
    refused(&run(&["install", folder.path().as_str()]), &["gcc"]);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("gcc")).unwrap(),
        "somebody's"
    );
}

#[test]
fn a_module_that_the_build_does_without() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("tiny"));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('tiny', ['tiny.c']), Extension('fast', ['fast.c'], optional=True)])\n",
    );
    folder.file("tiny.c", TINY_MODULE);
    folder.file("fast.c", "#include <no/such.h>\n");
    let out = folder.path().join("out");
    let words = ["build", "-o", out.as_str(), folder.path().as_str()];
    let done = Completed::of(&command(emshim(), &words)).success();
    assert!(out.join(wheel_name("tiny-1.0")).exists());
    assert_says(
        &done.stderr,
        &[
            "fast.o could not be made, and the build went on",
            "emshim log failures --build",
        ],
    );
    assert!(!done.stderr.contains("tiny.o could not"), "{}", done.stderr);
}
