//! Compiles the C++ that the macro calls while the module is compiled.

fn main() {
    cc::Build::new().cpp(true).file("width.cpp").compile("width_of_a_pointer");
}
