//! CMake, Meson and libraries built by hand.

#[cfg(feature = "toolchain")]
mod cmake;
#[cfg(feature = "toolchain")]
mod libraries;
#[cfg(feature = "toolchain")]
mod meson;
#[cfg(feature = "toolchain")]
mod prefix;
#[cfg(feature = "toolchain")]
mod shared_objects;
