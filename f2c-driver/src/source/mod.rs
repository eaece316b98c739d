//! Reading source form: bytes in, statements out, each token with its place in the user's files.
//!
//! `lines` joins lines into logical lines, `lex` makes tokens, `classify` makes statements (`stmt`), of which
//! `tree` has the trees; `print` is the way back.

mod classify;
mod files;
mod keywords;
mod lex;
mod lines;
mod print;
mod stmt;
mod tree;

pub(crate) use files::{Files, NotIncluded};
pub(crate) use lex::lex_fragment;
pub(crate) use lines::without_mark;
pub(crate) use stmt::{Base, Control, Count, Kind, Procedure, Stmt};

#[cfg(test)]
pub(crate) use keywords::refused_words;

use camino::Utf8Path;

use crate::error::Refusal;
pub(crate) use crate::loc::Loc;
use crate::lookup::Folder;
use crate::options::{Form, Options};
pub(crate) use crate::token::{Tok, Token, join};

/// Nested INCLUDEs deeper than this are taken for a circle.
const MAX_INCLUDE_DEPTH: usize = 20;

/// Reads a whole file, includes and all, into statements. Reading goes on after a mistake, so that
/// one run reports as many as there are.
pub(crate) fn read(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    files: &mut Files,
    refusals: &mut Vec<Refusal>,
) -> Vec<Stmt> {
    let mut stmts = Vec::new();
    read_into(bytes, path, options, files, refusals, &mut stmts, 0);
    stmts
}

fn read_into(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    files: &mut Files,
    refusals: &mut Vec<Refusal>,
    stmts: &mut Vec<Stmt>,
    depth: usize,
) {
    let free = options.form == Form::Free;
    for line in lines::logical_lines(bytes, path, options, files) {
        let line = match line {
            Ok(line) => line,
            Err(refusal) => {
                refusals.push(refusal);
                continue;
            }
        };
        if let Some(name) = line.include() {
            // As gfortran looks: where it runs, beside the including file, then the folders of -I.
            // A line marker may name another file than the one that is read.
            let read = files.intern(path);
            let beside = [line.at.file, read].map(|file| files.folder(file));
            let named = if line.at.file == read { 1 } else { 2 };
            let dirs: Vec<Folder> = std::iter::once(Folder::working())
                .chain(beside.into_iter().take(named))
                .chain(Folder::given(&options.include_dirs))
                .collect();
            match files.find_include(&name, &dirs) {
                Ok((included, found)) if depth < MAX_INCLUDE_DEPTH => {
                    read_into(
                        &included,
                        &found,
                        options,
                        files,
                        refusals,
                        stmts,
                        depth + 1,
                    );
                }
                Ok(_) | Err(NotIncluded::TooMany) => {
                    refusals.push(Refusal::new(
                        line.at,
                        "INCLUDE",
                        format!("'{name}' is nested too deeply"),
                        "a file must not include itself",
                    ));
                    return;
                }
                Err(NotIncluded::Missing) => refusals.push(Refusal::new(
                    line.at,
                    "INCLUDE",
                    format!("'{name}' was not found"),
                    "give its folder with -I",
                )),
            }
            continue;
        }
        if line.label_alone() {
            let what = format!("label {} without a statement", line.label);
            refusals.push(Refusal::new(line.at, "", what, ""));
            continue;
        }
        for piece in line.pieces(free) {
            match classify::classify(&piece, free) {
                Ok(stmt) => stmts.push(stmt),
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
}
