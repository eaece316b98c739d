//! Lowerings of single intrinsics.

use super::typed::{Typed, call};
use crate::consts::{self, Value};
use crate::data_type::{Class, Type, widest};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::Intrinsic;
use crate::source::{Tok, Token};
use crate::symbols::Table;

const DOUBLE_COMPLEX: Type = Type {
    class: Class::Complex,
    bytes: 8,
};

impl Typed<'_, '_> {
    /// One of the intrinsics with a lowering of its own.
    pub fn special(
        &mut self,
        row: &'static Intrinsic,
        args: Vec<Expr>,
        given: &[Option<Type>],
        kind: Option<u8>,
    ) -> Lowered<Expr> {
        let first = given.first().copied().flatten();
        let ty = first.unwrap_or(Type::INTEGER);
        let double_complex = first == Some(DOUBLE_COMPLEX);
        let kind = kind.filter(|kind| {
            let class = match row.gives {
                crate::intrinsics::Gives::Kind(class) => class,
                _ => Class::Real,
            };
            // A kind that f2c has as its default says nothing.
            !(class == Class::Integer && u64::from(*kind) == self.scope.table.size(Type::INTEGER))
        });
        let name = row.name;
        match name {
            "aimag" | "imag" | "imagpart" => {
                let f2c = if double_complex { "dimag" } else { "aimag" };
                Ok(call(f2c, self.each(args)?))
            }
            "realpart" => {
                let f2c = if double_complex { "dble" } else { "real" };
                Ok(call(f2c, self.each(args)?))
            }
            "conjg" => {
                let f2c = if double_complex { "dconjg" } else { "conjg" };
                Ok(call(f2c, self.each(args)?))
            }
            "real" | "float" => {
                let real = self.scope.table.real;
                let complex = ty.class == Class::Complex;
                let bytes = kind.unwrap_or(if complex { ty.bytes } else { real });
                let value = call_one(self, args)?;
                Ok(match (bytes, double_complex) {
                    (8, _) if real == 4 => call("dble", [value]),
                    (4, true) => call("sngl", [call("dble", [value])]),
                    _ => call("real", [value]),
                })
            }
            "dble" | "dfloat" => Ok(call("dble", self.each(args)?)),
            "int2" => self.integer_of(args, first, 2),
            "int8" => self.integer_of(args, first, 8),
            "int" => match kind {
                None if ty.class == Class::Integer && ty.bytes == 8 => {
                    self.integer_of(args, first, 4)
                }
                None => Ok(call("int", self.each(args)?)),
                Some(kind) => self.integer_of(args, first, kind),
            },
            "nint" => match kind {
                None => Ok(call("nint", self.each(args)?)),
                Some(kind) => {
                    let rounded = call("anint", self.each(args)?);
                    self.cast(rounded, ty, integer(kind))
                }
            },
            "ceiling" | "floor" => {
                if ty.class == Class::Integer {
                    return call_one(self, args);
                }
                let args = self.each(args)?;
                match kind {
                    None => self.runtime(name, ty, Type::INTEGER, args),
                    Some(kind) => {
                        let whole = self.runtime(&format!("whole_{name}"), ty, ty, args)?;
                        self.cast(whole, ty, integer(kind))
                    }
                }
            }
            "aint" | "anint" => {
                let value = call(name, self.each(args)?);
                Ok(match (kind, ty.bytes) {
                    (Some(8), 4) => call("dble", [value]),
                    (Some(4), 8) => call("real", [value]),
                    _ => value,
                })
            }
            "logical" => call_one(self, args),
            "cmplx" => {
                let mut parts = self.each(args)?;
                if kind == Some(8) {
                    return Ok(call("dcmplx", parts));
                }
                if given.contains(&Some(Type::DOUBLE)) && self.scope.table.real == 4 {
                    // Without a kind the result is single, whatever the arguments; f2c keeps double.
                    for part in &mut parts {
                        *part = call("real", [part.clone()]);
                    }
                } else if double_complex && self.scope.table.real == 4 {
                    let imaginary = call("sngl", [call("dimag", parts.clone())]);
                    parts = vec![call("sngl", [call("dble", parts)]), imaginary];
                }
                Ok(call("cmplx", parts))
            }
            "dcmplx" => Ok(call("dcmplx", self.each(args)?)),
            "complex" => {
                let double = given.contains(&Some(Type::DOUBLE));
                Ok(call(
                    if double { "dcmplx" } else { "cmplx" },
                    self.each(args)?,
                ))
            }
            "acos" | "asin" | "atan" | "cosh" | "sinh" | "tan" | "tanh" => {
                let args = self.each(args)?;
                match (ty.class, args.len()) {
                    (Class::Complex, _) => self.runtime(name, ty, ty, args),
                    (_, 2) => Ok(call("atan2", args)),
                    _ => Ok(call(name, args)),
                }
            }
            "max" | "min" | "mod" => self.extreme(row, args, given),
            "and" | "or" | "xor" => {
                let bits = match name {
                    "and" => "iand",
                    "or" => "ior",
                    _ => "ieor",
                };
                if ty.class == Class::Logical {
                    let op = format!(".{}.", if name == "xor" { "neqv" } else { name });
                    let mut args = self.each(args)?.into_iter();
                    let (a, b) = (args.next(), args.next());
                    let (Some(a), Some(b)) = (a, b) else {
                        return Ok(call(name, []));
                    };
                    return Ok(Expr::Paren(Box::new(a.with(&op, b))));
                }
                self.expr(call(bits, args))
            }
            "bessel_jn" | "bessel_yn" | "besjn" | "besyn" | "dbesjn" | "dbesyn" => {
                let letter = if name.ends_with("jn") { "jn" } else { "yn" };
                let ty = given.get(1).copied().flatten().unwrap_or(Type::REAL);
                let mut args = args.into_iter();
                let (Some(order), Some(x)) = (args.next(), args.next()) else {
                    return Ok(call(name, []));
                };
                let args = vec![self.converted(order, Type::INTEGER)?, self.expr(x)?];
                self.runtime(&format!("bessel_{letter}"), ty, ty, args)
            }
            "scale" | "set_exponent" => {
                let args = self.agreed(row, args, given)?;
                self.runtime(name, ty, ty, args)
            }
            "ishft" | "ishftc" | "ibits" | "lshift" | "rshift" => self.bits(row, args, ty, given),
            "maskl" | "maskr" => {
                let to = integer(kind.unwrap_or(4));
                let count = args.into_iter().next().unwrap_or_else(|| Expr::int(0));
                let count = self.converted(count, Type::INTEGER)?;
                self.runtime(name, to, to, vec![count])
            }
            "achar" | "char" => {
                let code = args.into_iter().next().unwrap_or_else(|| Expr::int(0));
                Ok(call("char", [self.converted(code, Type::INTEGER)?]))
            }
            "iachar" | "ichar" | "len" | "index" | "len_trim" | "lnblnk" | "scan" | "verify" => {
                self.character_inquiry(name, args, kind)
            }
            "isnan" | "ieee_is_nan" => {
                let x = call_one(self, args)?;
                if matches!(x, Expr::Name(_)) {
                    let compared = x.clone().with(".ne.", x);
                    return Ok(Expr::Paren(Box::new(compared)));
                }
                self.runtime("isnan", ty, Type::LOGICAL, vec![x])
            }
            "trim"
                if matches!(
                    args.as_slice(),
                    [Expr::Name(_) | Expr::Ref(..) | Expr::Substring(..)]
                ) =>
            {
                let text = call_one(self, args)?;
                let length = self.runtime(
                    "len_trim",
                    Type::CHARACTER,
                    Type::INTEGER,
                    vec![text.clone()],
                )?;
                let scalar = |name: &str| self.scope.table.rank(name) == 0;
                // A part of a part begins where that does.
                let start = match &text {
                    Expr::Ref(name, args) if scalar(name) => args.first(),
                    Expr::Substring(_, args) => args.first(),
                    _ => None,
                };
                let low = match start {
                    Some(Arg::Range(Some(low), ..)) => low.clone(),
                    _ => Expr::int(1),
                };
                let high = match low.as_int() {
                    Some(1) => length,
                    _ => low.clone().with("+", length).with("-", Expr::int(1)),
                };
                let range = vec![Arg::Range(Some(low), Some(high), None)];
                Ok(match text {
                    Expr::Name(name) => Expr::Ref(name, range),
                    Expr::Ref(name, _) if scalar(&name) => Expr::Ref(name, range),
                    Expr::Substring(base, _) => Expr::Substring(base, range),
                    other => Expr::Substring(Box::new(other), range),
                })
            }
            "size" | "lbound" | "ubound" => match self.declared_shape(name, &args) {
                Some(expr) => self.expr(expr),
                None => self.missing(name, "give the bounds as arguments"),
            },
            "rank" => {
                let rank = args
                    .first()
                    .map(|array| crate::types::rank_of(array, &self.scope.table));
                Ok(Expr::int(i64::try_from(rank.unwrap_or(0)).unwrap_or(0)))
            }
            "merge" => self.merge(args, ty),
            "is_iostat_end" | "is_iostat_eor" => {
                let code = if name.ends_with("end") { -1 } else { -2 };
                let status = call_one(self, args)?;
                Ok(Expr::Paren(Box::new(status.with(".eq.", Expr::int(code)))))
            }
            "transfer" => {
                if let ([Expr::Ref(array, subscripts), _, _], true) =
                    (args.as_slice(), args.len() == 3)
                {
                    // A section seen as another type: the address of its first element.
                    let lows = subscripts.iter().map(|arg| Arg::Expr(low(arg))).collect();
                    return Ok(Expr::Ref(array.clone(), lows));
                }
                self.missing(name, "use EQUIVALENCE")
            }
            "new_line" => Ok(call("char", [Expr::int(10)])),
            "allocated" => Ok(call(name, self.each(args)?)),
            _ => self.missing(name, "write it out"),
        }
    }

    fn missing(&self, name: &str, remedy: &str) -> Lowered<Expr> {
        let message = format!("f2c has no intrinsic function '{name}' of these arguments");
        self.scope.refuse(self.at, "intrinsic", message, remedy)
    }

    fn integer_of(&mut self, args: Vec<Expr>, from: Option<Type>, kind: u8) -> Lowered<Expr> {
        let expr = args.into_iter().next().unwrap_or_else(|| Expr::int(0));
        let to = integer(kind);
        match from {
            Some(Type {
                class: Class::Integer,
                ..
            })
            | None => self.converted(expr, to),
            Some(from) => {
                let lowered = self.expr(expr)?;
                self.cast(lowered, from, to)
            }
        }
    }

    /// MAX, MIN and MOD: f2c has them for INTEGER and the kinds of REAL.
    fn extreme(
        &mut self,
        row: &'static Intrinsic,
        args: Vec<Expr>,
        given: &[Option<Type>],
    ) -> Lowered<Expr> {
        let odd = |ty: &Type| ty.class == Class::Integer && ty.bytes != 4;
        let Some(ty) = given.iter().flatten().copied().reduce(widest) else {
            return Ok(call(row.name, self.each(args)?));
        };
        if ty.class != Class::Integer || !given.iter().flatten().any(odd) {
            return Ok(call(row.name, self.each(args)?));
        }
        let mut args = self.agreed(row, args, given)?.into_iter();
        let mut out = args.next().unwrap_or_else(|| Expr::int(0));
        for arg in args {
            out = self.runtime(row.name, ty, ty, vec![out, arg])?;
        }
        Ok(out)
    }

    /// Shifts and fields of bits: f2c knows those of 32 and 64 bits.
    fn bits(
        &mut self,
        row: &'static Intrinsic,
        args: Vec<Expr>,
        ty: Type,
        given: &[Option<Type>],
    ) -> Lowered<Expr> {
        let name = row.name;
        if matches!(name, "lshift" | "rshift") {
            let name = if name == "lshift" { "shiftl" } else { "shifta" };
            let args = self.agreed(row, args, given)?;
            return self.runtime(name, ty, ty, args);
        }
        if name == "ishft"
            && let Some(value) = shifted(&args, ty, &self.scope.table)
        {
            let whole = Expr::int(value);
            return match ty.bytes {
                4 => Ok(whole),
                _ if i32::try_from(value).is_ok() => self.cast(whole, Type::INTEGER, ty),
                _ => self.large(value),
            };
        }
        let count = args.len();
        let mut args = self.agreed(row, args, given)?;
        if ty.bytes >= 4 {
            return Ok(call(name, args));
        }
        // All bits.
        if name == "ishftc" && count == 2 {
            args.push(Expr::int(0));
        }
        self.runtime(name, ty, ty, args)
    }

    fn character_inquiry(
        &mut self,
        name: &str,
        mut args: Vec<Expr>,
        kind: Option<u8>,
    ) -> Lowered<Expr> {
        let backwards = args.len() == 3;
        let back = match backwards {
            true => args.pop(),
            false => None,
        };
        let mut args = self.each(args)?;
        if let Some(back) = back {
            args.push(self.default_logical(back)?);
        }
        let value = match name {
            "iachar" | "ichar" => call("ichar", args),
            "len" => call("len", args),
            "index" if !backwards => call("index", args),
            "len_trim" | "lnblnk" => {
                self.runtime("len_trim", Type::CHARACTER, Type::INTEGER, args)?
            }
            _ => {
                if !backwards {
                    args.push(Expr::Lit(Token::new(Tok::Logical, ".false.", self.at)));
                }
                self.runtime(name, Type::CHARACTER, Type::INTEGER, args)?
            }
        };
        match kind {
            Some(kind) => self.cast(value, Type::INTEGER, integer(kind)),
            None => Ok(value),
        }
    }

    fn merge(&mut self, args: Vec<Expr>, ty: Type) -> Lowered<Expr> {
        if ty.class == Class::Character || args.len() != 3 {
            return self.missing("merge", "use IF");
        }
        let mut out = Vec::with_capacity(3);
        for (index, arg) in args.into_iter().enumerate() {
            let odd = index < 2 && ty.class == Class::Integer;
            out.push(match (odd, index) {
                (true, _) => self.converted(arg, ty)?,
                (_, 2) => self.default_logical(arg)?,
                _ => self.expr(arg)?,
            });
        }
        self.runtime("merge", ty, ty, out)
    }
}

fn call_one(pass: &mut Typed, args: Vec<Expr>) -> Lowered<Expr> {
    pass.expr(args.into_iter().next().unwrap_or_else(|| Expr::int(0)))
}

fn integer(bytes: u8) -> Type {
    Type {
        class: Class::Integer,
        bytes,
    }
}

/// The value of an ISHFT by a constant that f2c would fold as one of 64 bits, or leave to C's
/// operator though it moves all bits out.
fn shifted(args: &[Expr], ty: Type, table: &Table) -> Option<i64> {
    let constant = |expr: &Expr| match consts::eval(expr, table) {
        Some(Value::Int(value)) => Some(value),
        _ => None,
    };
    let [value, count] = args else { return None };
    let count = constant(count)?;
    let all = 8 * u32::try_from(table.size(ty)).ok()?;
    let unused = 64u32.checked_sub(all)?;
    let places = u32::try_from(count.unsigned_abs()).unwrap_or(all);
    if places >= all {
        return Some(0);
    }
    // At the top of 64 bits; what leaves the type's own goes.
    let top = (constant(value)? as u64) << unused;
    let moved = match count < 0 {
        true => top >> places,
        false => top << places,
    };
    Some((moved as i64) >> unused)
}

/// The first index of a subscript.
fn low(arg: &Arg) -> Expr {
    match arg {
        Arg::Range(Some(low), ..) | Arg::Expr(low) => low.clone(),
        _ => Expr::int(1),
    }
}
