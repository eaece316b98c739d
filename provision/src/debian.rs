//! Emscripten and a host Python from a Debian suite's packages, unpacked into the store.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use disk::later;

use crate::apt::Programs;
use crate::command::{Command, Log};
use crate::find::{self, PYTHON_PROBE};
use crate::machine::Env;
use crate::packages::Packages;
use crate::store::{Slot, Stamp, State, Work, disk_usage, remove_tree, write_whole};
use crate::suites::{CORRECTIONS, KEPT, LEFT_OUT, Suite};
use crate::{Emscripten, Error, HostPython, Origin, Progress, Store, elf, tools};

/// Emscripten's folder below an unpacked suite.
const EMSCRIPTEN: &str = "usr/share/emscripten";

/// Emscripten's configuration, which is written again where the machine's node has moved.
const CONFIG_FILE: &str = "usr/share/emscripten/.emscripten";

const BROKEN: &str = "remove the suite's folder and run the same command again";

/// An Emscripten from a suite, unpacked into the store unless it is there already.
///
/// # Errors
/// Node is missing, this is not a Debian machine, the mirror does not answer, or the disk is full.
pub fn provision_emscripten(
    store: &Store,
    suite: &Suite,
    progress: &dyn Progress,
) -> Result<Emscripten, Error> {
    let env = Env::capture();
    let node = find::find_node(&env)?;
    let (tree, versions) = provision(&env, store, suite, progress)?;
    tree.configure(&node.exe)?;
    Ok(Emscripten {
        env: vec![
            ("EMSDK_PYTHON".to_owned(), tree.any_python(&versions)),
            // Emscripten 3.1's launcher prefers a user's PYTHON to EMSDK_PYTHON.
            ("PYTHON".to_owned(), tree.any_python(&versions)),
            ("EM_CONFIG".to_owned(), tree.config().into_string()),
            // Its check clears the cache of system libraries when the configuration has changed,
            // as it does when the machine's node moves (`check_sanity` in `tools/shared.py`).
            ("EMCC_SKIP_SANITY_CHECK".to_owned(), "1".to_owned()),
        ],
        root: tree.emscripten(),
        cache: tree.emscripten().join("cache"),
        llvm_bin: llvm(&tree.root)?.join("bin"),
        origin: tree.origin(),
        version: versions.emscripten,
    })
}

/// A host Python of a suite, of a minor version such as `3.14`; it shares the suite's folder with
/// Emscripten.
///
/// # Errors
/// As [`provision_emscripten`], node excepted; or the suite has dropped that version.
pub fn provision_python(
    store: &Store,
    suite: &Suite,
    minor: &str,
    progress: &dyn Progress,
) -> Result<HostPython, Error> {
    let (tree, versions) = provision(&Env::capture(), store, suite, progress)?;
    if !versions.pythons.contains_key(minor) {
        return Err(Error::Missing {
            what: format!("Python {minor}"),
            why: format!("is not in Debian {} any more", suite.name),
            remedy: format!("install python{minor} with its headers and put it in PATH"),
        });
    }
    let exe = tree.python(minor);
    Command::new(&exe, "", "")
        .args(["-c", PYTHON_PROBE])
        .query()
        .and_then(|answer| find::host_python(&exe, &answer, tree.origin()))
        .ok_or_else(|| Error::Invalid {
            path: exe.to_string(),
            why: "does not work, or lacks its headers".to_owned(),
            remedy: format!("remove {} and run the same command again", tree.root),
        })
}

/// The f2c of a suite that is unpacked in the store; nothing is provisioned.
pub(crate) fn f2c(store: &Store, suite: &Suite) -> Option<Utf8PathBuf> {
    let (root, _) = look(store, suite)?;
    Some(root.join("usr/bin/f2c"))
}

/// The versions a finished suite holds, if it is there; nothing is provisioned.
pub(crate) fn look(store: &Store, suite: &Suite) -> Option<(Utf8PathBuf, Versions)> {
    let slot = slot(store, suite);
    match slot.state() {
        State::Ready(stamp) => Some((slot.folder().to_owned(), Versions::of(&stamp)?)),
        State::Moved(_) | State::Absent => None,
    }
}

/// Versions found in an unpacked suite, kept in its stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    pub emscripten: String,
    /// Full versions of its Pythons, by minor version.
    pub pythons: BTreeMap<String, String>,
    pub clang: String,
}

/// What a Python's minor version follows in the stamp's table.
const PYTHON: &str = "python";

impl Versions {
    fn of(stamp: &Stamp) -> Option<Self> {
        let version = |of: &str| stamp.versions.get(of).cloned();
        let python = |(name, version): (&String, &String)| {
            Some((name.strip_prefix(PYTHON)?.to_owned(), version.clone()))
        };
        Some(Self {
            emscripten: version("emscripten")?,
            pythons: stamp.versions.iter().filter_map(python).collect(),
            clang: version("clang")?,
        })
    }

    fn table(&self) -> BTreeMap<String, String> {
        let python =
            |(minor, version): (&String, &String)| (format!("{PYTHON}{minor}"), version.clone());
        let mut table: BTreeMap<_, _> = self.pythons.iter().map(python).collect();
        table.insert("emscripten".to_owned(), self.emscripten.clone());
        table.insert("clang".to_owned(), self.clang.clone());
        table
    }
}

fn provision<'a>(
    env: &Env,
    store: &Store,
    suite: &'a Suite,
    progress: &dyn Progress,
) -> Result<(Tree<'a>, Versions), Error> {
    let slot = slot(store, suite);
    let stamp = match slot.state() {
        State::Ready(stamp) => stamp,
        State::Moved(_) | State::Absent => {
            let work = slot.lock(progress)?;
            make(env, store, suite, &slot, &work, progress)
                .map_err(|e| e.or_disk_full(slot.folder(), &what(suite), suite.disk))?
        }
    };
    let tree = Tree {
        root: slot.folder().to_owned(),
        suite,
    };
    // Where it cannot be written, Emscripten builds nothing into it either.
    for file in later::follow(&tree.root, BUILT_LATER, SETTLED).unwrap_or_default() {
        progress.note(&format!(
            "warning: {}/{file} is not what Emscripten put there: removed, and Emscripten makes it again \
             for the next link that needs it",
            tree.root
        ));
    }
    let versions = Versions::of(&stamp).ok_or_else(|| Error::Invalid {
        path: tree.root.to_string(),
        why: "its stamp lacks a version".to_owned(),
        remedy: BROKEN.to_owned(),
    })?;
    Ok((tree, versions))
}

/// How the suite is called in messages.
fn what(suite: &Suite) -> String {
    format!(
        "Emscripten {} and Python {} (Debian {})",
        suite.emscripten,
        suite.pythons.join(", "),
        suite.name
    )
}

pub(crate) fn slot(store: &Store, suite: &Suite) -> Slot {
    let lists = suite.packages.iter().chain(suite.pythons).copied();
    let rows = LEFT_OUT.iter().chain(KEPT).map(|row| row.pattern);
    let corrections = CORRECTIONS.iter().flat_map(|c| [c.file, c.wrong, c.right]);
    let parts = std::iter::once(suite.emscripten)
        .chain(lists)
        .chain(corrections)
        .chain(rows)
        .chain([CONFIG]);
    Slot::new(&store.debian(), suite.name, what(suite), parts).rewrites(&[CONFIG_FILE])
}

/// Makes the suite's folder, under its lock.
fn make(
    env: &Env,
    store: &Store,
    suite: &Suite,
    slot: &Slot,
    work: &Work<'_>,
    progress: &dyn Progress,
) -> Result<Stamp, Error> {
    let state = slot.state();
    if let State::Ready(stamp) = state {
        // Another process made it while this one waited for the lock.
        return Ok(stamp);
    }
    let downloads = slot.sibling("apt");
    let log = Log::create(&store.log(), suite.name)?;
    let programs = Programs::find(env)?;
    let what = what(suite);
    let pythons: Vec<_> = suite
        .pythons
        .iter()
        .map(|minor| Suite::python_packages(minor))
        .collect();
    let packages = Packages {
        store,
        suite,
        names: suite.packages,
        optional: &pythons,
        what: &what,
        disk: suite.disk,
        left_out: LEFT_OUT,
    };
    if state == State::Absent {
        packages.require_space(slot.folder(), disk_usage(&downloads))?;
    }
    let patchelf = tools::provision_patchelf(env, store, progress)?;
    let adjust = |root: &Utf8Path| {
        let llvm = llvm(root)?;
        let llvm = llvm.strip_prefix(root).unwrap_or(&llvm);
        let layout = elf::Layout {
            root,
            place: slot.folder(),
            programs: &["usr/bin".into(), llvm.join("bin")],
            libraries: &[
                Utf8Path::new("usr/lib").join(programs.architecture.triplet),
                llvm.join("lib"),
            ],
            architecture: programs.architecture,
        };
        progress.step("adjusting the unpacked programs", || {
            elf::patch(&layout, &patchelf, &log, progress)
        })
    };
    if let State::Moved(_) = state {
        adjust(slot.folder())?;
    } else {
        let staging = work.staging()?;
        packages.unpack(env, &programs, &downloads, staging, &log, progress)?;
        adjust(staging)?;
        correct(staging, &log)?;
        work.place()?;
    }
    let tree = Tree {
        root: slot.folder().to_owned(),
        suite,
    };
    let versions = tree.try_programs(&log)?;
    if versions.emscripten != suite.emscripten {
        progress.note(&format!(
            "Debian {} has gone on: it holds Emscripten {}, not {}",
            suite.name, versions.emscripten, suite.emscripten
        ));
    }
    tree.install_sysroot(env, &versions, &log)?;
    remove_tree(&downloads)?;
    work.finish(versions.table())
}

/// Corrects known mistakes in an unpacked suite.
fn correct(root: &Utf8Path, log: &Log) -> Result<(), Error> {
    for correction in CORRECTIONS {
        let path = root.join(correction.file);
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if text.contains(correction.wrong) {
            let text = text.replace(correction.wrong, correction.right);
            fs::write(&path, text).map_err(Error::io("write", &path))?;
            log.line(&format!("corrected {}", correction.file));
        }
    }
    Ok(())
}

/// The folder of the LLVM that Emscripten uses in an unpacked suite: the newest that has a linker.
/// Its name carries LLVM's major version, with which a suite that rolls goes on.
fn llvm(root: &Utf8Path) -> Result<Utf8PathBuf, Error> {
    let folder = root.join("usr/lib");
    let number = |path: &Utf8Path| path.file_name()?.strip_prefix("llvm-")?.parse::<u32>().ok();
    let entries = folder.read_dir_utf8().map_err(Error::io("read", &folder))?;
    entries
        .flatten()
        .map(camino::Utf8DirEntry::into_path)
        .filter(|path| path.join("bin/wasm-ld").exists())
        .max_by_key(|path| number(path))
        .ok_or_else(|| Error::Invalid {
            path: folder.to_string(),
            why: "holds no LLVM with a linker for WebAssembly".to_owned(),
            remedy: BROKEN.to_owned(),
        })
}

/// An unpacked suite in its final place.
struct Tree<'a> {
    root: Utf8PathBuf,
    suite: &'a Suite,
}

impl Tree<'_> {
    fn python(&self, minor: &str) -> Utf8PathBuf {
        self.root.join(format!("usr/bin/python{minor}"))
    }

    /// A Python to run Emscripten's scripts: of the suite's own, or the one they depend on.
    fn any_python(&self, versions: &Versions) -> String {
        let minor = versions.pythons.keys().next();
        self.python(minor.map_or("3", String::as_str)).into_string()
    }

    fn emscripten(&self) -> Utf8PathBuf {
        self.root.join(EMSCRIPTEN)
    }

    /// Emscripten's configuration. It lies in Emscripten's own folder, because tools that clear the
    /// environment lose `EM_CONFIG`.
    fn config(&self) -> Utf8PathBuf {
        self.root.join(CONFIG_FILE)
    }

    fn origin(&self) -> Origin {
        Origin::Debian {
            suite: self.suite.name.to_owned(),
        }
    }

    /// Runs the unpacked programs and tells their versions.
    fn try_programs(&self, log: &Log) -> Result<Versions, Error> {
        let run = |program: Utf8PathBuf, args: &[&str]| {
            Command::new(&program, "trying the unpacked programs", BROKEN)
                .args(args)
                .output(log)
        };
        let file = self.emscripten().join("emscripten-version.txt");
        let text = fs::read_to_string(&file).map_err(Error::io("read", &file))?;
        let emscripten = find::emcc_version(text.trim().trim_matches('"'));
        let clang = run(llvm(&self.root)?.join("bin/clang"), &["-dumpversion"])?;
        let mut pythons = BTreeMap::new();
        for minor in self.suite.pythons {
            let exe = self.python(minor);
            if exe.exists() {
                let answer = run(exe, &["-c", PYTHON_PROBE])?;
                let version = answer.lines().next().unwrap_or_default();
                pythons.insert((*minor).to_owned(), version.to_owned());
            }
        }
        Ok(Versions {
            emscripten: emscripten.ok_or_else(|| Error::Invalid {
                path: file.to_string(),
                why: "does not hold a version".to_owned(),
                remedy: BROKEN.to_owned(),
            })?,
            pythons,
            clang: clang.trim().to_owned(),
        })
    }

    /// Writes Emscripten's configuration, unless it is as it should be: the machine's node may
    /// have moved since the suite was unpacked.
    fn configure(&self, node: &Utf8Path) -> Result<(), Error> {
        let path = self.config();
        let cache = self.emscripten().join("cache");
        let text = emscripten_config(&[
            ("llvm", llvm(&self.root)?.join("bin")),
            ("binaryen", self.root.join("usr")),
            ("node", node.to_owned()),
            ("cache", cache.clone()),
        ]);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(());
        }
        // Where it is not there, Emscripten could not write to it, by the configuration above.
        fs::create_dir_all(&cache).map_err(Error::io("create", &cache))?;
        write_whole(&path, text.as_bytes())
    }

    /// Installs the target's headers where the packages bring none. Emscripten does so itself when a
    /// compile first goes through `emcc`, which direct ones do not.
    fn install_sysroot(&self, env: &Env, versions: &Versions, log: &Log) -> Result<(), Error> {
        if self.emscripten().join("cache/sysroot/include").exists() {
            return Ok(());
        }
        self.configure(&find::find_node(env)?.exe)?;
        let step = "installing Emscripten's headers";
        Command::new(&self.emscripten().join("embuilder"), step, BROKEN)
            .args(["build", "sysroot"])
            .env("EMSDK_PYTHON", self.any_python(versions))
            .env("EM_CONFIG", self.config())
            .output(log)
            .map(drop)
    }
}

/// Emscripten's configuration file, which is Python, with JSON strings for what stands in braces.
///
/// The cache is the suite's own: Debian's `tools/config.py` takes one in the user's home otherwise. It
/// is not frozen, though Debian's is complete: every link of a program would ask Node again for the
/// symbols of Emscripten's JavaScript libraries, a third of its time (`get_js_sym_info` in
/// `tools/link.py`). A folder that is another user's stays as it is.
const CONFIG: &str = "\
LLVM_ROOT = {llvm}
BINARYEN_ROOT = {binaryen}
NODE_JS = {node}
CACHE = {cache}
FROZEN_CACHE = not __import__('os').access(CACHE, 2)
";

/// Where in its cache Emscripten puts what links need of it, and makes it when the first one does.
const BUILT_LATER: &[&str] = &[
    "usr/share/emscripten/cache/js_output",
    "usr/share/emscripten/cache/symbol_lists",
    "usr/share/emscripten/cache/sysroot",
];

/// How long a file there was not written to when it counts for whole.
const SETTLED: Duration = Duration::from_secs(60);

fn emscripten_config(places: &[(&str, Utf8PathBuf)]) -> String {
    places.iter().fold(CONFIG.to_owned(), |text, (name, path)| {
        let string = serde_json::Value::from(path.as_str()).to_string();
        text.replace(&format!("{{{name}}}"), &string)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Notes, STABLE};

    #[test]
    fn what_emscripten_built_and_is_not_as_it_was_goes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().to_owned().try_into().unwrap());
        let slot = slot(&store, STABLE);
        let library = slot
            .folder()
            .join("usr/share/emscripten/cache/sysroot/lib/libc.a");
        let versions = Versions {
            emscripten: "1".to_owned(),
            pythons: BTreeMap::new(),
            clang: "1".to_owned(),
        };
        let work = slot.lock(&crate::Silent).unwrap();
        work.staging().unwrap();
        work.place().unwrap();
        work.finish(versions.table()).unwrap();
        let session = || {
            let notes = Notes::default();
            provision(&Env::capture(), &store, STABLE, &notes).unwrap();
            notes.told().concat()
        };
        fs::create_dir_all(library.parent().unwrap()).unwrap();
        fs::write(&library, "a library").unwrap();
        let before = std::time::SystemTime::now() - SETTLED;
        let file = fs::File::options().write(true).open(&library);
        file.unwrap().set_modified(before).unwrap();
        assert_eq!(session(), "");
        assert_eq!(session(), "");
        fs::write(&library, "a librarian").unwrap();
        let told = session();
        assert!(
            told.contains(library.as_str()) && told.contains("removed"),
            "{told}"
        );
        assert!(!library.exists());
        assert_eq!(session(), "");
    }

    #[test]
    fn the_configuration_is_python() {
        let text = emscripten_config(&[
            ("llvm", "/s/llvm/bin".into()),
            ("binaryen", "/s/usr".into()),
            ("node", "/a 'b'/node".into()),
            ("cache", "/s/cache".into()),
        ]);
        assert_eq!(
            text,
            "LLVM_ROOT = \"/s/llvm/bin\"\nBINARYEN_ROOT = \"/s/usr\"\n\
             NODE_JS = \"/a 'b'/node\"\nCACHE = \"/s/cache\"\n\
             FROZEN_CACHE = not __import__('os').access(CACHE, 2)\n"
        );
    }

    #[test]
    fn the_configuration_follows_the_machines_node() {
        let dir = tempfile::tempdir().unwrap();
        let tree = Tree {
            root: dir.path().to_owned().try_into().unwrap(),
            suite: STABLE,
        };
        fs::create_dir_all(tree.emscripten()).unwrap();
        let linker = tree.root.join("usr/lib/llvm-21/bin/wasm-ld");
        fs::create_dir_all(linker.parent().unwrap()).unwrap();
        fs::write(linker, "").unwrap();
        tree.configure("/old/node".into()).unwrap();
        tree.configure("/new/node".into()).unwrap();
        let text = fs::read_to_string(tree.config()).unwrap();
        assert!(
            text.contains("\"/new/node\"") && !text.contains("/old/"),
            "{text}"
        );
    }
}
