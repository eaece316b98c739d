//! Emscripten and a host Python from a Debian suite's packages, unpacked into the store.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::{Apt, Kind, Programs};
use crate::command::{Command, Log};
use crate::error::megabytes;
use crate::find::{self, PYTHON_PROBE};
use crate::machine::Env;
use crate::progress::step;
use crate::store::{self, Slot, Stamp, State, Work, disk_usage, remove_tree, write_whole};
use crate::suites::{KEPT, LEFT_OUT, Suite};
use crate::unpack::unpack;
use crate::{Emscripten, Error, HostPython, Origin, Progress, Store, elf, tools};

/// Emscripten's folder below an unpacked suite.
const EMSCRIPTEN: &str = "usr/share/emscripten";

/// Emscripten's configuration, in its folder.
const EMSCRIPTEN_CONFIG: &str = ".emscripten";

const BROKEN: &str = "remove the folder and run the same command again";

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
    let tree = Tree::provision(&env, store, suite, progress)?;
    configure(&tree.root, suite, &node.exe)?;
    let root = tree.root.join(EMSCRIPTEN);
    Ok(Emscripten {
        version: tree.version("emscripten")?,
        env: vec![
            ("EMSDK_PYTHON".to_owned(), tree.python().into_string()),
            (
                "EM_CONFIG".to_owned(),
                root.join(EMSCRIPTEN_CONFIG).into_string(),
            ),
        ],
        root,
        llvm_bin: tree.llvm_bin(),
        origin: tree.origin(),
    })
}

/// The host Python of a suite; it shares the suite's folder with Emscripten.
///
/// # Errors
/// As [`provision_emscripten`], node excepted.
pub fn provision_python(
    store: &Store,
    suite: &Suite,
    progress: &dyn Progress,
) -> Result<HostPython, Error> {
    let env = Env::capture();
    let tree = Tree::provision(&env, store, suite, progress)?;
    let exe = tree.python();
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

/// An unpacked suite.
struct Tree<'a> {
    root: Utf8PathBuf,
    suite: &'a Suite,
    versions: BTreeMap<String, String>,
}

impl<'a> Tree<'a> {
    fn provision(
        env: &Env,
        store: &Store,
        suite: &'a Suite,
        progress: &dyn Progress,
    ) -> Result<Self, Error> {
        let slot = slot(store, suite);
        let stamp = match slot.state() {
            State::Ready(stamp) => stamp,
            State::Moved(_) | State::Absent => {
                let work = slot.lock(progress)?;
                make(env, store, suite, &slot, &work, progress)
                    .map_err(|e| e.or_disk_full(slot.folder(), &what(suite), suite.disk))?
            }
        };
        Ok(Self {
            root: slot.folder().to_owned(),
            suite,
            versions: stamp.versions,
        })
    }

    fn python(&self) -> Utf8PathBuf {
        python(&self.root, self.suite)
    }

    fn llvm_bin(&self) -> Utf8PathBuf {
        llvm_bin(&self.root, self.suite)
    }

    fn origin(&self) -> Origin {
        Origin::Debian {
            suite: self.suite.name.to_owned(),
        }
    }

    fn version(&self, of: &str) -> Result<String, Error> {
        self.versions
            .get(of)
            .cloned()
            .ok_or_else(|| Error::Invalid {
                path: self.root.to_string(),
                why: format!("its stamp does not tell the version of {of}"),
                remedy: BROKEN.to_owned(),
            })
    }
}

/// How the suite is called in messages.
fn what(suite: &Suite) -> String {
    format!(
        "Emscripten {} and Python {} (Debian {})",
        suite.emscripten, suite.python, suite.name
    )
}

fn slot(store: &Store, suite: &Suite) -> Slot {
    let rows = LEFT_OUT.iter().chain(KEPT).map(|row| row.pattern);
    let recipe = store::recipe(suite.packages.iter().copied().chain(rows));
    Slot::new(store.debian(suite.name), what(suite), recipe)
}

fn llvm(suite: &Suite) -> Utf8PathBuf {
    Utf8PathBuf::from(format!("usr/lib/llvm-{}", suite.llvm))
}

fn python(root: &Utf8Path, suite: &Suite) -> Utf8PathBuf {
    root.join(format!("usr/bin/python{}", suite.python))
}

fn llvm_bin(root: &Utf8Path, suite: &Suite) -> Utf8PathBuf {
    root.join(llvm(suite)).join("bin")
}

/// Writes Emscripten's configuration, unless it is as it should be: the machine's node may have
/// moved since the suite was unpacked. It lies in Emscripten's own folder, because tools that clear
/// the environment lose `EM_CONFIG`.
fn configure(root: &Utf8Path, suite: &Suite, node: &Utf8Path) -> Result<(), Error> {
    let path = root.join(EMSCRIPTEN).join(EMSCRIPTEN_CONFIG);
    let frozen = suite.libraries.is_empty();
    let text = emscripten_config(&llvm_bin(root, suite), &root.join("usr"), node, frozen);
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    write_whole(&path, text.as_bytes())
}

/// Emscripten's configuration file, which is Python: JSON strings are Python strings. A `frozen`
/// cache of system libraries is complete; Emscripten builds what another one lacks.
fn emscripten_config(
    llvm_bin: &Utf8Path,
    binaryen: &Utf8Path,
    node: &Utf8Path,
    frozen: bool,
) -> String {
    let string = |path: &Utf8Path| serde_json::Value::from(path.as_str()).to_string();
    format!(
        "LLVM_ROOT = {}\nBINARYEN_ROOT = {}\nNODE_JS = {}\nFROZEN_CACHE = {}\n",
        string(llvm_bin),
        string(binaryen),
        string(node),
        if frozen { "True" } else { "False" }
    )
}

/// Builds the system libraries a suite's Emscripten lacks.
fn build_libraries(
    env: &Env,
    root: &Utf8Path,
    suite: &Suite,
    log: &Log,
    progress: &dyn Progress,
) -> Result<(), Error> {
    if suite.libraries.is_empty() {
        return Ok(());
    }
    configure(root, suite, &find::find_node(env)?.exe)?;
    let name = format!(
        "building Emscripten {}'s system libraries",
        suite.emscripten
    );
    step(progress, &name, || {
        for (count, library) in suite.libraries.iter().enumerate() {
            progress.detail(&format!(
                "{library} ({} of {})",
                count + 1,
                suite.libraries.len()
            ));
            let builder = root.join(EMSCRIPTEN).join("embuilder");
            Command::new(&builder, &name, BROKEN)
                .args(["build", library])
                .env("EMSDK_PYTHON", python(root, suite))
                .output(log)?;
        }
        Ok(())
    })
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
    let log = Log::create(&store.log(), suite.name)?;
    let programs = Programs::find(env)?;
    let patchelf = tools::provision_patchelf(env, store, progress)?;
    let patch = |root: &Utf8Path| {
        step(progress, "adjusting the unpacked programs", || {
            let layout = elf::Layout {
                root,
                place: slot.folder(),
                programs: &["usr/bin".into(), llvm(suite).join("bin")],
                libraries: &[
                    Utf8Path::new("usr/lib").join(programs.architecture.triplet),
                    llvm(suite).join("lib"),
                ],
                architecture: programs.architecture,
            };
            elf::patch(&layout, &patchelf, &log, progress)
        })
    };
    if let State::Moved(_) = state {
        patch(slot.folder())?;
    } else {
        let apt_folder = slot.sibling("apt");
        require_space(slot, &what(suite), suite.disk, disk_usage(&apt_folder))?;
        let staging = work.staging()?;
        let name = format!("downloading {}", what(suite));
        let (archives, packages) = step(progress, &name, || {
            let settings = (suite.name, Kind::Binary, suite.check_valid_until);
            let apt = Apt::open(env, &programs, apt_folder.clone(), settings, &log, progress)?;
            let packages = apt.closure(suite.packages)?;
            let total = packages.iter().map(|p| p.size).sum();
            apt.download(suite.packages, total, progress)?;
            Ok((apt.archives(), packages))
        })?;
        step(progress, &format!("unpacking {}", what(suite)), || {
            let parts = unpack(
                &programs.dpkg_deb,
                &archives,
                &packages,
                staging,
                &log,
                progress,
            )?;
            for (row, bytes) in LEFT_OUT.iter().zip(parts) {
                log.line(&format!(
                    "left out {} MB: {} ({})",
                    megabytes(bytes),
                    row.pattern,
                    row.why
                ));
            }
            Ok(())
        })?;
        patch(staging)?;
        work.place()?;
    }
    let versions = examine(slot.folder(), suite, &log)?;
    build_libraries(env, slot.folder(), suite, &log, progress)?;
    remove_tree(&slot.sibling("apt"))?;
    if versions["emscripten"] != suite.emscripten {
        progress.note(&format!(
            "Debian {} has gone on: it holds Emscripten {}, not {}",
            suite.name, versions["emscripten"], suite.emscripten
        ));
    }
    work.finish(versions)
}

/// Fails early when there is not enough room. `there` is what a killed run has already
/// downloaded, in bytes.
fn require_space(slot: &Slot, what: &str, needed: u64, there: u64) -> Result<(), Error> {
    let folder = slot.folder().parent().unwrap_or(slot.folder());
    let stat = rustix::fs::statvfs(folder.as_std_path())
        .map_err(|e| Error::io("look at the free space of", folder)(e.into()))?;
    let available = stat.f_bavail.saturating_mul(stat.f_frsize);
    if available.saturating_add(there) >= needed {
        return Ok(());
    }
    Err(Error::DiskFull {
        folder: folder.to_owned(),
        what: what.to_owned(),
        needed,
        available: Some(available),
    })
}

/// Runs the unpacked programs in their final place and tells their versions.
fn examine(root: &Utf8Path, suite: &Suite, log: &Log) -> Result<BTreeMap<String, String>, Error> {
    let run = |program: Utf8PathBuf, args: &[&str]| {
        Command::new(&program, "trying the unpacked programs", BROKEN)
            .args(args)
            .output(log)
    };
    let invalid = |path: &Utf8Path, why: &str| Error::Invalid {
        path: path.to_string(),
        why: why.to_owned(),
        remedy: BROKEN.to_owned(),
    };
    let version_file = root.join(EMSCRIPTEN).join("emscripten-version.txt");
    let emscripten = fs::read_to_string(&version_file).map_err(Error::io("read", &version_file))?;
    let emscripten = find::emcc_version(emscripten.trim().trim_matches('"'))
        .ok_or_else(|| invalid(&version_file, "does not hold a version"))?;
    let clang = root.join(llvm(suite)).join("bin/clang");
    let answer = run(clang.clone(), &["-dumpversion"])?;
    let python = run(python(root, suite), &["-c", PYTHON_PROBE])?;
    let python = python.lines().next().unwrap_or_default();
    Ok(BTreeMap::from([
        ("emscripten".to_owned(), emscripten),
        ("python".to_owned(), python.to_owned()),
        ("clang".to_owned(), answer.trim().to_owned()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SUITES;

    #[test]
    fn the_configuration_is_python() {
        let node = "/a 'b'/node".into();
        let text = emscripten_config("/s/llvm/bin".into(), "/s/usr".into(), node, true);
        assert_eq!(
            text,
            "LLVM_ROOT = \"/s/llvm/bin\"\nBINARYEN_ROOT = \"/s/usr\"\n\
             NODE_JS = \"/a 'b'/node\"\nFROZEN_CACHE = True\n"
        );
    }

    #[test]
    fn a_full_disk_is_refused_before_anything_is_downloaded() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().join("store").try_into().unwrap());
        let slot = slot(&store, &SUITES[0]);
        fs::create_dir_all(slot.folder().parent().unwrap()).unwrap();
        require_space(&slot, "x", 1, 0).unwrap();
        let error = require_space(&slot, "the toolchain", u64::MAX, 0).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("the toolchain") && text.contains("EMSHIM_HOME"),
            "{text}"
        );
        assert!(text.contains("MB are free"), "{text}");
    }
}
