# cython: language_level=3
# As gfortran's convention has it: an int at the end for each CHARACTER argument.
cdef extern from *:
    """
    extern void dtrtrs_(char *, char *, char *, int *, int *, double *, int *, double *, int *,
                        int *, int, int, int);
    """
    void dtrtrs_(char *, char *, char *, int *, int *, double *, int *, double *, int *,
                 int *, int, int, int) nogil


def dtrtrs(double[::1, :] a, double[::1, :] b):
    cdef char uplo = b'U', no = b'N'
    cdef int n = a.shape[0], columns = b.shape[1], info = -1
    with nogil:
        dtrtrs_(&uplo, &no, &no, &n, &columns, &a[0, 0], &n, &b[0, 0], &n, &info, 1, 1, 1)
    return info
