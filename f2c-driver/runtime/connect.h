/* What is known of a unit beyond libf2c's table. */
#ifndef EMSHIM_CONNECT_H
#define EMSHIM_CONNECT_H

struct connection {
    char access;    /* sequential, direct, t for a stream, append; 0 where OPEN did not say it */
    char action;    /* read, write, both */
    char position;  /* asis, rewind, append, unspecified; 0 for what its place in the file says */
    char unfinished; /* its last record may go on: ADVANCE='NO' */
    char unpadded;  /* PAD: yes, no */
    char delimiter; /* of strings in lists, n for none */
    char end;       /* where it stands, of the words below; of a stream not known */
};

/* In the file, before its endfile record, behind that. */
enum { INSIDE, AT_END, AFTER_END };

/* That of a place in the table. */
const struct connection *emshim_connection(long place);

/* Where a statement leaves the unit, and what INQUIRE says of it. */
void emshim_stands(long place, char end, char position);

/* The unit has been opened, with this said of it. */
void emshim_opened(long place, const struct connection *said);

/* Whether nothing follows in the file of a unit. */
int emshim_at_end(long place);

/* Takes off a file what follows; 0 where that was possible. */
int emshim_cut(long place);

/* A READ of the current unit has met the end of its file; gives EOF. */
int emshim_met_end(void);

/* Whether the current unit was opened with PAD='NO'. */
int emshim_unpadded(void);

/* An internal record is too short for what is written. */
void emshim_overflow(void);

/* OPEN. */
int emshim_open(olist *);

/* gfortran's number for an error that libf2c found. */
int emshim_status(int status);

/* What IOMSG says of a status from now on; gives the status. */
int emshim_fail(int status, const char *format, ...);

/* A statement begins: nothing has failed. */
void emshim_begin(void);

/* What stands around strings in a list of the current unit, 0 for nothing. */
char emshim_delimiter(char unspecified);

/* The last record of a unit may go on, or ends here unless the unit is the terminal's. */
void emshim_unfinished(long place);
void emshim_finish(long place);

/* Begins a transfer where POS says; an error where the unit is not for such a one. */
int emshim_ready(cilist *, int writes, int direct);

/* Begins a transfer without a format from or to a stream. */
int emshim_stream_start(cilist *, int writes);

/* The unit of a place in the table, and the place of a unit, -1 for none. */
long emshim_unit_number(long place);
long emshim_place(long unit);
#endif
