/* Direct access without a format: what a WRITE leaves of its record is zero. */
#include "f2c.h"

integer e_wdue(void);
#define e_wdue(nothing) libf2c_e_wdue(nothing)
#include "due.c"
#undef e_wdue

integer e_wdue(void) {
    for (; f__curunit->url > 1 && f__recpos < f__curunit->url; ++f__recpos) putc(0, f__cf);
    return 0;
}
