/* How a Fortran program starts and ends. A translated main program defines MAIN__ and a `main` that
   calls emshim_main, as gfortran's do, so that a link needs no object of ours to start it. */
#include <stdio.h>
#include <stdlib.h>
#include "f2c.h"

extern void f_init(void);
extern void f_exit(void);
extern void emshim_finish_all(void);

int xargc;
char **xargv;

/* Closes the units and writes what is buffered: exit() itself runs no handlers and flushes nothing
   where the C runtime stays alive after main, which is Emscripten's default. */
static void finish(void) {
    emshim_finish_all();
    f_exit();
    fflush(0);
}

static void end(int status) {
    finish();
    exit(status);
}

void emshim_main(int argc, char **argv, int (*program)(void)) {
    xargc = argc;
    xargv = argv;
    f_init();
    program();
    finish();
}

void exit_(const int *status) { end(*status); }

/* An error that the program does not handle. */
void emshim_error(const char *text, int status) {
    fprintf(stderr, "%s\n", text);
    end(status);
}

/* One of input or output. */
void sig_die(const char *text, int kill) {
    (void)kill;
    emshim_error(text, 2);
}

static void stop(const char *word, const char *text, ftnlen length, int status) {
    fflush(stdout);
    if (length > 0 || status) fprintf(stderr, "%s%s%.*s\n", word, length > 0 ? " " : "",
                                      (int)length, text);
    end(status);
}

/* STOP, ERROR STOP with a text, or a blank for none. */
void emshim_stop_(const char *text, ftnlen length) { stop("STOP", text, length, 0); }
void emshim_error_stop_(const char *text, ftnlen length) {
    stop("ERROR STOP", text, length == 1 && *text == ' ' ? 0 : length, 1);
}

/* The same with a code. */
static void stop_code(const char *word, int code) {
    fflush(stdout);
    fprintf(stderr, "%s %d\n", word, code);
    end(code & 255);
}
void emshim_stop_code_(const int *code) { stop_code("STOP", *code); }
void emshim_error_stop_code_(const int *code) { stop_code("ERROR STOP", *code); }

/* f2c calls this for STOP and for STOP 3, whose digits it passes as text. */
void s_stop(const char *text, ftnlen length) {
    int code = 0;
    for (ftnlen i = 0; i < length; ++i) code = (code * 10 + (text[i] - '0')) & 0xfffff;
    if (length > 0) stop_code("STOP", code);
    end(0);
}

/* FLUSH takes a unit; libf2c's has no argument. */
extern integer emshim_flush_all(void);
void emshim_flush_(const integer *unit) {
    (void)unit;
    emshim_flush_all();
}

void s_paus(const char *text, ftnlen length) { fprintf(stderr, "PAUSE %.*s\n", (int)length, text); }

void abort_(void) {
    fflush(0);
    abort();
}

/* MATMUL of arrays that do not fit. */
void emshim_unfit_(const int *extent, const int *wanted) {
    char text[160];
    snprintf(text, sizeof text,
             "Fortran runtime error: Incorrect extent in argument B in MATMUL intrinsic in dimension 1: "
             "is %d, should be %d",
             *extent, *wanted);
    emshim_error(text, 2);
}
