//! Wheels that bring the shared libraries which their modules need, as auditwheel makes them for Linux, and
//! whose modules find them.
//!
//! Emscripten's loader knows a library by the path under which it found it, spelled as the folder of the
//! module and its run path give it: two modules in different folders get a copy each, with variables of its own.
//! A run path that names Pyodide's site-packages spells it the same for both.
//! Source: `findLibraryFS` and `loadDynamicLibrary` in Emscripten's `libdylink.js`, `_emscripten_find_dylib` in
//! its `dynlink.c`.

mod places;

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use pyodide_wheel::site::installed;
use pyodide_wheel::tags::names_abi;
use pyodide_wheel::target::ABIS;
use pyodide_wheel::wheel::{Binary, Entries, Entry, WheelName};
use steps::dylink::Dylink;
use toolcall::variables::{LIBRARIES, PREFIX};

use crate::error::WheelBuildError;
use places::{ORIGIN, Places, folder_of, join};

/// Where libraries are looked for that the wheel does not have.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Folders, the first that has one wins.
    pub folders: Vec<Utf8PathBuf>,
    /// Names of libraries that other wheels bring.
    pub elsewhere: Vec<String>,
}

impl Search {
    /// The folders of the prefixes that an environment names, the user's before emshim's own.
    pub fn prefixes(variable: impl Fn(&str) -> Option<String>) -> Self {
        let lists = [PREFIX, LIBRARIES].map(|name| variable(name).unwrap_or_default());
        let prefixes = lists.iter().flat_map(|list| list.split(':'));
        let named = prefixes.filter(|prefix| !prefix.is_empty());
        Self {
            folders: named
                .map(|prefix| Utf8Path::new(prefix).join("lib"))
                .collect(),
            elsewhere: Vec::new(),
        }
    }
}

/// A library that the wheel has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it was.
    pub from: Utf8PathBuf,
    /// Where it is in the wheel.
    pub to: String,
}

/// A library that the wheel lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The module that needs it.
    pub module: String,
    /// Its name.
    pub library: String,
    /// Why none of what was found is it.
    pub why: Option<String>,
}

/// What a wheel is after its repair.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Its files; RECORD is as it was.
    pub entries: Entries,
    /// Libraries that were put into it.
    pub taken: Vec<Taken>,
    /// Modules whose section `dylink.0` is another.
    pub changed: Vec<String>,
    /// Libraries that modules of several folders need, and that are one for all of them now.
    pub shared: Vec<String>,
    /// Libraries that it lacks.
    pub missing: Vec<Missing>,
}

impl Repaired {
    /// What was done, one sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let taken = self.taken.iter();
        let taken = taken.map(|one| format!("{} is in the wheel, as {}", one.from, one.to));
        let changed = self.changed.iter();
        let changed = changed.map(|one| format!("{one} finds its libraries in the wheel"));
        let shared = self.shared.iter().map(|one| {
            format!("{one} is needed in several folders: its run path makes it one library for all of them")
        });
        taken.chain(changed).chain(shared).collect()
    }
}

/// A module or library of the wheel.
struct Module {
    /// Its path in the archive.
    member: String,
    /// Where it is installed, relative to site-packages.
    place: String,
    /// What it says now.
    dylink: Dylink,
    /// What it said.
    before: Dylink,
    /// The modules that it needs, by number.
    links: Vec<usize>,
}

struct Repair<'a> {
    places: Places,
    libs: String,
    search: &'a Search,
    modules: Vec<Module>,
    /// The number of each library that was taken, by content.
    by_content: BTreeMap<String, usize>,
    out: Repaired,
}

/// Gives a wheel what its modules need, and the modules their run paths.
///
/// # Errors
/// A module or library is damaged, or cannot be read.
pub fn repair(
    name: &WheelName,
    entries: Entries,
    search: &Search,
) -> Result<Repaired, WheelBuildError> {
    let abi = ABIS.iter().find(|abi| names_abi(name, abi));
    let mut repair = Repair {
        places: Places::new(abi.map(|abi| abi.python)),
        libs: format!("{}.libs", name.name),
        search,
        modules: Vec::new(),
        by_content: BTreeMap::new(),
        out: Repaired::default(),
    };
    for (member, entry) in &entries {
        if Binary::of(&entry.bytes) == Binary::SideModule
            && let Some(place) = installed(member)
        {
            let dylink = Dylink::read(&entry.bytes);
            let dylink = dylink
                .map_err(|why| WheelBuildError::Message(format!("{name}: {member}: {why}")))?;
            repair.add(member.clone(), place, dylink);
        }
    }
    repair.out.entries = entries;
    let mut at = 0;
    while at < repair.modules.len() {
        repair.resolve(at)?;
        at += 1;
    }
    repair.set_run_paths();
    repair.write(name)?;
    Ok(repair.out)
}

impl Repair<'_> {
    fn add(&mut self, member: String, place: String, dylink: Dylink) -> usize {
        self.modules.push(Module {
            member,
            place,
            before: dylink.clone(),
            dylink,
            links: Vec::new(),
        });
        self.modules.len() - 1
    }

    /// Finds what a module needs, and calls it by the name that it has.
    fn resolve(&mut self, at: usize) -> Result<(), WheelBuildError> {
        for nth in 0..self.modules[at].dylink.needed.len() {
            let needed = self.modules[at].dylink.needed[nth].clone();
            let library = file_name(&needed);
            if self.search.elsewhere.iter().any(|name| name == library) {
                continue;
            }
            let found = match self.inside(at, library) {
                Found::Missing(None) => self.outside(at, &needed)?,
                found => found,
            };
            match found {
                Found::There(there) => {
                    let name = file_name(&self.modules[there].place).to_owned();
                    let module = &mut self.modules[at];
                    module.dylink.needed[nth] = name;
                    module.links.push(there);
                }
                Found::Missing(why) => self.out.missing.push(Missing {
                    module: self.modules[at].member.clone(),
                    library: library.to_owned(),
                    why,
                }),
            }
        }
        Ok(())
    }

    /// A library of the wheel: the one that the run path leads to, else the only one of its name.
    fn inside(&self, at: usize, library: &str) -> Found {
        let module = &self.modules[at];
        for entry in &module.dylink.run_path {
            let Some(folder) = self.places.resolve(&module.place, entry) else {
                continue;
            };
            let place = join(&folder, library);
            if let Some(there) = self.modules.iter().position(|one| one.place == place) {
                return Found::There(there);
            }
        }
        let all = self.modules.iter().enumerate();
        let named: Vec<_> = all
            .filter(|(_, one)| file_name(&one.place) == library)
            .collect();
        match named.as_slice() {
            [] => Found::Missing(None),
            [(there, _)] => Found::There(*there),
            several => {
                let places: Vec<&str> = several.iter().map(|(_, one)| &*one.place).collect();
                Found::Missing(Some(format!(
                    "{} have this name: a run path (`-Wl,-rpath,$ORIGIN/...`) says which",
                    places.join(" and ")
                )))
            }
        }
    }

    /// A library outside of the wheel, which is taken into it under a name that tells it from others of its
    /// name: as on Linux, two wheels may bring two versions of one.
    fn outside(&mut self, at: usize, needed: &str) -> Result<Found, WheelBuildError> {
        let module = &self.modules[at];
        let library = file_name(needed);
        let of_module = module.dylink.run_path.iter().map(Utf8PathBuf::from);
        let folders = of_module
            .filter(|folder| folder.is_absolute())
            .chain(self.search.folders.iter().cloned());
        let named = Some(Utf8PathBuf::from(needed)).filter(|path| path.is_absolute());
        let paths = named
            .into_iter()
            .chain(folders.map(|folder| folder.join(library)));
        let mut why = None;
        for path in paths.filter(|path| path.is_file()) {
            let bytes = std::fs::read(&path);
            let bytes = bytes.map_err(WheelBuildError::io("cannot read", path.as_path()))?;
            match Binary::of(&bytes) {
                Binary::SideModule => return self.take(path, bytes).map(Found::There),
                Binary::Native => why = Some(format!("{path} is a library of this machine")),
                _ => why = Some(format!("{path} is no shared library for the target")),
            }
        }
        Ok(Found::Missing(why))
    }

    /// Puts a library into the wheel, once.
    fn take(&mut self, from: Utf8PathBuf, bytes: Vec<u8>) -> Result<usize, WheelBuildError> {
        let hash = blake3::hash(&bytes).to_hex();
        if let Some(there) = self.by_content.get(hash.as_str()) {
            return Ok(*there);
        }
        let dylink = Dylink::read(&bytes);
        let dylink = dylink.map_err(|why| WheelBuildError::Message(format!("{from}: {why}")))?;
        let to = join(&self.libs, &unique(file_name(from.as_str()), &hash[..8]));
        let there = self.add(to.clone(), to.clone(), dylink);
        self.by_content.insert(hash.to_string(), there);
        let entry = Entry {
            bytes,
            executable: false,
        };
        self.out.entries.insert(to.clone(), entry);
        self.out.taken.push(Taken { from, to });
        Ok(there)
    }

    /// Gives each module a run path that leads to its libraries, spelled alike for each library.
    fn set_run_paths(&mut self) {
        for at in 0..self.modules.len() {
            for link in self.modules[at].links.clone() {
                let folder = folder_of(&self.modules[link].place).to_owned();
                let module = &mut self.modules[at];
                let leads = |entry: &String| {
                    self.places.resolve(&module.place, entry).as_deref() == Some(&folder)
                };
                if !module.dylink.run_path.iter().any(leads) {
                    let entry = self.places.entry_to(&module.place, &folder);
                    module.dylink.run_path.push(entry);
                }
            }
        }
        for library in 0..self.modules.len() {
            let folder = folder_of(&self.modules[library].place).to_owned();
            let users = self
                .modules
                .iter()
                .filter(|one| one.links.contains(&library));
            let spelled = users.filter_map(|one| {
                let mut entries = one.dylink.run_path.iter();
                let leads = |entry: &&String| {
                    self.places.resolve(&one.place, entry).as_deref() == Some(&folder)
                };
                Some(self.places.spelled(&one.place, entries.find(leads)?))
            });
            let spelled: BTreeSet<String> = spelled.collect();
            let Some(entry) = self.places.absolute(&folder).filter(|_| spelled.len() > 1) else {
                continue;
            };
            self.out.shared.push(self.modules[library].member.clone());
            for module in &mut self.modules {
                if module.links.contains(&library) {
                    module.dylink.run_path.retain(|other| *other != entry);
                    module.dylink.run_path.insert(0, entry.clone());
                }
            }
        }
    }

    /// Writes the modules that say something else now. Folders of the build machine are no part of that.
    fn write(&mut self, name: &WheelName) -> Result<(), WheelBuildError> {
        for module in &mut self.modules {
            if module.dylink == module.before {
                continue;
            }
            let places = &self.places;
            let stays = |entry: &String| entry.starts_with(ORIGIN) || places.is_own(entry);
            module.dylink.run_path.retain(stays);
            let Some(entry) = self.out.entries.get_mut(&module.member) else {
                continue;
            };
            let bytes = module.dylink.write(&entry.bytes);
            entry.bytes = bytes.map_err(|why| {
                WheelBuildError::Message(format!("{name}: {}: {why}", module.member))
            })?;
            self.out.changed.push(module.member.clone());
        }
        Ok(())
    }
}

/// Where a library is.
enum Found {
    /// In the wheel.
    There(usize),
    /// Nowhere, or why what there is cannot be it.
    Missing(Option<String>),
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `libx.so.1` as `libx-0a1b2c3d.so.1`.
fn unique(library: &str, mark: &str) -> String {
    match library.split_once('.') {
        Some((stem, rest)) => format!("{stem}-{mark}.{rest}"),
        None => format!("{library}-{mark}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHEEL: &str = "p-1-cp313-cp313-pyemscripten_2025_0_wasm32.whl";

    /// A side module, told from others by a custom section.
    fn side(needed: &[&str], run_path: &[&str], mark: u8) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0\0\x0f\x08dylink.0\x01\x04\x08\x02\0\0".to_vec();
        bytes.extend([0, 3, 1, b'x', mark]);
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let dylink = Dylink {
            needed: owned(needed),
            run_path: owned(run_path),
        };
        dylink.write(&bytes).unwrap()
    }

    fn entries(files: &[(&str, Vec<u8>)]) -> Entries {
        let entry = |(path, bytes): &(&str, Vec<u8>)| {
            let bytes = bytes.clone();
            let executable = false;
            ((*path).to_owned(), Entry { bytes, executable })
        };
        files.iter().map(entry).collect()
    }

    fn repaired(files: &[(&str, Vec<u8>)], search: &Search) -> Repaired {
        repair(&WheelName::parse(WHEEL).unwrap(), entries(files), search).unwrap()
    }

    fn said(repaired: &Repaired, member: &str) -> Dylink {
        Dylink::read(&repaired.entries[member].bytes).unwrap()
    }

    /// A folder with libraries, and the search of it.
    fn folder(files: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Search) {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let folders = vec![Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap()];
        let elsewhere = Vec::new();
        (dir, Search { folders, elsewhere })
    }

    #[test]
    fn libraries_and_what_they_need_are_taken_once_under_names_of_their_own() {
        let b = side(&[], &[], 2);
        let (_dir, search) = folder(&[
            ("liba.so.1", side(&["libb.so"], &[], 1)),
            ("libb.so", b.clone()),
            ("libb.so.2", b),
        ]);
        let needed = ["liba.so.1", "libb.so.2"];
        let wheel = [("p/m.so", side(&needed, &["/build/lib", "$ORIGIN/x"], 0))];
        let done = repaired(&wheel, &search);
        assert!(done.missing.is_empty(), "{:?}", done.missing);
        let [a, b] = done.taken.as_slice() else {
            panic!("{:?}", done.taken)
        };
        let module = said(&done, "p/m.so");
        let names = [file_name(&a.to), file_name(&b.to)];
        assert_eq!(module.needed, names);
        assert!(
            names[0].starts_with("liba-") && names[0].ends_with(".so.1"),
            "{names:?}"
        );
        assert!(a.to.starts_with("p.libs/"), "{}", a.to);
        assert!(module.run_path.contains(&"$ORIGIN/../p.libs".to_owned()));
        assert!(!module.run_path.contains(&"/build/lib".to_owned()));
        assert_eq!(said(&done, &a.to).needed, [names[1]]);
        // There is nothing left to do.
        let name = WheelName::parse(WHEEL).unwrap();
        let again = repair(&name, done.entries, &Search::default()).unwrap();
        assert!(
            again.changed.is_empty() && again.missing.is_empty(),
            "{:?}",
            again.changed
        );
    }

    #[test]
    fn two_folders_spell_the_way_to_a_library_alike() {
        let wheel = [
            ("p/m.so", side(&["liba.so"], &[], 0)),
            ("p/q/n.so", side(&["liba.so"], &["$ORIGIN/../../own"], 1)),
            ("own/liba.so", side(&[], &[], 2)),
        ];
        let done = repaired(&wheel, &Search::default());
        assert_eq!(done.shared, ["own/liba.so"]);
        for member in ["p/m.so", "p/q/n.so"] {
            let first = &said(&done, member).run_path[0];
            assert_eq!(first, "/lib/python3.13/site-packages/own");
        }
        let one = repaired(&[wheel[0].clone(), wheel[2].clone()], &Search::default());
        assert_eq!(said(&one, "p/m.so").run_path, ["$ORIGIN/../own"]);
        assert!(one.shared.is_empty() && one.taken.is_empty());
    }

    #[test]
    fn what_is_no_library_of_the_target_is_not_taken() {
        let (_dir, search) = folder(&[("liba.so", b"\x7fELF".to_vec())]);
        let wheel = [("p/m.so", side(&["liba.so", "libb.so"], &[], 0))];
        let done = repaired(&wheel, &search);
        let [a, b] = done.missing.as_slice() else {
            panic!("{:?}", done.missing)
        };
        assert!(
            a.why
                .as_deref()
                .unwrap()
                .ends_with("liba.so is a library of this machine")
        );
        assert_eq!((&*b.library, &b.why), ("libb.so", &None));
        assert!(done.changed.is_empty() && done.taken.is_empty());
        let elsewhere = vec!["liba.so".into(), "libb.so".into()];
        let search = Search {
            elsewhere,
            ..search
        };
        assert!(repaired(&wheel, &search).missing.is_empty());
    }

    #[test]
    fn two_libraries_of_a_name_are_told_apart_by_a_run_path_or_not_at_all() {
        let libraries = [
            ("a/libx.so", side(&[], &[], 1)),
            ("b/libx.so", side(&[], &[], 2)),
        ];
        let with = |run_path: &[&str]| {
            let module = ("p/m.so", side(&["libx.so"], run_path, 0));
            let [a, b] = libraries.clone();
            repaired(&[module, a, b], &Search::default())
        };
        assert!(with(&["$ORIGIN/../b"]).missing.is_empty());
        let why = with(&[]).missing.remove(0).why.unwrap();
        assert!(why.contains("a/libx.so and b/libx.so"), "{why}");
    }
}
