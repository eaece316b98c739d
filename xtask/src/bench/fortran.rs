//! `cargo xtask bench fortran`: kernels of the reference BLAS and LAPACK and a stencil, compiled by
//! gfortran for the machine and by the shims for WebAssembly, in one run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::progress::Lines;
use provision::{Env, Store, provision_gfortran, unpack_source};
use serde_json::json;

use super::call::Call;
use super::report::Report;
use super::setup::{folder, install, median};
use crate::task::{Result, target};

/// How to measure.
#[derive(Debug, Args)]
pub struct FortranArgs {
    /// Runs of each program, in turn; the medians count
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// The program that times the kernels.
const KERNELS: &str = include_str!("kernels.f");

/// What the kernels call, in LAPACK's folders, modules before their users.
const SOURCES: &[(&str, &[&str])] = &[
    (
        "BLAS/SRC",
        &[
            "daxpy.f",
            "dcopy.f",
            "ddot.f",
            "dgemm.f",
            "dgemv.f",
            "dger.f",
            "drot.f",
            "dscal.f",
            "dswap.f",
            "dtrmm.f",
            "dtrmv.f",
            "dtrsm.f",
            "idamax.f",
            "lsame.f",
            "xerbla.f",
            "dnrm2.f90",
        ],
    ),
    ("INSTALL", &["dlamch.f"]),
    (
        "SRC",
        &[
            "la_constants.f90",
            "la_xisnan.F90",
            "dlartg.f90",
            "dlassq.f90",
            "dgebak.f",
            "dgebal.f",
            "dgeev.f",
            "dgehd2.f",
            "dgehrd.f",
            "dgetrf.f",
            "dgetrf2.f",
            "dhseqr.f",
            "disnan.f",
            "dlacpy.f",
            "dladiv.f",
            "dlaexc.f",
            "dlahqr.f",
            "dlahr2.f",
            "dlaisnan.f",
            "dlaln2.f",
            "dlange.f",
            "dlanv2.f",
            "dlapy2.f",
            "dlaqr0.f",
            "dlaqr1.f",
            "dlaqr2.f",
            "dlaqr3.f",
            "dlaqr4.f",
            "dlaqr5.f",
            "dlarf.f",
            "dlarf1f.f",
            "dlarfb.f",
            "dlarfg.f",
            "dlarft.f",
            "dlarfx.f",
            "dlascl.f",
            "dlaset.f",
            "dlaswp.f",
            "dlasy2.f",
            "dorg2r.f",
            "dorghr.f",
            "dorgqr.f",
            "dorm2r.f",
            "dormhr.f",
            "dormqr.f",
            "dtrevc3.f",
            "dtrexc.f",
            "ieeeck.f",
            "iladlc.f",
            "iladlr.f",
            "ilaenv.f",
            "iparmq.f",
        ],
    ),
];

/// One way to compile the program.
struct Variant {
    name: &'static str,
    flags: &'static [&'static str],
    native: bool,
}

/// The first is what the others are measured by.
const VARIANTS: &[Variant] = &[
    Variant {
        name: "gfortran -O3",
        flags: &["-O3"],
        native: true,
    },
    Variant {
        name: "WebAssembly -O3 -msimd128",
        flags: &["-O3", "-msimd128"],
        native: false,
    },
    Variant {
        name: "WebAssembly -O3",
        flags: &["-O3"],
        native: false,
    },
    // What pyodide-build appends to the flags a project has chosen.
    Variant {
        name: "WebAssembly -Oz",
        flags: &["-Oz"],
        native: false,
    },
];

/// Seconds of one run of each kernel, and a number that depends on its result.
type Times = BTreeMap<String, (f64, f64)>;

/// The bench's name.
pub const NAME: &str = "fortran";

/// Builds all variants, and runs them in turn.
pub fn run(args: &FortranArgs) -> Result<Report> {
    let work = folder(NAME);
    let source = target().join("tmp/lapack/source");
    let store = Store::from_env()?;
    if !source.exists() {
        unpack_source(&store, "lapack", &source, &Lines)?;
    }
    let native = provision_gfortran(&Env::capture(), &store, &Lines)?;
    let (_, shims) = install(&work)?;
    fs::write(work.join("kernels.f"), KERNELS)?;
    let mut programs = Vec::new();
    for (number, variant) in VARIANTS.iter().enumerate() {
        eprintln!("building {}", variant.name);
        let compiler = if variant.native {
            native.gfortran.clone()
        } else {
            shims.join("gfortran")
        };
        let folder = work.join(number.to_string());
        programs.push(build(variant, &compiler, &source, &work, &folder)?);
    }
    let mut rounds: Vec<Vec<Times>> = Vec::new();
    for round in 1..=args.rounds.max(1) {
        eprintln!("round {round} of {}", args.rounds.max(1));
        rounds.push(
            programs
                .iter()
                .map(|program| measure(program))
                .collect::<Result<_>>()?,
        );
    }
    let kernels = Kernels::of(&rounds)?;
    Ok(Report::new(NAME, kernels.markdown(), kernels.json()))
}

/// Compiles and links one variant; gives the program.
fn build(
    variant: &Variant,
    compiler: &Utf8Path,
    source: &Utf8Path,
    work: &Utf8Path,
    folder: &Utf8Path,
) -> Result<Utf8PathBuf> {
    fs::create_dir_all(folder)?;
    let files = SOURCES
        .iter()
        .flat_map(|(below, names)| names.iter().map(move |name| source.join(below).join(name)));
    let run = |words: Vec<String>| {
        Call::new(std::iter::once(compiler.to_string()).chain(words)).time(folder)
    };
    let flags = || variant.flags.iter().map(|flag| (*flag).to_owned());
    let mut objects = Vec::new();
    for file in files.chain([work.join("kernels.f")]) {
        let object = format!("{}.o", file.file_stem().unwrap_or_default());
        let words = ["-c", file.as_str(), "-o", &object].map(str::to_owned);
        run(flags().chain(words).collect())?;
        objects.push(object);
    }
    let output = ["-o", "kernels"].map(str::to_owned);
    run(flags().chain(objects).chain(output).collect())?;
    Ok(folder.join("kernels"))
}

/// Runs a program and reads its lines.
fn measure(program: &Utf8Path) -> Result<Times> {
    let text = duct::cmd!(program.as_str()).read()?;
    let mut times = Times::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [kernel, seconds, check] = words[..] else {
            return Err(format!("{program} says {line:?}").into());
        };
        times.insert(kernel.to_owned(), (seconds.parse()?, check.parse()?));
    }
    Ok(times)
}

/// Medians by kernel and variant.
struct Kernels {
    /// Seconds of one run, a number for each of [`VARIANTS`].
    seconds: BTreeMap<String, Vec<f64>>,
    /// The median over the rounds of what each variant takes of the first one's time.
    ratios: BTreeMap<String, Vec<f64>>,
}

impl Kernels {
    fn of(rounds: &[Vec<Times>]) -> Result<Self> {
        let (mut seconds, mut ratios) = (BTreeMap::new(), BTreeMap::new());
        let first = rounds.first().and_then(|round| round.first());
        for (kernel, (_, check)) in first.into_iter().flatten() {
            let of = |round: &[Times], variant: usize| {
                let found = round[variant].get(kernel).copied();
                found.ok_or_else(|| format!("{} does not say {kernel}", VARIANTS[variant].name))
            };
            let (mut times, mut quotients) = (Vec::new(), Vec::new());
            for (variant, row) in VARIANTS.iter().enumerate() {
                let (mut time, mut quotient) = (Vec::new(), Vec::new());
                for round in rounds {
                    let (own, result) = of(round, variant)?;
                    if (result - check).abs() > 1e-6 * check.abs() {
                        return Err(format!(
                            "{kernel}: {} computes {result:e}, gfortran {check:e}",
                            row.name
                        )
                        .into());
                    }
                    time.push(own);
                    quotient.push(own / of(round, 0)?.0);
                }
                times.push(median(time));
                quotients.push(median(quotient));
            }
            seconds.insert(kernel.clone(), times);
            ratios.insert(kernel.clone(), quotients);
        }
        Ok(Self { seconds, ratios })
    }

    /// Geometric mean of a variant's ratios.
    fn mean(&self, variant: usize) -> f64 {
        let logs: Vec<f64> = self.ratios.values().map(|row| row[variant].ln()).collect();
        (logs.iter().sum::<f64>() / logs.len() as f64).exp()
    }

    fn markdown(&self) -> String {
        let names: Vec<&str> = VARIANTS.iter().map(|variant| variant.name).collect();
        let mut text = format!(
            "Milliseconds, and how many times those of {}:\n\n| kernel | {} |\n|{}\n",
            names[0],
            names.join(" | "),
            " --- |".repeat(names.len() + 1)
        );
        for (kernel, times) in &self.seconds {
            let cell = |(time, ratio): (&f64, &f64)| format!("{:.2} ({ratio:.2})", time * 1e3);
            let cells: Vec<_> = times.iter().zip(&self.ratios[kernel]).map(cell).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {kernel} | {} |", cells.join(" | "));
        }
        let means: Vec<_> = (0..names.len())
            .map(|i| format!("{:.2}", self.mean(i)))
            .collect();
        let _ = writeln!(text, "| geometric mean | {} |", means.join(" | "));
        text
    }

    fn json(&self) -> serde_json::Value {
        let variants: Vec<_> = VARIANTS
            .iter()
            .enumerate()
            .map(|(i, variant)| {
                let of = |table: &BTreeMap<String, Vec<f64>>| {
                    let pairs = table
                        .iter()
                        .map(|(kernel, row)| (kernel.clone(), json!(row[i])));
                    serde_json::Value::Object(pairs.collect())
                };
                json!({
                    "variant": variant.name,
                    "seconds": of(&self.seconds),
                    "ratio": of(&self.ratios),
                    "geometric_mean": self.mean(i),
                })
            })
            .collect();
        json!({ "variants": variants })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(seconds: [f64; 4], check: f64) -> Vec<Times> {
        let times = |s: f64| Times::from([("dgemm".to_owned(), (s, check))]);
        seconds.map(times).into()
    }

    #[test]
    fn medians_are_of_ratios_in_one_round() {
        let rounds = [
            round([1.0, 2.0, 3.0, 4.0], 5.0),
            round([2.0, 4.0, 8.0, 8.0], 5.0),
            round([1.0, 1.0, 3.0, 4.0], 5.0),
        ];
        let report = Kernels::of(&rounds).unwrap();
        assert_eq!(report.ratios["dgemm"], [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(report.seconds["dgemm"], [1.0, 2.0, 3.0, 4.0]);
        assert!(
            report
                .markdown()
                .contains("| dgemm | 1000.00 (1.00) | 2000.00 (2.00) |")
        );
        assert_eq!(report.json()["variants"][3]["geometric_mean"], 4.0);
    }

    #[test]
    fn a_wrong_result_is_an_error() {
        let mut rounds = [round([1.0; 4], 5.0)];
        rounds[0][2].insert("dgemm".to_owned(), (1.0, 5.1));
        let error = Kernels::of(&rounds).err().unwrap().to_string();
        assert!(
            error.contains("dgemm") && error.contains("WebAssembly -O3"),
            "{error}"
        );
    }
}
