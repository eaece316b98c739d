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

/// What Pyodide's main module has and no side module defines, as export lists of programs name it:
/// the runtime's own names, the linker's, and what the C standard keeps for its library, so that no
/// module can mean one of its own. Sorted.
#[rustfmt::skip]
pub const OF_MAIN_MODULE: &[&str] = &[
    "_Unwind_DeleteException", "_Unwind_RaiseException", "_ZdaPv", "_ZdlPv", "_Znam", "_Znwm",
    "__cpp_exception", "__cxa_allocate_exception", "__cxa_atexit", "__cxa_begin_catch",
    "__cxa_can_catch", "__cxa_current_primary_exception", "__cxa_decrement_exception_refcount",
    "__cxa_demangle", "__cxa_end_catch", "__cxa_free_exception", "__cxa_get_exception_ptr",
    "__cxa_increment_exception_refcount", "__cxa_is_pointer_type", "__cxa_rethrow", "__cxa_throw",
    "__data_end", "__dl_seterr", "__dso_handle", "__errno_location", "__funcs_on_exit",
    "__get_exception_message", "__global_base", "__gxx_personality_wasm0", "__heap_base",
    "__heap_end", "__indirect_function_table", "__memory_base", "__stack_pointer", "__table_base",
    "__thrown_object_from_unwind_exception", "__wasm_longjmp", "__wasm_setjmp",
    "__wasm_setjmp_test", "_emscripten_stack_alloc", "_emscripten_stack_restore",
    "_emscripten_timeout", "_initialize", "abort", "abs", "acos", "aligned_alloc", "asin", "atan",
    "atan2", "atexit", "atof", "atoi", "atol", "bsearch", "calloc", "ceil", "clearerr", "clock",
    "cos", "cosh", "difftime", "div", "emscripten_builtin_calloc", "emscripten_builtin_free",
    "emscripten_builtin_malloc", "emscripten_builtin_memalign", "emscripten_builtin_realloc",
    "emscripten_dlopen", "emscripten_get_heap_size", "emscripten_get_sbrk_ptr",
    "emscripten_main_thread_process_queued_calls", "emscripten_stack_get_base",
    "emscripten_stack_get_current", "emscripten_stack_get_end", "emscripten_stack_get_free",
    "emscripten_stack_init", "emscripten_stack_set_limits", "exit", "exp", "fabs", "fclose", "feof",
    "ferror", "fflush", "fgetc", "fgets", "floor", "fmod", "fopen", "fprintf", "fputc", "fputs",
    "fread", "free", "freopen", "frexp", "fscanf", "fseek", "ftell", "fwrite", "getTempRet0",
    "getc", "getchar", "getenv", "gmtime", "htonl", "htons", "isalnum", "isalpha", "iscntrl",
    "isdigit", "isgraph", "islower", "isprint", "ispunct", "isspace", "isupper", "isxdigit", "labs",
    "ldexp", "ldiv", "localtime", "log", "log10", "main", "malloc", "memalign", "memchr", "memcmp",
    "memcpy", "memmove", "memory", "memset", "mktime", "modf", "ntohl", "ntohs", "perror",
    "posix_memalign", "pow", "printf", "pthread_create", "pthread_self", "putc", "putchar", "puts",
    "qsort", "raise", "rand", "realloc", "remove", "rename", "rewind", "sbrk", "scanf",
    "setTempRet0", "setThrew", "setbuf", "setlocale", "setvbuf", "signal", "sin", "sinh",
    "snprintf", "sprintf", "sqrt", "srand", "sscanf", "stackAlloc", "stackRestore", "stackSave",
    "stderr", "stdin", "stdout", "strcat", "strchr", "strcmp", "strcpy", "strcspn", "strerror",
    "strftime", "strlen", "strncat", "strncmp", "strncpy", "strpbrk", "strrchr", "strspn", "strstr",
    "strtod", "strtok", "strtol", "strtoul", "tan", "tanh", "time", "tmpfile", "tmpnam", "tolower",
    "toupper", "ungetc", "vfprintf", "vprintf", "vsnprintf", "vsprintf",
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
