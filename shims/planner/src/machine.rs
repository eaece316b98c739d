//! Which machine an object, a library or an archive is for, by its first bytes.

use crate::files::Files;
use std::path::Path;

/// The machine that a file's code runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Machine {
    /// The build machine: ELF.
    Build,
    /// The target: WebAssembly.
    Target,
}

/// How many members of an archive are looked at: the first are its symbol table and long names.
const MEMBERS: usize = 8;
/// Length of a member's header, and where in it the length of what follows stands (ar(5)).
const HEADER: usize = 60;
const SIZE: std::ops::Range<usize> = 48..58;

/// The machine a file is for; `None` for what is no object, or of no machine: bitcode, a linker
/// script, a thin archive.
pub(crate) fn of(files: &dyn Files, path: &Path) -> Option<Machine> {
    let start = files.part(path, 0, ARCHIVE.len())?;
    if start == ARCHIVE {
        of_archive(files, path)
    } else {
        of_bytes(&start)
    }
}

fn of_bytes(start: &[u8]) -> Option<Machine> {
    match start.get(..4)? {
        b"\x7fELF" => Some(Machine::Build),
        b"\0asm" => Some(Machine::Target),
        _ => None,
    }
}

/// The machine of the first member that says so.
fn of_archive(files: &dyn Files, path: &Path) -> Option<Machine> {
    let mut at = ARCHIVE.len() as u64;
    for _ in 0..MEMBERS {
        let header = files.part(path, at, HEADER + 4)?;
        if let Some(machine) = of_bytes(header.get(HEADER..)?) {
            return Some(machine);
        }
        let size: u64 = std::str::from_utf8(&header[SIZE])
            .ok()?
            .trim()
            .parse()
            .ok()?;
        // Members begin at even places.
        at = at.checked_add(HEADER as u64)?.checked_add(size)?;
        at += at % 2;
    }
    None
}

const ARCHIVE: &[u8] = b"!<arch>\n";

#[cfg(test)]
mod tests {
    use super::*;

    struct One(Vec<u8>);

    impl Files for One {
        fn read(&self, _: &Path) -> Option<Vec<u8>> {
            Some(self.0.clone())
        }
        fn exists(&self, _: &Path) -> bool {
            true
        }
        fn is_other_program(&self, _: &Path) -> bool {
            false
        }
    }

    fn machine(bytes: &[u8]) -> Option<Machine> {
        of(&One(bytes.to_vec()), Path::new("x"))
    }

    fn member(name: &str, contents: &[u8]) -> Vec<u8> {
        let size = contents.len();
        let mut member =
            format!("{name:<16}0           0     0     644     {size:<10}`\n").into_bytes();
        assert_eq!(member.len(), HEADER);
        member.extend(contents);
        if size % 2 == 1 {
            member.push(b'\n');
        }
        member
    }

    #[test]
    fn objects_and_archives_say_their_machine() {
        assert_eq!(machine(b"\x7fELF\x02\x01"), Some(Machine::Build));
        assert_eq!(machine(b"\0asm\x01\0\0\0"), Some(Machine::Target));
        let archive = [
            ARCHIVE.to_vec(),
            member("/", b"\0\0\0\x01odd"),
            member("//", b"a_long_name.o/\n"),
            member("/0", b"\x7fELF\x02\x01"),
        ];
        assert_eq!(machine(&archive.concat()), Some(Machine::Build));
    }

    #[test]
    fn what_says_nothing_is_of_no_machine() {
        let cut = [ARCHIVE.to_vec(), member("a.o/", b"\0as")].concat();
        let hostile = [ARCHIVE, &[b'9'; 80]].concat();
        for bytes in [
            &b""[..],
            b"BC\xc0\xde1234",
            b"GROUP ( a b )",
            ARCHIVE,
            &cut,
            &hostile,
        ] {
            assert_eq!(machine(bytes), None, "{bytes:?}");
        }
    }
}
