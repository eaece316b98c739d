//! References to intrinsic procedures, and expressions of kinds for which f2c has rules of its own:
//! all of them get a form that f2c can take for one thing only.
//!
//! Types are those of the expressions as they were written. What the default kinds and DOUBLE
//! PRECISION need not is done by functions of the runtime whose names hold the types.

use std::collections::BTreeSet;

use super::Scope;
use super::exprs::{Place, map_exprs};
use super::shape::shape;
use super::subroutines::library_name;
use super::typed::{INTEGER_8, Typed};
use crate::consts::{self, Value};
use crate::data_type::{Class, Type, widest};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, Gives, How, Intrinsic, Shape};
use crate::source::{Kind, Loc, Stmt, Tok, lex_fragment};
use crate::symbols::Table;
use crate::types::type_of;

/// Drops names from INTRINSIC statements that f2c does not know; what they stand for is mapped.
pub(super) fn statements(scope: &mut Scope) -> Lowered {
    let known = |name: &str| {
        let row = intrinsics::find(name);
        row.is_some_and(|row| matches!(row.how, How::F2c | How::F2cWide))
            || F2C_NAMES.binary_search(&name).is_ok()
    };
    for stmt in &mut scope.unit.spec {
        if stmt.kind == Kind::Spec("intrinsic") {
            let names = stmt.tokens.iter().filter(|token| token.kind == Tok::Name);
            let known: Vec<&str> = names
                .map(|token| token.text.as_str())
                .filter(|name| known(name))
                .collect();
            stmt.tokens = lex_fragment(&known.join(", "), stmt.at);
        }
    }
    // A type for a generic intrinsic says nothing, but f2c would take a variable of that name.
    let table = &scope.table;
    let useless = |stmt: &Stmt| match (&stmt.kind, stmt.tokens.as_slice()) {
        (Kind::Spec("intrinsic"), tokens) => tokens.is_empty(),
        (Kind::Type(_), [name]) => {
            let declared = table.get(&name.text).is_some_and(|symbol| symbol.intrinsic);
            declared && !known(&name.text)
        }
        _ => false,
    };
    scope.unit.spec.retain(|stmt| !useless(stmt));
    Ok(())
}

/// Names that f2c takes in an INTRINSIC statement though references to them are lowered, sorted.
const F2C_NAMES: &[&str] = &[
    "achar", "acos", "aimag", "aint", "and", "anint", "asin", "atan", "char", "cmplx", "conjg",
    "cosh", "dble", "dcmplx", "dfloat", "float", "iachar", "ibits", "ichar", "imag", "index",
    "int", "ishft", "ishftc", "len", "lshift", "max", "min", "mod", "nint", "or", "real", "rshift",
    "sinh", "tan", "tanh", "xor",
];

/// Maps references to intrinsic functions and subroutines.
pub(super) fn references(scope: &mut Scope) -> Lowered {
    let mut spec = std::mem::take(&mut scope.unit.spec);
    let mut body = std::mem::take(&mut scope.unit.body);
    let mut out = Vec::with_capacity(body.len());
    let mut pass = Typed {
        scope,
        needed: BTreeSet::new(),
        declared: Vec::new(),
        at: Loc::default(),
    };
    for stmt in &mut spec {
        // Statement functions; a character PARAMETER may use CHAR, numbers were folded before.
        match stmt.kind {
            Kind::Assignment { .. } => pass.statement(stmt)?,
            Kind::Spec("parameter") => pass.parameter(stmt)?,
            _ => {}
        }
    }
    for mut stmt in body.drain(..) {
        pass.statement(&mut stmt)?;
        out.push(stmt);
    }
    let declared = pass.declared;
    spec.extend(declared);
    scope.unit.spec = spec;
    scope.unit.body = out;
    Ok(())
}

/// What an INTEGER constant 0 is beside a factor of another type: f2c's product has its type.
fn zero_of(zero: &Expr, other: &Expr, table: &Table) -> Option<&'static str> {
    if consts::eval(zero, table) != Some(Value::Int(0)) {
        return None;
    }
    let ty = type_of(other, table)?;
    matches!(ty.class, Class::Real | Class::Complex).then_some(match ty.bytes {
        8 if table.real == 4 => "0d0",
        _ => "0.",
    })
}

impl Typed<'_, '_> {
    fn statement(&mut self, stmt: &mut Stmt) -> Lowered {
        self.at = stmt.at;
        match &mut stmt.kind {
            Kind::LogicalIf(_, inner) => {
                self.logical_assignment(inner);
                self.subroutine(inner)?;
            }
            _ => {
                self.logical_assignment(stmt);
                self.subroutine(stmt)?;
            }
        }
        map_exprs(stmt, &mut |expr, place| {
            let whole = self.expr(expr.clone())?;
            match place {
                Place::Argument | Place::Output => self.exact(&expr, whole),
                _ => Ok(whole),
            }
        })
    }

    fn parameter(&mut self, stmt: &mut Stmt) -> Lowered {
        let parts = crate::lists::split_commas(crate::lists::inside(&stmt.tokens));
        let mut texts = Vec::new();
        for part in parts {
            let text = match part {
                [name, equals, value @ ..] if equals.op("=") && value.len() > 1 => {
                    match crate::expr::parse(value) {
                        Some(expr) => format!("{} = {}", name.text, self.expr(expr)?.text()),
                        None => crate::source::join(part),
                    }
                }
                _ => crate::source::join(part),
            };
            texts.push(text);
        }
        stmt.tokens = lex_fragment(&format!("({})", texts.join(", ")), stmt.at);
        Ok(())
    }

    /// An expression with everything in it lowered.
    pub fn expr(&mut self, expr: Expr) -> Lowered<Expr> {
        let table = &self.scope.table;
        match &expr {
            Expr::Ref(name, args) => {
                let ours = |row: &&'static Intrinsic| {
                    let systems = matches!(row.how, How::Library | How::Refused(_));
                    !systems || row.may_have(args.len())
                };
                if let Some(row) = intrinsics::function(name, table).filter(ours) {
                    return self.reference(row, args.clone());
                }
                // Not a substring of a scalar, which looks like a call otherwise.
                let values = args.iter().map(|arg| match arg {
                    Arg::Expr(value) => Some(value.clone()),
                    _ => None,
                });
                let own = table
                    .get(name)
                    .is_some_and(|symbol| symbol.statement_function);
                if (own || table.may_be_external(name))
                    && let Some(values) = values.collect::<Option<Vec<Expr>>>()
                {
                    let mut out = Vec::with_capacity(values.len());
                    for value in values {
                        let whole = self.expr(value.clone())?;
                        out.push(Arg::Expr(self.exact(&value, whole)?));
                    }
                    return Ok(Expr::Ref(name.clone(), out));
                }
            }
            // Of a constant f2c makes another number.
            Expr::Binary(op, base, exponent)
                if op == "**"
                    && consts::eval(exponent, table) == Some(Value::Int(1))
                    && type_of(base, table).is_some_and(|ty| ty.class != Class::Integer) =>
            {
                return Ok(Expr::Paren(Box::new(self.expr((**base).clone())?)));
            }
            Expr::Binary(op, base, exponent) if op == "**" => {
                let (base_type, ty) = (type_of(base, table), type_of(exponent, table));
                if let (Some(a), Some(b)) = (base_type, ty)
                    && a.class == Class::Integer
                    && b.class == Class::Integer
                {
                    let negative = matches!(consts::eval(exponent, table), Some(Value::Int(..0)));
                    let wide = widest(a, b);
                    // f2c gives the result the base's kind.
                    if wide.bytes != 4 || a.bytes != 4 || negative {
                        let (a, b) = ((**base).clone(), (**exponent).clone());
                        let args = vec![self.converted(a, wide)?, self.converted(b, wide)?];
                        return self.runtime("pow", wide, wide, args);
                    }
                }
            }
            Expr::Binary(op, a, b) if op != "//" => {
                // f2c folds in double precision.
                if let Some(value @ Value::Real(number, 4)) = consts::eval(&expr, table)
                    && number.is_finite()
                {
                    return Ok(self.parsed(&consts::text(&value)));
                }
                if let Some(folded) = self.compared(op, a, b) {
                    return Ok(folded);
                }
                if op == "*" {
                    let parts = [zero_of(a, b, table), zero_of(b, a, table)];
                    if parts.iter().any(Option::is_some) {
                        let [a, b] = [(a, &parts[0]), (b, &parts[1])].map(|(part, zero)| {
                            let own = || (**part).clone();
                            zero.map_or_else(own, |zero| self.parsed(zero))
                        });
                        let product = Expr::Binary("*".into(), Box::new(a), Box::new(b));
                        return product.try_map_parts(&mut |part| self.expr(part));
                    }
                }
            }
            Expr::Complex(a, b) => {
                let double = [a, b]
                    .iter()
                    .any(|part| type_of(part, table) == Some(Type::DOUBLE));
                let mut part = |part: &Expr| -> Lowered<Box<Expr>> {
                    let value = self.expr(part.clone())?;
                    Ok(Box::new(match part.as_int() {
                        Some(value) if double => self.parsed(&format!("{value}.d0")),
                        Some(value) => self.parsed(&format!("{value}.")),
                        None => value,
                    }))
                };
                return Ok(Expr::Complex(part(a)?, part(b)?));
            }
            Expr::Name(_) => return self.constant(expr),
            _ => {}
        }
        expr.try_map_parts(&mut |part| self.expr(part))
    }

    /// A reference to an intrinsic function.
    fn reference(&mut self, row: &'static Intrinsic, args: Vec<Arg>) -> Lowered<Expr> {
        let table = &self.scope.table;
        if let Some(value) = self.value(row, &args) {
            return match value {
                Value::Int(value) if i32::try_from(value).is_err() => self.large(value),
                value => Ok(self.parsed(&consts::text(&value))),
            };
        }
        let (args, kind) = self.arguments(row, args)?;
        let given: Vec<Option<Type>> = args.iter().map(|arg| type_of(arg, table)).collect();
        let first = given.first().copied().flatten();
        let whole = Expr::Ref(
            row.name.to_owned(),
            args.iter().cloned().map(Arg::Expr).collect(),
        );
        let base = type_of(&whole, table);
        let result = match (row.how, kind, base) {
            (How::Special, ..) => self.special(row, args, &given, kind)?,
            (How::Refused(remedy), ..) => {
                let message = format!("f2c has no intrinsic function '{}'", row.name);
                return self.scope.refuse(self.at, "intrinsic", message, remedy);
            }
            (How::Runtime(name), _, Some(gives)) => {
                let Some(ty) = first else {
                    return Ok(whole);
                };
                if ty == Type::REAL && self.folded(name, &args) {
                    let args = self.each(args)?.into_iter().map(double).collect();
                    let value = self.runtime(name, Type::DOUBLE, Type::DOUBLE, args)?;
                    return Ok(Expr::Ref("sngl".into(), vec![Arg::Expr(value)]));
                }
                let args = self.agreed(row, args, &given)?;
                let ty = match row.shares() {
                    true => row.shared(&given).unwrap_or(ty),
                    false => ty,
                };
                self.runtime(name, ty, gives, args)?
            }
            (How::F2c | How::F2cWide, _, Some(gives)) => {
                let odd = |ty: &Type| ty.class == Class::Integer && ty.bytes != 4;
                let odd_ones: Vec<Type> = given.iter().flatten().copied().filter(odd).collect();
                let shared = row.shares();
                let wide = odd_ones.iter().all(|ty| ty.bytes == 8)
                    && (!shared || odd_ones.len() == given.len());
                let native = odd_ones.is_empty() || (row.how == How::F2cWide && wide);
                let default = row.words().all(|word| word.starts_with("i4"));
                if default && !native {
                    let args = self.agreed(row, args, &given)?;
                    Expr::Ref(
                        row.name.to_owned(),
                        args.into_iter().map(Arg::Expr).collect(),
                    )
                } else if native || self.scope.options.default_integer_8 {
                    let args = self.unfolded(args)?;
                    Expr::Ref(
                        row.name.to_owned(),
                        args.into_iter().map(Arg::Expr).collect(),
                    )
                } else {
                    let ty = match row.shares() {
                        true => row.shared(&given).unwrap_or(gives),
                        false => first.unwrap_or(gives),
                    };
                    let gives = if row.gives == Gives::First { ty } else { gives };
                    let args = self.agreed(row, args, &given)?;
                    self.runtime(row.name, ty, gives, args)?
                }
            }
            (How::Library, _, Some(gives)) => {
                let args = self.agreed(row, args, &given)?;
                self.library(row, gives, args)
            }
            (How::Reduction, ..) if row.shape == Shape::Scalar => {
                let message = format!("f2c has no intrinsic function '{}'", row.name);
                let remedy = "write it as a loop";
                return self.scope.refuse(self.at, "intrinsic", message, remedy);
            }
            (How::Inquiry, ..) if row.name == "selected_int_kind" => {
                let args = self.agreed(row, args, &given)?;
                self.runtime(row.name, Type::INTEGER, Type::INTEGER, args)?
            }
            (How::Inquiry | How::Rearrangement | How::Reduction, ..) => {
                let message = format!("'{}' of these arguments is not known here", row.name);
                let remedy = "pass constants, or write it as a loop";
                return self.scope.refuse(self.at, "intrinsic", message, remedy);
            }
            _ => {
                let args = self.each(args)?;
                Expr::Ref(
                    row.name.to_owned(),
                    args.into_iter().map(Arg::Expr).collect(),
                )
            }
        };
        Ok(result)
    }

    /// Positional arguments, and the value of KIND.
    fn arguments(&self, row: &Intrinsic, args: Vec<Arg>) -> Lowered<(Vec<Expr>, Option<u8>)> {
        let mut out = Vec::with_capacity(args.len());
        let mut kind = None;
        let place = row.kind_place();
        for (index, arg) in args.into_iter().enumerate() {
            let expr = match arg {
                Arg::Keyword(word, expr) if word == "kind" && place.is_some() => {
                    kind = Some(expr);
                    continue;
                }
                Arg::Expr(expr) if Some(index) == place => {
                    kind = Some(expr);
                    continue;
                }
                Arg::Expr(expr) => expr,
                other => {
                    let message = format!("'{}' in a reference to '{}'", other.text(), row.name);
                    let remedy = "pass the arguments in their order";
                    return self
                        .scope
                        .refuse(self.at, "argument keyword", message, remedy);
                }
            };
            out.push(expr);
        }
        let Some(kind) = kind else {
            return Ok((out, None));
        };
        match consts::eval(&kind, &self.scope.table) {
            Some(Value::Int(kind @ (1 | 2 | 4 | 8))) => Ok((out, u8::try_from(kind).ok())),
            _ => {
                let message = format!("'{}' is no kind that WebAssembly has", kind.text());
                self.scope.refuse(self.at, row.name, message, "use 4 or 8")
            }
        }
    }

    /// The constant that stands for an inquiry.
    fn value(&self, row: &Intrinsic, args: &[Arg]) -> Option<Value> {
        if row.how != How::Inquiry {
            return None;
        }
        let table = &self.scope.table;
        let first = match args.first()? {
            Arg::Expr(first) => type_of(first, table),
            _ => None,
        };
        first
            .and_then(|ty| consts::inquiry(row.name, ty, table))
            .or_else(|| consts::eval(&Expr::Ref(row.name.into(), args.to_vec()), table))
    }

    /// Whether gfortran computes a value of REAL itself, in more digits than REAL has.
    fn folded(&self, name: &str, args: &[Expr]) -> bool {
        FOLDED.contains(&name)
            && self.scope.table.real == 4
            && args
                .iter()
                .all(|arg| consts::eval(arg, &self.scope.table).is_some())
    }

    /// Each argument lowered.
    pub fn each(&mut self, args: Vec<Expr>) -> Lowered<Vec<Expr>> {
        args.into_iter().map(|arg| self.expr(arg)).collect()
    }

    /// Each argument lowered, but constants of INTEGER*8: f2c computes functions of them wrongly.
    fn unfolded(&mut self, args: Vec<Expr>) -> Lowered<Vec<Expr>> {
        let lowered = args.into_iter().map(|arg| {
            let table = &self.scope.table;
            match (type_of(&arg, table), consts::eval(&arg, table)) {
                (Some(INTEGER_8), Some(Value::Int(_))) => self.converted(arg, INTEGER_8),
                _ => self.expr(arg),
            }
        });
        lowered.collect()
    }

    /// The arguments as the row wants them: those that must be of one type are, and a number of
    /// places, bits or elements is a default INTEGER.
    pub fn agreed(
        &mut self,
        row: &Intrinsic,
        args: Vec<Expr>,
        given: &[Option<Type>],
    ) -> Lowered<Vec<Expr>> {
        let words: Vec<&str> = row.words().collect();
        let shared = row.shared(given);
        let mut out = Vec::with_capacity(args.len());
        for (index, arg) in args.into_iter().enumerate() {
            let word = words.get(index).or(words.last()).copied().unwrap_or("*");
            let own = type_of(&arg, &self.scope.table);
            let wanted = match word.as_bytes() {
                [b'=' | b'~', ..] => shared,
                _ if index == 0 && row.shares() => shared,
                [b'd', ..] | [b'i', b'4', ..] => Some(Type::INTEGER),
                [b'i', ..] if index > 0 => Some(Type::INTEGER),
                _ => own,
            };
            out.push(match wanted {
                Some(ty) if ty.class == Class::Integer => self.converted(arg, ty)?,
                _ => self.expr(arg)?,
            });
        }
        Ok(out)
    }

    /// A function of the library under its own name.
    fn library(&mut self, row: &Intrinsic, gives: Type, args: Vec<Expr>) -> Expr {
        let name = library_name(row, args.len(), false);
        self.need(&name, gives);
        Expr::Ref(name, args.into_iter().map(Arg::Expr).collect())
    }

    /// SIZE, LBOUND and UBOUND of a declared array.
    pub fn declared_shape(&self, name: &str, args: &[Expr]) -> Option<Expr> {
        let dim = match args.get(1) {
            Some(dim) => match consts::eval(dim, &self.scope.table)? {
                Value::Int(dim) => Some(dim),
                _ => return None,
            },
            None => None,
        };
        let text = shape(name, args.first()?, dim, self.scope)?;
        crate::expr::parse(&lex_fragment(&text, self.at))
    }
}

/// Functions whose value for a constant is exact to the last bit with gfortran, where the C library's
/// for REAL is not.
const FOLDED: [&str; 8] = [
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "erf",
    "erfc",
    "gamma",
    "log_gamma",
];

fn double(value: Expr) -> Expr {
    Expr::Ref("dble".into(), vec![Arg::Expr(value)])
}
