//! What the members of the workspace depend on.

use super::{root, text};
use camino::Utf8PathBuf;
use std::collections::{BTreeMap, BTreeSet};

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its folder.
    pub folder: Utf8PathBuf,
    /// The crates of `[dependencies]`, by their names there.
    pub uses: BTreeSet<String>,
    /// Those of `[dev-dependencies]`.
    pub tests_use: BTreeSet<String>,
}

/// What the names of published packages begin with; in the workspace they go by the rest.
const PREFIX: &str = "emshim-";

/// All members, by the names that others use them by.
///
/// # Panics
/// A manifest is not written as all of ours are: `members = [...]`, a `name`, and one dependency a
/// line.
#[must_use]
pub fn members() -> BTreeMap<String, Member> {
    let workspace = text(&root().join("Cargo.toml"));
    let (_, list) = workspace.split_once("members = [").expect("members");
    let (list, _) = list.split_once(']').expect("the members' end");
    let folders = list
        .split('"')
        .filter(|part| part.contains(char::is_alphanumeric));
    folders
        .map(|folder| {
            let folder = root().join(folder);
            let manifest = text(&folder.join("Cargo.toml"));
            let mut section = "";
            let mut name = None;
            let (mut uses, mut tests_use) = (BTreeSet::new(), BTreeSet::new());
            for line in manifest.lines() {
                if line.starts_with('[') {
                    section = line;
                } else if section == "[package]" && name.is_none() {
                    let value = line.strip_prefix("name = \"");
                    name = value.and_then(|value| value.strip_suffix('"'));
                } else {
                    let end = line
                        .find(['.', ' ', '='])
                        .filter(|_| !line.starts_with('#'));
                    let used = end.map(|end| line[..end].to_owned());
                    match section {
                        "[dependencies]" => uses.extend(used),
                        "[dev-dependencies]" => tests_use.extend(used),
                        _ => {}
                    }
                }
            }
            let name = name.unwrap_or_else(|| panic!("{folder}: no name"));
            let published = manifest.contains("publish.workspace");
            let short = name.strip_prefix(PREFIX).filter(|_| published);
            let name = short.unwrap_or(name);
            let member = Member {
                folder,
                uses,
                tests_use,
            };
            (name.to_owned(), member)
        })
        .collect()
}
