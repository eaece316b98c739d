//! Functions that put the elements of arrays into other places: RESHAPE, SPREAD, CSHIFT, EOSHIFT, PACK
//! and UNPACK. Loops before the statement fill an array of ours.

use super::elements::{Span, element, extents, loop_around, spans};
use super::temporary::release;
use super::transform::{Work, copied, copy_place};
use crate::consts::{self, Value};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::Intrinsic;
use crate::types::{rank_of, type_of};

/// A loop over `1..=extent`.
fn counted(work: &mut Work, extent: Expr) -> Span {
    let variable = work.scope.fresh_variable("loop", Type::INTEGER);
    Span::over(variable, &[Expr::int(1), extent])
}

fn variable(span: &Span) -> Expr {
    Expr::Name(span.variable.clone())
}

fn place(name: &str, indices: impl IntoIterator<Item = Expr>) -> String {
    let indices = indices.into_iter().map(Arg::Expr).collect();
    Expr::Ref(name.to_owned(), indices).text()
}

impl Work<'_, '_> {
    /// The array with the value of one of these; none for arguments that are not understood.
    pub fn rearranged(&mut self, row: &Intrinsic, args: &[Arg]) -> Lowered<Option<String>> {
        let Some(args) = by_dummies(row, args) else {
            return Ok(None);
        };
        let get = |place: usize| args.get(place).cloned().flatten();
        let Some(first) = get(0) else {
            return Ok(None);
        };
        match row.name {
            "reshape" => match get(1) {
                Some(shape) => self.reshaped(&first, &shape, get(2), get(3)),
                None => Ok(None),
            },
            "spread" => match (get(1), get(2)) {
                (Some(dim), Some(copies)) => self.spread(&first, &dim, copies),
                _ => Ok(None),
            },
            "cshift" => match get(1) {
                Some(shift) => self.shifted(&first, shift, None, get(2), true),
                None => Ok(None),
            },
            "eoshift" => match get(1) {
                Some(shift) => self.shifted(&first, shift, get(2), get(3), false),
                None => Ok(None),
            },
            "pack" => match get(1) {
                Some(mask) => self.packed(&first, &mask, get(2)),
                None => Ok(None),
            },
            "unpack" => match (get(1), get(2)) {
                (Some(mask), Some(field)) => self.unpacked(&first, &mask, &field),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    fn push(&mut self, text: String) {
        let line = self.line(text);
        self.before.push(line);
    }

    fn integer(&mut self, stem: &str, value: &str) -> String {
        let name = self.scope.fresh_variable(stem, Type::INTEGER);
        self.push(format!("{name} = {value}"));
        name
    }

    /// An array expression in an array of ours, and its extents.
    fn held(&mut self, expr: &Expr) -> Lowered<Option<(String, Vec<Expr>)>> {
        let Some((name, loops)) = copied(self.scope, expr, self.at, self.before)? else {
            return Ok(None);
        };
        self.after.push(release(&name, self.at));
        Ok(Some((name, loops.iter().map(Span::extent).collect())))
    }

    /// The elements of an array expression in one dimension, and their number.
    fn in_a_row(&mut self, expr: &Expr) -> Lowered<Option<(String, String)>> {
        let ty = type_of(expr, &self.scope.table).filter(|ty| ty.class != Class::Character);
        let (Some(ty), Some(loops)) = (ty, spans(expr, self.scope)) else {
            return Ok(None);
        };
        let sizes: Vec<String> = loops
            .iter()
            .map(|span| format!("max({},0)", span.extent().text()))
            .collect();
        let count = self.integer("count", &sizes.join("*"));
        let name = self.temporary(ty, &[Expr::Name(count.clone())])?;
        self.after.push(release(&name, self.at));
        let index = self.integer("index", "0");
        let item = element(expr, &loops, &self.scope.table);
        let step = [
            format!("{index} = {index}+1"),
            format!("{name}({index}) = {}", item.text()),
        ];
        let step = step.map(|text| self.line(text));
        loop_around(&loops, step.to_vec(), self.at, self.before);
        Ok(Some((name, count)))
    }

    fn reshaped(
        &mut self,
        source: &Expr,
        shape: &Expr,
        pad: Option<Expr>,
        order: Option<Expr>,
    ) -> Lowered<Option<String>> {
        let Some(ty) = type_of(source, &self.scope.table) else {
            return Ok(None);
        };
        let Some(extents) = self.elements(shape) else {
            return Ok(None);
        };
        let rank = extents.len();
        let order: Vec<usize> = match order {
            None => (1..=rank).collect(),
            Some(order) => match self.constants(&order) {
                Some(order) if order.len() == rank && (1..=rank).all(|d| order.contains(&d)) => {
                    order
                }
                _ => return Ok(None),
            },
        };
        let Some((items, count)) = self.in_a_row(source)? else {
            return Ok(None);
        };
        let pad = match pad {
            None => None,
            Some(pad) => match self.in_a_row(&pad)? {
                Some(pad) => Some(pad),
                None => return Ok(None),
            },
        };
        let target = self.temporary(ty, &extents)?;
        let loops: Vec<Span> = extents.into_iter().map(|n| counted(self, n)).collect();
        let index = self.integer("index", "0");
        let to = place(&target, loops.iter().map(variable));
        let mut step = vec![format!("{index} = {index}+1")];
        match pad {
            None => step.push(format!("{to} = {items}({index})")),
            Some((pad, size)) => step.extend([
                format!("if ({index}.le.{count}) then"),
                format!("{to} = {items}({index})"),
                "else".to_owned(),
                format!("{to} = {pad}(mod({index}-{count}-1,{size})+1)"),
                "endif".to_owned(),
            ]),
        }
        let step = step.into_iter().map(|text| self.line(text)).collect();
        let loops: Vec<Span> = order.iter().map(|dim| loops[dim - 1].clone()).collect();
        loop_around(&loops, step, self.at, self.before);
        Ok(Some(target))
    }

    fn spread(&mut self, source: &Expr, dim: &Expr, copies: Expr) -> Lowered<Option<String>> {
        let table = &self.scope.table;
        let ty = type_of(source, table).filter(|ty| ty.class != Class::Character);
        let rank = rank_of(source, table);
        let dim = match consts::eval(dim, table) {
            Some(Value::Int(dim)) => usize::try_from(dim).ok(),
            _ => None,
        };
        let (Some(ty), Some(dim)) = (ty, dim.filter(|dim| (1..=rank + 1).contains(dim))) else {
            return Ok(None);
        };
        let loops = match rank {
            0 => Some(Vec::new()),
            _ => spans(source, self.scope),
        };
        let Some(loops) = loops else {
            return Ok(None);
        };
        let copies = self.integer("count", &copies.text());
        let own = counted(self, Expr::Name(copies));
        let mut all = loops.clone();
        all.insert(dim - 1, own);
        let extents: Vec<Expr> = all.iter().map(Span::extent).collect();
        let target = self.temporary(ty, &extents)?;
        let to = place(&target, all.iter().map(Span::position));
        let item = element(source, &loops, &self.scope.table);
        let step = self.line(format!("{to} = {}", item.text()));
        loop_around(&all, vec![step], self.at, self.before);
        Ok(Some(target))
    }

    fn shifted(
        &mut self,
        array: &Expr,
        shift: Expr,
        boundary: Option<Expr>,
        dim: Option<Expr>,
        around: bool,
    ) -> Lowered<Option<String>> {
        let table = &self.scope.table;
        let dim = match dim.map(|dim| consts::eval(&dim, table)) {
            None => 1,
            Some(Some(Value::Int(dim))) => usize::try_from(dim).unwrap_or(0),
            Some(_) => return Ok(None),
        };
        let scalar = |expr: &Expr| rank_of(expr, table) == 0;
        let fits = (1..=rank_of(array, table)).contains(&dim)
            && scalar(&shift)
            && boundary.as_ref().is_none_or(scalar);
        let (Some(ty), true) = (type_of(array, table), fits) else {
            return Ok(None);
        };
        let Some((from, extents)) = self.held(array)? else {
            return Ok(None);
        };
        let shift = self.integer("shift", &shift.text());
        let size = self.integer("count", &extents[dim - 1].text());
        let target = self.temporary(ty, &extents)?;
        let loops: Vec<Span> = extents.into_iter().map(|n| counted(self, n)).collect();
        let at = self.scope.fresh_variable("index", Type::INTEGER);
        let to = place(&target, loops.iter().map(variable));
        let mut indices: Vec<Expr> = loops.iter().map(variable).collect();
        let position = indices[dim - 1].text();
        indices[dim - 1] = Expr::Name(at.clone());
        let item = place(&from, indices);
        let step = match around {
            true => vec![
                format!("{at} = mod({position}-1+mod({shift},{size})+{size},{size})+1"),
                format!("{to} = {item}"),
            ],
            false => {
                let none = match ty.class {
                    Class::Logical => ".false.".to_owned(),
                    _ => "0".to_owned(),
                };
                let outside = boundary.map_or(none, |boundary| boundary.text());
                vec![
                    format!("{at} = {position}+{shift}"),
                    format!("if ({at}.ge.1.and.{at}.le.{size}) then"),
                    format!("{to} = {item}"),
                    "else".to_owned(),
                    format!("{to} = {outside}"),
                    "endif".to_owned(),
                ]
            }
        };
        let step = step.into_iter().map(|text| self.line(text)).collect();
        loop_around(&loops, step, self.at, self.before);
        Ok(Some(target))
    }

    fn packed(
        &mut self,
        array: &Expr,
        mask: &Expr,
        vector: Option<Expr>,
    ) -> Lowered<Option<String>> {
        let ty = type_of(array, &self.scope.table).filter(|ty| ty.class != Class::Character);
        let (Some(ty), Some(loops)) = (ty, spans(array, self.scope)) else {
            return Ok(None);
        };
        let mask = element(mask, &loops, &self.scope.table).text();
        let count = self.integer("count", "0");
        let step = self.line(format!("if ({mask}) {count} = {count}+1"));
        loop_around(&loops, vec![step], self.at, self.before);
        let vector = match vector {
            None => None,
            Some(vector) => match self.in_a_row(&vector)? {
                Some(vector) => Some(vector),
                None => return Ok(None),
            },
        };
        let size = vector.as_ref().map_or(&count, |(_, size)| size).clone();
        let target = self.temporary(ty, &[Expr::Name(size.clone())])?;
        let index = self.integer("index", "0");
        let item = element(array, &loops, &self.scope.table);
        let step = [
            format!("if ({mask}) then"),
            format!("{index} = {index}+1"),
            format!("{target}({index}) = {}", item.text()),
            "endif".to_owned(),
        ];
        let step = step.map(|text| self.line(text)).to_vec();
        loop_around(&loops, step, self.at, self.before);
        if let Some((vector, _)) = vector {
            let rest = counted(self, Expr::Name(size));
            let at = variable(&rest).text();
            let step = self.line(format!(
                "if ({at}.gt.{index}) {target}({at}) = {vector}({at})"
            ));
            loop_around(&[rest], vec![step], self.at, self.before);
        }
        Ok(Some(target))
    }

    fn unpacked(&mut self, vector: &Expr, mask: &Expr, field: &Expr) -> Lowered<Option<String>> {
        let ty = type_of(vector, &self.scope.table);
        let (Some(ty), Some(loops)) = (ty, spans(mask, self.scope)) else {
            return Ok(None);
        };
        let Some((items, _)) = self.in_a_row(vector)? else {
            return Ok(None);
        };
        let extents: Vec<Expr> = loops.iter().map(Span::extent).collect();
        let target = self.temporary(ty, &extents)?;
        let index = self.integer("index", "0");
        let to = copy_place(&target, &loops).text();
        let table = &self.scope.table;
        let mask = element(mask, &loops, table).text();
        let other = element(field, &loops, table).text();
        let step = [
            format!("if ({mask}) then"),
            format!("{index} = {index}+1"),
            format!("{to} = {items}({index})"),
            "else".to_owned(),
            format!("{to} = {other}"),
            "endif".to_owned(),
        ];
        let step = step.map(|text| self.line(text)).to_vec();
        loop_around(&loops, step, self.at, self.before);
        Ok(Some(target))
    }

    /// The elements of an array in one dimension whose number is known.
    fn elements(&self, array: &Expr) -> Option<Vec<Expr>> {
        if let Expr::Array(items) = array {
            return Some(items.clone());
        }
        let Expr::Name(name) = array else { return None };
        let list = extents(array, &self.scope.table)?;
        let [(low, high, None)] = list.as_slice() else {
            return None;
        };
        let (Some(Value::Int(low)), Some(Value::Int(high))) = (
            consts::eval(low, &self.scope.table),
            consts::eval(high, &self.scope.table),
        ) else {
            return None;
        };
        let item = |index| Expr::Ref(name.clone(), vec![Arg::Expr(Expr::int(index))]);
        Some((low..=high).map(item).collect())
    }

    /// The values of an array constructor of constants.
    fn constants(&self, array: &Expr) -> Option<Vec<usize>> {
        let Expr::Array(items) = array else {
            return None;
        };
        let value = |item: &Expr| match consts::eval(item, &self.scope.table) {
            Some(Value::Int(value)) => usize::try_from(value).ok(),
            _ => None,
        };
        items.iter().map(value).collect()
    }
}

/// Arguments by the places of their dummies.
fn by_dummies(row: &Intrinsic, args: &[Arg]) -> Option<Vec<Option<Expr>>> {
    let dummies: Vec<&str> = row.dummies().collect();
    let mut out = vec![None; dummies.len()];
    for (index, arg) in args.iter().enumerate() {
        let (at, expr) = match arg {
            Arg::Expr(expr) => (index, expr),
            Arg::Keyword(word, expr) => (dummies.iter().position(|name| name == word)?, expr),
            _ => return None,
        };
        *out.get_mut(at)? = Some(expr.clone());
    }
    Some(out)
}
