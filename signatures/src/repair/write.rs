//! Repaired copies on disk.

use super::adapter::adapters;
use super::plan::Plan;
use super::redirect::redirect;
use super::thunk::with_thunks;
use crate::unit::{Image, Origin, Unit};
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

/// The files that make a link right.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Files that come first: the adapters, and copies of members, which a linker then no longer
    /// takes from their archives.
    pub first: Vec<Utf8PathBuf>,
    /// Files that stand in the place of others.
    pub instead: BTreeMap<Utf8PathBuf, Vec<Utf8PathBuf>>,
}

/// Repaired copies could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// A file cannot be written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An object cannot be copied.
    #[error("{origin} cannot be repaired: {why}")]
    Redirect {
        /// The object.
        origin: Origin,
        /// What is wrong.
        why: String,
    },
}

/// Writes the adapters and the copies a plan asks for into a folder, each whole or not at all.
///
/// `whole` says of an archive whether all its members are linked: then copies of all of them stand
/// in its place.
///
/// # Errors
/// A file cannot be written, or an object cannot be copied.
pub fn write(
    units: &[Unit],
    plan: &Plan,
    whole: &dyn Fn(&Utf8Path) -> bool,
    folder: &Utf8Path,
) -> Result<Repaired, RepairError> {
    let mut repaired = Repaired::default();
    if !plan.adapters.is_empty() {
        let object = adapters(&plan.adapters);
        repaired.first.push(place(folder, "adapters.o", &object)?);
    }
    let mut expanded: BTreeSet<&Utf8Path> = BTreeSet::new();
    for at in plan.units() {
        let Origin { path, member } = &units[at].origin;
        match member {
            None => {
                let copy = copy(units, at, plan, folder)?;
                repaired.instead.insert(path.clone(), vec![copy]);
            }
            Some(_) if whole(path) => {
                expanded.insert(path);
            }
            Some(_) => repaired.first.push(copy(units, at, plan, folder)?),
        }
    }
    for path in expanded {
        let members = (0..units.len()).filter(|&at| units[at].origin.path == path);
        let copies = members.map(|at| copy(units, at, plan, folder));
        let copies = copies.collect::<Result<_, _>>()?;
        repaired.instead.insert(path.to_owned(), copies);
    }
    Ok(repaired)
}

fn copy(
    units: &[Unit],
    at: usize,
    plan: &Plan,
    folder: &Utf8Path,
) -> Result<Utf8PathBuf, RepairError> {
    let Unit { origin, image, .. } = &units[at];
    let object = changed(image, at, plan).map_err(|why| RepairError::Redirect {
        origin: origin.clone(),
        why,
    })?;
    let name = origin.member.as_deref().unwrap_or(origin.path.as_str());
    let name = Utf8Path::new(name).file_name().unwrap_or("object.o");
    // Members of several folders may have one name.
    place(folder, &format!("{at}-{name}"), &object)
}

/// A unit's bytes with what the plan asks for; as they are where that is nothing.
fn changed(image: &Image, at: usize, plan: &Plan) -> Result<Vec<u8>, String> {
    let mut object = image.bytes().to_vec();
    if let Some(renames) = plan.redirections.get(&at) {
        object = redirect(&object, renames)?;
    }
    if let Some(thunks) = plan.thunks.get(&at) {
        object = with_thunks(&object, thunks)?;
    }
    Ok(object)
}

fn place(folder: &Utf8Path, name: &str, content: &[u8]) -> Result<Utf8PathBuf, RepairError> {
    let path = folder.join(name);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.persist(&path)?;
        Ok(())
    };
    match write() {
        Ok(()) => Ok(path),
        Err(source) => Err(RepairError::Write { path, source }),
    }
}
