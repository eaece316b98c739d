//! A wheel against the runtime it will be loaded into: what would fail there, found before anybody
//! loads it.
//!
//! Emscripten's loader gives an import of `env` the runtime's function of that name, and the
//! engine refuses the module if that is WebAssembly of another signature. A function the runtime
//! does not have is looked up when it is first called, in the module itself and the libraries it
//! is linked to. The address of a function or datum must be there at load.

use crate::body::{calls, names};
use crate::cause::Pair;
use crate::features::ENGINES;
use crate::pointers::{Unreached, unreached};
use crate::runtime::Runtime;
use crate::signature::{Signature, demangle};
use crate::slots;
use crate::unit::{Form, Origin, Role, Unit};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use wasmparser::Validator;

/// When a problem shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The module cannot be loaded.
    Load,
    /// The module is loaded, and a call fails if it is ever made.
    Call,
}

/// What is wrong with a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Fault {
    /// A function of another signature is there.
    Signature {
        /// As the module imports it.
        imported: Signature,
        /// As it is provided.
        provided: Signature,
        /// Who provides it.
        provider: String,
        /// Why they differ.
        why: String,
        /// What to change.
        change: String,
    },
    /// A function that nothing provides.
    MissingFunction {
        /// The functions that call it by name.
        callers: Vec<String>,
    },
    /// A function whose address is taken, or a datum, that nothing provides.
    MissingAddress,
    /// An exception tag that the runtime does not have.
    MissingTag,
    /// A function in a slot of a Python type that CPython calls otherwise.
    Slot {
        /// How CPython calls it.
        called: Signature,
        /// How it is defined.
        defined: Signature,
        /// The function, by name or number.
        function: String,
        /// What the slot or method is of, where that has a name.
        #[serde(skip_serializing_if = "Option::is_none")]
        holder: Option<String>,
    },
    /// A library that the module is linked to and no wheel contains.
    MissingLibrary,
    /// Imports from a module that is none of the loader's.
    ForeignImports,
    /// Not a side module.
    NotASideModule,
    /// The engine refuses it: damaged, or made for a feature of WebAssembly that is not there.
    Invalid {
        /// What is wrong.
        why: String,
    },
    /// A table of functions the runtime does not have.
    Table,
    /// Memory the runtime does not have.
    Memory {
        /// What the module asks.
        asks: &'static str,
    },
}

/// One problem of one module.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    /// The module.
    pub module: Origin,
    /// The symbol, library or feature.
    pub name: String,
    /// Its name in C++ or Rust.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demangled: Option<String>,
    /// When it shows.
    pub severity: Severity,
    /// What it is.
    #[serde(flatten)]
    pub fault: Fault,
}

/// Everything that was found in a wheel.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Audit {
    /// Modules looked at.
    pub modules: usize,
    /// Imports resolved.
    pub imports: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Functions that nothing known calls through a pointer: hints.
    pub unreached: Vec<Unreached>,
}

impl Audit {
    /// Whether a module cannot be loaded, or calls what is nowhere. The linker has left out what no
    /// path from the module's exports and tables leads to, so such a call has to be taken for one
    /// that is made.
    #[must_use]
    pub fn fails(&self) -> bool {
        let called = |fault: &Fault| matches!(fault, Fault::MissingFunction { callers } if !callers.is_empty());
        let mut problems = self.problems.iter();
        problems.any(|problem| problem.severity == Severity::Load || called(&problem.fault))
    }
}

impl Audit {
    /// Whether a module asks for a function, a datum or an address that nobody has, called or not.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        let missing =
            |fault: &Fault| matches!(fault, Fault::MissingFunction { .. } | Fault::MissingAddress);
        self.problems.iter().any(|problem| missing(&problem.fault))
    }
}

/// Holds modules against a runtime. `others` are the modules of the wheels they require.
#[must_use]
pub fn audit(modules: &[Unit], others: &[Unit], runtime: &Runtime) -> Audit {
    let libraries: HashMap<&str, &Unit> = others
        .iter()
        .chain(modules)
        .map(|unit| (file_name(&unit.origin), unit))
        .collect();
    let mut audit = Audit::default();
    for module in modules {
        let mut auditor = Auditor {
            module,
            runtime,
            libraries: &libraries,
            local: BTreeMap::new(),
            audit: &mut audit,
        };
        auditor.run();
    }
    audit.unreached = unreached(modules, others, runtime);
    audit
}

fn file_name(origin: &Origin) -> &str {
    let path = origin.member.as_deref().unwrap_or(origin.path.as_str());
    path.rsplit('/').next().unwrap_or(path)
}

struct Auditor<'a> {
    module: &'a Unit,
    runtime: &'a Runtime,
    libraries: &'a HashMap<&'a str, &'a Unit>,
    /// What the module itself and the libraries it is linked to define.
    local: BTreeMap<&'a str, (&'a Unit, Option<&'a Arc<Signature>>)>,
    audit: &'a mut Audit,
}

impl Auditor<'_> {
    fn run(&mut self) {
        self.audit.modules += 1;
        if self.module.form != Form::Module {
            let name = file_name(&self.module.origin).to_owned();
            return self.report(&name, Severity::Load, Fault::NotASideModule);
        }
        self.gather();
        for foreign in &self.module.foreign {
            self.report(foreign, Severity::Load, Fault::ForeignImports);
        }
        for tag in &self.module.tags {
            if !self.runtime.has(tag) {
                self.report(tag, Severity::Load, Fault::MissingTag);
            }
        }
        self.valid();
        self.memory();
        self.table();
        self.functions();
        self.addresses();
        self.slots();
    }

    /// Collects what the module and its libraries define, and theirs.
    fn gather(&mut self) {
        let mut waiting = vec![self.module];
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(unit) = waiting.pop() {
            for function in unit.definitions() {
                let here = (unit, Some(&function.signature));
                self.local.entry(&function.name).or_insert(here);
            }
            let data = unit.data.iter().filter(|datum| datum.role == Role::Defined);
            for datum in data {
                self.local.entry(&datum.name).or_insert((unit, None));
            }
            for needed in unit.dylink.iter().flat_map(|dylink| &dylink.needed) {
                match self.libraries.get(&**needed) {
                    Some(library) if seen.insert(needed) => waiting.push(library),
                    Some(_) => {}
                    None => self.report(needed, Severity::Load, Fault::MissingLibrary),
                }
            }
        }
    }

    fn functions(&mut self) {
        let mut missing = Vec::new();
        for function in self.module.needs() {
            self.audit.imports += 1;
            let name = &function.name;
            if let Some(provided) = self.runtime.checked(name) {
                self.compare(name, &function.signature, provided, "Pyodide", false);
            } else if self.runtime.has(name) {
                if let Some(stated) = self.runtime.stated(name) {
                    self.compare(name, &function.signature, stated, "Pyodide's script", true);
                }
            } else if let Some((unit, signature)) = self.local.get(&**name) {
                if let Some(provided) = signature
                    && unit.origin != self.module.origin
                {
                    let (provider, provided) = (unit.origin.to_string(), (*provided).clone());
                    self.compare(name, &function.signature, &provided, &provider, false);
                }
            } else if !function.weak {
                missing.push(function);
            }
        }
        if missing.is_empty() {
            return;
        }
        let numbers: Vec<u32> = missing.iter().map(|function| function.index).collect();
        let mut calls = calls(self.module, &numbers);
        for function in missing {
            let callers = calls.remove(&function.index).unwrap_or_default().callers;
            let fault = Fault::MissingFunction { callers };
            self.report(&function.name, Severity::Call, fault);
        }
    }

    /// Reports a difference. JavaScript takes arguments of any number and type, except that a
    /// module without BigInt splits integers that JavaScript then does not put together.
    fn compare(
        &mut self,
        name: &str,
        imported: &Signature,
        provided: &Signature,
        provider: &str,
        script: bool,
    ) {
        let pair = Pair {
            symbol: name,
            caller: imported,
            definition: provided,
            linked: true,
            character: None,
        };
        let rows = pair.explain();
        let legalised = rows
            .iter()
            .any(|row| row.cause == crate::cause::Cause::LegalisedI64);
        if rows.is_empty() || script && !legalised {
            return;
        }
        let join = |text: fn(&crate::cause::Row) -> &'static str| {
            let texts: Vec<&str> = rows.iter().map(|row| text(row)).collect();
            texts.join("; ")
        };
        let fault = Fault::Signature {
            imported: imported.clone(),
            provided: provided.clone(),
            provider: provider.to_owned(),
            why: join(|row| row.what),
            change: join(|row| row.change),
        };
        self.report(name, Severity::Load, fault);
    }

    fn addresses(&mut self) {
        let needed = self.module.data.iter();
        for datum in needed.filter(|datum| datum.role == Role::Needed) {
            self.audit.imports += 1;
            let name = &datum.name;
            let found = self.runtime.has(name) || self.local.contains_key(&**name);
            if !found && !datum.weak {
                self.report(name, Severity::Load, Fault::MissingAddress);
            }
        }
    }

    fn slots(&mut self) {
        let wrong = slots::wrong_slots(self.module);
        if wrong.is_empty() {
            return;
        }
        let names = names(self.module);
        for slot in wrong {
            let name = names.get(&slot.function);
            let plain = name.map(|name| demangle(name).unwrap_or_else(|| name.clone()));
            let fault = Fault::Slot {
                called: slot.called,
                defined: (*slot.defined).clone(),
                function: plain.unwrap_or_else(|| format!("function {}", slot.function)),
                holder: slot.holder,
            };
            self.report(&slot.slot, Severity::Call, fault);
        }
    }

    fn memory(&mut self) {
        let Some(memory) = self.module.memory else {
            return;
        };
        let most = self.runtime.memory.and_then(|memory| memory.maximum);
        let bounded = memory
            .maximum
            .zip(most)
            .is_some_and(|(asks, has)| asks < has);
        let faults = [
            (memory.shared, "memory shared between threads"),
            (memory.wide, "memory with 64-bit addresses"),
            (
                bounded,
                "memory that stays smaller than the runtime's may grow",
            ),
        ];
        for (_, asks) in faults.into_iter().filter(|(is, _)| *is) {
            self.report("memory", Severity::Load, Fault::Memory { asks });
        }
    }

    /// The engine validates a module before it loads it.
    fn valid(&mut self) {
        let mut validator = Validator::new_with_features(ENGINES);
        if let Err(error) = validator.validate_all(self.module.image.bytes()) {
            let why = error.message().to_owned();
            self.report("code", Severity::Load, Fault::Invalid { why });
        }
    }

    /// The table a module imports may not be larger than the one it gets, nor its limit lower.
    fn table(&mut self) {
        let (Some(asks), Some(has)) = (self.module.table, self.runtime.table) else {
            return;
        };
        let bounded = |most: u64| has.maximum.is_none_or(|maximum| most < maximum);
        let grows = has.maximum.is_none_or(|maximum| asks.initial <= maximum);
        if asks.maximum.is_some_and(bounded) || !grows {
            self.report("table", Severity::Load, Fault::Table);
        }
    }

    fn report(&mut self, name: &str, severity: Severity, fault: Fault) {
        self.audit.problems.push(Problem {
            module: self.module.origin.clone(),
            name: name.to_owned(),
            demangled: demangle(name),
            severity,
            fault,
        });
    }
}
