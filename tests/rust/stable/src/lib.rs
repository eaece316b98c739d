//! A module of the stable ABI that needs little to compile.

use std::ffi::c_int;
use std::ptr;

use pyo3_ffi::*;

/// Element `index` of three; the end of the program for others.
unsafe extern "C" fn element(_module: *mut PyObject, index: *mut PyObject) -> *mut PyObject {
    let index = unsafe { PyLong_AsLongLong(index) };
    let values: Vec<i64> = (10..13).collect();
    unsafe { PyLong_FromLongLong(values[index as usize]) }
}

struct Table<T>(T);

unsafe impl<T> Sync for Table<T> {}

static METHODS: Table<[PyMethodDef; 2]> = Table([
    PyMethodDef {
        ml_name: c"element".as_ptr(),
        ml_meth: PyMethodDefPointer { PyCFunction: element },
        ml_flags: METH_O,
        ml_doc: ptr::null(),
    },
    PyMethodDef::zeroed(),
]);

#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInit_stable() -> *mut PyObject {
    let definition = Box::new(PyModuleDef {
        m_base: PyModuleDef_HEAD_INIT,
        m_name: c"stable".as_ptr(),
        m_doc: ptr::null(),
        m_size: -1,
        m_methods: METHODS.0.as_ptr().cast_mut(),
        m_slots: ptr::null_mut(),
        m_traverse: None,
        m_clear: None,
        m_free: None,
    });
    unsafe { PyModule_Create2(Box::leak(definition), PYTHON_API_VERSION as c_int) }
}
