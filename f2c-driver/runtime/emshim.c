/* What gfortran's runtime has and libf2c has not, or has with another signature. Callers are
   translated sources: every argument is a pointer, subroutines return nothing. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "f2c.h"

void emshim_error(const char *, int);

/* ALLOCATE and automatic arrays. The first argument is the array's own pointer. The statuses are
   those of gfortran's STAT. */

enum { NOT_ALLOCATED = 1, ALREADY_ALLOCATED = 5014, NO_MEMORY = 5020 };

integer emshim_allocated_(void **array) { return *array != 0; }

integer emshim_allocate_stat_(void **array, const doublereal *bytes) {
    if (*array) return ALREADY_ALLOCATED;
    if (*bytes < (doublereal)PTRDIFF_MAX) *array = malloc(*bytes > 0 ? (size_t)*bytes : 1);
    return *array ? 0 : NO_MEMORY;
}

integer emshim_deallocate_stat_(void **array) {
    if (!*array) return NOT_ALLOCATED;
    free(*array);
    *array = 0;
    return 0;
}

void emshim_allocate_(void **array, const doublereal *bytes) {
    if (*array) emshim_error("ALLOCATE of an array that is allocated already", 2);
    if (emshim_allocate_stat_(array, bytes)) emshim_error("ALLOCATE: there is no memory", 1);
}

/* DEALLOCATE; and what the end of a procedure does, for which nothing need be allocated. */
void emshim_deallocate_own_(void **array) {
    if (emshim_deallocate_stat_(array)) emshim_error("DEALLOCATE of an array that is not allocated", 2);
}

void emshim_deallocate_(void **array) { emshim_deallocate_stat_(array); }

/* An array for one statement: what a jump out of that left behind goes. */
void emshim_temporary_(void **array, const doublereal *bytes) {
    emshim_deallocate_stat_(array);
    emshim_allocate_(array, bytes);
}

/* A string for one statement, and its length. */
void emshim_string_(void **text, const integer *length, ftnlen *known) {
    doublereal bytes = *length > 0 ? *length : 0;
    emshim_temporary_(text, &bytes);
    *known = (ftnlen)bytes;
}

/* ADJUSTL and ADJUSTR in place, REPEAT. */
void emshim_adjustl_(char *text, ftnlen length) {
    ftnlen blanks = 0;
    while (blanks < length && text[blanks] == ' ') ++blanks;
    memmove(text, text + blanks, (size_t)(length - blanks));
    memset(text + length - blanks, ' ', (size_t)blanks);
}
void emshim_adjustr_(char *text, ftnlen length) {
    ftnlen blanks = 0;
    while (blanks < length && text[length - 1 - blanks] == ' ') ++blanks;
    memmove(text + blanks, text, (size_t)(length - blanks));
    memset(text, ' ', (size_t)blanks);
}
void emshim_repeat_(char *to, const char *part, ftnlen length, ftnlen size) {
    for (ftnlen at = 0; at + size <= length && size > 0; at += size) memcpy(to + at, part, (size_t)size);
}

/* Functions of COMPLEX as gfortran has them: the C library's, in the argument's own precision.
   libf2c's are formulas in double precision, which overflow early and round otherwise. musl's
   logarithm is LOG(ABS(Z)), which has no digit right where ABS(Z) is nearly one. */

static double log_abs(double re, double im) {
    double size = hypot(re, im), x = fmax(fabs(re), fabs(im)), y = fmin(fabs(re), fabs(im));
    return size > 0.5 && size < 2 ? 0.5 * log1p((x - 1) * (x + 1) + y * y) : log(size);
}

void c_log(complex *result, const complex *z) {
    real imaginary = atan2f(z->i, z->r);
    result->r = (real)log_abs(z->r, z->i);
    result->i = imaginary;
}

void z_log(doublecomplex *result, const doublecomplex *z) {
    doublereal imaginary = atan2(z->i, z->r);
    result->r = log_abs(z->r, z->i);
    result->i = imaginary;
}

#define COMPLEX_FUNCTION(NAME, T, CALL)                                                         \
    void NAME(T *result, const T *z) {                                                          \
        __typeof__(CALL(0)) value = CALL(__builtin_complex(z->r, z->i));                        \
        result->r = __real__ value;                                                             \
        result->i = __imag__ value;                                                             \
    }
#define COMPLEX_FUNCTIONS(P, T, F)                                                              \
    COMPLEX_FUNCTION(P##_cos, T, __builtin_ccos##F)                                             \
    COMPLEX_FUNCTION(P##_exp, T, __builtin_cexp##F)                                             \
    COMPLEX_FUNCTION(P##_sin, T, __builtin_csin##F)                                             \
    COMPLEX_FUNCTION(P##_sqrt, T, __builtin_csqrt##F)
COMPLEX_FUNCTIONS(c, complex, f)
COMPLEX_FUNCTIONS(z, doublecomplex, )

void pow_zz(doublecomplex *result, const doublecomplex *a, const doublecomplex *b) {
    double _Complex value =
        __builtin_cpow(__builtin_complex(a->r, a->i), __builtin_complex(b->r, b->i));
    result->r = __real__ value;
    result->i = __imag__ value;
}

/* By repeated squaring, of the inverse where the exponent is negative. */
#define COMPLEX_POWER(NAME, T, PART, DIVIDE)                                                    \
    void DIVIDE(T *, T *, T *);                                                                 \
    void NAME(T *result, const T *base, const integer *exponent) {                              \
        T x = *base, one = {1, 0}, power = one;                                                 \
        uinteger n = *exponent < 0 ? -(uinteger)*exponent : (uinteger)*exponent;                \
        PART part;                                                                              \
        if (*exponent < 0) DIVIDE(&x, &one, &x);                                                \
        for (; n; n >>= 1) {                                                                    \
            if (n & 1) {                                                                        \
                part = power.r * x.r - power.i * x.i;                                           \
                power.i = power.r * x.i + power.i * x.r;                                        \
                power.r = part;                                                                 \
            }                                                                                   \
            if (n > 1) {                                                                        \
                part = x.r * x.r - x.i * x.i;                                                   \
                x.i = 2 * x.r * x.i;                                                            \
                x.r = part;                                                                     \
            }                                                                                   \
        }                                                                                       \
        *result = power;                                                                        \
    }
COMPLEX_POWER(pow_ci, complex, real, c_div)
COMPLEX_POWER(pow_zi, doublecomplex, doublereal, z_div)

/* Numeric intrinsics of Fortran 90 and 2008, for REAL (r4) and DOUBLE PRECISION (r8). */

#define NUMERIC(T, S, F, DIGITS, MIN_EXPONENT)                                                  \
    integer emshim_ceiling_##S##_(const T *x) { return (integer)ceil##F(*x); }                 \
    integer emshim_floor_##S##_(const T *x) { return (integer)floor##F(*x); }                  \
    integer emshim_exponent_##S##_(const T *x) {                                                \
        int e = 0;                                                                              \
        if (isnan(*x) || isinf(*x)) return 2147483647;                                          \
        frexp##F(*x, &e);                                                                       \
        return *x == 0 ? 0 : e;                                                                 \
    }                                                                                           \
    T emshim_fraction_##S##_(const T *x) {                                                      \
        int e;                                                                                  \
        return isinf(*x) ? (T)NAN : frexp##F(*x, &e);                                           \
    }                                                                                           \
    T emshim_scale_##S##_(const T *x, const integer *i) { return scalbn##F(*x, (int)*i); }      \
    T emshim_set_exponent_##S##_(const T *x, const integer *i) {                                \
        int e;                                                                                  \
        return scalbn##F(frexp##F(*x, &e), (int)*i);                                            \
    }                                                                                           \
    T emshim_spacing_##S##_(const T *x) {                                                       \
        int e;                                                                                  \
        frexp##F(*x, &e);                                                                       \
        e = *x == 0 || e - DIGITS < MIN_EXPONENT - 1 ? MIN_EXPONENT - 1 : e - DIGITS;           \
        return scalbn##F((T)1, e);                                                              \
    }                                                                                           \
    T emshim_modulo_##S##_(const T *a, const T *p) {                                            \
        T r = fmod##F(*a, *p);                                                                  \
        if (r == 0) return copysign##F(0, *p);                                                  \
        return (r < 0) != (*p < 0) ? r + *p : r;                                                \
    }                                                                                           \
    T emshim_acosh_##S##_(const T *x) { return acosh##F(*x); }                                  \
    T emshim_asinh_##S##_(const T *x) { return asinh##F(*x); }                                  \
    T emshim_atanh_##S##_(const T *x) { return atanh##F(*x); }                                  \
    T emshim_erf_##S##_(const T *x) { return erf##F(*x); }                                      \
    T emshim_erfc_##S##_(const T *x) { return erfc##F(*x); }                                    \
    T emshim_gamma_##S##_(const T *x) { return tgamma##F(*x); }                                 \
    T emshim_log_gamma_##S##_(const T *x) { return lgamma##F(*x); }                             \
    T emshim_hypot_##S##_(const T *x, const T *y) { return hypot##F(*x, *y); }                  \
    logical emshim_isnan_##S##_(const T *x) { return isnan(*x) != 0; }                          \
    void emshim_cpu_time_##S##_(T *t) { *t = (T)((double)clock() / CLOCKS_PER_SEC); }

NUMERIC(float, r4, f, 24, -125)
NUMERIC(double, r8, , 53, -1021)

integer emshim_len_trim_a_(const char *text, ftnlen length) {
    while (length > 0 && text[length - 1] == ' ') --length;
    return (integer)length;
}

/* gfortran's ETIME and DTIME are REAL functions; libf2c's return double. */
static void seconds(real *times) {
#ifdef __EMSCRIPTEN__
    /* Its getrusage is always 0. */
    times[0] = (real)((double)clock() / CLOCKS_PER_SEC);
    times[1] = 0;
#else
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    times[0] = (real)usage.ru_utime.tv_sec + (real)usage.ru_utime.tv_usec * 1e-6f;
    times[1] = (real)usage.ru_stime.tv_sec + (real)usage.ru_stime.tv_usec * 1e-6f;
#endif
}

real etime_(real *times) {
    seconds(times);
    return times[0] + times[1];
}

real dtime_(real *times) {
    static real last[2];
    real now[2];
    seconds(now);
    for (int i = 0; i < 2; ++i) {
        times[i] = now[i] - last[i];
        last[i] = now[i];
    }
    return times[0] + times[1];
}

/* Intrinsics that libf2c computes less exactly than the C library: LOG10 as a multiple of LOG, NINT
   as FLOOR(X+0.5), MOD through a rounded quotient,
   10.**(-3) as 0.1**3, SIGN without regard to the sign of a zero. */

double d_lg10(doublereal *x) { return log10(*x); }
double r_lg10(real *x) { return log10f(*x); }
double d_nint(doublereal *x) { return round(*x); }
double r_nint(real *x) { return roundf(*x); }
double d_sign(doublereal *a, doublereal *b) { return copysign(*a, *b); }
double r_sign(real *a, real *b) { return copysignf(*a, *b); }
double d_mod(doublereal *x, doublereal *y) { return fmod(*x, *y); }
double r_mod(real *x, real *y) { return fmodf(*x, *y); }
integer i_dnnt(doublereal *x) { return (integer)round(*x); }
integer i_nint(real *x) { return (integer)roundf(*x); }
shortint h_dnnt(doublereal *x) { return (shortint)round(*x); }
shortint h_nint(real *x) { return (shortint)roundf(*x); }

#define POWER(T, S)                                                                             \
    double pow_##S##i(T *base, integer *exponent) {                                             \
        unsigned n = *exponent < 0 ? -(unsigned)*exponent : (unsigned)*exponent;                \
        T x = *base, power = n & 1 ? x : 1;                                                     \
        while (n >>= 1) {                                                                       \
            x *= x;                                                                             \
            if (n & 1) power *= x;                                                              \
        }                                                                                       \
        return *exponent < 0 ? 1 / power : power;                                               \
    }
POWER(doublereal, d)
POWER(real, r)

/* REAL functions as arguments. */
#define PASSED_ONE(NAME, T)                                                                     \
    double NAME(T *);                                                                           \
    real emshim_##NAME##_(T *x) { return (real)NAME(x); }
#define PASSED_TWO(NAME)                                                                        \
    double NAME(real *, real *);                                                                \
    real emshim_##NAME##_(real *x, real *y) { return (real)NAME(x, y); }
F2C_PASSED(PASSED_ONE, PASSED_TWO)
