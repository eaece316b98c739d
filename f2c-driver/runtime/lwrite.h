/* The texts of items in lists. */
#ifndef EMSHIM_LWRITE_H
#define EMSHIM_LWRITE_H

enum { LWRITE_TEXT = 100 };

/* The text of an item that is no string, whose type is one of lio.h: gives the width of its field,
   of which `tail` characters are blanks behind a number without an exponent. */
int emshim_item_text(char *out, int *tail, const char *item, int type);

/* A REAL (0) or DOUBLE PRECISION (1). */
void emshim_number(char *out, double x, int kind);
#endif
