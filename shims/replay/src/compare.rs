//! What became of each file that a call wrote: those of its record, and whatever else has appeared.

use crate::newer::tools;
use crate::prepared::{Prepared, resolved};
use crate::relocate::plain;
use crate::select::{Chosen, hash};
use crate::setting::{Room, Setting};
use crate::verdict::{Compared, Sameness};
use crate::view;
use call_log::format::schema::FileFact;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::sources;
use walkdir::WalkDir;

/// Compares all of it.
pub(crate) fn all(
    chosen: &Chosen,
    setting: &Setting,
    prepared: &Prepared,
    config: &ShimConfig,
) -> Vec<Compared> {
    let recorded = chosen.end().map_or(&[][..], |end| &end.outputs);
    let mut all: Vec<Compared> = recorded
        .iter()
        .filter_map(|fact| of_record(fact, prepared))
        .collect();
    if let Some(made) = prepared.made() {
        let known: BTreeSet<PathBuf> = known(chosen, prepared);
        for (path, now) in appeared(made, setting, prepared, config) {
            if !known.contains(&now) {
                all.extend(of_disk(&path, now, prepared));
            }
        }
    }
    all
}

/// An output of the record.
fn of_record(fact: &FileFact, prepared: &Prepared) -> Option<Compared> {
    let now = prepared.place(&fact.path);
    let verdict = match (&fact.blake3, hash(&now)) {
        (Some(then), Some(hash)) if *then == hash || undo(&now, then, prepared) => {
            Sameness::Identical
        }
        (Some(then), Some(_)) if is_same_rule(&now, &fact.path, then, prepared) => {
            Sameness::Identical
        }
        (Some(_), None) => Sameness::Missing,
        (_, Some(_)) => Sameness::Different,
        (None, None) => return None,
    };
    let elsewhere = verdict == Sameness::Different && prepared.room == Room::Copies;
    Some(Compared {
        path: fact.path.clone(),
        verdict,
        now: Some(now),
        note: elsewhere.then_some(COPIES),
    })
}

/// Puts recorded paths into a file that names the sandbox's, if that makes it the recorded one.
fn undo(now: &Path, then: &str, prepared: &Prepared) -> bool {
    let undone = prepared.undone(now);
    let same = |contents: &Vec<u8>| blake3::hash(contents).to_hex().as_str() == then;
    let contents = undone.filter(same);
    contents.is_some_and(|contents| fs::write(now, contents).is_ok())
}

/// Whether a rule for make names the same files: longer names are parted into lines elsewhere. The
/// recorded one has to lie where it was written.
fn is_same_rule(now: &Path, path: &OsStr, then: &str, prepared: &Prepared) -> bool {
    let there = prepared.cwd.join(path);
    let is_rule = sources::suffix(path) == "d" && hash(&there).is_some_and(|hash| hash == then);
    let (Some(undone), true) = (prepared.undone(now), is_rule) else {
        return false;
    };
    let words = |text: &[u8]| -> Vec<Vec<u8>> {
        let words = text.split(u8::is_ascii_whitespace);
        let words = words.filter(|word| !matches!(*word, b"" | b"\\"));
        words.map(<[u8]>::to_vec).collect()
    };
    fs::read(there).is_ok_and(|recorded| words(&recorded) == words(&undone))
}

/// The places that are judged by the record, and those of what the call was given.
fn known(chosen: &Chosen, prepared: &Prepared) -> BTreeSet<PathBuf> {
    let ends = chosen.end().into_iter().flat_map(|end| &end.outputs);
    let ends = ends.map(|fact| &fact.path);
    let steps = prepared.recorded.iter().flat_map(|step| &step.outputs);
    let outputs = ends.chain(steps).map(|path| prepared.place(path));
    outputs.chain(prepared.given.iter().cloned()).collect()
}

/// What a call has written or removed that is neither the sandbox's nor the toolchain's, by its own
/// path and where it is now.
fn appeared(
    made: &Path,
    setting: &Setting,
    prepared: &Prepared,
    config: &ShimConfig,
) -> Vec<(PathBuf, PathBuf)> {
    let sandbox = resolved(setting.root.as_std_path());
    let mut theirs = tools(config);
    theirs.push(sandbox);
    let standing = view::standing(prepared.folder.join("spare").as_std_path());
    let own = |now: &Path| Path::new("/").join(now.strip_prefix(made).unwrap_or(now));
    let walk = WalkDir::new(made)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    let walk = walk.filter_entry(|entry| !theirs.contains(&own(entry.path())));
    let written = |entry: &walkdir::DirEntry| {
        let removed = || entry.metadata().is_ok_and(|meta| view::is_removal(&meta));
        entry.file_type().is_file() || (prepared.room == Room::View && removed())
    };
    walk.filter_map(Result::ok)
        .filter(written)
        .map(walkdir::DirEntry::into_path)
        .filter(|now| !standing.contains(now))
        .map(|now| (own(&now), now))
        .collect()
}

/// A file that the record does not name, by what lies at its path. Where that is other, nobody can
/// tell whether it was so when the call ended.
fn of_disk(path: &Path, now: PathBuf, prepared: &Prepared) -> Option<Compared> {
    let (verdict, note) = match (hash(path), hash(&now)) {
        (None, None) => return None,
        (None, Some(_)) => (Sameness::Unrecorded, Some("the record does not have it")),
        (Some(then), Some(hash)) if then == hash || undo(&now, &then, prepared) => {
            (Sameness::Identical, None)
        }
        (Some(_), Some(_)) => (Sameness::Unrecorded, Some(OTHER)),
        (Some(_), None) => (Sameness::Unrecorded, Some(REMOVED)),
    };
    let cwd = plain(&prepared.cwd);
    let name = path
        .strip_prefix(resolved(&cwd))
        .or(path.strip_prefix(&cwd));
    Some(Compared {
        path: name.unwrap_or(path).into(),
        verdict,
        now: Some(now),
        note,
    })
}

const OTHER: &str = "the record does not have it, and what lies there is other";
const REMOVED: &str = "the call removes it, and the record does not have it";
const COPIES: &str =
    "it ran on copies in another folder, which debug information and the like can tell";
