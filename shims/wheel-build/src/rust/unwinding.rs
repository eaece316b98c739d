//! A Python module in plain Rust, to try a toolchain: it panics while it is imported, catches that,
//! and says so in its documentation.

use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[repr(C)]
struct Definition {
    references: isize,
    kind: *mut c_void,
    start: Option<unsafe extern "C" fn() -> *mut c_void>,
    index: isize,
    copy: *mut c_void,
    name: *const c_char,
    doc: *const c_char,
    size: isize,
    rest: [*mut c_void; 5],
}

unsafe extern "C" {
    fn PyModule_Create2(definition: *mut Definition, api: c_int) -> *mut c_void;
}

/// Says whether it was dropped.
struct Guard<'a>(&'a mut bool);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        *self.0 = true;
    }
}

/// # Safety
/// Python calls it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInit_trial() -> *mut c_void {
    std::panic::set_hook(Box::new(|_| {}));
    let mut dropped = false;
    let guard = Guard(&mut dropped);
    let result = catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        let empty: Vec<u32> = std::env::args_os().skip(1 << 20).map(|_| 1).collect();
        empty[3]
    }));
    let doc = match (result, dropped) {
        (Err(_), true) => c"caught",
        (Err(_), false) => c"not dropped",
        (Ok(_), _) => c"no panic",
    };
    let nothing = std::ptr::null_mut();
    let definition = Box::leak(Box::new(Definition {
        references: 1,
        kind: nothing,
        start: None,
        index: 0,
        copy: nothing,
        name: c"trial".as_ptr(),
        doc: doc.as_ptr(),
        size: -1,
        rest: [nothing; 5],
    }));
    unsafe { PyModule_Create2(definition, 1013) }
}
