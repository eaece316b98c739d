//! Build requirements that must also exist for the target.
//!
//! Build requirements are installed for the host, because they run there. A few of them also carry
//! files that go into what is built: NumPy's static libraries and the headers that belong to them.
//! Those have to be the target's.
//!
//! **The rule.** A requirement needs target files when its wheel is for the host's platform and
//! ships a library to link against: a static archive, or a shared library that is neither an
//! extension module nor vendored by auditwheel into `*.libs`. Headers alone are no sign: Cython,
//! cffi and mypyc are for the host's platform and ship headers, but as text that is the same for
//! every target, while pybind11 and nanobind ship theirs in wheels for any platform. Who ships a
//! library, on the other hand, ships headers configured for it, so all of the target wheel's
//! headers come with its libraries.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::files::{self, Context as _, FileError};
use crate::site::installed;
use crate::tags::names_abi;
use crate::target::Target;
use crate::wheel::{self, ArchiveError, WheelName, is_dist_info, normalise};

/// Suffixes of the files that are taken from a target wheel: what is compiled in, linked in, or
/// says how to. Python modules and extension modules stay the host's, which runs them.
const TARGET_SUFFIXES: &[&str] = &[
    ".a", ".cmake", ".h", ".hh", ".hpp", ".hxx", ".inc", ".ini", ".inl", ".ipp", ".pc", ".pxd",
    ".pxi", ".tpp",
];

/// A build requirement whose target files are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Normalised project name.
    pub project: String,
    /// The version installed for the host.
    pub version: String,
}

/// A need that no wheel at hand meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What is needed.
    pub need: Need,
    /// Other versions there are target wheels of.
    pub available: Vec<String>,
}

/// What was done about target files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overlaid {
    /// Requirements whose target files are in place, as `name==version`, sorted.
    pub applied: Vec<String>,
    /// Folders with the `.pc` files that came with them, for `pkg-config`.
    pub pkg_config: Vec<Utf8PathBuf>,
}

/// Target files could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A target wheel is damaged.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// No target wheel of the version that is installed for the host.
    #[error(
        "the build needs {} for the target, too; build a wheel of each with `emshim build`",
        .missing.iter().map(|m| format!("{}=={}", m.need.project, m.need.version))
            .collect::<Vec<_>>().join(", ")
    )]
    Missing {
        /// What is missing.
        missing: Vec<Missing>,
    },
}

/// Finds the distributions in an isolated environment that need target files, by the rule of this
/// module.
///
/// # Errors
/// The folder cannot be read.
pub fn needs(site: &Utf8Path) -> Result<Vec<Need>, FileError> {
    let mut needs = Vec::new();
    for entry in site.read_dir_utf8().context("read", site)? {
        let info = entry.context("read", site)?.into_path();
        let Some((name, version)) = info
            .file_name()
            .and_then(|name| name.strip_suffix(".dist-info"))
            .and_then(|stem| stem.split_once('-'))
        else {
            continue;
        };
        if is_for_any_platform(&info)? {
            continue;
        }
        let record = read_if_there(&info.join("RECORD"))?;
        if record.lines().map(record_path).any(is_linkable) {
            needs.push(Need {
                project: normalise(name),
                version: version.to_owned(),
            });
        }
    }
    needs.sort_by(|a, b| a.project.cmp(&b.project));
    Ok(needs)
}

/// Puts the target files of these needs over the host's, from wheels in `folders`, all or none.
///
/// # Errors
/// [`OverlayError::Missing`] when there is no wheel of the very version that is installed for the
/// host: headers and libraries of another would contradict the host's modules.
pub fn overlay(
    site: &Utf8Path,
    needs: &[Need],
    folders: &[Utf8PathBuf],
    target: &Target,
) -> Result<Overlaid, OverlayError> {
    let wheels = target_wheels(folders, target)?;
    let mut chosen = Vec::new();
    let mut missing = Vec::new();
    for need in needs {
        let of_project = || {
            wheels
                .iter()
                .filter(|(name, _)| name.project() == need.project)
        };
        match of_project().find(|(name, _)| name.version == need.version) {
            Some((_, path)) => chosen.push((need, path)),
            None => {
                let mut available: Vec<String> =
                    of_project().map(|(name, _)| name.version.clone()).collect();
                available.sort();
                available.dedup();
                missing.push(Missing {
                    need: need.clone(),
                    available,
                });
            }
        }
    }
    if !missing.is_empty() {
        return Err(OverlayError::Missing { missing });
    }
    let mut overlaid = Overlaid::default();
    for (need, path) in chosen {
        apply(path, site, &mut overlaid.pkg_config)?;
        overlaid
            .applied
            .push(format!("{}=={}", need.project, need.version));
    }
    Ok(overlaid)
}

fn apply(
    wheel: &Utf8Path,
    site: &Utf8Path,
    pkg_config: &mut Vec<Utf8PathBuf>,
) -> Result<(), OverlayError> {
    for (member, entry) in wheel::read(wheel)? {
        if is_dist_info(&member) || !(is_target_file(&member) || is_linkable(&member)) {
            continue;
        }
        let Some(path) = installed(&member).map(|path| site.join(path)) else {
            continue;
        };
        files::write_atomic(&path, &entry.bytes)?;
        if path.extension() == Some("pc")
            && let Some(folder) = path.parent()
            && !pkg_config.iter().any(|known| known == folder)
        {
            pkg_config.push(folder.to_owned());
        }
    }
    Ok(())
}

/// Wheels for the target's platform, sorted by file name so that the choice is always the same.
fn target_wheels(
    folders: &[Utf8PathBuf],
    target: &Target,
) -> Result<Vec<(WheelName, Utf8PathBuf)>, FileError> {
    let mut wheels = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in folder.read_dir_utf8().context("read", folder)? {
            let path = entry.context("read", folder)?.into_path();
            let Ok(name) = WheelName::parse(path.file_name().unwrap_or_default()) else {
                continue;
            };
            if names_abi(&name, target.abi) {
                wheels.push((name, path));
            }
        }
    }
    wheels.sort_by(|(_, a), (_, b)| a.file_name().cmp(&b.file_name()));
    Ok(wheels)
}

fn is_for_any_platform(info: &Utf8Path) -> Result<bool, FileError> {
    let wheel = read_if_there(&info.join("WHEEL"))?;
    Ok(wheel
        .lines()
        .filter_map(|line| line.strip_prefix("Tag:"))
        .all(|tag| tag.ends_with("-any")))
}

fn read_if_there(path: &Utf8Path) -> Result<String, FileError> {
    match fs::read_to_string(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        result => result.context("read", path),
    }
}

/// The path in a line of RECORD: the hash and the size behind it hold no comma.
fn record_path(line: &str) -> &str {
    line.rsplitn(3, ',')
        .last()
        .unwrap_or_default()
        .trim_matches('"')
}

fn is_target_file(path: &str) -> bool {
    TARGET_SUFFIXES.iter().any(|suffix| path.ends_with(suffix))
}

/// Whether a path is that of a library others link against.
fn is_linkable(path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let vendored = folder
        .split('/')
        .next()
        .is_some_and(|top| top.ends_with(".libs"));
    // `libx.so`, `libx.so.2`: one suffix. Extension modules carry the interpreter's or abi3.
    let stem = file.split_once(".so").filter(|(_, version)| {
        version.is_empty() || version.starts_with('.') && !version.contains(char::is_alphabetic)
    });
    let shared = stem.is_some_and(|(stem, _)| stem.starts_with("lib") && !stem.contains('.'));
    !vendored && (file.ends_with(".a") || shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wheel::Entry;

    const HOST: &str = "Wheel-Version: 1.0\nTag: cp313-cp313-manylinux_2_28_x86_64\n";
    const ANY: &str = "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n";

    struct Base {
        _dir: tempfile::TempDir,
        site: Utf8PathBuf,
        wheels: Utf8PathBuf,
    }

    fn base() -> Base {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::from_path_buf(dir.path().to_owned()).unwrap();
        let base = Base {
            _dir: dir,
            site: path.join("site"),
            wheels: path.join("wheels"),
        };
        fs::create_dir(&base.site).unwrap();
        fs::create_dir(&base.wheels).unwrap();
        base
    }

    impl Base {
        fn install(&self, dist: &str, tags: &str, files: &[&str]) {
            let info = self.site.join(format!("{dist}.dist-info"));
            fs::create_dir(&info).unwrap();
            fs::write(info.join("WHEEL"), tags).unwrap();
            let record: Vec<String> = files.iter().map(|f| format!("{f},sha256=x,1")).collect();
            fs::write(info.join("RECORD"), record.join("\n")).unwrap();
            for file in files {
                files::write_atomic(&self.site.join(file), b"host").unwrap();
            }
        }

        fn wheel(&self, name: &str, members: &[&str]) {
            let entry = |member: &&str| {
                (
                    (*member).to_owned(),
                    Entry {
                        bytes: b"target".to_vec(),
                        executable: false,
                    },
                )
            };
            let bytes = wheel::write(&members.iter().map(entry).collect(), None).unwrap();
            fs::write(self.wheels.join(name), bytes).unwrap();
        }

        fn overlay(&self) -> Result<Overlaid, OverlayError> {
            let target = Target::parse("pyodide@0.29.5").unwrap();
            let folders = [self.wheels.clone(), self.wheels.join("none")];
            overlay(&self.site, &needs(&self.site).unwrap(), &folders, &target)
        }

        fn numpy(&self) {
            let files = [
                "numpy/core/libm.a",
                "numpy/core/c.h",
                "numpy/core/n.pc",
                "numpy/x.py",
            ];
            self.install("numpy-2.4.6", HOST, &files);
        }
    }

    #[test]
    fn only_those_who_ship_libraries_need_target_files() {
        let base = base();
        base.numpy();
        base.install(
            "pyarrow-1",
            HOST,
            &["pyarrow/libarrow.so.26", "pyarrow/arrow.h"],
        );
        base.install(
            "cython-3.1",
            HOST,
            &["Cython/a.cpython-313-x86_64-linux-gnu.so", "C/u.h"],
        );
        base.install(
            "mypy-2",
            HOST,
            &["mypyc/librt.cpython-313-x86_64-linux-gnu.so", "l/r.h"],
        );
        base.install(
            "scipy-1",
            HOST,
            &["scipy.libs/libscipy_openblas-5f.so", "scipy/x.pxd"],
        );
        base.install("cffi-2", HOST, &["_cffi.abi3.so", "cffi/embedding.h"]);
        base.install("nanobind-3", ANY, &["nanobind/nb.h", "nanobind/x.a"]);
        base.install("odd-1", "", &[]);
        let projects: Vec<_> = needs(&base.site).unwrap();
        let need = |project: &str, version: &str| Need {
            project: project.to_owned(),
            version: version.to_owned(),
        };
        assert_eq!(projects, [need("numpy", "2.4.6"), need("pyarrow", "1")]);
    }

    #[test]
    fn target_files_replace_the_hosts_and_modules_stay() {
        let base = base();
        base.numpy();
        base.wheel(
            "numpy-2.4.6-cp313-cp313-pyemscripten_2025_0_wasm32.whl",
            &[
                "numpy/core/libm.a",
                "numpy/core/c.h",
                "numpy/core/n.pc",
                "numpy/x.py",
                "numpy/new.h",
            ],
        );
        let done = base.overlay().unwrap();
        assert_eq!(done.applied, ["numpy==2.4.6"]);
        assert_eq!(done.pkg_config, [base.site.join("numpy/core")]);
        let content = |file: &str| fs::read_to_string(base.site.join(file)).unwrap();
        for file in [
            "numpy/core/libm.a",
            "numpy/core/c.h",
            "numpy/core/n.pc",
            "numpy/new.h",
        ] {
            assert_eq!(content(file), "target", "{file}");
        }
        assert_eq!(content("numpy/x.py"), "host");
    }

    #[test]
    fn other_versions_and_other_platforms_do_not_do() {
        let base = base();
        base.numpy();
        base.wheel(
            "numpy-2.4.5-cp313-cp313-pyodide_2025_0_wasm32.whl",
            &["numpy/core/c.h"],
        );
        base.wheel(
            "numpy-2.4.6-cp313-cp313-pyemscripten_2026_0_wasm32.whl",
            &["numpy/core/c.h"],
        );
        fs::write(base.wheels.join("notes.txt"), "").unwrap();
        let error = base.overlay().unwrap_err();
        assert!(error.to_string().contains("numpy==2.4.6"), "{error}");
        let OverlayError::Missing { missing } = error else {
            panic!("{error}")
        };
        assert_eq!(missing[0].available, ["2.4.5"]);
        assert_eq!(
            fs::read_to_string(base.site.join("numpy/core/c.h")).unwrap(),
            "host"
        );
    }
}
