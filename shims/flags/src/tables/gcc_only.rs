//! Switches and warnings that gcc has and clang has not, and that change no meaning of the code:
//! optimisation passes, dumps, diagnostics. clang answers them with "unknown argument", or with a
//! warning that `-Werror` makes an error, so they are left out.
//!
//! Found by giving clang 19 for WebAssembly every switch of `gcc --help=optimizers,common,c,c++`.
//! Switches of that list that do change meaning (`-fwrapv-pointer`, `-fsso-struct=`, `-fchar8`) are
//! not here: clang's error is the right answer to them.

/// Names after `-f` or `-fno-` and before any `=`, sorted.
#[rustfmt::skip]
pub static SWITCHES: &[&str] = &[
    "abi-compat-version", "abi-version", "aggressive-loop-optimizations", "align-jumps",
    "align-labels", "align-loops", "allocation-dce", "allow-store-data-races", "argument-alias",
    "argument-noalias", "argument-noalias-anything", "argument-noalias-global", "auto-inc-dec",
    "bit-tests", "branch-count-reg", "branch-target-load-optimize",
    "branch-target-load-optimize2", "btr-bb-exclusive", "caller-saves",
    "canonical-system-headers", "check-data-deps", "checking", "code-hoisting",
    "combine-stack-adjustments", "compare-elim", "conserve-space", "conserve-stack",
    "constexpr-cache-depth", "constexpr-loop-limit", "constexpr-ops-limit", "cprop-registers",
    "crossjumping", "cse-follow-jumps", "cse-skip-blocks", "dce", "declone-ctor-dtor",
    "defer-pop", "delayed-branch", "delete-dead-exceptions", "devirtualize",
    "devirtualize-at-ltrans", "devirtualize-speculatively", "dse", "early-inlining", "elide-type",
    "eliminate-dwarf2-dups", "eliminate-unused-debug-symbols", "eliminate-unused-debug-types",
    "emit-class-debug-always", "emit-struct-debug-baseonly", "emit-struct-debug-detailed",
    "emit-struct-debug-reduced", "expensive-optimizations", "float-store", "fold-simple-inlines",
    "forward-propagate", "function-cse", "gnat-encodings", "guess-branch-probability",
    "hoist-adjacent-loads", "if-conversion", "if-conversion2", "implement-inlines",
    "indirect-inlining", "inline-atomics", "inline-functions-called-once", "inline-limit",
    "inline-small-functions", "isolate-erroneous-paths-attribute",
    "isolate-erroneous-paths-dereference", "ivopts", "keep-gc-roots-live",
    "keep-inline-functions", "large-source-files", "lifetime-dse", "limit-function-alignment",
    "live-patching", "live-range-shrinkage", "lra-remat", "max-include-depth", "mem-report",
    "mem-report-wpa", "merge-constants", "merge-debug-strings", "modulo-sched",
    "modulo-sched-allow-regmoves", "move-loop-invariants", "move-loop-stores", "nothrow-opt",
    "opt-info", "optimize-register-move", "optimize-strlen", "partial-inlining", "pch-deps",
    "peel-loops", "peephole", "peephole2", "post-ipa-mem-report", "pre-ipa-mem-report",
    "predictive-commoning", "prefetch-loop-arrays", "pretty-templates", "printf-return-value",
    "profile-partial-training", "profile-reorder-functions", "random-seed", "record-gcc-switches",
    "ree", "regmove", "rename-registers", "reorder-blocks", "reorder-blocks-algorithm",
    "reorder-blocks-and-partition", "reorder-functions", "report-bug", "rerun-cse-after-loop",
    "rerun-loop-opt", "reschedule-modulo-scheduled-loops", "section-anchors", "shrink-wrap",
    "shrink-wrap-separate", "simd-cost-model", "split-ivs-in-unroller", "split-loops",
    "split-paths", "split-wide-types", "split-wide-types-early", "ssa-backprop", "ssa-phiopt",
    "stack-reuse", "stats", "stdarg-opt", "store-merging", "strength-reduce",
    "strict-volatile-bitfields", "thread-jumps", "time-report-details", "toplevel-reorder",
    "tracer", "track-macro-expansion", "unconstrained-commons", "unit-at-a-time",
    "unroll-all-loops", "unroll-completely-grow-size", "unsafe-loop-optimizations",
    "unswitch-loops", "variable-expansion-in-unroller", "vect-cost-model",
    "version-loops-for-strides", "vpt", "web", "working-directory", "zee",
];

/// Beginnings of such names, sorted.
#[rustfmt::skip]
pub static FAMILIES: &[&str] = &[
    "analyzer", "dump-", "gcse", "graphite", "ipa-", "ira-", "loop-", "lto-compression-level",
    "lto-odr-type-merging", "lto-partition", "lto-report", "sched", "sel-sched",
    "selective-scheduling", "tree-", "var-tracking",
];

/// Names after `-Wno-` and before any `=`, sorted. gcc ignores any `-Wno-` it does not know; so
/// does this for those that only gcc knows.
#[rustfmt::skip]
pub static WARNINGS: &[&str] = &[
    "abi-tag", "aggressive-loop-optimizations", "alloc-size-larger-than", "alloc-zero",
    "alloca-larger-than", "arith-conversion", "array-compare", "attribute-alias", "bidi-chars",
    "bool-compare", "builtin-declaration-mismatch", "c11-c2x-compat", "c90-c99-compat",
    "c99-c11-compat", "cannot-profile", "catch-value", "class-memaccess", "clobbered",
    "comma-subscript", "conditionally-supported", "coverage-invalid-line-number",
    "coverage-mismatch", "dangling-pointer", "designated-init", "discarded-array-qualifiers",
    "discarded-qualifiers", "duplicated-branches", "duplicated-cond", "format-contains-nul",
    "format-diag", "if-not-aligned", "inherited-variadic-ctor", "init-list-lifetime",
    "interference-size", "invalid-imported-macros", "invalid-memory-model", "jump-misses-init",
    "larger-than", "literal-suffix", "logical-op", "lto-type-mismatch", "maybe-uninitialized",
    "memset-elt-size", "mismatched-dealloc", "missing-attributes", "missing-parameter-type",
    "missing-profile", "missing-requires", "missing-template-keyword", "multiple-inheritance",
    "multistatement-macros", "namespaces", "noexcept", "non-template-friend", "nonnull-compare",
    "normalized", "old-style-declaration", "openacc-parallelism", "openmp-simd",
    "override-init-side-effects", "packed-bitfield-compat", "packed-not-aligned", "placement-new",
    "pmf-conversions", "prio-ctor-dtor", "redundant-tags", "restrict", "scalar-storage-order",
    "shadow-compatible-local", "shadow-local", "sized-deallocation", "stack-usage",
    "strict-null-sentinel", "stringop-overflow", "stringop-overread", "stringop-truncation",
    "subobject-linkage", "suggest-attribute", "suggest-final-methods", "suggest-final-types",
    "switch-outside-range", "switch-unreachable", "sync-nand", "templates", "terminate",
    "traditional", "traditional-conversion", "trampolines", "trivial-auto-var-init", "tsan",
    "unsafe-loop-optimizations", "unsuffixed-float-constants", "use-after-free", "useless-cast",
    "vector-operation-performance", "virtual-inheritance", "virtual-move-assign",
    "vla-larger-than", "vla-parameter", "volatile", "zero-length-bounds",
];

/// Whether an argument is one of them, `-fNAME`, `-fno-NAME`, `-fNAME=VALUE` or `-Wno-NAME`.
#[must_use]
pub fn contains(argument: &str) -> bool {
    let bare = |name: &str| name.split('=').next().unwrap_or_default().to_owned();
    if let Some(warning) = argument.strip_prefix("-Wno-") {
        let warning = bare(warning.strip_prefix("error=").unwrap_or(warning));
        return WARNINGS.binary_search(&warning.as_str()).is_ok();
    }
    let Some(switch) = argument.strip_prefix("-f") else {
        return false;
    };
    let switch = bare(switch.strip_prefix("no-").unwrap_or(switch));
    SWITCHES.binary_search(&switch.as_str()).is_ok()
        || FAMILIES.iter().any(|family| switch.starts_with(family))
}
