/* What OPEN says beyond FORTRAN 77: who may read and write, where to begin, quotes around strings, and
   streams. A stream without a format is a direct file of libf2c's with records of one byte, which may
   be of any length there; one with a format a sequential file that is never cut off. */
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "connect.h"
#include "letters.h"

extern integer f_open(olist *);

enum { LIBF2C_ERROR = 100, NO_NAME = 107, FILE_EXISTS = 128, CANNOT_READ = 126 };
/* gfortran's. */
enum { OPTIONS_CONFLICT = 5001, BAD_OPTION = 5002, MISSING_OPTION = 5003, PAST_END = 5008 };

static struct connection connections[MXUNIT];
/* What the next OPEN was told. */
static struct connection asked;
static char position;
/* It says RECL. */
static int sized;
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

void emshim_sized_(void) { sized = 1; }

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
    if (status == NO_NAME) status = ENOENT;
    if (status >= LIBF2C_ERROR) return emshim_status(status);
    return emshim_fail(emshim_status(status), "Cannot open file '%s': %s", name, strerror(status));
}

/* Whether the file of an OPEN is a folder, which libf2c would open to read. */
static int is_folder(const olist *list) {
    char name[1024];
    struct stat found;
    if (!list->ofnm || list->ofnmlen >= (ftnlen)sizeof name) return 0;
    g_char(list->ofnm, list->ofnmlen, name);
    return stat(name, &found) == 0 && S_ISDIR(found.st_mode);
}

char emshim_delimiter(char unspecified) {
    char own = f__external && f__curunit ? emshim_connection(f__curunit - f__units)->delimiter : 0;
    return own == 'n' ? 0 : own ? own : unspecified;
}

/* Whether a letter is one of those that a specifier's values begin with; f2c gives no lengths. */
static int begins(const char *value, const char *letters) {
    return !value || (*value && strchr(letters, upper((unsigned char)*value)));
}

/* What an OPEN may not say; 0 for nothing. */
static int refused(const olist *list, const char *wrong, char access, int has_size) {
    if (!begins(list->osta, "ONSRU")) wrong = "STATUS";
    if (!begins(list->ofm, "FU")) wrong = "FORM";
    if (!begins(list->oblnk, "NZ")) wrong = "BLANK";
    if (wrong) return emshim_fail(BAD_OPTION, "Bad %s parameter in OPEN statement", wrong);
    if (list->ofnm && list->osta && upper((unsigned char)*list->osta) == 'S')
        return emshim_fail(BAD_OPTION, "FILE parameter must not be present in OPEN statement");
    int direct = access == 'd' || (!access && list->oacc && upper((unsigned char)*list->oacc) == 'D');
    if (list->orl < 0 || (has_size && list->orl == 0))
        return emshim_fail(BAD_OPTION, "RECL parameter is non-positive in OPEN statement");
    if (direct && list->orl == 0)
        return emshim_fail(MISSING_OPTION, "Missing RECL parameter in OPEN statement");
    return 0;
}

/* Whether an OPEN of a unit for the file it has already says another form or length of records. */
static int changes(const olist *list, const unit *u) {
    int inode_of_other;
    char name[1024];
    if (!u->ufd || !u->ufnm) return 0;
    if (list->ofnm) {
        if (list->ofnmlen >= (ftnlen)sizeof name) return 0;
        g_char(list->ofnm, list->ofnmlen, name);
        if (f__inode(name, &inode_of_other) != u->uinode || inode_of_other != u->udev) return 0;
    }
    if (list->ofm && (upper((unsigned char)*list->ofm) == 'F') != u->ufmt)
        return emshim_fail(BAD_OPTION, "Cannot change FORM parameter in OPEN statement");
    if (list->orl && u->url > 1 && list->orl != u->url)
        return emshim_fail(BAD_OPTION, "Cannot change RECL parameter in OPEN statement");
    return 0;
}

int emshim_open(olist *list) {
    struct connection wanted = asked;
    char where = position;
    const char *wrong = bad;
    int has_size = sized;
    int place = (int)list->ounit;
    memset(&asked, 0, sizeof asked);
    position = 0;
    sized = 0;
    bad = 0;
    emshim_begin();
    if (place < 0 || place >= MXUNIT) {
        emshim_fail(BAD_OPTION, "Bad unit number in OPEN statement");
        err(list->oerr, BAD_OPTION, "open")
    }
    unit *u = &f__units[place];
    int refusal = refused(list, wrong, wanted.access, has_size);
    if (!refusal) refusal = changes(list, u);
    if (refusal) {
        f__curunit = u;
        err(list->oerr, refusal, "open")
    }
    int formatted = list->ofm && (*list->ofm == 'f' || *list->ofm == 'F');
    int stream = wanted.access == 't';
    if (stream && !formatted) list->orl = 1;
    if (where == 'a' || wanted.access == 'a') list->oacc = "append";
    if (wanted.action == 'r' && (!list->osta || *list->osta == 'u' || *list->osta == 'U'))
        list->osta = "old";
    if (wanted.action != 'r' && is_folder(list)) {
        int status = not_opened(list, EISDIR);
        f__curunit = u;
        err(list->oerr, status, "open")
    }
    FILE *before = u->ufd;
    int status = (int)f_open(list);
    if (status) return not_opened(list, status);
    if (before && u->ufd == before && !list->ofnm) return 0;
    if (stream) {
        if (formatted) u->url = -1;
        if (where == 'a') FSEEK(u->ufd, (OFF_T)0, SEEK_END);
    }
    wanted.position = where ? where : 'i';
    emshim_opened(place, &wanted);
    return 0;
}

void emshim_opened(long place, const struct connection *said) {
    connections[place] = *said;
    connections[place].end = emshim_at_end(place) ? AT_END : INSIDE;
}

void emshim_stands(long place, char end, char position) {
    connections[place].end = end;
    connections[place].position = position;
}

int emshim_met_end(void) {
    if (f__external && f__curunit) emshim_stands(f__curunit - f__units, AFTER_END, 'a');
    return EOF;
}

int emshim_unpadded(void) {
    return f__external && f__curunit && emshim_connection(f__curunit - f__units)->unpadded == 'n';
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

/* Whether a file has a record of this number. */
static int has_record(unit *u, longint number) {
    struct stat found;
    if (u->uwrt) fflush(u->ufd);
    return fstat(fileno(u->ufd), &found) != 0 || (number - 1) * u->url < (longint)found.st_size;
}

/* What a transfer may not do with an open unit. */
static int forbidden(const cilist *list, unit *u, const struct connection *own, int writes, int direct) {
    if (own->action == (writes ? 'r' : 'w')) return emshim_status(CANNOT_READ + writes);
    if (!u->ufd || own->access == 't') return 0;
    if (direct && !u->url)
        return emshim_fail(OPTIONS_CONFLICT, "Record number not allowed for sequential access data transfer");
    if (!direct && u->url > 0)
        return emshim_fail(MISSING_OPTION, "Direct access data transfer requires record number");
    if (direct && list->cirec <= 0) return emshim_fail(BAD_OPTION, "Record number must be positive");
    if (direct && !writes && !has_record(u, list->cirec))
        return emshim_fail(BAD_OPTION, "Non-existing record number");
    if (!direct && !writes && own->end == AFTER_END)
        return emshim_fail(PAST_END, "Sequential READ or WRITE not allowed after EOF marker, possibly use "
                                      "REWIND or BACKSPACE");
    return 0;
}

/* Where a transfer of record after record leaves the unit: one that is written is the last of its file. */
static int sequential(cilist *list, unit *u, int writes, int moved) {
    struct connection *own = &connections[list->ciunit];
    u->uend = 0;
    clearerr(u->ufd);
    if (writes) {
        if ((own->end == INSIDE || moved) && emshim_cut(list->ciunit)) err(list->cierr, errno, "write")
        emshim_stands(list->ciunit, AT_END, 0);
    } else if (own->end == AT_END && own->access != 't') {
        f__curunit = u;
        f__external = 1;
        emshim_met_end();
        err(list->ciend, EOF, "read")
    } else emshim_stands(list->ciunit, INSIDE, 0);
    return 0;
}

int emshim_ready(cilist *list, int writes, int direct) {
    longint at = start;
    start = 0;
    emshim_begin();
    if (list->ciunit < 0 || list->ciunit >= MXUNIT) return 0;
    unit *u = &f__units[list->ciunit];
    const struct connection *own = emshim_connection(list->ciunit);
    int refusal = forbidden(list, u, own, writes, direct);
    if (refusal) {
        f__curunit = u;
        err(list->cierr, refusal, writes ? "write" : "read")
    }
    if (!u->ufd) return 0;
    connections[list->ciunit].unfinished = 0;
    if (own->access == 't') FSEEK(u->ufd, at > 0 ? (OFF_T)(at - 1) : (OFF_T)0, at > 0 ? SEEK_SET : SEEK_CUR);
    return direct || u->url > 0 ? 0 : sequential(list, u, writes, at > 0);
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
