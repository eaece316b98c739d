//! A program's link with the members of Emscripten's libraries that it may draw, and no others.
//!
//! wasm-ld reads every member of every archive, and Emscripten links a dozen of them with every program: a
//! small one waits for that most of the time. [`super::members`] tells which members can have no part in it.

#[cfg(test)]
use super::made;
use super::members::{self, HEADER, Members, Name};
use memchr::memmem;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use toolcall::os_str;

/// Names that wasm-ld itself looks for.
#[rustfmt::skip]
const LOOKED_FOR: &[&str] = &[
    "__data_end", "__dso_handle", "__global_base", "__heap_base", "__heap_end", "__indirect_function_table",
    "__main_argc_argv", "__main_void", "__memory_base", "__original_main", "__rodata_end", "__rodata_start",
    "__stack_high", "__stack_low", "__stack_pointer", "__table_base", "__tls_align", "__tls_base", "__tls_size",
    "__wasm_apply_data_relocs", "__wasm_apply_global_relocs", "__wasm_apply_global_tls_relocs",
    "__wasm_apply_tls_relocs", "__wasm_call_ctors", "__wasm_call_dtors", "__wasm_first_page_end",
    "__wasm_get_tls_base", "__wasm_init_memory", "__wasm_init_memory_flag", "__wasm_init_tls",
    "__wasm_set_tls_base", "__wasm_start", "_start", "main",
];

/// How wasm-ld calls an archive of the members.
const FILE: &str = "emshim-members";
/// With it wasm-ld draws every member.
const WHOLE: &str = "--whole-archive";

/// A word of wasm-ld's command.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// As it is.
    Word(OsString),
    /// A library of Emscripten's, by its number.
    Library(usize),
}

/// wasm-ld's command, as far as its libraries are concerned.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    places: Vec<Place>,
    /// What the rest of it mentions.
    names: Vec<Name>,
    /// Emscripten's libraries, in order and each once.
    pub(super) libraries: Vec<PathBuf>,
}

impl Command {
    /// Reads a command; `own` are the folders of Emscripten's libraries. `None` where it is not certain what all
    /// its words do.
    pub(super) fn read(argv: &[OsString], cwd: &Path, own: &[&str]) -> Option<Self> {
        let folders = argv
            .iter()
            .filter_map(|word| os_str::strip_prefix(word, "-L"));
        let folders: Vec<PathBuf> = folders.map(|folder| cwd.join(folder)).collect();
        let mut command = Self {
            names: LOOKED_FOR
                .iter()
                .map(|text| members::name(text.as_bytes()))
                .collect(),
            ..Self::default()
        };
        let mut before = OsStr::new("");
        for word in argv {
            let mut place = Place::Word(word.clone());
            if word == WHOLE || os_str::starts_with(word, "@") {
                return None;
            } else if let Some(name) = os_str::strip_prefix(word, "-l") {
                let found = find(name, &folders)?;
                match own
                    .iter()
                    .any(|folder| found.parent() == Some(Path::new(folder)))
                {
                    true => place = Place::Library(command.number(found)),
                    false => command.mention(&found)?,
                }
            } else if os_str::starts_with(word, "-") {
                let mut parts = word.as_bytes().splitn(2, |byte| *byte == b'=');
                command.names.extend(parts.nth(1).map(members::name));
            } else if before != "-o" && !command.places.is_empty() {
                let path = cwd.join(word);
                match path.is_file() {
                    true => command.mention(&path)?,
                    false => command.names.push(members::name(word.as_bytes())),
                }
            }
            command.places.push(place);
            before = word;
        }
        Some(command)
    }

    fn number(&mut self, library: PathBuf) -> usize {
        let known = self.libraries.iter().position(|known| *known == library);
        known.unwrap_or_else(|| {
            self.libraries.push(library);
            self.libraries.len() - 1
        })
    }

    /// Takes the names in a file that is linked.
    fn mention(&mut self, file: &Path) -> Option<()> {
        let bytes = std::fs::read(file).ok()?;
        let mut note = |name, _| self.names.push(name);
        if bytes.starts_with(members::STUBS.as_bytes()) {
            return Some(());
        }
        if bytes.starts_with(members::OBJECT) {
            return members::symbols(&bytes, &mut note);
        }
        let places = members::archived(&bytes)?;
        let mut all = places
            .members
            .into_iter()
            .map(|place| &bytes[place.start + HEADER..place.end]);
        all.try_for_each(|member| members::symbols(member, &mut note))
    }

    /// The command with archives in `folder` of the members that it may draw.
    pub(super) fn shorter(self, members: &Members, folder: &Path) -> io::Result<Shorter> {
        let mut taken: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.libraries.len()];
        for (library, place) in members.reached(&self.names) {
            taken[library].push(place);
        }
        let mut shorter = Shorter::default();
        for place in self.places {
            let number = match place {
                Place::Word(word) => {
                    shorter.argv.push(word);
                    continue;
                }
                Place::Library(number) => number,
            };
            // Where it stands again, all that it has is known already.
            let places = std::mem::take(&mut taken[number]);
            if !places.is_empty() {
                let library = self.libraries[number].clone();
                let path = folder.join(format!("{FILE}-{number}.a"));
                let names = members.names[number].iter();
                std::fs::write(&path, archive(&library, names.chain(&places))?)?;
                shorter.argv.push(path.clone().into_os_string());
                shorter.archives.push((path, library));
            }
        }
        Ok(shorter)
    }
}

/// wasm-ld's command without what libraries have for others.
#[derive(Debug, Default)]
pub struct Shorter {
    /// Its words.
    pub argv: Vec<OsString>,
    /// The archives that it has for libraries.
    archives: Vec<(PathBuf, PathBuf)>,
}

impl Shorter {
    /// What the whole command would have said where this one said `text`; `None` where that is not certain.
    #[must_use]
    pub fn as_whole(&self, text: Vec<u8>) -> Option<Vec<u8>> {
        let mut text = text;
        for (archive, library) in &self.archives {
            let archive = archive.as_os_str().as_bytes();
            while let Some(at) = memmem::find(&text, archive) {
                let library = library.as_os_str().as_bytes().iter().copied();
                text.splice(at..at + archive.len(), library);
            }
        }
        memmem::find(&text, FILE.as_bytes())
            .is_none()
            .then_some(text)
    }
}

/// The archive that wasm-ld finds for a name.
fn find(name: &OsStr, folders: &[PathBuf]) -> Option<PathBuf> {
    let file = |suffix: &str| {
        let mut file = os_str::joined("lib", name);
        file.push(suffix);
        file
    };
    let (archive, shared) = (file(".a"), file(".so"));
    if folders.iter().any(|folder| folder.join(&shared).exists()) {
        return None;
    }
    let mut paths = folders.iter().map(|folder| folder.join(&archive));
    paths.find(|path| path.exists())
}

/// An archive of some of what a library has.
fn archive<'p>(
    library: &Path,
    places: impl Iterator<Item = &'p Range<usize>>,
) -> io::Result<Vec<u8>> {
    let file = File::open(library)?;
    let mut archive = members::ARCHIVE.to_vec();
    for place in places {
        let start = archive.len();
        archive.resize(start + place.len(), 0);
        file.read_exact_at(&mut archive[start..], place.start as u64)?;
        archive.resize(archive.len().next_multiple_of(2), b'\n');
    }
    Ok(archive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn text(argv: &[OsString]) -> String {
        argv.join(OsStr::new(" ")).into_string().unwrap()
    }

    /// A folder with a program's object, a library of the caller's and two of Emscripten's.
    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("own")).unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
        write("m.o", &made::object("main", &["f"]));
        write("libmine.a", &made::archive(&[made::object("g", &["h"])]));
        let one = [
            made::object("f", &[]),
            made::object("h", &[]),
            made::object("x", &["y"]),
        ];
        write("own/libone.a", &made::archive(&one));
        write("own/libtwo.a", &made::archive(&[made::object("y", &[])]));
        write("own/libodd.a", b"BC");
        dir
    }

    fn shorter(line: &str, dir: &Path) -> Option<Vec<OsString>> {
        let own = dir.join("own");
        let own = own.to_str().unwrap();
        let line = line.replace("OWN", own);
        let command = Command::read(&words(&line), dir, &[own])?;
        let libraries = command
            .libraries
            .iter()
            .map(|path| std::fs::read(path).unwrap());
        let members = Members::of(&libraries.collect::<Vec<_>>(), "")?;
        Some(command.shorter(&members, dir).unwrap().argv)
    }

    #[test]
    fn only_members_that_are_asked_for_are_linked() {
        let dir = folder();
        let dir = dir.path();
        let short =
            |line: &str| text(&shorter(line, dir).unwrap()).replace(dir.to_str().unwrap(), "D");
        let members = |file: &str| {
            let archive = std::fs::read(dir.join(file)).unwrap();
            members::archived(&archive).unwrap().members.len()
        };
        assert_eq!(
            short("ld -o x m.o -LOWN -lone -ltwo -z s=1"),
            "ld -o x m.o -LD/own D/emshim-members-0.a -z s=1"
        );
        assert_eq!(members("emshim-members-0.a"), 1);
        short("ld -o x m.o -L. -lmine -LOWN -lone");
        assert_eq!(members("emshim-members-0.a"), 2);
        assert_eq!(
            short("ld -o x --export=x m.o -LOWN -ltwo -lone -ltwo"),
            "ld -o x --export=x m.o -LD/own D/emshim-members-0.a D/emshim-members-1.a"
        );
        assert_eq!(short("ld -o m.o -LOWN -lone"), "ld -o m.o -LD/own");
    }

    #[test]
    fn what_is_said_of_an_archive_is_said_of_its_library() {
        let shorter = Shorter {
            argv: Vec::new(),
            archives: vec![("/w/emshim-members-1.a".into(), "/l/libc.a".into())],
        };
        let whole = |text: &str| {
            let whole = shorter.as_whole(text.as_bytes().to_vec())?;
            Some(String::from_utf8(whole).unwrap())
        };
        assert_eq!(
            whole("a /w/emshim-members-1.a(x.o)\nb /w/emshim-members-1.a(y.o)").unwrap(),
            "a /l/libc.a(x.o)\nb /l/libc.a(y.o)"
        );
        assert_eq!(whole("").unwrap(), "");
        assert_eq!(whole("/w/emshim-members-2.a"), None);
    }

    #[test]
    fn what_is_not_certain_stays() {
        let dir = folder();
        for line in [
            "ld m.o --whole-archive -LOWN -lone",
            "ld m.o @list -LOWN -lone",
            "ld m.o -LOWN -lmissing",
            "ld m.o -LOWN -lodd",
            "ld own/libodd.a -LOWN -lone",
        ] {
            assert_eq!(shorter(line, dir.path()), None, "{line}");
        }
        std::fs::write(dir.path().join("libone.so"), "").unwrap();
        assert_eq!(shorter("ld m.o -LOWN -L. -lone", dir.path()), None);
    }
}
