/* How a Fortran program starts and ends. A translated main program defines MAIN__ and a `main` that
   calls emshim_main, as gfortran's do, so that a link needs no object of ours to start it. */
#include <stdio.h>
#include <stdlib.h>
#include "f2c.h"

extern void f_init(void);
extern void f_exit(void);

int xargc;
char **xargv;

/* Closes the units and writes what is buffered: exit() itself runs no handlers and flushes nothing
   where the C runtime stays alive after main, which is Emscripten's default. */
static void end(int status) {
    f_exit();
    fflush(0);
    exit(status);
}

void emshim_main(int argc, char **argv, int (*program)(void)) {
    xargc = argc;
    xargv = argv;
    f_init();
    program();
    end(0);
}

void exit_(const int *status) { end(*status); }

/* An error of input or output that the program does not handle. */
void sig_die(const char *text, int kill) {
    (void)kill;
    fprintf(stderr, "%s\n", text);
    end(2);
}

/* f2c passes the digits of STOP 3 as text, without a terminating null within the length. */
static void stop(const char *word, const char *text, ftnlen length, int status) {
    int code = 0, digits = length > 0;
    for (ftnlen i = 0; i < length; ++i) {
        digits &= text[i] >= '0' && text[i] <= '9';
        code = (int)(((unsigned)code * 10 + (unsigned)(text[i] - '0')) & 0xffffff);
    }
    fflush(stdout);
    if (length > 0) fprintf(stderr, "%s %.*s\n", word, (int)length, text);
    else if (status) fprintf(stderr, "%s\n", word);
    end(digits ? code & 255 : status);
}

void s_stop(const char *text, ftnlen length) { stop("STOP", text, length, 0); }

void emshim_error_stop_(const char *text, ftnlen length) { stop("ERROR STOP", text, length, 1); }

void s_paus(const char *text, ftnlen length) { fprintf(stderr, "PAUSE %.*s\n", (int)length, text); }

void abort_(void) {
    fflush(0);
    abort();
}
