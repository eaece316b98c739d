//! Support for the suites about function signatures: the real compiler, linker and Node by hand.

use crate::mismatches::CPP;
use crate::real::{Completed, Folder, command, shims};
use camino::{Utf8Path, Utf8PathBuf};
use provision::{Env, Silent, Store, provision_f2c, unpack_source};
use signatures::read::read;
use signatures::unit::Unit;

/// What the sources here need of f2c.h, as stock f2c has it on a machine of 32 bits.
const F2C_H: &str =
    "typedef int integer, ftnlen, logical; typedef float real; typedef double doublereal;
#define TRUE_ 1
#define FALSE_ 0
#define max(a, b) ((a) >= (b) ? (a) : (b))
#define min(a, b) ((a) <= (b) ? (a) : (b))
";

/// LLVM's tools of the target's Emscripten, and Node.
#[derive(Debug)]
pub struct Tools {
    llvm: Utf8PathBuf,
    node: Utf8PathBuf,
    /// Folder of the C library's headers.
    pub headers: Utf8PathBuf,
}

impl Tools {
    /// Those of the shim folder under test.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn get() -> Self {
        let config = toolcall::config::ShimConfig::load(shims()).expect("a configuration");
        Self {
            llvm: config.emscripten.llvm_bin,
            node: config.node,
            headers: config.emscripten.cache.join("sysroot/include"),
        }
    }

    /// Runs a tool of LLVM's, which must succeed.
    pub fn run(&self, tool: &str, words: &[&str]) {
        let _ = Completed::of(&command(self.llvm.join(tool), words)).success();
    }

    /// Compiles a source; further flags come last.
    #[must_use]
    pub fn compile(
        &self,
        folder: &Folder,
        name: &str,
        source: &str,
        flags: &[&str],
    ) -> Utf8PathBuf {
        let cpp = source.starts_with(CPP);
        let suffix = if cpp { "cpp" } else { "c" };
        let file = folder.file(&format!("{name}.{suffix}"), source);
        let object = file.with_extension("o");
        let mut words = vec![
            "--target=wasm32-unknown-emscripten",
            "-O1",
            "-w",
            "-fno-builtin",
        ];
        words.extend(if cpp { &[][..] } else { &["-std=gnu89"] });
        words.extend(flags);
        words.extend(["-c", file.as_str(), "-o", object.as_str()]);
        self.run("clang", &words);
        object
    }

    /// Translates Fortran by [`f2c`] and compiles what it writes.
    #[must_use]
    pub fn stock_f2c(&self, folder: &Folder, name: &str, source: &str) -> Utf8PathBuf {
        let c = f2c(folder, name, source).replace("#include \"f2c.h\"", F2C_H);
        self.compile(folder, name, &c, &["-fvisibility=default", "-fPIC"])
    }

    /// Links what is given, with nothing but it.
    pub fn link(&self, output: &Utf8Path, inputs: &[&str]) {
        let mut words = vec!["--no-entry", "-o", output.as_str()];
        words.extend(inputs);
        self.run("wasm-ld", &words);
    }

    /// Compiles a source for a side module, and links that: `NAME.so`, everything exported, what is
    /// missing imported. Further words of the link come last.
    #[must_use]
    pub fn module(&self, folder: &Folder, name: &str, source: &str, words: &[&str]) -> Utf8PathBuf {
        let object = self.compile(folder, name, source, &["-fPIC"]);
        self.module_of(&object, words)
    }

    /// As [`Self::module`], of an object.
    #[must_use]
    pub fn module_of(&self, object: &Utf8Path, words: &[&str]) -> Utf8PathBuf {
        let module = object.with_extension("so");
        let shared = ["-shared", "--experimental-pic", "--export-all"];
        let open = ["--unresolved-symbols=import-dynamic", object.as_str()];
        self.link(&module, &[&shared[..], &open, words].concat());
        module
    }
}

/// Unpacks a source that emshim's provisioning knows, such as LAPACK's, into a folder.
///
/// # Panics
/// It cannot be had.
#[must_use]
pub fn unpacked(folder: &Folder, name: &str) -> Utf8PathBuf {
    let store = Store::from_env().expect("a store");
    let source = folder.path().join(name);
    unpack_source(&store, name, &source, &Silent).expect("a source");
    source
}

/// Fortran as f2c itself translates it, with none of emshim's rules.
///
/// # Panics
/// There is no f2c, or it refuses the source.
#[must_use]
pub fn f2c(folder: &Folder, name: &str, source: &str) -> String {
    let store = Store::from_env().expect("a store");
    let f2c = provision_f2c(&Env::capture(), &store, None, &Silent).expect("an f2c");
    let fortran = folder.file(&format!("{name}.f"), source);
    let translated = Completed::of(&command(&f2c, &[]).stdin_path(&fortran));
    translated.success().stdout
}

/// What a file holds.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn units(path: &Utf8Path) -> Vec<Unit> {
    read(path).expect("a readable file").into_units()
}

/// What `run` gives in each of the programs, or the engine's complaint.
#[must_use]
pub fn results(tools: &Tools, programs: &[Utf8PathBuf]) -> Vec<String> {
    let script = "const fs = require('fs');
        for (const file of process.argv.slice(1)) {
            let said;
            try {
                const module = new WebAssembly.Module(fs.readFileSync(file));
                said = new WebAssembly.Instance(module, {}).exports.run();
            } catch (error) { said = error.message; }
            console.log(said);
        }";
    let mut words = vec!["-e", script, "--"];
    words.extend(programs.iter().map(|program| program.as_str()));
    let done = Completed::of(&command(&tools.node, &words)).success();
    done.stdout.lines().map(str::to_owned).collect()
}

/// Runs the shim `gcc` in a folder, with or without repairs; the log is in its folder `log`.
#[must_use]
pub fn gcc(folder: &Folder, words: &[&str], repair: bool) -> Completed {
    let gcc = command(shims().join("gcc"), words).dir(folder.path());
    let log = folder.path().join("log");
    let gcc = gcc.env("EMSHIM_LOG", log.as_str());
    Completed::of(&gcc.env("EMSHIM_REPAIR", if repair { "1" } else { "0" }))
}

/// What `run` of a side module gives; a library it is linked to comes first.
///
/// # Panics
/// Node cannot load them.
#[must_use]
pub fn module_results(tools: &Tools, modules: &[&Utf8Path]) -> String {
    let script = "const fs = require('fs');
        const at = (value, mutable) => new WebAssembly.Global({ value: 'i32', mutable }, value);
        const env = {
            memory: new WebAssembly.Memory({ initial: 256 }),
            __indirect_function_table: new WebAssembly.Table({ initial: 64, element: 'anyfunc' }),
            __stack_pointer: at(4096 * 16, true),
            // Of the Fortran runtime: as f2c calls it, and by the name that emshim's has.
            i_len: (_text, length) => length,
            _gfortran_i_len: (_text, length) => length,
        };
        const got = new Proxy({}, { get: (known, name) => known[name] ??= at(0, true) });
        let run;
        for (const [number, file] of process.argv.slice(1).entries()) {
            env.__memory_base = at((1 + number) << 20, false);
            env.__table_base = at(1 + number * 32, false);
            const module = new WebAssembly.Module(fs.readFileSync(file));
            const imports = { env, 'GOT.mem': got, 'GOT.func': got };
            const { exports } = new WebAssembly.Instance(module, imports);
            for (const [name, value] of Object.entries(exports)) {
                if (typeof value === 'function' && name in got)
                    got[name].value = env.__indirect_function_table.grow(1, value);
            }
            exports.__wasm_apply_data_relocs?.();
            Object.assign(env, exports);
            run = exports.run ?? run;
        }
        try { console.log(run()); } catch (error) { console.log(error.message); }";
    let mut words = vec!["-e", script, "--"];
    words.extend(modules.iter().map(|module| module.as_str()));
    let done = Completed::of(&command(&tools.node, &words)).success();
    done.stdout.trim().to_owned()
}
