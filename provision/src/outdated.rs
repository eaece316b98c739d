//! Finished folders of the store that this emshim would not use: made by other recipes, or never
//! finished.

use camino::{Utf8Path, Utf8PathBuf};

use crate::store::{Slot, State, split};
use crate::suites::SUITES;
use crate::{
    Store, archive, debian, dev_tools, f2c, gfortran, micropip, pyodide, rust, snakemake, sources,
    tools,
};

/// The folders in the store that were provisioned and that this emshim would not use. `library`
/// tells whether a folder below `fortran` is one that it would.
///
/// Nothing says that they are not in use by another emshim: see [`Store::in_use`].
#[must_use]
pub fn outdated(store: &Store, library: &dyn Fn(&Utf8Path) -> bool) -> Vec<Utf8PathBuf> {
    type Current<'a> = &'a dyn Fn(&Utf8Path) -> bool;
    let kinds: [(Utf8PathBuf, Current<'_>); 6] = [
        (store.archive(), &|folder| is_of_archive(store, folder)),
        (store.debian(), &|folder| is_debian(store, folder)),
        (store.pyodide(), &|folder| is_pyodide(store, folder)),
        (store.sources(), &|folder| is(&sources::slot(store), folder)),
        (store.tools(), &|folder| is_tool(store, folder)),
        (store.fortran(), library),
    ];
    let mut outdated = Vec::new();
    for (parent, current) in kinds {
        for entry in parent.read_dir_utf8().into_iter().flatten().flatten() {
            let path = entry.path();
            // Anything else was not made by emshim.
            let ours = split(path).is_some() && !entry.file_name().starts_with('.');
            if ours && !current(path) {
                outdated.push(path.to_owned());
            }
        }
    }
    outdated.sort();
    outdated
}

/// Is the folder the slot's, and finished?
fn is(slot: &Slot, folder: &Utf8Path) -> bool {
    slot.folder() == folder && slot.state() != State::Absent
}

fn is_of_archive(store: &Store, folder: &Utf8Path) -> bool {
    archive::slots(store).iter().any(|slot| is(slot, folder))
}

fn is_debian(store: &Store, folder: &Utf8Path) -> bool {
    SUITES
        .iter()
        .any(|suite| is(&debian::slot(store, suite), folder))
        || is(&gfortran::slot(store), folder)
        || is(&dev_tools::slot(store), folder)
        || is(&rust::slot(store), folder)
}

fn is_pyodide(store: &Store, folder: &Utf8Path) -> bool {
    split(folder).is_some_and(|(version, _)| is(&pyodide::slot(store, version), folder))
}

fn is_tool(store: &Store, folder: &Utf8Path) -> bool {
    let f2c = f2c::slot(store);
    is(&tools::patchelf_slot(store), folder)
        || f2c.is_ok_and(|slot| is(&slot, folder))
        || micropip::slot_of(store, folder).is_some_and(|slot| is(&slot, folder))
        || tools::slot_of(store, folder).is_some_and(|slot| is(&slot, folder))
        || snakemake::slot_of(store, folder).is_some_and(|slot| is(&slot, folder))
        || tools::build_systems_slot_of(store, folder).is_some_and(|slot| is(&slot, folder))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::Silent;

    fn make(slot: &Slot) -> Utf8PathBuf {
        let work = slot.lock(&Silent).unwrap();
        work.staging().unwrap();
        work.place().unwrap();
        work.finish(BTreeMap::new()).unwrap();
        slot.folder().to_owned()
    }

    #[test]
    fn what_another_recipe_made_is_outdated_and_what_this_one_made_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().to_owned().try_into().unwrap());
        let current = [
            debian::slot(&store, &SUITES[0]),
            gfortran::slot(&store),
            dev_tools::slot(&store),
            rust::slot(&store),
            pyodide::slot(&store, "0.29.5"),
            pyodide::slot(&store, "315.0.0-alpha.2"),
            sources::slot(&store),
            tools::patchelf_slot(&store),
            f2c::slot(&store).unwrap(),
        ];
        for slot in current.iter().chain(&archive::slots(&store)) {
            make(slot);
        }
        let old = |parent: Utf8PathBuf, name| make(&Slot::new(&parent, name, "x", ["old"]));
        let mut expected = vec![
            old(store.archive(), "keys"),
            old(store.debian(), "trixie"),
            old(store.pyodide(), "0.29.5"),
            old(store.tools(), "patchelf-0.18"),
            old(store.fortran(), "pyodide-0.29.5-3.1.69"),
        ];
        // Killed between placing and stamping.
        let half = pyodide::slot(&store, "0.28.3").folder().to_owned();
        fs::create_dir_all(&half).unwrap();
        expected.push(half);
        let library = old(store.fortran(), "pyodide-0.29.5-4.0.9");
        expected.sort();
        assert_eq!(outdated(&store, &|folder| folder == library), expected);
    }
}
