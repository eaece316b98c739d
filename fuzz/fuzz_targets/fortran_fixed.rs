#![no_main]

use emshim_tests::torture::readers;
use f2c_driver::Form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = readers::fortran(bytes, Form::Fixed { width: 72 });
});
