//! Settings of emcc that the target decides, by a flag of its own or because there is one kind of it.

/// What the target says of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The setting.
    pub name: &'static str,
    /// The flag among the target's own that decides it; empty where every target does.
    pub by: &'static str,
    /// The values that mean what the target says.
    pub same: &'static [&'static str],
    /// Why no other value can be.
    pub why: &'static str,
}

const fn decided(
    name: &'static str,
    by: &'static str,
    same: &'static [&'static str],
    why: &'static str,
) -> Decided {
    Decided {
        name,
        by,
        same,
        why,
    }
}

/// What Pyodide's main module has and no side module defines, as export lists of programs name it.
/// Sorted.
#[rustfmt::skip]
pub const OF_MAIN_MODULE: &[&str] = &[
    "__cpp_exception", "__heap_base", "__indirect_function_table", "__memory_base", "__stack_pointer",
    "__table_base", "__wasm_longjmp", "_emscripten_stack_alloc", "_emscripten_stack_restore",
    "aligned_alloc", "calloc", "emscripten_builtin_free", "emscripten_builtin_malloc",
    "emscripten_builtin_memalign", "emscripten_stack_get_base", "emscripten_stack_get_current",
    "emscripten_stack_get_end", "emscripten_stack_get_free", "emscripten_stack_init", "fflush", "free",
    "getTempRet0", "htonl", "htons", "main", "malloc", "memalign", "memcpy", "memmove", "memory",
    "memset", "ntohs", "posix_memalign", "realloc", "setTempRet0", "setThrew", "stackAlloc",
    "stackRestore", "stackSave", "strerror",
];

const WASM_EH: &str = "-fwasm-exceptions";
const JS_EH: &str = "-fexceptions";
const THROWN: &str = "the target's modules throw and catch, across each other too; code that never \
                      does says -fno-exceptions";
const THREADS: &str = "Pyodide's memory is of one thread, and every module shares it";
const BITS: &str = "Pyodide is wasm32, and so is every module in it";

/// Sorted. Source: Emscripten's `src/settings.js` and `tools/link.py`, which refuse or override such
/// settings beside the flags.
#[rustfmt::skip]
pub const DECIDED: &[Decided] = &[
    decided("DISABLE_EXCEPTION_CATCHING", JS_EH, &["0"], THROWN),
    decided("DISABLE_EXCEPTION_CATCHING", WASM_EH, &["0"], THROWN),
    decided("DISABLE_EXCEPTION_THROWING", JS_EH, &["0"], THROWN),
    decided("DISABLE_EXCEPTION_THROWING", WASM_EH, &["0"], THROWN),
    decided("MEMORY64", "", &["0"], BITS),
    decided("PTHREADS", "", &["0"], THREADS),
    decided("SHARED_MEMORY", "", &["0"], THREADS),
    decided("USE_PTHREADS", "", &["0"], THREADS),
    decided("WASM_LEGACY_EXCEPTIONS", WASM_EH, &["1"], "Pyodide and every module in it have exceptions of the older form, and the two do not catch each other's"),
    decided("WASM_WORKERS", "", &["0"], THREADS),
];
