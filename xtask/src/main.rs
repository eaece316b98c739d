//! What contributors run: `cargo xtask lint|test|packages|libraries|lapack|scipy-fortran|direct-check|bench`.

mod bench;
mod browser;
mod codegen;
mod direct_check;
mod dist;
mod docs;
mod lapack;
mod libraries;
mod scipy;
mod scipy_fortran;
mod streams;
mod task;
mod torture;

use std::fs;
use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Parser, Subcommand};
use codegen::CodegenArgs;
use duct::Expression;
use emshim_tests::native_fortran::Provided;
use emshim_tests::{suites, tools};
use task::{Result, build_emshim, cargo, run, target};

/// Tasks of emshim's own development.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check formatting and clippy, warnings denied, and that the references are current
    Lint,
    /// Lint, get the toolchain, run every test
    Test(TestArgs),
    /// Build real packages, run their own tests in Pyodide, print the table
    Packages(PackagesArgs),
    /// Build well-known libraries by hand, by their own build systems, run their tests, print the table
    Libraries(libraries::LibrariesArgs),
    /// Build the reference LAPACK, run its tests, compare the results with gfortran's
    Lapack(lapack::LapackArgs),
    /// Compile SciPy's FORTRAN 77 libraries, run them, compare the numbers with gfortran's
    ScipyFortran(scipy_fortran::ScipyFortranArgs),
    /// Build SciPy with no setting, run its own tests in Pyodide, print the table
    Scipy(scipy::ScipyArgs),
    /// Run NIST's FORTRAN 77 validation suite (a folder of FM*.f) against gfortran
    Fcvs(CompareArgs),
    /// Translate and compare every Fortran file below folders with gfortran, the judge of what is legal
    FortranSweep(CompareArgs),
    /// Compile packages and LAPACK through emcc and without it, and compare the objects
    DirectCheck(direct_check::DirectCheckArgs),
    /// Publish a wheel as page, lock file and documentation, and use these in headless Chromium
    Browser(browser::BrowserArgs),
    /// Write the references in docs/reference and README's table of variables from the program's tables
    Codegen(CodegenArgs),
    /// Make the documentation of docs/ with mdBook, and run its commands
    Docs(docs::DocsArgs),
    /// Look for spelling mistakes
    Typos,
    /// Make a release's archives and their checksums, the binary built from the source archive
    Dist(dist::DistArgs),
    /// Try hostile and unlucky input in numbers
    Torture(torture::TortureArgs),
    /// Measure
    Bench(bench::BenchArgs),
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Only the tests that need no toolchain and no network
    #[arg(long)]
    fast: bool,
    /// Only these: a subject, a folder of `tests/tests`; one of its suites, a file in it, by itself
    /// or as SUBJECT::SUITE
    #[arg(conflicts_with = "fast")]
    suites: Vec<String>,
}

#[derive(Debug, Args)]
struct CompareArgs {
    /// Folders or files
    #[arg(required = true)]
    folders: Vec<Utf8PathBuf>,
    /// Print the verdict on every file
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
struct PackagesArgs {
    /// The packages, all of the table by default
    names: Vec<String>,
    /// The target
    #[arg(long, default_value = emshim_tests::packages::DEFAULT_TARGET)]
    target: String,
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Lint => lint(),
        Task::Test(args) => test(&args),
        Task::Packages(args) => packages(&args),
        Task::Lapack(args) => lapack::run(&args),
        Task::Libraries(args) => libraries::run(&args),
        Task::Scipy(args) => scipy::run_task(&args),
        Task::ScipyFortran(args) => scipy_fortran::run(&args),
        Task::Fcvs(args) | Task::FortranSweep(args) => compare(&args),
        Task::DirectCheck(args) => direct_check::run(&args),
        Task::Browser(args) => browser::browser(&args),
        Task::Codegen(args) => codegen::run(&args),
        Task::Docs(args) => docs::docs(&args),
        Task::Typos => typos(),
        Task::Dist(args) => dist::run(&args),
        Task::Torture(args) => torture::run(&args),
        Task::Bench(args) => bench::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn lint() -> Result {
    cargo(["fmt", "--all", "--check"])?;
    cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])?;
    // With the suites that a plain `cargo test` leaves out.
    cargo([
        "clippy",
        "--package=emshim-tests",
        "--features=toolchain",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])?;
    codegen::run(&CodegenArgs { check: true })
}

/// Spelling, by a checker that the machine's pip gets.
fn typos() -> Result {
    let program = tools::pinned(&[tools::TYPOS]).join("typos");
    run(duct::cmd(program.as_std_path(), ["--format", "brief"]))
}

/// Every test, those that need least first, so that a mistake shows early.
fn test(args: &TestArgs) -> Result {
    let mut suites = suites::all();
    if args.suites.is_empty() {
        lint()?;
        if !args.fast {
            typos()?;
        }
        cargo([
            "test",
            "--workspace",
            "--exclude",
            "emshim-tests",
            "--quiet",
        ])?;
    } else {
        let meant = |word: &String| suites.iter().any(|s| s.is_meant(word));
        if let Some(word) = args.suites.iter().find(|word| !meant(word)) {
            let names: Vec<_> = suites.iter().map(ToString::to_string).collect();
            let names = names.join(", ");
            return Err(format!("no suite is named {word}; there are {names}").into());
        }
        suites.retain(|suite| args.suites.iter().any(|word| suite.is_meant(word)));
    }
    let emshim = build_emshim()?;
    let (slow, fast): (Vec<_>, Vec<_>) = suites.iter().partition(|suite| suite.toolchain);
    let mut subjects: Vec<_> = fast.iter().map(|suite| &suite.subject).collect();
    subjects.dedup();
    for subject in subjects {
        let of_subject = fast.iter().filter(|suite| suite.subject == *subject);
        let filters: Vec<_> = of_subject.filter_map(|suite| suite.filter()).collect();
        run(tests_command(&emshim, subject, &[], &filters))?;
    }
    if args.fast || slow.is_empty() {
        return Ok(());
    }
    run(duct::cmd!(emshim.as_std_path(), "setup"))?;
    // Compiled before, so that no suite waits for another's compile.
    cargo([
        "test",
        "--package=emshim-tests",
        "--quiet",
        "--features=toolchain",
        "--no-run",
    ])?;
    streams::run(&slow, |suite| {
        // They print what takes long, and share the processors with the builds they start.
        let words = ["--nocapture", "--test-threads=1"].map(str::to_owned);
        let words: Vec<_> = words.into_iter().chain(suite.filter()).collect();
        tests_command(&emshim, &suite.subject, &["--features=toolchain"], &words)
    })
}

/// Compares translations of Fortran files, run on the machine itself, with gfortran.
fn compare(args: &CompareArgs) -> Result {
    let words = [
        "run",
        "--package=emshim-f2c-driver",
        "--example=compare",
        "--quiet",
        "--",
    ];
    let all = args.all.then_some("--all");
    let folders = args.folders.iter().map(|folder| folder.as_str());
    let words: Vec<&str> = words.into_iter().chain(all).chain(folders).collect();
    run(native_fortran(&words)?)
}

/// A cargo command that finds f2c, libf2c's source and a native gfortran.
fn native_fortran(words: &[&str]) -> Result<Expression> {
    let libf2c = target().join("tmp/libf2c2");
    let _ = fs::remove_dir_all(&libf2c);
    let provided = Provided::get(&libf2c)?;
    Ok(duct::cmd(env!("CARGO"), words)
        .env("F2C", provided.f2c.as_str())
        .env("LIBF2C_SOURCE", provided.libf2c.as_str())
        .env("PATH", provided.path))
}

/// A test program of `tests/tests/` with words for libtest. It finds the binary under test in the
/// environment.
fn tests_command(
    emshim: &Utf8Path,
    subject: &str,
    cargo: &[&str],
    harness: &[String],
) -> Expression {
    let mut words = vec![
        "test".to_owned(),
        "--package=emshim-tests".into(),
        "--quiet".into(),
        format!("--test={subject}"),
    ];
    words.extend(cargo.iter().map(|word| (*word).to_owned()));
    words.push("--".into());
    words.extend_from_slice(harness);
    duct::cmd(env!("CARGO"), words).env(emshim_tests::real::EMSHIM, emshim.as_str())
}

fn packages(args: &PackagesArgs) -> Result {
    let emshim = build_emshim()?;
    let reports = emshim_tests::packages::run(&emshim, &args.target, &args.names)?;
    print!("{}", emshim_tests::packages::table(&reports));
    Ok(())
}
