/* List-directed output as gfortran prints it: a blank before the first item of a record and between
   items, none between strings; numbers in fields whose width depends on the kind. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "fmt.h"
#include "lio.h"

ftnint L_len;
/* Strings in apostrophes, for NAMELIST. */
int f__Aquote;

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
    if ((!f__external || f__Aquote) && !first && f__recpos + width + 1 > L_len) {
        (*f__donewrec)();
        first = 1;
    }
    if (first || !string || !after_string) (*f__putn)(' ');
    after_string = string && !f__Aquote;
}

static void put_field(const char *text, int width) {
    int length = (int)strlen(text);
    if (f__Aquote) width = 0;
    separate(length > width ? length : width, 0);
    put_blanks(width - length);
    put(text, length);
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

static void write_real(double x, int kind) {
    char text[48];
    int scientific = number(text, x, kind, KINDS[kind].digits), tail = KINDS[kind].tail;
    put_field(text, KINDS[kind].width - (scientific ? 0 : tail));
    /* Where the exponent would be. */
    if (!scientific && !f__Aquote) put_blanks(tail);
}

static void write_complex(double r, double i, int kind) {
    char real_part[48], imaginary[48], text[100];
    number(real_part, r, kind, KINDS[kind].digits + 1);
    number(imaginary, i, kind, KINDS[kind].digits + 1);
    sprintf(text, "(%s,%s)", real_part, imaginary);
    put_field(text, 2 * KINDS[kind].width + 3);
}

static void write_integer(longint value, int width) {
    char text[24];
    sprintf(text, "%lld", value);
    put_field(text, width);
}

static void write_string(const char *text, int length) {
    if (!f__Aquote) {
        separate(length, 1);
        put(text, length);
        return;
    }
    while (length > 1 && text[length - 1] == ' ') --length;
    separate(length + 2, 1);
    (*f__putn)('\'');
    for (int i = 0; i < length; ++i) {
        if (text[i] == '\'') (*f__putn)('\'');
        (*f__putn)(text[i]);
    }
    (*f__putn)('\'');
}

int l_write(ftnint *number, char *ptr, ftnlen len, ftnint type) {
    for (ftnint item = 0; item < *number; ++item, ptr += len) {
        flex *value = (flex *)ptr;
        switch ((int)type) {
        case TYINT1: write_integer(value->flchar, 4); break;
        case TYSHORT: write_integer(value->flshort, 6); break;
        case TYLONG: write_integer(value->flint, 11); break;
        case TYQUAD: write_integer(value->fllongint, 20); break;
        case TYREAL: write_real(value->flreal, 0); break;
        case TYDREAL: write_real(value->fldouble, 1); break;
        case TYCOMPLEX: write_complex((&value->flreal)[0], (&value->flreal)[1], 0); break;
        case TYDCOMPLEX: write_complex((&value->fldouble)[0], (&value->fldouble)[1], 1); break;
        case TYLOGICAL1: put_field(value->flchar ? "T" : "F", 1); break;
        case TYLOGICAL2: put_field(value->flshort ? "T" : "F", 1); break;
        case TYLOGICAL: put_field(value->flint ? "T" : "F", 1); break;
        case F2C_LOGICAL_8: put_field(value->fllongint ? "T" : "F", 1); break;
        case TYCHAR: write_string(ptr, (int)len); break;
        default: f__fatal(117, "unknown type in lio");
        }
    }
    return 0;
}
