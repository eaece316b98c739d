/* NAMELIST input with comments: `!` outside a string and what follows on its line is not there. */
#include <stdio.h>
#include "f2c.h"

/* Where the line is within a string, its quote; and before the last character. */
static int quote, before;

extern int t_getc(void);
int emshim_namelist_getc(void) {
    int c = t_getc();
    before = quote;
    if (!quote && c == '!') while (c != '\n' && c != EOF) c = t_getc();
    if (c == '\n' || c == quote) quote = 0;
    else if (!quote && (c == '\'' || c == '"')) quote = c;
    return c;
}

static int unread(int c, FILE *file) {
    quote = before;
    return ungetc(c, file);
}

#define t_getc emshim_namelist_getc
#define ungetc(c, file) unread(c, file)
#include "rsne.c"
