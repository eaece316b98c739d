/* The types and macros that f2c's C and libf2c share, with widths that do not depend on the
   target: INTEGER has 32 bits on wasm32 and on 64-bit hosts. Compile as gnu17. */
#ifndef F2C_INCLUDE
#define F2C_INCLUDE

/* -fdefault-integer-8, in the sources that f2c translated; the runtime has 32 bits always. */
#ifdef F2C_DEFAULT_INTEGER_8
typedef long long integer;
typedef unsigned long long uinteger;
typedef long long logical;
#else
typedef int integer;
typedef unsigned int uinteger;
typedef int logical;
#endif
typedef char *address;
typedef short shortint;
typedef float real;
typedef double doublereal;
typedef struct { real r, i; } complex;
typedef struct { doublereal r, i; } doublecomplex;
typedef short shortlogical;
typedef signed char logical1;
typedef signed char integer1;
#define INTEGER_STAR_8
typedef long long longint;
typedef unsigned long long ulongint;

/* Lengths of CHARACTER arguments are as wide as gfortran's: a size_t, but signed. */
typedef __PTRDIFF_TYPE__ ftnlen;
typedef int flag;
typedef int ftnint;

#define TRUE_ (1)
#define FALSE_ (0)
#define VOID void

/* COMMON blocks: one without initial values is defined by every object, and the linker keeps one.
   The sections let a link tell blocks from other data. */
#define COMMON_BLOCK(name) \
    __attribute__((weak, aligned(16), section(".bss.fortran.common." name)))
#define COMMON_DATA(name) __attribute__((aligned(16), section(".data.fortran.common." name)))

typedef struct { flag cierr; ftnint ciunit; flag ciend; char *cifmt; ftnint cirec; } cilist;
typedef struct {
    flag icierr; char *iciunit; flag iciend; char *icifmt; ftnint icirlen, icirnum;
} icilist;
typedef struct {
    flag oerr; ftnint ounit; char *ofnm; ftnlen ofnmlen; char *osta, *oacc, *ofm; ftnint orl;
    char *oblnk;
} olist;
typedef struct { flag cerr; ftnint cunit; char *csta; } cllist;
typedef struct { flag aerr; ftnint aunit; } alist;
typedef struct {
    flag inerr; ftnint inunit; char *infile; ftnlen infilen;
    ftnint *inex, *inopen, *innum, *innamed;
    char *inname; ftnlen innamlen; char *inacc; ftnlen inacclen; char *inseq; ftnlen inseqlen;
    char *indir; ftnlen indirlen; char *infmt; ftnlen infmtlen; char *inform; ftnint informlen;
    char *inunf; ftnlen inunflen; ftnint *inrecl, *innrec; char *inblank; ftnlen inblanklen;
} inlist;

/* The results of a FUNCTION with ENTRY statements of several types. */
union Multitype {
    integer1 g; shortint h; integer i; longint j; real r; doublereal d; complex c; doublecomplex z;
};
typedef union Multitype Multitype;

/* NAMELIST */
struct Vardesc { char *name; char *addr; ftnlen *dims; int type; };
typedef struct Vardesc Vardesc;
struct Namelist { char *name; Vardesc **vars; int nvars; };
typedef struct Namelist Namelist;

/* In one instruction where there is one, and right for negative zero. */
#define abs(x) \
    _Generic((x), float: __builtin_fabsf, double: __builtin_fabs, \
             long long: __builtin_llabs, default: __builtin_abs)(x)
#define dabs(x) ((doublereal)abs(x))
#define min(a, b) ((a) <= (b) ? (a) : (b))
#define max(a, b) ((a) >= (b) ? (a) : (b))
#define dmin(a, b) ((doublereal)min(a, b))
#define dmax(a, b) ((doublereal)max(a, b))
/* C's functions in the precision of their argument. */
#define emshim_acos(x) _Generic((x), float: __builtin_acosf, default: __builtin_acos)(x)
#define emshim_asin(x) _Generic((x), float: __builtin_asinf, default: __builtin_asin)(x)
#define emshim_atan(x) _Generic((x), float: __builtin_atanf, default: __builtin_atan)(x)
#define emshim_cos(x) _Generic((x), float: __builtin_cosf, default: __builtin_cos)(x)
#define emshim_cosh(x) _Generic((x), float: __builtin_coshf, default: __builtin_cosh)(x)
#define emshim_exp(x) _Generic((x), float: __builtin_expf, default: __builtin_exp)(x)
#define emshim_log(x) _Generic((x), float: __builtin_logf, default: __builtin_log)(x)
#define emshim_sin(x) _Generic((x), float: __builtin_sinf, default: __builtin_sin)(x)
#define emshim_sinh(x) _Generic((x), float: __builtin_sinhf, default: __builtin_sinh)(x)
#define emshim_sqrt(x) _Generic((x), float: __builtin_sqrtf, default: __builtin_sqrt)(x)
#define emshim_tan(x) _Generic((x), float: __builtin_tanf, default: __builtin_tan)(x)
#define emshim_tanh(x) _Generic((x), float: __builtin_tanhf, default: __builtin_tanh)(x)
#define emshim_atan2(y, x) \
    _Generic((y) + (x), float: __builtin_atan2f, default: __builtin_atan2)(y, x)
#define bit_test(a, b) ((a) >> (b) & 1)
#define bit_clear(a, b) ((a) & ~((uinteger)1 << (b)))
#define bit_set(a, b) ((a) | ((uinteger)1 << (b)))
#define qbit_clear(a, b) ((a) & ~((ulongint)1 << (b)))
#define qbit_set(a, b) ((a) | ((ulongint)1 << (b)))

/* Procedures as arguments. Subroutines return nothing, and a procedure whose kind is not known is
   most likely one. */
#define F2C_proc_par_types 1
typedef void (*U_fp)();
typedef void (*S_fp)();
typedef shortint (*J_fp)();
typedef integer (*I_fp)();
typedef longint (*UInt8_fp)();
typedef real (*R_fp)();
typedef doublereal (*D_fp)();
typedef real (*E_fp)();
typedef void (*C_fp)();
typedef void (*Z_fp)();
typedef logical (*L_fp)();
typedef shortlogical (*K_fp)();
typedef void (*H_fp)();
typedef void C_f;
typedef void H_f;
typedef void Z_f;
typedef real E_f;

/* Functions of libf2c that are faster, and as exact as gfortran's, inline. The runtime itself, which
   has them for programs that pass them on, sees the declarations only. */
#ifndef F2C_RUNTIME
#define F2C_INLINE __attribute__((unused)) static inline

F2C_INLINE double d_sign(doublereal *a, doublereal *b) { return __builtin_copysign(*a, *b); }
F2C_INLINE double r_sign(real *a, real *b) { return __builtin_copysignf(*a, *b); }
F2C_INLINE integer i_sign(integer *a, integer *b) {
    integer x = *a < 0 ? -*a : *a;
    return *b < 0 ? -x : x;
}
F2C_INLINE double d_dim(doublereal *a, doublereal *b) { return *a > *b ? *a - *b : 0; }
F2C_INLINE double r_dim(real *a, real *b) { return *a > *b ? *a - *b : 0; }
F2C_INLINE integer i_dim(integer *a, integer *b) { return *a > *b ? *a - *b : 0; }
F2C_INLINE double d_mod(doublereal *x, doublereal *y) { return __builtin_fmod(*x, *y); }
F2C_INLINE double r_mod(real *x, real *y) { return __builtin_fmodf(*x, *y); }
F2C_INLINE double d_int(doublereal *x) { return __builtin_trunc(*x); }
F2C_INLINE double r_int(real *x) { return __builtin_truncf(*x); }
F2C_INLINE double d_nint(doublereal *x) { return __builtin_round(*x); }
F2C_INLINE double r_nint(real *x) { return __builtin_roundf(*x); }
F2C_INLINE integer i_dnnt(doublereal *x) { return (integer)__builtin_round(*x); }
F2C_INLINE integer i_nint(real *x) { return (integer)__builtin_roundf(*x); }
F2C_INLINE double d_prod(real *x, real *y) { return (double)*x * (double)*y; }
F2C_INLINE double d_imag(doublecomplex *z) { return z->i; }
F2C_INLINE double r_imag(complex *z) { return z->i; }
F2C_INLINE void d_cnjg(doublecomplex *r, doublecomplex *z) {
    doublereal i = -z->i;
    r->r = z->r;
    r->i = i;
}
F2C_INLINE void r_cnjg(complex *r, complex *z) {
    real i = -z->i;
    r->r = z->r;
    r->i = i;
}
F2C_INLINE double z_abs(doublecomplex *z) { return __builtin_hypot(z->r, z->i); }
F2C_INLINE double c_abs(complex *z) { return __builtin_hypotf(z->r, z->i); }

/* Division as GCC's -fcx-fortran-rules has it: scaled by the larger part of the divisor. */
#define F2C_DIVIDE(NAME, T, PART, ABS)                                                          \
    F2C_INLINE void NAME(T *c, T *a, T *b) {                                                    \
        PART ratio, divisor, r, i;                                                              \
        if (ABS(b->r) < ABS(b->i)) {                                                            \
            ratio = b->r / b->i;                                                                \
            divisor = b->r * ratio + b->i;                                                      \
            r = a->r * ratio + a->i;                                                            \
            i = a->i * ratio - a->r;                                                            \
        } else {                                                                                \
            ratio = b->i / b->r;                                                                \
            divisor = b->i * ratio + b->r;                                                      \
            r = a->i * ratio + a->r;                                                            \
            i = a->i - a->r * ratio;                                                            \
        }                                                                                       \
        c->r = r / divisor;                                                                     \
        c->i = i / divisor;                                                                     \
    }
F2C_DIVIDE(z_div, doublecomplex, doublereal, __builtin_fabs)
F2C_DIVIDE(c_div, complex, real, __builtin_fabsf)

/* Powers with integer exponents by repeated squaring, as GCC's __builtin_powi. */
#define F2C_POWER(NAME, T)                                                                      \
    F2C_INLINE double NAME(T *base, integer *exponent) {                                        \
        uinteger n = *exponent < 0 ? -(uinteger)*exponent : (uinteger)*exponent;                \
        T x = *base, power = n & 1 ? x : 1;                                                     \
        while (n >>= 1) {                                                                       \
            x *= x;                                                                             \
            if (n & 1) power *= x;                                                              \
        }                                                                                       \
        return *exponent < 0 ? 1 / power : power;                                               \
    }
F2C_POWER(pow_di, doublereal)
F2C_POWER(pow_ri, real)
F2C_INLINE double pow_dd(doublereal *x, doublereal *y) { return __builtin_pow(*x, *y); }
#endif
#endif
