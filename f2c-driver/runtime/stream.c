/* Transfers without a format: the ends of a sequential record, which a stream has not. */
#include "f2c.h"

integer e_rsue(void);
integer e_wsue(void);
#define e_rsue(nothing) libf2c_e_rsue(nothing)
#define e_wsue(nothing) libf2c_e_wsue(nothing)
#include "sue.c"
#undef e_rsue
#undef e_wsue

integer e_rsue(void) { return f__sequential ? libf2c_e_rsue() : 0; }
integer e_wsue(void) { return f__sequential ? libf2c_e_wsue() : 0; }
