/* Errors of input and output: gfortran's numbers and words for those that IOSTAT and IOMSG give. */
#include <stdarg.h>
#include <string.h>
#include "f2c.h"

void f__fatal(int, const char *);
int err__fl(int, int, const char *);
#define f__fatal(number, where) libf2c_f__fatal(number, where)
#define err__fl(goes_on, number, where) libf2c_err__fl(goes_on, number, where)
#include "err.c"
#undef f__fatal
#undef err__fl
#include "connect.h"

/* Of libf2c's numbers, those that have another of gfortran's. */
static const struct {
    int own, gfortrans;
    const char *text;
} NUMBERS[] = {
    {100, 5006, "Format error"},
    {101, 5002, "Unit number is negative and unit was not already opened with OPEN(NEWUNIT=...)"},
    {102, 5001, "Format present for UNFORMATTED data transfer"},
    {103, 5001, "Missing format for FORMATTED data transfer"},
    {104, 5001, "Record number not allowed for sequential access data transfer"},
    {105, 5003, "Missing record number for direct access data transfer"},
    {110, -1, "End of file"},
    {130, 5002, "Record number must be positive"},
    {112, 5010, "Bad value in list input"},
    {115, 5010, "Bad value during input"},
    {116, 5010, "Bad value on logical read"},
    {118, 5010, "Bad name of a namelist group"},
    {119, 5010, "Cannot match namelist object name"},
    {122, 5010, "Bad subscript of a namelist object"},
    {124, 5010, "Bad substring of a namelist object"},
    {125, 5010, "Bad subscript of a namelist object"},
    {126, 5007, "Cannot read from file opened for WRITE"},
    {127, 5007, "Cannot write to file opened for READ"},
};
enum { COUNT = sizeof NUMBERS / sizeof *NUMBERS };

static int failed;
static char failure[400];

/* Errors of the system by the numbers that they have on Linux, of which WebAssembly has others. */
static const struct {
    int own, given;
} SYSTEM[] = {
    {EPERM, 1}, {ENOENT, 2}, {EIO, 5}, {EBADF, 9}, {EAGAIN, 11}, {ENOMEM, 12}, {EACCES, 13}, {EBUSY, 16},
    {EEXIST, 17}, {EXDEV, 18}, {ENODEV, 19}, {ENOTDIR, 20}, {EISDIR, 21}, {EINVAL, 22}, {ENFILE, 23}, {EMFILE, 24},
    {EFBIG, 27}, {ENOSPC, 28}, {ESPIPE, 29}, {EROFS, 30}, {EPIPE, 32}, {ENAMETOOLONG, 36}, {ENOSYS, 38},
    {ENOTEMPTY, 39}, {ELOOP, 40}, {EOVERFLOW, 75}, {EDQUOT, 122},
};

int emshim_status(int status) {
    if (status == failed) return status;
    for (int k = 0; k < COUNT; ++k)
        if (NUMBERS[k].own == status) return emshim_fail(NUMBERS[k].gfortrans, "%s", NUMBERS[k].text);
    for (int k = 0; k < (int)(sizeof SYSTEM / sizeof *SYSTEM); ++k)
        if (SYSTEM[k].own == status) return emshim_fail(SYSTEM[k].given, "%s", strerror(status));
    return status;
}

int emshim_fail(int status, const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(failure, sizeof failure, format, values);
    va_end(values);
    /* Where libf2c looks for it. */
    return errno = failed = status;
}

void emshim_begin(void) { failed = 0; }

static const char *text_of(int status) {
    return status == failed           ? failure
           : status == -1             ? "End of file"
           : status < 0               ? "End of record"
           : status > 0 && status < 100 ? strerror(status)
                                      : 0;
}

void emshim_iomsg_(const int *status, char *text, ftnlen length) {
    const char *message = text_of(*status);
    b_char(message ? message : "Error of input or output", text, length);
}

void f__fatal(int number, const char *where) {
    const char *text = number < -1 || number > 131 ? text_of(number) : 0;
    if (!text) libf2c_f__fatal(number, where);
    fprintf(stderr, "%s: %s\n", where, text);
    if (f__curunit) fprintf(stderr, "unit %ld\n", emshim_unit_number(f__curunit - f__units));
    sig_die(" IO", 1);
}

int err__fl(int goes_on, int number, const char *where) {
    if (!goes_on) f__fatal(number, where);
    /* A record that fails is not written. */
    if (!f__reading && f__formatted && f__external && f__sequential) return errno = number;
    return libf2c_err__fl(goes_on, number, where);
}

/* Ends the program for a status that no label was for. */
void emshim_io_error_(const int *status) { f__fatal(*status, "input or output"); }
