#include <Python.h>
#include <stdexcept>

static PyObject *kind(PyObject *, PyObject *args) {
    PyObject *capsule;
    int which;
    if (!PyArg_ParseTuple(args, "Oi", &capsule, &which))
        return nullptr;
    auto call = reinterpret_cast<void (*)(int)>(PyCapsule_GetPointer(capsule, nullptr));
    if (!call)
        return nullptr;
    const char *caught = "none";
    try {
        call(which);
    } catch (const std::out_of_range &) {
        caught = "out_of_range";
    } catch (const std::exception &) {
        caught = "exception";
    } catch (...) {
        caught = "something else";
    }
    return PyUnicode_FromString(caught);
}

static PyMethodDef methods[] = {{"kind", kind, METH_VARARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "catcher", nullptr, -1, methods};
PyMODINIT_FUNC PyInit_catcher(void) { return PyModule_Create(&module); }
