/* List-directed input and NAMELIST of a LOGICAL of 64 bits, which libf2c does not know, and of lines that end
   in CR LF. */
#include <math.h>
#include <string.h>
#include <strings.h>
#include "f2c.h"

int l_read(ftnint *, char *, ftnlen, ftnint);
/* Its definition and its calls get another name; `f__lioproc = l_read` keeps this one. */
#define l_read(number, items, length, type) libf2c_l_read(number, items, length, type)
int t_getc(void);
integer e_rsle(void);
#define t_getc(nothing) libf2c_t_getc(nothing)
#define e_rsle(nothing) libf2c_e_rsle(nothing)
/* So does l_R, its definition alone: calls with a 0 or 1 are for read_real. */
static int read_real(int, int);
#define l_R(after_star, integer) AT_##after_star, integer)
#define AT_int libf2c_l_R(int
#define AT_0 read_real(0
#define AT_1 read_real(1
/* And l_L: its definition has a word between the parentheses, its call none. */
static int read_logical(void);
#define l_L(word) LOGICAL_##word
#define LOGICAL_Void libf2c_l_L(void)
#define LOGICAL_ read_logical()
/* And l_C. */
static int read_complex(void);
#define l_C(word) COMPLEX_##word
#define COMPLEX_Void libf2c_l_C(void)
#define COMPLEX_ read_complex()
#include "lread.c"
#undef l_L
#undef l_C
#undef l_read
#undef t_getc
#undef e_rsle
#include "line.h"
#include "connect.h"
#include "letters.h"

enum { BAD_VALUE = 5010, LONGEST_WORD = 8 };

/* A number that was read ends where a value may end. */
static int complete(int status) {
    int c;
    if (status || !f__ltype) return status;
    GETC(c);
    if (c != EOF) Ungetc(c, f__cf);
    if (c == EOF || issep(c) || strchr(" \t\r);*&$!", c)) return 0;
    return err__fl(f__elist->cierr, 112, "number");
}

/* NaN and Inf. */
static int read_real(int after_star, int integer) {
    char word[LONGEST_WORD + 1] = "";
    int length = 0, sign = 0, c;
    if (!after_star && f__lcount > 0) return 0;
    if (integer) return complete(libf2c_l_R(after_star, integer));
    GETC(c);
    if (c == '-' || c == '+') {
        sign = c;
        GETC(c);
    }
    while (c != EOF && is_letter(c) && length < LONGEST_WORD) {
        word[length++] = (char)c;
        GETC(c);
    }
    int infinite = !strcasecmp(word, "inf") || !strcasecmp(word, "infinity");
    int nan = !strcasecmp(word, "nan");
    if (nan && c == '(') {
        while (c != EOF && c != '\n' && c != ')') GETC(c);
        GETC(c);
    }
    Ungetc(c, f__cf);
    if ((infinite || nan) && c != '=' && c != '%' && !in_name(c)) {
        f__lx = nan ? NAN : INFINITY;
        if (sign == '-') f__lx = -f__lx;
        f__ltype = TYREAL;
        if (!after_star) f__lcount = 1;
        return 0;
    }
    while (length > 0) Ungetc(word[--length], f__cf);
    if (sign) Ungetc(sign, f__cf);
    int status = complete(libf2c_l_R(after_star, integer));
    if (!status && sign == '-' && f__ltype && f__lx == 0) f__lx = -0.0;
    return status;
}

/* Without a parenthesis there is none; libf2c takes a number behind a repeat count for no value. */
static int read_complex(void) {
    int status = f__lcount > 0 ? 0 : libf2c_l_C(), c;
    if (status || f__lquit || f__ltype || f__lcount <= 0) return status;
    GETC(c);
    if (c != EOF) Ungetc(c, f__cf);
    return c == EOF || issep(c) || c == '\t' ? 0 : err__fl(f__elist->cierr, 112, "complex");
}

/* Whether a name of a NAMELIST comes next, which a `=` or parenthesis follows. */
static int name_follows(void) {
    int seen[128], count = 0, named;
    do GETC(seen[count]);
    while (in_name(seen[count]) && ++count < 100);
    while ((seen[count] == ' ' || seen[count] == '\t') && count < 127) ++count, GETC(seen[count]);
    named = seen[count] == '=' || seen[count] == '(' || seen[count] == '%';
    for (; count >= 0; --count)
        if (seen[count] != EOF) Ungetc(seen[count], f__cf);
    return named;
}

/* In a NAMELIST libf2c takes what follows a T or F for more of a name. */
static int read_logical(void) {
    int group = nml_read, c, letter;
    if (f__lcount <= 0) {
        /* A point needs a letter. */
        GETC(c);
        if (c == '.') {
            GETC(letter);
            if (letter != EOF) Ungetc(letter, f__cf);
            if (!is_letter(letter)) return err__fl(f__elist->cierr, 112, "logical");
        }
        if (c != EOF) Ungetc(c, f__cf);
    }
    if (!group || f__lcount > 0) return libf2c_l_L();
    if (group > 1 && name_follows()) {
        f__lquit = 2;
        return 0;
    }
    nml_read = 0;
    int status = libf2c_l_L();
    nml_read = group;
    return status;
}

int t_getc(void) {
    int c = libf2c_t_getc();
    return line_ends(c, f__cf) ? getc(f__cf) : c;
}

/* The last line may have no end. */
integer e_rsle(void) {
    libf2c_e_rsle();
    return 0;
}

/* Bytes of the types by their numbers in lio.h and f2c.h. */
ftnlen f__typesize[] = {0, 0, 2, 4, 4, 8, 8, 16, 4, 1, 0, 1, 1, 2, 8, 8};

static int bad_item(int status, ftnint type) {
    if (status == EOF) return emshim_met_end();
    const char *what = type == TYREAL || type == TYDREAL         ? "Bad real number in item of list input"
                       : type == TYCOMPLEX || type == TYDCOMPLEX ? "Bad complex value in item of list input"
                       : type == TYLOGICAL || type == TYLOGICAL1 || type == TYLOGICAL2
                           ? "Bad logical value while reading item"
                           : "Bad integer for item in list input";
    return status == 112 || status == 115 ? emshim_fail(BAD_VALUE, "%s", what) : status;
}

/* As numbers of 64 bits, which must be in the item's range. */
static int read_integers(ftnint number, char *items, ftnlen length, ftnint type) {
    ftnint one = 1;
    for (; number > 0; --number, items += length) {
        flex *item = (flex *)items;
        longint value = type == TYINT1 ? (signed char)item->flchar : type == TYSHORT ? item->flshort : item->flint;
        longint most = type == TYINT1 ? 127 : type == TYSHORT ? 32767 : 2147483647;
        int status = libf2c_l_read(&one, (char *)&value, sizeof value, TYQUAD);
        if (status) return bad_item(status, type);
        if (value > most || value < -most - 1) {
            emshim_fail(BAD_VALUE, "Integer overflow while reading item");
            return err__fl(f__elist->cierr, BAD_VALUE, "list in");
        }
        if (type == TYINT1) item->flchar = (char)value;
        else if (type == TYSHORT) item->flshort = (short)value;
        else item->flint = (ftnint)value;
    }
    return 0;
}

int l_read(ftnint *number, char *items, ftnlen length, ftnint type) {
    if (type == TYINT1 || type == TYSHORT || type == TYLONG)
        return read_integers(*number, items, length, type);
    if (type != F2C_LOGICAL_8)
        return bad_item(libf2c_l_read(number, items, length, type), type);
    /* It sets the lower halves. */
    int status = libf2c_l_read(number, items, length, TYLOGICAL);
    for (ftnint k = 0; k < *number; ++k) ((longint *)items)[k] = *(logical *)(items + 8 * k);
    return bad_item(status, TYLOGICAL);
}
