/* Intrinsic procedures that ask the system: clocks, dates, the command line, the environment, random
   numbers. A number before the arguments has a bit for each that is there. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "f2c.h"

extern int xargc;
extern char **xargv;

static void put(char *to, ftnlen length, const char *text) {
    size_t size = strlen(text), room = (size_t)length;
    memset(to, ' ', room);
    memcpy(to, text, size < room ? size : room);
}

/* A Fortran string for C, without the blanks at its end; to be freed. */
static char *c_string(const char *text, ftnlen length) {
    while (length > 0 && text[length - 1] == ' ') --length;
    char *out = malloc((size_t)length + 1);
    if (out) {
        memcpy(out, text, (size_t)length);
        out[length] = 0;
    }
    return out;
}

void emshim_date_and_time_(const int *mask, char *date, char *hour, char *zone, int *values,
                           ftnlen date_length, ftnlen hour_length, ftnlen zone_length) {
    struct timeval now;
    struct tm local, world;
    char text[64];
    gettimeofday(&now, 0);
    time_t seconds = now.tv_sec;
    localtime_r(&seconds, &local);
    gmtime_r(&seconds, &world);
    int days = local.tm_year != world.tm_year ? local.tm_year - world.tm_year
                                              : local.tm_yday - world.tm_yday;
    int minutes = days * 1440 + (local.tm_hour - world.tm_hour) * 60 + local.tm_min - world.tm_min;
    int milliseconds = (int)(now.tv_usec / 1000);
    if (*mask & 1) {
        snprintf(text, sizeof text, "%04d%02d%02d", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
        put(date, date_length, text);
    }
    if (*mask & 2) {
        snprintf(text, sizeof text, "%02d%02d%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                 milliseconds);
        put(hour, hour_length, text);
    }
    if (*mask & 4) {
        int size = minutes < 0 ? -minutes : minutes;
        snprintf(text, sizeof text, "%c%02d%02d", minutes < 0 ? '-' : '+', size / 60, size % 60);
        put(zone, zone_length, text);
    }
    if (*mask & 8) {
        int all[8] = {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, minutes,
                      local.tm_hour, local.tm_min, local.tm_sec, milliseconds};
        memcpy(values, all, sizeof all);
    }
}

/* A number into a variable whose type its code says. */
static void store(int code, void *to, int64_t value) {
    if (code == 1) *(int32_t *)to = (int32_t)value;
    else if (code == 2) *(int64_t *)to = value;
    else if (code == 3) *(float *)to = (float)value;
    else if (code == 4) *(double *)to = (double)value;
}

void emshim_system_clock_(const int *fine, const int *count_code, void *count, const int *rate_code,
                          void *rate, const int *most_code, void *most) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t second = *fine ? 1000000000 : 1000;
    int64_t ticks = (int64_t)now.tv_sec * second + now.tv_nsec / (1000000000 / second);
    int64_t largest = *fine ? INT64_MAX : INT32_MAX;
    store(*count_code, count, *fine ? ticks : ticks & INT32_MAX);
    store(*rate_code, rate, second);
    store(*most_code, most, largest);
}

/* RANDOM_NUMBER and RANDOM_SEED: splitmix64, whose state are the first two integers of a seed of
   eight, as many as gfortran's. */
static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void emshim_random_number_r4_(float *x) { *x = (float)(next_random() >> 40) * 0x1p-24f; }
void emshim_random_number_r8_(double *x) { *x = (double)(next_random() >> 11) * 0x1p-53; }
void emshim_random_numbers_r4_(float *x, const integer *count) {
    for (integer k = 0; k < *count; ++k) emshim_random_number_r4_(x + k);
}
void emshim_random_numbers_r8_(double *x, const integer *count) {
    for (integer k = 0; k < *count; ++k) emshim_random_number_r8_(x + k);
}

void emshim_random_seed_(const int *mask, int *size, const int *seed, int *got) {
    if (*mask == 0) random_state = (uint64_t)time(0) * 1000003u ^ (uint64_t)clock();
    if (*mask & 1) *size = 8;
    if (*mask & 2) {
        random_state = (uint32_t)seed[0] | (uint64_t)(uint32_t)seed[1] << 32;
        for (int k = 2; k < 8; ++k) random_state ^= (uint64_t)(uint32_t)seed[k] * 0x9e3779b97f4a7c15u;
    }
    if (*mask & 4) {
        memset(got, 0, 8 * sizeof *got);
        got[0] = (int)(uint32_t)random_state;
        got[1] = (int)(uint32_t)(random_state >> 32);
    }
}

/* RAND, IRAND, RAN and SRAND: the generator that their documentation names. 0 is the next number, 1
   starts anew, any other number is a seed. */
static int32_t legacy = 1;
static int32_t legacy_next(int flag) {
    if (flag != 0) legacy = flag == 1 ? 123459876 : flag;
    legacy = (int32_t)((int64_t)legacy * 16807 % 2147483647);
    return legacy;
}
void emshim_srand_1_(const int *seed) { legacy = *seed == 0 ? 123459876 : *seed; }
int emshim_irand_0_(void) { return legacy_next(0); }
int emshim_irand_1_(const int *flag) { return legacy_next(*flag); }
/* Only as many of its bits as a REAL has. */
static float unit(int flag) { return (float)((legacy_next(flag) - 1) & ~511) / 2147483648.0f; }
float emshim_rand_0_(void) { return unit(0); }
float emshim_rand_1_(const int *flag) { return unit(*flag); }
float emshim_ran_0_(void) { return unit(0); }
float emshim_ran_1_(const int *flag) { return unit(*flag); }

/* The command line. Statuses are those of gfortran: -1 for a string that is too short. */
static int give(const char *text, char *to, ftnlen room, int present) {
    if (!present) return 0;
    put(to, room, text);
    return (ftnlen)strlen(text) > room ? -1 : 0;
}

int emshim_command_argument_count_0_(void) { return xargc > 0 ? xargc - 1 : 0; }

void emshim_get_command_argument_(const int *mask, const int *number, char *value, int *length,
                                  int *status, ftnlen room) {
    int there = *number >= 0 && *number < xargc;
    const char *text = there ? xargv[*number] : "";
    int code = give(text, value, room, *mask & 2);
    if (*mask & 4) *length = (int)strlen(text);
    if (*mask & 8) *status = there ? code : 42;
}

void emshim_get_command_(const int *mask, char *command, int *length, int *status, ftnlen room) {
    size_t size = 1;
    for (int k = 0; k < xargc; ++k) size += strlen(xargv[k]) + 1;
    char *text = calloc(size, 1);
    if (!text) return;
    for (int k = 0; k < xargc; ++k) {
        if (k) strcat(text, " ");
        strcat(text, xargv[k]);
    }
    int code = give(text, command, room, *mask & 1);
    if (*mask & 2) *length = (int)strlen(text);
    if (*mask & 4) *status = code;
    free(text);
}

void emshim_get_environment_variable_(const int *mask, const char *name, char *value, int *length,
                                      int *status, const int *trim, ftnlen name_length, ftnlen room) {
    (void)trim;
    char *wanted = c_string(name, name_length);
    const char *found = wanted ? getenv(wanted) : 0;
    int code = give(found ? found : "", value, room, *mask & 2);
    if (*mask & 4) *length = found ? (int)strlen(found) : 0;
    if (*mask & 8) *status = found ? code : 1;
    free(wanted);
}

/* Older procedures. */
int emshim_time_0_(void) { return (int)time(0); }
int64_t emshim_time8_0_(void) { return time(0); }
static double used(void) { return (double)clock() / CLOCKS_PER_SEC; }
int emshim_mclock_0_(void) { return (int)(used() * 1000); }
int64_t emshim_mclock8_0_(void) { return (int64_t)(used() * 1000); }
float emshim_second_0_(void) { return (float)used(); }
void emshim_call_second_(float *x) { *x = (float)used(); }
float emshim_secnds_1_(const float *since) {
    struct timeval now;
    struct tm local;
    gettimeofday(&now, 0);
    time_t seconds = now.tv_sec;
    localtime_r(&seconds, &local);
    double today = local.tm_hour * 3600.0 + local.tm_min * 60.0 + local.tm_sec + (double)now.tv_usec / 1e6;
    return (float)(today - *since);
}
real etime_(real *);
real dtime_(real *);
void emshim_call_etime_(real *times, real *sum) { *sum = etime_(times); }
void emshim_call_dtime_(real *times, real *sum) { *sum = dtime_(times); }

static void parts(const struct tm *t, int *out) {
    int all[9] = {t->tm_sec, t->tm_min, t->tm_hour, t->tm_mday, t->tm_mon,
                  t->tm_year, t->tm_wday, t->tm_yday, t->tm_isdst};
    memcpy(out, all, sizeof all);
}
void emshim_gmtime_2_(const int *when, int *out) {
    time_t t = *when;
    struct tm world;
    parts(gmtime_r(&t, &world), out);
}
void emshim_ltime_2_(const int *when, int *out) {
    time_t t = *when;
    struct tm local;
    parts(localtime_r(&t, &local), out);
}
void emshim_idate_1_(int *out) {
    time_t now = time(0);
    struct tm local;
    localtime_r(&now, &local);
    out[0] = local.tm_mday;
    out[1] = local.tm_mon + 1;
    out[2] = local.tm_year + 1900;
}
void emshim_itime_1_(int *out) {
    time_t now = time(0);
    struct tm local;
    localtime_r(&now, &local);
    out[0] = local.tm_hour;
    out[1] = local.tm_min;
    out[2] = local.tm_sec;
}
void emshim_fdate_1_(char *out, ftnlen length) {
    time_t now = time(0);
    struct tm local;
    char text[64];
    strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", localtime_r(&now, &local));
    put(out, length, text);
}
int emshim_ierrno_0_(void) { return errno; }
int emshim_getpid_0_(void) { return (int)getpid(); }
int emshim_getuid_0_(void) { return (int)getuid(); }
int emshim_getgid_0_(void) { return (int)getgid(); }
void emshim_gerror_1_(char *out, ftnlen length) { put(out, length, strerror(errno)); }
void emshim_perror_1_(const char *text, ftnlen length) {
    fprintf(stderr, "%.*s: %s\n", (int)length, text, strerror(errno));
}
void emshim_sleep_1_(const int *seconds) { sleep((unsigned)*seconds); }
int emshim_isatty_1_(const int *unit) {
    return *unit == 5 ? isatty(0) : *unit == 6 ? isatty(1) : *unit == 0 ? isatty(2) : 0;
}
static int system_status(const char *command, ftnlen length) {
    char *text = c_string(command, length);
    fflush(0);
    int status = text ? system(text) : -1;
    free(text);
    return status;
}
int emshim_system_1_(const char *command, ftnlen length) { return system_status(command, length); }
void emshim_call_system_(const char *command, ftnlen length) { system_status(command, length); }
