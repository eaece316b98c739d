//! Functions that reduce an array to one value, or to one for each place along a dimension: SUM and
//! its relations with DIM and MASK, DOT_PRODUCT. Loops before the statement compute them.

use super::arrays::hoisted;
use super::elements::{Span, element, loop_around, spans};
use super::temporary::release;
use super::transform::Work;
use crate::consts::{self, Value};
use crate::data_type::{Class, Type, widest};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::Intrinsic;
use crate::source::{Kind, Stmt};
use crate::types::{rank_of, type_of};

/// The arguments, by what they are there for.
struct Given {
    name: &'static str,
    /// What is reduced: the product of both for DOT_PRODUCT.
    array: Expr,
    ty: Type,
    dim: Option<usize>,
    mask: Option<Expr>,
    kind: u8,
}

/// How one value comes of many.
struct Fold {
    before: Vec<Stmt>,
    step: Vec<Stmt>,
    /// The value; one for each dimension from MAXLOC and MINLOC without DIM.
    results: Vec<String>,
    ty: Type,
}

impl Work<'_, '_> {
    /// The value of a reduction; none when it has no array.
    pub fn reduction(&mut self, row: &Intrinsic, args: &[Arg]) -> Lowered<Option<Expr>> {
        let Some(mut given) = self.given(row, args)? else {
            return Ok(None);
        };
        given.array = hoisted(given.array, &[], self.scope, self.at, self.before)?;
        if let Some(mask) = given.mask.take() {
            given.mask = Some(hoisted(mask, &[], self.scope, self.at, self.before)?);
        }
        let Some(loops) = spans(&given.array, self.scope) else {
            return self.unsupported(row, "the bounds of the array are not known here");
        };
        match given.dim {
            Some(dim) if dim == 0 || dim > loops.len() => {
                self.unsupported(row, "it has no such dimension")
            }
            Some(dim) if loops.len() > 1 => self.along(row, &given, &loops, dim - 1).map(Some),
            _ => self.whole(row, &given, &loops).map(Some),
        }
    }

    fn unsupported<T>(&self, row: &Intrinsic, message: &str) -> Lowered<T> {
        let construct = format!("{} of an array", row.name);
        self.scope
            .refuse(self.at, &construct, message, "write it as a loop")
    }

    fn given(&self, row: &Intrinsic, args: &[Arg]) -> Lowered<Option<Given>> {
        let table = &self.scope.table;
        let mut arrays = Vec::new();
        let (mut dim, mut mask, mut kind) = (None, None, 4);
        let dummies: Vec<&str> = row.dummies().collect();
        for (index, arg) in args.iter().enumerate() {
            let (name, expr) = match arg {
                Arg::Expr(expr) => (dummies.get(index).copied().unwrap_or(""), expr),
                Arg::Keyword(word, expr) => (word.as_str(), expr),
                _ => return Ok(None),
            };
            let logical = type_of(expr, table).is_some_and(|ty| ty.class == Class::Logical);
            let value = consts::eval(expr, table);
            match (name, value) {
                ("array" | "vector_a" | "vector_b", _) => arrays.push(expr.clone()),
                ("mask", _) if index == 0 => arrays.push(expr.clone()),
                ("mask", _) => mask = Some(expr.clone()),
                // The second argument may be either.
                ("dim", _) if logical => mask = Some(expr.clone()),
                ("dim", Some(Value::Int(value))) => dim = usize::try_from(value).ok(),
                ("kind", Some(Value::Int(value @ (1 | 2 | 4 | 8)))) => {
                    kind = u8::try_from(value).unwrap_or(4);
                }
                ("back", Some(Value::Logical(false))) => {}
                _ => return self.unsupported(row, "these arguments are not supported"),
            }
        }
        let ranks: Vec<usize> = arrays.iter().map(|array| rank_of(array, table)).collect();
        if ranks.iter().all(|rank| *rank == 0) {
            return Ok(None);
        }
        if ranks.contains(&0) || (row.name == "dot_product" && ranks != [1, 1]) {
            return self.unsupported(row, "an argument is not an array");
        }
        let mut types = arrays.iter().map(|array| type_of(array, table));
        let ty = types.next().flatten().unwrap_or(Type::DOUBLE);
        let other = types.next().flatten();
        let mut arrays = arrays.into_iter();
        let (Some(first), second) = (arrays.next(), arrays.next()) else {
            return Ok(None);
        };
        if ty.class == Class::Character {
            return self.unsupported(row, "strings are not supported");
        }
        let mut out = Given {
            name: row.name,
            array: first,
            ty,
            dim,
            mask,
            kind,
        };
        if let (Some(second), Some(other)) = (second, other) {
            let first = match ty.class {
                Class::Complex => Expr::Ref("conjg".into(), vec![Arg::Expr(out.array)]),
                _ => out.array,
            };
            let logical = ty.class == Class::Logical;
            out.name = if logical { "any" } else { "sum" };
            out.array = first.with(if logical { ".and." } else { "*" }, second);
            out.ty = widest(ty, other);
        }
        Ok(Some(out))
    }

    fn lines(&self, texts: &[String]) -> Vec<Stmt> {
        texts
            .iter()
            .map(|text| Stmt::parse(text, self.at))
            .collect()
    }

    /// What is done for each element where `loops` are.
    fn fold(
        &mut self,
        row: &Intrinsic,
        given: &Given,
        loops: &[Span],
        item: &str,
    ) -> Lowered<Fold> {
        let result = |work: &mut Self, ty| work.scope.fresh_variable("reduce", ty);
        let counted = Type {
            class: Class::Integer,
            bytes: given.kind,
        };
        let simple = |work: &mut Self, ty: Type, start: &str, step: &dyn Fn(&str) -> String| {
            let name = result(work, ty);
            Fold {
                before: work.lines(&[format!("{name} = {start}")]),
                step: work.lines(&[step(&name)]),
                results: vec![name],
                ty,
            }
        };
        let ty = given.ty;
        let function = given.name;
        let mut fold = match function {
            "sum" => simple(self, ty, "0", &|r| format!("{r} = {r}+({item})")),
            "product" => simple(self, ty, "1", &|r| format!("{r} = {r}*({item})")),
            "any" => simple(self, Type::LOGICAL, ".false.", &|r| {
                format!("if ({item}) {r} = .true.")
            }),
            "all" => simple(self, Type::LOGICAL, ".true.", &|r| {
                format!("if (.not.({item})) {r} = .false.")
            }),
            "parity" => simple(self, Type::LOGICAL, ".false.", &|r| {
                format!("{r} = {r}.neqv.({item})")
            }),
            "count" => simple(self, counted, "0", &|r| format!("if ({item}) {r} = {r}+1")),
            "iall" => simple(self, ty, "-1", &|r| format!("{r} = iand({r},{item})")),
            "iany" => simple(self, ty, "0", &|r| format!("{r} = ior({r},{item})")),
            "iparity" => simple(self, ty, "0", &|r| format!("{r} = ieor({r},{item})")),
            "maxval" | "minval" | "maxloc" | "minloc" => {
                self.extreme(function, ty, counted, loops, item)
            }
            _ => return self.unsupported(row, "it is not supported"),
        };
        if let Some(mask) = &given.mask {
            let condition = element(mask, loops, &self.scope.table).text();
            let head = Stmt::parse(&format!("if ({condition}) then"), self.at);
            fold.step.insert(0, head);
            fold.step.push(Stmt::new(Kind::EndIf, Vec::new(), self.at));
        }
        Ok(fold)
    }

    /// The greatest or least element, or where it is. Of no elements it is the other end of the
    /// type's range; a NaN counts only when nothing else is there.
    fn extreme(
        &mut self,
        function: &str,
        ty: Type,
        counted: Type,
        loops: &[Span],
        item: &str,
    ) -> Fold {
        let best = self.scope.fresh_variable("best", ty);
        let largest = function.starts_with("max");
        let op = if largest { ".gt." } else { ".lt." };
        let sign = if largest { "-" } else { "" };
        let real = ty.class == Class::Real;
        let mut before = vec![format!("{best} = {sign}huge({best})")];
        if largest && !real {
            before.push(format!("{best} = {best}-1"));
        }
        let located = function.ends_with("loc");
        let mut places = Vec::new();
        if located {
            for _ in loops {
                places.push(self.scope.fresh_variable("place", counted));
            }
        } else if real {
            places.push(self.scope.fresh_variable("place", Type::INTEGER));
        }
        before.extend(places.iter().map(|place| format!("{place} = 0")));
        let mut condition = format!("{item}{op}{best}");
        if let Some(place) = places.first() {
            condition = format!("{place}.eq.0.or.{condition}");
        }
        if real {
            condition = format!("{condition}.or.({best}.ne.{best}.and.{item}.eq.{item})");
        }
        let mut step = vec![format!("if ({condition}) then"), format!("{best} = {item}")];
        for (index, place) in places.iter().enumerate() {
            let position = match located {
                true => loops[index].position().text(),
                false => "1".to_owned(),
            };
            step.push(format!("{place} = {position}"));
        }
        let mut step = self.lines(&step);
        step.push(Stmt::new(Kind::EndIf, Vec::new(), self.at));
        Fold {
            before: self.lines(&before),
            step,
            results: if located { places } else { vec![best] },
            ty: if located { counted } else { ty },
        }
    }

    /// A reduction of all elements.
    fn whole(&mut self, row: &Intrinsic, given: &Given, loops: &[Span]) -> Lowered<Expr> {
        let item = element(&given.array, loops, &self.scope.table).text();
        let fold = self.fold(row, given, loops, &item)?;
        self.before.extend(fold.before);
        loop_around(loops, fold.step, self.at, self.before);
        let array = given.dim.is_none() && given.name.ends_with("loc");
        if let ([result], false) = (fold.results.as_slice(), array) {
            return Ok(Expr::Name(result.clone()));
        }
        let name = self.scope.fresh_name("places");
        let dims = format!("({})", fold.results.len());
        self.scope.declare(&name, fold.ty, &dims);
        let copies: Vec<String> = (1..)
            .zip(&fold.results)
            .map(|(index, result)| format!("{name}({index}) = {result}"))
            .collect();
        let copies = self.lines(&copies);
        self.before.extend(copies);
        Ok(Expr::Name(name))
    }

    /// A reduction along one dimension, which is the innermost loop: the order in which gfortran adds.
    fn along(
        &mut self,
        row: &Intrinsic,
        given: &Given,
        loops: &[Span],
        dim: usize,
    ) -> Lowered<Expr> {
        let item = element(&given.array, loops, &self.scope.table).text();
        let mut others = loops.to_vec();
        let along = others.remove(dim);
        let mut fold = self.fold(row, given, loops, &item)?;
        let result = match fold.results.len() {
            1 => fold.results.swap_remove(0),
            _ => fold.results.swap_remove(dim),
        };
        let extents: Vec<Expr> = others.iter().map(Span::extent).collect();
        let target = self.temporary(fold.ty, &extents)?;
        let places = others.iter().map(|span| Arg::Expr(span.position()));
        let place = Expr::Ref(target.clone(), places.collect()).text();
        let mut inside = fold.before;
        loop_around(&[along], fold.step, self.at, &mut inside);
        inside.extend(self.lines(&[format!("{place} = {result}")]));
        loop_around(&others, inside, self.at, self.before);
        self.after.push(release(&target, self.at));
        Ok(Expr::Name(target))
    }
}
