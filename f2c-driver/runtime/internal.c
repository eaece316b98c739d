/* Output to internal files: what goes beyond a record is an error, the end of the record. */
#include "f2c.h"

void z_putc(int);
int z_wnew(void);
integer s_wsfi(icilist *), e_wsfi(void);
/* Their definitions and calls get other names; `f__putn = z_putc` keeps this one. */
#define z_putc(c) libf2c_z_putc(c)
#define z_wnew(nothing) libf2c_z_wnew(nothing)
#define s_wsfi(list) libf2c_s_wsfi(list)
#define e_wsfi(nothing) libf2c_e_wsfi(nothing)
#include "iio.c"
#undef z_putc
#undef z_wnew
#undef s_wsfi
#undef e_wsfi
#include <string.h>
#include "lio.h"
#include "connect.h"

enum { END_OF_FILE = -1, END_OF_RECORD = -2 };

static int full;

void emshim_overflow(void) {
    if (!full) full = END_OF_RECORD;
}

void z_putc(int c) {
    if (f__icnum >= f__svic->icirnum) full = END_OF_FILE;
    else if (!full && (f__icptr >= f__icend || f__recpos >= f__svic->icirlen)) full = END_OF_RECORD;
    libf2c_z_putc(c);
}

/* The rest of a record; behind the last one there is nothing to write to, nor behind one that was too short. */
int z_wnew(void) {
    if (full) {
        f__icptr = f__icend;
        return 1;
    }
    char *end = f__svic->iciunit + (OFF_T)(f__icnum + 1) * f__svic->icirlen;
    if (f__icnum < f__svic->icirnum) {
        char *written = end - f__svic->icirlen + (f__recpos > f__hiwater ? f__recpos : f__hiwater);
        if (written < end) memset(written, ' ', (size_t)(end - written));
    }
    f__icptr = end;
    f__recpos = f__cursor = f__hiwater = 0;
    ++f__icnum;
    return 1;
}

static integer ended(integer status) {
    if (!full) return emshim_status(status);
    err(f__svic->icierr, full, "internal file")
}

integer s_wsfi(icilist *list) {
    full = 0;
    emshim_begin();
    return libf2c_s_wsfi(list);
}
integer e_wsfi(void) {
    integer status = libf2c_e_wsfi();
    if (!full && f__icnum > f__svic->icirnum) full = END_OF_FILE;
    return ended(status);
}

/* The rest of a record of a list. */
static int fill(void) {
    while (f__icptr < f__icend && f__recpos < f__svic->icirlen) libf2c_z_putc(' ');
    return z_rnew();
}

static void begin_list(icilist *list) {
    full = f__reading = f__external = f__icnum = f__recpos = f__cursor = 0;
    f__formatted = 1;
    f__putn = z_putc;
    f__donewrec = fill;
    f__svic = list;
    f__cf = 0;
    f__curunit = 0;
    f__icptr = list->iciunit;
    f__icend = f__icptr + list->icirlen * list->icirnum;
    f__elist = (cilist *)list;
    L_len = list->icirlen;
}

integer s_wsli(icilist *list) {
    begin_list(list);
    f__lioproc = l_write;
    return 0;
}
integer e_wsli(void) {
    fill();
    return ended(0);
}

integer s_wsni(icilist *list) {
    cilist group = {0};
    begin_list(list);
    group.cifmt = list->icifmt;
    x_wsne(&group);
    return e_wsli();
}
