//! Which platform tags Pyodide releases take, asked of their own micropip, and builds for several
//! releases at once.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{Completed, Folder, assert_says, command, emshim, setuptools_project};
use provision::{Env, Silent, Store};
use pyodide_wheel::import_check::{Check, CheckError, Verdict, import_check};
use pyodide_wheel::runner::Runner;
use pyodide_wheel::tags::PlatformTags;
use pyodide_wheel::target::{Lock, Target, TargetName};
use pyodide_wheel::wheel::WheelName;

/// Releases on both sides of each change, the oldest and the newest series included.
const RELEASES: &[&str] = &["0.27.7", "0.28.3", "0.29.3", "0.29.5", "314.0.7"];

/// A wheel of this name, with nothing in it that depends on a platform.
fn wheel(folder: &Utf8Path, name: &WheelName) -> Utf8PathBuf {
    let script = "import sys, zipfile
path, tag = sys.argv[1:]
with zipfile.ZipFile(path, 'w') as z:
    z.writestr('demo.py', 'x = 1\\n')
    info = 'demo-1.0.dist-info/'
    z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n')
    z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: false\\nTag: %s\\n' % tag)
    z.writestr(info + 'RECORD', '')";
    let path = folder.join(name.to_string());
    let tag = name.tags().next().expect("a tag");
    let _ = Completed::of(&command("python3", &["-c", script, path.as_str(), &tag])).success();
    path
}

/// The rule that names wheels is what micropip does, in every release, for both spellings.
#[test]
fn each_releases_own_micropip_takes_the_tags_that_its_wheels_get() {
    let store = Store::from_env().expect("a store");
    let node = provision::find_node(&Env::capture()).expect("node").exe;
    let env = std::env::vars_os().collect();
    // An address takes none of this as it stands.
    let folder = Folder::new();
    let odd = folder.path().join("a %41 b#c?d");
    std::fs::create_dir(&odd).unwrap();
    for release in RELEASES {
        let pyodide = provision::provision_pyodide(&store, release, &Silent).expect("Pyodide");
        let lock = Lock::read(&pyodide.root).unwrap();
        let name = TargetName::parse(&format!("pyodide@{release}")).unwrap();
        let target = Target::from_lock(name, &lock).unwrap();
        let tags = PlatformTags::new(&target, &lock);
        let packages = lock.micropip.iter();
        let packages: Vec<_> = packages
            .map(|p| (p.name.clone(), p.version.clone()))
            .collect();
        let python = target.abi.python;
        let micropip = provision::provision_micropip(&store, &packages, python, &Silent);
        let micropip = micropip.expect("micropip");
        let runner = Runner {
            node: node.clone(),
            pyodide: pyodide.root,
        };
        for spelling in ["pyemscripten", "pyodide"] {
            let (cp, abi) = (target.python_tag(), target.abi.name);
            let file = format!("demo-1.0-{cp}-{cp}-{spelling}_{abi}_wasm32.whl");
            let name = WheelName::parse(&file).unwrap();
            let wheel = wheel(&odd, &name);
            let site = tempfile::tempdir_in(folder.path()).unwrap();
            let done = import_check(Check {
                runner: &runner,
                wheel: &wheel,
                site: Utf8Path::from_path(site.path()).unwrap(),
                micropip: Some(&micropip),
                env: &env,
            });
            match done {
                Ok(checked) => {
                    assert!(tags.takes(&name), "{release} takes {file}");
                    let of_demo = checked.iter().filter(|c| c.module == "demo");
                    assert!(of_demo.map(|c| &c.verdict).eq([&Verdict::Imported]));
                }
                Err(CheckError::Refused(why)) => {
                    assert!(!tags.takes(&name), "{release} refuses {file}: {why}");
                    assert_says(&why, &["ValueError", "Emscripten"]);
                }
                Err(error) => panic!("{release}, {file}: {error}"),
            }
        }
    }
}

const EXTENSION: &str = "#include <Python.h>
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"tiny\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&def); }
";

#[test]
fn several_targets_give_a_wheel_each_and_one_that_fails_stops_none() {
    let folder = Folder::new();
    folder.file("pyproject.toml", &setuptools_project("tiny"));
    let setup = "from setuptools import Extension, setup
setup(ext_modules=[Extension('tiny', ['tiny.c'])], py_modules=[])";
    folder.file("setup.py", setup);
    folder.file("tiny.c", EXTENSION);
    // An address of a release that is none, between two that share a toolchain.
    let targets = "pyodide@0.29.5, pyodide@0.29.99,pyodide@0.29.5";
    let build = command(emshim(), &["build", "--json", "--target", "pyodide@0.28.3"]);
    let build = build.env("EMSHIM_LOG", "own-log").dir(folder.path());
    let several = command(emshim(), &["build", "--json"]).env("EMSHIM_TARGET", targets);
    let several = Completed::of(&several.dir(folder.path()));
    assert_eq!(several.status, 1, "{}", several.stderr);
    let results: serde_json::Value = serde_json::from_str(&several.stdout).unwrap();
    let results = results.as_array().expect("a list");
    assert_eq!(results.len(), 2, "each target once: {}", several.stdout);
    let wheel = folder.path().join("dist");
    let wheel = |tag: &str| wheel.join(format!("tiny-1.0-cp313-cp313-{tag}_2025_0_wasm32.whl"));
    assert_eq!(results[0]["wheel"], wheel("pyemscripten").as_str());
    assert!(
        results[1]["error"]
            .as_str()
            .is_some_and(|e| e.contains("0.29.99"))
    );
    assert_says(&several.stderr, &["failed  pyodide@0.29.99"]);

    // The tag that its micropip takes, and the output where the records are.
    let one = Completed::of(&build).success();
    let one: serde_json::Value = serde_json::from_str(&one.stdout).unwrap();
    assert_eq!(one["wheel"], wheel("pyodide").as_str());
    assert!(wheel("pyemscripten").exists() && wheel("pyodide").exists());
    let log = folder.path().join("own-log");
    let output = log.read_dir_utf8().unwrap().flatten();
    let is_output = |name: &str| name.starts_with("build-") && name.ends_with(".log");
    assert!(output.into_iter().any(|entry| is_output(entry.file_name())));
    assert!(log.join("records.jsonl").exists());

    // What the older release takes, it is given; what it does not, it refuses by name.
    let run = |wheel: &Utf8Path| {
        let words = [
            "run",
            "--target",
            "pyodide@0.28.3",
            "--with",
            wheel.as_str(),
        ];
        Completed::of(&command(
            emshim(),
            &[&words[..], &["-c", "import tiny"]].concat(),
        ))
    };
    let _ = run(&wheel("pyodide")).success();
    let refused = run(&wheel("pyemscripten"));
    assert_ne!(refused.status, 0);
    assert_says(
        &refused.stderr,
        &["micropip is 0.10.1", "pyodide_2025_0_wasm32"],
    );
}
