//! The calling convention: for each case of `tests/native`, one C caller, unedited, gives the same
//! output with what gfortran makes of the Fortran source and with our C.
//!
//! COMPLEX functions are not here: their result goes through a hidden pointer in our C, as
//! gfortran's would on wasm32, but not on x86-64.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::runtime::runtime_sources;
use f2c_driver::{Options, translate};

/// A case, gfortran's flags for it, and the same for us.
struct Case {
    name: &'static str,
    flags: &'static [&'static str],
    options: fn(&mut Options),
    macros: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "arguments",
        flags: &[],
        options: |_| (),
        macros: &[],
    },
    Case {
        name: "math",
        flags: &[],
        options: |_| (),
        macros: &[],
    },
    Case {
        name: "callbacks",
        flags: &[],
        options: |_| (),
        macros: &[],
    },
    Case {
        name: "storage",
        flags: &[],
        options: |_| (),
        macros: &[],
    },
    Case {
        name: "storage",
        flags: &["-frecursive"],
        options: |options| options.recursive = true,
        macros: &[],
    },
    Case {
        name: "wide",
        flags: &["-fdefault-integer-8", "-fdefault-real-8"],
        options: |options| {
            options.default_integer_8 = true;
            options.default_real_8 = true;
        },
        macros: &["-DF2C_DEFAULT_INTEGER_8"],
    },
    Case {
        name: "plain",
        flags: &["-fno-underscoring", "-fno-automatic", "-fbackslash"],
        options: |options| {
            options.underscoring = false;
            options.automatic = false;
            options.backslash = true;
        },
        macros: &[],
    },
    Case {
        name: "zeroed",
        flags: &["-finit-local-zero"],
        options: |options| options.init_local_zero = true,
        macros: &[],
    },
];

fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{shown}: {}\n{errors}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The runtime as an archive for the host.
fn runtime(folder: &Utf8Path) -> Utf8PathBuf {
    let libf2c = std::env::var("LIBF2C_SOURCE").expect("LIBF2C_SOURCE: libf2c's unpacked archive");
    let plan = runtime_sources(libf2c.as_str().into());
    let mut sources = plan.libf2c.clone();
    for file in &plan.own {
        let path = folder.join(file.name);
        std::fs::write(&path, file.text).expect("a writable folder");
        if file.name.ends_with(".c") && file.name != "main.c" {
            sources.push(path);
        }
    }
    run(Command::new("gcc")
        .current_dir(folder)
        .args(plan.flags)
        .args(["-O1", "-c", "-I", folder.as_str(), "-I", &libf2c])
        .args(&sources));
    let objects = folder
        .read_dir_utf8()
        .expect("objects")
        .filter_map(|entry| {
            let path = entry.expect("an object").into_path();
            (path.extension() == Some("o")).then_some(path)
        });
    let archive = folder.join("libruntime.a");
    run(Command::new("ar").arg("rcs").arg(&archive).args(objects));
    archive
}

#[test]
fn callers_cannot_tell_us_from_gfortran() {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let folder = Utf8Path::from_path(temporary.path()).expect("a UTF-8 folder");
    let f2c = Utf8PathBuf::from(std::env::var("F2C").unwrap_or_else(|_| "f2c".into()));
    let cases = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/native");
    let archive = runtime(folder);
    for case in CASES {
        let source = cases.join(case.name).with_extension("f");
        let caller = cases.join(case.name).with_extension("c");
        let (ours, theirs) = (folder.join("ours"), folder.join("theirs"));
        let object = folder.join("theirs.obj");
        run(Command::new("gfortran")
            .args(case.flags)
            .args(["-w", "-O1", "-c", "-o"])
            .arg(&object)
            .arg(&source));
        run(Command::new("gfortran")
            .arg("-o")
            .arg(&theirs)
            .args(["-x", "c"])
            .arg(&caller)
            .args(["-x", "none"])
            .arg(&object));
        let mut options = Options::default();
        (case.options)(&mut options);
        let bytes = std::fs::read(&source).expect("a readable case");
        let translation = translate(&f2c, &bytes, &source, &options).expect("it translates");
        let c = folder.join("ours.c");
        std::fs::write(&c, translation.c).expect("a writable folder");
        let object = folder.join("ours.obj");
        run(Command::new("gcc")
            .args(case.macros)
            .args(["-std=gnu17", "-w", "-O1", "-I", folder.as_str(), "-c", "-o"])
            .arg(&object)
            .arg(&c));
        run(Command::new("gcc")
            .arg("-o")
            .arg(&ours)
            .arg("-std=gnu17")
            .arg(&caller)
            .arg("-x")
            .arg("none")
            .arg(&object)
            .arg(&archive)
            .arg("-lm"));
        let (ours, theirs) = (
            run(&mut Command::new(&ours)),
            run(&mut Command::new(&theirs)),
        );
        assert_eq!(ours, theirs, "{} {:?}", case.name, case.flags);
    }
}
