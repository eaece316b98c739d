//! What holds for any input: the argument parser, the response-file reader, plans.

use emshim_tests::fake::config;
use flags::parse::{Arg, Dashes, parse};
use flags::rules::Rule;
use flags::tables::{self, compiler, fortran, linker};
use planner::expand;
use planner::files::Files;
use planner::prepare::plan_for;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use toolcall::decision::Action;
use toolcall::invocation::Expanded;
use toolcall::invocation::{Env, Invocation};
use toolcall::plan::Plan;
use toolcall::tool::link_names;

/// A word of any bytes that an argument can have: all but NUL.
fn any_word() -> impl Strategy<Value = OsString> {
    prop::collection::vec(1u8..=255, 0..12).prop_map(OsString::from_vec)
}

/// A word that has to do with a rule: its name, its name and more, or a part of it.
fn near(table: &'static [Rule], dashes: &'static str) -> impl Strategy<Value = OsString> {
    let value = prop_oneof![
        Just(String::new()),
        Just("=".to_owned()),
        "[a-z.=,/0-9@-]{0,9}"
    ];
    (prop::sample::select(table), value, 0usize..3).prop_map(move |(rule, value, cut)| {
        let name = &rule.name[..rule.name.len().saturating_sub(cut)];
        format!("{dashes}{name}{value}").into()
    })
}

fn file_name() -> impl Strategy<Value = OsString> {
    let suffix =
        prop::sample::select(&["c", "cpp", "C", "o", "a", "so", "so.1", "s", "h", "in"][..]);
    ("[a-z]{1,4}", suffix).prop_map(|(stem, suffix)| format!("{stem}.{suffix}").into())
}

fn command_line() -> impl Strategy<Value = Vec<OsString>> {
    let word = prop_oneof![
        4 => near(compiler::RULES, ""),
        1 => near(fortran::RULES, ""),
        2 => near(linker::RULES, "-Wl,--"),
        3 => file_name(),
        1 => any_word(),
        1 => Just(OsString::from("-c")),
        1 => Just(OsString::from("-shared")),
    ];
    prop::collection::vec(word, 0..14)
}

struct Memory(BTreeMap<PathBuf, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }
    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
    fn is_other_program(&self, path: &Path) -> bool {
        path.starts_with("/usr/bin")
    }
}

fn planned(name: &str, args: &[OsString], cxxflags: bool) -> Plan {
    let mut config = config();
    config.cxxflags = if cxxflags {
        vec!["-DCXX".to_owned()]
    } else {
        Vec::new()
    };
    let invocation = Invocation {
        name: name.to_owned(),
        args: args.to_vec(),
        env: Env::new([("PATH".into(), "/usr/bin".into())]),
        cwd: "/src".into(),
        shim_dir: "/shims".into(),
    };
    let files = Memory(BTreeMap::new());
    plan_for(&config, &invocation, &files, Path::new("/scratch"))
        .expect("a plan")
        .plan
}

fn words_of(args: &[Arg]) -> Vec<OsString> {
    args.iter()
        .flat_map(|arg| arg.words.iter().cloned())
        .collect()
}

proptest! {
    #[test]
    fn parsing_loses_nothing_and_reorders_nothing(words in command_line()) {
        for (table, dashes) in [(tables::DRIVER, Dashes::Named), (tables::LINKER, Dashes::Bare)] {
            prop_assert_eq!(words_of(&parse(table, dashes, &words)), words.clone());
        }
    }

    #[test]
    fn parsing_takes_any_bytes(words in prop::collection::vec(any_word(), 0..20)) {
        for (table, dashes) in [(tables::DRIVER, Dashes::Named), (tables::LINKER, Dashes::Bare)] {
            let args = parse(table, dashes, &words);
            prop_assert_eq!(words_of(&args), words.clone());
            prop_assert!(args.iter().all(|arg| (1..=2).contains(&arg.words.len())));
        }
    }

    #[test]
    fn any_command_line_of_any_tool_has_a_plan(
        name in prop::sample::select(link_names().collect::<Vec<_>>()),
        args in command_line(),
        cxxflags in any::<bool>(),
    ) {
        let plan = planned(&name, &args, cxxflags);
        prop_assert_eq!(&plan, &planned(&name, &args, cxxflags), "planning is pure");
        prop_assert!(plan.steps.iter().all(|step| !step.argv.is_empty()));
        prop_assert!(plan.refusal.is_none() || plan.steps.is_empty());
        for decision in &plan.decisions {
            let reasoned = decision.action == Action::Keep || decision.reason.is_some();
            prop_assert!(reasoned, "{decision:?} has no reason");
        }
    }

    #[test]
    fn what_is_kept_stays_in_order(args in command_line()) {
        let mut args = args;
        args.insert(0, "-c".into());
        let plan = planned("gcc", &args, false);
        let Some(step) = plan.steps.iter().find(|_| plan.steps.len() == 1) else {
            return Ok(());
        };
        // Each input that is left stands where it stood among the others.
        let inputs: Vec<_> = plan.inputs.iter().collect();
        // A value may look like an input, by itself or joined to its option, and stands apart from them.
        let ends = |input: &[u8]| args.iter().filter(|arg| arg.as_bytes().ends_with(input)).count();
        if inputs.iter().any(|input| ends(input.as_bytes()) > 1) {
            return Ok(());
        }
        let left = step.argv[1..].iter().filter(|word| inputs.contains(word));
        let mut expected = inputs.iter();
        for word in left {
            prop_assert!(expected.any(|input| input == &word), "{word:?} of {inputs:?}");
        }
    }

    #[test]
    fn quoted_words_are_read_back(words in prop::collection::vec(any_word(), 0..12)) {
        prop_assert_eq!(expand::split(&expand::quote(&words)), words);
    }

    #[test]
    fn response_files_of_any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let words = expand::split(&bytes);
        let length: usize = words.iter().map(|word| word.len()).sum();
        prop_assert!(length <= bytes.len(), "no byte appears from nowhere");
    }

    #[test]
    fn expanding_ends_and_keeps_what_is_no_file(
        words in prop::collection::vec(any_word(), 0..8),
        inside in prop::collection::vec(any_word(), 0..8),
    ) {
        let names_file = |word: &OsString| {
            let text = word.to_string_lossy();
            text.starts_with('@') || text.starts_with("-Wl,@")
        };
        prop_assume!(!words.iter().any(names_file));
        let file = expand::quote(&inside);
        let files = Memory(BTreeMap::from([(PathBuf::from("/src/f"), file)]));
        let mut args = words.clone();
        args.push("@f".into());
        let Ok(Expanded { args: expanded, files: read, .. }) =
            expand::expand(&args, Path::new("/src"), &files)
        else {
            // Only a file that names itself has no end.
            prop_assert!(inside.iter().any(|word| word == "@f" || word == "-Wl,@f"));
            return Ok(());
        };
        prop_assert_eq!(&expanded[..words.len()], &words[..]);
        prop_assert!(!read.is_empty());
    }
}
