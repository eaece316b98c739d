/* What OPEN says beyond FORTRAN 77: who may read and write, where to begin, quotes around strings, and
   streams. A stream without a format is a direct file of libf2c's with records of one byte, which may
   be of any length there; one with a format a sequential file that is never cut off. */
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "connect.h"
#include "letters.h"

extern integer f_open(olist *);

enum { LIBF2C_ERROR = 100, FILE_EXISTS = 128, CANNOT_READ = 126, BAD_OPTION = 5002 };

static struct connection connections[MXUNIT];
/* What the next OPEN was told. */
static struct connection asked;
static char position;
/* The specifier whose value is none. */
static const char *bad;
/* Where in a stream the next transfer begins, from 1; 0 for where it is. */
static longint start;

const struct connection *emshim_connection(long place) {
    static const struct connection none;
    return place >= 0 && place < MXUNIT && f__units[place].ufd ? &connections[place] : &none;
}

static int says(const char *value, ftnlen length, const char *word) {
    ftnlen size = (ftnlen)strlen(word), k;
    while (length > 0 && value[length - 1] == ' ') --length;
    for (k = 0; k < length && k < size; ++k)
        if (upper((unsigned char)value[k]) != word[k]) return 0;
    return length == size;
}

/* The letter of a value among words that are separated by blanks, each behind its letter; 0 and a note
   for another. */
static char letter_of(const char *specifier, const char *value, ftnlen length, const char *words) {
    char word[16];
    while (*words) {
        size_t size = strcspn(words + 1, " ");
        memcpy(word, words + 1, size);
        word[size] = 0;
        if (says(value, length, word)) return *words;
        words += 1 + size + (words[1 + size] == ' ');
    }
    bad = specifier;
    return 0;
}

void emshim_specify_(const char *word, const char *value, ftnlen size, ftnlen length) {
    if (says(word, size, "ACCESS"))
        asked.access = letter_of("ACCESS", value, length, "sSEQUENTIAL dDIRECT tSTREAM aAPPEND");
    else if (says(word, size, "ACTION"))
        asked.action = letter_of("ACTION", value, length, "rREAD wWRITE bREADWRITE");
    else if (says(word, size, "PAD"))
        asked.unpadded = letter_of("PAD", value, length, "yYES nNO");
    else if (says(word, size, "POSITION"))
        position = letter_of("POSITION", value, length, "iASIS rREWIND aAPPEND");
    else if (says(word, size, "DELIM"))
        asked.delimiter = letter_of("DELIM", value, length, "nNONE \"QUOTE 'APOSTROPHE");
}

static int not_opened(const olist *list, int status) {
    char name[256];
    ftnlen length = list->ofnm && list->ofnmlen < (ftnlen)sizeof name ? list->ofnmlen : 0;
    g_char(list->ofnm, length, name);
    if (status == FILE_EXISTS) status = EEXIST;
    if (status < LIBF2C_ERROR) return emshim_fail(status, "Cannot open file '%s': %s", name, strerror(status));
    return emshim_status(status);
}

char emshim_delimiter(char unspecified) {
    char own = f__external && f__curunit ? emshim_connection(f__curunit - f__units)->delimiter : 0;
    return own == 'n' ? 0 : own ? own : unspecified;
}

int emshim_open(olist *list) {
    struct connection wanted = asked;
    char where = position;
    const char *wrong = bad;
    int place = (int)list->ounit;
    memset(&asked, 0, sizeof asked);
    position = 0;
    bad = 0;
    if (place < 0 || place >= MXUNIT) return (int)f_open(list);
    unit *u = &f__units[place];
    if (list->osta && !strchr("onsruONSRU", *list->osta)) wrong = "STATUS";
    if (wrong) {
        f__curunit = u;
        emshim_fail(BAD_OPTION, "Bad %s parameter in OPEN statement", wrong);
        err(list->oerr, BAD_OPTION, "open")
    }
    int formatted = list->ofm && (*list->ofm == 'f' || *list->ofm == 'F');
    int stream = wanted.access == 't';
    if (stream && !formatted) list->orl = 1;
    if (where == 'a' || wanted.access == 'a') list->oacc = "append";
    if (wanted.action == 'r' && (!list->osta || *list->osta == 'u' || *list->osta == 'U'))
        list->osta = "old";
    FILE *before = u->ufd;
    int status = (int)f_open(list);
    if (status) return not_opened(list, status);
    if (before && u->ufd == before && !list->ofnm) return 0;
    wanted.position = where ? where : 'i';
    connections[place] = wanted;
    if (stream) {
        if (formatted) u->url = -1;
        if (where == 'a') FSEEK(u->ufd, (OFF_T)0, SEEK_END);
    }
    return 0;
}

void emshim_moved(long place) {
    if (place >= 0 && place < MXUNIT) connections[place].position = 0;
}

void emshim_unfinished(long place) { connections[place].unfinished = 1; }

void emshim_finish(long place) {
    if (place < 0 || place >= MXUNIT || !connections[place].unfinished) return;
    connections[place].unfinished = 0;
    if (place != 0 && place != 6 && f__units[place].ufd) putc('\n', f__units[place].ufd);
}

void emshim_finish_all(void) {
    for (long place = 0; place < MXUNIT; ++place) emshim_finish(place);
}

void emshim_at_i4_(const int *place) { start = *place; }
void emshim_at_i8_(const longint *place) { start = *place; }

int emshim_ready(cilist *list, int writes) {
    longint at = start;
    start = 0;
    emshim_begin();
    if (list->ciunit < 0 || list->ciunit >= MXUNIT) return 0;
    unit *u = &f__units[list->ciunit];
    const struct connection *own = emshim_connection(list->ciunit);
    if (own->action == (writes ? 'r' : 'w')) {
        f__curunit = u;
        err(list->cierr, emshim_status(CANNOT_READ + writes), writes ? "write" : "read")
    }
    if (!writes) emshim_finish(list->ciunit);
    connections[list->ciunit].unfinished = 0;
    emshim_moved(list->ciunit);
    if (own->access != 't') return 0;
    if (at > 0) u->uend = 0;
    FSEEK(u->ufd, at > 0 ? (OFF_T)(at - 1) : (OFF_T)0, at > 0 ? SEEK_SET : SEEK_CUR);
    return 0;
}

int emshim_stream_start(cilist *list, int writes) {
    unit *u = &f__units[list->ciunit];
    f__curunit = u;
    if (u->ufmt) err(list->cierr, 103, "stream")
    /* The end of the file is an error for libf2c here. */
    list->cierr |= list->ciend;
    f__elist = list;
    f__cf = u->ufd;
    f__external = 1;
    f__sequential = f__formatted = f__recpos = 0;
    f__reading = !writes;
    if (!writes && u->uwrt && f__nowreading(u)) err(list->cierr, errno, "read start")
    if (writes && u->uwrt != 1 && f__nowwriting(u)) err(list->cierr, errno, "write start")
    return 0;
}
