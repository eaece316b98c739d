//! Each rule by which a call is not answered from the probe cache: a call that the rule is about runs
//! every time, and one beside it that differs in this alone is answered.

use camino::Utf8PathBuf;
use emshim_tests::shim_folder::ShimFolder;

/// Writes every output that a plan may know: a tool that left one out would be asked again for that.
const TOOLS: &str = "for word; do \
    case $last in -o|-MF) for e in '' .d .wasm; do echo x > \"${word%.*}$e\"; done; \
    echo x > \"$word\";; esac; last=$word; done";

/// A call: variables, then arguments.
type Words<'a> = (&'a [(&'a str, &'a str)], &'a str);

/// What a rule is about, a call that it leaves alone, and calls that it makes run.
type Rule<'a> = (&'a str, Words<'a>, &'a [Words<'a>]);

const COMPILE: &str = "-c conftest.c -o conftest.o";
const LINK: &str = "conftest.c -o conftest.js";

/// The rules about variables, the files of a call, and emcc's settings.
const RULES: &[Rule<'_>] = &[
    (
        "flags of the user's",
        (&[("EMSHIM_CFLAGS", "-DX")], COMPILE),
        &[(&[("EMSHIM_CFLAGS", "-include x.h")], COMPILE)],
    ),
    (
        "flags of the user's for links",
        (&[("EMSHIM_LDFLAGS", "-lm")], LINK),
        &[(&[("EMSHIM_LDFLAGS", "-Wl,-T,script")], LINK)],
    ),
    (
        "a launcher",
        (&[("EMSHIM_LAUNCHER", "")], COMPILE),
        &[(&[("EMSHIM_LAUNCHER", "env")], COMPILE)],
    ),
    (
        "variables that Emscripten or clang listen to",
        (&[("EM_CACHE", ""), ("CPATHS_OF_MINE", "")], COMPILE),
        &[
            (&[("BINARYEN_CORES", "1")], COMPILE),
            (&[("CCC_OVERRIDE_OPTIONS", "+-O3")], COMPILE),
            (&[("CLANG_ADD_VERSION", "19")], COMPILE),
            (&[("COMPILER_PATH", "/x")], COMPILE),
            (&[("CPATH", "/x")], COMPILE),
            (&[("CPLUS_INCLUDE_PATH", "/x")], COMPILE),
            (&[("C_INCLUDE_PATH", "/x")], COMPILE),
            (&[("DEPENDENCIES_OUTPUT", "x")], COMPILE),
            (&[("EMCC_CFLAGS", "-DX")], COMPILE),
            (&[("EMMAKEN_CFLAGS", "-DX")], COMPILE),
            (&[("EMPROFILE", "1")], COMPILE),
            (&[("EM_CACHE", "/x")], COMPILE),
            (&[("GCC_EXEC_PREFIX", "/x")], COMPILE),
            (&[("LIBRARY_PATH", "/x")], COMPILE),
            (&[("LLVM_ADD_VERSION", "19")], COMPILE),
            (&[("OBJC_INCLUDE_PATH", "/x")], COMPILE),
            (&[("SUNPRO_DEPENDENCIES", "x")], COMPILE),
            (&[("_EMCC_CCACHE", "1")], COMPILE),
        ],
    ),
    (
        "pages and modules, beside which emcc writes more",
        (&[], LINK),
        &[
            (&[], "conftest.c -o conftest.html"),
            (&[], "conftest.c -o conftest.mjs"),
        ],
    ),
    (
        "dependency files of links",
        (&[], "-c conftest.c -o conftest.o -MD"),
        &[
            (&[], "conftest.c -o conftest.js -MD"),
            (&[], "conftest.c -o conftest.js -MMD -MF conftest.d"),
        ],
    ),
    (
        "a part of a compilation database",
        (&[], "-c conftest.c -o conftest.o -MMD -MF x.d -MT x"),
        &[(&[], "-c conftest.c -o conftest.o -MJ x.json")],
    ),
    (
        "settings that do more than say how strict a link is",
        (&[], "conftest.c -o conftest.js -sSTRICT -s STRICT=1"),
        &[
            (&[], "conftest.c -o conftest.js -sSINGLE_FILE"),
            (&[], "conftest.c -o conftest.js -s SPLIT_MODULE=1"),
        ],
    ),
    (
        "values in files",
        (&[], "conftest.c -o conftest.js -sSTRICT=0"),
        &[(&[], "conftest.c -o conftest.js -sSTRICT=@conftest.c")],
    ),
    (
        "sources of other kinds",
        (&[], COMPILE),
        &[
            (&[], "-c conftest.s -o conftest.o"),
            (&[], "-c conftest.S -o conftest.o"),
            (&[], "conftest.h -o conftest.o"),
        ],
    ),
    (
        "inputs that are long",
        (&[], COMPILE),
        &[(&[], "-c conftest.long.c -o conftest.o")],
    ),
    (
        "folders outside the toolchain",
        (&[], "-c conftest.c -o conftest.o -I {em}/include"),
        &[
            (&[], "-c conftest.c -o conftest.o -I ."),
            (&[], "-c conftest.c -o conftest.o -I {em}/../x"),
            (&[], "-c conftest.c -o conftest.o -isystem /x"),
            (&[], "conftest.c -o conftest.js -L."),
        ],
    ),
    (
        "words for the linker that name files",
        (&[], "conftest.c -o conftest.js -Wl,--as-needed,-O1"),
        &[
            (&[], "conftest.c -o conftest.js -Wl,-O1,-T,script"),
            (&[], "conftest.c -o conftest.js -Wl,--trace"),
        ],
    ),
    (
        "paths in flags",
        (&[], "conftest.c -o conftest.js -lz -DX=/x"),
        &[(&[], "conftest.c -o conftest.js -l/x/z")],
    ),
    (
        "flags that are not known to be harmless",
        (&[], "-c conftest.c -o conftest.o -Wall -O1 -std=c11"),
        &[
            (&[], "-c conftest.c -o conftest.o --no-such-flag"),
            (&[], "-c conftest.c -o conftest.o -include x.h"),
            (&[], "-c conftest.c -o conftest.o -imacros x.h"),
            (&[], "-c conftest.c -o conftest.o -isysroot x"),
            (&[], "-c conftest.c -o conftest.o -save-temps"),
            (&[], "-c conftest.c -o conftest.o -Xclang -load"),
        ],
    ),
];

/// Flags that look like harmless ones and read or write files, or differ from call to call.
const HARMFUL: &[&str] = &[
    "-Wa,-I.",
    "-Wp,-MD,x.d",
    "-fapinotes",
    "-fbasic-block-sections=list=x",
    "-fbuild-session-file=x",
    "-fcoverage-mapping",
    "-fcrash-diagnostics-dir=x",
    "-fdepfile-entry=x",
    "-fdump-record-layouts",
    "-fembed-bitcode",
    "-fmodule-map-file=x",
    "-fopt-info",
    "-foptimization-record-file=x",
    "-fpass-plugin=x",
    "-fplugin=x",
    "-fprebuilt-module-path=x",
    "-fproc-stat-report=x",
    "-fprofile-use=x",
    "-frandomize-layout-seed-file=x",
    "-fsanitize-ignorelist=x",
    "-fsave-optimization-record",
    "-fstack-usage",
    "-ftest-coverage",
    "-fthinlto-index=x",
    "-ftime-trace",
    "-fuse-ld=x",
    "-fxray-always-instrument=x",
    "-gen-cdb-fragment-path",
    "-gseparate-dwarf=x",
    "-gsource-map",
    "-gsplit-dwarf",
    "-mllvm",
];

struct Probes {
    folder: ShimFolder,
    dir: Utf8PathBuf,
}

impl Probes {
    fn new() -> Self {
        let folder = ShimFolder::new();
        let dir = folder.path("work");
        let source = "int main(void) { return 0; }\n";
        for name in ["conftest.c", "conftest.s", "conftest.S", "conftest.h"] {
            std::fs::write(dir.join(name), source).expect("a source");
        }
        let long = source.to_owned() + &" ".repeat(2 << 20);
        std::fs::write(dir.join("conftest.long.c"), long).expect("a source");
        Self { folder, dir }
    }

    /// Makes a call twice; whether a tool ran, in the first and in the second.
    fn runs(&self, (env, line): Words<'_>) -> [bool; 2] {
        let line = line.replace("{em}", self.folder.path("em").as_str());
        [(); 2].map(|()| {
            let before = self.ran();
            let mut command = self.folder.command("gcc", TOOLS);
            command
                .env("EMSHIM_PROBE_CACHE", "1")
                .envs(env.iter().copied())
                .current_dir(&self.dir)
                .args(line.split(' '));
            let output = command.output().expect("a shim that starts");
            assert!(output.status.success(), "{line}: {output:?}");
            self.ran() > before
        })
    }

    fn ran(&self) -> usize {
        let order = std::fs::read_to_string(self.folder.path("calls/order"));
        order.unwrap_or_default().lines().count()
    }
}

#[test]
fn each_rule_makes_a_call_run_and_leaves_its_neighbour() {
    let probes = Probes::new();
    let mut wrong = Vec::new();
    for (rule, neighbour, calls) in RULES {
        if probes.runs(*neighbour)[1] {
            wrong.push(format!("{rule}: {neighbour:?} ran again"));
        }
        for call in *calls {
            if !probes.runs(*call)[1] {
                wrong.push(format!("{rule}: {call:?} was answered"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_flag_that_reads_or_writes_files_is_taken_for_a_harmless_one() {
    let probes = Probes::new();
    let answered = |flag: &&str| {
        // The last one's value is the word that follows.
        let line = format!("-c conftest.c {flag} -O1 -o conftest.o");
        !probes.runs((&[], &line))[1]
    };
    let answered: Vec<_> = HARMFUL.iter().copied().filter(answered).collect();
    assert!(answered.is_empty(), "{answered:?}");
}

#[test]
fn variables_that_are_part_of_the_key_tell_calls_apart() {
    let probes = Probes::new();
    for name in ["EMSDK", "EM_X", "LANG", "LC_ALL", "SOURCE_DATE_EPOCH"] {
        for value in ["1", "2"] {
            let env = [(name, value)];
            assert_eq!(
                probes.runs((&env, COMPILE)),
                [true, false],
                "{name}={value}"
            );
        }
    }
}
