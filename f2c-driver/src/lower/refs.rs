//! Rewriting `name(arguments)` wherever it stands in a statement.

use crate::error::Lowered;
use crate::lists::{closing, split_commas};
use crate::source::{Kind, Stmt, Tok, Token};

/// What a rewriter does with one reference: `None` leaves it alone.
pub(super) type Rewriter<'a> = dyn FnMut(&Token, &[Vec<Token>]) -> Lowered<Option<Vec<Token>>> + 'a;

/// Offers every `name(arguments)` in `tokens` to `f`, the innermost first.
pub(super) fn map_refs(tokens: &[Token], f: &mut Rewriter) -> Lowered<Vec<Token>> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut next = 0;
    while next < tokens.len() {
        let token = &tokens[next];
        let open = next + 1;
        let reference = token.kind == Tok::Name && tokens.get(open).is_some_and(|t| t.op("("));
        let close = if reference {
            closing(tokens, open)
        } else {
            None
        };
        let Some(close) = close else {
            out.push(token.clone());
            next += 1;
            continue;
        };
        let inner = map_refs(&tokens[open + 1..close], f)?;
        let args: Vec<Vec<Token>> = split_commas(&inner)
            .into_iter()
            .map(<[Token]>::to_vec)
            .collect();
        match f(token, &args)? {
            Some(replacement) => out.extend(replacement),
            None => {
                out.push(token.clone());
                out.push(tokens[open].clone());
                out.extend(inner);
                out.push(tokens[close].clone());
            }
        }
        next = close + 1;
    }
    Ok(out)
}

/// The same for the expressions of a statement: the name of a called subroutine is no function,
/// and what a logical IF guards is visited too.
pub(super) fn map_stmt(stmt: &mut Stmt, f: &mut Rewriter) -> Lowered {
    match &mut stmt.kind {
        Kind::Format | Kind::Spec(_) | Kind::Attribute(_) | Kind::Type(_) | Kind::Procedure(_) => {
            return Ok(());
        }
        Kind::Call => {
            if let Some((name, args)) = stmt.tokens.split_first() {
                // Without its name, the argument list is an expression in parentheses.
                let mut tokens = vec![name.clone()];
                tokens.extend(map_refs(args, f)?);
                stmt.tokens = tokens;
            }
            return Ok(());
        }
        Kind::LogicalIf(inner) => map_stmt(inner, f)?,
        _ => {}
    }
    stmt.tokens = map_refs(&stmt.tokens, f)?;
    Ok(())
}

/// Applies `f` to every token of a statement, FORMAT excepted.
pub(super) fn each_token(stmt: &mut Stmt, f: &mut dyn FnMut(&mut Token)) {
    if stmt.kind == Kind::Format {
        return;
    }
    stmt.tokens.iter_mut().for_each(&mut *f);
    if let Kind::LogicalIf(inner) = &mut stmt.kind {
        each_token(inner, f);
    }
}
