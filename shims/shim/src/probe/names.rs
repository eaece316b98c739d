//! The names that a probe has for itself: its folder, and what its build system calls files at
//! random.

use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toolcall::plan::Plan;
use toolcall::probes;

/// The names of one call. Those at the same place mean the same in two calls of one probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    /// The folder for intermediate files, and the working directory.
    #[serde(with = "toolcall::os_json::list")]
    folders: Vec<OsString>,
    /// Names at random: of the same length in every call.
    random: Vec<String>,
}

impl Names {
    /// Those of a planned call; nothing where its folder is the root.
    pub(super) fn of(cwd: &Path, work_dir: &Path, plan: &Plan) -> Option<Self> {
        cwd.parent()?;
        let mut random = Vec::new();
        let words = plan.steps.iter().flat_map(|step| &step.argv);
        for word in words.chain(&plan.inputs) {
            for name in probes::random_names(&word.to_string_lossy()) {
                if !random.contains(&name) {
                    random.push(name);
                }
            }
        }
        Some(Self {
            folders: vec![work_dir.into(), cwd.into()],
            random,
        })
    }

    /// The bytes with these names by their places.
    pub(super) fn plain(&self, bytes: &[u8]) -> Vec<u8> {
        let folders = self.folders.iter().enumerate().map(|(at, from)| {
            let place = format!("\0folder {at}\0");
            (from.as_bytes(), place.into_bytes(), true)
        });
        // Objects hold them: names of one length can stand for each other there.
        let random = self.random.iter().enumerate().map(|(at, from)| {
            let place = format!("\0name {at}, {}\0", from.len());
            (from.as_bytes(), place.into_bytes(), false)
        });
        replace_all(bytes, folders.chain(random))
    }

    /// The bytes with the names of another call of the same probe.
    pub(super) fn renamed(&self, bytes: &[u8], now: &Self) -> Vec<u8> {
        let folders = self.folders.iter().zip(&now.folders);
        let folders = folders.map(|(from, to)| (from.as_bytes(), to.as_bytes().to_vec(), true));
        let random = self.random.iter().zip(&now.random);
        let random = random.map(|(from, to)| (from.as_bytes(), to.as_bytes().to_vec(), false));
        replace_all(bytes, folders.chain(random))
    }

    /// Whether the bytes name a folder, whose path may be longer in another call.
    pub(super) fn hold_folders(&self, bytes: &[u8]) -> bool {
        let held = |folder: &OsString| memmem::find(bytes, folder.as_bytes()).is_some();
        self.folders.iter().any(held)
    }
}

type Replacement<'a> = (&'a [u8], Vec<u8>, bool);

/// Replaces each; those that are `whole` only where no longer path or name is meant.
fn replace_all<'a>(bytes: &[u8], all: impl Iterator<Item = Replacement<'a>>) -> Vec<u8> {
    all.fold(bytes.to_vec(), |bytes, (from, to, whole)| {
        replace(&bytes, from, &to, whole)
    })
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8], whole: bool) -> Vec<u8> {
    let inside =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b));
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for at in memmem::find_iter(bytes, from) {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if whole && (inside(before) || inside(bytes.get(at + from.len()))) {
            continue;
        }
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(to);
        done = at + from.len();
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_where_they_are_meant() {
        let names = |work: &str, cwd: &str, random: &str| Names {
            folders: vec![work.into(), cwd.into()],
            random: vec![random.to_owned()],
        };
        let then = names("/tmp/emshim-1", "/w", "cmTC_01234");
        let now = names("/tmp/emshim-2", "/other/w", "cmTC_abcde");
        let text = b"/w/x.c: /wasm /a/w cmTC_01234.dir /tmp/emshim-1/list";
        let moved = b"/other/w/x.c: /wasm /a/w cmTC_abcde.dir /tmp/emshim-2/list";
        assert_eq!(then.renamed(text, &now), moved);
        assert!(then.hold_folders(text) && !now.hold_folders(text));
        assert_eq!(then.plain(text), now.plain(moved));
        let longer = names("/tmp/emshim-1", "/w", "TryCompile-a1B2c3");
        assert_ne!(
            longer.plain(b"TryCompile-a1B2c3"),
            then.plain(b"cmTC_01234")
        );
    }
}
