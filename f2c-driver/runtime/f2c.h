/* The types and macros that f2c's C and libf2c share, with widths that do not depend on the
   target: INTEGER has 32 bits on wasm32 and on 64-bit hosts. Compile as gnu17. */
#ifndef F2C_INCLUDE
#define F2C_INCLUDE
#include "names.h"

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
    integer *inex, *inopen, *innum, *innamed;
    char *inname; ftnlen innamlen; char *inacc; ftnlen inacclen; char *inseq; ftnlen inseqlen;
    char *indir; ftnlen indirlen; char *infmt; ftnlen infmtlen; char *inform; ftnint informlen;
    char *inunf; ftnlen inunflen; integer *inrecl, *innrec; char *inblank; ftnlen inblanklen;
} inlist;

/* The results of a FUNCTION with ENTRY statements of several types. */
union Multitype {
    integer1 g; shortint h; integer i; longint j; real r; doublereal d; complex c; doublecomplex z;
};
typedef union Multitype Multitype;

/* Types as input and output number them: libf2c's of INTEGER, LOGICAL and INTEGER*8, and ours of
   LOGICAL*8. */
enum { F2C_INTEGER = 3, F2C_LOGICAL = 8, F2C_INTEGER_8 = 14, F2C_LOGICAL_8 = 15 };

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
/* Signed, as the argument is. */
#define bit_clear(a, b) ((a) & ~(integer)((uinteger)1 << (b)))
#define bit_set(a, b) ((a) | (integer)((uinteger)1 << (b)))
#define qbit_clear(a, b) ((a) & ~(longint)((ulongint)1 << (b)))
#define qbit_set(a, b) ((a) | (longint)((ulongint)1 << (b)))

/* What kind of item formatted input or output is about, from the length that f2c passes for it: the
   first letter of its type and the third; `a` for a string, 0 where it is not known. */
extern char emshim_item[2];
#define F2C_LETTER(LENGTH, AT) (#LENGTH "                        ")[AT]
/* f2c may end a line behind the cast. */
#define F2C_GAP(LENGTH) (F2C_LETTER(LENGTH, 8) == ' ')
#define F2C_SIZED(LENGTH)                                                                       \
    (F2C_LETTER(LENGTH, 8 + F2C_GAP(LENGTH)) == 's' && F2C_LETTER(LENGTH, 14 + F2C_GAP(LENGTH)) == '(')
#define F2C_COUNTED(LENGTH)                                                                     \
    (F2C_LETTER(LENGTH, 8 + F2C_GAP(LENGTH)) >= '0' && F2C_LETTER(LENGTH, 8 + F2C_GAP(LENGTH)) <= '9')
#define typed_do_fio(NUMBER, ITEMS, LENGTH)                                                     \
    (emshim_item[0] = F2C_SIZED(LENGTH)     ? F2C_LETTER(LENGTH, 15 + F2C_GAP(LENGTH))          \
                      : F2C_COUNTED(LENGTH) ? 'a'                                               \
                                            : 0,                                                \
     emshim_item[1] = F2C_LETTER(LENGTH, 17 + F2C_GAP(LENGTH)), do_fio(NUMBER, ITEMS, LENGTH))

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

/* Intrinsic functions of REAL as arguments: libf2c's return double. */
#define F2C_PASSED(ONE, TWO)                                                                    \
    ONE(r_abs, real) ONE(r_acos, real) ONE(r_asin, real) ONE(r_atan, real) ONE(r_cos, real)     \
    ONE(r_cosh, real) ONE(r_exp, real) ONE(r_int, real) ONE(r_lg10, real) ONE(r_log, real)      \
    ONE(r_nint, real) ONE(r_sin, real) ONE(r_sinh, real) ONE(r_sqrt, real) ONE(r_tan, real)     \
    ONE(r_tanh, real) ONE(r_imag, complex) ONE(c_abs, complex)                                  \
    TWO(r_atn2) TWO(r_dim) TWO(r_mod) TWO(r_sign)
#define F2C_ONE(NAME, T) real emshim_##NAME##_(T *);
#define F2C_TWO(NAME) real emshim_##NAME##_(real *, real *);
F2C_PASSED(F2C_ONE, F2C_TWO)

/* Functions of libf2c that are faster, and as exact as gfortran's, inline. The runtime itself, which
   has them for programs that pass them on, sees the declarations only. */
#ifndef F2C_RUNTIME
#define F2C_INLINE __attribute__((unused)) static inline

/* wasm-ld may take a static function for another object's global one of that name. */
#define d_sign _gfortran_own_d_sign
#define r_sign _gfortran_own_r_sign
#define i_sign _gfortran_own_i_sign
#define i_abs _gfortran_own_i_abs
#define i_mod _gfortran_own_i_mod
#define d_dim _gfortran_own_d_dim
#define r_dim _gfortran_own_r_dim
#define i_dim _gfortran_own_i_dim
#define d_mod _gfortran_own_d_mod
#define r_mod _gfortran_own_r_mod
#define d_int _gfortran_own_d_int
#define r_int _gfortran_own_r_int
#define d_nint _gfortran_own_d_nint
#define r_nint _gfortran_own_r_nint
#define i_dnnt _gfortran_own_i_dnnt
#define i_nint _gfortran_own_i_nint
#define d_prod _gfortran_own_d_prod
#define d_imag _gfortran_own_d_imag
#define r_imag _gfortran_own_r_imag
#define d_cnjg _gfortran_own_d_cnjg
#define r_cnjg _gfortran_own_r_cnjg
#define z_abs _gfortran_own_z_abs
#define c_abs _gfortran_own_c_abs
#define z_div _gfortran_own_z_div
#define c_div _gfortran_own_c_div
#define pow_di _gfortran_own_pow_di
#define pow_ri _gfortran_own_pow_ri
#define pow_dd _gfortran_own_pow_dd
#define lbit_shift _gfortran_own_lbit_shift
#define lbit_low _gfortran_own_lbit_low
#define lbit_bits _gfortran_own_lbit_bits
#define lbit_cshift _gfortran_own_lbit_cshift
#define bbit_shift _gfortran_own_bbit_shift
#define bbit_low _gfortran_own_bbit_low
#define bbit_bits _gfortran_own_bbit_bits
#define bbit_cshift _gfortran_own_bbit_cshift
#define hbit_shift _gfortran_own_hbit_shift
#define hbit_low _gfortran_own_hbit_low
#define hbit_bits _gfortran_own_hbit_bits
#define hbit_cshift _gfortran_own_hbit_cshift
#define qbit_shift _gfortran_own_qbit_shift
#define qbit_low _gfortran_own_qbit_low
#define qbit_bits _gfortran_own_qbit_bits
#define qbit_cshift _gfortran_own_qbit_cshift

F2C_INLINE double d_sign(doublereal *a, doublereal *b) { return __builtin_copysign(*a, *b); }
F2C_INLINE double r_sign(real *a, real *b) { return __builtin_copysignf(*a, *b); }
F2C_INLINE integer i_sign(integer *a, integer *b) {
    integer x = *a < 0 ? -*a : *a;
    return *b < 0 ? -x : x;
}
F2C_INLINE integer i_abs(integer *a) { return *a < 0 ? -*a : *a; }
F2C_INLINE integer i_mod(integer *a, integer *b) { return *a % *b; }
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

/* ISHFT, IBITS and ISHFTC; by as many places as there are bits, too. A length that is not positive
   stands for all bits. */
#define F2C_BITS(P, T, U)                                                                       \
    F2C_INLINE T P##_shift(T a, integer n) {                                                    \
        integer all = 8 * sizeof a;                                                             \
        if (n >= all || n <= -all) return 0;                                                    \
        return n >= 0 ? (T)((U)a << n) : (T)((U)a >> -n);                                       \
    }                                                                                           \
    F2C_INLINE T P##_low(integer n) { return ~P##_shift(-1, n); }                               \
    F2C_INLINE T P##_bits(T a, integer at, integer n) {                                         \
        return P##_shift(a, -at) & P##_low(n);                                                  \
    }                                                                                           \
    F2C_INLINE T P##_cshift(T a, integer n, integer length) {                                   \
        integer all = 8 * sizeof a, size = length > 0 && length < all ? length : all;           \
        T low = P##_low(size), part = a & low;                                                  \
        n = (n % size + size) % size;                                                           \
        return (a & ~low) | (low & (P##_shift(part, n) | P##_shift(part, n - size)));           \
    }
F2C_BITS(lbit, integer, uinteger)
F2C_BITS(bbit, integer1, unsigned char)
F2C_BITS(hbit, shortint, unsigned short)
F2C_BITS(qbit, longint, ulongint)

/* The same of the types for which f2c would take 32 bits. Its expressions of them have INTEGER's
   type. */
#define F2C_BITS_OF(KIND, P, T)                                                                 \
    F2C_INLINE T emshim_ishft_##KIND##_(void *a, integer *n) { return P##_shift(*(T *)a, *n); } \
    F2C_INLINE T emshim_ibits_##KIND##_(void *a, integer *at, integer *n) {                     \
        return P##_bits(*(T *)a, *at, *n);                                                      \
    }                                                                                           \
    F2C_INLINE T emshim_ishftc_##KIND##_(void *a, integer *n, integer *length) {                \
        return P##_cshift(*(T *)a, *n, *length);                                                \
    }
F2C_BITS_OF(i1, bbit, integer1)
F2C_BITS_OF(i2, hbit, shortint)

/* With INTEGER of 64 bits, the runtime's functions with INTEGER of 32: a caller gets the function
   with wide_ before its name. */
#ifdef F2C_DEFAULT_INTEGER_8
#define F2C_RESULT(NAME, PARAMETERS, ARGUMENTS)                                                 \
    int NAME PARAMETERS;                                                                        \
    F2C_INLINE integer wide_##NAME PARAMETERS { return NAME ARGUMENTS; }

F2C_RESULT(i_len, (char *a, ftnlen n), (a, n))
#define F2C_COMPARE(NAME)                                                                       \
    F2C_RESULT(NAME, (char *a, char *b, ftnlen m, ftnlen n), (a, b, m, n))
F2C_COMPARE(s_cmp) F2C_COMPARE(i_indx)
F2C_COMPARE(l_ge) F2C_COMPARE(l_gt) F2C_COMPARE(l_le) F2C_COMPARE(l_lt)
F2C_RESULT(emshim_len_trim_a_, (char *a, ftnlen n), (a, n))
F2C_RESULT(emshim_allocated_, (void **array), (array))
F2C_RESULT(emshim_allocate_stat_, (void **array, doublereal *bytes), (array, bytes))
F2C_RESULT(emshim_deallocate_stat_, (void **array), (array))
F2C_RESULT(emshim_iargc_0_, (void), ())
F2C_RESULT(emshim_exponent_r4_, (real *x), (x))
F2C_RESULT(emshim_exponent_r8_, (doublereal *x), (x))
F2C_RESULT(emshim_isnan_r4_, (real *x), (x))
F2C_RESULT(emshim_isnan_r8_, (doublereal *x), (x))

/* INQUIRE writes 32 bits of each answer. */
int f_inqu(inlist *);
F2C_INLINE integer wide_f_inqu(inlist *list) {
    integer *answers[] = {list->inex, list->inopen, list->innum,
                          list->innamed, list->inrecl, list->innrec};
    int status = f_inqu(list);
    for (int k = 0; k < 6; k++)
        if (answers[k]) *answers[k] = *(ftnint *)answers[k];
    return status;
}

F2C_INLINE integer wide_emshim_ceiling_r4_(real *x) { return (integer)__builtin_ceilf(*x); }
F2C_INLINE integer wide_emshim_ceiling_r8_(doublereal *x) { return (integer)__builtin_ceil(*x); }
F2C_INLINE integer wide_emshim_floor_r4_(real *x) { return (integer)__builtin_floorf(*x); }
F2C_INLINE integer wide_emshim_floor_r8_(doublereal *x) { return (integer)__builtin_floor(*x); }
F2C_INLINE integer wide_emshim_modulo_i4_(integer *a, integer *p) {
    integer r = *a % *p;
    return r && (r < 0) != (*p < 0) ? r + *p : r;
}
longint pow_qq(longint *a, longint *b);
F2C_INLINE integer wide_pow_ii(integer *a, integer *b) { return pow_qq(a, b); }

void s_cat(char *, char **, ftnint *, ftnint *, ftnlen);
F2C_INLINE void wide_s_cat(char *to, char **from, integer *lengths, integer *count, ftnlen length) {
    ftnint n = (ftnint)*count, all[n];
    for (ftnint k = 0; k < n; ++k) all[k] = (ftnint)lengths[k];
    s_cat(to, from, all, &n, length);
}

/* Input and output: begun, ended, and each item of a list. */
#define F2C_STATEMENT(T, NAME) F2C_RESULT(NAME, (T *a), (a))
#define F2C_TRANSFER(T, KIND)                                                                   \
    F2C_STATEMENT(T, s_r##KIND) F2C_STATEMENT(T, s_w##KIND)                                     \
    F2C_RESULT(e_r##KIND, (void), ()) F2C_RESULT(e_w##KIND, (void), ())
#define F2C_UNIT(KIND)                                                                          \
    F2C_STATEMENT(cilist, unit_s_r##KIND) F2C_STATEMENT(cilist, unit_s_w##KIND)                 \
    F2C_RESULT(e_r##KIND, (void), ()) F2C_RESULT(e_w##KIND, (void), ())
F2C_UNIT(sle) F2C_UNIT(sfe) F2C_UNIT(sue) F2C_UNIT(dfe) F2C_UNIT(due)
F2C_TRANSFER(icilist, sfi) F2C_TRANSFER(icilist, sli)
F2C_STATEMENT(olist, unit_f_open) F2C_STATEMENT(cllist, unit_f_clos)
F2C_STATEMENT(alist, unit_f_back) F2C_STATEMENT(alist, unit_f_end) F2C_STATEMENT(alist, unit_f_rew)
#define F2C_ITEMS(NAME)                                                                         \
    int NAME(ftnint *, char *, ftnlen);                                                         \
    F2C_INLINE integer wide_##NAME(integer *number, char *items, ftnlen length) {               \
        ftnint n = (ftnint)*number;                                                             \
        return NAME(&n, items, length);                                                         \
    }
F2C_ITEMS(do_fio) F2C_ITEMS(do_uio)
F2C_INLINE ftnint wide_type(integer type) {
    return type == F2C_INTEGER   ? F2C_INTEGER_8
           : type == F2C_LOGICAL ? F2C_LOGICAL_8
                                 : (ftnint)type;
}
int do_lio(ftnint *, ftnint *, char *, ftnlen);
F2C_INLINE integer wide_do_lio(integer *type, integer *number, char *items, ftnlen length) {
    ftnint t = wide_type(*type), n = (ftnint)*number;
    return do_lio(&t, &n, items, length);
}
#define F2C_NAMELIST(NAME)                                                                      \
    int NAME(cilist *);                                                                         \
    F2C_INLINE integer wide_##NAME(cilist *list) {                                              \
        Namelist *names = (Namelist *)list->cifmt;                                              \
        for (int k = 0; k < names->nvars; ++k)                                                  \
            names->vars[k]->type = wide_type(names->vars[k]->type);                             \
        return NAME(list);                                                                      \
    }
F2C_NAMELIST(unit_s_rsne) F2C_NAMELIST(unit_s_wsne)

#define i_len wide_i_len
#define s_cmp wide_s_cmp
#define i_indx wide_i_indx
#define l_ge wide_l_ge
#define l_gt wide_l_gt
#define l_le wide_l_le
#define l_lt wide_l_lt
#define emshim_len_trim_a_ wide_emshim_len_trim_a_
#define emshim_allocated_ wide_emshim_allocated_
#define emshim_allocate_stat_ wide_emshim_allocate_stat_
#define emshim_deallocate_stat_ wide_emshim_deallocate_stat_
#define emshim_iargc_0_ wide_emshim_iargc_0_
#define f_inqu wide_f_inqu
#define emshim_exponent_r4_ wide_emshim_exponent_r4_
#define emshim_exponent_r8_ wide_emshim_exponent_r8_
#define emshim_isnan_r4_ wide_emshim_isnan_r4_
#define emshim_isnan_r8_ wide_emshim_isnan_r8_
#define emshim_ceiling_r4_ wide_emshim_ceiling_r4_
#define emshim_ceiling_r8_ wide_emshim_ceiling_r8_
#define emshim_floor_r4_ wide_emshim_floor_r4_
#define emshim_floor_r8_ wide_emshim_floor_r8_
#define emshim_modulo_i4_ wide_emshim_modulo_i4_
#define pow_ii wide_pow_ii
#define s_cat wide_s_cat
#define s_rsle wide_unit_s_rsle
#define s_wsle wide_unit_s_wsle
#define e_rsle wide_e_rsle
#define e_wsle wide_e_wsle
#define s_rsfe wide_unit_s_rsfe
#define s_wsfe wide_unit_s_wsfe
#define e_rsfe wide_e_rsfe
#define e_wsfe wide_e_wsfe
#define s_rsue wide_unit_s_rsue
#define s_wsue wide_unit_s_wsue
#define e_rsue wide_e_rsue
#define e_wsue wide_e_wsue
#define s_rdfe wide_unit_s_rdfe
#define s_wdfe wide_unit_s_wdfe
#define e_rdfe wide_e_rdfe
#define e_wdfe wide_e_wdfe
#define s_rdue wide_unit_s_rdue
#define s_wdue wide_unit_s_wdue
#define e_rdue wide_e_rdue
#define e_wdue wide_e_wdue
#define s_rsfi wide_s_rsfi
#define s_wsfi wide_s_wsfi
#define e_rsfi wide_e_rsfi
#define e_wsfi wide_e_wsfi
#define s_rsli wide_s_rsli
#define s_wsli wide_s_wsli
#define e_rsli wide_e_rsli
#define e_wsli wide_e_wsli
#define f_open wide_unit_f_open
#define f_clos wide_unit_f_clos
#define f_back wide_unit_f_back
#define f_end wide_unit_f_end
#define f_rew wide_unit_f_rew
#define do_fio wide_do_fio
#define do_uio wide_do_uio
#define do_lio wide_do_lio
#define s_rsne wide_unit_s_rsne
#define s_wsne wide_unit_s_wsne
#else
/* Statements that name a unit: units.c has the numbers. */
#define s_rsfe unit_s_rsfe
#define s_wsfe unit_s_wsfe
#define s_rsle unit_s_rsle
#define s_wsle unit_s_wsle
#define s_rsue unit_s_rsue
#define s_wsue unit_s_wsue
#define s_rsne unit_s_rsne
#define s_wsne unit_s_wsne
#define s_rdfe unit_s_rdfe
#define s_wdfe unit_s_wdfe
#define s_rdue unit_s_rdue
#define s_wdue unit_s_wdue
#define f_back unit_f_back
#define f_end unit_f_end
#define f_rew unit_f_rew
#define f_open unit_f_open
#define f_clos unit_f_clos
#endif
#endif
#endif
