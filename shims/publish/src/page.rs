//! A page with a console in which wheels are installed: static files, addressed relatively, with all of
//! Pyodide that they take.

use camino::Utf8Path;
use serde_json::json;
use wheel_build::error::WheelBuildError;

use crate::draft::Draft;
use crate::packages::Packages;
use crate::simple_index::escaped;

/// The folder of Pyodide in a page's.
const PYODIDE: &str = "pyodide/";

/// The runtime's files, in the spellings of its releases: each row is one file.
const RUNTIME: &[&[&str]] = &[
    &["pyodide.mjs"],
    &["pyodide.asm.mjs", "pyodide.asm.js"],
    &["pyodide.asm.wasm"],
    &["python_stdlib.zip"],
];

/// The page's own files.
const FILES: &[(&str, &str)] = &[
    ("page/page.css", include_str!("../page/page.css")),
    ("page/page.js", include_str!("../page/page.js")),
    ("page/session.py", include_str!("../page/session.py")),
    ("page/worker.js", include_str!("../page/worker.js")),
];

const INDEX: &str = include_str!("../page/index.html");

/// What a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Its title; that of the first package if there is none.
    pub title: Option<&'a str>,
    /// A program to begin with: its file's name and its text.
    pub example: Option<(&'a str, &'a str)>,
    /// The unpacked npm package of Pyodide.
    pub pyodide: &'a Utf8Path,
    /// Its version.
    pub release: &'a str,
}

impl Page<'_> {
    /// Writes the page for these packages.
    ///
    /// # Errors
    /// The npm package lacks a file, or one cannot be written.
    pub fn write(&self, draft: &mut Draft, packages: &Packages) -> Result<(), WheelBuildError> {
        let first = packages.named.first().and_then(|name| packages.get(name));
        let first = first.map(|one| format!("{} {}", one.name, one.version));
        let title = self.title.map(str::to_owned).or(first).unwrap_or_default();
        let index = INDEX.replace("{{title}}", &escaped(&title));
        draft.add("index.html", index.as_bytes())?;
        for (name, text) in FILES {
            draft.add(name, text.as_bytes())?;
        }
        let installed = packages.all.iter();
        let installed: Vec<_> = installed
            .map(|one| format!("{} {}", one.name, one.version))
            .collect();
        let config = json!({
            "runtime": format!("Pyodide {}", self.release),
            "packages": packages.named,
            "installed": installed,
            "example": self.example.map(|(name, _)| name),
        });
        draft.add("page/config.json", format!("{config:#}\n").as_bytes())?;
        if let Some((_, text)) = self.example {
            draft.add("page/example.py", text.as_bytes())?;
        }
        runtime(draft, PYODIDE, self.pyodide)?;
        let lock = self.pyodide.join(crate::packages::LOCK);
        let release = std::fs::read_to_string(&lock)
            .map_err(WheelBuildError::io("cannot read", lock.as_path()))?;
        packages.write(draft, PYODIDE, &release)
    }
}

/// Copies the runtime into a folder of a draft.
///
/// # Errors
/// The npm package lacks a file, or one cannot be written.
pub fn runtime(draft: &mut Draft, folder: &str, pyodide: &Utf8Path) -> Result<(), WheelBuildError> {
    for spellings in RUNTIME {
        let mut there = spellings.iter().filter(|name| pyodide.join(name).is_file());
        let Some(name) = there.next() else {
            return Err(WheelBuildError::Message(format!(
                "{pyodide} has no {}: choose another --target, or delete the folder to have it fetched again",
                spellings.join(" or ")
            )));
        };
        draft.copy(&format!("{folder}{name}"), &pyodide.join(name))?;
    }
    Ok(())
}
