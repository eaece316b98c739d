/* What format.c tells edit.c through libf2c's own fields. */

/* A field as wide as its contents: I0, F0.2. */
#define ANY_WIDTH 4096

/* Digits of the exponent, and how the number is written. */
#define STYLE 100
enum { STYLE_F = -1, STYLE_E = 0, STYLE_D = 1, STYLE_ES = 2, STYLE_EN = 3 };
