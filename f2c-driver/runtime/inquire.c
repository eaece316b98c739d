/* INQUIRE, with gfortran's answers. The first ones are FORTRAN 77's, which f2c knows; for others the
   source is lowered to a question for each. */
#include <string.h>
#include <unistd.h>
#include "f2c.h"
#include "fio.h"
#include "connect.h"

/* RECL of a file that may have records of any length. */
enum { LONGEST = 2147483647 };

/* What a question is about: an open unit or none, and the file's name if one was asked for. */
struct subject {
    long place;
    const char *file;
    long number;
};

static struct subject of_unit(long number) {
    struct subject about = {emshim_place(number), 0, number};
    if (about.place >= 0 && !f__units[about.place].ufd) about.place = -1;
    return about;
}

static struct subject of_file(const char *name, ftnlen length) {
    static char text[1024];
    struct subject about = {-1, text, -1};
    int device;
    if (length > (ftnlen)sizeof text - 1) length = (ftnlen)sizeof text - 1;
    g_char(name, length, text);
    long inode = f__inode(text, &device);
    for (long place = 0; inode != -1 && place < MXUNIT; ++place) {
        unit *u = &f__units[place];
        if (u->ufd && u->ufnm && u->uinode == inode && u->udev == device) about.place = place;
    }
    if (about.place >= 0) about.number = emshim_unit_number(about.place);
    return about;
}

static unit *open_unit(struct subject about) { return about.place < 0 ? 0 : &f__units[about.place]; }

static char access_of(struct subject about) {
    unit *u = open_unit(about);
    return !u ? 0 : emshim_connection(about.place)->access == 't' ? 't' : u->url ? 'd' : 's';
}

static const char *yes(int holds) { return holds ? "YES" : "NO"; }

static int standard(struct subject about) {
    return about.place == 0 || about.place == 5 || about.place == 6;
}

static const char *position_of(unit *u, struct subject about) {
    char opened = emshim_connection(about.place)->position;
    OFF_T here = standard(about) || opened == 'i' ? -1 : FTELL(u->ufd), end;
    if (here < 0) return "ASIS";
    if (opened && opened != 'u') return opened == 'a' ? "APPEND" : "REWIND";
    FSEEK(u->ufd, (OFF_T)0, SEEK_END);
    end = FTELL(u->ufd);
    FSEEK(u->ufd, here, SEEK_SET);
    return here == 0 ? "REWIND" : here == end ? "APPEND" : opened ? "UNSPECIFIED" : "ASIS";
}

/* May be read or written: by ACTION for a unit, by the system for a file. */
static const char *may(struct subject about, char other, int mode) {
    unit *u = open_unit(about);
    if (!u) return yes(about.file && access(about.file, mode) == 0);
    if (standard(about)) return yes((about.place == 5) == (mode == R_OK));
    return yes(emshim_connection(about.place)->action != other && (mode == R_OK || u->urw != 1));
}

static const char *text_of(struct subject about, const char *word) {
    unit *u = open_unit(about);
    char access = access_of(about);
    const struct connection *own = emshim_connection(about.place);
    int formatted = u && u->ufmt;
    const char *unknown = "UNKNOWN", *undefined = "UNDEFINED";
    switch (*word) {
    case 'a':
        if (word[2] == 'c') /* access */
            return !u ? undefined : access == 't' ? "STREAM" : access == 'd' ? "DIRECT" : "SEQUENTIAL";
        if (!u) return undefined; /* action */
        if (about.place == 5) return "READ";
        if (about.place == 0 || about.place == 6) return "WRITE";
        return own->action == 'r' || u->urw == 1 ? "READ" : own->action == 'w' ? "WRITE" : "READWRITE";
    case 's': /* sequential, stream */
        return !u ? unknown : yes(access == (word[1] == 'e' ? 's' : 't'));
    case 'd':
        if (word[1] == 'i') return !u ? unknown : yes(access == 'd'); /* direct, delim */
        return !formatted ? undefined : own->delimiter == '"' ? "QUOTE" : own->delimiter == '\'' ? "APOSTROPHE" : "NONE";
    case 'f': /* form, formatted */
        if (!word[4]) return !u ? undefined : formatted ? "FORMATTED" : "UNFORMATTED";
        return !u ? unknown : yes(formatted);
    case 'u': return !u ? unknown : yes(!formatted);
    case 'b': return !formatted ? undefined : u->ublnk ? "ZERO" : "NULL";
    case 'p':
        if (word[1] == 'a') return u ? yes(own->unpadded != 'n') : undefined; /* pad, position */
        return !u || access == 'd' ? undefined : position_of(u, about);
    case 'r':
        if (!word[4]) return may(about, 'w', R_OK); /* read, readwrite */
        return yes(*may(about, 'w', R_OK) == 'Y' && *may(about, 'r', W_OK) == 'Y');
    case 'w': return may(about, 'r', W_OK);
    default: return undefined;
    }
}

static const char *name_of(unit *u, struct subject about) {
    if (standard(about)) return about.place == 5 ? "stdin" : about.place == 6 ? "stdout" : "stderr";
    return u->ufnm ? u->ufnm : "";
}

static longint number_of(struct subject about, const char *word) {
    unit *u = open_unit(about);
    char access = access_of(about);
    switch (*word) {
    case 's': { /* size */
        struct stat found;
        if (u) fflush(u->ufd);
        int known = u ? fstat(fileno(u->ufd), &found) : about.file ? stat(about.file, &found) : -1;
        return known == 0 ? (longint)found.st_size : -1;
    }
    case 'r': return !u ? -1 : access == 't' ? -2 : u->url ? u->url : LONGEST; /* recl */
    case 'n': return access == 'd' ? (longint)FTELL(u->ufd) / u->url + 1 : 0;  /* nextrec */
    default: return access == 't' ? (longint)FTELL(u->ufd) + 1 : 0;            /* pos */
    }
}

static struct subject subject;
void emshim_inquire_unit_(const int *number) { subject = of_unit(*number); }
void emshim_inquire_file_(const char *name, ftnlen length) { subject = of_file(name, length); }

/* The lowered source gives the words in small letters. */
static const char *word_of(const char *word, ftnlen length) {
    static char text[16];
    if (length > (ftnlen)sizeof text - 1) length = (ftnlen)sizeof text - 1;
    memset(text, 0, sizeof text);
    memcpy(text, word, (size_t)length);
    return text;
}
void emshim_answer_a_(const char *word, char *answer, ftnlen size, ftnlen length) {
    b_char(text_of(subject, word_of(word, size)), answer, length);
}
void emshim_answer_i4_(const char *word, int *answer, ftnlen size) {
    *answer = (int)number_of(subject, word_of(word, size));
}
void emshim_answer_i8_(const char *word, longint *answer, ftnlen size) {
    *answer = number_of(subject, word_of(word, size));
}

integer f_inqu(inlist *a) {
    struct subject about = a->infile ? of_file(a->infile, a->infilen) : of_unit(a->inunit);
    unit *u = open_unit(about);
    const struct {
        char *answer;
        ftnlen length;
        const char *word;
    } texts[] = {
        {a->inacc, a->inacclen, "access"},   {a->inseq, a->inseqlen, "sequential"},
        {a->indir, a->indirlen, "direct"},   {a->infmt, a->infmtlen, "form"},
        {a->inform, a->informlen, "formatted"}, {a->inunf, a->inunflen, "unformatted"},
        {a->inblank, a->inblanklen, "blank"},
    };
    if (a->inex) *a->inex = a->infile ? access(about.file, F_OK) == 0 : u || about.number >= 0;
    if (a->inopen) *a->inopen = u != 0;
    if (a->innum) *a->innum = u ? (ftnint)about.number : -1;
    if (a->innamed) *a->innamed = about.file || (u && (u->ufnm || standard(about)));
    if (a->inname) {
        if (about.file) b_char(about.file, a->inname, a->innamlen);
        else if (u) b_char(name_of(u, about), a->inname, a->innamlen);
    }
    for (size_t k = 0; k < sizeof texts / sizeof *texts; ++k)
        if (texts[k].answer) b_char(text_of(about, texts[k].word), texts[k].answer, texts[k].length);
    if (a->inrecl) *a->inrecl = (ftnint)number_of(about, "recl");
    if (a->innrec) *a->innrec = (ftnint)number_of(about, "nextrec");
    return 0;
}
