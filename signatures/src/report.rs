//! Findings for people.

use crate::audit::{Audit, Fault, Problem, Severity};
use crate::callbacks::Callback;
use crate::cause::Cause;
use crate::check::{Caller, Declared, Findings, Mismatch, MixedModels, Repair};
use std::fmt::{self, Display, Formatter};

/// How many callers, and functions of one, are named.
const SHOWN: usize = 4;

impl Display for Findings {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        for mismatch in &self.mismatches {
            mismatch.fmt(f)?;
        }
        for callback in &self.callbacks {
            callback.fmt(f)?;
        }
        for mixed in &self.models {
            mixed.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Callback {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "  is            {}", self.signature.declare(&self.name))?;
        writeln!(f, "    in {}", self.origin)?;
        writeln!(f, "  called as     {}", self.called.declare(&self.name))?;
        for caller in self.callers.iter().take(SHOWN) {
            writeln!(f, "    by {caller}")?;
        }
        writeln!(f, "  handed to     {}", self.handed_to.join(", "))?;
        repair(f, &self.repair)
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match &self.demangled {
            Some(name) => writeln!(f, "{name} [{}]", self.symbol)?,
            None => writeln!(f, "{}", self.symbol)?,
        }
        for definition in &self.definitions {
            self.place(f, "defined as", definition)?;
        }
        if let Some(reference) = &self.reference {
            self.place(f, "nobody defines it here; one caller has", reference)?;
        }
        for group in self.groups() {
            self.group(f, &group)?;
        }
        if self.agreeing > 0 && !self.definitions.is_empty() {
            writeln!(f, "  {} that agree", count(self.agreeing, "more caller"))?;
        }
        Ok(())
    }
}

impl Mismatch {
    /// Callers with one signature and one fate.
    fn groups(&self) -> Vec<Vec<&Caller>> {
        let mut groups: Vec<Vec<&Caller>> = Vec::new();
        for caller in &self.callers {
            let alike = |group: &&mut Vec<&Caller>| {
                let key = |caller: &Caller| {
                    let signature = caller.declared.signature.clone();
                    (signature, caller.direct, caller.repair.clone())
                };
                key(group[0]) == key(caller)
            };
            match groups.iter_mut().find(alike) {
                Some(group) => group.push(caller),
                None => groups.push(vec![caller]),
            }
        }
        groups
    }

    fn place(&self, f: &mut Formatter, how: &str, declared: &Declared) -> fmt::Result {
        writeln!(f, "  {how}  {}", declared.signature.declare(&self.symbol))?;
        origin(f, declared, &[])
    }

    fn group(&self, f: &mut Formatter, callers: &[&Caller]) -> fmt::Result {
        let first = callers[0];
        let words = first.declared.signature.declare(&self.symbol);
        let how = if first.direct {
            "called as  "
        } else {
            "pointed to as"
        };
        writeln!(f, "  {how} {words}")?;
        for caller in callers.iter().take(SHOWN) {
            origin(f, &caller.declared, &caller.functions)?;
        }
        if callers.len() > SHOWN {
            writeln!(f, "    and {}", count(callers.len() - SHOWN, "more file"))?;
        }
        for row in first.causes.iter().filter_map(|cause: &Cause| cause.row()) {
            writeln!(f, "  because     {}", row.what)?;
            writeln!(f, "  change      {}", row.change)?;
        }
        repair(f, &first.repair)
    }
}

fn repair(f: &mut Formatter, repair: &Repair) -> fmt::Result {
    match repair {
        Repair::Safe {
            reason,
            proved: true,
            ..
        } => writeln!(
            f,
            "  repair      links bridge it, but with EMSHIM_REPAIR=0: {reason}"
        ),
        Repair::Safe { reason, .. } => {
            writeln!(f, "  repair      EMSHIM_REPAIR=1 bridges it: {reason}")
        }
        Repair::Refused(reason) => writeln!(f, "  no repair   {reason}"),
    }
}

fn origin(f: &mut Formatter, declared: &Declared, functions: &[String]) -> fmt::Result {
    write!(f, "    in {}", declared.origin)?;
    let by: Vec<&str> = functions.iter().take(SHOWN).map(String::as_str).collect();
    if !by.is_empty() {
        write!(f, ", by {}", by.join(", "))?;
    }
    if functions.len() > SHOWN {
        write!(
            f,
            " and {}",
            count(functions.len() - SHOWN, "more function")
        )?;
    }
    writeln!(f)?;
    let Some(made) = &declared.made else {
        return Ok(());
    };
    match (&made.source, made.line) {
        (Some(source), Some(line)) => writeln!(f, "      source {source}:{line}")?,
        (Some(source), None) => writeln!(f, "      source {source}")?,
        (None, _) => {}
    }
    writeln!(f, "      made by {} (in {})", made.command, made.folder)
}

impl Display for MixedModels {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let list = |f: &mut Formatter, model: crate::unit::Model, units: &[crate::unit::Origin]| {
            writeln!(f, "  {}", model.flag())?;
            for unit in units.iter().take(SHOWN) {
                writeln!(f, "    in {unit}")?;
            }
            if units.len() > SHOWN {
                writeln!(f, "    and {}", count(units.len() - SHOWN, "more file"))?;
            }
            Ok(())
        };
        writeln!(f, "exception or longjmp models are mixed")?;
        list(f, self.model, &self.units)?;
        list(f, self.opposite, &self.opposed)?;
        writeln!(
            f,
            "  change      compile all of it with {}",
            self.opposite.flag()
        )
    }
}

/// `1 more file`, `2 more files`.
#[must_use]
pub fn count(n: usize, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

impl Display for Audit {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let mut module = None;
        for problem in &self.problems {
            if module != Some(&problem.module) {
                writeln!(f, "{}", problem.module)?;
                module = Some(&problem.module);
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let name = match &self.demangled {
            Some(words) => format!("{words} [{}]", self.name),
            None => self.name.clone(),
        };
        let when = match self.severity {
            Severity::Load => "does not load",
            Severity::Call => "fails when called",
        };
        write!(f, "  {when}: {name}")?;
        let (what, change) = match &self.fault {
            Fault::Signature {
                imported,
                provided,
                provider,
                why,
                change,
            } => {
                writeln!(f)?;
                writeln!(f, "    imported as {}", imported.declare(&self.name))?;
                writeln!(f, "    {provider} has {}", provided.declare(&self.name))?;
                writeln!(f, "    because     {why}")?;
                return writeln!(f, "    change      {change}");
            }
            Fault::MissingFunction { callers } => {
                writeln!(
                    f,
                    "\n    because     nothing the module is linked to defines this function, nor \
                     does Pyodide"
                )?;
                if !callers.is_empty() {
                    let by: Vec<&str> = callers.iter().take(SHOWN).map(String::as_str).collect();
                    write!(f, "    called by   {}", by.join(", "))?;
                    if callers.len() > SHOWN {
                        write!(f, " and {}", count(callers.len() - SHOWN, "more function"))?;
                    }
                    writeln!(
                        f,
                        ": a path leads there from the module's exports or tables, or the linker \
                         would have left it out; only who knows that it is never taken may go on"
                    )?;
                }
                return writeln!(
                    f,
                    "    change      link what defines it, or leave the call out"
                );
            }
            Fault::MissingAddress => (
                "nothing the module is linked to defines this, nor does Pyodide",
                "link what defines it",
            ),
            Fault::MissingTag => (
                "this release of Pyodide has another exception model",
                "compile and link with the flags of its ABI; `emshim env` has them",
            ),
            Fault::MissingLibrary => (
                "the module is linked to this library, which neither the wheel nor what it requires brings",
                "put the library into the wheel (`emshim wheel repair` does), or link it statically",
            ),
            Fault::ForeignImports => (
                "functions are imported from this module, which no loader of Python modules provides",
                "build for the target wasm32-unknown-emscripten",
            ),
            Fault::NotASideModule => (
                "this is WebAssembly and no side module",
                "link it with -shared through emshim, or with -sSIDE_MODULE",
            ),
            Fault::Slot {
                called,
                defined,
                function,
                holder,
            } => {
                if let Some(holder) = holder {
                    write!(f, " of {holder}")?;
                }
                let defined = defined.declare(&self.name);
                writeln!(f, "\n    in the slot is {function}: {defined}")?;
                writeln!(f, "    CPython calls  {}", called.declare(&self.name))?;
                return writeln!(f, "    change      give the function the type of the slot");
            }
            Fault::Invalid { why } => {
                writeln!(f, "\n    because     the engine refuses the module: {why}")?;
                return writeln!(
                    f,
                    "    change      build it again, without flags for features that not all \
                     browsers have, such as -mrelaxed-simd"
                );
            }
            Fault::Table => (
                "the module's table of functions has a limit, and Pyodide's grows beyond it",
                "link it as a side module: emcc sets no limit then",
            ),
            Fault::Memory { asks } => {
                writeln!(f, "\n    because     the module asks for {asks}")?;
                return writeln!(
                    f,
                    "    change      compile and link without -pthread and -m64"
                );
            }
        };
        writeln!(f, "\n    because     {what}\n    change      {change}")
    }
}
