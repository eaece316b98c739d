//! The steps before a link that put other files in the place of its inputs.

use crate::driver_call::DriverCall;
use crate::rewrite;
use crate::settings::{Recording, Repairs};
use flags::classify;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use toolcall::builtin::{BindSymbols, CheckLink, ShareSymbols};
use toolcall::os_str;
use toolcall::plan::Step;

/// Objects made by the command itself, by the place of their sources.
pub(crate) type Objects = BTreeMap<usize, OsString>;

/// Adds them; gives the response file that stands for the words that name the inputs.
pub(crate) fn prepare(
    call: &DriverCall,
    shared: bool,
    listed: bool,
    steps: &mut Vec<Step>,
    objects: &Objects,
) -> Option<OsString> {
    let module = call.command.job.makes_module();
    let mut inputs = None;
    if module || is_program_of_objects(call, objects) {
        inputs = check_signatures(call, module && !listed, steps, objects);
    }
    if module || shared && !call.is_probe {
        inputs = Some(share(call, inputs, steps, objects));
    }
    if module {
        inputs = Some(bind(call, inputs, listed, steps, objects));
    }
    inputs
}

/// Whether it makes a program, and what it links is there to be read: sources of one language are
/// compiled by emcc as it links. A build system's probes are left to the linker.
fn is_program_of_objects(call: &DriverCall, objects: &Objects) -> bool {
    let inputs = &call.command.inputs;
    call.makes_program()
        && !inputs.is_empty()
        && (!objects.is_empty() || call.command.sources().next().is_none())
        && !call.is_probe
}

/// Adds the step that compares the signatures of what is linked; with repairs, gives the response
/// file that stands for the words it was told. Without a list of exports emcc links archives whole,
/// unless told otherwise.
fn check_signatures(
    call: &DriverCall,
    unlisted: bool,
    steps: &mut Vec<Step>,
    objects: &Objects,
) -> Option<OsString> {
    let context = call.context;
    let undone = |word: &OsString| word.to_string_lossy().contains("--no-fatal-warnings");
    let mut given = call.pieces.iter().flat_map(|piece| &piece.words);
    // A program is linked all the same, as wasm-ld does it.
    let warn =
        call.makes_program() || given.any(undone) || context.settings.ldflags.iter().any(undone);
    let repairs = context.settings.repairs;
    let repair = (repairs != Repairs::None).then(|| context.work_dir.to_owned());
    let outputs = repair.iter().flat_map(|folder| {
        let files = [CheckLink::list(folder), CheckLink::reasons(folder)];
        files.map(PathBuf::into_os_string)
    });
    let outputs: Vec<OsString> = outputs.collect();
    let list = outputs.first().cloned();
    let recorded = context.settings.recording != Recording::Off;
    let setting = |name: &str| classify::setting(&call.args, name);
    let listed =
        setting("EXPORTED_FUNCTIONS").is_some() || setting("SIDE_MODULE") == Some("2".into());
    let check = CheckLink {
        warn,
        whole: unlisted && !listed,
        log: recorded.then(|| context.settings.log.clone()),
        repair,
        by_rules: repairs == Repairs::ByRules,
        words: named(call, objects),
    };
    steps.push(Step::built_in(check.argv(), outputs));
    list
}

/// Adds the step by which a module uses its own symbols; gives the response file that stands for the
/// words that it, or the list of a step before it, was told.
fn bind(
    call: &DriverCall,
    before: Option<OsString>,
    has_list: bool,
    steps: &mut Vec<Step>,
    objects: &Objects,
) -> OsString {
    let folder = call.context.work_dir;
    let list = folder.join("inputs").into_os_string();
    let given = |name: &str| classify::setting(&call.args, name);
    let listed = has_list
        || given("EXPORTED_FUNCTIONS").is_some()
        || given("SIDE_MODULE") == Some("2".into());
    let step = BindSymbols {
        list: list.clone(),
        copies: folder.to_owned(),
        nm: call.context.llvm("llvm-nm"),
        export_all: !listed,
        words: words(call, before, objects),
    };
    steps.push(Step::built_in(step.argv(), vec![list.clone()]));
    list
}

/// Adds the step by which variables that a shared library has too are the library's.
fn share(
    call: &DriverCall,
    before: Option<OsString>,
    steps: &mut Vec<Step>,
    objects: &Objects,
) -> OsString {
    let folder = call.context.work_dir;
    let list = folder.join("shared").into_os_string();
    let step = ShareSymbols {
        list: list.clone(),
        copies: folder.to_owned(),
        program: call.makes_program(),
        words: words(call, before, objects),
    };
    steps.push(Step::built_in(step.argv(), vec![list.clone()]));
    list
}

/// The words of a step: the response file of the one before, if there is one.
fn words(call: &DriverCall, before: Option<OsString>, objects: &Objects) -> Vec<OsString> {
    match before {
        Some(list) => vec![os_str::joined("@", &list)],
        None => named(call, objects),
    }
}

/// The words that name what the link draws from, as they stand in it, our own objects in the place
/// of sources.
fn named(call: &DriverCall, objects: &Objects) -> Vec<OsString> {
    let pieces = call.pieces.iter().enumerate();
    let words = pieces.flat_map(|(at, piece)| match objects.get(&at) {
        Some(object) => vec![object.clone()],
        None if is_drawn(&piece.words) => piece.words.clone(),
        None => Vec::new(),
    });
    words.collect()
}

/// Whether words name something that the link draws from.
pub(crate) fn is_drawn(words: &[OsString]) -> bool {
    !rewrite::drawn_from(words).is_empty()
}
