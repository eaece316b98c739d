/* Unit numbers: any that is not negative, and those of NEWUNIT. libf2c has a table of MXUNIT units, by
   number; translated sources say `unit_s_wsfe` for its `s_wsfe` (f2c.h) and come here, where a
   number becomes a place in that table: its own where it can. */
#include <stdio.h>
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "connect.h"

extern integer f_open(olist *), f_clos(cllist *);

/* The first number that NEWUNIT gives; the next is one less. */
#define FIRST_NEW (-10)

enum { NOWHERE = -1, BAD_OPTION = 5002, UNCONNECTED = -5005 };

/* The units at the places, and which places have one. Places 0, 5 and 6 are their own for ever. */
static ftnint numbers[MXUNIT];
static char taken[MXUNIT];

static int standard(ftnint unit) { return unit == 0 || unit == 5 || unit == 6; }

static int vacant(int place) {
    return !standard(place) && (!taken[place] || f__units[place].ufd == NULL);
}

static int find(ftnint unit) {
    if (!f__init) f_init();
    if (standard(unit)) return unit;
    if (unit > 0 && unit < MXUNIT && taken[unit] && numbers[unit] == unit) return unit;
    for (int place = 0; place < MXUNIT; ++place)
        if (taken[place] && numbers[place] == unit && !standard(place)) return place;
    return NOWHERE;
}

/* The number that NEWUNIT gave last, which no unit has before its OPEN. */
static ftnint given_number;

/* The place of a unit, given it if need be; NOWHERE for a number that no unit has. */
static int place_of(ftnint unit) {
    int place = find(unit);
    if (place != NOWHERE || (unit < 0 && unit != given_number)) return place;
    place = unit > 0 && unit < MXUNIT && vacant(unit) ? unit : MXUNIT - 1;
    while (place >= 0 && !vacant(place)) --place;
    if (place >= 0) {
        taken[place] = 1;
        numbers[place] = unit;
    }
    return place;
}

/* A file of its own for a unit that nobody opened. */
static void opened(ftnint unit, int place, const char *form) {
    static const struct connection nothing;
    char name[24];
    olist list = {0};
    if (place < 0 || f__units[place].ufd) return;
    sprintf(name, "fort.%ld", (long)unit);
    list.oerr = 1;
    list.ounit = place;
    list.ofnm = name;
    list.ofnmlen = (ftnlen)strlen(name);
    list.oacc = "s";
    list.ofm = (char *)form;
    if (f_open(&list) == 0) emshim_opened(place, &nothing);
}

/* libf2c keeps the list until the statement ends. */
static int prepared(cilist *list, const cilist *given, const char *form, int writes) {
    *list = *given;
    list->ciunit = place_of(given->ciunit);
    if (form) opened(given->ciunit, list->ciunit, form);
    return emshim_ready(list, writes, !form);
}
#define START(NAME, FORM, WRITES)                                                               \
    integer NAME(cilist *);                                                                     \
    integer unit_##NAME(cilist *given) {                                                        \
        static cilist list;                                                                     \
        int status = prepared(&list, given, FORM, WRITES);                                      \
        if (status) return status;                                                              \
        if (FORM && *FORM == 'u' && emshim_connection(list.ciunit)->access == 't')              \
            return emshim_stream_start(&list, WRITES);                                          \
        return begun(NAME(&list));                                                              \
    }
/* What the start of a transfer says. */
static int begun(integer status) {
    return status == EOF && f__reading ? emshim_met_end() : emshim_status((int)status);
}
#define NO_FORM ((const char *)0)
START(s_rsle, "f", 0) START(s_wsle, "f", 1) START(s_rsue, "u", 0) START(s_wsue, "u", 1)
START(s_rsne, "f", 0) START(s_wsne, "f", 1) START(s_rdfe, NO_FORM, 0) START(s_wdfe, NO_FORM, 1)
START(s_rdue, NO_FORM, 0) START(s_wdue, NO_FORM, 1)

/* ADVANCE, for the next formatted transfer. */
static int stays;
void emshim_advance_(const char *answer, ftnlen length) {
    stays = length > 0 && (*answer == 'n' || *answer == 'N');
}

extern int f__nonl;
extern int (*f__dorevert)(void);
integer s_wsfe(cilist *), s_rsfe(cilist *);
void emshim_stay(void), emshim_no_padding(void);

/* A format that starts anew: in a line of its own, unless it had a `$`. */
static int (*new_line)(void), dollar_ends;
static int revert(void) {
    if (!f__nonl || !dollar_ends) return new_line();
    f__nonl = 0;
    return 0;
}

static integer formatted(cilist *list, cilist *given, int writes) {
    int stay = stays, status = prepared(list, given, "f", writes);
    stays = 0;
    if (!status) status = begun(writes ? s_wsfe(list) : s_rsfe(list));
    if (status) return status;
    if (writes) {
        new_line = f__dorevert;
        f__dorevert = revert;
        dollar_ends = !stay;
    } else if (emshim_connection(list->ciunit)->unpadded == 'n') emshim_no_padding();
    if (!stay) return 0;
    if (!writes) emshim_stay();
    else {
        f__nonl = 1;
        emshim_unfinished(list->ciunit);
    }
    return 0;
}
integer unit_s_wsfe(cilist *given) {
    static cilist list;
    return formatted(&list, given, 1);
}
integer unit_s_rsfe(cilist *given) {
    static cilist list;
    return formatted(&list, given, 0);
}

#define POSITION(NAME, OPENS)                                                                   \
    integer NAME(alist *);                                                                      \
    integer unit_##NAME(alist *given) {                                                         \
        alist list = *given;                                                                    \
        emshim_begin();                                                                         \
        list.aunit = OPENS ? place_of(given->aunit) : find(given->aunit);                       \
        if (OPENS) opened(given->aunit, list.aunit, "u");                                       \
        if (list.aunit >= 0) emshim_finish(list.aunit);                                         \
        return emshim_status((int)NAME(&list));                                                 \
    }
POSITION(f_back, 0) POSITION(f_end, 1)

/* The FLUSH statement comes as the REWIND behind this call. */
static int flushes;
void emshim_flush_next_(void) { flushes = 1; }

integer f_rew(alist *);
integer unit_f_rew(alist *given) {
    alist list = *given;
    list.aunit = find(given->aunit);
    emshim_begin();
    if (flushes) {
        flushes = 0;
        FILE *file = list.aunit == NOWHERE ? 0 : f__units[list.aunit].ufd;
        if (file) return fflush(file) == 0 ? 0 : emshim_status(errno);
        f__curunit = 0;
        emshim_fail(UNCONNECTED, "Specified UNIT in FLUSH is not connected");
        err(list.aerr, UNCONNECTED, "flush")
    }
    if (list.aunit >= 0) emshim_finish(list.aunit);
    return emshim_status((int)f_rew(&list));
}

integer unit_f_open(olist *given) {
    olist list = *given;
    char name[24];
    int scratch = list.osta && (*list.osta == 's' || *list.osta == 'S');
    list.ounit = place_of(given->ounit);
    if (list.ounit >= 0 && list.ounit != given->ounit && !list.ofnm && !scratch
        && !f__units[list.ounit].ufd) {
        sprintf(name, "fort.%ld", (long)given->ounit);
        list.ofnm = name;
        list.ofnmlen = (ftnlen)strlen(name);
    }
    return emshim_open(&list);
}

integer unit_f_clos(cllist *given) {
    cllist list = *given;
    int place = find(given->cunit);
    if (place == NOWHERE) return 0;
    emshim_begin();
    if (list.csta && !strchr("dDkK", *list.csta)) {
        emshim_fail(BAD_OPTION, "Bad STATUS parameter in CLOSE statement");
        err(list.cerr, BAD_OPTION, "close")
    }
    list.cunit = place;
    emshim_finish(place);
    integer status = f_clos(&list);
    if (!standard(place)) taken[place] = 0;
    return emshim_status((int)status);
}

long emshim_place(long unit) { return find((ftnint)unit); }

/* A number that no open unit has. */
void emshim_newunit_(int *unit) {
    given_number = FIRST_NEW;
    while (find(given_number) != NOWHERE) --given_number;
    *unit = given_number;
}

/* What a unit is called in messages. */
long emshim_unit_number(long place) {
    return place >= 0 && place < MXUNIT && taken[place] ? numbers[place] : place;
}

/* FTELL. */
extern integer ftell_(integer *);
longint emshim_ftell_1_(const int *unit) {
    integer place = find(*unit);
    return place == NOWHERE ? -1 : ftell_(&place);
}
void emshim_call_ftell_(const int *unit, int *offset) { *offset = (int)emshim_ftell_1_(unit); }
