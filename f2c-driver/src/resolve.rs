//! The table of a unit's names, made from its declarations.

use crate::declaration::{
    Declaration, declaration, entity, implicit_rules, resolve_type, spec_length,
};
use crate::dim::Dim;
use crate::error::Lowered;
use crate::lists::{inside, split_commas};
use crate::options::Options;
use crate::source::{Kind, Stmt, Tok, Token};
use crate::symbols::{Symbol, Table};
use crate::unit::Unit;

impl Table {
    /// The table of a unit.
    pub fn of(unit: &Unit, options: &Options) -> Lowered<Self> {
        let mut table = Self::new(options.real_bytes());
        table.integer = options.integer_bytes();
        for dummy in unit.dummies() {
            table.entry(&dummy, unit.at()).dummy = true;
        }
        if matches!(&unit.header, Some(header) if matches!(header.kind, Kind::Procedure(_))) {
            table.entry(&unit.name, unit.at()).defined = true;
        }
        for stmt in &unit.spec {
            table.statement(stmt)?;
            if let Kind::Assignment { target, .. } = &stmt.kind
                && let Some(name) = target.name()
            {
                let symbol = table.entry(name, stmt.at);
                symbol.defined = true;
                symbol.statement_function = true;
            }
        }
        for stmt in unit
            .body
            .iter()
            .filter(|stmt| matches!(stmt.kind, Kind::Spec(_)))
        {
            table.statement(stmt)?;
        }
        // The kind of the result may be a constant of the function itself.
        if let Some(Stmt {
            kind: Kind::Procedure(procedure),
            at,
            ..
        }) = &unit.header
            && let (Some((base, spec)), Some(result)) = (&procedure.result, unit.result())
        {
            let (ty, len, _) = resolve_type(*base, spec, &table, *at)?;
            let symbol = table.entry(result, *at);
            symbol.declared = Some(ty);
            symbol.len = len;
        }
        Ok(table)
    }

    /// Takes note of a specification statement.
    pub fn statement(&mut self, stmt: &Stmt) -> Lowered {
        match &stmt.kind {
            Kind::Type(base) => {
                let declared = declaration(stmt, *base, self)?;
                self.declare(&declared);
            }
            Kind::Spec("implicit") => self.implicit_statement(stmt)?,
            Kind::Spec("parameter") => {
                for part in split_commas(inside(&stmt.tokens)) {
                    if let [name, equals, value @ ..] = part
                        && equals.op("=")
                    {
                        self.entry(&name.text, name.at).parameter = Some(value.to_vec());
                    }
                }
            }
            Kind::Spec("dimension") | Kind::Attribute("allocatable" | "target" | "pointer") => {
                let allocatable = stmt.kind == Kind::Attribute("allocatable");
                let list = stmt.tokens.iter().filter(|token| !token.op("::")).cloned();
                let list: Vec<Token> = list.collect();
                // A Cray pointer, which is refused by its name later.
                if list.first().is_some_and(|token| token.op("(")) {
                    return Ok(());
                }
                for part in split_commas(&list) {
                    let (entity, _) = entity(part, stmt.at)?;
                    let symbol = self.entry(&entity.name, entity.at);
                    symbol.allocatable |= allocatable;
                    if !entity.dims.is_empty() {
                        symbol.dims = entity.dims;
                    }
                }
            }
            Kind::Spec("common") => self.common(stmt)?,
            Kind::Spec("external") => self.flag(stmt, |symbol| symbol.external = true),
            Kind::Spec("intrinsic") => self.flag(stmt, |symbol| symbol.intrinsic = true),
            Kind::Spec("save") if stmt.tokens.is_empty() => self.save_all = true,
            Kind::Spec("save") => self.flag(stmt, |symbol| symbol.saved = true),
            Kind::Spec("equivalence" | "namelist") => {
                self.flag(stmt, |symbol| symbol.fixed = true);
            }
            Kind::Spec("data") => {
                // Every name counts, in a value list too: those are PARAMETERs.
                self.flag(stmt, |symbol| symbol.fixed = true);
            }
            _ => {}
        }
        Ok(())
    }

    fn flag(&mut self, stmt: &Stmt, set: impl Fn(&mut Symbol)) {
        for token in stmt.tokens.iter().filter(|token| token.kind == Tok::Name) {
            set(self.entry(&token.text, token.at));
        }
    }

    /// Takes note of a type declaration.
    pub fn declare(&mut self, declared: &Declaration) {
        let dimension = declared
            .attribute("dimension")
            .map(|tokens| Dim::list(inside(tokens)));
        for entity in &declared.entities {
            let symbol = self.entry(&entity.name, entity.at);
            symbol.declared = Some(declared.ty);
            symbol.len = entity.len.clone().or_else(|| declared.len.clone());
            if let Some(dims) = Some(&entity.dims)
                .filter(|d| !d.is_empty())
                .or(dimension.as_ref())
            {
                symbol.dims.clone_from(dims);
            }
            symbol.external |= declared.attribute("external").is_some();
            symbol.intrinsic |= declared.attribute("intrinsic").is_some();
            symbol.allocatable |= declared.attribute("allocatable").is_some();
            symbol.saved |= declared.attribute("save").is_some();
            symbol.fixed |= entity.data.is_some();
            if let Some(value) = &entity.value {
                if declared.attribute("parameter").is_some() {
                    symbol.parameter = Some(value.clone());
                } else {
                    symbol.fixed = true;
                }
            }
        }
    }

    fn common(&mut self, stmt: &Stmt) -> Lowered {
        let mut list: Vec<Token> = Vec::new();
        let mut in_name = false;
        let mut depth = 0;
        for token in &stmt.tokens {
            if token.op("(") {
                depth += 1;
            } else if token.op(")") {
                depth -= 1;
            }
            if depth > 0 {
                list.push(token.clone());
            } else if token.op("/") {
                in_name = !in_name;
                list.push(Token::new(Tok::Op, ",", token.at));
            } else if token.op("//") {
                list.push(Token::new(Tok::Op, ",", token.at));
            } else if !in_name {
                list.push(token.clone());
            }
        }
        for part in split_commas(&list)
            .into_iter()
            .filter(|part| !part.is_empty())
        {
            let (entity, _) = entity(part, stmt.at)?;
            let symbol = self.entry(&entity.name, entity.at);
            symbol.common = true;
            symbol.fixed = true;
            if !entity.dims.is_empty() {
                symbol.dims = entity.dims;
            }
        }
        Ok(())
    }

    fn implicit_statement(&mut self, stmt: &Stmt) -> Lowered {
        if stmt.tokens.first().is_some_and(|token| token.name("none")) {
            self.implicit = [None; 26];
            return Ok(());
        }
        for (base, head, letters) in implicit_rules(stmt) {
            let used = spec_length(&head.tokens);
            let (ty, ..) = resolve_type(base, &head.tokens[..used], self, stmt.at)?;
            for range in split_commas(letters) {
                let letter = |token: Option<&Token>| {
                    token
                        .and_then(|t| t.text.bytes().next())
                        .filter(u8::is_ascii_lowercase)
                };
                if let (Some(a), Some(b)) = (letter(range.first()), letter(range.last())) {
                    for l in a..=b {
                        self.implicit[usize::from(l - b'a')] = Some(ty);
                    }
                }
            }
        }
        Ok(())
    }
}
