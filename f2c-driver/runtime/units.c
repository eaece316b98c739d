/* Unit numbers: any that is not negative, and those of NEWUNIT. libf2c has a table of MXUNIT units, by
   number; translated sources say `unit_s_wsfe` for its `s_wsfe` (f2c.h) and come here, where a
   number becomes a place in that table: its own where it can. */
#include <stdio.h>
#include <string.h>
#include "f2c.h"
#include "fio.h"

extern integer f_open(olist *), f_clos(cllist *);

/* The first number that NEWUNIT gives; the next is one less. */
#define FIRST_NEW (-10)

enum { NOWHERE = -1 };

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

/* The place of a unit, given it if need be; NOWHERE for a number that no unit has. */
static int place_of(ftnint unit) {
    int place = find(unit);
    if (place != NOWHERE || (unit < 0 && unit > FIRST_NEW)) return place;
    place = unit > 0 && unit < MXUNIT && vacant(unit) ? unit : MXUNIT - 1;
    while (place >= 0 && !vacant(place)) --place;
    if (place >= 0) {
        taken[place] = 1;
        numbers[place] = unit;
    }
    return place;
}

/* A file of its own for a unit that nobody opened. */
static int opened(ftnint unit, int place, const char *form) {
    char name[24];
    olist list = {0};
    if (place < 0 || place == unit || f__units[place].ufd) return 0;
    sprintf(name, "fort.%ld", (long)unit);
    list.oerr = 1;
    list.ounit = place;
    list.ofnm = name;
    list.ofnmlen = (ftnlen)strlen(name);
    list.oacc = "s";
    list.ofm = (char *)form;
    return (int)f_open(&list);
}

/* libf2c keeps the list until the statement ends. */
#define START(NAME, FORM)                                                                       \
    integer NAME(cilist *);                                                                     \
    integer unit_##NAME(cilist *given) {                                                        \
        static cilist list;                                                                     \
        list = *given;                                                                          \
        list.ciunit = place_of(given->ciunit);                                                  \
        if (FORM) opened(given->ciunit, list.ciunit, FORM);                                     \
        return NAME(&list);                                                                     \
    }
START(s_rsfe, "f") START(s_rsle, "f") START(s_wsle, "f")
START(s_rsue, "u") START(s_wsue, "u") START(s_rsne, "f") START(s_wsne, "f")
START(s_rdfe, 0) START(s_wdfe, 0) START(s_rdue, 0) START(s_wdue, 0)

/* ADVANCE, for the next formatted output. */
static int stays;
void emshim_advance_(const char *answer, ftnlen length) {
    stays = length > 0 && (*answer == 'n' || *answer == 'N');
}

extern int f__nonl;
integer s_wsfe(cilist *);
integer unit_s_wsfe(cilist *given) {
    static cilist list;
    list = *given;
    list.ciunit = place_of(given->ciunit);
    opened(given->ciunit, list.ciunit, "f");
    integer status = s_wsfe(&list);
    if (stays) f__nonl = 1;
    stays = 0;
    return status;
}

#define POSITION(NAME)                                                                          \
    integer NAME(alist *);                                                                      \
    integer unit_##NAME(alist *given) {                                                         \
        alist list = *given;                                                                    \
        list.aunit = place_of(given->aunit);                                                    \
        opened(given->aunit, list.aunit, "f");                                                  \
        return NAME(&list);                                                                     \
    }
POSITION(f_back) POSITION(f_end) POSITION(f_rew)

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
    return f_open(&list);
}

integer unit_f_clos(cllist *given) {
    cllist list = *given;
    int place = find(given->cunit);
    if (place == NOWHERE) return 0;
    list.cunit = place;
    integer status = f_clos(&list);
    if (!standard(place)) taken[place] = 0;
    return status;
}

extern integer f_inqu(inlist *);
integer unit_f_inqu(inlist *given) {
    inlist list = *given;
    if (!list.infile) list.inunit = place_of(given->inunit);
    integer status = f_inqu(&list);
    integer *number = list.innum;
    if (number && *number >= 0 && *number < MXUNIT && taken[*number]) *number = numbers[*number];
    return status;
}

/* A number that no open unit has. */
void emshim_newunit_(int *unit) {
    *unit = FIRST_NEW;
    while (find(*unit) != NOWHERE) --*unit;
}

/* What a unit is called in messages. */
long emshim_unit_number(long place) {
    return place >= 0 && place < MXUNIT && taken[place] ? numbers[place] : place;
}

/* IOMSG: what gfortran says of the commonest, the system's or a plain word of the others. */
void emshim_iomsg_(const int *status, char *text, ftnlen length) {
    char message[200];
    if (*status == -1) strcpy(message, "End of file");
    else if (*status < 0) strcpy(message, "End of record");
    else if (*status < 100) snprintf(message, sizeof message, "%s", strerror(*status));
    else snprintf(message, sizeof message, "Error %d of input or output", *status);
    size_t size = strlen(message), room = (size_t)length;
    memset(text, ' ', room);
    memcpy(text, message, size < room ? size : room);
}

/* FTELL. */
extern integer ftell_(integer *);
longint emshim_ftell_1_(const int *unit) {
    integer place = find(*unit);
    return place == NOWHERE ? -1 : ftell_(&place);
}
void emshim_call_ftell_(const int *unit, int *offset) { *offset = (int)emshim_ftell_1_(unit); }
