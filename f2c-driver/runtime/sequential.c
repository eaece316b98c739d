/* Formatted input of records that end in CR LF: the CR is no character of theirs. */
#include "f2c.h"

int x_getc(void);
/* Its definition gets another name; `f__getn = x_getc` keeps this one. */
#define x_getc(nothing) libf2c_x_getc(nothing)
#include "rsfe.c"
#undef x_getc
#include "line.h"

int x_getc(void) {
    int c = libf2c_x_getc();
    if (!line_ends(c, f__cf)) return c;
    --f__recpos;
    return '\n';
}
