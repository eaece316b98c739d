/* Formatted input of records that end in CR LF: the CR is no character of theirs. */
#include "f2c.h"

int x_getc(void);
/* Its definition gets another name; `f__getn = x_getc` keeps this one. */
#define x_getc(nothing) libf2c_x_getc(nothing)
#include "rsfe.c"
#undef x_getc
#include "line.h"

/* What the statement has read of its record, and whether it wanted more. */
static integer characters;
static int ended;

int x_getc(void) {
    int c = libf2c_x_getc();
    if (line_ends(c, f__cf)) {
        --f__recpos;
        c = '\n';
    }
    if (c == '\n') ended = 1;
    else if (c >= 0) ++characters;
    return c;
}

/* Characters that a position moves over do not count. */
void emshim_skip(void) {
    integer before = characters;
    while (f__cursor > 0 && (*f__getn)() >= 0) --f__cursor;
    characters = before;
}

/* ADVANCE='NO': the next statement goes on in the record unless this one came to its end. */
enum { END_OF_RECORD = -2 };
static int stay_at_end(void) {
    int wanted = ended;
    if (!wanted) {
        emshim_skip();
        return f__curunit->uend == 1 ? EOF : 0;
    }
    xrd_SL();
    err(f__elist->cierr, END_OF_RECORD, "end of record")
}

/* PAD='NO'. */
static int full_at_end(void) {
    int wanted = ended;
    xrd_SL();
    if (f__curunit->uend == 1) return EOF;
    if (!wanted) return 0;
    err(f__elist->cierr, END_OF_RECORD, "end of record")
}

void emshim_no_padding(void) {
    characters = ended = 0;
    f__doend = full_at_end;
}

void emshim_stay(void) {
    characters = ended = 0;
    f__doend = stay_at_end;
}

void emshim_size_i4_(int *size) { *size = (int)characters; }
void emshim_size_i8_(longint *size) { *size = characters; }
