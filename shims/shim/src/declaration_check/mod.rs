//! A compile held against what its build has defined before: a declaration that contradicts a
//! definition is told at once, not only by the link.
//!
//! Objects state the signatures of what they call and define, so that nothing is compiled for it. A
//! build is what `EMSHIM_BUILD` names: calls without it may belong to anything. Probes take no
//! part: their declarations are made up, and some fail by any word on stderr.

mod definitions;

use camino::Utf8Path;
use definitions::{Definitions, Key, Object};
use planner::prepare::Prepared;
use planner::settings::Recording;
use signatures::check::{Caller, Declared, Mismatch, check};
use signatures::read::{Binary, read};
use signatures::unit::{Form, Role, Unit};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write as _;
use steps::provenance;
use toolcall::invocation::Invocation;
use toolcall::job::Job;
use toolcall::outcome::Outcome;
use toolcall::sources;
use toolcall::variables::BUILD;

/// The warnings about what a call has compiled, in the form of clang's. What cannot be read or
/// noted gives none: the link checks again.
#[must_use]
pub fn find(invocation: &Invocation, prepared: &Prepared, outcome: &Outcome) -> Vec<String> {
    let plan = &prepared.plan;
    let settings = &prepared.settings;
    let Some(build) = invocation.env.text(BUILD) else {
        return Vec::new();
    };
    if plan.job != Job::Compile
        || !outcome.exit.is_success()
        || settings.recording == Recording::Off
        || plan.probe
    {
        return Vec::new();
    }
    let definitions = Definitions::of(&invocation.cwd.join(&settings.log), build);
    let outputs = plan.steps.iter().flat_map(|step| &step.outputs);
    let compiled = outputs.filter_map(|output| Compiled::read(invocation, prepared, output));
    let warnings = compiled.flat_map(|compiled| compiled.compare(&definitions));
    warnings.collect()
}

/// Prints warnings on stderr, unless the setting or `-w` is against it.
pub fn tell(warnings: &[String], prepared: &Prepared) {
    let silent = prepared.expanded.args.iter().any(|word| word == "-w");
    if silent || !prepared.settings.warn_signatures {
        return;
    }
    for warning in warnings {
        // Ignore EPIPE: stderr may be closed, and the record has the warning.
        let _ = writeln!(std::io::stderr(), "{warning}");
    }
}

/// An object that the call made.
struct Compiled<'a> {
    unit: Unit,
    object: Object,
    cwd: &'a Utf8Path,
}

impl<'a> Compiled<'a> {
    fn read(invocation: &'a Invocation, prepared: &Prepared, output: &OsStr) -> Option<Self> {
        let cwd = Utf8Path::from_path(&invocation.cwd)?;
        let absolute = |path: &OsStr| Some(cwd.join(path.to_str()?));
        let path = absolute(output)?;
        // The reading end of a pipe that this process writes to never ends.
        if !path.is_file() {
            return None;
        }
        let source = sources::source_of(output, &prepared.plan.inputs);
        let source = source.and_then(|source| absolute(source));
        match read(&path) {
            Ok(Binary::Unit(unit)) if unit.form == Form::Object => Some(Self {
                unit: *unit,
                object: Object { path, source },
                cwd,
            }),
            _ => None,
        }
    }

    /// Compares what the object needs with what there is, then adds what it defines.
    fn compare(self, definitions: &Definitions) -> Vec<String> {
        let needs: Vec<Key> = self.unit.needs().map(Key::of).collect();
        let defines: Vec<Key> = self
            .unit
            .definitions()
            // One of several, of which a link takes any: C++ makes them in every object.
            .filter(|function| !function.weak)
            .map(Key::of)
            .collect();
        let suspects = if needs.is_empty() {
            Ok(BTreeSet::new())
        } else {
            definitions.otherwise(&needs)
        };
        if !defines.is_empty() {
            let _ = definitions.add(&self.object, &defines);
        }
        self.contradicted(suspects.unwrap_or_default())
    }

    /// What the objects, as they are now, define otherwise than this one calls it.
    fn contradicted(self, suspects: BTreeSet<Object>) -> Vec<String> {
        let mut objects = vec![self.object];
        let mut units = vec![self.unit];
        for object in suspects {
            if object.path != objects[0].path
                && let Ok(Binary::Unit(unit)) = read(&object.path)
            {
                units.push(*unit);
                objects.push(object);
            }
        }
        if units.len() == 1 {
            return Vec::new();
        }
        let findings = check(&units);
        let place = Place {
            objects: &objects,
            cwd: self.cwd,
        };
        let warnings = findings.mismatches.iter().flat_map(|mismatch| {
            let callers = mismatch.callers.iter();
            let own = callers.filter(|caller| caller.declared.unit == 0 && caller.direct);
            own.filter_map(|caller| place.warning(mismatch, caller))
        });
        warnings.collect()
    }
}

/// Where objects come from.
struct Place<'a> {
    objects: &'a [Object],
    cwd: &'a Utf8Path,
}

impl Place<'_> {
    fn warning(&self, mismatch: &Mismatch, caller: &Caller) -> Option<String> {
        let symbol = &mismatch.symbol;
        let definition = mismatch.definitions.first()?;
        let here = self.of(&caller.declared, symbol, Role::Needed);
        let there = self.of(definition, symbol, Role::Defined);
        let named = mismatch.demangled.as_ref().unwrap_or(symbol);
        let called = caller.declared.signature.declare(symbol);
        let defined = definition.signature.declare(symbol);
        let rows = caller.causes.iter().filter_map(|cause| cause.row());
        let why: Vec<&str> = rows.flat_map(|row| [row.what, row.change]).collect();
        Some(format!(
            "{here}: warning: '{named}' is called as '{called}', but {there} defines it as \
             '{defined}': linked together, such a call traps: {} [EMSHIM_SIGNATURES=quiet silences this]",
            why.join("; ")
        ))
    }

    /// The source and line, or the object where the source is not known.
    fn of(&self, declared: &Declared, symbol: &str, role: Role) -> String {
        let object = &self.objects[declared.unit];
        let short = |path: &Utf8Path| path.strip_prefix(self.cwd).unwrap_or(path).to_string();
        let Some(source) = &object.source else {
            return short(&object.path);
        };
        match provenance::line(source.as_std_path(), symbol, role) {
            Some(line) => format!("{}:{line}", short(source)),
            None => short(source),
        }
    }
}
