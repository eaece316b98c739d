//! USE: modules that hold nothing but constants, kinds and known functions become declarations.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use super::Scope;
use super::constants;
use super::declared::{INSIDE, inside, mangled, rename};
use super::exprs::map_parts;
use super::facts::{Entity, What};
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::options::Options;
use crate::source::{Kind, Stmt, Tok, Token, join, lex_fragment};
use crate::symbols::Table;
use crate::unit::Unit;

/// A module whose contents are known here.
struct Module {
    name: &'static str,
    /// Kind parameters and constants; `{k}` in [`Module::per_kind`] takes their place.
    constants: &'static [(&'static str, &'static str, &'static str)],
    /// The same once for each (letter, kind).
    per_kind: &'static [(&'static str, &'static str, &'static str)],
    /// Generic functions of one argument, as an expression of `{}`.
    functions: &'static [(&'static str, &'static str)],
}

/// The modules: (name, type, value) for each constant. LAPACK's two are described by its user
/// guide and by what its routines import; in `per_kind`, `{l}` is the letter and `{k}` the kind.
const MODULES: &[Module] = &[
    Module {
        name: "iso_fortran_env",
        constants: &[
            ("int8", "integer", "1"),
            ("int16", "integer", "2"),
            ("int32", "integer", "4"),
            ("int64", "integer", "8"),
            ("real32", "integer", "4"),
            ("real64", "integer", "8"),
            ("input_unit", "integer", "5"),
            ("output_unit", "integer", "6"),
            ("error_unit", "integer", "0"),
        ],
        per_kind: &[],
        functions: &[],
    },
    Module {
        name: "iso_c_binding",
        constants: &[
            ("c_short", "integer", "2"),
            ("c_int", "integer", "4"),
            ("c_int32_t", "integer", "4"),
            ("c_int64_t", "integer", "8"),
            ("c_long_long", "integer", "8"),
            ("c_float", "integer", "4"),
            ("c_double", "integer", "8"),
            ("c_float_complex", "integer", "4"),
            ("c_double_complex", "integer", "8"),
            ("c_bool", "integer", "1"),
        ],
        per_kind: &[],
        functions: &[],
    },
    Module {
        name: "la_constants",
        constants: &[
            ("sp", "integer", "4"),
            ("dp", "integer", "8"),
            ("czero", "complex(4)", "(0.0,0.0)"),
            ("chalf", "complex(4)", "(0.5,0.0)"),
            ("cone", "complex(4)", "(1.0,0.0)"),
            ("zzero", "complex(8)", "(0.0d0,0.0d0)"),
            ("zhalf", "complex(8)", "(0.5d0,0.0d0)"),
            ("zone", "complex(8)", "(1.0d0,0.0d0)"),
            ("sprefix", "character(1)", "'S'"),
            ("cprefix", "character(1)", "'C'"),
            ("dprefix", "character(1)", "'D'"),
            ("zprefix", "character(1)", "'Z'"),
        ],
        per_kind: &[
            ("{l}zero", "real({k})", "0"),
            ("{l}half", "real({k})", "0.5"),
            ("{l}one", "real({k})", "1"),
            ("{l}two", "real({k})", "2"),
            ("{l}three", "real({k})", "3"),
            ("{l}four", "real({k})", "4"),
            ("{l}eight", "real({k})", "8"),
            ("{l}ten", "real({k})", "10"),
            ("{l}ulp", "real({k})", "epsilon(1.0_{k})"),
            ("{l}eps", "real({k})", "epsilon(1.0_{k})/2"),
            ("{l}safmin", "real({k})", "tiny(1.0_{k})"),
            ("{l}safmax", "real({k})", "1/tiny(1.0_{k})"),
            ("{l}smlnum", "real({k})", "tiny(1.0_{k})/epsilon(1.0_{k})"),
            ("{l}bignum", "real({k})", "epsilon(1.0_{k})/tiny(1.0_{k})"),
            (
                "{l}rtmin",
                "real({k})",
                "sqrt(tiny(1.0_{k})/epsilon(1.0_{k}))",
            ),
            (
                "{l}rtmax",
                "real({k})",
                "sqrt(epsilon(1.0_{k})/tiny(1.0_{k}))",
            ),
            // Blue's scaling constants: powers of two in terms of the exponent range.
            (
                "{l}tsml",
                "real({k})",
                "2.0_{k}**ceiling((minexponent(1.0_{k})-1)*0.5d0)",
            ),
            (
                "{l}tbig",
                "real({k})",
                "2.0_{k}**floor((maxexponent(1.0_{k})-digits(1.0_{k})+1)*0.5d0)",
            ),
            (
                "{l}ssml",
                "real({k})",
                "2.0_{k}**(-floor((minexponent(1.0_{k})-digits(1.0_{k}))*0.5d0))",
            ),
            (
                "{l}sbig",
                "real({k})",
                "2.0_{k}**(-ceiling((maxexponent(1.0_{k})+digits(1.0_{k})-1)*0.5d0))",
            ),
        ],
        functions: &[],
    },
    Module {
        name: "la_xisnan",
        constants: &[],
        per_kind: &[],
        functions: &[("la_isnan", "({}.ne.{})")],
    },
];

/// Whether a MODULE of this name needs no code: its contents are known here.
pub(super) fn known(name: &str) -> bool {
    MODULES.iter().any(|module| module.name == name)
}

impl Module {
    fn constants(&self) -> Vec<Entity> {
        let constant = |(name, ty, value): (&str, &str, &str), fill: &dyn Fn(&str) -> String| {
            Entity::new(fill(name), fill(ty), What::Constant(fill(value)))
        };
        let own = self
            .constants
            .iter()
            .map(|row| constant(*row, &str::to_owned));
        let kinds = [("s", "4"), ("d", "8")].into_iter();
        let per_kind = kinds.flat_map(|(letter, kind)| {
            self.per_kind.iter().map(move |row| {
                constant(*row, &|text| {
                    text.replace("{l}", letter).replace("{k}", kind)
                })
            })
        });
        own.chain(per_kind).collect()
    }
}

/// The functions of a module, each as an expression of its argument.
type Functions = &'static [(&'static str, &'static str)];

/// What a module holds: one of the same file, one that was compiled before, or one whose contents
/// are known here. What a source says goes before what is known.
fn contents(name: &str, scope: &mut Scope) -> Option<(Vec<Entity>, Functions)> {
    let here = scope
        .facts
        .modules
        .iter()
        .find(|(module, _)| module == name);
    let compiled = match here {
        Some((_, constants)) => Some(constants.clone()),
        None => constants::find(name, scope.options, &mut scope.facts.lookups)
            .map(|(_, constants)| constants),
    };
    // A module whose contents are known only here is written without constants.
    let known = || MODULES.iter().find(|module| module.name == name);
    match compiled {
        Some(constants) if !constants.is_empty() => Some((constants, &[])),
        compiled => match known() {
            Some(module) => Some((module.constants(), module.functions)),
            None => compiled.map(|constants| (constants, EMPTY)),
        },
    }
}

const EMPTY: Functions = &[];

/// A local name, and the module's name for the same.
type Import = (String, String);

/// `use name, only: a, b => c`, understood.
struct Use {
    module: String,
    /// The names of the list, or the renamed ones.
    items: Vec<Import>,
    /// Nothing but the items is imported.
    only: bool,
}

/// The `.mod` files that a file's USE statements read, as gfortran's `-M` names them: those of modules
/// that no statement before them defines.
pub(crate) fn read_by(stmts: &[Stmt], options: &Options) -> Vec<Utf8PathBuf> {
    let mut defined = Vec::new();
    let mut files = Vec::new();
    for stmt in stmts {
        match stmt.kind {
            Kind::Module => defined.extend(stmt.tokens.first().map(|token| &token.text)),
            Kind::Use => {
                let name = module(&stmt.tokens).map(|(token, _)| &token.text);
                let elsewhere = name.filter(|name| !defined.contains(name));
                let found =
                    elsewhere.and_then(|name| constants::find(name, options, &mut Vec::new()));
                files.extend(found.map(|(path, _)| path));
            }
            _ => {}
        }
    }
    files
}

/// The name of the module in a USE statement, and what follows it.
fn module(tokens: &[Token]) -> Option<(&Token, &[Token])> {
    let colons = tokens.iter().position(|token| token.op("::"));
    tokens[colons.map_or(0, |at| at + 1)..].split_first()
}

/// Understands a USE statement; none for one that names more than names.
fn parts(tokens: &[Token]) -> Option<Use> {
    let (name, rest) = module(tokens)?;
    let module = name.text.clone();
    let only = rest
        .iter()
        .position(|token| token.name("only"))
        .map(|at| at + 2);
    let list = rest.get(only.unwrap_or(1)..).unwrap_or(&[]);
    let items: Option<Vec<Import>> = crate::lists::split_commas(list)
        .into_iter()
        .filter(|item| !item.is_empty())
        .map(|item| match item {
            [name] if only.is_some() => Some((name.text.clone(), name.text.clone())),
            [local, arrow, name] if arrow.op("=>") => Some((local.text.clone(), name.text.clone())),
            _ => None,
        })
        .collect();
    Some(Use {
        module,
        items: items?,
        only: only.is_some(),
    })
}

impl Use {
    /// What is imported of a module that has these names: without ONLY all of them, some renamed.
    fn imports(self, names: impl Iterator<Item = String>) -> Vec<Import> {
        let mut imports = self.items;
        if !self.only {
            let renamed: Vec<String> = imports.iter().map(|(_, name)| name.clone()).collect();
            let others = names.filter(|name| !renamed.contains(name));
            imports.extend(others.map(|name| (name.clone(), name)));
        }
        imports
    }
}

/// The type of a function's result, whose kind may be a constant of the module.
fn result_type(inner: &Unit, entities: &[Entity], options: &Options) -> Lowered<Option<String>> {
    let mut probe = inner.clone();
    let constants = entities.iter().filter_map(|entity| match &entity.what {
        What::Constant(value) => {
            let text = format!("{}, parameter :: {} = {value}", entity.ty, entity.name);
            Some(Stmt::parse(&text, inner.at()))
        }
        _ => None,
    });
    let rules = |stmt: &&Stmt| stmt.kind == Kind::Spec("implicit");
    let place = probe.spec.iter().take_while(rules).count();
    probe
        .spec
        .splice(place..place, constants.collect::<Vec<_>>());
    let Ok(table) = Table::of(&probe, options) else {
        return Ok(None);
    };
    let ty = inner.result().and_then(|result| table.type_of(result));
    ty.map(|ty| super::declared::result_declaration(inner, ty, &table))
        .transpose()
}

/// Takes a module apart: its variables into a BLOCK DATA, its procedures into external ones. What is
/// none of these comes back.
pub(super) fn apart(
    mut unit: Unit,
    entities: Vec<Entity>,
    scope_facts: &mut super::Facts,
    options: &Options,
) -> Lowered<Vec<Unit>> {
    let module = unit.name.clone();
    let at = unit.at();
    let mut entities = entities;
    let internal = std::mem::take(&mut unit.internal);
    let implicit = |stmt: &&Stmt| stmt.kind == Kind::Spec("implicit");
    let rules: Vec<Stmt> = unit.spec.iter().filter(implicit).cloned().collect();
    let mut procedures = Vec::new();
    for mut inner in internal {
        if !inner.spec.iter().any(|stmt| implicit(&stmt)) {
            inner.spec.splice(0..0, rules.iter().cloned());
        }
        let ty = match inner.function() {
            true => result_type(&inner, &entities, options)?,
            false => None,
        };
        if inner.function() && ty.is_none() {
            let message = format!("the type of '{}' is not known here", inner.name);
            let remedy = "declare it with a constant kind";
            return Err(crate::error::Refusal::new(
                inner.at(),
                "MODULE",
                message,
                remedy,
            ));
        }
        let ty = ty.unwrap_or_else(|| "subroutine".to_owned());
        entities.push(Entity::new(inner.name.clone(), ty, What::Procedure));
        let tokens = vec![Token::new(Tok::Name, inside(&module), at)];
        let place = inner.spec.iter().take_while(|stmt| implicit(stmt)).count();
        inner.spec.insert(place, Stmt::new(Kind::Use, tokens, at));
        procedures.push(inner);
    }
    let hidden = constants::hidden(&unit, &entities);
    let variables: Vec<&Entity> = entities
        .iter()
        .filter(|entity| matches!(entity.what, What::Variable(_)) && entity.home.is_none())
        .collect();
    let mut out = Vec::new();
    if !variables.is_empty() {
        for Entity { name, .. } in variables {
            let global = mangled(&module, name);
            let text = format!("common /{global}/ {name}");
            unit.spec.push(Stmt::parse(&text, at));
            let symbol = format!("__{module}_MOD_{name}");
            scope_facts.symbols.insert(global, symbol);
        }
        unit.spec.retain(|stmt| stmt.kind != Kind::Spec("save"));
        unit.name = mangled(&module, "data");
        let tokens = vec![Token::new(Tok::Name, unit.name.clone(), at)];
        unit.header = Some(Stmt::new(Kind::BlockData, tokens, at));
        out.push(unit);
    }
    for inner in &mut procedures {
        // Its own name is what its symbol is made of.
        let (old, new) = (inner.name.clone(), mangled(&module, &inner.name));
        rename(inner, &old, &new);
        let symbol = format!("__{module}_MOD_{old}");
        scope_facts.symbols.insert(new, symbol);
    }
    let open = entities
        .iter()
        .filter(|entity| !hidden.contains(&entity.name));
    let open = open.cloned().collect();
    scope_facts.modules.push((inside(&module), entities));
    scope_facts.modules.push((module, open));
    out.append(&mut procedures);
    Ok(out)
}

/// Replaces USE statements of a unit with such internal procedures; gives what they import, each with its
/// home.
pub(super) fn use_statements(scope: &mut Scope, internal: &[Unit]) -> Lowered<Vec<Entity>> {
    let mut imported: Vec<Entity> = Vec::new();
    let spec = std::mem::take(&mut scope.unit.spec);
    let mut functions = Vec::new();
    let mut renamed = Vec::new();
    let mut out = Vec::new();
    // What a procedure of a module declares for itself or contains hides the module's.
    let mut named = BTreeSet::new();
    for stmt in &mut scope.unit.body {
        stmt.each_token(&mut |token| {
            named.insert(token.text.clone());
        });
    }
    let mut own: Vec<String> = scope.unit.dummies();
    own.extend(spec.iter().flat_map(super::declared::declared));
    own.extend(internal.iter().map(|inner| inner.name.clone()));
    for stmt in spec {
        if stmt.kind != Kind::Use {
            out.push(stmt);
            continue;
        }
        let Some(used) = parts(&stmt.tokens) else {
            let message = format!("'{}' imports more than names", join(&stmt.tokens));
            return scope.refuse(stmt.at, "USE", message, "import constants by name");
        };
        let module = used.module.clone();
        let Some((constants, known)) = contents(&module, scope) else {
            let message = format!("module '{module}' is not known");
            let remedy = "compile its source before, and give the folder of its .mod file with \
                          -I or -J; modules of more than constants cannot be translated";
            return scope.refuse(stmt.at, "USE", message, remedy);
        };
        let names = constants.iter().map(|constant| constant.name.clone());
        let known_names = known.iter().map(|(name, _)| (*name).to_owned());
        for (local, name) in used.imports(names.chain(known_names)) {
            if let Some(constant) = constants.iter().find(|known| known.name == name) {
                if own.contains(&local) {
                    continue;
                }
                let Entity { ty, what, home, .. } = constant;
                let home = home.clone().unwrap_or_else(|| {
                    (module.trim_start_matches(INSIDE).to_owned(), name.clone())
                });
                let entity = Entity {
                    name: local.clone(),
                    home: Some(home.clone()).filter(|_| !matches!(what, What::Constant(_))),
                    ..constant.clone()
                };
                // The same on two ways.
                if imported.contains(&entity) {
                    continue;
                }
                let twin = imported.iter().find(|other| {
                    other.home == entity.home && matches!(other.what, What::Variable(_))
                });
                // One variable with two names has one here.
                if let Some(twin) = twin.filter(|_| entity.home.is_some()) {
                    renamed.push((local, twin.name.clone()));
                    continue;
                }
                imported.push(entity);
                let global = mangled(&home.0, &home.1);
                let texts = match what {
                    What::Constant(value) => vec![format!("{ty}, parameter :: {local} = {value}")],
                    What::Variable(dims) => vec![
                        format!("{ty} {local}{dims}"),
                        format!("common /{global}/ {local}"),
                    ],
                    // The procedure itself, and those that it does not use.
                    What::Procedure if scope.unit.name == global || !named.contains(&local) => {
                        continue;
                    }
                    What::Procedure => {
                        renamed.push((local, global.clone()));
                        let external = format!("external {global}");
                        match ty.as_str() {
                            "subroutine" => vec![external],
                            _ => vec![format!("{ty} {global}"), external],
                        }
                    }
                };
                if !matches!(what, What::Constant(_)) {
                    let symbol = format!("__{}_MOD_{}", home.0, home.1);
                    scope.facts.symbols.insert(global, symbol);
                }
                out.extend(texts.iter().map(|text| Stmt::parse(text, stmt.at)));
            } else if let Some((_, body)) = known.iter().find(|(f, _)| *f == name) {
                functions.push((local, *body));
            } else {
                let message = format!("module '{module}' has no '{name}'");
                return scope.refuse(stmt.at, "USE", message, "");
            }
        }
    }
    scope.unit.spec = out;
    for (local, global) in renamed {
        rename(&mut scope.unit, &local, &global);
    }
    if functions.is_empty() {
        return Ok(imported);
    }
    scope.rewrite_body(&mut |_, mut stmt, out| {
        let at = stmt.at;
        map_parts(&mut stmt, &mut |part| {
            let Expr::Ref(name, args) = &part else {
                return Ok(part);
            };
            let body = functions.iter().find(|(local, _)| local == name);
            let value = match (body, args.as_slice()) {
                (Some((_, body)), [Arg::Expr(arg)]) => {
                    let arg = arg.clone().wrapped().text();
                    parse(&lex_fragment(&body.replace("{}", &arg), at))
                }
                _ => None,
            };
            Ok(value.unwrap_or(part))
        })?;
        out.push(stmt);
        Ok(())
    })?;
    Ok(imported)
}
