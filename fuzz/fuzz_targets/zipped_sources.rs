#![no_main]

use emshim_tests::torture::readers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = readers::archive(bytes, "x-1.0.zip");
});
