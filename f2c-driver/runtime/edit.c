/* Formatted output of numbers as gfortran prints them; the rest is libf2c's. */
/* Before f2c.h, whose macros take the C library's names. */
#include <math.h>
#include <stdlib.h>
#define w_ed libf2c_w_ed
#include "wrtfmt.c"
#undef w_ed
#include <string.h>
#include "format.h"

int w_ed(struct syl *p, char *ptr, ftnlen len);

static int put(const char *text, int length, int width) {
    if (width == ANY_WIDTH) width = length;
    for (int i = length; i < width; ++i) (*f__putn)(' ');
    for (int i = 0; i < (length < width ? length : width); ++i)
        (*f__putn)(length > width ? '*' : text[i]);
    return 0;
}

static double value(ufloat *p, ftnlen len) { return len == sizeof(real) ? p->pf : p->pd; }

static const char *sign_of(double x) { return signbit(x) ? "-" : f__cplus ? "+" : ""; }

/* Infinity and NaN, in full where there is room. */
static int put_special(double x, int width) {
    char text[16];
    const char *sign = isnan(x) ? "" : sign_of(x);
    int room = width == ANY_WIDTH ? 16 : width;
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

int wrt_F(ufloat *p, int w, int d, ftnlen len) {
    double x = value(p, len);
    char text[400 + 64];
    if (isnan(x) || isinf(x)) return put_special(x, w);
    for (int i = f__scale; i > 0; --i) x *= 10;
    for (int i = f__scale; i < 0; ++i) x /= 10;
    if (d > 100) d = 100;
    snprintf(text, sizeof text, "%s%.*f%s", sign_of(x), d, fabs(x), d ? "" : ".");
    return put_decimal(text, w);
}

/* `e` holds the style and the digits of the exponent, 0 of them for as many as two take. */
int wrt_E(ufloat *p, int w, int d, int e, ftnlen len) {
    double x = value(p, len);
    int style = e / STYLE, exponent = 0, before = f__scale, shift;
    char digits[160], text[256], *out = text;
    e %= STYLE;
    if (isnan(x) || isinf(x)) return put_special(x, w);
    if (d > 100) d = 100;
    if (style == STYLE_ES) before = 1;
    if (style == STYLE_EN) {
        /* One to three digits before the point: rounding may add one. */
        for (before = 1; before <= 4 && x != 0; ++before) {
            snprintf(digits, sizeof digits, "%.*e", d + before - 1, fabs(x));
            exponent = atoi(strchr(digits, 'e') + 1);
            if (((exponent % 3) + 3) % 3 == before - 1) break;
        }
        if (x == 0) before = 1;
    }
    if (before >= d + 2 || before <= -d - (d == 0)) return put("", w + 1, w);
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
    if (e == 0 && needed == 2) sprintf(out, "%c%+03d", letter, exponent);
    else if (e == 0) sprintf(out, "%+04d", exponent);
    else if (size >= (e >= 3 ? 1000 : e == 2 ? 100 : 10)) return put("", w + 1, w);
    else sprintf(out, "%c%+0*d", letter, e + 1, exponent);
    return put_decimal(text, w);
}

static int write_integer(Uint *n, ftnlen len) {
    char text[24];
    longint x = len == sizeof(char) ? n->ic : len == sizeof(short) ? n->is
              : len == sizeof(longint) ? n->ili : n->il;
    int length = sprintf(text, f__cplus && x >= 0 ? "+%lld" : "%lld", x);
    return put(text, length, ANY_WIDTH);
}

int w_ed(struct syl *p, char *ptr, ftnlen len) {
    if (p->op != I || p->p1 != ANY_WIDTH) return libf2c_w_ed(p, ptr, len);
    int moved = f__cursor ? mv_cur() : 0;
    return moved ? moved : write_integer((Uint *)ptr, len);
}
