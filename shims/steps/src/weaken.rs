//! `emshim weaken`: C's common symbols become weak ones in LLVM's text, in segments that are named as
//! Fortran's COMMON blocks, so that a link treats both alike ([`f2c_driver::common`]).
//!
//! The text is clang's own, a variable on each line: `@x = common global i32 0, align 4`, by the
//! "LLVM Language Reference Manual", section "Global Variables". A common symbol has no section and
//! always an alignment.

use f2c_driver::common::SEGMENT;
use std::path::{Path, PathBuf};
use toolcall::builtin::WeakenCommons;

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum WeakenError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", .path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not as clang writes it.
    #[error("not as clang writes a common symbol: {0}")]
    Line(String),
}

/// Carries out the step; paths are relative to `cwd`.
///
/// # Errors
/// A file cannot be read or written, or is not what clang writes.
pub fn run(step: &WeakenCommons, cwd: &Path) -> Result<(), WeakenError> {
    let failed = |action, path: PathBuf| {
        move |source| WeakenError::File {
            action,
            path,
            source,
        }
    };
    let (from, to) = (cwd.join(&step.text), cwd.join(&step.output));
    let text = std::fs::read(&from).map_err(failed("read", from))?;
    let weak = weakened(&text)?;
    std::fs::write(&to, weak).map_err(failed("write", to))
}

/// Strings in it may be in any encoding.
fn weakened(text: &[u8]) -> Result<Vec<u8>, WeakenError> {
    let mut out = Vec::with_capacity(text.len() + 1024);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match common(line) {
            Some((name, rest)) => {
                let wrong = || WeakenError::Line(String::from_utf8_lossy(line).trim().to_owned());
                let at = memchr::memmem::rfind(rest, b", align ").ok_or_else(wrong)?;
                let plain = name
                    .strip_prefix(b"\"")
                    .and_then(|name| name.strip_suffix(b"\""));
                out.extend_from_slice(&line[..line.len() - rest.len() - COMMON.len()]);
                out.extend_from_slice(b"weak ");
                out.extend_from_slice(&rest[..at]);
                out.extend_from_slice(b", section \"");
                out.extend_from_slice(SEGMENT.as_bytes());
                out.extend_from_slice(plain.unwrap_or(name));
                out.push(b'"');
                out.extend_from_slice(&rest[at..]);
            }
            None => out.extend_from_slice(line),
        }
    }
    Ok(out)
}

const COMMON: &[u8] = b"common ";

/// The name of a line's common symbol, and what follows the word that says so.
fn common(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_prefix(b"@")?;
    let end = match line.strip_prefix(b"\"") {
        Some(quoted) => quoted.iter().position(|&byte| byte == b'"')? + 2,
        None => line.iter().position(|&byte| byte == b' ')?,
    };
    let (name, rest) = line.split_at(end);
    let rest = rest.strip_prefix(b" = ")?.strip_prefix(COMMON)?;
    Some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str) -> String {
        String::from_utf8(weakened(line.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn common_symbols_become_weak_and_nothing_else_changes() {
        assert_eq!(
            text("@x = common hidden local_unnamed_addr global i32 0, align 4\n"),
            "@x = weak hidden local_unnamed_addr global i32 0, \
             section \".bss.fortran.common.x\", align 4\n"
        );
        assert_eq!(
            text("@\"a b\" = common global [2 x i8] zeroinitializer, align 1, !dbg !5"),
            "@\"a b\" = weak global [2 x i8] zeroinitializer, \
             section \".bss.fortran.common.a b\", align 1, !dbg !5"
        );
        let other = "@x = global i32 0, align 4\n\
            @.str = private constant [11 x i8] c\"= common \\00\\FF\", align 1\n\
            define i32 @f() {\n  %1 = load i32, ptr @x, align 4\n}\n";
        assert_eq!(text(other), other);
        assert!(weakened(b"@x = common global i32 0\n").is_err());
    }
}
