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
    "__cpp_exception", "__errno_location", "__heap_base", "__indirect_function_table",
    "__memory_base", "__stack_pointer", "__table_base", "__wasm_longjmp", "_emscripten_stack_alloc",
    "_emscripten_stack_restore", "_initialize", "abort", "aligned_alloc", "calloc",
    "emscripten_builtin_free", "emscripten_builtin_malloc", "emscripten_builtin_memalign",
    "emscripten_stack_get_base", "emscripten_stack_get_current",
    "emscripten_stack_get_end", "emscripten_stack_get_free", "emscripten_stack_init", "exit",
    "fflush", "free",
    "getTempRet0", "htonl", "htons", "main", "malloc", "memalign", "memcpy", "memmove", "memory",
    "memset", "ntohs", "posix_memalign", "realloc", "setTempRet0", "setThrew", "stackAlloc",
    "stackRestore", "stackSave", "strerror", "strlen",
];

/// Settings that compiles know, beside those of ports, which begin with `USE_`; emcc warns of any other
/// in a compile. Sorted. Source: Emscripten's `tools/settings.py`.
#[rustfmt::skip]
const OF_COMPILES: &[&str] = &[
    "BULK_MEMORY", "DEFAULT_TO_CXX", "DISABLE_EXCEPTION_CATCHING", "DISABLE_EXCEPTION_THROWING",
    "EMSCRIPTEN_TRACING", "INLINING_LIMIT", "LINKABLE", "MAIN_MODULE", "MEMORY64", "PTHREADS",
    "RELOCATABLE", "SHARED_MEMORY", "SIDE_MODULE", "STRICT", "SUPPORT_LONGJMP",
    "WASM_LEGACY_EXCEPTIONS", "WASM_OBJECT_FILES", "WASM_WORKERS",
];

/// Whether a setting says something to a compile.
#[must_use]
pub fn concerns_compiles(name: &str) -> bool {
    name.starts_with("USE_") || OF_COMPILES.binary_search(&name).is_ok()
}

const WASM_EH: &str = "-fwasm-exceptions";
const JS_EH: &str = "-fexceptions";
const THROWN: &str = "the target's modules throw and catch, across each other too; code that never \
                      does says -fno-exceptions";
const THREADS: &str =
    "the memory of Pyodide 0.29 and 314 is of one thread, and every module shares it";
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
    decided("WASM_LEGACY_EXCEPTIONS", WASM_EH, &["1"], "Pyodide 0.29 and 314 and every module in them have exceptions of the older form, and the two do not catch each other's"),
    decided("WASM_WORKERS", "", &["0"], THREADS),
];

const ASYNCIFY: &str = "Pyodide 0.29 and 314 are linked without Asyncify, and a module with it asks them \
                        for its state; code that waits for JavaScript does so in Python";
const ITSELF: &str = "Pyodide is the main module, and this link makes a side module for it";
const BY_PYODIDE: &str =
    "a side module runs in Pyodide, which gives it its functions, and by itself nowhere";
const CONSTRUCTORS: &str = "a module's constructors are called when it is loaded, in the memory that it is \
                            given there, and emcc cannot run them before";
const GLUE: &str = "it writes into a program's JavaScript, and a side module has none";
const CASTS: &str = "Pyodide 0.29 and 314 are linked without it, and a function of the module's that they \
                     call through a pointer would have another signature";

/// The same for side modules alone; a program may have what it likes.
#[rustfmt::skip]
pub const OF_MODULES: &[Decided] = &[
    decided("ASYNCIFY", "", &["0"], ASYNCIFY),
    decided("EMBIND_AOT", "", &["0"], GLUE),
    decided("EMULATE_FUNCTION_POINTER_CASTS", "", &["0"], CASTS),
    decided("EVAL_CTORS", "", &["0"], CONSTRUCTORS),
    decided("JSPI", "", &["0"], ASYNCIFY),
    decided("MAIN_MODULE", "", &["0"], ITSELF),
    decided("PURE_WASI", "", &["0"], BY_PYODIDE),
    decided("RELOCATABLE", "", &["1"], "a side module has no place of its own before it is loaded"),
    decided("STANDALONE_WASM", "", &["0"], BY_PYODIDE),
    decided("WASM", "", &["1"], "Pyodide loads modules of WebAssembly, and no JavaScript in their place"),
];

/// Why a link that is asked for a module is not told that it makes none.
pub const A_SIDE_MODULE: &str =
    "Pyodide loads side modules, and -shared or the output's name asks for one";
