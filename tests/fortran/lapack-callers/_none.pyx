# cython: language_level=3
# As most of Cython's callers declare LAPACK: no lengths of CHARACTER arguments.
cdef extern from *:
    """
    extern void dgetrs_(char *, int *, int *, double *, int *, int *, double *, int *, int *);
    extern float sdot_(int *, float *, int *, float *, int *);
    """
    void dgetrs_(char *, int *, int *, double *, int *, int *, double *, int *, int *) nogil
    float sdot_(int *, float *, int *, float *, int *) nogil


def dgetrs(double[::1, :] a, int[::1] pivots, double[::1, :] b):
    cdef char trans = b'N'
    cdef int n = a.shape[0], columns = b.shape[1], info = -1
    with nogil:
        dgetrs_(&trans, &n, &columns, &a[0, 0], &n, &pivots[0], &b[0, 0], &n, &info)
    return info


def sdot(float[::1] x, float[::1] y):
    cdef int n = x.shape[0], one = 1
    return sdot_(&n, &x[0], &one, &y[0], &one)
