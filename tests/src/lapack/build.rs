//! One build of LAPACK by its own CMake project, and its tests.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use provision::{NativeFortran, Progress};

use super::output::{Test, read_log};
use super::part::Part;
use super::symbols::{self, Archive};

/// Who compiles.
#[derive(Debug, Clone, Copy)]
pub(super) enum Compiler<'a> {
    /// gfortran, for the machine.
    Native(&'a NativeFortran),
    /// emshim's shims, for WebAssembly.
    Shims,
}

/// Options of every build, whoever compiles. The library's second copy with 64-bit integers is
/// left out: no test calls it.
const OPTIONS: &[&str] = &[
    "-GNinja",
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_TESTING=ON",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DBUILD_DEPRECATED=ON",
    "-DBUILD_INDEX64_EXT_API=OFF",
];

/// What to build, from what and where.
#[derive(Debug)]
pub(super) struct Build<'a> {
    pub part: &'a Part,
    pub compiler: Compiler<'a>,
    pub emshim: &'a Utf8Path,
    pub source: &'a Utf8Path,
    pub folder: &'a Utf8Path,
    /// Folder of `cmake`, `ctest` and `ninja`.
    pub tools: &'a Utf8Path,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Built {
    /// The tests by name, in ctest's order.
    pub tests: BTreeMap<String, Test>,
    /// The static libraries by file name.
    pub archives: BTreeMap<String, Archive>,
    /// Lines of the build's output in which the linker or the compiler warns.
    pub warnings: Vec<String>,
    /// Wall time of configuring and compiling.
    pub build: Duration,
    /// Wall time of the tests.
    pub test: Duration,
}

/// What no line of a build may say, in lower case.
const WARNINGS: &[&str] = &["signature mismatch", "undefined symbol"];

impl Build<'_> {
    pub(super) fn run(&self, progress: &dyn Progress) -> Result<Built, String> {
        let jobs = available_parallelism().map_or(1, usize::from).to_string();
        let (source, folder) = (self.source.as_str(), self.folder.as_str());
        let mut configure = vec!["cmake", "-S", source, "-B", folder];
        configure.extend(OPTIONS);
        configure.extend(self.part.options);
        let compilers = match self.compiler {
            Compiler::Native(native) => vec![
                format!("-DCMAKE_Fortran_COMPILER={}", native.gfortran),
                format!("-DCMAKE_C_COMPILER={}", native.gcc),
            ],
            Compiler::Shims => Vec::new(),
        };
        configure.extend(compilers.iter().map(String::as_str));
        let mut compile = vec!["cmake", "--build", folder, "--parallel", &jobs];
        if !self.part.targets.is_empty() {
            compile.push("--target");
            compile.extend(self.part.targets);
        }
        // Parallel tests of one program would write the same file of BLAS's.
        let test = [
            "ctest",
            "--test-dir",
            folder,
            "--parallel",
            &jobs,
            "-R",
            self.part.tests,
        ];

        let begun = Instant::now();
        self.step("configure", &configure, progress)?;
        let log = self.step("build", &compile, progress)?;
        let build = begun.elapsed();
        let text = fs::read_to_string(&log).map_err(|e| format!("cannot read {log}: {e}"))?;
        let warns = |line: &&str| {
            let line = line.to_lowercase();
            WARNINGS.iter().any(|warning| line.contains(warning))
        };
        let warnings = text.lines().filter(warns).map(str::to_owned).collect();

        let begun = Instant::now();
        // A test that fails is for the comparison to judge.
        let ended = self.step("test", &test, progress);
        let log = self.folder.join("Testing/Temporary/LastTest.log");
        let text = fs::read(&log).map_err(|e| match ended {
            Err(error) => error,
            Ok(_) => format!("cannot read {log}: {e}"),
        })?;
        let mut tests = read_log(&String::from_utf8_lossy(&text));
        self.add_summaries(&mut tests);
        let archives = symbols::archives(self.emshim, &self.folder.join("lib"))?;
        Ok(Built {
            tests,
            archives,
            warnings,
            build,
            test: begun.elapsed(),
        })
    }

    /// BLAS's tests of levels 2 and 3 print little: `xblat2d` writes its results to `dblat2.out`.
    fn add_summaries(&self, tests: &mut BTreeMap<String, Test>) {
        for (name, test) in tests {
            let Some((level, precision)) = name.strip_prefix("BLAS-xblat").map(|n| n.split_at(1))
            else {
                continue;
            };
            let file = format!("BLAS/TESTING/{precision}blat{level}.out");
            // A program that ended early has none, which shows as tests not run.
            let text = fs::read(self.folder.join(file)).unwrap_or_default();
            test.output.push_str(&String::from_utf8_lossy(&text));
        }
    }

    /// Runs one command with its output in a log, whose path it returns.
    fn step(
        &self,
        name: &str,
        words: &[&str],
        progress: &dyn Progress,
    ) -> Result<Utf8PathBuf, String> {
        let log = Utf8PathBuf::from(format!("{}-{name}.log", self.folder));
        let what = format!("{name} {}", self.folder.file_name().unwrap_or_default());
        let file = File::create(&log).map_err(|e| format!("cannot write {log}: {e}"))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let command = match self.compiler {
            Compiler::Native(_) => duct::cmd(self.tools.join(words[0]).as_str(), &words[1..]),
            Compiler::Shims => duct::cmd(self.emshim.as_str(), [&["exec", "--"], words].concat()),
        };
        progress.begin(&what);
        let begun = Instant::now();
        let output = command
            .env("PATH", format!("{}:{path}", self.tools))
            .stdin_null()
            .stderr_to_stdout()
            .stdout_file(file)
            .unchecked()
            .run()
            .map_err(|e| format!("cannot run {words:?}: {e}"))?;
        if !output.status.success() {
            let text = fs::read(&log).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<_> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(40)..].join("\n");
            return Err(format!("{what}: {}; see {log}\n{last}", output.status));
        }
        progress.end(&what, begun.elapsed());
        Ok(log)
    }
}
