/* List-directed output as gfortran prints it: a blank before the first item of a record and between
   items, none between strings; numbers in fields whose width depends on the kind. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "fmt.h"
#include "lio.h"
#include "lwrite.h"
#include "connect.h"

ftnint L_len;

/* The last item of the record was a string. */
static int after_string;

static void put(const char *text, int length) {
    for (int i = 0; i < length; ++i) (*f__putn)(text[i]);
}

static void put_blanks(int count) {
    for (; count > 0; --count) (*f__putn)(' ');
}

/* The blank before an item of `width` characters; an internal file goes on with its next record. */
static void separate(int width, int string) {
    int first = f__recpos == 0;
    if (!f__external && !first && f__recpos + width + 1 > L_len) {
        (*f__donewrec)();
        first = 1;
    }
    if (first || !string || !after_string) (*f__putn)(' ');
    after_string = string;
}

/* How REAL (0) and DOUBLE PRECISION (1) are printed. */
static const struct { int digits, exponent, width, tail; } KINDS[] = {{9, 2, 16, 4}, {17, 3, 25, 5}};

/* A number with `digits` significant digits, or `scientific` of them in scientific notation; says
   whether it is in that. */
static int number(char *out, double x, int kind, int scientific) {
    int digits = KINDS[kind].digits, exponent;
    char text[48], *mark;
    const char *sign = signbit(x) ? "-" : "";
    if (isnan(x)) {
        strcpy(out, "NaN");
        return 1;
    }
    if (isinf(x)) {
        sprintf(out, "%sInfinity", sign);
        return 1;
    }
    /* The exponent after rounding decides. */
    sprintf(text, "%.*E", digits - 1, fabs(x));
    mark = strchr(text, 'E');
    sscanf(mark + 1, "%d", &exponent);
    if (x == 0 || (exponent >= -1 && exponent < digits)) {
        int decimals = digits - 1 - exponent;
        sprintf(out, "%s%.*f%s", sign, decimals, fabs(x), decimals == 0 ? "." : "");
        return 0;
    }
    sprintf(text, "%.*E", scientific - 1, fabs(x));
    mark = strchr(text, 'E');
    sscanf(mark + 1, "%d", &exponent);
    sprintf(out, "%s%.*sE%+0*d", sign, (int)(mark - text), text, KINDS[kind].exponent + 1, exponent);
    return 1;
}

void emshim_number(char *out, double x, int kind) { number(out, x, kind, KINDS[kind].digits); }

static int complex_text(char *out, double r, double i, int kind) {
    char real_part[48], imaginary[48];
    number(real_part, r, kind, KINDS[kind].digits + 1);
    number(imaginary, i, kind, KINDS[kind].digits + 1);
    /* Short here. */
    if (isinf(r)) strcpy(real_part, r < 0 ? "-Inf" : "Inf");
    if (isinf(i)) strcpy(imaginary, i < 0 ? "-Inf" : "Inf");
    sprintf(out, "(%s,%s)", real_part, imaginary);
    return 2 * KINDS[kind].width + 3;
}

static int real_text(char *out, int *tail, double x, int kind) {
    if (!number(out, x, kind, KINDS[kind].digits)) *tail = KINDS[kind].tail;
    return KINDS[kind].width;
}

static int integer_text(char *out, longint value, int width) {
    sprintf(out, "%lld", value);
    return width;
}

int emshim_item_text(char *out, int *tail, const char *item, int type) {
    const flex *value = (const flex *)item;
    *tail = 0;
    switch (type) {
    case TYINT1: return integer_text(out, value->flchar, 4);
    case TYSHORT: return integer_text(out, value->flshort, 6);
    case TYLONG: return integer_text(out, value->flint, 11);
    case TYQUAD: return integer_text(out, value->fllongint, 20);
    case TYREAL: return real_text(out, tail, value->flreal, 0);
    case TYDREAL: return real_text(out, tail, value->fldouble, 1);
    case TYCOMPLEX: return complex_text(out, (&value->flreal)[0], (&value->flreal)[1], 0);
    case TYDCOMPLEX: return complex_text(out, (&value->fldouble)[0], (&value->fldouble)[1], 1);
    case TYLOGICAL1: strcpy(out, value->flchar ? "T" : "F"); return 1;
    case TYLOGICAL2: strcpy(out, value->flshort ? "T" : "F"); return 1;
    case TYLOGICAL: strcpy(out, value->flint ? "T" : "F"); return 1;
    case F2C_LOGICAL_8: strcpy(out, value->fllongint ? "T" : "F"); return 1;
    default: f__fatal(117, "unknown type in lio"); return 0;
    }
}

int l_write(ftnint *number, char *ptr, ftnlen len, ftnint type) {
    for (ftnint item = 0; item < *number; ++item, ptr += len) {
        char text[LWRITE_TEXT];
        if (type == TYCHAR) {
            char quote = emshim_delimiter(0);
            separate((int)len, !quote);
            if (quote) (*f__putn)(quote);
            for (ftnlen i = 0; i < len; ++i) {
                if (quote && ptr[i] == quote) (*f__putn)(quote);
                (*f__putn)(ptr[i]);
            }
            if (quote) (*f__putn)(quote);
            continue;
        }
        int tail, width = emshim_item_text(text, &tail, ptr, (int)type), length = (int)strlen(text);
        width -= tail;
        separate(length > width ? length : width, 0);
        put_blanks(width - length);
        put(text, length);
        put_blanks(tail);
    }
    return 0;
}
