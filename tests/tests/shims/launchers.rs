//! Compiler caches in front of clang: real ccache, and real sccache on a real Redis. A second build
//! tree, at another place, compiles nothing.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use duct::{Expression, Handle};
use emshim_tests::real::{Completed, Folder, command, run, shims};
use emshim_tests::tools::NEWEST;
use provision::{DevTools, Env, Silent, Store, provision_dev_tools, unpack_source};

fn dev_tools() -> &'static DevTools {
    static DEV_TOOLS: OnceLock<DevTools> = OnceLock::new();
    DEV_TOOLS.get_or_init(|| {
        let store = Store::from_env().expect("the store");
        provision_dev_tools(&Env::capture(), &store, &Silent).expect("ccache and Redis")
    })
}

/// The compiles of a tree: C, C++ and Fortran, the sources by absolute paths as CMake names them.
const COMPILES: &[&str] = &[
    "gcc -O2 -c {}/src/a.c -o a.o",
    "g++ -O2 -c {}/src/b.cpp -o b.o",
    "gfortran -O2 -c {}/src/c.f -o c.o",
];

fn tree() -> Folder {
    let dir = Folder::new();
    dir.file("src/a.c", "int a(int x) { return x + 1; }\n");
    dir.file(
        "src/b.cpp",
        "template<class T> T b(T x) { return x; }\nint c(int x) { return b(x); }\n",
    );
    let fortran = "      SUBROUTINE C(X)\n      DOUBLE PRECISION X\n      X = X + 1\n      END\n";
    dir.file("src/c.f", fortran);
    dir
}

/// Compiles a tree and gives its objects.
fn build(dir: &Utf8Path, set: &dyn Fn(Expression) -> Expression) -> Vec<Vec<u8>> {
    let one = |line: &&str| {
        let line = line.replace("{}", dir.as_str());
        let words: Vec<&str> = line.split(' ').collect();
        let call = command(shims().join(words[0]), &words[1..]).dir(dir.as_str());
        let _ = Completed::of(&set(call)).success();
        std::fs::read(dir.join(words.last().expect("words"))).expect("an object")
    };
    COMPILES.iter().map(one).collect()
}

#[test]
fn ccache_knows_a_tree_that_lies_elsewhere() {
    let cache = Folder::new();
    let ccache = &dev_tools().ccache;
    // One tree is no other's subfolder; their parent is what their paths have in common.
    let base = std::env::temp_dir();
    let set = |call: Expression| {
        call.env("EMSHIM_LAUNCHER", ccache.as_str())
            .env("CCACHE_DIR", cache.path().as_str())
            .env("CCACHE_BASEDIR", &base)
    };
    let statistic = |name: &str| {
        let call = set(command(ccache, &["--print-stats"]));
        let text = Completed::of(&call).success().stdout;
        let line = text
            .lines()
            .find(|line| line.split('\t').next() == Some(name));
        let value = line.and_then(|line| line.split('\t').nth(1));
        value
            .expect("a statistic")
            .parse::<usize>()
            .expect("a number")
    };
    let (first, second) = (tree(), tree());
    let plain = build(first.path(), &|call| call);
    let objects = build(first.path(), &set);
    assert_eq!(plain, objects);
    assert_eq!(statistic("cache_miss"), COMPILES.len());
    assert_eq!(build(second.path(), &set), objects);
    assert_eq!(statistic("cache_miss"), COMPILES.len());
    let hits = statistic("direct_cache_hit") + statistic("preprocessed_cache_hit");
    assert_eq!(hits, COMPILES.len());
}

#[test]
fn cmakes_launcher_runs_clang_not_the_shim() {
    let (cache, dir) = (Folder::new(), tree());
    let lists = "cmake_minimum_required(VERSION 3.20)\nproject(p C CXX Fortran)\n\
        add_library(p STATIC src/a.c src/b.cpp src/c.f)\n";
    dir.file("CMakeLists.txt", lists);
    let ccache = dev_tools().ccache.as_str();
    let tools = NEWEST.bin();
    let path = format!(
        "{}:{}:{}",
        shims(),
        tools,
        std::env::var("PATH").expect("PATH")
    );
    let cmake = |words: &[&str]| {
        let call = command(shims().join("cmake"), words).dir(dir.path().as_str());
        call.env("PATH", &path)
            .env("CCACHE_DIR", cache.path().as_str())
            .env("CMAKE_CXX_COMPILER_LAUNCHER", ccache)
    };
    let [c, fortran] =
        ["C", "Fortran"].map(|language| format!("-DCMAKE_{language}_COMPILER_LAUNCHER={ccache}"));
    let _ = Completed::of(&cmake(&["-G", "Ninja", "-B", "b", &c, &fortran])).success();
    let _ = Completed::of(&cmake(&["--build", "b"])).success();
    let commands = std::fs::read_to_string(dir.path().join("b/build.ninja")).expect("Ninja's file");
    let set = format!("LAUNCHER = /usr/bin/env EMSHIM_LAUNCHER={ccache}");
    // Fortran's preprocessing has the launcher's variable too.
    assert!(
        commands.matches(&set).count() >= COMPILES.len(),
        "{commands}"
    );
    let stored = command(ccache, &["--print-stats"]).env("CCACHE_DIR", cache.path().as_str());
    let text = Completed::of(&stored).success().stdout;
    assert!(text.lines().any(|line| line == "cache_miss\t3"), "{text}");
}

/// A process that ends with the test.
struct Running(Handle);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

fn redis(dir: &Utf8Path) -> (Running, u16) {
    let port = free_port();
    let number = port.to_string();
    let words = [
        "--port",
        &number,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        dir.as_str(),
    ];
    let server = command(&dev_tools().redis_server, &words).stdout_null();
    let server = Running(server.start().expect("a Redis"));
    let began = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "Redis does not listen"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    (server, port)
}

/// sccache with a Redis of its own.
struct Shared {
    endpoint: String,
    _redis: Running,
}

impl Shared {
    fn new(dir: &Utf8Path) -> Self {
        let (redis, port) = redis(dir);
        Self {
            endpoint: format!("redis://127.0.0.1:{port}"),
            _redis: redis,
        }
    }

    /// What `build` makes of a tree with a server of its own, and the server's hits and misses.
    fn built<T>(
        &self,
        tree: &Utf8Path,
        build: impl FnOnce(&dyn Fn(Expression) -> Expression) -> T,
    ) -> (T, u64, u64) {
        let sccache = NEWEST.bin().join("sccache");
        let server = free_port().to_string();
        let set = |call: Expression| {
            call.env("EMSHIM_LAUNCHER", sccache.as_str())
                .env("SCCACHE_REDIS_ENDPOINT", &self.endpoint)
                .env("SCCACHE_BASEDIRS", tree.as_str())
                .env("SCCACHE_SERVER_PORT", &server)
                .env("SCCACHE_IDLE_TIMEOUT", "60")
        };
        let made = build(&set);
        let stats = command(&sccache, &["--show-stats", "--stats-format", "json"]);
        let stats = Completed::of(&set(stats)).success().stdout;
        let _ = Completed::of(&set(command(&sccache, &["--stop-server"])));
        let stats: serde_json::Value = serde_json::from_str(&stats).expect("JSON");
        let count = |name: &str| {
            let counts = stats["stats"][name]["counts"].as_object().expect("counts");
            counts
                .values()
                .filter_map(serde_json::Value::as_u64)
                .sum::<u64>()
        };
        (made, count("cache_hits"), count("cache_misses"))
    }
}

#[test]
fn sccache_shares_a_redis_between_two_trees_and_two_servers() {
    let dir = Folder::new();
    let shared = Shared::new(dir.path());
    let (first, second) = (tree(), tree());
    let all = COMPILES.len() as u64;
    let (objects, hits, misses) = shared.built(first.path(), |set| build(first.path(), set));
    assert_eq!((hits, misses), (0, all));
    let (again, hits, misses) = shared.built(second.path(), |set| build(second.path(), set));
    assert_eq!(objects, again);
    assert_eq!((hits, misses), (all, 0));
}

/// How LAPACK's own CMake project is configured: its library in double precision, which CI has the
/// time for. `cargo xtask bench shims` compiles all precisions twice, through ccache.
const LAPACK: &[&str] = &[
    "-GNinja",
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_TESTING=OFF",
    "-DBUILD_INDEX64_EXT_API=OFF",
    "-DBUILD_SINGLE=OFF",
    "-DBUILD_COMPLEX=OFF",
    "-DBUILD_COMPLEX16=OFF",
];

/// The compiles of a log: of each, for each step, the program and whether its result was kept.
#[derive(Default)]
struct Compiles {
    real: Vec<Vec<(String, bool)>>,
    /// Those by which a build system only tried something out.
    probes: Vec<Vec<(String, bool)>>,
}

impl Compiles {
    fn read(log: &Utf8Path) -> Self {
        let text = std::fs::read_to_string(log.join("records.jsonl")).expect("records");
        let records: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let (begins, ends): (Vec<_>, Vec<_>) = records.iter().partition(|r| r["record"] == "begin");
        let ends: HashMap<_, _> = ends.iter().map(|end| (end["id"].as_str(), *end)).collect();
        let mut compiles = Self::default();
        // A probe may compile and link in one command.
        let compiled = |begin: &&&serde_json::Value| {
            begin["job"] == "compile"
                || begin["probe"] == true && begin["job"] == "compile-and-link-program"
        };
        for begin in begins.iter().filter(compiled) {
            let end = ends.get(&begin["id"].as_str()).expect("an end");
            let planned = begin["steps"].as_array().expect("steps");
            let ran = end["steps"].as_array().expect("steps");
            let program = |step: &serde_json::Value| step["argv"][0].as_str().map(str::to_owned);
            let pair = |(step, run): (&serde_json::Value, &serde_json::Value)| {
                (program(step).expect("a program"), run["from_cache"] == true)
            };
            let steps = planned.iter().zip(ran).map(pair).collect();
            if begin["probe"] == true {
                compiles.probes.push(steps);
            } else {
                compiles.real.push(steps);
            }
        }
        compiles
    }

    /// How many probes went through a launcher.
    fn launched_probes(&self, launcher: &Utf8Path) -> u64 {
        let launched = |steps: &&Vec<(String, bool)>| {
            let mut programs = steps.iter().map(|(program, _)| program);
            programs.any(|program| program == launcher)
        };
        self.probes.iter().filter(launched).count() as u64
    }
}

#[test]
fn lapacks_second_build_compiles_and_translates_nothing() {
    let dir = Folder::new();
    let shared = Shared::new(dir.path());
    let (store, tools) = (Store::from_env().expect("the store"), NEWEST.bin());
    let path = std::env::var("PATH").expect("PATH");
    let sccache = tools.join("sccache");
    let launcher = format!("-DCMAKE_Fortran_COMPILER_LAUNCHER={sccache}");
    let build = |name: &str| {
        let tree = dir.path().join(name);
        let (source, folder, log) = (tree.join("source"), tree.join("build"), tree.join("log"));
        unpack_source(&store, "lapack", &source, &Silent).expect("LAPACK's source");
        let began = Instant::now();
        let ((), hits, misses) = shared.built(&tree, |set| {
            let cmake = |words: &[&str]| {
                // Not by `exec`: the store's shim folder is any emshim's that builds meanwhile.
                let call = command(shims().join("cmake"), words);
                let call = call.env("PATH", format!("{}:{tools}:{path}", shims()));
                let call = set(call).env("EMSHIM_LOG", log.as_str());
                // CMake's own variable says it.
                let _ = Completed::of(&call.env_remove("EMSHIM_LAUNCHER")).success();
            };
            let folders = ["-S", source.as_str(), "-B", folder.as_str(), &launcher];
            cmake(&[&folders, LAPACK].concat());
            cmake(&["--build", folder.as_str(), "--parallel", "2"]);
        });
        println!(
            "{name} build of LAPACK: {:.0} s",
            began.elapsed().as_secs_f64()
        );
        let archive = |name: &str| std::fs::read(folder.join("lib").join(name)).expect("a library");
        let archives = ["libblas.a", "liblapack.a"].map(archive);
        (archives, [hits, misses], Compiles::read(&log))
    };
    let (archives, [hits, misses], compiled) = build("first");
    let files = compiled.real.len() as u64;
    assert!(files > 500, "{files} files");
    // A file that another one holds word for word is compiled once.
    let all = files + compiled.launched_probes(&sccache);
    assert!(
        hits < 20 && hits + misses == all,
        "{hits} hits, {misses} misses of {all}"
    );
    let (again, [hits, misses], compiled) = build("second");
    assert!(archives == again, "the libraries differ");
    assert_eq!(compiled.real.len() as u64, files);
    // A probe lies in a folder with a name at random, by which a cache may not know it.
    let probes = compiled.launched_probes(&sccache);
    assert!(
        misses <= probes && hits >= files,
        "{hits} hits, {misses} misses, {probes} probes"
    );
    for steps in compiled.real {
        let runs = steps.iter().filter(|(_, kept)| !kept);
        let programs: Vec<_> = runs.map(|(program, _)| program.as_str()).collect();
        assert_eq!(programs, [sccache.as_str()], "{steps:?}");
    }
    println!("{files} files, the second time {hits} hits, {misses} misses");
}

#[test]
fn a_launcher_that_is_not_there_is_named() {
    let dir = tree();
    let call = command(shims().join("gcc"), &["-c", "src/a.c"]).dir(dir.path().as_str());
    let failed = Completed::of(&call.env("EMSHIM_LAUNCHER", "no-such-launcher"));
    assert_eq!(failed.status, 1);
    assert!(
        failed.stderr.contains("EMSHIM_LAUNCHER=no-such-launcher"),
        "{}",
        failed.stderr
    );
}

#[test]
fn the_verbs_take_a_launcher() {
    let ccache = dev_tools().ccache.as_str();
    let words = [
        "exec",
        "--launcher",
        ccache,
        "--",
        "sh",
        "-c",
        "echo $EMSHIM_LAUNCHER",
    ];
    assert_eq!(run(&words).success().stdout.trim(), ccache);
    let folder = Folder::new();
    let shims = folder.path().join("shims");
    let _ = run(&["install", "--launcher", ccache, shims.as_str()]).success();
    let explain = command(shims.join("emshim"), &["explain", "--", "gcc", "-c", "x.c"]);
    let text = Completed::of(&explain).success().stdout;
    assert!(text.contains(&format!("run: {ccache} /")), "{text}");
}
