//! What is inside of real packages: panics, C and C++ with exceptions, threads that are not there.

use std::ffi::{CString, c_char, c_int};
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;

unsafe extern "C" {
    fn sum(values: *const c_int, count: c_int) -> i64;
    fn length_or_minus_one(text: *const c_char) -> c_int;
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

#[pymodule]
mod inside {
    use super::*;

    /// Element `index` of three; a panic for others, with something to drop on the way.
    #[pyfunction]
    fn element(index: usize) -> i32 {
        let _guard = Guard;
        [1, 2, 3][index]
    }

    /// Whether a panic was caught, and how many guards were dropped so far.
    #[pyfunction]
    fn caught(index: usize) -> (bool, usize) {
        let result = std::panic::catch_unwind(|| element(index));
        (result.is_err(), DROPPED.load(Ordering::Relaxed))
    }

    /// The sum, by C.
    #[pyfunction]
    fn total(values: Vec<i32>) -> i64 {
        unsafe { sum(values.as_ptr(), values.len() as c_int) }
    }

    /// The length, by C++ that throws inside.
    #[pyfunction]
    fn length(text: String) -> PyResult<i32> {
        let text = CString::new(text)?;
        Ok(unsafe { length_or_minus_one(text.as_ptr()) })
    }

    /// Starts a thread.
    #[pyfunction]
    fn thread() -> PyResult<()> {
        std::thread::Builder::new().spawn(|| ())?;
        Ok(())
    }

    /// The bytes of a pointer on the machine that compiles, and here.
    #[pyfunction]
    fn widths() -> (usize, usize) {
        (width::width_here!(), size_of::<usize>())
    }

    /// Where this file was, as a message says it.
    #[pyfunction]
    fn place() -> &'static str {
        std::panic::Location::caller().file()
    }
}
