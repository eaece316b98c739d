//! Where files of a wheel are once it is installed, and how run paths name them.

/// What stands for a module's own folder in a run path.
pub(super) const ORIGIN: &str = "$ORIGIN";

/// The places of a wheel's files.
pub(super) struct Places {
    /// Pyodide's site-packages, where the runtime is known.
    site: Option<String>,
}

impl Places {
    /// For a minor version of Python.
    pub(super) fn new(python: Option<&str>) -> Self {
        Self {
            site: python.map(|python| format!("/lib/python{python}/site-packages")),
        }
    }

    /// The folder that an entry of a module's run path names, relative to site-packages; none if it lies elsewhere.
    pub(super) fn resolve(&self, module: &str, entry: &str) -> Option<String> {
        if let Some(below) = self.below_site(entry) {
            return normal(below);
        }
        let below = entry.strip_prefix(ORIGIN)?;
        (below.is_empty() || below.starts_with('/'))
            .then(|| normal(&format!("{}{below}", folder_of(module))))?
    }

    /// How the loader spells that folder.
    pub(super) fn spelled(&self, module: &str, entry: &str) -> String {
        match entry.strip_prefix(ORIGIN) {
            Some(below) => format!("{}{below}", folder_of(module)),
            None => entry.to_owned(),
        }
    }

    /// The entry that leads from a module to a folder.
    pub(super) fn entry_to(&self, module: &str, folder: &str) -> String {
        let from: Vec<&str> = parts(folder_of(module)).collect();
        let to: Vec<&str> = parts(folder).collect();
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..", from.len() - common);
        let words = std::iter::once(ORIGIN)
            .chain(up)
            .chain(to[common..].iter().copied());
        words.collect::<Vec<_>>().join("/")
    }

    /// The entry that is the same for every module.
    pub(super) fn absolute(&self, folder: &str) -> Option<String> {
        Some(join(self.site.as_deref()?, folder))
    }

    /// Whether an entry names site-packages or a folder in it.
    pub(super) fn is_own(&self, entry: &str) -> bool {
        self.below_site(entry).is_some()
    }

    fn below_site<'e>(&self, entry: &'e str) -> Option<&'e str> {
        let below = entry.strip_prefix(self.site.as_deref()?)?;
        (below.is_empty() || below.starts_with('/')).then_some(below)
    }
}

/// The folder of a path; empty for one at the top.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file in a folder, either of which may be empty.
pub(super) fn join(folder: &str, file: &str) -> String {
    match (folder, file) {
        ("", file) => file.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, file) => format!("{folder}/{file}"),
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

/// A path without `.` and `..`; none if it leads out.
fn normal(path: &str) -> Option<String> {
    let mut kept = Vec::new();
    for part in parts(path) {
        match part {
            ".." => drop(kept.pop()?),
            part => kept.push(part),
        }
    }
    Some(kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_paths_lead_to_folders_of_the_wheel() {
        let places = Places::new(Some("3.14"));
        for (module, entry, folder) in [
            ("p/m.so", "$ORIGIN/../p.libs", Some("p.libs")),
            ("p/q/m.so", "$ORIGIN/./", Some("p/q")),
            ("m.so", "$ORIGIN", Some("")),
            ("m.so", "$ORIGIN/..", None),
            ("m.so", "$ORIGINAL", None),
            ("m.so", "/usr/lib", None),
            (
                "m.so",
                "/lib/python3.14/site-packages/p.libs",
                Some("p.libs"),
            ),
            ("m.so", "/lib/python3.13/site-packages/p.libs", None),
        ] {
            assert_eq!(places.resolve(module, entry).as_deref(), folder, "{entry}");
        }
        for (module, folder, entry) in [
            ("p/m.so", "p.libs", "$ORIGIN/../p.libs"),
            ("p/q/m.so", "p", "$ORIGIN/.."),
            ("p.libs/l.so", "p.libs", "$ORIGIN"),
            ("m.so", "p.libs", "$ORIGIN/p.libs"),
        ] {
            assert_eq!(places.entry_to(module, folder), entry);
            assert_eq!(places.resolve(module, entry).as_deref(), Some(folder));
        }
        assert_ne!(
            places.spelled("p/m.so", "$ORIGIN/../l"),
            places.spelled("p/q/m.so", "$ORIGIN/../../l")
        );
    }
}
