/* BACKSPACE, REWIND and ENDFILE. A file has an endfile record behind its last one: a unit may stand in
   the file, before that record, or behind it, which is where reading it leaves the unit. */
#include <string.h>
#include <unistd.h>
#include "f2c.h"
#include "fio.h"
#include "connect.h"

enum { BAD_NUMBER = 101, NO_SEEK = 106, NO_TRUNCATION = 111 };
/* gfortran's. */
enum { OPTIONS_CONFLICT = 5001, BAD_OPTION = 5002, NO_UNIT = 5005 };

static OFF_T size_of(unit *u) {
    struct stat found;
    if (u->uwrt) fflush(u->ufd);
    return fstat(fileno(u->ufd), &found) == 0 ? (OFF_T)found.st_size : -1;
}

int emshim_at_end(long place) {
    unit *u = &f__units[place];
    OFF_T size = u->useek ? size_of(u) : -1;
    return size >= 0 && FTELL(u->ufd) >= size;
}

/* Whether it is a stream that the program was given: others write to its file too, and where they have
   left it is not known here (Emscripten counts from 0). */
static int is_given(const unit *u) { return u->ufd == stdin || u->ufd == stdout || u->ufd == stderr; }

int emshim_cut(long place) {
    unit *u = &f__units[place];
    if (!u->useek || u->urw == 1 || is_given(u)) return 0;
    OFF_T here = FTELL(u->ufd);
    if (here < 0 || here >= size_of(u)) return 0;
    fflush(u->ufd);
    int status = ftruncate(fileno(u->ufd), here);
    FSEEK(u->ufd, here, SEEK_SET);
    return status;
}

/* What libf2c's CLOSE does of it. */
int t_runc(alist *list) {
    if (f__units[list->aunit].url || !emshim_cut(list->aunit)) return 0;
    err(list->aerr, NO_TRUNCATION, "close")
}

/* Where the line begins that ends before `end`. */
static OFF_T line_before(FILE *file, OFF_T end) {
    char part[512];
    /* Its own end is no beginning of another. */
    for (OFF_T high = end - 1; high > 0;) {
        OFF_T low = high > (OFF_T)sizeof part ? high - (OFF_T)sizeof part : 0;
        size_t size = (size_t)(high - low);
        FSEEK(file, low, SEEK_SET);
        if (fread(part, 1, size, file) != size) return 0;
        while (size > 0)
            if (part[--size] == '\n') return low + (OFF_T)size + 1;
        high = low;
    }
    return 0;
}

static OFF_T record_before(FILE *file, OFF_T end) {
    uiolen length;
    if (end < (OFF_T)sizeof length) return 0;
    FSEEK(file, end - (OFF_T)sizeof length, SEEK_SET);
    if (fread(&length, sizeof length, 1, file) != 1) return 0;
    OFF_T start = end - (OFF_T)length - 2 * (OFF_T)sizeof length;
    return start > 0 ? start : 0;
}

/* The record before, which at the beginning of the file is where the unit is. */
static void step_back(unit *u) {
    OFF_T here = FTELL(u->ufd);
    FSEEK(u->ufd, u->ufmt ? line_before(u->ufd, here) : record_before(u->ufd, here), SEEK_SET);
}

/* A unit that is open, or the status that says why not. */
static int given(alist *list, unit **u) {
    *u = 0;
    emshim_begin();
    if (list->aunit < 0 || list->aunit >= MXUNIT) return emshim_status(BAD_NUMBER);
    unit *found = f__curunit = &f__units[list->aunit];
    if (!found->ufd) return 0;
    *u = found;
    return found->useek || emshim_connection(list->aunit)->access == 't' ? 0 : NO_SEEK;
}

/* A unit that was written goes on as one that is read. */
static int turned(unit *u) {
    u->uend = 0;
    clearerr(u->ufd);
    if (!u->uwrt) return 0;
    fflush(u->ufd);
    return f__nowreading(u) ? errno : 0;
}

static int is_direct(long place, unit *u) {
    return u->url && emshim_connection(place)->access != 't';
}

integer f_back(alist *list) {
    unit *u;
    int status = given(list, &u);
    if (!u) status = emshim_fail(NO_UNIT, "Unit is not open");
    if (!status && (is_direct(list->aunit, u) || u->url > 0))
        status = emshim_fail(OPTIONS_CONFLICT, "Cannot BACKSPACE a file opened for %s access",
                             is_direct(list->aunit, u) ? "DIRECT" : "unformatted STREAM");
    if (!status) status = turned(u);
    if (status) err(list->aerr, status, "backspace")
    if (emshim_connection(list->aunit)->end == AFTER_END && !u->url) {
        /* Before the endfile record, which counts as one; a stream has none. */
        FSEEK(u->ufd, (OFF_T)0, SEEK_END);
        emshim_stands(list->aunit, AT_END, 'a');
    } else if (FTELL(u->ufd) == 0) emshim_stands(list->aunit, emshim_connection(list->aunit)->end, 'r');
    else {
        step_back(u);
        emshim_stands(list->aunit, INSIDE, 'u');
    }
    return 0;
}

integer f_rew(alist *list) {
    unit *u;
    int status = given(list, &u);
    /* Nothing to do for a unit that is not open. */
    if (!u) return 0;
    if (!status && is_direct(list->aunit, u))
        status = emshim_fail(BAD_OPTION, "Cannot REWIND a file opened for DIRECT access");
    if (!status) status = turned(u);
    if (status) err(list->aerr, status, "rewind")
    rewind(u->ufd);
    emshim_stands(list->aunit, size_of(u) == 0 ? AT_END : INSIDE, 'r');
    return 0;
}

integer f_end(alist *list) {
    unit *u;
    int status = given(list, &u);
    /* A pipe ends where it ends. */
    if (status == NO_SEEK) return 0;
    if (!status && is_direct(list->aunit, u))
        status = emshim_fail(OPTIONS_CONFLICT, "Cannot perform ENDFILE on a file opened for DIRECT access");
    if (!status && !u->url && emshim_connection(list->aunit)->end == AFTER_END)
        status = emshim_fail(OPTIONS_CONFLICT,
                             "Cannot perform ENDFILE on a file already positioned after the EOF marker");
    if (!status && emshim_cut(list->aunit)) status = NO_TRUNCATION;
    if (status) err(list->aerr, status, "endfile")
    emshim_stands(list->aunit, AFTER_END, 0);
    return 0;
}
