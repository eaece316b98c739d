/* NAMELIST output as gfortran writes it: a line for each name, five values of an array on its first
   line and six on the others, equal ones that follow each other written once with their number. */
#include <stdio.h>
#include <string.h>
#include "f2c.h"
#include "fio.h"
#include "lio.h"
#include "lwrite.h"
#include "connect.h"

/* gfortran counts a line's numbers from 1 on the first and from 0 on the others. */
enum { MOST = 5 };

static void put_text(const char *text) {
    while (*text) (*f__putn)(*text++);
}

static void put_string(const char *text, ftnlen length) {
    char quote = emshim_delimiter('"');
    if (quote) (*f__putn)(quote);
    for (ftnlen i = 0; i < length; ++i) {
        if (quote && text[i] == quote) (*f__putn)(quote);
        (*f__putn)(text[i]);
    }
    if (quote) (*f__putn)(quote);
}

/* A value; one behind its number stands on the left of its field, as integers always do. */
static void put_value(const char *value, ftnlen size, int type, int repeated) {
    char text[LWRITE_TEXT];
    if (type == TYCHAR) {
        put_string(value, size);
        return;
    }
    int tail = 0, width = emshim_item_text(text, &tail, value, type), length = (int)strlen(text);
    int integer = type == TYINT1 || type == TYSHORT || type == TYLONG || type == TYQUAD;
    if (type == TYCOMPLEX || type == TYDCOMPLEX) width = length;
    int left = repeated || integer ? 0 : width - tail - length;
    for (int i = 0; i < left; ++i) (*f__putn)(' ');
    put_text(text);
    for (int i = length + (left > 0 ? left : 0); i < width; ++i) (*f__putn)(' ');
}

static void put_variable(const Vardesc *v) {
    extern ftnlen f__typesize[];
    int type = v->type < 0 ? TYCHAR : (int)v->type, on_line = 1;
    ftnlen size = v->type < 0 ? -v->type : f__typesize[type];
    ftnint number = v->dims ? v->dims[1] : 1, count = 1;
    (*f__donewrec)();
    (*f__putn)(' ');
    put_text(v->name);
    (*f__putn)('=');
    for (ftnint i = 0; i < number; i += count) {
        const char *value = v->addr + i * size;
        for (count = 1; i + count < number; ++count)
            if (memcmp(value, value + count * size, (size_t)size) != 0) break;
        if (count > 1) {
            char repeat[24];
            sprintf(repeat, " %ld*", (long)count);
            put_text(repeat);
        }
        put_value(value, size, type, count > 1);
        if (type != TYCHAR || emshim_delimiter('"')) (*f__putn)(',');
        on_line += type == TYCOMPLEX || type == TYDCOMPLEX ? 2 : 1;
        if (on_line > MOST) {
            (*f__donewrec)();
            (*f__putn)(' ');
            on_line = 0;
        }
    }
}

VOID x_wsne(cilist *list) {
    Namelist *group = (Namelist *)list->cifmt;
    (*f__putn)('&');
    put_text(group->name);
    for (int i = 0; i < group->nvars; ++i) put_variable(group->vars[i]);
    (*f__donewrec)();
    put_text(" /");
}
