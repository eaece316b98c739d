//! Copying a project's folder, without what other builds and tools left in it.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use crate::files::{self, Context as _, FileError};

/// Files that mark the folder they are in, all of a row together, as made by a tool.
const MARKERS: &[&[&str]] = &[
    // A virtual environment; one whose configuration is gone; conda's.
    &["pyvenv.cfg"],
    &["bin/activate", "bin/python"],
    &["conda-meta"],
    // A cache by the Cache Directory Tagging convention: pytest, mypy, ruff, cargo write it, and
    // emshim into its store.
    &["CACHEDIR.TAG"],
    // A build folder of CMake or Meson, which could not be used at another path anyway.
    &["CMakeCache.txt"],
    &["meson-private"],
    // emshim's own: a shim folder, and a log.
    &["emshim.json"],
    &["records.jsonl", "blobs"],
    &[LOG_MARK],
];

/// File that marks a log folder, which may hold no record yet.
pub const LOG_MARK: &str = ".emshim-log";

/// Names of folders that are caches wherever they are.
const CACHES: &[&str] = &["__pycache__", ".tox", ".nox"];

/// What setuptools and `build` leave at the top of a project. Left in place, setuptools would pack
/// a stale `build/lib` into the wheel.
const OUTPUTS: &[Output] = &[
    Output {
        name: "build",
        prefixes: &["lib", "temp.", "bdist.", "scripts-"],
        suffixes: &[],
    },
    Output {
        name: "dist",
        prefixes: &[],
        suffixes: &[".whl", ".tar.gz", ".egg"],
    },
];

/// A folder that is output when the names of all its children say so.
struct Output {
    name: &'static str,
    prefixes: &'static [&'static str],
    suffixes: &'static [&'static str],
}

impl Output {
    fn has_child(&self, name: &str) -> bool {
        self.prefixes.iter().any(|prefix| name.starts_with(prefix))
            || self.suffixes.iter().any(|suffix| name.ends_with(suffix))
    }
}

/// Folders that are the system's and hold no sources, however they are reached.
const SYSTEM: &[&str] = &["/proc", "/sys", "/dev", "/run"];

/// Copies `from` to `to`, version control's files included, with times and modes. The folders
/// `left_out` (where wheels go, the store, the log) are not part of the source even when they lie
/// in it, and neither is `to`; of one that is `from` itself, its wheels are not.
///
/// Links within the tree stay links; for one that leads out of it, what it points to is copied,
/// once: a second link to the same place leads to the copy.
pub(crate) fn copy(
    from: &Utf8Path,
    to: &Utf8Path,
    left_out: &[&Utf8Path],
) -> Result<(), FileError> {
    let real = from.canonicalize_utf8().context("read", from)?;
    files::create_dir_all(to)?;
    let to = to.canonicalize_utf8().context("read", to)?;
    let mut left_out: Vec<_> = left_out
        .iter()
        .map(|path| {
            path.canonicalize_utf8()
                .unwrap_or_else(|_| path.to_path_buf())
        })
        .collect();
    left_out.push(to.clone());
    // Wheels may go to the folder above; what else is in there is none of their business.
    left_out.retain(|out| *out == real || !real.starts_with(out));
    let mut copier = Copier {
        root: &real,
        left_out: &left_out,
        places: vec![(real.clone(), to.clone())],
        links: Vec::new(),
    };
    copier.tree(&real, &to)?;
    copier.finish()
}

struct Copier<'a> {
    root: &'a Utf8Path,
    left_out: &'a [Utf8PathBuf],
    /// Each folder that is copied as a tree, links resolved, and its copy.
    places: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// Each link in the copy whose target is copied too, and that target's copy.
    links: Vec<(Utf8PathBuf, Utf8PathBuf)>,
}

impl Copier<'_> {
    fn tree(&mut self, from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
        let walk = WalkDir::new(from).sort_by_file_name().into_iter();
        let (root, left_out) = (self.root, self.left_out);
        for entry in walk.filter_entry(|entry| !is_left_out(root, left_out, entry)) {
            let entry = entry.map_err(std::io::Error::from).context("read", from)?;
            let path = Utf8Path::from_path(entry.path())
                .ok_or_else(|| not_utf8(entry.path()))
                .context("copy", from)?;
            let copy = path.strip_prefix(from).map_or_else(
                |_| to.to_owned(),
                // `join("")` would end the path with a slash.
                |rest| {
                    if rest == "" {
                        to.to_owned()
                    } else {
                        to.join(rest)
                    }
                },
            );
            if entry.file_type().is_dir() {
                files::create_dir_all(&copy)?;
            } else if entry.file_type().is_symlink() {
                self.link(path, &copy)?;
            } else if entry.file_type().is_file() {
                copy_file(path, &copy)?;
            }
        }
        Ok(())
    }

    fn link(&mut self, path: &Utf8Path, copy: &Utf8Path) -> Result<(), FileError> {
        let target = path.read_link_utf8().context("read", path)?;
        let as_it_is = || std::os::unix::fs::symlink(&target, copy).context("write", copy);
        let Ok(resolved) = path.canonicalize_utf8() else {
            return as_it_is();
        };
        if let Some(there) = self.copy_of(&resolved) {
            self.links.push((copy.to_owned(), there));
            return as_it_is();
        }
        if resolved.is_file() && !is_in(&resolved, SYSTEM) {
            return copy_file(&resolved, copy);
        }
        // A folder that contains the tree would be copied into itself; what is left out elsewhere
        // is not brought in by a link.
        let not_for_us = self.root.starts_with(&resolved)
            || is_in(&resolved, SYSTEM)
            || is_in(&resolved, self.left_out);
        if not_for_us || !resolved.is_dir() {
            return as_it_is();
        }
        self.places.push((resolved.clone(), copy.to_owned()));
        self.tree(&resolved, copy)
    }

    /// Where the copy of a path is, links resolved, if it is in one of the copied trees.
    fn copy_of(&self, resolved: &Utf8Path) -> Option<Utf8PathBuf> {
        self.places.iter().find_map(|(from, to)| {
            let rest = resolved.strip_prefix(from).ok()?;
            Some(if rest == "" {
                to.clone()
            } else {
                to.join(rest)
            })
        })
    }

    /// A link keeps its words where they lead to the copy of its target, as they do unless they go
    /// through a folder that is not copied; else it is made anew.
    fn finish(self) -> Result<(), FileError> {
        for (link, there) in self.links {
            let leads = link.canonicalize_utf8();
            if !there.exists() || leads.is_ok_and(|leads| leads == there) {
                continue;
            }
            files::remove(&link)?;
            std::os::unix::fs::symlink(relative(&link, &there), &link).context("write", &link)?;
        }
        Ok(())
    }
}

/// The words of a link at `link` to `target`, both absolute and without links above them.
fn relative(link: &Utf8Path, target: &Utf8Path) -> Utf8PathBuf {
    let folder = link.parent().unwrap_or(link);
    let shared = folder
        .ancestors()
        .find(|above| target.starts_with(above))
        .unwrap_or(folder);
    let up = folder
        .strip_prefix(shared)
        .map_or(0, |rest| rest.components().count());
    let mut words: Utf8PathBuf = std::iter::repeat_n("..", up).collect();
    words.push(target.strip_prefix(shared).unwrap_or(target));
    if words == "" { ".".into() } else { words }
}

fn is_in(path: &Utf8Path, folders: &[impl AsRef<Utf8Path>]) -> bool {
    folders
        .iter()
        .any(|folder| path.starts_with(folder.as_ref()))
}

fn not_utf8(path: &std::path::Path) -> std::io::Error {
    std::io::Error::other(format!(
        "the name of {} is not UTF-8; rename it",
        path.display()
    ))
}

fn is_left_out(root: &Utf8Path, left_out: &[Utf8PathBuf], entry: &DirEntry) -> bool {
    let Some(path) = Utf8Path::from_path(entry.path()) else {
        return false;
    };
    if path == root {
        return false;
    }
    let name = path.file_name().unwrap_or_default();
    if !entry.file_type().is_dir() {
        let beside_wheels = path.parent() == Some(root) && left_out.iter().any(|out| out == root);
        return beside_wheels && name.ends_with(".whl");
    }
    let has_all = |marker: &&[&str]| marker.iter().all(|file| path.join(file).exists());
    left_out.iter().any(|out| out == path)
        || CACHES.contains(&name)
        || MARKERS.iter().any(has_all)
        || is_output(root, path, name)
}

fn is_output(root: &Utf8Path, path: &Utf8Path, name: &str) -> bool {
    let Some(output) = OUTPUTS.iter().find(|output| output.name == name) else {
        return false;
    };
    let Ok(mut children) = path.read_dir_utf8() else {
        return false;
    };
    path.parent() == Some(root)
        && children.all(|child| child.is_ok_and(|child| output.has_child(child.file_name())))
}

fn copy_file(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    let modified = fs::metadata(from)
        .and_then(|meta| meta.modified())
        .context("read", from)?;
    disk::sparse::copy(from.as_std_path(), to.as_std_path()).context("copy", from)?;
    make_writable(to)?;
    files::set_modified(to, modified)?;
    point_git_file(from, to)
}

/// Read-only sources (a checkout from a content store) must not make a read-only work tree.
fn make_writable(path: &Utf8Path) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path)
        .context("read", path)?
        .permissions()
        .mode();
    let permissions = fs::Permissions::from_mode(mode | 0o200);
    fs::set_permissions(path, permissions).context("write", path)
}

/// In submodules and worktrees `.git` is a file that names the repository, often by a path
/// relative to it, which would lead nowhere from the copy.
fn point_git_file(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    if from.file_name() != Some(".git") {
        return Ok(());
    }
    let text = files::read_to_string(from)?;
    let relative = text
        .strip_prefix("gitdir:")
        .map(|path| Utf8PathBuf::from(path.trim()));
    let folder = from.parent().unwrap_or(from);
    match relative.filter(|path| path.is_relative()) {
        Some(path) => {
            files::write_atomic(to, format!("gitdir: {}\n", folder.join(path)).as_bytes())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Project {
        _dir: tempfile::TempDir,
        base: Utf8PathBuf,
    }

    impl Project {
        fn new(files: &[&str]) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let base = Utf8Path::from_path(dir.path())
                .unwrap()
                .canonicalize_utf8()
                .unwrap();
            let project = Self { _dir: dir, base };
            for file in files {
                let path = project.base.join("from").join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, *file).unwrap();
            }
            project
        }

        fn copied(&self) -> Vec<String> {
            let (from, to) = (self.base.join("from"), self.base.join("to"));
            copy(&from, &to, &[&from.join("wheels")]).unwrap();
            let files = WalkDir::new(&to)
                .sort_by_file_name()
                .into_iter()
                .map(Result::unwrap);
            files
                .filter(|entry| !entry.file_type().is_dir())
                .map(|entry| {
                    entry
                        .path()
                        .strip_prefix(&to)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned()
                })
                .collect()
        }
    }

    #[test]
    fn sources_are_copied_and_left_overs_are_not() {
        let project = Project::new(&[
            ".git/HEAD",
            ".venv/pyvenv.cfg",
            "__pycache__/a.pyc",
            "_skbuild/CMakeCache.txt",
            "bd/meson-private/x",
            "build/lib.linux-x86_64/p.so",
            "dist/p-1.whl",
            "pkg/__init__.py",
            "pkg/build/lib.py",
            "pyproject.toml",
            "target/CACHEDIR.TAG",
            "wheels/notes.txt",
        ]);
        let expected = [
            ".git/HEAD",
            "pkg/__init__.py",
            "pkg/build/lib.py",
            "pyproject.toml",
        ];
        assert_eq!(project.copied(), expected);
    }

    #[test]
    fn an_environment_without_its_configuration_and_a_log_without_records_are_left_out() {
        let files = [
            "env/bin/activate",
            "env/bin/python",
            "env/lib/x.py",
            "log/.emshim-log",
            "log/build-p.log",
            "pyproject.toml",
        ];
        assert_eq!(Project::new(&files).copied(), ["pyproject.toml"]);
    }

    #[test]
    fn folders_of_sources_are_kept_whatever_their_names() {
        let files = [
            "build/lib.rs.in",
            "build/make.sh",
            "dist/app.js",
            "pyproject.toml",
        ];
        assert_eq!(Project::new(&files).copied(), files);
    }

    #[test]
    fn links_stay_within_and_are_resolved_beyond() {
        let project = Project::new(&["a.txt", "sub/x"]);
        let from = project.base.join("from");
        fs::write(project.base.join("outside.txt"), "outside").unwrap();
        std::os::unix::fs::symlink("../a.txt", from.join("sub/inner")).unwrap();
        std::os::unix::fs::symlink("../outside.txt", from.join("outer")).unwrap();
        std::os::unix::fs::symlink("..", from.join("up")).unwrap();
        std::os::unix::fs::symlink("nowhere", from.join("dangling")).unwrap();
        project.copied();
        let to = project.base.join("to");
        assert_eq!(to.join("sub/inner").read_link_utf8().unwrap(), "../a.txt");
        assert!(!to.join("outer").is_symlink());
        assert_eq!(fs::read_to_string(to.join("outer")).unwrap(), "outside");
        assert!(to.join("up").is_symlink() && to.join("dangling").is_symlink());
    }

    #[test]
    fn times_and_modes_stay_and_the_copy_is_writable() {
        use std::os::unix::fs::PermissionsExt as _;
        let project = Project::new(&["run.sh"]);
        let path = project.base.join("from/run.sh");
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        files::set_modified(&path, time).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o555)).unwrap();
        project.copied();
        let meta = fs::metadata(project.base.join("to/run.sh")).unwrap();
        assert_eq!(meta.modified().unwrap(), time);
        assert_eq!(meta.permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn a_submodules_git_file_still_finds_its_repository() {
        let project = Project::new(&["setup.py"]);
        let from = project.base.join("from");
        fs::write(from.join(".git"), "gitdir: ../.git/modules/from\n").unwrap();
        project.copied();
        let text = fs::read_to_string(project.base.join("to/.git")).unwrap();
        assert_eq!(text, format!("gitdir: {from}/../.git/modules/from\n"));
    }

    fn link(project: &Project, target: &str, name: &str) {
        std::os::unix::fs::symlink(target, project.base.join(name)).unwrap();
    }

    /// All that is in the copy, each folder once.
    fn names(project: &Project) -> Vec<String> {
        let to = project.base.join("to");
        let walk = WalkDir::new(&to).min_depth(1).sort_by_file_name();
        let name = |entry: walkdir::Result<DirEntry>| {
            let path = entry.unwrap().into_path();
            path.strip_prefix(&to).unwrap().to_str().unwrap().to_owned()
        };
        walk.into_iter().map(name).collect()
    }

    #[test]
    fn a_tree_that_holds_the_tools_own_folders_is_copied_without_them() {
        let project = Project::new(&[
            "setup.py",
            "store/trees/a",
            "logs/records.jsonl",
            "logs/blobs/x",
            "shims/emshim.json",
            "old-store/CACHEDIR.TAG",
            "data/records.jsonl",
        ]);
        let from = project.base.join("from");
        fs::create_dir(project.base.join("venv")).unwrap();
        fs::write(project.base.join("venv/pyvenv.cfg"), "").unwrap();
        link(&project, "../venv", "from/.venv");
        link(&project, "store/trees", "from/by-link");
        let to = from.join("store/trees/unfinished/source");
        copy(&from, &to, &[&from.join("store")]).unwrap();
        fs::rename(&to, project.base.join("to")).unwrap();
        assert_eq!(
            names(&project),
            ["by-link", "data", "data/records.jsonl", "setup.py"]
        );
    }

    #[test]
    fn a_copy_below_the_tree_is_not_copied_into_itself() {
        let project = Project::new(&["setup.py", "p-1.whl"]);
        let from = project.base.join("from");
        copy(&from, &from.join("a/b"), &[&from]).unwrap();
        let copied = |name: &str| from.join("a/b").join(name).exists();
        assert!(copied("setup.py") && !copied("p-1.whl") && copied("a") && !copied("a/b"));
    }

    #[test]
    fn cycles_of_links_outside_are_copied_once() {
        let project = Project::new(&["setup.py"]);
        fs::create_dir_all(project.base.join("ext/deep")).unwrap();
        fs::create_dir_all(project.base.join("other")).unwrap();
        fs::write(project.base.join("ext/a.h"), "a").unwrap();
        link(&project, ".", "ext/X11");
        link(&project, "../../other", "ext/deep/other");
        link(&project, "../ext", "other/back");
        link(&project, "../ext", "from/link");
        link(&project, "../ext/deep", "from/second");
        project.copied();
        let expected = [
            "link",
            "link/X11",
            "link/a.h",
            "link/deep",
            "link/deep/other",
            "link/deep/other/back",
            "second",
            "setup.py",
        ];
        assert_eq!(names(&project), expected);
        let to = project.base.join("to");
        for (name, leads) in [
            ("link/X11", "link"),
            ("link/deep/other/back", "link"),
            ("second", "link/deep"),
        ] {
            assert_eq!(to.join(name).canonicalize_utf8().unwrap(), to.join(leads));
        }
    }

    #[test]
    fn links_through_folders_that_are_not_copied_lead_to_the_copy() {
        let project = Project::new(&["a.txt"]);
        link(&project, "../from/a.txt", "from/by-parent");
        let absolute = project.base.join("from/a.txt");
        link(&project, absolute.as_str(), "from/absolute");
        link(&project, "/proc/self", "from/proc");
        link(&project, "loop", "from/loop");
        project.copied();
        let to = project.base.join("to");
        for name in ["by-parent", "absolute"] {
            assert_eq!(to.join(name).read_link_utf8().unwrap(), "a.txt");
        }
        assert!(to.join("proc").is_symlink() && to.join("loop").is_symlink());
    }
}
