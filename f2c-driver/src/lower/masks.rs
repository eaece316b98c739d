//! WHERE: its mask becomes an array of ours, and each assignment one under that mask, which the pass of
//! array assignments makes loops of.

use super::Scope;
use super::elements::{Span, extents};
use super::temporary::release;
use crate::data_type::Type;
use crate::error::Lowered;
use crate::expr::{Expr, parse};
use crate::lists::{closing, inside};
use crate::source::{Kind, Loc, Stmt, Token, join, lex_fragment};
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
    let others = others.any(|stmt| stmt.kind == Kind::ElseWhere);
    let mut open: Option<Block> = None;
    scope.rewrite_body(&mut |scope, stmt, out| {
        let at = stmt.at;
        match (&stmt.kind, &mut open) {
            (Kind::Where, None) => {
                let close = closing(&stmt.tokens, 0).unwrap_or(0);
                let (mask, assignment) = stmt.tokens.split_at((close + 1).min(stmt.tokens.len()));
                let name = array(inside(mask), scope, at, out)?;
                if assignment.is_empty() {
                    let rest = match others {
                        true => {
                            let rest = array(&lex_fragment(&name, at), scope, at, out)?;
                            out.push(Stmt::parse(&format!("{rest} = .not.{rest}"), at));
                            Some(rest)
                        }
                        false => None,
                    };
                    open = Some(Block { mask: name, rest });
                    return Ok(());
                }
                out.push(under(&name, assignment, at));
                out.push(release(&name, at));
            }
            (Kind::Assignment, Some(block)) => out.push(under(&block.mask, &stmt.tokens, at)),
            (Kind::ElseWhere, Some(block)) => {
                let (mask, Some(rest)) = (&block.mask, &block.rest) else {
                    return Ok(());
                };
                let masked = stmt.tokens.first().is_some_and(|token| token.op("("));
                let texts = match masked {
                    true => {
                        let close = closing(&stmt.tokens, 0).unwrap_or(0);
                        let own = join(&stmt.tokens[..=close]);
                        vec![
                            format!("{mask} = {own}"),
                            format!("{mask} = {rest}.and.{mask}"),
                            format!("{rest} = {rest}.and..not.{mask}"),
                        ]
                    }
                    false => vec![format!("{mask} = {rest}")],
                };
                out.extend(texts.iter().map(|text| Stmt::parse(text, at)));
            }
            (Kind::EndWhere, Some(block)) => {
                out.push(release(&block.mask, at));
                out.extend(block.rest.iter().map(|rest| release(rest, at)));
                open = None;
            }
            (Kind::Where, Some(_)) => {
                let remedy = "write the inner one as DO and IF";
                return scope.refuse(at, "WHERE", "in another WHERE", remedy);
            }
            (Kind::ElseWhere | Kind::EndWhere, None) => {
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

fn under(mask: &str, assignment: &[Token], at: Loc) -> Stmt {
    let mut tokens = lex_fragment(&format!("({mask})"), at);
    tokens.extend_from_slice(assignment);
    Stmt::new(Kind::Where, tokens, at)
}

/// An array of ours with the values of a mask.
fn array(mask: &[Token], scope: &mut Scope, at: Loc, out: &mut Vec<Stmt>) -> Lowered<String> {
    let shape = parse(mask)
        .filter(|mask| rank_of(mask, &scope.table) > 0)
        .and_then(|mask| extents(&mask, &scope.table));
    let Some(shape) = shape else {
        let message = format!("the bounds of '{}' are not known here", join(mask));
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
    out.push(Stmt::parse(&format!("{name} = {}", join(mask)), at));
    Ok(name)
}
