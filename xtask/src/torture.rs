//! `cargo xtask torture`: hostile and unlucky input in numbers.

use crate::task::{Result, build_emshim};
use clap::Args;
use emshim_tests::torture::{HEAD, calls, indexes, readers};

/// How much of it.
#[derive(Debug, Args)]
pub struct TortureArgs {
    /// Mutants for each reader
    #[arg(long, default_value_t = 3000)]
    mutants: usize,
    /// Calls of each kind
    #[arg(long, default_value_t = 200)]
    calls: usize,
    /// Package indexes
    #[arg(long, default_value_t = 60)]
    indexes: usize,
    /// Another number tries others
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the process that tries, without building emshim first
    #[arg(long, hide = true)]
    inner: bool,
}

/// Tries it, prints what became of it, and fails if anything did not hold.
///
/// # Errors
/// Something did not hold.
pub fn run(args: &TortureArgs) -> Result {
    if !args.inner {
        let numbers = [
            args.mutants.to_string(),
            args.calls.to_string(),
            args.indexes.to_string(),
            args.seed.to_string(),
        ];
        let [mutants, calls, indexes, seed] = numbers.each_ref().map(String::as_str);
        let words = [
            "torture",
            "--inner",
            "--mutants",
            mutants,
            "--calls",
            calls,
            "--indexes",
            indexes,
            "--seed",
            seed,
        ];
        // The binary under test is named in the environment of the process that tries.
        let own = duct::cmd(std::env::current_exe()?, words);
        return crate::task::run(own.env(emshim_tests::real::EMSHIM, build_emshim()?.as_str()));
    }
    // Panics are counted; the places of thousands would say less.
    std::panic::set_hook(Box::new(|_| {}));
    println!("{HEAD}");
    let mut faults = Vec::new();
    for count in [
        readers::run(args.mutants, args.seed),
        calls::run(args.calls, args.seed),
        vec![indexes::run(args.indexes, args.seed)],
    ]
    .concat()
    {
        println!("{count}");
        faults.extend(count.faults);
    }
    let number = faults.len();
    for fault in faults {
        println!("{fault}");
    }
    match number {
        0 => Ok(()),
        _ => Err(format!("{number} faults").into()),
    }
}
