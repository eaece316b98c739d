//! gfortran, f2c and a C compiler for the machine itself: what is compared with gfortran natively.

use std::process::Command;
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::runtime::runtime_sources;
use f2c_driver::{Options, translate};
use provision::{Env, STABLE, Silent, Store, provision_f2c, provision_gfortran, unpack_source};

use crate::real::Folder;

/// What a comparison needs of the store.
#[derive(Debug)]
pub struct Provided {
    /// f2c.
    pub f2c: Utf8PathBuf,
    /// The folder of libf2c's source.
    pub libf2c: Utf8PathBuf,
    /// PATH with gfortran, and the binutils that come with it for machines that have none.
    pub path: String,
}

impl Provided {
    /// Gets it; libf2c's source is unpacked into the folder `libf2c`, which must not be there.
    ///
    /// # Errors
    /// Something cannot be had.
    pub fn get(libf2c: &Utf8Path) -> Result<Self, provision::Error> {
        let (env, store) = (Env::capture(), Store::from_env()?);
        let f2c = provision_f2c(&env, &store, Some(STABLE), &Silent)?;
        let native = provision_gfortran(&env, &store, &Silent)?;
        unpack_source(&store, "libf2c2", libf2c, &Silent)?;
        let folder = native.gfortran.parent().unwrap_or(libf2c);
        let path = std::env::var("PATH").unwrap_or_default();
        Ok(Self {
            f2c,
            libf2c: libf2c.to_owned(),
            path: format!("{folder}:{path}:{folder}/usr/bin"),
        })
    }
}

/// What the tests of this process share.
///
/// # Panics
/// It cannot be had.
pub fn provided() -> &'static Provided {
    static PROVIDED: OnceLock<(Folder, Provided)> = OnceLock::new();
    let provide = || {
        let folder = Folder::new();
        let provided = Provided::get(&folder.path().join("libf2c2"));
        (folder, provided.expect("f2c, gfortran and libf2c's source"))
    };
    &PROVIDED.get_or_init(provide).1
}

/// A command of the machine's compilers and binutils.
#[must_use]
pub fn native(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", &provided().path);
    command
}

/// Runs a program that must not fail; gives what it prints.
///
/// # Panics
/// It fails.
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
    let libf2c = &provided().libf2c;
    let plan = runtime_sources(libf2c);
    let mut sources = plan.libf2c.clone();
    for file in &plan.own {
        let path = folder.join(file.name);
        std::fs::write(&path, file.text).expect("a writable folder");
        if file.name.ends_with(".c") {
            sources.push(path);
        }
    }
    run(native("gcc")
        .current_dir(folder)
        .args(plan.flags)
        .args(["-O1", "-c", "-I", folder.as_str(), "-I", libf2c.as_str()])
        .args(&sources));
    let objects = folder
        .read_dir_utf8()
        .expect("objects")
        .filter_map(|entry| {
            let path = entry.expect("an object").into_path();
            (path.extension() == Some("o")).then_some(path)
        });
    let archive = folder.join("libruntime.a");
    run(native("ar").arg("rcs").arg(&archive).args(objects));
    archive
}

/// The compilers of one test: a folder of their own, and the runtime.
#[derive(Debug)]
pub struct Tools {
    _temporary: Folder,
    /// The folder.
    pub folder: Utf8PathBuf,
    /// The runtime library.
    pub archive: Utf8PathBuf,
}

impl Tools {
    /// Builds the runtime.
    ///
    /// # Panics
    /// That fails.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it runs compilers")]
    pub fn new() -> Self {
        let temporary = Folder::new();
        let folder = temporary.path().to_owned();
        Self {
            _temporary: temporary,
            archive: runtime(&folder),
            folder,
        }
    }

    /// An object made by gfortran.
    ///
    /// # Panics
    /// That fails.
    #[must_use]
    pub fn theirs(&self, source: &Utf8Path, flags: &[&str]) -> Utf8PathBuf {
        let object = self.folder.join("theirs.obj");
        run(native("gfortran")
            .args(flags)
            .args(["-w", "-O1", "-c", "-o"])
            .arg(&object)
            // The description of a module lands in the working directory otherwise.
            .args(["-J", self.folder.as_str()])
            .arg(source));
        object
    }

    /// An object made by translation.
    ///
    /// # Panics
    /// That fails.
    #[must_use]
    pub fn ours(&self, source: &Utf8Path, options: &Options) -> Utf8PathBuf {
        let bytes = std::fs::read(source).expect("a readable case");
        let translation =
            translate(&provided().f2c, &bytes, source, options).expect("it translates");
        let (c, object) = (self.folder.join("ours.c"), self.folder.join("ours.obj"));
        std::fs::write(&c, translation.c).expect("a writable folder");
        run(native("gcc")
            .args(["-std=gnu17", "-w", "-O1", "-I", self.folder.as_str()])
            .args(["-c", "-o"])
            .arg(&object)
            .arg(&c));
        object
    }

    /// Links with gcc, which knows nothing of Fortran; gives the program.
    ///
    /// # Panics
    /// That fails.
    #[must_use]
    pub fn link(&self, name: &str, inputs: &[&str]) -> Utf8PathBuf {
        let program = self.folder.join(name);
        run(native("gcc")
            .args(["-std=gnu17", "-o", program.as_str()])
            .args(inputs)
            .arg("-lm"));
        program
    }
}
