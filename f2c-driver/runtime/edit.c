/* Formatted output of numbers as gfortran prints them; the rest is libf2c's. */
/* Before f2c.h, whose macros take the C library's names. */
#include <math.h>
#include <stdlib.h>
#define w_ed libf2c_w_ed
/* Its definition has a word between the parentheses, its calls none. */
static int moved(void);
#define mv_cur(word) MOVED_##word
#define MOVED_Void libf2c_mv_cur(void)
#define MOVED_ moved()
#include "wrtfmt.c"
#undef w_ed
#undef mv_cur
#include <string.h>
#include "format.h"
#include "lwrite.h"
#include "connect.h"

enum { BAD_FORMAT = 5006 };

int w_ed(struct syl *p, char *ptr, ftnlen len);

static int put(const char *text, int length, int width) {
    if (width == ANY_WIDTH) width = length;
    for (int i = length; i < width; ++i) (*f__putn)(' ');
    for (int i = 0; i < (length < width ? length : width); ++i)
        (*f__putn)(length > width ? '*' : text[i]);
    return 0;
}

/* A move beyond the end of an internal record is not made; the statement says so when it ends. */
static int moved(void) {
    int left = f__external || f__cursor <= 0 ? 1 : f__svic->icirlen - f__recpos - f__cursor;
    if (left > 0) return libf2c_mv_cur();
    if (left < 0) {
        f__cursor = 0;
        emshim_overflow();
        return 0;
    }
    /* To the very end, where libf2c goes no more. */
    --f__cursor;
    int status = f__cursor ? libf2c_mv_cur() : 0;
    if (f__hiwater <= f__recpos) (*f__putn)(' ');
    else ++f__recpos, ++f__icptr;
    return status;
}

static double value(ufloat *p, ftnlen len) { return len == sizeof(real) ? p->pf : p->pd; }

static const char *sign_of(double x) { return signbit(x) ? "-" : f__cplus ? "+" : ""; }

/* Infinity and NaN, in full where there is room. */
static int put_special(double x, int width) {
    char text[16];
    const char *sign = isnan(x) ? "" : sign_of(x);
    /* Without a width as short as it goes. */
    int room = width == ANY_WIDTH ? 0 : width;
    sprintf(text, "%s%s", sign,
            isnan(x) ? "NaN" : room >= 8 + (int)strlen(sign) ? "Infinity" : "Inf");
    return put(text, (int)strlen(text), width);
}

/* A decimal number; a zero before the point is dropped where it does not fit. */
static int put_decimal(char *text, int width) {
    int length = (int)strlen(text);
    char *zero = text + (*text == '-' || *text == '+');
    if (zero[0] == '0' && zero[1] == '.' && zero[2] && (length > width || width == ANY_WIDTH))
        memmove(zero, zero + 1, (size_t)(length-- - (zero - text)));
    return put(text, length, width);
}

/* Digits behind a point that are ever asked for: a field is no wider. */
enum { MOST_DIGITS = 4000, INTEGER_DIGITS = 310 };
static int bounded(int d) { return d < 0 ? 0 : d > MOST_DIGITS ? MOST_DIGITS : d; }

/* `x` times ten to the power of `scale` with `d` digits behind the point, without its sign: the point of
   the exact number is moved. */
static void decimal(char *out, double x, int d, int scale) {
    for (; d + scale < 0; ++scale) x /= 10;
    char text[INTEGER_DIGITS + MOST_DIGITS + 400];
    int digits = snprintf(text, sizeof text, "%.*f", d + scale, fabs(x));
    /* Without the point, and with as many digits in front as it moves over. */
    char *point = strchr(text, '.');
    if (point) memmove(point, point + 1, strlen(point)), --digits;
    int before = digits - d;
    if (before < 1) {
        memmove(text + 1 - before, text, (size_t)digits + 1);
        memset(text, '0', (size_t)(1 - before));
        before = 1;
    }
    int zeros = 0;
    while (zeros < before - 1 && text[zeros] == '0') ++zeros;
    sprintf(out, "%.*s.%s", before - zeros, text + zeros, text + before);
}

int wrt_F(ufloat *p, int w, int d, ftnlen len) {
    double x = value(p, len);
    char text[INTEGER_DIGITS + MOST_DIGITS + 800];
    if (isnan(x) || isinf(x)) return put_special(x, w);
    int scale = f__scale > 300 ? 300 : f__scale < -300 ? -300 : f__scale;
    decimal(text + sprintf(text, "%s", sign_of(x)), x, bounded(d), scale);
    return put_decimal(text, w);
}

/* `e` holds the style and the digits of the exponent, 0 of them for as many as two take. */
int wrt_E(ufloat *p, int w, int d, int e, ftnlen len) {
    double x = value(p, len);
    int style = e / STYLE, exponent = 0, before = f__scale, shift;
    char digits[2 * MOST_DIGITS], text[2 * MOST_DIGITS + 64], *out = text;
    e %= STYLE;
    if (isnan(x) || isinf(x)) return put_special(x, w);
    d = bounded(d);
    if (style == STYLE_ES) before = 1;
    if (style == STYLE_EN) {
        /* One to three digits before the point: rounding may add one. */
        snprintf(digits, sizeof digits, "%.17e", fabs(x));
        exponent = x == 0 ? 0 : atoi(strchr(digits, 'e') + 1);
        before = (exponent % 3 + 3) % 3 + 1;
        snprintf(digits, sizeof digits, "%.*e", d + before - 1, fabs(x));
        if (x != 0 && atoi(strchr(digits, 'e') + 1) > exponent) {
            x = copysign(strtod(digits, 0), x);
            before = before % 3 + 1;
        }
    }
    if (style < STYLE_ES && (before >= d + 2 || before <= -d))
        return emshim_fail(BAD_FORMAT, "Scale factor out of range in format specifier 'E' or 'D'");
    /* Significant digits: those before the point, those behind it without leading zeros. */
    int significant = before > 0 ? (style >= STYLE_ES ? d + before : d + 1) : d + before;
    if (significant < 1) significant = 1;
    snprintf(digits, sizeof digits, "%.*e", significant - 1, fabs(x));
    exponent = x == 0 ? 0 : atoi(strchr(digits, 'e') + 1) + 1 - before;
    /* Without the point: d.ddd becomes dddd. */
    memmove(digits + 1, digits + (significant > 1 ? 2 : 1), (size_t)significant);
    digits[significant] = 0;
    out += sprintf(out, "%s", sign_of(x));
    if (before > 0) {
        out += sprintf(out, "%.*s.%s", before, digits, significant > before ? digits + before : "");
    } else {
        out += sprintf(out, "0.");
        for (shift = before; shift < 0; ++shift) *out++ = '0';
        out += sprintf(out, "%s", digits);
    }
    char letter = style == STYLE_D ? 'D' : 'E';
    int size = exponent < 0 ? -exponent : exponent;
    int needed = size > 99 ? 3 : 2;
    if (w == ANY_WIDTH) {
        /* As few digits as it takes. */
        if (e != 0) sprintf(out, "%c%+0*d", letter, e + 1, exponent);
        else sprintf(out, "%c%+d", letter, exponent);
        return put(text, (int)strlen(text), w);
    }
    if (e == 0 && needed == 2) sprintf(out, "%c%+03d", letter, exponent);
    else if (e == 0) sprintf(out, "%+04d", exponent);
    else if (size >= (e >= 3 ? 1000 : e == 2 ? 100 : 10)) return put("", w + 1, w);
    else sprintf(out, "%c%+0*d", letter, e + 1, exponent);
    /* The digit before the point of ES and EN is one of the number's. */
    return style >= STYLE_ES ? put(text, (int)strlen(text), w) : put_decimal(text, w);
}

char emshim_item[2];

enum item emshim_item_kind(void) {
    switch (emshim_item[0]) {
    case 'i': return ITEM_INTEGER;
    case 's': return emshim_item[1] == 'o' ? ITEM_INTEGER : ITEM_OTHER;
    case 'l': return emshim_item[1] == 'n' ? ITEM_INTEGER : ITEM_LOGICAL;
    case 'r': case 'd': return ITEM_REAL;
    default: return ITEM_OTHER;
    }
}

int emshim_unfit(int op) {
    enum item kind = emshim_item_kind();
    char first = emshim_item[0];
    int integers = op == I || op == IM, reals = op == F || op == E || op == EE || op == D;
    int integer = kind == ITEM_INTEGER, real = kind == ITEM_REAL || first == 'c';
    /* INTEGER*2 and LOGICAL*2 look the same here. */
    if (first == 's' || first == ' ' || !first || (!integers && !reals) || (integers ? integer : real)) return 0;
    return emshim_fail(BAD_FORMAT, "Expected %s for item in formatted transfer, got %s",
                       integers ? "INTEGER" : "REAL",
                       real ? "REAL" : integer ? "INTEGER" : kind == ITEM_LOGICAL ? "LOGICAL" : "CHARACTER");
}

static longint integer_value(Uint *n, ftnlen len) {
    return len == sizeof(char) ? n->ic : len == sizeof(short) ? n->is
         : len == sizeof(longint) ? n->ili : n->il;
}

/* Digits with at least `least` of them; none of a zero that needs none. */
static int put_digits(const char *sign, const char *digits, int least, int width) {
    char text[160];
    int length = (int)strlen(digits);
    if (least == 0 && strcmp(digits, "0") == 0) digits = "", length = 0, sign = "";
    if (least > 80) least = 80;
    sprintf(text, "%s%.*s%s", sign, least > length ? least - length : 0,
            "00000000000000000000000000000000000000000000000000000000000000000000000000000000", digits);
    return put(text, (int)strlen(text), width);
}

static int write_integer(Uint *n, int width, int least, ftnlen len) {
    char text[24];
    longint x = integer_value(n, len);
    sprintf(text, "%llu", x < 0 ? 0 - (ulongint)x : (ulongint)x);
    return put_digits(x < 0 ? "-" : f__cplus ? "+" : "", text, least, width);
}

/* The bits of a number, `group` to a digit. */
static int write_bits(Uint *n, int width, int least, ftnlen len, int group) {
    char text[72], *out = text + sizeof text - 1;
    ulongint x = (ulongint)integer_value(n, len);
    if (len < (ftnlen)sizeof x) x &= ((ulongint)1 << 8 * len) - 1;
    *out = 0;
    do *--out = "0123456789ABCDEF"[x & ((1u << group) - 1)]; while (x >>= group);
    return put_digits("", out, least, width);
}

/* How many digits of a positive number that G prints with `d` digits stand before the point, by the
   bounds that gfortran computes in the number's own kind; -1 where E prints it. */
#define DIGITS_BEFORE(NAME, T)                                                                  \
    static int NAME(T m, int d) {                                                               \
        volatile T scale = 1, bound, part;                                                      \
        for (int i = 0; i < d; ++i) scale *= 10;                                                \
        part = 1 - (T)0.5 / scale;                                                              \
        bound = (T)0.1 * part;                                                                  \
        if (m < bound || (T)0.5 >= scale - m || d == 0) return -1;                              \
        int before = 0;                                                                         \
        for (bound = part; m >= bound && before < d; ++before) {                                \
            scale = 1;                                                                          \
            for (int i = 0; i <= before; ++i) scale *= 10;                                      \
            bound = scale * part;                                                               \
        }                                                                                       \
        return before;                                                                          \
    }
DIGITS_BEFORE(digits_before_real, float)
DIGITS_BEFORE(digits_before_double, double)

/* F where the rounded number has its point among the digits, E elsewhere. */
static int write_general(ufloat *p, int w, int d, int e, ftnlen len) {
    double x = value(p, len);
    char text[INTEGER_DIGITS + MOST_DIGITS + 800];
    int exponent = 0, blanks = e % STYLE ? e % STYLE + 2 : 4;
    if (w == ANY_WIDTH && (isnan(x) || isinf(x))) return put_special(x, w);
    if (w == ANY_WIDTH && d == 0) {
        emshim_number(text, x, len != sizeof(real));
        char *letter = strchr(text, 'E');
        char *point = strchr(text, '.');
        if (letter && point) {
            /* d.ddE+03 is 0.dddE+4. */
            exponent = atoi(letter + 1) + 1;
            memmove(point + 2, point + 1, strlen(point));
            point[1] = point[-1];
            point[-1] = '0';
            sprintf(letter + 1, exponent ? "E%+d" : "", exponent);
        }
        return put(text, (int)strlen(text), w);
    }
    if (isnan(x) || isinf(x)) return put_special(x, w);
    exponent = x == 0            ? 1
             : len == sizeof(real) ? digits_before_real((float)fabs(x), d)
                                   : digits_before_double(fabs(x), d);
    if (exponent < 0 || exponent > d) return wrt_E(p, w, d, e, len);
    decimal(text + sprintf(text, "%s", sign_of(x)), x, bounded(d - exponent), 0);
    if (w == ANY_WIDTH) return put(text, (int)strlen(text), w);
    char *zero = text + (*text == '-' || *text == '+');
    int fits = (int)strlen(text) - (zero[0] == '0' && zero[2]) <= w - blanks;
    if (!fits) return put("", w + 1, w);
    put_decimal(text, w - blanks);
    while (blanks-- > 0) (*f__putn)(' ');
    return 0;
}

int w_ed(struct syl *p, char *ptr, ftnlen len) {
    int least = p->p2.i[0], number = len <= (ftnlen)sizeof(longint), op = p->op;
    if (emshim_unfit(op)) return 1;
    int status = f__cursor ? moved() : 0;
    if (status) return status;
    Uint *n = (Uint *)ptr;
    /* Of a string its first character. */
    if ((op == Z || op == ZM || op == O || op == OM) && emshim_item_kind() == ITEM_OTHER) {
        len = 1;
        number = 1;
    }
    switch (op) {
    case I: return write_integer(n, p->p1, 1, len);
    case IM: return write_integer(n, p->p1, least, len);
    case O: case OM: {
        int binary = p->p1 >= BINARY;
        if (!number) break;
        return write_bits(n, binary ? p->p1 - BINARY : p->p1, op == O ? 1 : least, len, binary ? 1 : 3);
    }
    case Z: case ZM:
        if (!number || len == 3 || (len > 4 && len < 8)) break;
        return write_bits(n, p->p1, op == Z ? 1 : least, len, 4);
    case G: case GE:
        switch (emshim_item_kind()) {
        case ITEM_INTEGER: return write_integer(n, p->p1, 1, len);
        case ITEM_LOGICAL: return put(integer_value(n, len) ? "T" : "F", 1, p->p1);
        case ITEM_REAL: return write_general((ufloat *)ptr, p->p1, least, p->p2.i[1], len);
        default: return put(ptr, (int)len, p->p1);
        }
    }
    return libf2c_w_ed(p, ptr, len);
}
