//! `cargo xtask scipy`: SciPy built with no setting of its own, and its own tests in Pyodide.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::packages::DEFAULT_TARGET;
use emshim_tests::suite::{self, Suite, limit};

use crate::task::{Result, build_emshim, run, target};

/// The modules that have tests.
const MODULES: &[&str] = &[
    "_lib",
    "cluster",
    "constants",
    "datasets",
    "differentiate",
    "fft",
    "fftpack",
    "integrate",
    "interpolate",
    "io",
    "linalg",
    "misc",
    "ndimage",
    "odr",
    "optimize",
    "signal",
    "sparse",
    "spatial",
    "special",
    "stats",
];
/// What the tests use beside SciPy. pytest 9 refuses some marks of releases before it.
const WITH: &[&str] = &["pytest<9", "hypothesis", "mpmath"];

/// Tests that fail for a limit of the platform and do not say so.
const LIMITS: &[(&str, &str)] = &[
    (
        "::TestCtypesQuad::test_ctypes_",
        "looks for `sin` in a shared C library",
    ),
    ("test_round.py::test_add_round_", "sets the rounding mode"),
    (
        "test_sf_error.py::test_check_overflow_message",
        "reads flags of floating-point exceptions",
    ),
    (
        "::TestSplder::test_kink",
        "reads flags of floating-point exceptions",
    ),
    (
        "test_bsplines.py::TestBSpline::test_memmap",
        "asks for a thread's number",
    ),
    (
        "::test_bounds_infeasible_2",
        "reads flags of floating-point exceptions",
    ),
];

/// What to build and test.
#[derive(Debug, Args)]
pub struct ScipyArgs {
    /// The version, by default the newest that the target's Python can have
    #[arg(long)]
    version: Option<String>,
    /// The target
    #[arg(long, default_value = DEFAULT_TARGET)]
    target: String,
    /// A wheel that is there already
    #[arg(long, conflicts_with = "version")]
    wheel: Option<Utf8PathBuf>,
    /// A wheel that it needs, such as NumPy's, beside those in the store (repeatable)
    #[arg(long, value_name = "WHEEL")]
    with: Vec<String>,
    /// Only these modules (repeatable)
    #[arg(long = "module", value_name = "MODULE")]
    modules: Vec<String>,
    /// pytest's expression of the tests to run: by default what SciPy runs by default
    #[arg(long, default_value = "not slow and not xslow")]
    marks: String,
}

/// Builds, tests module by module, prints a table and every failure with its cause, as far as the
/// message tells it. Results stay in `scipy-tests` below cargo's folder for temporary files.
pub fn run_task(args: &ScipyArgs) -> Result {
    let emshim = build_emshim()?;
    let work = target().join("tmp/scipy-tests");
    let wheel = match &args.wheel {
        Some(wheel) => wheel.canonicalize_utf8()?,
        None => build(&emshim, args, &work.join("dist"))?,
    };
    println!(
        "{} {:.1} MB",
        wheel.file_name().unwrap_or_default(),
        size(&wheel)?
    );
    let all: Vec<&str> = MODULES.to_vec();
    let named: Vec<&str> = args.modules.iter().map(String::as_str).collect();
    let modules = if named.is_empty() { all } else { named };
    let with: Vec<&str> = WITH.iter().copied().chain([wheel.as_str()]).collect();
    let with: Vec<&str> = with
        .into_iter()
        .chain(args.with.iter().map(String::as_str))
        .collect();
    let there = suite::modules(&wheel, "scipy")?;
    let mut reports = Vec::new();
    for module in modules {
        // Releases differ in what they have.
        if !there.contains(&module.to_owned()) {
            println!("scipy.{module}: not in this release, or without tests");
            continue;
        }
        let package = format!("scipy.{module}");
        let words = ["--pyargs", &package, "-m", &args.marks];
        let suite = Suite {
            name: module,
            target: &args.target,
            with: &with,
            pytest: &words,
        };
        let report = suite::run(&emshim, &suite, &work.join(module))?;
        // A line each, so that a run that is ended has said what it found.
        eprintln!(
            "{module}: {:?}, {} problems",
            report.counts,
            report.problems.len()
        );
        reports.push(report);
    }
    print!("{}", suite::table(&reports, LIMITS));
    let problems = reports.iter().flat_map(|report| &report.problems);
    match problems
        .filter(|problem| limit(problem, LIMITS).is_none())
        .count()
    {
        0 => Ok(()),
        n => Err(format!("{n} tests fail for other reasons than the platform's limits").into()),
    }
}

fn build(emshim: &Utf8Path, args: &ScipyArgs, outdir: &Utf8Path) -> Result<Utf8PathBuf> {
    let source = match &args.version {
        Some(version) => format!("scipy=={version}"),
        None => "scipy".to_owned(),
    };
    let _ = fs::remove_dir_all(outdir);
    let words = [
        "build",
        &source,
        "--target",
        &args.target,
        "-o",
        outdir.as_str(),
    ];
    run(duct::cmd(emshim.as_std_path(), words))?;
    let mut entries = outdir.read_dir_utf8()?;
    let wheel = entries.next().ok_or("no wheel was made")??;
    Ok(wheel.into_path())
}

/// In megabytes.
fn size(path: &Utf8Path) -> Result<f64> {
    Ok(fs::metadata(path)?.len() as f64 / 1e6)
}
