/* Formatted input: of a LOGICAL of 64 bits, of which libf2c sets the lower half; of what is no REAL
   under G; of bits under B. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#define rd_ed libf2c_rd_ed
#include "rdfmt.c"
#undef rd_ed
#include "format.h"
#include "connect.h"

enum { END_OF_RECORD = -2, BAD_VALUE = 5010, TOO_LARGE = 5011 };

extern icilist *f__svic;
extern char *f__icptr, *f__icend;

void emshim_skip(void);
int emshim_has_more(int width);

/* A string that is shorter than its field has the field's end. Of a record that ends before, it has the
   end of what is there; blanks at the end of an internal file that is one variable are not. */
static int read_wide(char *item, int width, ftnlen length) {
    char *text = malloc((size_t)width);
    int left = width, k = 0, c = 0;
    if (!text) return emshim_fail(ENOMEM, "No memory");
    if (!f__external && f__svic->icirnum == 1) {
        const char *end = f__icend;
        while (end > f__icptr && end[-1] == ' ') --end;
        left = end > f__icptr ? (int)(end - f__icptr) : 0;
    }
    while (k < width && (c = (*f__getn)()) >= 0 && c != '\n') text[k++] = (char)c;
    if (k < left) left = k;
    if (left > width) left = width;
    int begin = left > (int)length ? left - (int)length : 0;
    memset(item, ' ', (size_t)length);
    memcpy(item, text + begin, (size_t)(left - begin));
    free(text);
    return c < 0 ? c : 0;
}

static int read_bits(char *item, int width, ftnlen length) {
    ulongint x = 0;
    for (int k = 0; k < width; ++k) {
        int c = (*f__getn)();
        if (c < 0) return c;
        if (c == '0' || c == '1') x = x << 1 | (ulongint)(c - '0');
        else if (c != ' ' && c != '\n') return emshim_fail(BAD_VALUE, "Bad value during integer read");
    }
    if (length == sizeof(char)) *(signed char *)item = (signed char)x;
    else if (length == sizeof(short)) *(short *)item = (short)x;
    else if (length == sizeof(longint)) *(longint *)item = (longint)x;
    else *(integer *)item = (integer)x;
    return 0;
}

static int bad_value(int op) {
    const char *what = op == L                         ? "on logical read"
                       : op == I || op == IM || op == O ? "during integer read"
                                                        : "during floating point read";
    return emshim_fail(BAD_VALUE, "Bad value %s", what);
}

/* What is no blank at the beginning of the field that is read, in small letters, and how many of its
   characters libf2c has seen. */
static char field[12];
static int (*next)(void), seen;
static int noted(void) {
    int c = next();
    size_t count = strlen(field);
    if (c >= 0) ++seen;
    if (c > ' ' && count + 1 < sizeof field) field[count] = (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
    return c;
}

static int read_noted(struct syl *p, char *item, ftnlen length) {
    memset(field, 0, sizeof field);
    seen = 0;
    next = f__getn;
    f__getn = noted;
    int status = libf2c_rd_ed(p, item, length);
    f__getn = next;
    return status;
}

/* The value of a field that is a word; 0 for another. */
static double special(void) {
    const char *word = field + (*field == '-' || *field == '+');
    if (!strcmp(word, "nan")) return NAN;
    if (strcmp(word, "inf") && strcmp(word, "infinity")) return 0;
    return *field == '-' ? -INFINITY : INFINITY;
}

/* As a number of 64 bits, which must be in the item's range. A sign needs a digit, which a blank may be. */
static int read_integer(struct syl *p, char *item, ftnlen length) {
    longint value = 0, most = (longint)(~(ulongint)0 >> (65 - 8 * length));
    int status = read_noted(p, (char *)&value, sizeof value);
    int sign = (*field == '-' || *field == '+') && !f__cblank;
    if (status > 0 || (!status && sign && (field[1] < '0' || field[1] > '9')))
        return bad_value(I);
    if (status) return status;
    if (value > most || value < -most - 1)
        return emshim_fail(TOO_LARGE, "Value overflowed during integer read");
    if (length == sizeof(char)) *(signed char *)item = (signed char)value;
    else if (length == sizeof(short)) *(short *)item = (short)value;
    else if (length == sizeof(longint)) *(longint *)item = value;
    else *(integer *)item = (integer)value;
    return 0;
}

/* Hexadecimal digits, of which the item must hold all that are not leading zeros. */
static int read_hexadecimal(struct syl *p, char *item, ftnlen length) {
    char wide[2 * sizeof(longint)] = {0};
    int status = libf2c_rd_ed(p, wide, sizeof wide);
    if (status > 0) return bad_value(O);
    if (status) return status;
    for (size_t k = (size_t)length; k < sizeof wide; ++k)
        if (wide[k]) return emshim_fail(TOO_LARGE, "Value overflowed during integer read");
    memcpy(item, wide, (size_t)length);
    return 0;
}

static int read_item(struct syl *, char *, ftnlen);

int rd_ed(struct syl *p, char *item, ftnlen length) {
    if (f__external && f__sequential) emshim_skip();
    /* A record that is too short for PAD='NO' changes no item. */
    int width = p->op == A ? (int)length : p->p1 >= BINARY ? p->p1 - BINARY : p->p1;
    if (f__sequential && emshim_unpadded() && !emshim_has_more(width))
        return emshim_fail(END_OF_RECORD, "End of record") ? 1 : 0;
    int status = read_item(p, item, length);
    return status == EOF ? emshim_met_end() : status;
}

/* A REAL: libf2c forgets the sign of zero, and knows neither NaN nor Inf. */
static int read_real(struct syl *p, char *item, ftnlen length) {
    int status = read_noted(p, item, length), taken = 0, c;
    double x = 0;
    if (status > 0) {
        /* The rest of the field, which libf2c left. */
        while (seen < p->p1 && (c = noted()) >= 0 && c != '\n') ++taken;
        x = special();
        if (x == 0) return status;
        status = 0;
    } else if (status || *field != '-' || !field[1]) return status;
    if (length == sizeof(real)) {
        real *to = (real *)item;
        *to = x != 0 ? (real)x : *to == 0 ? -0.0f : *to;
    } else {
        doublereal *to = (doublereal *)item;
        *to = x != 0 ? x : *to == 0 ? -0.0 : *to;
    }
    return status;
}

static int read_item(struct syl *p, char *item, ftnlen length) {
    struct syl own = *p;
    if (emshim_unfit(p->op)) return 1;
    if (p->op == O && p->p1 >= BINARY) {
        /* An empty field moves to where this one starts. */
        own.op = AW;
        own.p1 = 0;
        int status = libf2c_rd_ed(&own, item, 0);
        return status ? status : read_bits(item, p->p1 - BINARY, length);
    }
    if (p->op == G || p->op == GE) {
        enum item kind = emshim_item_kind();
        if (kind == ITEM_INTEGER) own.op = I;
        if (kind == ITEM_LOGICAL) own.op = L;
        if (kind == ITEM_OTHER) own.op = AW;
    }
    if (own.op == AW && own.p1 > (int)length) {
        /* An empty field moves to where this one starts. */
        own.p1 = 0;
        int status = libf2c_rd_ed(&own, item, 0);
        return status ? status : read_wide(item, p->p1, length);
    }
    if ((own.op == Z || own.op == ZM) && length <= (ftnlen)sizeof(longint))
        return read_hexadecimal(&own, item, length);
    if (own.op == I || own.op == IM) return read_integer(&own, item, length);
    int real = own.op == F || own.op == E || own.op == EE || own.op == D || own.op == G || own.op == GE;
    int status = real ? read_real(&own, item, length) : libf2c_rd_ed(&own, item, length);
    if (status > 0) return bad_value(own.op);
    if (own.op == L && length == sizeof(longint)) *(longint *)item = *(logical *)item;
    return status;
}
