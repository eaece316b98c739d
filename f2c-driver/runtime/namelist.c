/* NAMELIST input with comments: `!` outside a string and what follows on its line is not there. */
#include <stdio.h>
#include "f2c.h"

/* Within a string, its quote; and before the last character. Only the value of a CHARACTER goes on
   in the next line: in the text between groups an apostrophe opens nothing. */
static int quote, before, character;

extern int t_getc(void);
int emshim_namelist_getc(void) {
    int c = t_getc();
    before = quote;
    if (!quote && c == '!') while (c != '\n' && c != EOF) c = t_getc();
    if (c == quote || (c == '\n' && !character)) quote = 0;
    else if (!quote && (c == '\'' || c == '"')) quote = c;
    return c;
}

static int unread(int c, FILE *file) {
    quote = before;
    return ungetc(c, file);
}

static int values(ftnint *, char *, ftnlen, ftnint);
integer s_rsne(cilist *list);
#define t_getc emshim_namelist_getc
#define ungetc(c, file) unread(c, file)
#define l_read(number, items, length, type) values(number, items, length, type)
#define s_rsne(list) libf2c_s_rsne(list)
#include "rsne.c"
#undef l_read
#undef s_rsne

static int values(ftnint *number, char *items, ftnlen length, ftnint type) {
    extern int l_read(ftnint *, char *, ftnlen, ftnint);
    character = type == TYCHAR;
    int status = l_read(number, items, length, type);
    character = 0;
    return status;
}

integer s_rsne(cilist *list) {
    quote = before = character = 0;
    return libf2c_s_rsne(list);
}
