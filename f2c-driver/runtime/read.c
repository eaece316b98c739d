/* List-directed input and NAMELIST of a LOGICAL of 64 bits, which libf2c does not know, and of lines that end
   in CR LF. */
#include "f2c.h"

int l_read(ftnint *, char *, ftnlen, ftnint);
/* Its definition and its calls get another name; `f__lioproc = l_read` keeps this one. */
#define l_read(number, items, length, type) libf2c_l_read(number, items, length, type)
int t_getc(void);
#define t_getc(nothing) libf2c_t_getc(nothing)
#include "lread.c"
#undef l_read
#undef t_getc
#include "line.h"

int t_getc(void) {
    int c = libf2c_t_getc();
    return line_ends(c, f__cf) ? getc(f__cf) : c;
}

/* Bytes of the types by their numbers in lio.h and f2c.h. */
ftnlen f__typesize[] = {0, 0, 2, 4, 4, 8, 8, 16, 4, 1, 0, 1, 1, 2, 8, 8};

int l_read(ftnint *number, char *items, ftnlen length, ftnint type) {
    if (type != F2C_LOGICAL_8) return libf2c_l_read(number, items, length, type);
    /* It sets the lower halves. */
    int status = libf2c_l_read(number, items, length, TYLOGICAL);
    for (ftnint k = 0; k < *number; ++k) ((longint *)items)[k] = *(logical *)(items + 8 * k);
    return status;
}
