//! A macro that runs on the build machine, with C++ of that machine's.

use proc_macro::TokenStream;

extern "C" {
    fn width() -> std::ffi::c_int;
}

/// The bytes of a pointer where the macro runs.
#[proc_macro]
pub fn width_here(_: TokenStream) -> TokenStream {
    let width = unsafe { width() };
    width.to_string().parse().expect("a number")
}
