//! Copying a project's folder, without what other builds and tools left in it.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use crate::files::{self, Context as _, FileError};

/// Files that mark the folder they are in as made by a tool: a virtual environment, a cache by
/// the Cache Directory Tagging convention (pytest, mypy, ruff, cargo write it), a build folder of
/// CMake or Meson, which could not be used at another path anyway.
const MARKERS: &[&str] = &[
    "pyvenv.cfg",
    "CACHEDIR.TAG",
    "CMakeCache.txt",
    "meson-private",
];

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

/// Copies `from` to `to`, version control's files included, with times and modes. `outdir` is left
/// out when it lies in the tree.
///
/// Links within the tree stay links; for one that leads out of it, what it points to is copied.
pub(crate) fn copy(from: &Utf8Path, to: &Utf8Path, outdir: &Utf8Path) -> Result<(), FileError> {
    let real = from.canonicalize_utf8().context("read", from)?;
    let outdir = outdir
        .canonicalize_utf8()
        .unwrap_or_else(|_| outdir.to_owned());
    let copier = Copier {
        root: &real,
        outdir: &outdir,
    };
    copier.tree(&real, to)
}

struct Copier<'a> {
    root: &'a Utf8Path,
    outdir: &'a Utf8Path,
}

impl Copier<'_> {
    fn tree(&self, from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
        let walk = WalkDir::new(from).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| !self.is_left_out(entry)) {
            let entry = entry.map_err(std::io::Error::from).context("read", from)?;
            let path = Utf8Path::from_path(entry.path())
                .ok_or_else(|| std::io::Error::other("a name in it is not UTF-8"))
                .context("copy", from)?;
            let copy = path
                .strip_prefix(from)
                .map_or_else(|_| to.to_owned(), |rest| to.join(rest));
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

    fn is_left_out(&self, entry: &DirEntry) -> bool {
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            return false;
        };
        if !entry.file_type().is_dir() || path == self.root {
            return false;
        }
        let name = path.file_name().unwrap_or_default();
        path == self.outdir
            || CACHES.contains(&name)
            || MARKERS.iter().any(|marker| path.join(marker).exists())
            || self.is_output(path, name)
    }

    fn is_output(&self, path: &Utf8Path, name: &str) -> bool {
        let Some(output) = OUTPUTS.iter().find(|output| output.name == name) else {
            return false;
        };
        let Ok(mut children) = path.read_dir_utf8() else {
            return false;
        };
        path.parent() == Some(self.root)
            && children.all(|child| child.is_ok_and(|child| output.has_child(child.file_name())))
    }

    fn link(&self, path: &Utf8Path, copy: &Utf8Path) -> Result<(), FileError> {
        let target = path.read_link_utf8().context("read", path)?;
        let resolved = path.canonicalize_utf8();
        let stays = target.is_relative()
            && resolved
                .as_ref()
                .is_ok_and(|resolved| resolved.starts_with(self.root));
        match resolved {
            // A folder that contains the tree would be copied into itself, forever.
            Ok(resolved) if !stays && resolved.is_dir() && !self.root.starts_with(&resolved) => {
                self.tree(&resolved, copy)
            }
            Ok(resolved) if !stays && resolved.is_file() => copy_file(&resolved, copy),
            _ => std::os::unix::fs::symlink(&target, copy).context("write", copy),
        }
    }
}

fn copy_file(from: &Utf8Path, to: &Utf8Path) -> Result<(), FileError> {
    let modified = fs::metadata(from)
        .and_then(|meta| meta.modified())
        .context("read", from)?;
    fs::copy(from, to).context("copy", from)?;
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
            copy(&from, &to, &from.join("wheels")).unwrap();
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
}
