//! `emshim farm`: a graph three deep by Snakemake, killed, failing, run again and changed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{
    Completed, Folder, assert_says, command, emshim, setuptools_project, target,
};
use emshim_tests::shim_folder::ended;
use emshim_tests::tidy::root;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

/// A project whose module adds its own number to those of the modules it needs; `end` closes its source.
pub(crate) fn project(folder: &Folder, name: &str, needs: &[&str], number: u32, end: &str) {
    let dependencies = format!("dependencies = {needs:?}\n");
    let toml = setuptools_project(name) + &dependencies;
    folder.file(&format!("{name}/pyproject.toml"), &toml);
    let setup = format!(
        "from setuptools import Extension, setup\n\
         setup(ext_modules=[Extension('{name}', ['{name}.c'])], py_modules=[])\n"
    );
    folder.file(&format!("{name}/setup.py"), &setup);
    let add = |need: &&str| {
        format!(
            "PyObject *{need} = PyImport_ImportModule(\"{need}\");\n\
             if (!{need}) return NULL;\n\
             sum += PyLong_AsLong(PyObject_CallMethod({need}, \"value\", NULL));\n"
        )
    };
    let add: String = needs.iter().map(add).collect();
    let source = format!(
        "#include <Python.h>\n\
         static PyObject *value(PyObject *self, PyObject *none) {{\nlong sum = {number};\n{add}\
         return PyLong_FromLong(sum);\n}}\n\
         static PyMethodDef methods[] = {{{{\"value\", value, METH_NOARGS, \"\"}}, {{0}}}};\n\
         static PyModuleDef def = {{PyModuleDef_HEAD_INIT, \"{name}\", NULL, -1, methods}};\n\
         PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&def){end}\n"
    );
    folder.file(&format!("{name}/{name}.c"), &source);
}

const LIST: &str =
    "packages = ['./low', './mid', './top', './broken', './above', './half', './nowhere']
[settings.top]
test-command = \"python -c 'import top; assert top.value() == 111'\"
";

pub(crate) struct Farm(pub(crate) Folder);

impl Farm {
    pub(crate) fn command(&self, words: &[&str]) -> Completed {
        let words = [&["farm"], words].concat();
        Completed::of(&command(emshim(), &words).dir(self.0.path().as_str()))
    }

    pub(crate) fn file(&self, kind: &str, name: &str, suffix: &str) -> Utf8PathBuf {
        let folder = self.0.path().join("farm").join(kind);
        folder
            .join(target().name.to_string())
            .join(format!("{name}{suffix}"))
    }

    fn result(&self, name: &str) -> Utf8PathBuf {
        self.file("results", name, ".json")
    }

    /// When each job was last carried out.
    fn times(&self, names: &[&str]) -> Vec<SystemTime> {
        let time = |name: &&str| fs::metadata(self.result(name)).and_then(|m| m.modified());
        names
            .iter()
            .map(|name| time(name).expect("a result"))
            .collect()
    }

    /// What the page's data say of each package: result, tests, first cause.
    pub(crate) fn status(&self) -> Vec<[String; 4]> {
        let text = fs::read(self.0.path().join("farm/status.json")).expect("a status");
        let rows: Vec<Value> = serde_json::from_slice(&text).expect("JSON");
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| ["package", "result", "tests", "cause"].map(|key| text(row, key)))
            .collect()
    }
}

pub(crate) fn wait_for(path: &Utf8Path) {
    let began = Instant::now();
    while !path.exists() {
        assert!(began.elapsed() < Duration::from_secs(600), "no {path}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_farm_goes_on_after_failures_and_kills_and_builds_what_changed() {
    let folder = Folder::new();
    for (name, needs, number, end) in [
        ("low", &[][..], 1, "; }"),
        ("mid", &["low"], 10, "; }"),
        ("top", &["mid"], 100, "; }"),
        ("broken", &[], 0, " }"),
        ("above", &["broken"], 0, "; }"),
        ("half", &[], 0, " }"),
    ] {
        project(&folder, name, needs, number, end);
    }
    let setup = "from setuptools import Extension, setup\n\
                 setup(ext_modules=[Extension('half', ['half.c'], optional=True)], py_modules=['python'])\n";
    folder.file("half/setup.py", setup);
    folder.file("half/python.py", "");
    folder.file("farm.toml", LIST);
    let farm = Farm(folder);

    // Killed with all that it started, while its second job runs.
    let mut killed = Command::new(emshim());
    killed
        .args(["farm", "--package", "top", "--jobs", "1"])
        .current_dir(farm.0.path());
    killed
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut killed = killed.process_group(0).spawn().expect("a farm");
    wait_for(&farm.file("logs", "mid", ".log"));
    kill_process_group(Pid::from_child(&killed), Signal::KILL).expect("a sent signal");
    let _ = ended(&mut killed);
    let first = farm.times(&["low"]);
    assert!(!farm.result("mid").exists());

    // It goes on where it was, and with what does not need what fails.
    let done = farm.command(&[]);
    assert_eq!(done.status, 1, "{}", done.stderr);
    assert_eq!(farm.times(&["low"]), first, "it was built before the kill");
    let says = |row: [&str; 4]| row.map(str::to_owned);
    let missing = format!("there is no {}/nowhere", farm.0.path());
    let mut status = farm.status();
    let nowhere = status.pop().filter(|row| row[0] == "top");
    assert_eq!(nowhere, Some(says(["top", "built", "passed", ""])));
    let nowhere = status.pop().expect("nowhere");
    assert!(
        nowhere[1] == "failed" && nowhere[3].starts_with(&missing),
        "{nowhere:?}"
    );
    let at = status.iter().position(|row| row[0] == "half");
    let half = status.remove(at.expect("half"));
    assert_eq!(half[1..3], ["no modules", "imported only"]);
    assert!(half[3].ends_with("half.o could not be made"), "{half:?}");
    let broken = "broken.c:8:66: error: expected ';' after return statement";
    let expected = [
        [
            "above",
            "not built",
            "",
            "needs broken, of which there is no wheel",
        ],
        ["broken", "failed", "", broken],
        ["low", "built", "imported only", ""],
        ["mid", "built", "imported only", ""],
    ];
    assert_eq!(status, expected.map(says));
    let page = fs::read_to_string(farm.0.path().join("farm/index.html")).expect("a page");
    let target = target().name.to_string();
    assert_says(
        &page,
        &["3 of 7 built", &format!("logs/{target}/broken.log")],
    );
    let lock = farm.file("index", "pyodide-lock", ".json");
    let lock: Value = serde_json::from_slice(&fs::read(lock).expect("a lock file")).expect("JSON");
    assert_eq!(
        lock["packages"]["top"]["depends"],
        serde_json::json!(["mid"])
    );

    // A source with another file, of which the same wheel comes: only it is built.
    let all = ["low", "mid", "top"];
    let before = farm.times(&all);
    farm.0.file("low/NOTES", "not in the wheel");
    let done = farm.command(&["--package", "top"]).success();
    assert_says(
        &done.stderr,
        &["low: built in", "mid: as before", "top: as before"],
    );
    let after = farm.times(&all);
    assert!(after[0] > before[0] && after[1..] == before[1..]);

    // Nothing changed: nothing runs. The matrix has a row for what is built together.
    let done = farm.command(&["--package", "top"]).success();
    assert!(!done.stderr.contains("low:"), "{}", done.stderr);
    let matrix = farm
        .command(&["--package", "top", "--github"])
        .success()
        .stdout;
    let matrix: Value = serde_json::from_str(&matrix).expect("JSON");
    let packages = "--package=low --package=mid --package=top";
    let row = serde_json::json!({"name": "low", "target": target, "packages": packages});
    assert_eq!(matrix, serde_json::json!({"include": [row]}));
}

/// The list that ships with the documentation has what its first lines say.
#[test]
fn the_list_that_ships_is_of_pyodides_own_packages() {
    let list = fs::read_to_string(root().join("docs/farm/pyodide.toml")).expect("the list");
    let names: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(names.len(), 100);
    let show = "import json, pyodide_js; print(json.dumps([n for n, p in \
                pyodide_js.lockfile.packages.to_py().items() if p['file_name'].endswith('wasm32.whl')]))";
    let said = command(emshim(), &["run", "-c", show]);
    let said = Completed::of(&said).success().stdout;
    let own: BTreeSet<String> = serde_json::from_str(&said).expect("a list of names");
    let others = names.iter().filter(|name| !own.contains(**name));
    assert_eq!(others.count(), 0);
}
