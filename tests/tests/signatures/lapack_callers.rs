//! Callers of LAPACK that numpy.f2py and Cython write, with and without hidden lengths, against
//! LAPACK as stock f2c and as emshim's gfortran make it. After `wheel::packages`, whose NumPy it uses.

use camino::{Utf8Path, Utf8PathBuf};
use emshim_tests::real::{Completed, Folder, assert_says, command, run, shims};
use emshim_tests::signatures::{Tools, gcc, module_results, unpacked};

/// The routines that are called and what they call, the error handler excepted.
const ROUTINES: &[&str] = &[
    "SRC/dgetrs.f",
    "SRC/dlaswp.f",
    "SRC/dtrtrs.f",
    "BLAS/SRC/dtrsm.f",
    "BLAS/SRC/lsame.f",
    "BLAS/SRC/sdot.f",
];

/// A project of callers, and the sources of what they call.
struct Callers {
    tools: Tools,
    folder: Folder,
    /// Name and text of each source.
    sources: Vec<(String, String)>,
}

impl Callers {
    fn new() -> Self {
        let folder = Folder::new();
        let project = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("fortran/lapack-callers");
        for entry in project.read_dir_utf8().expect("the project") {
            let path = entry.expect("a file").into_path();
            let name = path.file_name().expect("a name");
            std::fs::copy(&path, folder.path().join(name)).expect("a copy");
        }
        let unpacking = Folder::new();
        let lapack = unpacked(&unpacking, "lapack");
        let mut paths: Vec<Utf8PathBuf> = ROUTINES.iter().map(|name| lapack.join(name)).collect();
        paths.push(project.join("xerbla.f"));
        let sources = paths.iter().map(|path| {
            let text = std::fs::read_to_string(path).expect("a source");
            (path.file_stem().expect("a name").to_owned(), text)
        });
        Self {
            tools: Tools::get(),
            folder,
            sources: sources.collect(),
        }
    }

    /// Compiles the library as stock f2c has it.
    fn by_f2c(&self) -> Vec<Utf8PathBuf> {
        let objects = Folder::new();
        let compile = |(name, text): &(String, String)| {
            let object = self.tools.stock_f2c(&objects, name, text);
            let here = self.folder.path().join(format!("{name}.o"));
            std::fs::rename(object, &here).expect("a moved object");
            here
        };
        self.sources.iter().map(compile).collect()
    }

    /// Compiles it by emshim's gfortran.
    fn by_gfortran(&self) -> Vec<Utf8PathBuf> {
        let compile = |(name, text): &(String, String)| {
            let source = Folder::new();
            let source = (source.file(&format!("{name}.f"), text), source);
            let object = self.folder.path().join(format!("{name}.o"));
            let words = ["-O1", "-c", source.0.as_str(), "-o", object.as_str()];
            let _ = Completed::of(&command(shims().join("gfortran"), &words)).success();
            object
        };
        self.sources.iter().map(compile).collect()
    }

    fn archive(&self, objects: &[Utf8PathBuf]) {
        let library = self.folder.path().join("liblapack.a");
        let mut words = vec!["rcs", library.as_str()];
        words.extend(objects.iter().map(|object| object.as_str()));
        self.tools.run("llvm-ar", &words);
        for object in objects {
            std::fs::remove_file(object).expect("an object");
        }
    }

    /// Builds the project's wheel.
    fn build(&self) -> (Completed, Utf8PathBuf) {
        let out = self.folder.path().join("out");
        let words = [
            "build",
            "-v",
            "-o",
            out.as_str(),
            self.folder.path().as_str(),
        ];
        (run(&words), out)
    }

    fn check(&self, out: &Utf8Path) {
        let wheel = out.read_dir_utf8().expect("a folder").next();
        let wheel = wheel.expect("a wheel").expect("a wheel").into_path();
        let check = self.folder.path().join("check.py");
        let ran = run(&["run", "--with", wheel.as_str(), check.as_str()]).success();
        assert_eq!(ran.stdout.trim(), "all right");
    }
}

#[test]
fn lapack_as_gfortran_makes_it_wants_only_the_lengths_that_are_left_out() {
    let callers = Callers::new();
    callers.archive(&callers.by_gfortran());
    let (built, out) = callers.build();
    let told = built.success().stderr;
    let repaired: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("repaired:"))
        .collect();
    assert!(!repaired.is_empty(), "{told}");
    for caller in ["_f2py", "_none.pyx"] {
        let of = |line: &&&str| line.contains("dgetrs_ as") && line.contains(caller);
        assert_eq!(repaired.iter().filter(of).count(), 1, "{told}");
    }
    callers.check(&out);
}

/// As callers have it: no lengths.
const CALLER: &str = "extern void dgetrs_(char*, int*, int*, double*, int*, int*, double*, int*, int*);
double run(void) { int n = 2, one = 1, info, pivots[] = {1, 2}; double lu[] = {2, .5, 1, 2.5}, b[] = {3, 5};
    dgetrs_(\"N\", &n, &one, lu, &n, pivots, b, &n, &info); return b[0] * 100 + b[1] + info; }";

/// A shared library cannot be mended; its callers can.
#[test]
fn lapack_in_a_shared_library() {
    let callers = Callers::new();
    let objects = callers.by_f2c();
    let objects: Vec<&str> = objects.iter().map(|object| object.as_str()).collect();
    let words = [&["-shared", "-o", "liblapack.so"], &objects[..]].concat();
    let _ = gcc(&callers.folder, &words, false).success();
    callers.folder.file("caller.c", CALLER);
    for library in [&["liblapack.so"][..], &["-L.", "-llapack"]] {
        let words = [&["-O1", "-shared", "caller.c", "-o", "x.so"], library].concat();
        let refused = gcc(&callers.folder, &words, false);
        assert_eq!(refused.status, 1);
        assert_says(
            &refused.stderr,
            &["dgetrs_", "liblapack.so", "SUBROUTINE", "lengths"],
        );
        let _ = gcc(&callers.folder, &words, true).success();
        let modules = ["liblapack.so", "x.so"].map(|name| callers.folder.path().join(name));
        let result = module_results(&callers.tools, &[&modules[0], &modules[1]]);
        let result: f64 = result.parse().expect("a number");
        assert!((result - 81.4).abs() < 1e-12, "{result}");
    }
}
