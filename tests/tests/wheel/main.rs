//! From a source to a wheel, and the verbs about it.

#[cfg(feature = "toolchain")]
mod ci;
#[cfg(feature = "toolchain")]
mod farm;
#[cfg(feature = "toolchain")]
mod farm_machines;
#[cfg(feature = "toolchain")]
mod mistakes;
#[cfg(feature = "toolchain")]
mod modules;
#[cfg(feature = "toolchain")]
mod packages;
#[cfg(feature = "toolchain")]
mod parallel;
#[cfg(feature = "toolchain")]
mod regressions;
#[cfg(feature = "toolchain")]
mod repair;
#[cfg(feature = "toolchain")]
mod rust;
#[cfg(feature = "toolchain")]
mod settings;
#[cfg(feature = "toolchain")]
mod tags;
#[cfg(feature = "toolchain")]
mod verbs;
