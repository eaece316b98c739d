//! Classifying statements. Fortran reserves no words: what a statement is follows from its shape
//! (is it an assignment?) and then from the longest keyword it begins with.

use super::Loc;
use super::keywords::{After, INPUT_OUTPUT, KEYWORDS};
use super::lex::lex;
use super::lines::{Ch, Line};
use super::stmt::{Base, Kind, Procedure, Stmt};
use super::tree;
use super::{Tok, Token};
use crate::error::Refusal;

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

/// The number of characters of `chars` that `keyword` covers, if it begins with it. A blank in the
/// keyword may be there or not; in free form no other blank may be, and the keyword must end.
fn starts_with(chars: &[Ch], keyword: &str, free: bool) -> Option<usize> {
    let mut used = 0;
    let mut may_gap = true;
    for c in keyword.chars() {
        if c == ' ' {
            may_gap = true;
            continue;
        }
        let ch = chars.get(used)?;
        if ch.lit || ch.c.to_ascii_lowercase() != c || (free && ch.gap && !may_gap) {
            return None;
        }
        may_gap = false;
        used += 1;
    }
    let ends = chars.get(used).is_none_or(|ch| ch.gap || !is_name(ch.c));
    (!free || ends).then_some(used)
}

/// Index after the group that the parenthesis at `open` starts.
fn closing(chars: &[Ch], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, ch) in chars
        .iter()
        .enumerate()
        .skip(open)
        .filter(|(_, ch)| !ch.lit)
    {
        match ch.c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(index + 1);
        }
    }
    None
}

/// Whether the text has the shape `name [(...)] [(...)] = ...` without a comma outside parentheses
/// after the equals sign (that would be a DO); `Some(true)` for `=>`.
fn assignment(chars: &[Ch]) -> Option<bool> {
    let plain = |index: usize, c: char| chars.get(index).is_some_and(|ch| !ch.lit && ch.c == c);
    let mut at = 0;
    loop {
        let name = chars[at..]
            .iter()
            .take_while(|ch| !ch.lit && is_name(ch.c))
            .count();
        if name == 0 || chars[at].c.is_ascii_digit() {
            return None;
        }
        at += name;
        while plain(at, '(') {
            at = closing(chars, at)?;
        }
        if !plain(at, '%') {
            break;
        }
        at += 1;
    }
    if !plain(at, '=') || plain(at + 1, '=') {
        return None;
    }
    let mut depth = 0i32;
    for ch in chars[at..].iter().filter(|ch| !ch.lit) {
        match ch.c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => return None,
            _ => {}
        }
    }
    Some(plain(at + 1, '>'))
}

/// The name before the colon of `name: DO`, and the number of characters both take.
fn construct_name(chars: &[Ch]) -> Option<(String, usize)> {
    let length = chars
        .iter()
        .take_while(|ch| !ch.lit && is_name(ch.c))
        .count();
    let colon = |index: usize| chars.get(index).is_some_and(|ch| !ch.lit && ch.c == ':');
    if length == 0 || !colon(length) || colon(length + 1) {
        return None;
    }
    let rest = &chars[length + 1..];
    let opens = ["do", "if", "select"]
        .iter()
        .any(|word| starts_with(rest, word, false).is_some());
    let name = chars[..length]
        .iter()
        .map(|ch| ch.c.to_ascii_lowercase())
        .collect();
    opens.then_some((name, length + 1))
}

/// Classifies one statement.
pub(super) fn classify(line: &Line, free: bool) -> Result<Stmt, Refusal> {
    let (construct, skip) = construct_name(&line.chars).unzip();
    let chars = &line.chars[skip.unwrap_or(0)..];
    let (kind, tokens) = classify_chars(chars, line.at, free)?;
    Ok(Stmt {
        label: line.label.clone(),
        construct,
        kind,
        tokens,
        at: line.at,
    })
}

fn classify_chars(chars: &[Ch], at: Loc, free: bool) -> Result<(Kind, Vec<Token>), Refusal> {
    match assignment(chars) {
        Some(false) => {
            let tokens = lex(chars, free)?;
            return Ok(tree::tree("assignment", tokens, tree::assignment));
        }
        Some(true) => return Ok((Kind::Refused("pointer assignment"), lex(chars, free)?)),
        None => {}
    }
    if let Some(procedure) = procedure(chars, free)? {
        return Ok(procedure);
    }
    for (keyword, after, kind) in KEYWORDS {
        let Some(used) = starts_with(chars, keyword, free) else {
            continue;
        };
        let rest = &chars[used..];
        let follows = match after {
            After::Anything => true,
            After::Paren => rest.first().is_some_and(|ch| ch.c == '('),
            After::Name => rest.iter().all(|ch| !ch.lit && is_name(ch.c)),
            After::Default => {
                rest.first().is_some_and(|ch| ch.c == '(')
                    || starts_with(rest, "default", free).is_some()
            }
        };
        if !follows {
            continue;
        }
        let keyword: &'static str = keyword;
        return match (kind, keyword) {
            (Some(kind), _) => Ok((kind.clone(), lex(rest, free)?)),
            (None, "do") => do_statement(rest, free),
            (None, "format") => {
                let text: String = rest.iter().map(|ch| ch.c).collect();
                Ok((Kind::Format, vec![Token::new(Tok::Str, text, at)]))
            }
            (None, "call") => Ok(tree::tree("call", lex(rest, free)?, tree::call)),
            (None, "case") => Ok(tree::tree("case", lex(rest, free)?, tree::case)),
            (None, "select case") => Ok(tree::tree("select case", lex(rest, free)?, |tokens| {
                tree::condition(tokens).map(Kind::Select)
            })),
            (None, "else if") => {
                let (condition, _) = condition(rest, at, free)?;
                Ok(tree::tree("else if", condition, |tokens| {
                    tree::condition(tokens).map(Kind::ElseIf)
                }))
            }
            (None, "else where") => {
                let open = rest.first().is_some_and(|ch| ch.c == '(');
                let mask = match open {
                    true => condition(rest, at, free)?.0,
                    false => Vec::new(),
                };
                Ok(tree::tree("elsewhere", mask, |tokens| match tokens {
                    [] => Some(Kind::ElseWhere(None)),
                    mask => tree::condition(mask).map(|mask| Kind::ElseWhere(Some(mask))),
                }))
            }
            (None, word) if INPUT_OUTPUT.contains(&word) => {
                Ok(tree::tree(word, lex(rest, free)?, |tokens| {
                    tree::io(word, tokens)
                }))
            }
            (None, "where") => where_statement(rest, at, free),
            _ => if_statement(rest, at, free),
        };
    }
    let shown: String = chars.iter().take(30).map(|ch| ch.c).collect();
    Err(Refusal::new(
        at,
        "",
        format!("'{shown}' is not a statement"),
        "",
    ))
}

/// `( condition )` and what follows it.
fn condition(rest: &[Ch], at: Loc, free: bool) -> Result<(Vec<Token>, &[Ch]), Refusal> {
    let end = closing(rest, 0)
        .ok_or_else(|| Refusal::new(at, "IF", "the parenthesis is not closed", ""))?;
    Ok((lex(&rest[..end], free)?, &rest[end..]))
}

fn if_statement(rest: &[Ch], at: Loc, free: bool) -> Result<(Kind, Vec<Token>), Refusal> {
    let (tokens, follows) = condition(rest, at, free)?;
    let Some(condition) = tree::condition(&tokens) else {
        return Ok((Kind::Mistaken("if"), lex(rest, free)?));
    };
    let then = starts_with(follows, "then", free);
    if then.is_some_and(|used| follows[used..].iter().all(|ch| is_name(ch.c))) {
        return Ok((Kind::If(condition), Vec::new()));
    }
    match follows.first() {
        None => Err(Refusal::new(at, "IF", "nothing follows the condition", "")),
        Some(ch) if ch.c.is_ascii_digit() => {
            Ok((Kind::ArithmeticIf(condition), lex(follows, free)?))
        }
        Some(_) => {
            let (kind, inner) = classify_chars(follows, at, free)?;
            let inner = Box::new(Stmt::new(kind, inner, at));
            Ok((Kind::LogicalIf(condition, inner), Vec::new()))
        }
    }
}

fn where_statement(rest: &[Ch], at: Loc, free: bool) -> Result<(Kind, Vec<Token>), Refusal> {
    let (tokens, follows) = condition(rest, at, free)?;
    let Some(mask) = tree::condition(&tokens) else {
        return Ok((Kind::Mistaken("where"), lex(rest, free)?));
    };
    if follows.is_empty() {
        return Ok((Kind::Where(mask, None), Vec::new()));
    }
    let (kind, tokens) = classify_chars(follows, at, free)?;
    if !matches!(kind, Kind::Assignment { .. } | Kind::Mistaken(_)) {
        let message = "no assignment follows the mask";
        return Err(Refusal::new(at, "WHERE", message, ""));
    }
    let inner = Box::new(Stmt::new(kind, tokens, at));
    Ok((Kind::Where(mask, Some(inner)), Vec::new()))
}

fn do_statement(rest: &[Ch], free: bool) -> Result<(Kind, Vec<Token>), Refusal> {
    let digits = rest.iter().take_while(|ch| ch.c.is_ascii_digit()).count();
    let label: String = rest[..digits].iter().map(|ch| ch.c).collect();
    let label = (digits > 0).then(|| label.trim_start_matches('0').to_owned());
    let mut rest = &rest[digits..];
    if rest.first().is_some_and(|ch| ch.c == ',') {
        rest = &rest[1..];
    }
    match starts_with(rest, "while", free) {
        Some(used) if rest.get(used).is_some_and(|ch| ch.c == '(') => {
            let tokens = lex(&rest[used..], free)?;
            Ok(tree::tree("do while", tokens, |tokens| {
                let (label, condition) = (label.clone(), tree::condition(tokens)?);
                Some(Kind::DoWhile { label, condition })
            }))
        }
        _ => Ok(tree::tree("do", lex(rest, free)?, |tokens| {
            tree::count(&label, tokens)
        })),
    }
}

const TYPES: [(&str, Base); 8] = [
    ("integer", Base::Integer),
    ("real", Base::Real),
    ("double precision", Base::DoublePrecision),
    ("complex", Base::Complex),
    ("double complex", Base::DoubleComplex),
    ("logical", Base::Logical),
    ("character", Base::Character),
    ("byte", Base::Byte),
];

/// A SUBROUTINE or FUNCTION statement, with its prefixes in any order.
fn procedure(chars: &[Ch], free: bool) -> Result<Option<(Kind, Vec<Token>)>, Refusal> {
    let mut rest = chars;
    let mut out = Procedure {
        function: false,
        recursive: false,
        elemental: false,
        result: None,
    };
    loop {
        let prefix = ["recursive", "pure", "elemental", "impure"]
            .iter()
            .find_map(|word| starts_with(rest, word, free).map(|used| (*word, used)));
        if let Some((word, used)) = prefix {
            out.recursive |= word == "recursive";
            out.elemental |= word == "elemental";
            rest = &rest[used..];
            continue;
        }
        if let Some(used) = starts_with(rest, "subroutine", free) {
            let tokens = lex(&rest[used..], free)?;
            let named = tokens.first().is_some_and(|token| token.kind == Tok::Name);
            let shape = tokens.len() == 1 || tokens.get(1).is_some_and(|token| token.op("("));
            return Ok((named && shape).then_some((Kind::Procedure(out), tokens)));
        }
        if let Some(used) = starts_with(rest, "function", free) {
            let tokens = lex(&rest[used..], free)?;
            out.function = true;
            return Ok(dummy_list(&tokens).then_some((Kind::Procedure(out), tokens)));
        }
        let base = TYPES
            .iter()
            .find_map(|(word, base)| starts_with(rest, word, free).map(|used| (*base, used)));
        let Some((base, used)) = base.filter(|_| out.result.is_none()) else {
            return Ok(None);
        };
        rest = &rest[used..];
        // The kind or length: *8, *(*), (8), (len=3).
        let mut length = 0;
        if rest.first().is_some_and(|ch| ch.c == '*') {
            length = 1 + rest[1..]
                .iter()
                .take_while(|ch| ch.c.is_ascii_digit())
                .count();
        }
        if rest.get(length).is_some_and(|ch| ch.c == '(' && !ch.lit) {
            match closing(rest, length) {
                Some(end) => length = end,
                None => return Ok(None),
            }
        }
        out.result = Some((base, lex(&rest[..length], free)?));
        rest = &rest[length..];
    }
}

/// Whether the tokens are `name ( name, * , ... ) [result (name)]`.
fn dummy_list(tokens: &[Token]) -> bool {
    let Some(close) = tokens.iter().position(|token| token.op(")")) else {
        return false;
    };
    let dummies = |tokens: &[Token]| {
        tokens
            .iter()
            .all(|token| token.kind == Tok::Name || token.op(",") || token.op("*"))
    };
    tokens[0].kind == Tok::Name
        && tokens[1].op("(")
        && dummies(&tokens[2..close])
        && tokens
            .get(close + 1)
            .is_none_or(|word| word.name("result") || word.name("bind"))
}

impl Stmt {
    /// A statement of our own making, from text; `at` is the user's statement it stands for.
    pub fn parse(text: &str, at: Loc) -> Self {
        let tokens = super::lex::lex_fragment(text, at);
        let mut chars = Vec::new();
        for token in &tokens {
            let digits = token.text.chars().take_while(char::is_ascii_digit).count();
            let quote = |c: char| c == '\'' || c == '"';
            let quoted = token.text.find(quote)..=token.text.rfind(quote);
            for (index, c) in token.text.chars().enumerate() {
                let lit = token.kind == Tok::Str
                    || (token.kind == Tok::Hollerith && index >= digits)
                    || (token.kind == Tok::Boz && quoted.contains(&Some(index)));
                chars.push(Ch {
                    c,
                    gap: index == 0 && !token.op("="),
                    lit,
                    at,
                });
            }
        }
        let line = Line {
            at,
            label: String::new(),
            chars,
        };
        classify(&line, true).unwrap_or(Self {
            label: String::new(),
            construct: None,
            kind: Kind::Continue,
            tokens: Vec::new(),
            at,
        })
    }
}
