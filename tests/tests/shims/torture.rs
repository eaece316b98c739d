//! A sample of what `cargo xtask torture` tries in greater numbers.

use emshim_tests::torture::{Count, HEAD, calls, readers};

fn hold(counts: &[Count]) {
    println!("{HEAD}");
    for count in counts {
        println!("{count}");
        assert!(count.tried > 0);
        assert!(count.faults.is_empty(), "{}", count.faults.join("\n"));
    }
}

#[test]
fn whatever_is_read_is_taken_or_refused() {
    hold(&readers::run(150, 1));
}

#[test]
fn calls_end_well_or_say_that_they_do_not() {
    hold(&calls::run(12, 1));
}
