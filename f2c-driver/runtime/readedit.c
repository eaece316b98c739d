/* Formatted input of a LOGICAL of 64 bits, of which libf2c sets the lower half. */
#define rd_ed libf2c_rd_ed
#include "rdfmt.c"
#undef rd_ed

int rd_ed(struct syl *p, char *item, ftnlen length) {
    int status = libf2c_rd_ed(p, item, length);
    if (p->op == L && length == sizeof(longint)) *(longint *)item = *(logical *)item;
    return status;
}
