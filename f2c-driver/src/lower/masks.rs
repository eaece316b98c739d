//! WHERE: its mask becomes an array of ours, and each assignment one under that mask, which the pass of
//! array assignments makes loops of.

use super::Scope;
use super::elements::{Span, extents};
use super::temporary::release;
use crate::data_type::Type;
use crate::error::Lowered;
use crate::expr::Expr;
use crate::source::{Kind, Loc, Stmt};
use crate::types::rank_of;

/// A construct that is open.
struct Block {
    mask: String,
    /// What no mask has held for yet, where there is an ELSEWHERE.
    rest: Option<String>,
}

/// Rewrites the statements and constructs.
pub(super) fn masks(scope: &mut Scope) -> Lowered {
    let mut others = scope.unit.body.iter();
    let others = others.any(|stmt| matches!(stmt.kind, Kind::ElseWhere(_)));
    let mut open: Option<Block> = None;
    scope.rewrite_body(&mut |scope, stmt, out| {
        let at = stmt.at;
        match (&stmt.kind, &mut open) {
            (Kind::Where(mask, assignment), None) => {
                let name = array(mask, scope, at, out)?;
                let Some(assignment) = assignment else {
                    let rest = match others {
                        true => {
                            let rest = array(&Expr::Name(name.clone()), scope, at, out)?;
                            out.push(Stmt::parse(&format!("{rest} = .not.{rest}"), at));
                            Some(rest)
                        }
                        false => None,
                    };
                    open = Some(Block { mask: name, rest });
                    return Ok(());
                };
                out.push(under(&name, (**assignment).clone()));
                out.push(release(&name, at));
            }
            (Kind::Assignment { .. }, Some(block)) => out.push(under(&block.mask, stmt)),
            (Kind::ElseWhere(own), Some(block)) => {
                let (mask, Some(rest)) = (&block.mask, &block.rest) else {
                    return Ok(());
                };
                let texts = match own {
                    Some(own) => vec![
                        format!("{mask} = ({})", own.text()),
                        format!("{mask} = {rest}.and.{mask}"),
                        format!("{rest} = {rest}.and..not.{mask}"),
                    ],
                    None => vec![format!("{mask} = {rest}")],
                };
                out.extend(texts.iter().map(|text| Stmt::parse(text, at)));
            }
            (Kind::EndWhere, Some(block)) => {
                out.push(release(&block.mask, at));
                out.extend(block.rest.iter().map(|rest| release(rest, at)));
                open = None;
            }
            (Kind::Where(..), Some(_)) => {
                let remedy = "write the inner one as DO and IF";
                return scope.refuse(at, "WHERE", "in another WHERE", remedy);
            }
            (Kind::ElseWhere(_) | Kind::EndWhere, None) => {
                return scope.refuse(at, "WHERE", "there is none before it", "");
            }
            (_, Some(_)) => {
                return scope.refuse(
                    at,
                    "WHERE",
                    "another statement than an assignment in it",
                    "",
                );
            }
            _ => out.push(stmt),
        }
        Ok(())
    })
}

fn under(mask: &str, assignment: Stmt) -> Stmt {
    let at = assignment.at;
    let mask = Expr::Name(mask.to_owned());
    Stmt::tree(Kind::Where(mask, Some(Box::new(assignment))), at)
}

/// An array of ours with the values of a mask.
fn array(mask: &Expr, scope: &mut Scope, at: Loc, out: &mut Vec<Stmt>) -> Lowered<String> {
    let shape = match rank_of(mask, &scope.table) {
        0 => None,
        _ => extents(mask, &scope.table),
    };
    let Some(shape) = shape else {
        let message = format!("the bounds of '{}' are not known here", mask.text());
        return scope.refuse(at, "WHERE", message, "use DO and IF");
    };
    let sizes: Vec<Expr> = shape
        .into_iter()
        .map(|(low, high, step)| {
            let mut bounds = vec![low, high];
            bounds.extend(step);
            Span::over(String::new(), &bounds).extent()
        })
        .collect();
    let name = scope.temporary_array(Type::LOGICAL, &sizes, at, out)?;
    out.push(Stmt::assign(Expr::Name(name.clone()), mask.clone(), at));
    Ok(name)
}
