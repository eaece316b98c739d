/* BACKSPACE: to where the record before begins, which at the beginning of the file is where it is. */
#include <string.h>
#include "f2c.h"
#include "fio.h"

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

integer f_back(alist *list) {
    if (list->aunit < 0 || list->aunit >= MXUNIT) err(list->aerr, 101, "backspace")
    unit *u = f__curunit = &f__units[list->aunit];
    if (!u->ufd) {
        fk_open(SEQ, FMT, list->aunit);
        return 0;
    }
    if (!u->useek) err(list->aerr, 106, "backspace")
    if (u->uend == 1) {
        /* Before the end of the file, which counts as a record. */
        u->uend = 0;
        clearerr(u->ufd);
        return 0;
    }
    if (u->uwrt) {
        t_runc(list);
        if (f__nowreading(u)) err(list->aerr, errno, "backspace")
    }
    OFF_T here = FTELL(u->ufd), start;
    if (u->url > 0) start = here > 0 ? (here - 1) / u->url * u->url : 0;
    else start = u->ufmt ? line_before(u->ufd, here) : record_before(u->ufd, here);
    FSEEK(u->ufd, start, SEEK_SET);
    return 0;
}
