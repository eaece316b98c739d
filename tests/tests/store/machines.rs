//! Machines that people have: a system that works like Debian under another name, one that knows
//! Debian's keys of years ago, and one without apt. Their files are taken from this machine, in a
//! mount namespace; apt and all other programs are the real ones.
//!
//! What stands in for Ubuntu's archive is Debian's own: it has the packages that tell of Debian's
//! archive under the same names. That Ubuntu's have the same files is not tested here.

use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::machines::{Machine, SystemArchive, emsdk, keys};
use emshim_tests::real::{Completed, Folder, assert_says, emshim, setuptools_project};
use provision::{Env, SUITES, Silent, Store, resolve_for};
use toolcall::config::ShimConfig;

/// The target of the smaller suite, whose packages bring all libraries.
const TARGET: &str = "pyodide@0.29.5";

/// The file with the keys, in its folder.
const KEYRING: &str = "debian-archive-keyring.gpg";

/// Folders of the store for what comes from elsewhere, Debian's keys and mirrors excepted.
const GOT: &[&str] = &["debian", "pyodide", "sources", "target", "tools"];

const SETUP: &str = "from setuptools import Extension, setup
setup(ext_modules=[Extension('tiny', ['tiny.c'])], py_modules=[])
";

const EXTENSION: &str = "#include <Python.h>
static PyModuleDef def = {PyModuleDef_HEAD_INIT, \"tiny\", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&def); }
";

const PROGRAM: &str = "      PROGRAM P
      PRINT *, 'HERE', 6 * 7
      END
";

/// A folder with a project, a Fortran program and an empty store.
struct Place {
    folder: Folder,
    env: Vec<(&'static str, String)>,
}

impl Place {
    fn new() -> Self {
        let folder = Folder::new();
        folder.file("tiny/pyproject.toml", &setuptools_project("tiny"));
        folder.file("tiny/setup.py", SETUP);
        folder.file("tiny/tiny.c", EXTENSION);
        folder.file("p.f", PROGRAM);
        let home = folder.path().join("home").into_string();
        Self {
            folder,
            env: vec![("EMSHIM_HOME", home)],
        }
    }

    fn path(&self, name: &str) -> Utf8PathBuf {
        self.folder.path().join(name)
    }

    /// Gives it an emsdk and a Python with headers of its own, which were provisioned under other
    /// names. PATH has a link to the Python.
    fn with_toolchain(mut self) -> Self {
        let shims = only_folder(&provisioned().0.path("home/shims"));
        let config = ShimConfig::load(&shims).expect("a configuration");
        let of = &config.emscripten;
        let sdk = emsdk(&self.folder, &of.root, &of.llvm_bin, &config.node);
        self.set("EMSDK", sdk.as_str());
        let bin = self.path("python");
        std::fs::create_dir(&bin).expect("a folder");
        let python = bin.join(format!("python{}", config.python));
        std::os::unix::fs::symlink(&config.host_python, python).expect("a link");
        let path = std::env::var("PATH").expect("PATH");
        self.set("PATH", &format!("{bin}:{path}"));
        self
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.env.push((name, value.to_owned()));
    }

    fn run(&self, machine: &Machine, words: &[&str]) -> Completed {
        let binary = emshim();
        let words = [&[binary.as_str()], words].concat();
        let env: Vec<_> = self.env.iter().map(|(n, v)| (*n, v.as_str())).collect();
        machine.run(&words, &env)
    }

    fn build(&self, machine: &Machine, target: &str) -> Completed {
        let (source, out) = (self.path("tiny"), self.path("out"));
        let words = ["build", source.as_str(), "-o", out.as_str()];
        self.run(machine, &[&words[..], &["--target", target]].concat())
    }

    /// Compiles and links the Fortran program and runs it.
    fn fortran(&self, machine: &Machine) -> Completed {
        let script = format!(
            "cd '{}' && gfortran p.f -o p.js && node p.js",
            self.folder.path()
        );
        let words = ["exec", "--target", TARGET, "--", "sh", "-c", &script];
        self.run(machine, &words)
    }

    /// Folders of the store that hold something: a folder with a stamp, or any file.
    fn store(&self) -> Vec<String> {
        let entries = self.path("home").read_dir_utf8();
        let mut names: Vec<_> = entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| has_files(entry.path()))
            .map(|entry| entry.file_name().to_owned())
            .collect();
        names.sort();
        names
    }
}

/// Whether a folder has something that is neither hidden nor an empty folder.
fn has_files(folder: &Utf8Path) -> bool {
    let entries = folder.read_dir_utf8();
    let mut entries = entries.into_iter().flatten().flatten();
    entries.any(|entry| {
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        !entry.file_name().starts_with('.') && (!folder || has_files(entry.path()))
    })
}

/// The only folder in one that is not hidden.
fn only_folder(folder: &Utf8Path) -> Utf8PathBuf {
    let entries = folder.read_dir_utf8().expect("a folder").flatten();
    let plain: Vec<_> = entries
        .filter(|entry| !entry.file_name().starts_with('.'))
        .collect();
    assert_eq!(plain.len(), 1, "{folder}: {plain:?}");
    plain[0].path().to_owned()
}

/// A place where a build has provisioned everything, on a system of another name than Debian, and
/// what it said.
fn provisioned() -> &'static (Place, String) {
    static PLACE: OnceLock<(Place, String)> = OnceLock::new();
    PLACE.get_or_init(|| {
        let place = Place::new();
        let machine = Machine::like_debian(Some(&SystemArchive::debian()));
        let done = place.build(&machine, TARGET).success();
        (place, done.stderr)
    })
}

#[test]
fn a_system_of_another_name_gets_debians_keys_and_mirrors_from_its_own_archive() {
    let (place, said) = provisioned();
    let order = [
        "getting the keys of Debian's archive",
        "getting the addresses of Debian's mirrors",
        "downloading Pyodide",
        "downloading Emscripten",
        "importing it in Pyodide",
    ];
    let places: Vec<_> = order.iter().map(|step| said.find(step)).collect();
    assert!(
        places.is_sorted() && places[0].is_some(),
        "{places:?}\n{said}"
    );
    // Once they are there, the system's archive is not asked again.
    let again = place.build(&Machine::like_debian(None), TARGET).success();
    assert!(!again.stderr.contains("getting"), "{}", again.stderr);
}

#[test]
fn what_cannot_be_had_is_said_before_anything_is_downloaded() {
    let archive = SystemArchive::debian();
    let mut other_emcc = Place::new().with_toolchain();
    other_emcc.env.retain(|(name, _)| *name != "PATH");
    let mut mirror = Place::new();
    mirror.set("EMSHIM_DEBIAN_MIRROR", "http://mirror.invalid/debian");
    let mut no_mirror = Machine::like_debian(None);
    let known = Folder::new();
    std::fs::write(known.path().join(KEYRING), keys("keyring")).expect("a keyring");
    no_mirror.mount(known.path().to_owned(), "/usr/share/keyrings");
    let mut no_npm = Machine::like_debian(Some(&archive));
    no_npm.hide(&["npm"]);
    let cases: [(&str, Place, Machine, &str, &[&str]); 5] = [
        (
            "no apt",
            Place::new(),
            Machine::without_apt(),
            TARGET,
            &[
                "Emscripten and Python 3.13",
                "`dpkg` is not on PATH",
                "EMSDK",
            ],
        ),
        (
            "no keys",
            mirror,
            Machine::like_debian(None),
            TARGET,
            &[
                "keys of Debian's archive",
                "install the package debian-archive-keyring",
            ],
        ),
        (
            "no mirror",
            Place::new(),
            no_mirror,
            TARGET,
            &["addresses of Debian's mirrors", "EMSHIM_DEBIAN_MIRROR"],
        ),
        (
            "no npm",
            Place::new(),
            no_npm,
            TARGET,
            &["`npm` is not on PATH"],
        ),
        (
            "another emcc",
            other_emcc,
            Machine::without_apt(),
            "pyodide@0.27.7",
            &["3.1.58", "emsdk install"],
        ),
    ];
    for (name, place, machine, target, says) in cases {
        let done = place.build(&machine, target);
        assert_eq!(done.status, 1, "{name}: {}", done.stderr);
        assert_says(&done.stderr, says);
        let store = place.store();
        let got = store.iter().find(|folder| GOT.contains(&folder.as_str()));
        assert_eq!(got, None, "{name}: {store:?}");
    }
}

#[test]
fn keys_of_years_ago_lead_to_those_of_today() {
    let place = Place::new().with_toolchain();
    // Debian 12's release key alone has signed no later release.
    let old = place.folder.file("keyrings/none", "").with_file_name("");
    std::fs::write(old.join(KEYRING), keys("bookworm-stable")).expect("a keyring");
    let mut machine = Machine::named(&std::fs::read_to_string("/etc/os-release").unwrap());
    machine.mount(old, "/usr/share/keyrings");
    machine.hide(&["f2c"]);
    let done = place.fortran(&machine).success();
    assert_says(&done.stdout, &["HERE", "42"]);
    assert_says(&done.stderr, &["getting newer keys of Debian's archive"]);
}

#[test]
fn a_machine_without_apt_needs_an_emsdk_and_a_python_alone() {
    let mut place = Place::new().with_toolchain();
    let mut machine = Machine::without_apt();
    machine.hide(&["f2c"]);
    let done = place.build(&machine, TARGET).success();
    assert_says(&done.stderr, &["from EMSDK", "importing it in Pyodide"]);
    assert!(!done.stderr.contains("Fortran"), "{}", done.stderr);
    for folder in ["debian", "archive", "sources", "fortran"] {
        assert!(!place.store().contains(&folder.to_owned()), "{folder}");
    }
    let doctor = place
        .run(&machine, &["doctor", "--target", TARGET])
        .success();
    assert_says(
        &doctor.stdout,
        &["optional   libgfortran", "EMSHIM_SOURCES"],
    );
    let refused = place.fortran(&machine);
    assert_ne!(refused.status, 0);
    let says = ["gfortran: error", "`dpkg` is not on PATH", "EMSHIM_SOURCES"];
    assert_says(&refused.stderr, &says);
    let sources = only_folder(&provisioned().0.path("home/sources"));
    place.set("EMSHIM_SOURCES", sources.as_str());
    let done = place.fortran(&machine).success();
    assert_says(&done.stdout, &["HERE", "42"]);
}

#[test]
fn every_suite_has_its_packages_for_every_architecture() {
    let (env, store) = (Env::capture(), Store::from_env().expect("a store"));
    for suite in SUITES {
        for architecture in ["amd64", "arm64"] {
            let folder = Folder::new();
            let found = resolve_for(&env, &store, suite, architecture, folder.path(), &Silent);
            let found = found.unwrap_or_else(|e| panic!("{} {architecture}: {e}", suite.name));
            eprintln!("{} for {architecture}: {found:?}", suite.name);
            // Emscripten with LLVM and a Python is that much, whatever the processor.
            assert!(
                found.packages > 60 && found.bytes > 150_000_000,
                "{found:?}"
            );
        }
    }
    let folder = Folder::new();
    let error = resolve_for(&env, &store, &SUITES[0], "riscv64", folder.path(), &Silent);
    assert_says(&error.unwrap_err().to_string(), &["riscv64"]);
}
