//! Names that f2c does not take: too long, or read as something else.

use super::Facts;
use crate::source::{Stmt, Tok};

/// f2c's limit (`MAXNAMELEN`); Fortran 2003 and gfortran allow 63 characters.
const LONGEST: usize = 50;

/// `REAL FUNCTION_H` is for f2c, which knows no blanks, a function `_H`.
const MISREAD: &str = "function";

/// What is kept of a longer name.
const KEPT: usize = 40;

/// Gives every such name another one; external names get theirs back in the C.
pub(crate) fn shorten(stmts: &mut [Stmt], facts: &mut Facts) {
    for stmt in stmts {
        stmt.each_token(&mut |token| {
            let misread = token.text.starts_with(MISREAD);
            if token.kind != Tok::Name || (token.text.len() <= LONGEST && !misread) {
                return;
            }
            let known = facts.renames.iter().find(|(_, long)| *long == token.text);
            let short = match known {
                Some((short, _)) => short.clone(),
                None => {
                    let kept = token.text.trim_start_matches(MISREAD);
                    let start = &kept[..kept.len().min(KEPT)];
                    let start = if misread {
                        format!("named{start}")
                    } else {
                        start.to_owned()
                    };
                    let short = format!("{start}_n{}", facts.renames.len());
                    facts.renames.push((short.clone(), token.text.clone()));
                    short
                }
            };
            token.text = short;
        });
    }
}
