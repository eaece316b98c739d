//! Well-known C and C++ libraries from Debian's source packages, built by hand: under `emshim exec`, by
//! the command that their own documentation gives for cross builds, with no other setting, and their own
//! tests run.

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use crate::progress::{Lines, step};
use crate::tools::NEWEST;

/// A library, and how its documentation has it built.
#[derive(Debug)]
pub struct Library {
    /// Name of the source package.
    pub name: &'static str,
    /// Its build system.
    pub by: &'static str,
    /// What a shell runs in the unpacked source. `$PREFIX` is where to install.
    pub commands: &'static str,
    /// What the build must make, below the source or the prefix.
    pub makes: &'static [&'static str],
    /// Libraries for the target that it needs, as `emshim library add` names them.
    pub needs: &'static [&'static str],
    /// What the commands have beside what the documentation gives, and whose want it is; none, if empty.
    pub settings: &'static str,
    /// For one that cannot be built for the target: what its refusal says.
    pub refused: Option<&'static str>,
}

const fn library(
    name: &'static str,
    by: &'static str,
    commands: &'static str,
    makes: &'static [&'static str],
) -> Library {
    Library {
        name,
        by,
        commands,
        makes,
        needs: &[],
        settings: "",
        refused: None,
    }
}

/// What CMake 4 asks of every project that is older than 3.5, on any machine.
const POLICY: &str = "CMAKE_POLICY_VERSION_MINIMUM, for CMake 4";

/// What no Python since 3.13 compiles, on any machine.
const OLD_BINDINGS: &str = "--without-python, for bindings that are older than Python 3.13";

/// The table.
#[rustfmt::skip]
pub const LIBRARIES: &[Library] = &[
    library("zlib", "its own configure",
        "./configure --prefix=$PREFIX && make && make test && make install",
        &["libz.a", "lib/libz.so"]),
    Library { settings: POLICY, ..library("libyaml", "CMake",
        "cmake -B build -DCMAKE_INSTALL_PREFIX=$PREFIX -DCMAKE_POLICY_VERSION_MINIMUM=3.5 . && cmake --build build && ctest --test-dir build \
         && cmake --install build",
        &["lib/libyaml.a"]) },
    // RunGrepTest, the third test, wants locales, and two programs that take turns at reading one
    // standard input, of which Node takes all.
    library("pcre2", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make \
         && make check TESTS='RunTest pcre2posix_test' && make install",
        &["lib/libpcre2-8.a"]),
    library("bzip2", "Makefile",
        "make && make install PREFIX=$PREFIX",
        &["lib/libbz2.a"]),
    Library { needs: &["zlib"], ..library("libpng1.6", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make check && make install",
        &["lib/libpng16.a"]) },
    // Debian's archive has no manual, which configure looks for.
    Library { settings: "the manual, which the archive lacks", ..library("gmp", "configure and libtool",
        "mkdir doc; echo 'all check install:' > doc/Makefile.in
         ./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make check && make install",
        &["lib/libgmp.a"]) },
    library("fftw3", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make check && make install",
        &["lib/libfftw3.a"]),
    library("glpk", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make check && make install",
        &["lib/libglpk.a"]),
    library("libxml2", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make check && make install",
        &["lib/libxml2.a"]),
    library("sqlite3", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX && make && make install
         echo 'create table t(x); insert into t values(41); select x+1 from t;' | ./sqlite3 | grep -x 42",
        &["lib/libsqlite3.a"]),
    library("pixman", "Meson",
        "meson setup build --prefix=$PREFIX && meson compile -C build && meson install -C build",
        &["lib/libpixman-1.so"]),
    // Meson would download a zlib, where the target has none.
    Library { needs: &["zlib"], ..library("freetype", "Meson",
        "meson setup build --prefix=$PREFIX && meson compile -C build && meson install -C build",
        &["lib/libfreetype.so"]) },
    // Debian's archive has no mc64ad.c, which is not free, and which two of the examples need.
    Library { settings: "what the archive lacks", ..library("superlu", "CMake",
        "sed -i /mc64ad.c/d SRC/CMakeLists.txt
         cmake -B build -DCMAKE_INSTALL_PREFIX=$PREFIX -Denable_examples=OFF . && cmake --build build && ctest --test-dir build \
         && cmake --install build",
        &["lib/libsuperlu.a"]) },
    Library { settings: POLICY, ..library("libjpeg-turbo", "CMake",
        "cmake -B build -DCMAKE_INSTALL_PREFIX=$PREFIX -DCMAKE_POLICY_VERSION_MINIMUM=3.5 . && cmake --build build \
         && ctest --test-dir build && cmake --install build",
        &["lib/libjpeg.a"]) },
    // By itself it makes the static library alone for Emscripten.
    library("libsdl2", "CMake",
        "cmake -B build -DCMAKE_INSTALL_PREFIX=$PREFIX . && cmake --build build && cmake --install build",
        &["lib/libSDL2.a"]),
    Library { needs: &["libxml2"], settings: OLD_BINDINGS, ..library("libxslt", "configure and libtool",
        "./configure --host=wasm32-unknown-emscripten --prefix=$PREFIX --without-python && make && make check && make install",
        &["lib/libxslt.a", "lib/libexslt.a"]) },
];

/// What runners print at the end: the tests that passed, those that failed, all of them.
#[rustfmt::skip]
const COUNTS: &[(&str, Count)] = &[
    (r"(?m)^# PASS: +(\d+)", Count::Passed), // automake
    (r"(?m)^# (?:FAIL|ERROR): +(\d+)", Count::Failed),
    (r"(?m)^Ok: +(\d+)", Count::Passed), // Meson
    (r"(?m)^(?:Fail|Timeout): +(\d+)", Count::Failed),
    (r"(?m)^\d+% tests passed.* out of (\d+)", Count::All), // CTest
    (r"(?m)(\d+) tests? failed out of", Count::Failed),
];

#[derive(Debug, Clone, Copy)]
enum Count {
    Passed,
    Failed,
    All,
}

/// The tests that passed and all that ran, as a build's output counts them; none where it has no counts.
fn counts(said: &str) -> Option<(u64, u64)> {
    let (mut passed, mut failed, mut all) = (0, 0, 0);
    for (pattern, count) in COUNTS {
        let pattern = regex::Regex::new(pattern).ok()?;
        let found: u64 = pattern
            .captures_iter(said)
            .filter_map(|found| found[1].parse::<u64>().ok())
            .sum();
        match count {
            Count::Passed => passed += found,
            Count::Failed => failed += found,
            Count::All => all += found,
        }
    }
    let passed = passed + all.saturating_sub(if all > 0 { failed } else { 0 });
    let all = if all > 0 { all } else { passed + failed };
    (all > 0).then_some((passed, all))
}

/// What came out for one.
#[derive(Debug)]
pub struct Report {
    /// The library.
    pub library: &'static Library,
    /// Wall time of all its commands.
    pub time: Duration,
    /// The tests that passed, and all that its runner counted; none where it does not count.
    pub tests: Option<(u64, u64)>,
    /// Why it is not as it should be.
    pub problem: Option<String>,
}

/// Builds the named libraries, or all of the table, below `work`. What they need is added to the libraries for
/// the target and stays.
///
/// # Errors
/// A name is not in the table, or the sources cannot be had.
pub fn run(emshim: &Utf8Path, work: &Utf8Path, names: &[&str]) -> Result<Vec<Report>, String> {
    let unknown = names
        .iter()
        .find(|name| LIBRARIES.iter().all(|it| it.name != **name));
    if let Some(name) = unknown {
        let known: Vec<_> = LIBRARIES.iter().map(|it| it.name).collect();
        return Err(format!("{name} is not in the table: {}", known.join(", ")));
    }
    let chosen: Vec<&Library> = LIBRARIES
        .iter()
        .filter(|it| names.is_empty() || names.contains(&it.name))
        .collect();
    let archives = work.join("archives");
    fs::create_dir_all(&archives).map_err(|e| e.to_string())?;
    let lacking: Vec<&str> = chosen
        .iter()
        .map(|it| it.name)
        .filter(|name| archive(&archives, name).is_none())
        .collect();
    if !lacking.is_empty() {
        let store = provision::Store::from_env().map_err(|e| e.to_string())?;
        provision::download_upstream(&store, &lacking, &archives, &Lines)
            .map_err(|e| e.to_string())?;
    }
    let mut reports = Vec::new();
    for library in chosen {
        if !library.needs.is_empty() {
            duct::cmd(
                emshim.as_str(),
                [&["library", "add"], library.needs].concat(),
            )
            .stdout_null()
            .run()
            .map_err(|e| format!("{}: {e}", library.name))?;
        }
        let begun = Instant::now();
        let result = step(&Lines, library.name, || {
            build(emshim, work, &archives, library)
        });
        reports.push(Report {
            library,
            time: begun.elapsed(),
            tests: result.as_ref().copied().unwrap_or_default(),
            problem: result.err(),
        });
    }
    Ok(reports)
}

/// The upstream archive of a source package, its further components left out.
fn archive(folder: &Utf8Path, name: &str) -> Option<Utf8PathBuf> {
    let mut files = folder
        .read_dir_utf8()
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.into_path()));
    files.find(|path| {
        let file = path.file_name().unwrap_or_default();
        file.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('_'))
            && file.contains(".orig.tar.")
    })
}

fn build(
    emshim: &Utf8Path,
    work: &Utf8Path,
    archives: &Utf8Path,
    library: &Library,
) -> Result<Option<(u64, u64)>, String> {
    let io = |e: std::io::Error| e.to_string();
    let folder = work.join(library.name);
    let prefix = work.join(format!("{}-prefix", library.name));
    for old in [&folder, &prefix] {
        if old.exists() {
            fs::remove_dir_all(old).map_err(io)?;
        }
    }
    fs::create_dir_all(&folder).map_err(io)?;
    let archive = archive(archives, library.name).ok_or("there is no such source package")?;
    duct::cmd!(
        "tar",
        "-xf",
        archive.as_str(),
        "-C",
        folder.as_str(),
        "--strip-components=1"
    )
    .run()
    .map_err(io)?;
    let log = work.join(format!("{}.log", library.name));
    let done = duct::cmd!(emshim.as_str(), "exec", "--", "sh", "-ec", library.commands)
        .dir(&folder)
        .env("PREFIX", &prefix)
        .env("PATH", NEWEST.path())
        .stdin_null()
        .stderr_to_stdout()
        .stdout_path(&log)
        .unchecked()
        .run()
        .map_err(io)?;
    let said = fs::read(&log).map_err(io)?;
    let said = String::from_utf8_lossy(&said);
    match (library.refused, done.status.success()) {
        (Some(words), false) if said.contains(words) => return Ok(None),
        (Some(words), _) => return Err(format!("not refused with `{words}`: {log}")),
        (None, false) => {
            let tail: Vec<&str> = said.lines().rev().take(12).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            return Err(format!("{log}:\n{}", tail.join("\n")));
        }
        (None, true) => {}
    }
    let missing = library.makes.iter().find(|file| {
        // A link that leads nowhere is not there.
        [&folder, &prefix]
            .iter()
            .all(|place| !place.join(file).is_file())
    });
    match missing {
        Some(file) => Err(format!("it did not make {file}: {log}")),
        None => dangling(&prefix).map(|()| counts(&said)),
    }
}

/// An error where a link of an installed library leads nowhere.
fn dangling(prefix: &Utf8Path) -> Result<(), String> {
    for entry in prefix
        .join("lib")
        .read_dir_utf8()
        .into_iter()
        .flatten()
        .flatten()
    {
        if !entry.path().exists() {
            return Err(format!("{} leads nowhere", entry.path()));
        }
    }
    Ok(())
}

/// The reports as a table, problems below it.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut text = String::from(
        "| library | built by | settings | tests | seconds | result |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for report in reports {
        let library = report.library;
        let result = match (&report.problem, library.refused) {
            (Some(_), _) => "failed",
            (None, Some(_)) => "refused, as it must be",
            (None, None) => "built",
        };
        let settings = match library.settings {
            "" => "none",
            settings => settings,
        };
        let tests = report.tests.map_or_else(
            || "not counted".to_owned(),
            |(passed, all)| format!("{passed} of {all}"),
        );
        let seconds = report.time.as_secs();
        let _ = writeln!(
            text,
            "| {} | {} | {settings} | {tests} | {seconds} | {result} |",
            library.name, library.by
        );
    }
    for report in reports {
        if let Some(problem) = &report.problem {
            let _ = writeln!(text, "\n{}: {problem}", report.library.name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn runners_closing_lines_are_read() {
        for (said, expected) in [
            (
                "# TOTAL: 3\n# PASS:  2\n# FAIL:  1\n# ERROR: 0\n",
                Some((2, 3)),
            ),
            ("# PASS:  2\n...\n# PASS:  4\n", Some((6, 6))),
            (
                "96% tests passed, 1 test failed out of 24\n",
                Some((23, 24)),
            ),
            (
                "100% tests passed, 0 tests failed out of 24\n",
                Some((24, 24)),
            ),
            ("100% tests passed out of 24\n", Some((24, 24))),
            (
                "Ok:                 28\nFail:               0\n",
                Some((28, 28)),
            ),
            ("*** test OK ***\n", None),
        ] {
            assert_eq!(counts(said), expected, "{said}");
        }
    }
}
