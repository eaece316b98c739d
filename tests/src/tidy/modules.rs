//! Which module of a crate uses which.
//!
//! A path from `crate`, `self` or `super` is followed to the longest module it names; a name that this
//! module only passes on (`pub use`) is followed to where it comes from. `mod` and `pub use` are no
//! uses. Paths from a bare name of a child module (`child::f()`) are.

use super::source::{before_tests, code};
use super::{files, text};
use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

/// A module, by the names on the way to it from the crate's root.
pub type Module = Vec<String>;

/// Which modules each module uses, itself left out.
pub type Uses = BTreeMap<Module, BTreeSet<Module>>;

/// A module's source, taken apart.
#[derive(Debug, Default)]
struct Source {
    /// Paths used, each a list of names.
    paths: Vec<Vec<String>>,
    /// Names passed on, and the paths they are of.
    passed_on: BTreeMap<String, Vec<String>>,
}

/// The uses between modules of the crate whose sources are in a folder.
///
/// # Panics
/// A source cannot be read.
#[must_use]
pub fn uses(src: &Utf8Path) -> Uses {
    let sources: BTreeMap<Module, Source> = files(src, ".rs")
        .iter()
        .map(|file| {
            let own = file.strip_prefix(src).expect("below").with_extension("");
            let mut module: Module = own.iter().map(str::to_owned).collect();
            if matches!(own.file_name(), Some("mod" | "lib" | "main")) {
                module.pop();
            }
            (module, Source::read(&code(before_tests(&text(file)))))
        })
        .fold(BTreeMap::new(), |mut all, (module, source)| {
            // `main.rs` beside `lib.rs` is a crate of its own.
            all.entry(module).or_insert(source);
            all
        });
    let resolve = |from: &Module, path: &[String]| resolve(&sources, from, path, 0);
    sources
        .iter()
        .map(|(module, source)| {
            let used = source.paths.iter().filter_map(|path| resolve(module, path));
            (module.clone(), used.filter(|used| used != module).collect())
        })
        .collect()
}

/// The module that a path from a module leads to.
fn resolve(
    sources: &BTreeMap<Module, Source>,
    from: &Module,
    path: &[String],
    depth: usize,
) -> Option<Module> {
    let mut at: Module;
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => {
            at = Vec::new();
            rest = &rest[1..];
        }
        "self" => {
            at = from.clone();
            rest = &rest[1..];
        }
        "super" => {
            at = from.clone();
            while rest.first().is_some_and(|name| name == "super") {
                at.pop()?;
                rest = &rest[1..];
            }
        }
        child => {
            at = from.clone();
            at.push(child.to_owned());
            // Any other name is a crate's or an item's.
            sources.get(&at)?;
            rest = &rest[1..];
        }
    }
    while let Some(name) = rest.first() {
        let mut next = at.clone();
        next.push(name.clone());
        if !sources.contains_key(&next) {
            break;
        }
        at = next;
        rest = &rest[1..];
    }
    let passed = rest
        .first()
        .and_then(|name| sources.get(&at)?.passed_on.get(name));
    match passed {
        Some(path) if depth < 8 => resolve(sources, &at, path, depth + 1).or(Some(at)),
        _ => Some(at),
    }
}

/// What stands before a `use` that passes a name on.
const PASSES_ON: &[&str] = &["pub", "pub(crate)", "pub(super)"];

impl Source {
    fn read(code: &str) -> Self {
        let mut source = Self::default();
        let mut rest = code;
        let mut plain = String::new();
        while let Some(at) = next_use(rest) {
            plain.push_str(&rest[..at]);
            let passes_on = PASSES_ON
                .iter()
                .any(|word| rest[..at].trim_end().ends_with(word));
            let statement = &rest[at + "use ".len()..];
            let end = statement.find(';').unwrap_or(statement.len());
            for (path, name) in leaves(&statement[..end]) {
                if passes_on {
                    source.passed_on.insert(name, path);
                } else {
                    source.paths.push(path);
                }
            }
            rest = &statement[end..];
        }
        plain.push_str(rest);
        source.paths.extend(inline(&plain));
        source
    }
}

/// Where the next `use` statement begins.
fn next_use(code: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + code[from..].find("use ")?;
        let before = code[..at].chars().next_back();
        if before.is_none_or(|c| c.is_whitespace()) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The paths of a tree of uses, each with the name it is used by.
fn leaves(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    let Some((before, inside)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut names: Vec<String> = path.split("::").map(|n| n.trim().to_owned()).collect();
        if names.len() > 1 && names.last().is_some_and(|name| name == "self") {
            names.pop();
        }
        let last = names.last().cloned().unwrap_or_default();
        let name = if name.is_empty() {
            last
        } else {
            name.trim().to_owned()
        };
        return vec![(names, name)];
    };
    let inside = inside.rsplit_once('}').map_or(inside, |(inside, _)| inside);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| leaves(&format!("{before}{}", part.trim())))
        .collect()
}

/// The paths in code outside `use`.
fn inline(code: &str) -> Vec<Vec<String>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("::") {
        let first = rest[..at]
            .rfind(|c| !word(c))
            .map_or(0, |before| before + 1);
        let end = rest[at..]
            .find(|c| !(word(c) || c == ':'))
            .map_or(rest.len(), |end| at + end);
        let path = &rest[first..end];
        let names: Vec<String> = path.split("::").map(str::to_owned).collect();
        if names.iter().all(|name| !name.is_empty()) {
            paths.push(names);
        }
        rest = &rest[end.max(at + 2)..];
    }
    paths
}

/// The circles: modules that use each other, by way of others or at once.
#[must_use]
pub fn circles(uses: &Uses) -> Vec<BTreeSet<Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = uses
        .keys()
        .map(|from| {
            let mut reached = BTreeSet::new();
            let mut next: Vec<&Module> = uses[from].iter().collect();
            while let Some(module) = next.pop() {
                if reached.insert(module) {
                    next.extend(uses.get(module).into_iter().flatten());
                }
            }
            (from, reached)
        })
        .collect();
    let mut circles: Vec<BTreeSet<Module>> = Vec::new();
    for (from, all) in &reached {
        if all.contains(from) && !circles.iter().any(|circle| circle.contains(*from)) {
            let back = |module: &&&Module| reached.get(**module).is_some_and(|r| r.contains(from));
            circles.push(
                all.iter()
                    .filter(back)
                    .map(|module| (*module).clone())
                    .collect(),
            );
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;

    fn crate_of(files: &[(&str, &str)]) -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let src = Utf8PathBuf::try_from(dir.path().join("src")).unwrap();
        for (name, text) in files {
            let path = src.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        (dir, src)
    }

    fn named(circles: &[BTreeSet<Module>]) -> Vec<String> {
        let name = |circle: &BTreeSet<Module>| {
            let names: Vec<String> = circle.iter().map(|module| module.join("/")).collect();
            names.join(" ")
        };
        circles.iter().map(name).collect()
    }

    #[test]
    fn circles_are_found_however_they_are_written() {
        let (_dir, src) = crate_of(&[
            ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\npub use a::A;\n"),
            ("a.rs", "use crate::b::{self, B as Other};\npub struct A;\n"),
            ("b.rs", "pub struct B;\nfn f() { let _ = super::c::f(); }\n"),
            (
                "c.rs",
                "// crate::d\npub fn f() -> &'static str { let _: crate::A; \"crate::d\" }\n",
            ),
            (
                "d.rs",
                "use crate::a::A;\n#[cfg(test)]\nmod tests { use crate::d; }\n",
            ),
        ]);
        assert_eq!(named(&circles(&uses(&src))), ["a b c"]);
    }

    #[test]
    fn a_child_that_uses_its_parents_item_makes_a_circle_if_the_parent_uses_the_child() {
        let parent = "mod child;\npub struct P;\nfn f() { child::g(); }\n";
        let (_dir, src) = crate_of(&[
            ("lib.rs", "mod p;\n"),
            ("p/mod.rs", parent),
            ("p/child.rs", "use super::P;\npub fn g() {}\n"),
        ]);
        assert_eq!(named(&circles(&uses(&src))), ["p p/child"]);
        let passes_on = "mod child;\nmod data;\npub use data::P;\nfn f() { child::g(); }\n";
        std::fs::write(src.join("p/mod.rs"), passes_on).unwrap();
        std::fs::write(src.join("p/data.rs"), "pub struct P;\n").unwrap();
        assert!(circles(&uses(&src)).is_empty());
    }
}
