//! Signature mismatches made by the real compiler: found, explained, and where it is safe bridged
//! and run in Node.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::mismatches::{CASES, CPP, Case, Expected, How};
use emshim_tests::real::{Folder, Outcome, command, run, setuptools_project, shims};
use signatures::check::{Findings, Repair, check};
use signatures::link::{Input, draw};
use signatures::read::{Binary, read};
use signatures::repair;
use signatures::unit::Unit;
use std::fmt::Write as _;

/// LLVM's tools of the target's Emscripten, and Node.
struct Tools {
    llvm: Utf8PathBuf,
    node: Utf8PathBuf,
}

impl Tools {
    fn get() -> Self {
        let config = shims::shim::config::ShimConfig::load(shims()).expect("a configuration");
        Self {
            llvm: config.emscripten.llvm_bin,
            node: config.node,
        }
    }

    fn run(&self, tool: &str, words: &[&str]) {
        let _ = Outcome::of(&command(self.llvm.join(tool), words)).success();
    }

    /// Compiles a source; further flags come last.
    fn compile(&self, folder: &Folder, name: &str, source: &str, flags: &[&str]) -> Utf8PathBuf {
        let cpp = source.starts_with(CPP);
        let suffix = if cpp { "cpp" } else { "c" };
        let file = folder.file(&format!("{name}.{suffix}"), source);
        let object = file.with_extension("o");
        let mut words = vec![
            "--target=wasm32-unknown-emscripten",
            "-O1",
            "-w",
            "-fno-builtin",
        ];
        words.extend(if cpp { &[][..] } else { &["-std=gnu89"] });
        words.extend(flags);
        words.extend(["-c", file.as_str(), "-o", object.as_str()]);
        self.run("clang", &words);
        object
    }

    /// Links what is given, with nothing but it.
    fn link(&self, output: &Utf8Path, inputs: &[&str]) {
        let mut words = vec!["--no-entry", "-o", output.as_str()];
        words.extend(inputs);
        self.run("wasm-ld", &words);
    }
}

fn units(path: &Utf8Path) -> Vec<Unit> {
    read(path).expect("a readable file").into_units()
}

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
            let link = |object: &Utf8Path| {
                let module = object.with_extension("so");
                let shared = ["-shared", "--experimental-pic", "--export-all"];
                let open = ["--unresolved-symbols=import-dynamic", object.as_str()];
                tools.link(&module, &[&shared[..], &open].concat());
                module
            };
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
    let plan = repair::plan(findings);
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

/// What `run` gives in each of the programs, or the engine's complaint.
fn results(tools: &Tools, programs: &[Utf8PathBuf]) -> Vec<String> {
    let script = "const fs = require('fs');
        for (const file of process.argv.slice(1)) {
            let said;
            try {
                const module = new WebAssembly.Module(fs.readFileSync(file));
                said = new WebAssembly.Instance(module, {}).exports.run();
            } catch (error) { said = error.message; }
            console.log(said);
        }";
    let mut words = vec!["-e", script, "--"];
    words.extend(programs.iter().map(|program| program.as_str()));
    let done = Outcome::of(&command(&tools.node, &words)).success();
    done.stdout.lines().map(str::to_owned).collect()
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
    let config = shims::shim::config::ShimConfig::load(shims()).unwrap();
    let include = config.emscripten.root.join("cache/sysroot/include");
    let include = ["-isystem", include.as_str()];
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

#[test]
fn the_verb_finds_and_repairs() {
    let tools = Tools::get();
    let folder = Folder::new();
    let caller = "void dscal_(double*); double run(void) { double x = 1; dscal_(&x); return x; }";
    let caller = tools.compile(&folder, "caller", caller, &[]);
    let f2c = "int dscal_(double *x) { *x = 5; return 0; }";
    let f2c = tools.compile(&folder, "f2c", f2c, &[]);
    let gfortran = "void dscal_(double *x) { *x = 5; }";
    let gfortran = tools.compile(&folder, "gfortran", gfortran, &[]);
    let signatures = |words: &[&str]| run(&[&["signatures"], words].concat());

    let right = signatures(&[caller.as_str(), gfortran.as_str()]).success();
    assert!(
        right.stdout.contains("agree in 2 files"),
        "{}",
        right.stdout
    );

    let wrong = signatures(&[caller.as_str(), f2c.as_str()]);
    assert_eq!(wrong.status, 1);
    for words in [
        "void dscal_(int)",
        "int dscal_(int)",
        "by run",
        "SUBROUTINE",
        "EMSHIM_REPAIR=1",
    ] {
        assert!(
            wrong.stdout.contains(words),
            "no `{words}` in:\n{}",
            wrong.stdout
        );
    }

    let out = folder.path().join("out");
    let words = [
        caller.as_str(),
        f2c.as_str(),
        "--json",
        "--repair",
        "-o",
        out.as_str(),
    ];
    let json = signatures(&words);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json["mismatches"][0]["callers"][0]["causes"][0],
        "int-subroutine"
    );
    let adapters = json["repaired"]["first"][0].as_str().unwrap();
    let copy = json["repaired"]["instead"][caller.as_str()][0]
        .as_str()
        .unwrap();
    let _ = signatures(&[copy, adapters, f2c.as_str()]).success();
    let program = folder.path().join("program.wasm");
    tools.link(
        &program,
        &[
            copy,
            adapters,
            f2c.as_str(),
            "--fatal-warnings",
            "--export=run",
        ],
    );
    assert_eq!(results(&tools, &[program]), ["5"]);

    let missing = signatures(&["no-such-file.o"]);
    assert_eq!(missing.status, 1);
    assert!(
        missing.stderr.contains("no-such-file.o"),
        "{}",
        missing.stderr
    );
}

/// A module that is wrong in one way, how it is linked, and the words that say so.
const MODULES: &[(&str, &[&str], &[&str])] = &[
    (
        "void PyErr_SetString(int, int, int); void f(void) { PyErr_SetString(1, 2, 3); }",
        &[],
        &[
            "does not load: PyErr_SetString",
            "(int, int, int)",
            "(int, int)",
            "another number",
        ],
    ),
    (
        "int PyObject_Str(int, int); int f(void) { return PyObject_Str(1, 2); }",
        &[],
        &["does not load: PyObject_Str"],
    ),
    (
        "double sin(float); double f(float x) { return sin(x); }",
        &[],
        &[
            "does not load: sin",
            "double sin(float)",
            "double sin(double)",
        ],
    ),
    (
        "int PyLong_AsLongLong(int); int f(void) { return PyLong_AsLongLong(0); }",
        &[],
        &[
            "PyLong_AsLongLong",
            "long long PyLong_AsLongLong(int)",
            "-sWASM_BIGINT",
        ],
    ),
    (
        "void nowhere(void); void f(void) { nowhere(); }",
        &[],
        &["fails when called: nowhere"],
    ),
    (
        "void nowhere(void); void *f(void) { return nowhere; }",
        &[],
        &["does not load: nowhere"],
    ),
    (
        "extern int nothing; int f(void) { return nothing; }",
        &[],
        &["does not load: nothing"],
    ),
    (
        "__attribute__((import_module(\"wbg\"))) void g(void); void f(void) { g(); }",
        &[],
        &["does not load: wbg"],
    ),
    (
        "void f(void) {}",
        &["--max-memory=6553600"],
        &["does not load: memory"],
    ),
];

#[test]
fn modules_that_the_runtime_would_refuse() {
    let tools = Tools::get();
    let folder = Folder::new();
    for (number, (source, flags, words)) in MODULES.iter().enumerate() {
        let object = tools.compile(&folder, &format!("m{number}"), source, &["-fPIC"]);
        let module = object.with_extension("so");
        let shared = [
            "-shared",
            "--experimental-pic",
            "--export-all",
            object.as_str(),
        ];
        let open = ["--unresolved-symbols=import-dynamic"];
        tools.link(&module, &[&shared[..], &open, flags].concat());
        let done = run(&["signatures", module.as_str()]);
        assert_eq!(done.status, 1, "{source}\n{}", done.stdout);
        for word in *words {
            assert!(
                done.stdout.contains(word),
                "no `{word}` in:\n{}",
                done.stdout
            );
        }
    }
}

#[test]
fn a_module_is_held_against_the_libraries_it_is_linked_to() {
    let tools = Tools::get();
    let folder = Folder::new();
    let library = |name: &str, source: &str, inputs: &[&str]| {
        let object = tools.compile(&folder, name, source, &["-fPIC"]);
        let module = folder.path().join(format!("{name}.so"));
        let shared = [
            "-shared",
            "--experimental-pic",
            "--export-all",
            object.as_str(),
        ];
        let open = ["--unresolved-symbols=import-dynamic"];
        tools.link(&module, &[&shared[..], &open, inputs].concat());
        module
    };
    let right = library("libright", "void g(int x) {}", &[]);
    let caller = "void g(int); void f(void) { g(1); }";
    let caller = library("caller", caller, &[right.as_str()]);
    let _ = run(&["signatures", caller.as_str(), right.as_str()]).success();
    let alone = run(&["signatures", caller.as_str()]);
    assert!(alone.stdout.contains("libright.so"), "{}", alone.stdout);
    // The library of the same name is built again, otherwise.
    let wrong = library("libright", "int g(int x, int y) { return 0; }", &[]);
    let done = run(&["signatures", caller.as_str(), wrong.as_str()]);
    assert!(done.stdout.contains("does not load: g"), "{}", done.stdout);
}

/// Slots of a Python type; `clear` is to be replaced.
const SLOTS: &str = "int traverse(int a, int b, int c) { return 0; }
void dealloc(int a) {} int repr(int a) { return a; } CLEAR
static struct { int slot; void *function; } slots[] =
    {{52, dealloc}, {51, clear}, {71, traverse}, {66, repr}, {0, 0}};
void *type(void) { return slots; }";

#[test]
fn slots_of_python_types() {
    let tools = Tools::get();
    let folder = Folder::new();
    let audit = |name: &str, source: &str| {
        let object = tools.compile(&folder, name, source, &["-fPIC"]);
        let module = object.with_extension("so");
        let shared = [
            "-shared",
            "--experimental-pic",
            "--export-all",
            object.as_str(),
        ];
        tools.link(&module, &shared);
        run(&["signatures", module.as_str()])
    };
    let right = SLOTS.replace("CLEAR", "int clear(int a) { return 0; }");
    let _ = audit("right", &right).success();
    let wrong = SLOTS.replace("CLEAR", "void clear(int a) {}");
    let found = audit("wrong", &wrong);
    for word in [
        "fails when called: tp_clear",
        "clear: void tp_clear(int)",
        "int tp_clear(int)",
    ] {
        assert!(
            found.stdout.contains(word),
            "no `{word}` in:\n{}",
            found.stdout
        );
    }
    // A table of something else: a number comes twice.
    let other = wrong.replace("{66, repr}", "{66, repr}, {66, clear}");
    let _ = audit("other", &other).success();
}

#[test]
fn functions_that_no_call_through_a_pointer_reaches() {
    let tools = Tools::get();
    let folder = Folder::new();
    // Called through a pointer of another type than its own, as a cast has it.
    let source = "double odd(float x, double y, float z) { return x + y + z; }
        double even(double x, float y, double z, float w) { return x + y + z + w; }
        void *volatile table[] = {(void*)odd, (void*)even};
        double run(void) {
            return ((double (*)(double, float, double, float))table[0])(1, 2, 3, 4);
        }";
    let object = tools.compile(&folder, "pointers", source, &["-fPIC"]);
    let module = object.with_extension("so");
    let shared = [
        "-shared",
        "--experimental-pic",
        "--export-all",
        object.as_str(),
    ];
    tools.link(&module, &shared);
    let done = run(&["signatures", "--json", module.as_str()]).success();
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let unreached = &json["audits"][0]["unreached"];
    assert_eq!(
        unreached[0]["functions"],
        serde_json::json!(["odd"]),
        "{unreached}"
    );
    assert_eq!(unreached.as_array().map(Vec::len), Some(1));
}

/// emcc itself, without the setting that the shims add.
#[test]
fn a_link_without_bigint() {
    let tools = Tools::get();
    let folder = Folder::new();
    let source =
        "long long PyLong_AsLongLong(void*); int f(void) { return PyLong_AsLongLong(0) > 1; }";
    let object = tools.compile(&folder, "m", source, &["-fPIC", "-fvisibility=default"]);
    let module = object.with_extension("so");
    let config = shims::shim::config::ShimConfig::load(shims()).unwrap();
    let words = [
        "-sSIDE_MODULE=1",
        "-sWASM_BIGINT=0",
        object.as_str(),
        "-o",
        module.as_str(),
    ];
    let mut emcc = command(config.emscripten.root.join("emcc"), &words);
    for (name, value) in &config.emscripten.env {
        emcc = emcc.env(name, value);
    }
    let _ = Outcome::of(&emcc).success();
    let done = run(&["signatures", module.as_str()]);
    assert_eq!(done.status, 1);
    for word in ["PyLong_AsLongLong", "-sWASM_BIGINT"] {
        assert!(
            done.stdout.contains(word),
            "no `{word}` in:\n{}",
            done.stdout
        );
    }
}

/// Wheels that others built and people use: nothing is wrong with them.
#[test]
fn published_wheels_raise_no_alarm() {
    let folder = Folder::new();
    for (project, python, platform, target) in [
        (
            "statsmodels==0.15.0",
            "313",
            "pyemscripten_2025_0_wasm32",
            "pyodide@0.29.5",
        ),
        (
            "pydantic-core==2.50.4",
            "314",
            "pyemscripten_2026_0_wasm32",
            "pyodide@314.0.0",
        ),
    ] {
        let dir = folder.path().join(python);
        let abi = format!("cp{python}");
        let words = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--implementation=cp",
            "--python-version",
            python,
            "--abi",
            &abi,
            "--platform",
            platform,
            "--dest",
            dir.as_str(),
            project,
        ];
        let _ = Outcome::of(&command("python3", &words)).success();
        let wheel = dir.read_dir_utf8().unwrap().next().unwrap().unwrap();
        let words = ["signatures", "--target", target, wheel.path().as_str()];
        let done = run(&words).success();
        assert!(done.stdout.contains("0 problems with"), "{}", done.stdout);
        let other = run(&[
            "signatures",
            "--target",
            "pyodide@315.0.0-alpha.2",
            wheel.path().as_str(),
        ]);
        assert!(other.stderr.contains("--target"), "{}", other.stderr);
    }
}

#[test]
fn a_build_stops_at_a_wheel_that_cannot_be_loaded() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("broken"));
    folder.file(
        "setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('broken', ['broken.c'])], py_modules=[])\n",
    );
    folder.file(
        "broken.c",
        "#include <Python.h>\nvoid nowhere(void); void *address(void) { return nowhere; }\n\
         static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"broken\", NULL, -1, NULL};\n\
         PyMODINIT_FUNC PyInit_broken(void) { return PyModule_Create(&def); }\n",
    );
    let out = folder.path().join("out");
    let done = run(&["build", "-o", out.as_str(), folder.path().as_str()]);
    assert_eq!(done.status, 1);
    for word in ["does not load: nowhere", "--no-audit", "is kept as"] {
        assert!(
            done.stderr.contains(word),
            "no `{word}` in:\n{}",
            done.stderr
        );
    }
    assert!(!out.exists());
}

/// Runs the shim `gcc` in a folder, with or without repairs.
fn gcc(folder: &Folder, words: &[&str], repair: bool) -> Outcome {
    let gcc = command(shims().join("gcc"), words).dir(folder.path());
    let log = folder.path().join("log");
    let gcc = gcc.env("EMSHIM_LOG", log.as_str());
    Outcome::of(&gcc.env("EMSHIM_REPAIR", if repair { "1" } else { "0" }))
}

/// What `run` of a side module gives; a library it is linked to comes first.
fn module_results(tools: &Tools, modules: &[&Utf8Path]) -> String {
    let script = "const fs = require('fs');
        const at = (value, mutable) => new WebAssembly.Global({ value: 'i32', mutable }, value);
        const env = {
            memory: new WebAssembly.Memory({ initial: 256 }),
            __indirect_function_table: new WebAssembly.Table({ initial: 64, element: 'anyfunc' }),
            __stack_pointer: at(4096 * 16, true),
            __memory_base: at(1 << 20, false),
            __table_base: at(1, false),
            i_len: (_text, length) => length,
        };
        const got = new Proxy({}, { get: (known, name) => known[name] ??= at(0, true) });
        let run;
        for (const file of process.argv.slice(1)) {
            const module = new WebAssembly.Module(fs.readFileSync(file));
            const imports = { env, 'GOT.mem': got, 'GOT.func': got };
            const { exports } = new WebAssembly.Instance(module, imports);
            for (const [name, value] of Object.entries(exports)) {
                if (typeof value === 'function' && name in got)
                    got[name].value = env.__indirect_function_table.grow(1, value);
            }
            exports.__wasm_apply_data_relocs?.();
            Object.assign(env, exports);
            run = exports.run ?? run;
        }
        try { console.log(run()); } catch (error) { console.log(error.message); }";
    let mut words = vec!["-e", script, "--"];
    words.extend(modules.iter().map(|module| module.as_str()));
    let done = Outcome::of(&command(&tools.node, &words)).success();
    done.stdout.trim().to_owned()
}

const CALLER: &str = "void dgemv_(char*, double*);
    void dscal_(double*); double run(void) { double x = 2; dgemv_(\"N\", &x); dscal_(&x); return x; }";
const F2C: &str = "int dgemv_(char *t, double *x, int lt) { *x *= *t == 'N' ? 5 : 7; return 0; }";
const F2C_TOO: &str = "int dgemv_(char*, double*, int); static int used(void) { double x; return dgemv_(\"N\", &x, 1); }
int dscal_(double *x) { *x += 1 + 0 * used(); return 0; }";

#[test]
fn a_link_is_checked_and_repaired() {
    let tools = Tools::get();
    let folder = Folder::new();
    for (name, source) in [("caller.c", CALLER), ("dgemv.c", F2C), ("dscal.c", F2C_TOO)] {
        folder.file(name, source);
        let _ = gcc(&folder, &["-O1", "-c", name], false).success();
    }
    let ar = command(
        shims().join("ar"),
        &["rcs", "libblas.a", "dgemv.o", "dscal.o"],
    );
    let _ = Outcome::of(&ar.dir(folder.path())).success();
    for inputs in [
        &["caller.o", "dgemv.o", "dscal.o"][..],
        &["caller.o", "-L.", "-lblas"],
        &["caller.o", "libblas.a"],
        &[
            "-Wl,--whole-archive,libblas.a,--no-whole-archive",
            "caller.o",
        ],
        &["caller.c", "libblas.a"],
    ] {
        let words = [&["-shared", "-o", "x.so"], inputs].concat();
        let refused = gcc(&folder, &words, false);
        assert_eq!(refused.status, 1, "{}", refused.stderr);
        for word in [
            "dgemv_",
            "dscal_",
            "void dscal_(int)",
            "by run",
            "EMSHIM_REPAIR=1",
        ] {
            assert!(
                refused.stderr.contains(word),
                "no `{word}` in:\n{}",
                refused.stderr
            );
        }
        assert!(!refused.stderr.contains("wasm-ld"), "{}", refused.stderr);
        for place in [
            "caller.c:1",
            "caller.c:2",
            "dgemv.c:1",
            "dscal.c:2",
            "made by gcc -O1 -c dgemv.c",
        ] {
            assert!(
                refused.stderr.contains(place),
                "no `{place}` in:\n{}",
                refused.stderr
            );
        }
        let module = folder.path().join("x.so");
        assert!(!module.exists());
        let repaired = gcc(&folder, &words, true).success();
        assert!(
            repaired.stderr.contains("repaired: dscal_"),
            "{}",
            repaired.stderr
        );
        assert_eq!(module_results(&tools, &[&module]), "11", "{inputs:?}");
        std::fs::remove_file(&module).unwrap();
    }
    let blobs = folder.path().join("log/blobs");
    let kept = blobs.read_dir_utf8().unwrap().flatten().any(|blob| {
        let text = std::fs::read_to_string(blob.path()).unwrap_or_default();
        text.contains("the function never reads the lengths")
    });
    assert!(kept, "no reason in the record");
}

#[test]
fn a_prebuilt_library_whose_subroutines_return_int() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("caller.c", CALLER);
    folder.file(
        "blas.c",
        &format!(
            "{F2C}\n{}",
            F2C_TOO.replace("int dgemv_(char*, double*, int);", "")
        ),
    );
    let _ = gcc(
        &folder,
        &["-O1", "-shared", "blas.c", "-o", "libblas.so"],
        false,
    )
    .success();
    let words = ["-O1", "-shared", "caller.c", "libblas.so", "-o", "x.so"];
    let refused = gcc(&folder, &words, false);
    assert!(
        refused.stderr.contains("in libblas.so") || refused.stderr.contains("/libblas.so"),
        "{}",
        refused.stderr
    );
    let _ = gcc(&folder, &words, true).success();
    let paths = ["libblas.so", "x.so"].map(|name| folder.path().join(name));
    assert_eq!(module_results(&tools, &[&paths[0], &paths[1]]), "11");
}

#[test]
fn what_cannot_be_bridged_stops_the_link_unless_told_otherwise() {
    let folder = Folder::new();
    folder.file(
        "a.c",
        "int info_(int*); int run(void) { int i; return info_(&i); }",
    );
    folder.file("b.c", "void info_(int *i) { }");
    let words = ["-shared", "a.c", "b.c", "-o", "x.so"];
    let refused = gcc(&folder, &words, true);
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("uses the result"),
        "{}",
        refused.stderr
    );
    let warned = gcc(
        &folder,
        &[&words[..], &["-Wl,--no-fatal-warnings"]].concat(),
        false,
    );
    assert!(warned.success().stderr.contains("uses the result"));
}

/// Fortran as stock f2c translates it: SUBROUTINEs give an int, CHARACTER arguments have lengths at
/// the end, XERBLA's is read. XERRWV takes Hollerith data in an array, and is called with a string.
const LIBRARY: &str = "
      SUBROUTINE DSOLVE(UPLO, N, A, B, INFO)
      CHARACTER*1 UPLO
      INTEGER N, INFO, I, J
      DOUBLE PRECISION A(N,N), B(N)
      INFO = 0
      IF (UPLO .NE. 'U') THEN
         CALL XERBLA('DSOLVE', INFO)
         RETURN
      END IF
      DO 20 J = N, 1, -1
         B(J) = B(J) / A(J,J)
         DO 10 I = 1, J - 1
            B(I) = B(I) - B(J) * A(I,J)
   10    CONTINUE
   20 CONTINUE
      END
      SUBROUTINE XERBLA(SRNAME, INFO)
      CHARACTER*(*) SRNAME
      INTEGER INFO
      INFO = -LEN(SRNAME)
      END
      SUBROUTINE XERRWV(MSG, NMES, NERR, LEVEL, NI, I1, I2, NR, R1, R2)
      INTEGER MSG, NMES, NERR, LEVEL, NI, I1, I2, NR
      DOUBLE PRECISION R1, R2
      DIMENSION MSG(NMES)
      R2 = R1 + NMES
      END
";

/// A caller of XERRWV with 11 arguments, as f2c has it.
const STRING: &str = "
      SUBROUTINE TELL(R)
      DOUBLE PRECISION R
      CALL XERRWV('DLSODE-  T TOO FAR', 18, 1, 0, 0, 0, 0, 1, 2D0, R)
      END
";

/// C callers: as f2py declares, with lengths; as Cython's generators and OpenBLAS do, without.
const WITH_LENGTHS: &str = "extern void dsolve_(char*, int*, double*, double*, int*, int);
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    dsolve_(\"U\", &n, a, b, &info, 1); return b[0] * 100 + b[1] + info; }";
const WITHOUT: &str = "extern void dsolve_(char*, int*, double*, double*, int*);
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    dsolve_(\"U\", &n, a, b, &info); return b[0] * 100 + b[1] + info; }";
/// As f2py calls: the address in a table, called through a pointer of the declared type.
const THROUGH_A_TABLE: &str = "extern void dsolve_(char*, int*, double*, double*, int*, int);
typedef void (*function)(char*, int*, double*, double*, int*, int);
static volatile struct { const char *name; char *call; } routines[] = {{\"dsolve\", (char*)dsolve_}, {0, 0}};
double run(void) { int n = 2, info; double a[] = {2, 0, 1, 4}, b[] = {5, 8};
    ((function)routines[0].call)(\"U\", &n, a, b, &info, 1); return b[0] * 100 + b[1] + info; }";
const XERRWV: &str = "extern void xerrwv_(char*, int*, int*, int*, int*, int*, int*, int*, double*, double*);
extern void tell_(double*);
double run(void) { int i = 3; double r = 2, s, t; xerrwv_(\"abc\", &i, &i, &i, &i, &i, &i, &i, &r, &s);
    tell_(&t); return s * 100 + t; }";
const XERBLA: &str = "extern void xerbla_(char*, int*);
double run(void) { int i; xerbla_(\"DSOLVE\", &i); return i; }";

/// Translates Fortran by f2c itself and compiles what it writes.
fn stock_f2c(tools: &Tools, folder: &Folder, name: &str, source: &str) -> Utf8PathBuf {
    use provision::{Env, Silent, Store, provision_f2c};
    let store = Store::from_env().expect("a store");
    let f2c = provision_f2c(&Env::capture(), &store, None, &Silent).expect("an f2c");
    let fortran = folder.file(&format!("{name}.f"), source);
    let c = Outcome::of(&command(&f2c, &["-R"]).stdin_path(&fortran)).success();
    // What of f2c.h it needs, as stock f2c has it on a machine of 32 bits.
    let types = "typedef int integer, ftnlen; typedef double doublereal; typedef int logical;";
    let c = c.stdout.replace("#include \"f2c.h\"", types);
    tools.compile(folder, name, &c, &["-fvisibility=default", "-fPIC"])
}

#[test]
fn callers_of_fortran_as_stock_f2c_translates_it() {
    let tools = Tools::get();
    let folder = Folder::new();
    let library = stock_f2c(&tools, &folder, "library", LIBRARY);
    let string = stock_f2c(&tools, &folder, "string", STRING);
    for (name, source, answer) in [
        ("with", WITH_LENGTHS, "152"),
        ("without", WITHOUT, "152"),
        ("table", THROUGH_A_TABLE, "152"),
        ("xerrwv", XERRWV, "520"),
    ] {
        folder.file(&format!("{name}.c"), source);
        let source = format!("{name}.c");
        let words = [
            "-O1",
            "-shared",
            &source,
            library.as_str(),
            string.as_str(),
            "-o",
            "x.so",
        ];
        let found = gcc(&folder, &words, false);
        assert!(
            found.stderr.contains("SUBROUTINE"),
            "{name}: {}",
            found.stderr
        );
        let _ = gcc(&folder, &words, true).success();
        let module = folder.path().join("x.so");
        assert_eq!(module_results(&tools, &[&module]), answer, "{name}");
    }
    folder.file("xerbla.c", XERBLA);
    let words = ["-O1", "-shared", "xerbla.c", library.as_str(), "-o", "x.so"];
    let refused = gcc(&folder, &words, true);
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("reads a length"),
        "{}",
        refused.stderr
    );
}

/// The same callers need nothing with emshim's gfortran, lengths left out excepted.
#[test]
fn callers_of_fortran_as_gfortran_translates_it() {
    let tools = Tools::get();
    let folder = Folder::new();
    folder.file("library.f", LIBRARY);
    for (name, source) in [("with", WITH_LENGTHS), ("table", THROUGH_A_TABLE)] {
        folder.file(&format!("{name}.c"), source);
        let words = ["-O1", "-c", "library.f"];
        let _ =
            Outcome::of(&command(shims().join("gfortran"), &words).dir(folder.path())).success();
        let source = format!("{name}.c");
        let _ = gcc(
            &folder,
            &["-O1", "-shared", &source, "library.o", "-o", "x.so"],
            false,
        )
        .success();
        let module = folder.path().join("x.so");
        assert_eq!(module_results(&tools, &[&module]), "152", "{name}");
    }
}
