/* NAMELIST input with comments: `!` outside a string and what follows on its line is not there. */
#include <stdio.h>
#include "f2c.h"
#include "letters.h"

/* Within a string, its quote; and before the last character. Only the value of a CHARACTER goes on
   in the next line: in the text between groups an apostrophe opens nothing. */
static int quote, before, character;

extern int t_getc(void);
extern FILE *f__cf;

/* Whether `&` or `$` begins the END that older programs write for a slash. */
static int ends_group(void) {
    static const char word[] = "END";
    int seen[sizeof word], count = 0, ends = 1;
    while (ends && count < (int)sizeof word) {
        int c = seen[count] = t_getc();
        ends = count < 3 ? upper(c) == word[count] : !in_name(c) && c != '=';
        ++count;
    }
    while (count > 0) ungetc(seen[--count], f__cf);
    return ends;
}

int emshim_namelist_getc(void) {
    int c = t_getc();
    if (!quote && (c == '&' || c == '$') && ends_group()) c = '/';
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

/* To where a line begins with the group's name, as gfortran looks for it; the end of the file counts as
   read where none does. */
static void find_group(cilist *list) {
    const char *name = ((Namelist *)list->cifmt)->name;
    unit *u = list->ciunit >= 0 && list->ciunit < MXUNIT ? &f__units[list->ciunit] : 0;
    if (!u || !u->ufd || !u->useek || u->uend || (u->uwrt && f__nowreading(u))) return;
    for (int c = 0; c != EOF;) {
        do c = getc(u->ufd);
        while (c != EOF && c <= ' ');
        if (c == '&' || c == '$') {
            OFF_T start = FTELL(u->ufd) - 1;
            const char *next = name;
            do c = getc(u->ufd);
            while (c != EOF && upper(c) == upper((unsigned char)*next) && *next++);
            if (!*next && !in_name(c)) {
                FSEEK(u->ufd, start, SEEK_SET);
                return;
            }
        }
        while (c != EOF && c != '\n') c = getc(u->ufd);
    }
    u->uend = 1;
}

integer s_rsne(cilist *list) {
    quote = before = character = 0;
    find_group(list);
    return libf2c_s_rsne(list);
}
