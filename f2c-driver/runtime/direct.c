/* Formatted direct access: a record that is shorter than its format goes on with blanks, the last of
   the file too, as PAD='YES' has it. */
#include "f2c.h"

int y_getc(void);
/* Its definition gets another name; `f__getn = y_getc` keeps this one. */
#define y_getc(nothing) libf2c_y_getc(nothing)
#include "dfe.c"
#undef y_getc

int y_getc(void) {
    if (f__curunit->url <= 1 || f__recpos < f__curunit->url) return libf2c_y_getc();
    ++f__recpos;
    return ' ';
}
