/* Kinds of characters: libf2c's own `ctype.h` is before the C library's and has few. */
#ifndef EMSHIM_LETTERS_H
#define EMSHIM_LETTERS_H

static inline int upper(int c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }

static inline int is_letter(int c) { return upper(c) >= 'A' && upper(c) <= 'Z'; }

static inline int in_name(int c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }
#endif
