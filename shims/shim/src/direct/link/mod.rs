//! Links of side modules and programs without emcc.
//!
//! For one, emcc finds out the commands of wasm-ld, llvm-objcopy and wasm-opt, looks at the code
//! between them, and takes several times what these need. Here they run by themselves, as emcc would
//! run them: it is asked for the commands once for each set of settings, and what decides them stands
//! in [`command`]. A program's JavaScript is kept by what it follows from ([`script`]). Code in which emcc
//! would look for more, and a command that fails, are emcc's, which then does all of it.

mod answer;
mod command;
mod facts;
mod libraries;
#[cfg(test)]
mod made;
mod makes;
mod members;
mod objcopy;
mod object;
mod packed;
mod script;

use super::answer_cache::AnswerCache;
use super::reason::Reason;
use super::toolchain::{StepEnv, Toolchain, Witness};
use crate::files::Disk;
use crate::waiting;
pub use answer::Work;
use answer::{Asked, Linker, Rest, Word};
use command::{Command, Part};
pub use libraries::Shorter;
use makes::Makes;
pub use makes::OF_PROGRAMS;
use members::Members;
use object::Linked;
use planner::expand;
pub use script::Script;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use toolcall::config::ShimConfig;
use toolcall::invocation::Invocation;
use toolcall::os_str;
use toolcall::plan::Step;

/// Why emcc is asked again where a module is not as it takes one.
const MISSING: &str = "the module lacks exports that are asked for, of which emcc speaks";
const MORE: &str = "emcc looks at what the module exports";
const NO_MODULE: &str = "wasm-ld's output is no module";
const NO_PLACE: &str = "the program's place is not to be written to";
const REFUSED: &str = "emcc fails on these settings, and says why when it runs";

/// Exports at which emcc does more: it speaks of `main`, and checks JavaScript in the module.
const LOOKED_AT: &[&str] = &[
    "__em_js__",
    "__main_argc_argv",
    "__start_em_",
    "__stop_em_",
    "main",
];

/// What is kept of an answer: a part of it, or why emcc has to run itself.
type Stored<T> = Result<T, String>;

/// A link that emcc's commands are known for.
#[derive(Debug)]
pub struct Link<'a> {
    invocation: &'a Invocation,
    step: &'a Step,
    cache: AnswerCache,
    toolchain: Toolchain,
    command: Command,
    suffix: String,
    linker: Linker,
    /// The folder of a program's code while it is made.
    work_dir: &'a Path,
}

impl<'a> Link<'a> {
    /// Finds out wasm-ld's command for a step that runs emcc.
    ///
    /// # Errors
    /// Why emcc has to run itself.
    pub fn of(
        config: &ShimConfig,
        invocation: &'a Invocation,
        step: &'a Step,
        work_dir: &'a Path,
    ) -> Result<Self, Reason> {
        let cwd = &invocation.cwd;
        let words = expand::expand(&step.argv[1..], cwd, &Disk).map_err(|e| e.to_string())?;
        let command = Command::read(&words.args, cwd)?;
        let env = StepEnv {
            env: &invocation.env,
            changes: &step.env,
        };
        let suffix = command.suffix()?;
        let features = command
            .object
            .as_ref()
            .and_then(|object| std::fs::read(cwd.join(object)).ok())
            .and_then(|bytes| Linked::read(&bytes))
            .unwrap_or_default()
            .features;
        let mut link = Self {
            invocation,
            step,
            cache: AnswerCache::of(&invocation.shim_dir),
            toolchain: match command.makes {
                Makes::Module => Toolchain::for_links(config, env),
                Makes::Program => Toolchain::for_programs(config, env),
            },
            command,
            suffix,
            linker: Linker::default(),
            work_dir,
        };
        let kept = link.cache.read::<Stored<Linker>>(&link.key(None));
        link.linker = match kept {
            Some(kept) => kept.map_err(Reason::from)?,
            None => link.ask(&features)?.0,
        };
        Ok(link)
    }

    /// The program's JavaScript; none for a module.
    ///
    /// # Errors
    /// emcc alone can write the program.
    pub fn script(&self) -> Result<Option<Script>, Reason> {
        if self.command.makes == Makes::Module {
            return Ok(None);
        }
        let output = self.invocation.cwd.join(&self.command.output);
        // What is no plain file, emcc treats in ways of its own; a folder that is not there, it refuses before
        // it links.
        let odd = output
            .symlink_metadata()
            .is_ok_and(|there| !there.is_file());
        if odd || !output.parent().is_some_and(Path::is_dir) {
            return Err(NO_PLACE.into());
        }
        let toolchain = format!(
            "{:?} {:?}",
            self.toolchain,
            self.toolchain.witnesses(Vec::new())
        );
        let settings = format!("{:?} {:?} {toolchain}", self.step.argv[0], self.question());
        let shim_dir = &self.invocation.shim_dir;
        Ok(Some(Script::new(shim_dir, settings, self.code(), output)))
    }

    /// The code of a program while it is made: wasm-ld writes its name into it.
    fn code(&self) -> PathBuf {
        let name = Path::new(&self.command.output).file_stem();
        let mut name = name.unwrap_or_default().to_owned();
        name.push(".wasm");
        self.work_dir.join(name)
    }

    /// What the commands make.
    fn output(&self) -> OsString {
        match self.command.makes {
            Makes::Module => self.command.output.clone(),
            Makes::Program => self.code().into(),
        }
    }

    /// Has a program's JavaScript look at its code.
    ///
    /// # Errors
    /// Why emcc has to do it all.
    pub fn look(&self, script: &mut Script) -> Result<(), Reason> {
        let code = std::fs::read(self.code()).map_err(|_| NO_MODULE)?;
        script.look(&code).then_some(()).ok_or_else(|| MORE.into())
    }

    /// wasm-ld's command, and what it reads besides the caller's files is in place.
    ///
    /// # Errors
    /// A library lies where only emcc finds it.
    pub fn linker(&self) -> Result<Vec<OsString>, Reason> {
        let Linker {
            before,
            settings,
            after,
            symbols,
            ..
        } = &self.linker;
        if let Some(symbols) = symbols {
            let written = std::fs::write(self.symbols(), symbols);
            written.map_err(|error| format!("{}: {error}", self.symbols().display()))?;
        }
        let mut argv = self.filled_in(before);
        for part in &self.command.parts {
            match part {
                Part::HandedOn(word) => argv.push(word.clone()),
                Part::Setting(number) => argv.extend(settings[*number].iter().map(OsString::from)),
                Part::Library(number, found) => {
                    let word = &self.command.settings[*number][0];
                    let dummy = answer::library(&word[2..]);
                    if self.command.makes == Makes::Program && found.as_os_str().is_empty() {
                        // wasm-ld itself looks for it, and says where it is not.
                        let unknown = |made: &String| *made == dummy || made == word;
                        let made = settings[*number].iter();
                        argv.extend(made.map(|made| {
                            OsString::from(match unknown(made) {
                                true => word,
                                false => made,
                            })
                        }));
                        continue;
                    }
                    argv.extend(command::library(&settings[*number], &dummy, word, found)?);
                }
            }
        }
        argv.extend(self.filled_in(after));
        Ok(argv)
    }

    /// The same command without what a program's libraries have for others; none where nothing can be left out.
    #[must_use]
    pub fn shorter(&self, linker: &[OsString]) -> Option<Shorter> {
        let stubs = self.linker.symbols.as_deref()?;
        let words = self.linker.before.iter().chain(&self.linker.after);
        let folders = words.filter_map(|word| match word {
            Word::Plain(word) => word.strip_prefix("-L"),
            _ => None,
        });
        let folders: Vec<&str> = folders.collect();
        let command = libraries::Command::read(linker, &self.invocation.cwd, &folders)?;
        let members = self.members(&command.libraries, stubs)?;
        command.shorter(&members, self.work_dir).ok()
    }

    /// What these libraries have, which is kept.
    fn members(&self, libraries: &[PathBuf], stubs: &str) -> Option<Members> {
        let stubs_digest = blake3::hash(stubs.as_bytes()).to_hex();
        let mut question: Vec<OsString> = vec!["members".into(), stubs_digest.as_str().into()];
        question.extend(libraries.iter().map(|path| path.clone().into_os_string()));
        let key = self.toolchain.key(&question);
        if let Some(kept) = self.cache.read::<Option<Members>>(&key) {
            return kept;
        }
        let paths = libraries
            .iter()
            .map(|path| path.to_str().map(str::to_owned));
        let paths: Vec<String> = paths.collect::<Option<_>>()?;
        let witnesses = paths.into_iter().map(Witness::of).collect();
        let bytes = libraries.iter().map(std::fs::read);
        let members = Members::of(&bytes.collect::<Result<Vec<_>, _>>().ok()?, stubs);
        // What cannot be kept is read again.
        let _ = self.cache.keep(&key, witnesses, &members);
        members
    }

    /// What emcc itself says of these settings, in lines.
    #[must_use]
    pub fn told(&self) -> &str {
        &self.linker.told
    }

    /// The commands that work on the module that wasm-ld has made.
    ///
    /// # Errors
    /// Why emcc has to do it all.
    pub fn rest(&self) -> Result<Vec<Work<OsString>>, Reason> {
        let bytes = std::fs::read(self.invocation.cwd.join(self.output()));
        let linked = bytes
            .ok()
            .and_then(|bytes| Linked::read(&bytes))
            .ok_or(NO_MODULE)?;
        let module = self.command.makes == Makes::Module;
        let looked_at =
            |name: &String| module && LOOKED_AT.iter().any(|start| name.starts_with(start));
        let asked_for = self.command.exports.iter().flatten();
        if let Some(name) = linked.exports.iter().find(|name| looked_at(name)) {
            return Err(format!("{name}: {MORE}").into());
        }
        if asked_for
            .into_iter()
            .any(|name| !linked.exports.contains(name))
        {
            return Err(MISSING.into());
        }
        let kept = self
            .cache
            .read::<Stored<Rest>>(&self.key(Some(&linked.features)));
        let rest = match kept {
            Some(kept) => kept.map_err(Reason::from)?,
            None => self.ask(&linked.features)?.1,
        };
        let filled_in = |work: &Work<Word>| match work {
            Work::Program(words) => Work::Program(self.filled_in(words)),
            Work::Own(words) => Work::Own(self.filled_in(words)),
        };
        Ok(rest.iter().map(filled_in).collect())
    }

    /// Whether a library that wasm-ld did not find is nowhere for emcc either: it is the caller's, who names it
    /// as wasm-ld was given it, and no folder of the command has a file of its name, whatever kind.
    #[must_use]
    pub fn lacks(&self, name: &str, argv: &[OsString]) -> bool {
        let file = format!("lib{name}.");
        let folders = argv
            .iter()
            .filter_map(|word| os_str::strip_prefix(word, "-L"));
        let mut folders = folders.map(|folder| self.invocation.cwd.join(folder));
        let has = |folder: PathBuf| {
            std::fs::read_dir(folder).is_ok_and(|entries| {
                let mut names = entries.map(|entry| entry.map(|entry| entry.file_name()));
                names.any(|name| name.is_ok_and(|name| os_str::starts_with(&name, &file)))
            })
        };
        self.command.libraries.iter().any(|own| own == name) && !folders.any(has)
    }

    fn filled_in(&self, words: &[Word]) -> Vec<OsString> {
        let mut argv = Vec::with_capacity(words.len());
        for word in words {
            match word {
                Word::Plain(word) => argv.push(word.into()),
                Word::Output => argv.push(self.output()),
                Word::Symbols => argv.push(self.symbols().into()),
                Word::Exports(before) => {
                    let names = self.command.exports.iter().flatten();
                    argv.extend(names.map(|name| OsString::from(format!("{before}{name}"))));
                }
            }
        }
        argv
    }

    /// The file that says what JavaScript defines.
    fn symbols(&self) -> PathBuf {
        self.work_dir.join("javascript.so")
    }

    fn asked(&self) -> Asked<'_> {
        let Command {
            makes,
            settings,
            exports,
            ..
        } = &self.command;
        Asked {
            settings,
            exports: exports.is_some(),
            suffix: &self.suffix,
            makes: *makes,
        }
    }

    fn question(&self) -> Vec<String> {
        answer::question(self.asked())
    }

    /// The name of the answer, without features of that about wasm-ld.
    fn key(&self, features: Option<&[u8]>) -> String {
        let mut words = vec![self.step.argv[0].clone()];
        words.extend(self.question().into_iter().map(OsString::from));
        if let Some(features) = features {
            let digest = blake3::hash(features).to_hex();
            words.extend(["features".into(), digest.as_str().into()]);
        }
        self.toolchain.key(&words)
    }

    /// Asks emcc, and keeps the answer.
    fn ask(&self, features: &[u8]) -> Result<(Linker, Rest), Reason> {
        let cannot = |error: std::io::Error| {
            Reason::from(format!(
                "no answer can be kept in {}: {error}",
                self.cache.folder()
            ))
        };
        let scratch = self.cache.scratch().map_err(cannot)?;
        let before = self.toolchain.witnesses(Vec::new());
        let mut answer = self.ask_in(scratch.path(), features)?;
        if answer.is_err() {
            // The refusal may be of a passing condition: it is kept only if a second question gives it too.
            answer = self.ask_in(scratch.path(), features)?;
        }
        let programs = answer.iter().flat_map(|(_, rest)| rest);
        let programs = programs.filter_map(|work| match work {
            Work::Program(words) => match words.first()? {
                Word::Plain(program) => Some(Witness::of(program.clone())),
                _ => None,
            },
            Work::Own(_) => None,
        });
        let witnesses: Vec<Witness> = before.into_iter().chain(programs).collect();
        // What a step of ours does as well as a program is this emshim's, and that program's.
        if let Ok((_, rest)) = &mut answer {
            for work in rest {
                objcopy::own(work, scratch.path());
            }
        }
        let (linker, rest): (Stored<Linker>, Stored<Rest>) = match &answer {
            Ok((linker, rest)) => (Ok(linker.clone()), Ok(rest.clone())),
            Err(why) => (Err(why.to_string()), Err(why.to_string())),
        };
        let kept = self
            .cache
            .keep(&self.key(Some(features)), witnesses.clone(), &rest);
        kept.map_err(cannot)?;
        let kept = self.cache.keep(&self.key(None), witnesses, &linker);
        kept.map_err(cannot)?;
        answer
    }

    /// Asks emcc. An outer error is one that another call need not have.
    fn ask_in(
        &self,
        folder: &Path,
        features: &[u8],
    ) -> Result<Result<(Linker, Rest), Reason>, Reason> {
        let failed = |error: std::io::Error| Reason::from(format!("emcc cannot be asked: {error}"));
        let makes = self.command.makes;
        let intermediate = folder.join(answer::INTERMEDIATE);
        let make = || {
            let object = object::with_features(features, makes);
            std::fs::write(folder.join(answer::OBJECT), object)?;
            std::fs::create_dir_all(folder.join(answer::LIBRARIES))?;
            std::fs::create_dir_all(&intermediate)?;
            for name in &self.command.libraries {
                std::fs::write(folder.join(answer::library(name)), EMPTY_ARCHIVE)?;
            }
            Ok(())
        };
        make().map_err(failed)?;
        let mut emcc = std::process::Command::new(&self.step.argv[0]);
        emcc.args(self.question())
            .current_dir(folder)
            .stdin(Stdio::null());
        self.step.change_env(&mut emcc);
        emcc.env("EMCC_VERBOSE", "1");
        if makes == Makes::Program {
            emcc.env("EMCC_DEBUG_SAVE", "1")
                .env("TMPDIR", &intermediate);
        }
        let (status, stderr) = waiting::ask(&mut emcc, self.invocation).map_err(failed)?;
        if !status.success() {
            // Possibly a failure of the machine, such as a full disk: not kept.
            return Err(REFUSED.into());
        }
        Ok(answer::read(&stderr, self.asked(), folder))
    }
}

/// An archive without members.
const EMPTY_ARCHIVE: &[u8] = b"!<arch>\n";
