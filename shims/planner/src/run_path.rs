//! What linkers for ELF write into a module themselves, and wasm-ld cannot: its run path.

use crate::driver_call::DriverCall;
use crate::rewrite;
use std::ffi::OsString;
use toolcall::builtin::WriteRunPath;
use toolcall::plan::Step;

/// The step after a link that writes the run path it asks for into the module.
pub(crate) fn write(call: &DriverCall, module: impl FnOnce() -> OsString) -> Option<Step> {
    let paths = rewrite::run_path(&call.args);
    if paths.is_empty() || !call.command.job.makes_module() {
        return None;
    }
    let module = module();
    let run_path = WriteRunPath {
        module: module.clone(),
        in_place: false,
        paths,
    };
    Some(Step::built_in(run_path.argv(), vec![module]))
}
