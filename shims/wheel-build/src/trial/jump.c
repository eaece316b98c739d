#include <Python.h>
#include <setjmp.h>

static jmp_buf place;

static void down(int depth) {
    if (depth == 0)
        longjmp(place, 1);
    down(depth - 1);
}

static PyObject *deep(PyObject *self, PyObject *arg) {
    /* volatile: a local that changes after setjmp is otherwise undefined. */
    volatile long long n = PyLong_AsLongLong(arg);
    if (setjmp(place) == 0) {
        n <<= 40;
        down(20);
        n = -1;
    }
    return PyLong_FromLongLong(n);
}

static PyMethodDef methods[] = {{"deep", deep, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "jump", NULL, -1, methods};
PyMODINIT_FUNC PyInit_jump(void) { return PyModule_Create(&module); }
