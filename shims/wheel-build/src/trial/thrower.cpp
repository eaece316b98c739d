#include <Python.h>
#include <stdexcept>

static void thrower(int which) {
    if (which == 1)
        throw std::out_of_range("one");
    if (which == 2)
        throw std::runtime_error("two");
}

static PyObject *function(PyObject *, PyObject *) {
    return PyCapsule_New(reinterpret_cast<void *>(&thrower), nullptr, nullptr);
}

static PyMethodDef methods[] = {
    {"function", function, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "thrower", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_thrower(void) { return PyModule_Create(&module); }
