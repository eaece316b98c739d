/* Formats of Fortran 90 and later for libf2c, which reads those of FORTRAN 77: a format is rewritten
   before libf2c reads it. What it has no letter for is an E whose digits of the exponent say more,
   or a field of a width that no record has. */
#include <stdlib.h>
/* Places for the edits of a format. */
#define SYLMX 10000
#define pars_f libf2c_pars_f
#define do_fio libf2c_do_fio
#include "fmt.c"
#undef pars_f
#undef do_fio
#include "format.h"
#include "connect.h"

enum { BAD_FORMAT = 5006 };

/* From where a format starts anew its edits count. */
static int (*start_anew)(void);
static int counted_revert(void) {
    int status = start_anew();
    f__workdone = 0;
    return status;
}

/* libf2c leaves items out for which a format has no edit, or starts it anew for ever. */
integer do_fio(ftnint *number, char *items, ftnlen length) {
    if (f__dorevert != counted_revert) {
        start_anew = f__dorevert;
        f__dorevert = counted_revert;
    }
    integer status = libf2c_do_fio(number, items, length);
    if (status || !items || *number <= 0 || f__workdone) return status;
    emshim_fail(BAD_FORMAT, "Insufficient data descriptors in format after reversion");
    err(f__elist->cierr, BAD_FORMAT, "format")
}

int pars_f(const char *s);

static const char *blanks(const char *s) {
    while (*s == ' ') ++s;
    return s;
}

static const char *digits(const char *s, int *value) {
    *value = 0;
    for (s = blanks(s); *s >= '0' && *s <= '9'; s = blanks(s + 1))
        if (*value < 1000000) *value = *value * 10 + (*s - '0');
    return s;
}

/* `w.d` and `Ee` after a letter for reals, for libf2c. */
static const char *real_edit(const char *s, char **out, char letter, int style) {
    int w, d = 0, e = 0;
    s = digits(s, &w);
    if (*s == '.') s = digits(s + 1, &d);
    if (style != STYLE_F && (*s == 'E' || *s == 'e')) s = digits(s + 1, &e);
    *out += sprintf(*out, "%c%d.%d", letter, w ? w : ANY_WIDTH, d);
    if (style > 0 || e > 0) *out += sprintf(*out, "E%d", (style > 0 ? style : 0) * STYLE + e);
    return s;
}

/* f2c puts a 2 in the place of the quotes of a FORMAT statement. */
static int quote(char c) { return c == '\'' || c == '"' || c == 2; }

/* Copies a string, a Hollerith constant or one character. */
static const char *copy(const char *s, char **out, int count) {
    if (quote(*s)) {
        const char *end = s + 1;
        while (*end && *end != *s) ++end;
        count = (int)(end - s) + (*end != 0);
    }
    while (count-- > 0 && *s) *(*out)++ = *s++;
    return s;
}

/* The end of the format that starts at `s`, which need not end in a null. */
static size_t extent(const char *s) {
    size_t length = 0, depth = 0, count = 0;
    for (;; ++length) {
        char c = s[length];
        if (c == 0) return length;
        if (quote(c)) {
            do ++length; while (s[length] && s[length] != c);
            if (!s[length]) return length;
        } else if ((c == 'h' || c == 'H') && count > 0) {
            for (; count > 0 && s[length]; --count) ++length;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && (depth == 0 || --depth == 0)) {
            return length + 1;
        }
        count = c >= '0' && c <= '9' ? count * 10 + (size_t)(c - '0') : 0;
        if (count > 100000) count = 100000;
    }
}

/* The format that libf2c is working on. */
static char *rewritten;

int pars_f(const char *format) {
    const char *s = format, *end = format + extent(format);
    int number = 0;
    f__fmtbuf = format;
    free(rewritten);
    rewritten = malloc((size_t)(end - s) * 12 + 16);
    if (!rewritten) return -1;
    char *out = rewritten;
    while (s < end) {
        int letter = *s & ~32, next = blanks(s + 1)[0], second = next & ~32;
        int count = number;
        number = 0;
        if (*s >= '0' && *s <= '9') {
            const char *start = s;
            s = digits(s, &number);
            while (start < s) *out++ = *start++;
        } else if (letter == 'H') {
            s = copy(s, &out, count + 1);
        } else if (*s == '*' && next == '(') {
            out += sprintf(out, "9999");
            ++s;
        } else if (letter == 'E' && (second == 'S' || second == 'N')) {
            s = real_edit(blanks(s + 1) + 1, &out, 'E', second == 'S' ? STYLE_ES : STYLE_EN);
        } else if (letter == 'D' && next >= '0' && next <= '9') {
            s = real_edit(s + 1, &out, 'E', STYLE_D);
        } else if ((letter == 'E' || letter == 'G') && next >= '0' && next <= '9') {
            s = real_edit(s + 1, &out, (char)letter, 0);
        } else if (letter == 'F' && next >= '0' && next <= '9') {
            s = real_edit(s + 1, &out, 'F', STYLE_F);
        } else if (letter == 'L' && next >= '0' && next <= '9') {
            int w;
            s = digits(s + 1, &w);
            out += sprintf(out, "L%d", w ? w : 1);
        } else if ((letter == 'I' || letter == 'O' || letter == 'Z' || letter == 'B') && next >= '0'
                   && next <= '9') {
            int w;
            s = digits(s + 1, &w);
            if (w == 0) w = ANY_WIDTH;
            if (letter == 'B') w += BINARY;
            out += sprintf(out, "%c%d", letter == 'B' ? 'O' : letter, w);
        } else {
            s = copy(s, &out, 1);
        }
    }
    *out = 0;
    return libf2c_pars_f(rewritten);
}
