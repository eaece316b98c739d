//! Static libraries for a target, compiled from a verified source once and kept in the store.

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::compile::Compiler;
use crate::sources::{source, unpack_source};
use crate::store::Slot;
use crate::{Emscripten, Error, Progress, Store};

/// What a static library is made of. The whole of it names the folder, so that a library made of
/// anything else is another one.
#[derive(Debug, Clone)]
pub struct StaticLibrary<'a> {
    /// How it is called in messages, such as `the Fortran runtime`.
    pub what: &'a str,
    /// The folder of the store it goes to.
    pub kept_in: fn(&Store) -> Utf8PathBuf,
    /// Target, with which the library's own folder begins.
    pub target: String,
    /// The library's file name.
    pub file: &'a str,
    /// Name in [`SOURCES`](crate::SOURCES) of the archive it is made from.
    pub source: &'a str,
    /// Files of the unpacked archive to compile.
    pub sources: Vec<Utf8PathBuf>,
    /// Files to write, by name and contents: `.c` files are compiled too, others are headers that
    /// take the place of the archive's.
    pub own: Vec<(&'a str, &'a str)>,
    /// Those of `own` that users of the library need; they are kept beside it.
    pub headers: &'a [&'a str],
    /// Flags for the compiler.
    pub flags: Vec<String>,
    /// Flags whose meaning Emscripten knows: `-s` settings, exceptions.
    pub settings: Vec<String>,
}

/// How clang is called, in a recipe: whoever calls it otherwise makes another library.
const COMMAND: &str = "emcc's flags, then the settings that clang knows; listed";

const REMEDY: &str = "this Emscripten may be broken: choose another with EMSHIM_EMCC, or unset it \
                      to let emshim get one";

impl StaticLibrary<'_> {
    fn slot(&self, store: &Store, emscripten: &str) -> Result<Slot, Error> {
        let name = format!("{}-{emscripten}", self.target);
        let folder = (self.kept_in)(store);
        let own = self.own.iter().flat_map(|(name, text)| [*name, *text]);
        let parts = [source(self.source)?.sha256, self.file, COMMAND]
            .into_iter()
            .chain(self.sources.iter().map(|path| path.as_str()))
            .chain(own)
            .chain(self.headers.iter().copied())
            .chain(self.flags.iter().map(String::as_str))
            .chain(self.settings.iter().map(String::as_str));
        Ok(Slot::new(&folder, &name, self.what, parts))
    }

    /// The folder it is in, or would be, for a version of Emscripten.
    ///
    /// # Errors
    /// The table of sources lacks its source.
    pub fn folder(&self, store: &Store, emscripten: &str) -> Result<Utf8PathBuf, Error> {
        Ok(self.slot(store, emscripten)?.folder().to_owned())
    }

    /// Is it built? Nothing is provisioned.
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn is_built(&self, store: &Store, emscripten: &str) -> Result<bool, Error> {
        Ok(self.slot(store, emscripten)?.is_intact())
    }

    /// Builds it unless it is there already; returns its folder.
    ///
    /// # Errors
    /// The source cannot be had, or Emscripten's tools do not work.
    pub fn provision(
        &self,
        store: &Store,
        emscripten: &Emscripten,
        progress: &dyn Progress,
    ) -> Result<Utf8PathBuf, Error> {
        let slot = self.slot(store, &emscripten.version)?;
        // It holds no absolute path of its own, so a moved one works.
        if slot.is_intact() {
            return Ok(slot.folder().to_owned());
        }
        let work = slot.lock(progress)?;
        if !slot.is_intact() {
            let staging = work.staging()?;
            let upstream = staging.join("source");
            unpack_source(store, self.source, &upstream, progress)?;
            let log = Log::create(&store.log(), self.file)?;
            progress.step(&format!("building {}", self.what), || {
                self.build(emscripten, &upstream, staging, &log, progress)?;
                fs::remove_dir_all(&upstream).map_err(Error::io("remove", &upstream))?;
                work.place()?;
                work.finish(BTreeMap::new())
            })?;
        }
        Ok(slot.folder().to_owned())
    }

    fn build(
        &self,
        emscripten: &Emscripten,
        upstream: &Utf8Path,
        to: &Utf8Path,
        log: &Log,
        progress: &dyn Progress,
    ) -> Result<(), Error> {
        let own = upstream.join("emshim");
        fs::create_dir(&own).map_err(Error::io("create", &own))?;
        let mut sources: Vec<_> = self
            .sources
            .iter()
            .map(|path| upstream.join(path))
            .collect();
        for (name, text) in &self.own {
            let path = own.join(name);
            fs::write(&path, text).map_err(Error::io("write", &path))?;
            if path.extension() == Some("c") {
                sources.push(path);
            }
        }
        for header in self.headers {
            let path = to.join(header);
            fs::copy(own.join(header), &path).map_err(Error::io("write", &path))?;
        }
        let mut flags = target_flags(emscripten, &self.settings, log)?;
        // Newer Emscriptens answer with what they add alone.
        let for_clang = |setting: &&String| !setting.starts_with("-s");
        flags.extend(self.settings.iter().filter(for_clang).cloned());
        // Sources of our own may include the library's.
        for folder in [&own, upstream] {
            flags.extend(["-I".to_owned(), folder.to_string()]);
        }
        flags.extend(self.flags.iter().cloned());
        let objects = Compiler {
            program: &emscripten.llvm_bin.join("clang"),
            flags,
            remedy: REMEDY,
        }
        .objects(&sources, &own, log, progress)?;
        let file = to.join(self.file);
        let ar = emscripten.llvm_bin.join("llvm-ar");
        Command::new(&ar, "making an archive", REMEDY)
            .args(["crs", file.as_str()])
            .args(objects)
            .output(log)
            .map(drop)
    }
}

/// clang's flags for Emscripten's settings, by `emcc --cflags`.
fn target_flags(
    emscripten: &Emscripten,
    settings: &[String],
    log: &Log,
) -> Result<Vec<String>, Error> {
    let emcc = emscripten.root.join("emcc");
    let mut command = Command::new(&emcc, "asking emcc for clang's flags", REMEDY)
        .args(["--cflags"])
        .args(settings);
    for (name, value) in &emscripten.env {
        command = command.env(name, value.clone());
    }
    let answer = command.output(log)?;
    // Emscripten quotes for a shell what needs it.
    shell_words::split(&answer).map_err(|e| Error::Invalid {
        path: format!("{emcc} --cflags"),
        why: format!("its answer cannot be read: {e}"),
        remedy: REMEDY.to_owned(),
    })
}
