//! `cargo xtask scipy-fortran`: SciPy's FORTRAN 77 libraries, compiled and run for WebAssembly,
//! compared with what gfortran makes of the same sources.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use duct::cmd;

use crate::{Result, build_emshim, root, target};

/// What to compile.
#[derive(Debug, Args)]
pub struct ScipyFortranArgs {
    /// The unpacked sdist of SciPy 1.14.1
    source: Utf8PathBuf,
    /// Only these libraries
    #[arg(long, value_name = "LIBRARY")]
    only: Vec<String>,
}

/// One of SciPy's libraries.
struct Library {
    /// Also the name of its driver in `tests/fortran/scipy`, if it has one.
    name: &'static str,
    /// Its sources below `scipy/`; of a folder, every `.f` and `.F`.
    sources: &'static [&'static str],
    /// Relative tolerance of a printed number; 0 means the same text.
    tolerance: f64,
}

const fn library(name: &'static str, sources: &'static [&'static str], tolerance: f64) -> Library {
    Library {
        name,
        sources,
        tolerance,
    }
}

/// All Fortran that SciPy compiles. What a library needs of BLAS and LAPACK is taken
/// from the reference implementation. The tolerance is that of an iteration's result where the
/// last digits of libm's functions are not the same in all C libraries.
const LIBRARIES: &[Library] = &[
    library(
        "arpack",
        &[
            "sparse/linalg/_eigen/arpack/ARPACK/SRC",
            "sparse/linalg/_eigen/arpack/ARPACK/UTIL",
        ],
        1e-9,
    ),
    library("cobyla", &["optimize/cobyla"], 1e-6),
    library("dop", &["integrate/dop"], 1e-9),
    library("fitpack", &["interpolate/fitpack"], 1e-8),
    library("id_dist", &["linalg/src/id_dist/src"], 1e-6),
    library("io", &["io"], 0.0),
    library("lbfgsb", &["optimize/lbfgsb_src"], 1e-4),
    library("minpack", &["optimize/minpack"], 1e-8),
    library("minpack2", &["optimize/minpack2"], 1e-10),
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
        1e-6,
    ),
    library(
        "odr",
        &[
            "odr/odrpack/d_lpk.f",
            "odr/odrpack/d_mprec.f",
            "odr/odrpack/d_odr.f",
            "odr/odrpack/dlunoc.f",
        ],
        1e-6,
    ),
    library(
        "propack",
        &[
            "sparse/linalg/_propack/PROPACK/double",
            "sparse/linalg/_propack/PROPACK/double/Lapack_Util",
        ],
        1e-7,
    ),
    library(
        "propack_complex16",
        &[
            "sparse/linalg/_propack/PROPACK/complex16",
            "sparse/linalg/_propack/PROPACK/complex16/Lapack_Util",
        ],
        0.0,
    ),
    library(
        "propack_complex8",
        &[
            "sparse/linalg/_propack/PROPACK/complex8",
            "sparse/linalg/_propack/PROPACK/complex8/Lapack_Util",
        ],
        0.0,
    ),
    library(
        "propack_single",
        &[
            "sparse/linalg/_propack/PROPACK/single",
            "sparse/linalg/_propack/PROPACK/single/Lapack_Util",
        ],
        0.0,
    ),
    library("quadpack", &["integrate/quadpack", "integrate/mach"], 1e-9),
    library("slsqp", &["optimize/slsqp"], 1e-6),
    library("stats", &["stats"], 1e-3),
    library(
        "vode",
        &["integrate/odepack/vode.f", "integrate/odepack/zvode.f"],
        1e-6,
    ),
];

/// A compiler, and how its programs run.
struct Side {
    name: &'static str,
    /// Words in front of `gfortran`.
    prefix: Vec<String>,
}

/// Compiles, runs and compares; prints a table.
pub fn run(args: &ScipyFortranArgs) -> Result {
    let emshim = build_emshim()?;
    let work = target().join("tmp/scipy-fortran");
    let lapack = work.join("lapack");
    if !lapack.is_dir() {
        let store = provision::Store::from_env()?;
        provision::unpack_source(&store, "lapack", &lapack, &provision::Silent)?;
    }
    let sides = [
        Side {
            name: "native",
            prefix: Vec::new(),
        },
        Side {
            name: "wasm",
            prefix: vec![emshim.to_string(), "exec".into()],
        },
    ];
    let wanted = |library: &&Library| {
        args.only.is_empty() || args.only.iter().any(|name| name == library.name)
    };
    println!("| library | files | of LAPACK | numbers | largest difference |");
    println!("| --- | --- | --- | --- | --- |");
    let mut wrong = Vec::new();
    for library in LIBRARIES.iter().filter(wanted) {
        let folder = work.join(library.name);
        match one(library, &args.source, &lapack, &folder, &sides) {
            Ok(row) => println!("| {} | {row} |", library.name),
            Err(error) => {
                println!("| {} | {error} | | | |", library.name);
                wrong.push(library.name);
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("not as with gfortran: {}", wrong.join(", ")).into()),
    }
}

/// Compiles a library on both sides and runs its driver; gives its row of the table.
fn one(
    library: &Library,
    scipy: &Utf8Path,
    lapack: &Utf8Path,
    work: &Utf8Path,
    sides: &[Side; 2],
) -> Result<String> {
    let mut sources = Vec::new();
    for source in library.sources {
        let path = scipy.join("scipy").join(source);
        match path.extension() {
            Some(_) => sources.push(path),
            None => sources.extend(fortran_sources(&path)?),
        }
    }
    let count = sources.len();
    let driver = root()
        .join("tests/fortran/scipy")
        .join(library.name)
        .with_extension("f");
    let has_driver = driver.is_file();
    if has_driver {
        sources.push(driver);
    }
    let [native, wasm] = sides;
    // With gfortran's objects, whose symbols say what of LAPACK is needed.
    let objects = work.join(native.name);
    let mut pending = sources.clone();
    let mut used = BTreeSet::new();
    while !pending.is_empty() {
        native.compile(&pending, &objects)?;
        pending = needed(&objects, lapack)?
            .into_iter()
            .filter(|source| used.insert(source.clone()))
            .collect();
        sources.extend(pending.iter().cloned());
        if !has_driver {
            break;
        }
    }
    wasm.compile(&sources, &work.join(wasm.name))?;
    if !has_driver {
        return Ok(format!("{count} | - | - | -"));
    }
    let expected = native.run(&objects)?;
    let found = wasm.run(&work.join(wasm.name))?;
    let (numbers, difference) = compare(&expected, &found, library.tolerance)?;
    let of_lapack = sources.len() - count - 1;
    Ok(format!(
        "{count} | {of_lapack} | {numbers} | {difference:.1e}"
    ))
}

impl Side {
    fn command(&self, words: &[&str], dir: &Utf8Path) -> duct::Expression {
        let all: Vec<&str> = self
            .prefix
            .iter()
            .map(String::as_str)
            .chain(words.iter().copied())
            .collect();
        cmd(all[0], &all[1..])
            .dir(dir)
            .stderr_to_stdout()
            .unchecked()
    }

    fn checked(&self, words: &[&str], dir: &Utf8Path) -> Result<String> {
        let output = self.command(words, dir).stdout_capture().run()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(text),
            false => {
                let mistakes: Vec<&str> =
                    text.lines().filter(|line| line.contains("rror")).collect();
                Err(format!("{}: {}", self.name, mistakes.join("; ")).into())
            }
        }
    }

    /// Objects of `sources` in `folder`, those with the same file name apart.
    fn compile(&self, sources: &[Utf8PathBuf], folder: &Utf8Path) -> Result {
        for source in sources {
            let own = folder.join(
                source
                    .parent()
                    .and_then(Utf8Path::file_name)
                    .unwrap_or("own"),
            );
            std::fs::create_dir_all(&own)?;
            let words = [
                "gfortran",
                "-O2",
                "-w",
                "-std=legacy",
                "-c",
                source.as_str(),
            ];
            self.checked(&words, &own)?;
        }
        Ok(())
    }

    /// Links everything below `folder` and runs it.
    fn run(&self, folder: &Utf8Path) -> Result<String> {
        let objects = objects(folder)?;
        let mut words = vec!["gfortran", "-O2", "-o", "driver"];
        words.extend(objects.iter().map(|object| object.as_str()));
        self.checked(&words, folder)?;
        self.checked(&["./driver"], folder)
    }
}

fn fortran_sources(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut out = Vec::new();
    for entry in folder
        .read_dir_utf8()
        .map_err(|error| format!("{folder}: {error}"))?
    {
        let path = entry?.into_path();
        if matches!(path.extension(), Some("f" | "F")) {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

/// The objects in the folders of `folder`.
fn objects(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut out = Vec::new();
    for entry in folder.read_dir_utf8()? {
        let own = entry?.into_path();
        if own.is_dir() {
            for object in own.read_dir_utf8()? {
                let object = object?.into_path();
                out.extend((object.extension() == Some("o")).then_some(object));
            }
        }
    }
    out.sort();
    Ok(out)
}

/// The sources of LAPACK that define what the objects lack.
fn needed(folder: &Utf8Path, lapack: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let objects = objects(folder)?;
    let words = |flag| std::iter::once(flag).chain(objects.iter().map(|object| object.as_str()));
    let names = |flag| -> Result<BTreeSet<String>> {
        let listing = cmd("nm", words(flag)).read()?;
        let symbols = listing
            .lines()
            .filter_map(|line| line.split_whitespace().last());
        Ok(symbols
            .filter_map(|name| name.strip_suffix('_'))
            .map(str::to_owned)
            .collect())
    };
    let (wanted, defined) = (names("-u")?, names("--defined-only")?);
    let folders = ["BLAS/SRC", "SRC", "INSTALL"].map(|folder| lapack.join(folder));
    let find = |name: &String| {
        let candidates = folders.iter().flat_map(|folder| {
            ["f", "f90"].map(|extension| folder.join(name).with_extension(extension))
        });
        candidates.into_iter().find(|path| path.is_file())
    };
    Ok(wanted.difference(&defined).filter_map(find).collect())
}

/// How many numbers two outputs have in common, and their largest relative difference.
fn compare(expected: &str, found: &str, tolerance: f64) -> Result<(usize, f64)> {
    let (mut numbers, mut largest) = (0, 0.0);
    let (left, right): (Vec<&str>, Vec<&str>) = (
        expected.split_whitespace().collect(),
        found.split_whitespace().collect(),
    );
    let differ = || format!("gfortran's {expected:?}, ours {found:?}");
    if left.len() != right.len() || left.is_empty() {
        return Err(differ().into());
    }
    for (a, b) in left.iter().zip(&right) {
        let difference = match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => (a - b).abs() / a.abs().max(1.0),
            _ if a == b => continue,
            _ => return Err(differ().into()),
        };
        numbers += 1;
        largest = f64::max(largest, difference);
        // A result that is no number is none within the tolerance.
        let within = difference <= tolerance;
        if !within {
            return Err(differ().into());
        }
    }
    Ok((numbers, largest))
}
