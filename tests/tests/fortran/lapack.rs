//! The part of LAPACK's own test suite that CI has the time for; `cargo xtask lapack` runs all.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::lapack::{part, run};
use emshim_tests::progress::Lines;
use emshim_tests::real::{Completed, Folder, command, emshim, shim, shims};
use emshim_tests::tools::NEWEST;
use f2c_driver::patches::{Patches, SETS};
use provision::{Silent, Store, unpack_source};

fn compare(name: &str) {
    let work = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("lapack");
    let tools = NEWEST.bin();
    let part = part(name).expect("a part");
    let compared = run(part, &emshim(), &work, &tools, false, &Lines).expect("both builds");
    println!("{}", compared.table());
    assert!(compared.problems.is_empty(), "{:#?}", compared.problems);
}

#[test]
fn blas_gives_gfortrans_results() {
    compare("blas");
}

#[test]
fn lapack_in_double_precision_gives_gfortrans_results() {
    compare("double");
}

/// LAPACK's source in a folder.
fn source(folder: &Folder) -> Utf8PathBuf {
    let source = folder.path().join("lapack");
    let store = Store::from_env().expect("a store");
    unpack_source(&store, "lapack", &source, &Silent).expect("LAPACK's source");
    source
}

#[test]
fn every_patch_fits_its_file() {
    let folder = Folder::new();
    let source = source(&folder);
    let set = SETS.iter().find(|set| set.name == "lapack-3.12.1");
    for patch in set.expect("the set").patches {
        let path = source.join("SRC").join(patch.file);
        let bytes = fs::read(&path).expect(patch.file);
        let fitting = Patches::Fitting.find(&path, &bytes).expect("no other file");
        fitting.expect(patch.file).apply(&bytes).expect(patch.file);
    }
}

#[test]
fn a_patched_file_keeps_its_lines_and_is_not_written() {
    let folder = Folder::new();
    let path = source(&folder).join("SRC/zgeqp3rk.f");
    let before = fs::read(&path).expect("a file");
    let words = ["-c", "-g", path.as_str(), "-o", "z.o"];
    let explained = command(
        emshim(),
        &[&["explain", "--", "gfortran"], &words[..]].concat(),
    );
    let explained = Completed::of(&explained.dir(folder.path()))
        .success()
        .stdout;
    let decision = "[fortran/patch] patch set lapack-3.12.1";
    assert!(explained.contains(decision), "{explained}");
    let last_line = |patches: &str| {
        let compile = command(shims().join("gfortran"), &words).dir(folder.path());
        let _ = Completed::of(&compile.env("EMSHIM_PATCHES", patches)).success();
        let dump = command(shims().join("llvm-dwarfdump"), &["--debug-line", "z.o"]);
        let rows = Completed::of(&dump.dir(folder.path())).success().stdout;
        let rows = rows.lines().filter(|row| row.starts_with("0x"));
        let lines = rows.filter_map(|row| row.split_whitespace().nth(1)?.parse::<usize>().ok());
        let object = fs::read(folder.path().join("z.o")).expect("an object");
        (lines.max(), object)
    };
    // As CMake has it: preprocessed into a file of another name, which is then compiled.
    let preprocess = ["-cpp", "-E", path.as_str(), "-o", "z-pp.f"];
    let _ = shim("gfortran", &preprocess, folder.path()).success();
    let preprocessed = fs::read_to_string(folder.path().join("z-pp.f")).expect("text");
    let corrected =
        "      KP1 = IDAMAX( N, RWORK( 1 ), 1 )\n\n# 762\n      MAXC2NRM = RWORK( KP1 )\n";
    assert!(preprocessed.contains(corrected), "{preprocessed}");
    let (patched, unpatched) = (last_line("auto"), last_line("off"));
    assert_eq!(patched.0, unpatched.0);
    assert_ne!(patched.1, unpatched.1);
    assert_eq!(fs::read(&path).expect("a file"), before);
}

#[test]
fn a_set_asked_for_by_name_refuses_another_versions_file() {
    let folder = Folder::new();
    let path = source(&folder).join("SRC/zgeqp3rk.f");
    let text = fs::read_to_string(path).expect("text");
    folder.file("zgeqp3rk.f", &format!("{text}* edited\n"));
    let compile = |patches: &str| {
        let gfortran = command(shims().join("gfortran"), &["-c", "zgeqp3rk.f"]);
        Completed::of(&gfortran.dir(folder.path()).env("EMSHIM_PATCHES", patches))
    };
    let _ = compile("auto").success();
    let other = compile("lapack-3.12.1");
    assert_ne!(other.status, 0);
    let expected = "zgeqp3rk.f: error: the patch of lapack-3.12.1 no longer applies";
    assert!(other.stderr.contains(expected), "{}", other.stderr);
    let unknown = compile("lapack-9");
    assert_ne!(unknown.status, 0);
    assert!(
        unknown.stderr.contains("there are: lapack-3.12.1"),
        "{}",
        unknown.stderr
    );
}
