/* Formatted input: of a LOGICAL of 64 bits, of which libf2c sets the lower half; of what is no REAL
   under G; of bits under B. */
#define rd_ed libf2c_rd_ed
#include "rdfmt.c"
#undef rd_ed
#include "format.h"

static int read_bits(char *item, int width, ftnlen length) {
    ulongint x = 0;
    for (int k = 0; k < width; ++k) {
        int c = (*f__getn)();
        if (c < 0) return c;
        if (c == '0' || c == '1') x = x << 1 | (ulongint)(c - '0');
        else if (c != ' ' && c != '\n') return errno = 115;
    }
    if (length == sizeof(char)) *(signed char *)item = (signed char)x;
    else if (length == sizeof(short)) *(short *)item = (short)x;
    else if (length == sizeof(longint)) *(longint *)item = (longint)x;
    else *(integer *)item = (integer)x;
    return 0;
}

int rd_ed(struct syl *p, char *item, ftnlen length) {
    struct syl own = *p;
    if (p->op == O && p->p1 >= BINARY) {
        /* An empty field moves to where this one starts. */
        own.op = AW;
        own.p1 = 0;
        int status = libf2c_rd_ed(&own, item, 0);
        return status ? status : read_bits(item, p->p1 - BINARY, length);
    }
    if (p->op == G || p->op == GE) {
        enum item kind = emshim_item_kind();
        if (kind == ITEM_INTEGER) own.op = I;
        if (kind == ITEM_LOGICAL) own.op = L;
        if (kind == ITEM_OTHER) own.op = AW;
    }
    int status = libf2c_rd_ed(&own, item, length);
    if (own.op == L && length == sizeof(longint)) *(longint *)item = *(logical *)item;
    return status;
}
