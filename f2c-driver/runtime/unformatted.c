/* Items without a format. What is read beyond a record is an error, behind which the unit stands where
   the next record begins; the item has what was left of the record. */
#include "f2c.h"

int do_uio(ftnint *, char *, ftnlen);
#define do_uio(number, items, length) libf2c_do_uio(number, items, length)
#include "uio.c"
#undef do_uio
#include "connect.h"

enum { OFF_RECORD = 110, PAST_DIRECT = 5015, PAST_RECORD = 5016 };

int do_uio(ftnint *number, char *items, ftnlen length) {
    int before = f__recpos, status = libf2c_do_uio(number, items, length);
    if (status == EOF && f__reading) return emshim_met_end();
    if (status != OFF_RECORD) return status;
    if (!f__reading) return emshim_fail(PAST_DIRECT, "Write exceeds length of DIRECT access record");
    int left = (f__sequential ? (int)f__reclen : f__curunit->url) - before;
    if (left > 0) fread(items, 1, (size_t)left, f__cf);
    if (f__sequential) FSEEK(f__cf, (OFF_T)sizeof(uiolen), SEEK_CUR);
    return emshim_fail(PAST_RECORD, "I/O past end of record on unformatted file");
}
