//! Compiles the C and the C++ that the module calls.

fn main() {
    cc::Build::new().file("src/sum.c").compile("sum");
    cc::Build::new().cpp(true).file("src/throws.cpp").compile("throws");
}
