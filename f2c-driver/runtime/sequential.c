/* Formatted input of records that end in CR LF: the CR is no character of theirs. The last record may
   end where its file does. */
#include "f2c.h"

int x_getc(void), x_endp(void), xrd_SL(void);
/* Their definitions get other names; `f__getn = x_getc` and its like keep these. */
#define x_getc(nothing) libf2c_x_getc(nothing)
#define x_endp(nothing) libf2c_x_endp(nothing)
#define xrd_SL(nothing) libf2c_xrd_SL(nothing)
#include "rsfe.c"
#undef x_getc
#undef x_endp
#undef xrd_SL
#include "line.h"
#include "connect.h"


/* What the statement has read of its record, and whether it wanted more. */
static integer characters;
static int ended;

/* Without a character that an item or an edit descriptor took the last record counts as missing; that
   of a stream does for gfortran in any case. */
int xrd_SL(void) {
    int c = 0;
    if (!f__curunit->uend)
        do c = getc(f__cf);
        while (c != '\n' && c != EOF);
    if (c == EOF && (f__recpos == 0 || emshim_connection(f__curunit - f__units)->access == 't'))
        f__curunit->uend = 1;
    f__cursor = f__recpos = 0;
    return 1;
}

int x_getc(void) {
    int c = libf2c_x_getc();
    if (c == EOF && f__recpos > 0) {
        f__curunit->uend = 0;
        c = '\n';
    }
    if (line_ends(c, f__cf)) {
        --f__recpos;
        c = '\n';
    }
    if (c == '\n') ended = 1;
    else if (c >= 0) ++characters;
    return c;
}

int x_endp(void) {
    xrd_SL();
    return f__curunit->uend == 1 ? emshim_met_end() : 0;
}

/* Whether the record has so many characters more, which are not read. */
int emshim_has_more(int width) {
    OFF_T here = FTELL(f__cf);
    int c = 0;
    while (here >= 0 && width-- > 0 && c != '\n' && c != EOF) {
        c = getc(f__cf);
        if (line_ends(c, f__cf)) c = '\n';
    }
    if (here >= 0) FSEEK(f__cf, here, SEEK_SET);
    return c != '\n' && c != EOF;
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
        return f__curunit->uend == 1 ? emshim_met_end() : 0;
    }
    xrd_SL();
    err(f__elist->cierr, END_OF_RECORD, "end of record")
}

/* PAD='NO'. */
static int full_at_end(void) {
    int wanted = ended;
    xrd_SL();
    if (f__curunit->uend == 1) return emshim_met_end();
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
