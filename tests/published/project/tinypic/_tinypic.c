#include <Python.h>

static PyObject *triple(PyObject *self, PyObject *number)
{
    long n = PyLong_AsLong(number);
    if (n == -1 && PyErr_Occurred())
        return NULL;
    return PyLong_FromLong(3 * n);
}

static PyObject *gradient(PyObject *self, PyObject *args)
{
    Py_ssize_t width, height;
    if (!PyArg_ParseTuple(args, "nn", &width, &height))
        return NULL;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, width * height);
    if (!bytes)
        return NULL;
    char *at = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t y = 0; y < height; y++)
        for (Py_ssize_t x = 0; x < width; x++)
            *at++ = (char)(255 * (x * height + y * width) / (2 * width * height));
    return bytes;
}

PyDoc_STRVAR(triple_doc, "triple(n)\n--\n\nThree times a number.\n\n"
    "Examples\n--------\n>>> from tinypic import triple\n>>> triple(14)\n42\n");

static PyMethodDef methods[] = {
    {"triple", triple, METH_O, triple_doc},
    {"gradient", gradient, METH_VARARGS, "gradient(width, height)\n--\n\nShades of grey."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {PyModuleDef_HEAD_INIT, "_tinypic", NULL, -1, methods};

PyMODINIT_FUNC PyInit__tinypic(void)
{
    return PyModule_Create(&module);
}
