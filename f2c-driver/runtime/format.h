/* What format.c tells edit.c through libf2c's own fields. */

/* A field as wide as its contents: I0, F0.2. */
#define ANY_WIDTH 4096

/* Digits of the exponent, and how the number is written. */
#define STYLE 100
enum { STYLE_F = -1, STYLE_E = 0, STYLE_D = 1, STYLE_ES = 2, STYLE_EN = 3 };

/* B is an O this much wider. */
#define BINARY 100000

/* What the item is: `emshim_item` of f2c.h. */
enum item { ITEM_OTHER, ITEM_INTEGER, ITEM_LOGICAL, ITEM_REAL };
enum item emshim_item_kind(void);

/* Whether an edit descriptor is for another type than the item's: notes the failure. */
int emshim_unfit(int op);
/* A number as list-directed output has it, without blanks around it; 0 for REAL, 1 for DOUBLE PRECISION. */
void emshim_number(char *out, double x, int kind);
