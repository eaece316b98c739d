//! What the tests that compare with gfortran on the machine itself share.

pub mod cases;
pub mod flags;

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::runtime::runtime_sources;
use f2c_driver::{Options, translate};

/// Runs a program that must not fail; gives what it prints.
pub fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{shown}: {}\n{errors}",
        output.status
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The runtime as an archive for the host.
fn runtime(folder: &Utf8Path) -> Utf8PathBuf {
    let libf2c = std::env::var("LIBF2C_SOURCE").expect("LIBF2C_SOURCE: libf2c's unpacked archive");
    let plan = runtime_sources(libf2c.as_str().into());
    let mut sources = plan.libf2c.clone();
    for file in &plan.own {
        let path = folder.join(file.name);
        std::fs::write(&path, file.text).expect("a writable folder");
        if file.name.ends_with(".c") {
            sources.push(path);
        }
    }
    run(Command::new("gcc")
        .current_dir(folder)
        .args(plan.flags)
        .args(["-O1", "-c", "-I", folder.as_str(), "-I", &libf2c])
        .args(&sources));
    let objects = folder
        .read_dir_utf8()
        .expect("objects")
        .filter_map(|entry| {
            let path = entry.expect("an object").into_path();
            (path.extension() == Some("o")).then_some(path)
        });
    let archive = folder.join("libruntime.a");
    run(Command::new("ar").arg("rcs").arg(&archive).args(objects));
    archive
}

/// The compilers of one test: a folder of their own, f2c and the runtime.
pub struct Tools {
    _temporary: tempfile::TempDir,
    pub folder: Utf8PathBuf,
    pub f2c: Utf8PathBuf,
    pub archive: Utf8PathBuf,
}

impl Tools {
    /// Builds the runtime.
    pub fn new() -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = Utf8Path::from_path(temporary.path())
            .expect("a UTF-8 folder")
            .to_owned();
        Self {
            _temporary: temporary,
            f2c: std::env::var("F2C").unwrap_or_else(|_| "f2c".into()).into(),
            archive: runtime(&folder),
            folder,
        }
    }

    /// An object made by gfortran.
    pub fn theirs(&self, source: &Utf8Path, flags: &[&str]) -> Utf8PathBuf {
        let object = self.folder.join("theirs.obj");
        run(Command::new("gfortran")
            .args(flags)
            .args(["-w", "-O1", "-c", "-o"])
            .arg(&object)
            // The description of a module lands in the working directory otherwise.
            .args(["-J", self.folder.as_str()])
            .arg(source));
        object
    }

    /// An object made by translation.
    pub fn ours(&self, source: &Utf8Path, options: &Options) -> Utf8PathBuf {
        let bytes = std::fs::read(source).expect("a readable case");
        let translation = translate(&self.f2c, &bytes, source, options).expect("it translates");
        let (c, object) = (self.folder.join("ours.c"), self.folder.join("ours.obj"));
        std::fs::write(&c, translation.c).expect("a writable folder");
        run(Command::new("gcc")
            .args(["-std=gnu17", "-w", "-O1", "-I", self.folder.as_str()])
            .args(["-c", "-o"])
            .arg(&object)
            .arg(&c));
        object
    }

    /// Links with gcc, which knows nothing of Fortran; gives the program.
    pub fn link(&self, name: &str, inputs: &[&str]) -> Utf8PathBuf {
        let program = self.folder.join(name);
        run(Command::new("gcc")
            .args(["-std=gnu17", "-o", program.as_str()])
            .args(inputs)
            .arg("-lm"));
        program
    }
}
