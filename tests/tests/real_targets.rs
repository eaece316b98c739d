//! Every target that emshim promises to serve on a machine that has nothing: provisioned from
//! nothing into the store, its toolchain checked against its own Pyodide, a package built.

use emshim_tests::real::Outcome;
use emshim_tests::real::{Folder, assert_says, command, emshim, run};
use pyodide_wheel::target::{PROMISED, Target};

/// What `emshim setup --check` tries.
const CHECKS: &[&str] = &[
    "ok      a C++ exception across two modules",
    "ok      a Fortran module with a callback",
    "ok      a program",
    "ok      setjmp and 64-bit integers",
];

#[test]
fn every_promised_target_is_provisioned_and_passes_the_checks_of_a_toolchain() {
    for name in PROMISED {
        let done = run(&["setup", "--check", "--target", name]).success();
        assert_says(&done.stdout, CHECKS);
        assert!(!done.stdout.contains("FAILED"), "{name}: {}", done.stdout);
    }
}

/// The package's import check is part of the build; pytest and its own dependencies come from the
/// index, as wheels for any platform.
#[test]
fn every_promised_target_builds_a_package_and_runs_pytest() {
    for name in PROMISED {
        let folder = Folder::new();
        let out = folder.path().join("out");
        let build = [
            "build",
            "kiwisolver==1.5.1",
            "--target",
            name,
            "-o",
            out.as_str(),
        ];
        let done = run(&build).success();
        let abi = Target::parse(name).expect("a target").abi;
        assert_says(&done.stderr, &[name, abi.emscripten]);

        let wheel = out
            .read_dir_utf8()
            .expect("a folder")
            .next()
            .expect("a wheel");
        let wheel = wheel.expect("a wheel").into_path();
        folder.file("test_it.py", TEST);
        let python = [
            "run",
            "--target",
            name,
            "--with",
            wheel.as_str(),
            "--with",
            "pytest",
        ];
        let words = [&python[..], &["-m", "pytest", "-q", "test_it.py"]].concat();
        let pytest = command(emshim(), &words).dir(folder.path().as_str());
        let done = Outcome::of(&pytest).success();
        assert_says(&done.stdout, &["1 passed"]);
    }
}

const TEST: &str = "import gc
gc.disable()  # kiwisolver 1.5.1's tp_clear traps when a cycle is collected
import kiwisolver

def test_solves():
    x = kiwisolver.Variable('x')
    solver = kiwisolver.Solver()
    solver.addConstraint(x >= 3)
    solver.updateVariables()
    assert x.value() == 3
";
