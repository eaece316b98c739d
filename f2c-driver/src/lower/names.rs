//! Names longer than f2c takes.

use super::Facts;
use super::refs::each_token;
use crate::source::{Stmt, Tok};

/// f2c's limit (`MAXNAMELEN`); Fortran 2003 and gfortran allow 63 characters.
const LONGEST: usize = 50;

/// What is kept of a longer name.
const KEPT: usize = 40;

/// Gives every longer name a shorter one; external names get theirs back in the C.
pub(crate) fn shorten(stmts: &mut [Stmt], facts: &mut Facts) {
    for stmt in stmts {
        each_token(stmt, &mut |token| {
            if token.kind != Tok::Name || token.text.len() <= LONGEST {
                return;
            }
            let known = facts.renames.iter().find(|(_, long)| *long == token.text);
            let short = match known {
                Some((short, _)) => short.clone(),
                None => {
                    let start = &token.text[..KEPT];
                    let short = format!("{start}_n{}", facts.renames.len());
                    facts.renames.push((short.clone(), token.text.clone()));
                    short
                }
            };
            token.text = short;
        });
    }
}
