/* The end of a line. */
#ifndef EMSHIM_LINE_H
#define EMSHIM_LINE_H
#include <stdio.h>

/* Whether a character that was read is a CR before a LF, which is read next. */
static inline int line_ends(int c, FILE *file) {
    if (c != '\r') return 0;
    int next = getc(file);
    if (next != EOF) ungetc(next, file);
    return next == '\n';
}
#endif
