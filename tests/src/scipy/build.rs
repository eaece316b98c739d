//! Compiling, linking and running on one of the two sides.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;
use std::thread::{self, available_parallelism};

use camino::{Utf8Path, Utf8PathBuf};
use provision::Progress;

use crate::baseline::Baseline;
use crate::lapack::symbols::{self, Archive};

/// Switches of every compile. SciPy's sources are older than Fortran 90.
const SWITCHES: &[&str] = &["-O2", "-w", "-std=legacy"];

/// A compiler and where its files go.
#[derive(Debug)]
pub(super) struct Side {
    /// Its name, that of its folder.
    pub name: &'static str,
    gfortran: Utf8PathBuf,
    /// The shim folder, whose `ar` and `nm` know the machine's objects too.
    shims: Utf8PathBuf,
    folder: Utf8PathBuf,
    /// Objects of an earlier run are as good as new ones.
    keeps: bool,
}

impl Side {
    /// gfortran's for the machine and the shim's for WebAssembly.
    pub(super) fn both(baseline: &Baseline, work: &Utf8Path) -> [Self; 2] {
        let version = &baseline.native.version;
        let side = |name, gfortran, folder: &str, keeps| Self {
            name,
            gfortran,
            shims: baseline.shims.clone(),
            folder: work.join(folder),
            keeps,
        };
        [
            side(
                "for the machine",
                baseline.native.gfortran.clone(),
                &format!("gfortran-{version}"),
                true,
            ),
            side(
                "for WebAssembly",
                baseline.shims.join("gfortran"),
                "wasm",
                false,
            ),
        ]
    }

    /// Links a library's driver and runs it; gives what it prints.
    ///
    /// # Errors
    /// It does not compile, link or end well.
    pub(super) fn output(
        &self,
        name: &str,
        library: &Compiled,
        lapack: &Compiled,
    ) -> Result<String, String> {
        let source = own(name);
        let dir = self.folder.join(name);
        let object = dir.join("driver.o");
        self.compile(&source, &object)?;
        let archives = [library.archive.as_str(), lapack.archive.as_str()];
        let link = [&["-o", "driver", object.as_str()], &archives[..]].concat();
        said(&self.gfortran, &link, &dir)?;
        said(&dir.join("driver"), &[], &dir)
    }

    fn compile(&self, source: &Utf8Path, object: &Utf8Path) -> Result<(), String> {
        let dir = object.parent().unwrap_or(Utf8Path::new("."));
        let words = ["-c", source.as_str(), "-o", object.as_str()];
        said(&self.gfortran, &[SWITCHES, &words].concat(), dir).map(drop)
    }
}

/// Lines of a command's errors in a message.
const SHOWN: usize = 8;

/// A source of ours.
fn own(name: &str) -> Utf8PathBuf {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fortran/scipy");
    folder.join(name).with_extension("f")
}

/// Standard output of a command, which must succeed.
fn said(program: &Utf8Path, words: &[&str], dir: &Utf8Path) -> Result<String, String> {
    let command = duct::cmd(program.as_str(), words).dir(dir.as_str());
    let output = command.stdout_capture().stderr_capture().unchecked().run();
    let output = output.map_err(|e| format!("cannot run {program}: {e}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let first: Vec<_> = errors.lines().take(SHOWN).collect();
        let first = first.join("\n");
        return Err(format!(
            "{program} {}: {}\n{first}",
            words.join(" "),
            output.status
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A library's sources, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The sources.
    pub files: Vec<Utf8PathBuf>,
    /// The objects of those that compile.
    pub objects: Vec<Utf8PathBuf>,
    /// What the compiler said of the others.
    pub refused: Vec<String>,
    /// All objects.
    pub archive: Utf8PathBuf,
}

/// The sources that the paths below `root` stand for: of a folder, every `.f` and `.F`.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn files(root: &Utf8Path, paths: &[&str]) -> Result<Vec<Utf8PathBuf>, String> {
    let mut files = Vec::new();
    for path in paths.iter().map(|path| root.join(path)) {
        if path.extension().is_some() {
            files.push(path);
            continue;
        }
        let unreadable = |e: std::io::Error| format!("cannot read {path}: {e}");
        let mut found = Vec::new();
        for entry in path.read_dir_utf8().map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.into_path();
            found.extend(matches!(file.extension(), Some("f" | "F")).then_some(file));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}

/// Whether an object is there that was made after its source was last changed.
fn is_newer(object: &Utf8Path, source: &Utf8Path) -> bool {
    let time = |path: &Utf8Path| path.metadata().and_then(|meta| meta.modified()).ok();
    time(object).is_some_and(|made| time(source).is_some_and(|changed| changed < made))
}

/// Compiles sources, as many at a time as there are processors, and makes a static library.
///
/// # Errors
/// The folder cannot be written, or `ar` fails; what does not compile is in the result.
pub(super) fn build(side: &Side, name: &str, files: &[Utf8PathBuf]) -> Result<Compiled, String> {
    let dir = side.folder.join(name);
    fs::create_dir_all(&dir).map_err(|e| format!("cannot create {dir}: {e}"))?;
    // Two folders of a library may have files of the same name.
    let object = |file: &Utf8Path| {
        let folder = file.parent().and_then(Utf8Path::file_name);
        let stem = file.file_stem().unwrap_or_default();
        dir.join(format!("{}-{stem}.o", folder.unwrap_or_default()))
    };
    let work = Mutex::new(files.iter());
    let done = Mutex::new((Vec::new(), Vec::new()));
    // The lock is held while a file is taken, not while it is compiled.
    let next = || work.lock().ok()?.next();
    let compile_all = || {
        while let Some(file) = next() {
            let object = object(file);
            let compiled = match side.keeps && is_newer(&object, file) {
                true => Ok(()),
                false => side.compile(file, &object),
            };
            if let Ok(mut done) = done.lock() {
                match compiled {
                    Ok(()) => done.0.push(object),
                    Err(error) => done.1.push(error),
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, usize::from) {
            scope.spawn(compile_all);
        }
    });
    let (mut objects, mut refused) = done.into_inner().map_err(|e| e.to_string())?;
    objects.sort();
    refused.sort();
    let archive = dir.join(format!("lib{name}.a"));
    let _ = fs::remove_file(&archive);
    let mut words = vec!["rcs", archive.as_str()];
    words.extend(objects.iter().map(|object| object.as_str()));
    said(&side.shims.join("ar"), &words, &dir)?;
    Ok(Compiled {
        files: files.to_vec(),
        objects,
        refused,
        archive,
    })
}

/// The name of its library.
const LAPACK: &str = "lapack";

/// Modules of LAPACK, which other files of it use; a linker knows nothing of them.
const MODULES: &[&str] = &["SRC/la_constants.f90", "SRC/la_xisnan.F90"];

/// What SciPy has around some of LAPACK's functions.
const WRAPPERS: &str = "wrappers";

/// The sources of LAPACK that define what libraries lack, and what those lack in turn, by the
/// symbols of gfortran's objects. A routine's file has its name.
///
/// # Errors
/// One of them does not compile.
pub(super) fn routines(
    side: &Side,
    lapack: &Utf8Path,
    libraries: &[Compiled],
    progress: &dyn Progress,
) -> Result<Vec<Utf8PathBuf>, String> {
    let emshim = side.shims.join("emshim");
    let of = |compiled: &Compiled| symbols::archive(&emshim, &compiled.archive);
    let mut archives: Vec<Archive> = libraries.iter().map(of).collect::<Result<_, _>>()?;
    let mut sources: Vec<_> = MODULES.iter().map(|path| lapack.join(path)).collect();
    sources.push(own(WRAPPERS));
    loop {
        // The same routine in another library would not be linked.
        let new: BTreeSet<Utf8PathBuf> = archives
            .iter()
            .flat_map(|archive| archive.wanted.difference(&archive.defined))
            .filter_map(|symbol| file_of(symbol, lapack))
            .filter(|file| !sources.contains(file))
            .collect();
        if new.is_empty() {
            return Ok(sources);
        }
        progress.note(&format!("{} more routines of LAPACK", new.len()));
        sources.extend(new);
        archives.push(of(&library(side, &sources)?)?);
    }
}

/// LAPACK's library of the sources that [`routines`] gave.
///
/// # Errors
/// One of them does not compile.
pub(super) fn library(side: &Side, sources: &[Utf8PathBuf]) -> Result<Compiled, String> {
    // One module uses the other, and files beside them both.
    for modules in 1..=MODULES.len() {
        build(side, LAPACK, &sources[..modules])?;
    }
    let compiled = build(side, LAPACK, sources)?;
    match compiled.refused.is_empty() {
        true => Ok(compiled),
        false => Err(compiled.refused.join("\n")),
    }
}

/// LAPACK's file that defines a symbol.
fn file_of(symbol: &str, lapack: &Utf8Path) -> Option<Utf8PathBuf> {
    let name = symbol.strip_suffix('_')?;
    let file = |folder: &str, extension| lapack.join(folder).join(name).with_extension(extension);
    ["BLAS/SRC", "SRC", "INSTALL"]
        .iter()
        .flat_map(|folder| ["f", "F", "f90"].map(|extension| file(folder, extension)))
        .find(|path| path.is_file())
}
