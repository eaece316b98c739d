//! Constants of bits, as `Z'FF'`, which have no type. They stand where gfortran takes them: among the
//! values of DATA, and as arguments of functions that say what becomes of them. f2c takes each for an
//! INTEGER of 32 bits; but for DATA they become constants of the types that they have.

use super::Scope;
use super::exprs::{each_expression, map_parts, references};
use super::ranges::groups;
use crate::data_type::{Class, Type};
use crate::declaration::declaration;
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, Intrinsic};
use crate::source::{Kind, Loc, Stmt, Tok, Token};
use crate::symbols::Table;
use crate::types::type_of;

/// Functions with an argument of bits, sorted.
const FUNCTIONS: [&str; 20] = [
    "and",
    "bge",
    "bgt",
    "ble",
    "blt",
    "cmplx",
    "dble",
    "dcmplx",
    "dshiftl",
    "dshiftr",
    "iand",
    "ieor",
    "int",
    "int2",
    "int8",
    "ior",
    "merge_bits",
    "or",
    "real",
    "xor",
];

/// Where bits may stand in a unit.
struct Places<'s> {
    table: &'s Table,
    /// `-fallow-invalid-boz`: also where they become an INTEGER.
    lenient: bool,
    found: Vec<Loc>,
}

/// Refuses those that stand elsewhere.
pub(super) fn check(scope: &mut Scope) -> Lowered {
    let mut refused = None;
    let (table, lenient) = (scope.table.clone(), scope.options.invalid_boz);
    for stmt in scope.unit.spec.iter_mut().chain(&mut scope.unit.body) {
        let mut any = false;
        stmt.each_token(&mut |token| any |= token.kind == Tok::Boz);
        if !any {
            continue;
        }
        let mut places = Places {
            table: &table,
            lenient,
            found: Vec::new(),
        };
        places.statement(stmt)?;
        stmt.each_token(&mut |token| {
            let standard = token.text.starts_with(['b', 'o', 'z']);
            let here = (lenient || standard) && places.found.contains(&token.at);
            if token.kind == Tok::Boz && !here {
                refused.get_or_insert_with(|| (token.at, token.text.clone()));
            }
        });
    }
    match refused {
        Some((at, text)) => {
            let remedy = match lenient {
                true => "write INT() or REAL() around them",
                false => "write INT() or REAL() around them, Z for X, or give -fallow-invalid-boz",
            };
            let construct = format!("'{text}'");
            Err(Refusal::new(at, construct, "bits without a type", remedy))
        }
        None => Ok(()),
    }
}

fn bits(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(token) if token.kind == Tok::Boz)
}

/// Whether a token stands behind an opening parenthesis or a comma of a reference to one of
/// [`FUNCTIONS`].
fn argument(tokens: &[Token], index: usize) -> bool {
    let mut depth = 0;
    let open = tokens[..index].iter().rposition(|token| {
        depth += i32::from(token.op(")")) - i32::from(token.op("("));
        depth < 0
    });
    let name = open.and_then(|open| tokens.get(open.checked_sub(1)?));
    let starts = tokens[..index].last();
    starts.is_some_and(|token| token.op("(") || token.op(","))
        && name.is_some_and(|name| FUNCTIONS.contains(&name.text.as_str()))
}

impl Places<'_> {
    fn note(&mut self, expr: &Expr) {
        if let Expr::Lit(token) = expr
            && token.kind == Tok::Boz
        {
            self.found.push(token.at);
        }
    }

    fn integer(&self, expr: &Expr) -> bool {
        let ty = type_of(expr, self.table).filter(|_| !bits(expr));
        ty.is_some_and(|ty| ty.class == Class::Integer)
    }

    fn statement(&mut self, stmt: &Stmt) -> Lowered {
        for (index, token) in stmt.tokens.iter().enumerate() {
            if token.kind == Tok::Boz && argument(&stmt.tokens, index) {
                self.found.push(token.at);
            }
        }
        match &stmt.kind {
            Kind::Spec("data") => {
                for (names, values) in groups(&stmt.tokens) {
                    let first = |part: &[Token]| {
                        let name = part.iter().find(|token| token.kind == Tok::Name)?;
                        self.table.type_of(&name.text).map(|ty| ty.class)
                    };
                    // f2c would convert bits to another type than INTEGER.
                    let mut parts = crate::lists::split_commas(names).into_iter();
                    let takes = parts.all(|part| first(part) == Some(Class::Integer));
                    self.values(values, takes);
                }
            }
            Kind::Spec("parameter") => self.values(&stmt.tokens, self.lenient),
            Kind::Type(base) => {
                let declared = declaration(stmt, *base, self.table)?;
                let takes = self.lenient && declared.ty.class == Class::Integer;
                for entity in &declared.entities {
                    for values in entity.value.iter().chain(&entity.data) {
                        self.values(values, takes);
                    }
                }
            }
            _ => each_expression(stmt, &mut |expr| expr.walk(&mut |part| self.part(part))),
        }
        if let Kind::Assignment { target, value } = &stmt.action().kind
            && self.lenient
            && self.integer(target)
        {
            self.note(value);
        }
        Ok(())
    }

    /// Values that stand alone: no sign belongs to bits.
    fn values(&mut self, values: &[Token], takes: bool) {
        for (index, token) in values.iter().enumerate() {
            let alone = index == 0 || [",", "*", "="].iter().any(|op| values[index - 1].op(op));
            if takes && token.kind == Tok::Boz && alone {
                self.found.push(token.at);
            }
        }
    }

    /// Of arguments that must have one type one at least has it; a number of places is no bits.
    fn arguments(&mut self, row: &Intrinsic, args: &[Arg]) {
        let values: Vec<&Expr> = args
            .iter()
            .filter_map(|arg| match arg {
                Arg::Expr(value) | Arg::Keyword(_, value) => Some(value),
                Arg::Range(..) | Arg::Label(_) => None,
            })
            .collect();
        if row.words().any(|word| word.starts_with('='))
            && values.iter().take(2).all(|value| bits(value))
        {
            return;
        }
        for (place, (value, word)) in values.into_iter().zip(row.words()).enumerate() {
            if place == 0 || word != "i" {
                self.note(value);
            }
        }
    }

    fn part(&mut self, part: &Expr) {
        match part {
            Expr::Ref(name, args) if FUNCTIONS.contains(&name.as_str()) => {
                if let Some(row) = intrinsics::function(name, self.table) {
                    self.arguments(row, args);
                }
            }
            Expr::Binary(op, a, b)
                if self.lenient && compares(op) && (self.integer(a) || self.integer(b)) =>
            {
                self.note(a);
                self.note(b);
            }
            _ => {}
        }
    }
}

/// Makes constants of a type of them, but for the values of DATA and declarations.
pub(super) fn typed(scope: &mut Scope) -> Lowered {
    let table = scope.table.clone();
    let any = |stmt: &mut Stmt| {
        let mut any = false;
        stmt.each_token(&mut |token| any |= token.kind == Tok::Boz);
        any
    };
    for stmt in scope
        .unit
        .spec
        .iter_mut()
        .filter_map(|stmt| any(stmt).then_some(stmt))
    {
        match &mut stmt.kind {
            Kind::Assignment { .. } => map_parts(stmt, &mut |part| constant(part, &table))?,
            _ => {
                let mut inside = |expr: Expr, _| parts(expr, &table);
                stmt.tokens = references(&stmt.tokens, &mut inside)?;
            }
        }
    }
    for stmt in scope
        .unit
        .body
        .iter_mut()
        .filter_map(|stmt| any(stmt).then_some(stmt))
    {
        if stmt.kind == Kind::Spec("data") {
            continue;
        }
        map_parts(stmt, &mut |part| constant(part, &table))?;
        let action = match &mut stmt.kind {
            Kind::LogicalIf(_, inner) => inner,
            _ => stmt,
        };
        if let Kind::Assignment { target, value } = &mut action.kind
            && bits(value)
            && let Some(ty) = type_of(target, &table)
        {
            *value = literal(value, ty, &table)?;
        }
    }
    Ok(())
}

fn parts(expr: Expr, table: &Table) -> Lowered<Expr> {
    let expr = expr.try_map_parts(&mut |part| parts(part, table))?;
    constant(expr, table)
}

/// A reference with constants for its bits, or a constant for both.
fn constant(part: Expr, table: &Table) -> Lowered<Expr> {
    let whole = type_of(&part, table);
    match part {
        Expr::Ref(name, mut args) => {
            let value = |arg: &Arg| match arg {
                Arg::Expr(value) | Arg::Keyword(_, value) => Some(value.clone()),
                Arg::Range(..) | Arg::Label(_) => None,
            };
            let values: Vec<Expr> = args.iter().filter_map(value).collect();
            if !values.iter().any(bits) || intrinsics::function(&name, table).is_none() {
                return Ok(Expr::Ref(name, args));
            }
            let wide = Type {
                class: Class::Integer,
                bytes: 8,
            };
            let ty = match name.as_str() {
                "int" | "int2" | "int8" | "real" | "dble" => {
                    return literal(&values[0], whole.unwrap_or(Type::INTEGER), table);
                }
                "cmplx" | "dcmplx" => Type {
                    class: Class::Real,
                    bytes: whole.map_or(table.real, |ty| ty.bytes),
                },
                _ => {
                    let other = values.iter().find(|value| !bits(value));
                    other
                        .and_then(|other| type_of(other, table))
                        .unwrap_or(wide)
                }
            };
            for arg in &mut args {
                if let Arg::Expr(value) | Arg::Keyword(_, value) = arg
                    && bits(value)
                {
                    *value = literal(value, ty, table)?;
                }
            }
            Ok(Expr::Ref(name, args))
        }
        Expr::Binary(op, mut a, mut b) if bits(&a) || bits(&b) => {
            let other = if bits(&a) { &b } else { &a };
            let ty = type_of(other, table).unwrap_or(Type::INTEGER);
            for side in [&mut a, &mut b] {
                if bits(side) {
                    **side = literal(side, ty, table)?;
                }
            }
            Ok(Expr::Binary(op, a, b))
        }
        other => Ok(other),
    }
}

/// The number that has these bits.
fn literal(constant: &Expr, ty: Type, table: &Table) -> Lowered<Expr> {
    let Expr::Lit(token) = constant else {
        return Ok(constant.clone());
    };
    let refuse = |message: &str| {
        let construct = format!("'{}'", token.text);
        Err(Refusal::new(
            token.at,
            construct,
            message,
            "use DATA and EQUIVALENCE",
        ))
    };
    let quoted = token.text.starts_with(['\'', '"']);
    let mut ends = token.text.chars();
    let radix = match if quoted {
        ends.next_back()
    } else {
        ends.next()
    } {
        Some('b') => 2,
        Some('o') => 8,
        _ => 16,
    };
    let digits = token.text.split(['\'', '"']).nth(1).unwrap_or_default();
    let Ok(value) = u64::from_str_radix(digits, radix) else {
        return refuse("more bits than any type has");
    };
    let number = |text: String| {
        let kind = match ty.class {
            Class::Integer => Tok::Int,
            _ => Tok::Real,
        };
        Expr::Lit(Token::new(kind, text, token.at))
    };
    let signed = |negative: bool, number: Expr| match negative {
        true => Expr::Paren(Box::new(Expr::Unary("-".into(), Box::new(number)))),
        false => number,
    };
    let bytes = table.size(ty);
    match ty.class {
        Class::Integer => {
            let unused = 64 - 8 * bytes;
            let value = ((value << unused) as i64) >> unused;
            let suffix = match ty == Type::INTEGER {
                true => String::new(),
                false => format!("_{bytes}"),
            };
            let size = value.unsigned_abs();
            if value < 0 && size == 1 << (8 * bytes - 1) {
                // Its size is no number of its kind.
                let most = signed(true, number(format!("{}{suffix}", size - 1)));
                return Ok(Expr::Paren(Box::new(
                    most.with("-", number(format!("1{suffix}"))),
                )));
            }
            Ok(signed(value < 0, number(format!("{size}{suffix}"))))
        }
        Class::Real => {
            let (value, text) = match ty.bytes {
                4 => {
                    let value = f32::from_bits(value as u32);
                    (f64::from(value), format!("{:e}", value.abs()))
                }
                _ => {
                    let value = f64::from_bits(value);
                    (value, format!("{:e}", value.abs()).replace('e', "d"))
                }
            };
            if !value.is_finite() {
                return refuse("the bits of no finite number");
            }
            let text = match text.contains('.') {
                true => text,
                false => text.replacen(['e', 'd'], if ty.bytes == 4 { ".0e" } else { ".0d" }, 1),
            };
            Ok(signed(value.is_sign_negative(), number(text)))
        }
        _ => refuse("bits without a type"),
    }
}

fn compares(op: &str) -> bool {
    const WORDS: [&str; 6] = [".eq.", ".ne.", ".lt.", ".le.", ".gt.", ".ge."];
    WORDS.contains(&op) || ["==", "/=", "<", "<=", ">", ">="].contains(&op)
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn functions_are_sorted_intrinsics() {
        assert!(FUNCTIONS.is_sorted());
        for name in FUNCTIONS {
            assert!(crate::intrinsics::find(name).is_some(), "{name}");
        }
    }
}
