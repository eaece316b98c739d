//! SciPy's FORTRAN 77 libraries, compiled and run by a driver of ours for WebAssembly and for the
//! machine, and the printed numbers compared.

mod build;
mod compare;
mod source;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Progress;

use crate::baseline::Baseline;
use crate::progress::step;
use build::{Compiled, Side, build, routines};
use compare::{Agreement, compare};

/// One of SciPy's libraries. Its driver is the file of its name in `tests/fortran/scipy`.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    /// Its name.
    pub name: &'static str,
    /// Its sources below `scipy/`; of a folder, every `.f` and `.F`.
    sources: &'static [&'static str],
    /// How far a printed number may be from gfortran's, relative to it.
    tolerance: f64,
}

/// Double precision: rounding differs with the C library's mathematical functions and with the
/// order an optimiser chooses.
const DOUBLE: f64 = 1e-10;

/// The same in single precision.
const SINGLE: f64 = 1e-4;

const fn library(name: &'static str, sources: &'static [&'static str]) -> Library {
    Library {
        name,
        sources,
        tolerance: DOUBLE,
    }
}

/// All of SciPy 1.14.1's `.f` and `.F`, also those that it leaves uncompiled: PROPACK's copies of
/// LAPACK's routines and ODRPACK's own test.
pub const LIBRARIES: &[Library] = &[
    library(
        "arpack",
        &[
            "sparse/linalg/_eigen/arpack/ARPACK/SRC",
            "sparse/linalg/_eigen/arpack/ARPACK/UTIL",
        ],
    ),
    library("cobyla", &["optimize/cobyla"]),
    library("dop", &["integrate/dop"]),
    library("fitpack", &["interpolate/fitpack"]),
    library("id_dist", &["linalg/src/id_dist/src"]),
    library("io", &["io"]),
    library("lbfgsb", &["optimize/lbfgsb_src"]),
    library("minpack", &["optimize/minpack"]),
    library("minpack2", &["optimize/minpack2"]),
    library(
        "odepack",
        &[
            "integrate/odepack/blkdta000.f",
            "integrate/odepack/bnorm.f",
            "integrate/odepack/cfode.f",
            "integrate/odepack/ewset.f",
            "integrate/odepack/fnorm.f",
            "integrate/odepack/intdy.f",
            "integrate/odepack/lsoda.f",
            "integrate/odepack/prja.f",
            "integrate/odepack/solsy.f",
            "integrate/odepack/srcma.f",
            "integrate/odepack/stoda.f",
            "integrate/odepack/vmnorm.f",
            "integrate/odepack/xerrwv.f",
            "integrate/odepack/xsetf.f",
            "integrate/odepack/xsetun.f",
            "integrate/mach",
            "integrate/tests",
        ],
    ),
    library("odr", &["odr/odrpack"]),
    library(
        "propack",
        &[
            "sparse/linalg/_propack/PROPACK/double",
            "sparse/linalg/_propack/PROPACK/double/Lapack_Util",
        ],
    ),
    library(
        "propack_complex16",
        &[
            "sparse/linalg/_propack/PROPACK/complex16",
            "sparse/linalg/_propack/PROPACK/complex16/Lapack_Util",
        ],
    ),
    Library {
        tolerance: SINGLE,
        ..library(
            "propack_complex8",
            &[
                "sparse/linalg/_propack/PROPACK/complex8",
                "sparse/linalg/_propack/PROPACK/complex8/Lapack_Util",
            ],
        )
    },
    Library {
        tolerance: SINGLE,
        ..library(
            "propack_single",
            &[
                "sparse/linalg/_propack/PROPACK/single",
                "sparse/linalg/_propack/PROPACK/single/Lapack_Util",
            ],
        )
    },
    library("quadpack", &["integrate/quadpack", "integrate/mach"]),
    library("slsqp", &["optimize/slsqp"]),
    library("stats", &["stats"]),
    library(
        "vode",
        &["integrate/odepack/vode.f", "integrate/odepack/zvode.f"],
    ),
];

/// The libraries of these names, all where there are none.
///
/// # Errors
/// There is no library of a name.
pub fn libraries(names: &[String]) -> Result<Vec<&'static Library>, String> {
    let find = |name: &String| {
        let found = LIBRARIES.iter().find(|library| library.name == name);
        found.ok_or_else(|| {
            let known: Vec<_> = LIBRARIES.iter().map(|library| library.name).collect();
            format!("no library `{name}`; there are {}", known.join(", "))
        })
    };
    match names {
        [] => Ok(LIBRARIES.iter().collect()),
        names => names.iter().map(find).collect(),
    }
}

/// What came of a library.
#[derive(Debug)]
pub struct Report {
    library: &'static Library,
    /// Sources.
    files: Vec<Utf8PathBuf>,
    /// Of them, those that gfortran compiles for the machine.
    native: usize,
    /// Of them, those that compile for WebAssembly.
    wasm: usize,
    /// How the numbers of the two drivers agree, or why there are none.
    result: Result<Agreement, String>,
    /// What the compilers said of sources that do not compile.
    refused: Vec<String>,
}

impl Report {
    /// What is not as it has to be; nothing where all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let name = self.library.name;
        let why = self.result.as_ref().err();
        let of = |text: &String| format!("{name}: {text}");
        self.refused.iter().chain(why).map(of).collect()
    }
}

/// Compiles libraries and what they need of LAPACK, runs their drivers and compares. Everything is
/// kept below `work`; gfortran's objects are taken up again.
///
/// # Errors
/// Something cannot be provisioned or downloaded, or one of LAPACK's files does not compile. That a
/// library does not compile or gives other numbers is in its report.
pub fn run(
    libraries: &[&'static Library],
    emshim: &Utf8Path,
    work: &Utf8Path,
    progress: &dyn Progress,
) -> Result<Vec<Report>, String> {
    let baseline = Baseline::prepare(emshim, work, progress)?;
    let scipy = source::sources(work)?.join("scipy");
    let [native, wasm] = Side::both(&baseline, work);

    let compile = |side: &Side, library: &&'static Library| -> Result<Compiled, String> {
        let what = format!("compile {} {}", library.name, side.name);
        let files = build::files(&scipy, library.sources)?;
        step(progress, &what, || build(side, library.name, &files))
    };
    let all = |side: &Side| -> Result<Vec<Compiled>, String> {
        libraries.iter().map(|lib| compile(side, lib)).collect()
    };
    let (theirs, ours) = (all(&native)?, all(&wasm)?);
    let routines = routines(&native, &baseline.lapack, &theirs, progress)?;
    let what = format!("compile {} routines of LAPACK twice", routines.len());
    let lapack = |side| build::library(side, &routines);
    let (their_lapack, our_lapack) = step(progress, &what, || {
        Ok::<_, String>((lapack(&native)?, lapack(&wasm)?))
    })?;

    let report = |((library, theirs), ours): ((&&'static Library, &Compiled), &Compiled)| {
        let expected = native.output(library.name, theirs, &their_lapack);
        let result = expected.and_then(|expected| {
            let found = wasm.output(library.name, ours, &our_lapack)?;
            compare(&expected, &found, library.tolerance)
        });
        Report {
            library,
            files: theirs.files.clone(),
            native: theirs.objects.len(),
            wasm: ours.objects.len(),
            result,
            refused: [&*theirs.refused, &*ours.refused].concat(),
        }
    };
    Ok(libraries
        .iter()
        .zip(&theirs)
        .zip(&ours)
        .map(report)
        .collect())
}

/// The reports as a Markdown table.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut text = String::from(
        "| library | files | gfortran | WebAssembly | numbers | largest difference | allowed |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for report in reports {
        let (numbers, largest) = match &report.result {
            Ok(Agreement { numbers, largest }) => (numbers.to_string(), format!("{largest:.1e}")),
            Err(_) => ("-".to_owned(), "differs".to_owned()),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {numbers} | {largest} | {:.0e} |",
            report.library.name,
            report.files.len(),
            report.native,
            report.wasm,
            report.library.tolerance,
        );
    }
    let files: BTreeSet<_> = reports.iter().flat_map(|report| &report.files).collect();
    let _ = writeln!(text, "\n{} different files", files.len());
    text
}
