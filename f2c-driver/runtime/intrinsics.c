/* Intrinsic functions that libf2c lacks or has for other types: `emshim_NAME_TYPE_`, by the types
   of `suffix` in lower/typed.rs. Arguments are addresses; a smaller INTEGER is the low bytes of a
   larger one. */
/* The Bessel functions of REAL. */
#define _GNU_SOURCE
/* Before f2c.h, whose macros take the C library's names. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "f2c.h"
#undef abs
#undef min
#undef max

/* Conversions. Out of range they give what the processor gives, as gfortran's do. */
#define TO(S, T, F, FROM) T emshim_to_##S##_##F##_(const FROM *x) { return (T)*x; }
#define TO_ALL(S, T)                                                                            \
    TO(S, T, i1, int8_t) TO(S, T, i2, int16_t) TO(S, T, i4, int32_t) TO(S, T, i8, int64_t)      \
    TO(S, T, r4, float) TO(S, T, r8, double)                                                    \
    T emshim_to_##S##_c4_(const complex *x) { return (T)x->r; }                                 \
    T emshim_to_##S##_c8_(const doublecomplex *x) { return (T)x->r; }
TO_ALL(i1, int8_t)
TO_ALL(i2, int16_t)
TO_ALL(i4, int32_t)
TO_ALL(i8, int64_t)

/* A constant that f2c would not read right: three numbers of 30 bits. */
int64_t emshim_large_i8_(const int32_t *high, const int32_t *middle, const int32_t *low) {
    return (int64_t)(((uint64_t)((int64_t)*high * (1 << 30) + *middle) << 30) + (uint64_t)*low);
}

#define INTEGER(S, T, U, WIDE)                                                                  \
    T emshim_abs_##S##_(const T *a) { return *a < 0 ? (T)(0 - (U)*a) : *a; }                    \
    T emshim_mod_##S##_(const T *a, const T *b) { return (T)(*a % *b); }                        \
    T emshim_modulo_##S##_(const T *a, const T *p) {                                            \
        T r = (T)(*a % *p);                                                                     \
        return r != 0 && (r < 0) != (*p < 0) ? (T)(r + *p) : r;                                 \
    }                                                                                           \
    T emshim_sign_##S##_(const T *a, const T *b) {                                              \
        T x = emshim_abs_##S##_(a);                                                             \
        return *b < 0 ? (T)(0 - (U)x) : x;                                                      \
    }                                                                                           \
    T emshim_dim_##S##_(const T *a, const T *b) { return *a > *b ? (T)((U)*a - (U)*b) : 0; }    \
    T emshim_max_##S##_(const T *a, const T *b) { return *a > *b ? *a : *b; }                   \
    T emshim_min_##S##_(const T *a, const T *b) { return *a < *b ? *a : *b; }                   \
    T emshim_iand_##S##_(const T *a, const T *b) { return (T)(*a & *b); }                       \
    T emshim_ior_##S##_(const T *a, const T *b) { return (T)(*a | *b); }                        \
    T emshim_ieor_##S##_(const T *a, const T *b) { return (T)(*a ^ *b); }                       \
    T emshim_not_##S##_(const T *a) { return (T)~*a; }                                          \
    int emshim_btest_##S##_(const T *a, const int32_t *n) { return (U)*a >> *n & 1; }           \
    T emshim_ibset_##S##_(const T *a, const int32_t *n) { return (T)((U)*a | (U)1 << *n); }     \
    T emshim_ibclr_##S##_(const T *a, const int32_t *n) { return (T)((U)*a & ~((U)1 << *n)); }  \
    T emshim_shiftl_##S##_(const T *a, const int32_t *n) {                                      \
        return *n >= 8 * (int)sizeof *a ? 0 : (T)((U)*a << *n);                                 \
    }                                                                                           \
    T emshim_shiftr_##S##_(const T *a, const int32_t *n) {                                      \
        return *n >= 8 * (int)sizeof *a ? 0 : (T)((U)*a >> *n);                                 \
    }                                                                                           \
    T emshim_shifta_##S##_(const T *a, const int32_t *n) {                                      \
        return (T)(*a >> (*n >= 8 * (int)sizeof *a ? 8 * (int)sizeof *a - 1 : *n));             \
    }                                                                                           \
    T emshim_dshiftl_##S##_(const T *a, const T *b, const int32_t *n) {                         \
        int all = 8 * sizeof *a;                                                                \
        if (*n == 0) return *a;                                                                 \
        if (*n == all) return *b;                                                               \
        return (T)((U)*a << *n | (U)*b >> (all - *n));                                          \
    }                                                                                           \
    T emshim_dshiftr_##S##_(const T *a, const T *b, const int32_t *n) {                         \
        int all = 8 * sizeof *a;                                                                \
        if (*n == 0) return *b;                                                                 \
        if (*n == all) return *a;                                                               \
        return (T)((U)*a << (all - *n) | (U)*b >> *n);                                          \
    }                                                                                           \
    T emshim_merge_bits_##S##_(const T *a, const T *b, const T *mask) {                         \
        return (T)((*a & *mask) | (*b & ~*mask));                                               \
    }                                                                                           \
    integer emshim_leadz_##S##_(const T *a) {                                                   \
        return (U)*a ? __builtin_clzll((U)*a) - (64 - 8 * (int)sizeof *a) : 8 * (int)sizeof *a; \
    }                                                                                           \
    integer emshim_trailz_##S##_(const T *a) {                                                  \
        return (U)*a ? __builtin_ctzll((U)*a) : 8 * (int)sizeof *a;                             \
    }                                                                                           \
    integer emshim_popcnt_##S##_(const T *a) { return __builtin_popcountll((U)*a); }            \
    integer emshim_poppar_##S##_(const T *a) { return __builtin_popcountll((U)*a) & 1; }        \
    int emshim_bge_##S##_(const T *a, const T *b) { return (U)*a >= (U)*b; }                    \
    int emshim_bgt_##S##_(const T *a, const T *b) { return (U)*a > (U)*b; }                     \
    int emshim_ble_##S##_(const T *a, const T *b) { return (U)*a <= (U)*b; }                    \
    int emshim_blt_##S##_(const T *a, const T *b) { return (U)*a < (U)*b; }                     \
    T emshim_maskr_##S##_(const int32_t *n) {                                                   \
        return (T)(*n >= 8 * (int)sizeof(T) ? ~(U)0 : (U)(((U)1 << *n) - 1));                   \
    }                                                                                           \
    T emshim_maskl_##S##_(const int32_t *n) {                                                   \
        int all = 8 * sizeof(T);                                                                \
        return (T)(*n <= 0 ? 0 : (U)(~(U)0 << (all - (*n > all ? all : *n))));                  \
    }                                                                                           \
    /* Negative powers are 0 but those of 1 and -1. */                                          \
    T emshim_pow_##S##_(const T *base, const T *exponent) {                                     \
        WIDE x = (WIDE)*base, power = 1;                                                        \
        T n = *exponent;                                                                        \
        if (n < 0) return *base == 1 ? 1 : *base == -1 ? (n & 1 ? -1 : 1) : *base ? 0 : (T)(1 / *base); \
        for (; n; n >>= 1, x *= x) if (n & 1) power *= x;                                       \
        return (T)power;                                                                        \
    }                                                                                           \
    void emshim_mvbits_##S##_(const T *from, const int32_t *frompos, const int32_t *len, T *to, \
                              const int32_t *topos) {                                           \
        U low = (U)emshim_maskr_##S##_(len);                                                    \
        if (*len > 0)                                                                           \
            *to = (T)(((U)*to & ~(U)(low << *topos))                                            \
                      | (U)((U)((U)*from >> *frompos & low) << *topos));                        \
    }
INTEGER(i1, int8_t, uint8_t, uint32_t)
INTEGER(i2, int16_t, uint16_t, uint32_t)
INTEGER(i4, int32_t, uint32_t, uint32_t)
INTEGER(i8, int64_t, uint64_t, uint64_t)

/* MERGE. */
#define MERGE(S, T)                                                                             \
    T emshim_merge_##S##_(const T *a, const T *b, const int *mask) { return *mask ? *a : *b; }
MERGE(i1, int8_t)
MERGE(i2, int16_t)
MERGE(i4, int32_t)
MERGE(i8, int64_t)
MERGE(r4, float)
MERGE(r8, double)
MERGE(l1, int8_t)
MERGE(l2, int16_t)
MERGE(l4, int32_t)
MERGE(l8, int64_t)
#define MERGE_COMPLEX(S, T)                                                                     \
    void emshim_merge_##S##_(T *to, const T *a, const T *b, const int *mask) {                  \
        T value = *mask ? *a : *b;                                                              \
        *to = value;                                                                            \
    }
MERGE_COMPLEX(c4, complex)
MERGE_COMPLEX(c8, doublecomplex)

/* Angles in degrees: exact where the value is. */
static long double reduced(double x, int *quadrant) {
    double rest = fmod(x, 360);
    int n = (int)floor(rest / 90);
    if (rest - 90.0 * n > 45) ++n;
    *quadrant = n & 3;
    return rest - 90.0 * n;
}
#define PI 3.14159265358979323846264338327950288L
static long double sine(long double x) {
    return x == 30 ? 0.5L : x == -30 ? -0.5L : sinl(x * (PI / 180));
}
static long double sine_of(double x, int shift) {
    int quadrant;
    long double rest = reduced(x, &quadrant);
    long double value;
    quadrant = (quadrant + shift) & 3;
    value = quadrant & 1 ? (rest == 60 || rest == -60 ? 0.5L : cosl(rest * (PI / 180))) : sine(rest);
    return quadrant & 2 ? -value : value;
}
static double in_degrees(long double x) { return (double)(x * (180 / PI)); }

#define DEGREES(S, T)                                                                           \
    T emshim_sind_##S##_(const T *x) { return *x == 0 ? *x : (T)sine_of(*x, 0); }               \
    T emshim_cosd_##S##_(const T *x) { return (T)sine_of(*x, 1); }                              \
    T emshim_tand_##S##_(const T *x) {                                                          \
        return *x == 0 ? *x : (T)(sine_of(*x, 0) / sine_of(*x, 1));                             \
    }                                                                                           \
    T emshim_cotand_##S##_(const T *x) { return (T)(sine_of(*x, 1) / sine_of(*x, 0)); }         \
    T emshim_cotan_##S##_(const T *x) { return (T)(1 / tanl(*x)); }                             \
    T emshim_asind_##S##_(const T *x) { return (T)in_degrees(asinl(*x)); }                      \
    T emshim_acosd_##S##_(const T *x) { return (T)in_degrees(acosl(*x)); }                      \
    T emshim_atand_##S##_(const T *x) { return (T)in_degrees(atanl(*x)); }                      \
    T emshim_atan2d_##S##_(const T *y, const T *x) { return (T)in_degrees(atan2l(*y, *x)); }
DEGREES(r4, float)
DEGREES(r8, double)

#define REAL_FUNCTIONS(S, T, F, DIGITS, MIN_EXPONENT)                                           \
    T emshim_whole_ceiling_##S##_(const T *x) { return ceil##F(*x); }                           \
    T emshim_whole_floor_##S##_(const T *x) { return floor##F(*x); }                            \
    T emshim_bessel_j0_##S##_(const T *x) { return j0##F(*x); }                                 \
    T emshim_bessel_j1_##S##_(const T *x) { return j1##F(*x); }                                 \
    T emshim_bessel_y0_##S##_(const T *x) { return y0##F(*x); }                                 \
    T emshim_bessel_y1_##S##_(const T *x) { return y1##F(*x); }                                 \
    T emshim_bessel_jn_##S##_(const int32_t *n, const T *x) { return jn##F(*n, *x); }           \
    T emshim_bessel_yn_##S##_(const int32_t *n, const T *x) { return yn##F(*n, *x); }           \
    T emshim_nearest_##S##_(const T *x, const T *direction) {                                   \
        return nextafter##F(*x, signbit(*direction) ? -(T)HUGE_VAL : (T)HUGE_VAL);              \
    }                                                                                           \
    T emshim_rrspacing_##S##_(const T *x) {                                                     \
        int e;                                                                                  \
        if (*x == 0) return 0;                                                                  \
        frexp##F(*x, &e);                                                                       \
        e = e - DIGITS < MIN_EXPONENT - 1 ? MIN_EXPONENT - 1 : e - DIGITS;                      \
        return fabs##F(scalbn##F(*x, -e));                                                      \
    }
REAL_FUNCTIONS(r4, float, f, 24, -125)
REAL_FUNCTIONS(r8, double, , 53, -1021)

/* exp(x*x)*erfc(x): for large x by its continued fraction, where the product would be 0 times
   infinity. */
static double scaled(double x) {
    if (x < 12) return exp(x * x) * erfc(x);
    double t = x;
    for (int n = 60; n > 0; --n) t = x + n / 2.0 / t;
    return 0.5641895835477562869 / t;
}
double emshim_erfc_scaled_r8_(const double *x) { return scaled(*x); }
float emshim_erfc_scaled_r4_(const float *x) { return (float)scaled(*x); }

/* Functions of COMPLEX, whose result goes through the first argument. */
#define COMPLEX_FUNCTION(NAME, S, T, F)                                                         \
    void emshim_##NAME##_##S##_(T *to, const T *z) {                                            \
        __typeof__(__builtin_c##NAME##F(0)) value =                                             \
            __builtin_c##NAME##F(__builtin_complex(z->r, z->i));                                \
        to->r = __real__ value;                                                                 \
        to->i = __imag__ value;                                                                 \
    }
#define COMPLEX_FUNCTIONS(S, T, F)                                                              \
    COMPLEX_FUNCTION(acos, S, T, F) COMPLEX_FUNCTION(asin, S, T, F)                             \
    COMPLEX_FUNCTION(atan, S, T, F) COMPLEX_FUNCTION(acosh, S, T, F)                            \
    COMPLEX_FUNCTION(asinh, S, T, F) COMPLEX_FUNCTION(atanh, S, T, F)                           \
    COMPLEX_FUNCTION(cosh, S, T, F) COMPLEX_FUNCTION(sinh, S, T, F)                             \
    COMPLEX_FUNCTION(tan, S, T, F) COMPLEX_FUNCTION(tanh, S, T, F)
COMPLEX_FUNCTIONS(c4, complex, f)
COMPLEX_FUNCTIONS(c8, doublecomplex, )

/* INDEX, SCAN and VERIFY with BACK. */
integer emshim_index_a_(const char *text, const char *part, const int *back, ftnlen n, ftnlen m) {
    ftnlen last = n - m;
    if (last < 0) return 0;
    for (ftnlen k = 0; k <= last; ++k) {
        ftnlen at = *back ? last - k : k;
        if (memcmp(text + at, part, (size_t)m) == 0) return (integer)at + 1;
    }
    return 0;
}

static integer search(const char *text, const char *set, int back, ftnlen n, ftnlen m, int wanted) {
    for (ftnlen k = 0; k < n; ++k) {
        ftnlen at = back ? n - 1 - k : k;
        if ((m > 0 && memchr(set, text[at], (size_t)m)) == wanted) return (integer)at + 1;
    }
    return 0;
}
integer emshim_scan_a_(const char *text, const char *set, const int *back, ftnlen n, ftnlen m) {
    return search(text, set, *back, n, m, 1);
}
integer emshim_verify_a_(const char *text, const char *set, const int *back, ftnlen n, ftnlen m) {
    return search(text, set, *back, n, m, 0);
}

double emshim_to_r8_r4_(const float *x) { return *x; }

/* SELECTED_INT_KIND of a number that is no constant: the kind of integers of so many decimal digits. */
int emshim_selected_int_kind_i4_(const int *digits) {
    static const struct {
        int digits, kind;
    } KINDS[] = {{2, 1}, {4, 2}, {9, 4}, {18, 8}};
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; ++k)
        if (*digits <= KINDS[k].digits) return KINDS[k].kind;
    return -1;
}
