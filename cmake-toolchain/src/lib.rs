//! Renders the CMake toolchain file and the Meson cross file from a description of the toolchain.
