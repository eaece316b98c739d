//! The corpus of mismatches made by the real compiler: found, explained, and where it is safe bridged
//! and run in Node.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::mismatches::{CASES, Case, Expected, How};
use emshim_tests::real::Folder;
use emshim_tests::signatures::{Tools, results, units};
use signatures::check::{Findings, Repair, check};
use signatures::link::{Input, draw};
use signatures::read::{Binary, read};
use signatures::repair;
use signatures::unit::Unit;
use std::fmt::Write as _;

/// The two sides of a case as a linker or loader has them.
fn sides(tools: &Tools, folder: &Folder, number: usize, case: &Case) -> (Utf8PathBuf, Utf8PathBuf) {
    let flags: &[&str] = if case.how == How::Modules {
        &["-fPIC"]
    } else {
        &[]
    };
    let compile = |side: &str, source: &str| {
        tools.compile(folder, &format!("case{number}{side}"), source, flags)
    };
    let (caller, definition) = (compile("a", case.caller), compile("b", case.definition));
    let library = definition.with_extension("a");
    let pack = |flags: &str| {
        tools.run("llvm-ar", &[flags, library.as_str(), definition.as_str()]);
        library.clone()
    };
    match case.how {
        How::Objects => (caller, definition),
        How::Archive => (caller, pack("rcs")),
        How::ThinArchive => (caller, pack("rcsT")),
        How::Modules => {
            let link = |object| tools.module_of(object, &[]);
            (link(&caller), link(&definition))
        }
    }
}

/// The file with adapters and the caller led to them.
fn bridged(
    tools: &Tools,
    units: &[Unit],
    findings: &Findings,
    caller: &Utf8Path,
    other: &Utf8Path,
) -> Utf8PathBuf {
    let plan = repair::plan(findings, repair::Extent::ByRules);
    let adapters = caller.with_extension("adapters.o");
    std::fs::write(&adapters, repair::adapters(&plan.adapters)).expect("a written file");
    let copy = caller.with_extension("copy.o");
    let object =
        repair::redirect(units[0].image.bytes(), &plan.redirections[&0]).expect("a whole object");
    std::fs::write(&copy, object).expect("a written file");
    let program = caller.with_extension("wasm");
    let words = [
        copy.as_str(),
        adapters.as_str(),
        other.as_str(),
        "--fatal-warnings",
        "--export=run",
    ];
    tools.link(&program, &words);
    program
}

#[test]
fn every_mismatch_of_the_corpus() {
    let tools = Tools::get();
    let folder = Folder::new();
    let mut wrong = String::new();
    let (mut programs, mut answers) = (Vec::new(), Vec::new());
    for (number, case) in CASES.iter().enumerate() {
        let (caller, other) = sides(&tools, &folder, number, case);
        let inputs = vec![
            Input::Whole(units(&caller)),
            match read(&other).unwrap() {
                Binary::Archive(members) => Input::Archive(members),
                other => Input::Whole(other.into_units()),
            },
        ];
        let units = draw(inputs);
        let findings = check(&units);
        let mut complain = |why: String| {
            let _ = writeln!(wrong, "{} ({:?}): {why}\n{findings}", case.symbol, case.how);
        };
        let [mismatch] = &*findings.mismatches else {
            complain(format!("{} mismatches", findings.mismatches.len()));
            continue;
        };
        let [found] = &*mismatch.callers else {
            complain(format!("{} callers", mismatch.callers.len()));
            continue;
        };
        if mismatch.symbol != case.symbol || found.causes != case.causes {
            complain(format!("found {:?}", found.causes));
        }
        match (&found.repair, case.expected) {
            (Repair::Safe { .. }, Expected::Bridged(answer)) => {
                programs.push(bridged(&tools, &units, &findings, &caller, &other));
                answers.push((case.symbol, answer.to_string()));
            }
            (Repair::Refused(why), Expected::Refused(words)) if why.contains(words) => {}
            (found, expected) => complain(format!("{found:?} is not {expected:?}")),
        }
        if case.how != How::Modules && found.functions != ["run"] && case.symbol != "pointer_" {
            complain(format!("called by {:?}", found.functions));
        }
    }
    let results = results(&tools, &programs);
    assert_eq!(results.len(), answers.len());
    for ((symbol, answer), result) in answers.iter().zip(results) {
        if *answer != result {
            let _ = writeln!(wrong, "{symbol}: run gives {result}, not {answer}");
        }
    }
    assert!(CASES.len() >= 60);
    assert_eq!(wrong, "");
}

/// `catch` and `setjmp` in each model.
const JUMPS: &str = "#include <setjmp.h>\nvoid f(void); jmp_buf b; double g(void) { if (setjmp(b)) return 1; f(); longjmp(b, 1); }";
const CATCHES: &str =
    "// C++\nvoid f(); double g() { try { f(); } catch (int) { return 1; } return 0; }";

#[test]
fn models_that_are_mixed() {
    let tools = Tools::get();
    let folder = Folder::new();
    let include = ["-isystem", tools.headers.as_str()];
    let cases = [
        (
            CATCHES,
            [
                "-fexceptions",
                "-mllvm",
                "-enable-emscripten-cxx-exceptions",
            ],
            ["-fwasm-exceptions", "-mllvm", "-wasm-enable-eh"],
            "-fwasm-exceptions",
        ),
        (
            JUMPS,
            ["-fno-exceptions", "-mllvm", "-enable-emscripten-sjlj"],
            ["-mexception-handling", "-mllvm", "-wasm-enable-sjlj"],
            "-sSUPPORT_LONGJMP=wasm",
        ),
    ];
    for (source, old, new, flag) in cases {
        let object = |name: &str, flags: &[&str]| {
            let object = tools.compile(&folder, name, source, &[flags, &include].concat());
            units(&object).remove(0)
        };
        let (old, new) = (object("old", &old), object("new", &new));
        assert!(check(&[old.clone(), old.clone()]).models.is_empty());
        assert!(check(&[new.clone(), new.clone()]).models.is_empty());
        let [mixed] = &check(&[old, new]).models[..] else {
            panic!("{flag} is not found");
        };
        assert_eq!(mixed.opposite.flag(), flag);
        assert!(mixed.units[0].path.as_str().contains("old"));
    }
}
