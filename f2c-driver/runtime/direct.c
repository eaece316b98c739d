/* Formatted direct access: a record that is shorter than its format goes on with blanks, the last of
   the file too, as PAD='YES' has it; a slash or a new turn of the format is the next record. */
#include "f2c.h"

int y_getc(void);
integer s_rdfe(cilist *);
integer s_wdfe(cilist *);
/* Their definitions get other names; `f__getn = y_getc` keeps this one. */
#define y_getc(nothing) libf2c_y_getc(nothing)
#define s_rdfe(list) libf2c_s_rdfe(list)
#define s_wdfe(list) libf2c_s_wdfe(list)
#include "dfe.c"
#undef y_getc
#undef s_rdfe
#undef s_wdfe

/* What is read past the end does not count, so that f__recpos is where the file stands. */
int y_getc(void) {
    if (f__curunit->url > 1 && f__recpos >= f__curunit->url) return ' ';
    int c = libf2c_y_getc();
    if (c != EOF || !feof(f__cf)) return c;
    f__curunit->uend = 0;
    return ' ';
}

static int read_next(void) {
    FSEEK(f__cf, f__curunit->url - f__recpos, SEEK_CUR);
    f__recpos = f__cursor = 0;
    return 1;
}

/* A format that starts anew: any result but zero is an error. */
static int revert(void) {
    f__donewrec();
    return 0;
}

integer s_rdfe(cilist *list) {
    integer status = libf2c_s_rdfe(list);
    if (status) return status;
    f__donewrec = read_next;
    f__dorevert = revert;
    return 0;
}

/* The end of a record that is written, unless it has become too long. */
enum { END_OF_RECORD = -2 };
static int write_end(void) {
    OFF_T length = f__recpos > f__hiwater ? f__recpos : f__hiwater;
    if (f__curunit->url <= 1 || length <= f__curunit->url) return y_rev();
    f__recpos = f__hiwater = f__cursor = 0;
    err(f__elist->cierr, END_OF_RECORD, "end of record")
}

integer s_wdfe(cilist *list) {
    integer status = libf2c_s_wdfe(list);
    if (status) return status;
    f__dorevert = revert;
    f__doend = write_end;
    return 0;
}
