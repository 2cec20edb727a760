#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    ENSURE(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* In slices, so that a cancellation is seen. */
void clock_wait(int64_t until, const atomic_bool *cancel)
{
    for (;;) {
        int64_t left = until - clock_monotonic();
        if (left <= 0 || (cancel != NULL && atomic_load(cancel))) {
            return;
        }
        const struct timespec slice = {.tv_nsec = left < 50 * NS_PER_MS ? left : 50 * NS_PER_MS};
        nanosleep(&slice, NULL);
    }
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    ENSURE(pthread_cond_init(condition, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

int64_t clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* -- durations -- */

struct unit {
    struct str name;
    int64_t ns;
};

static const struct unit UNITS[] = {
    {{"ns", 2}, 1},
    {{"us", 2}, NS_PER_US},
    {{"\xc2\xb5s", 3}, NS_PER_US}, /* micro sign */
    {{"\xce\xbcs", 3}, NS_PER_US}, /* Greek mu */
    {{"ms", 2}, NS_PER_MS},
    {{"s", 1}, NS_PER_S},
    {{"m", 1}, 60 * NS_PER_S},
    {{"h", 1}, 3600 * NS_PER_S},
    {{"d", 1}, 86400 * NS_PER_S},
};

/* Take digits off the front of *s, at most 18, so that they fit. Returns how many. */
static size_t take_digits(struct str *s, int64_t *ret_value)
{
    size_t n = 0;
    int64_t value = 0;
    while (n < s->n && n < 18 && s->p[n] >= '0' && s->p[n] <= '9') {
        value = value * 10 + (s->p[n++] - '0');
    }
    *s = str_sub(*s, n, s->n);
    *ret_value = value;
    return n;
}

static const struct unit *take_unit(struct str *s)
{
    size_t n = 0;
    while (n < s->n && s->p[n] != '.' && (s->p[n] < '0' || s->p[n] > '9')) {
        n++;
    }
    struct str name = str_sub(*s, 0, n);
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (str_eq(name, UNITS[i].name)) {
            *s = str_sub(*s, n, s->n);
            return &UNITS[i];
        }
    }
    return NULL;
}

/* One "1.5h" off the front of *s, added to *total. Returns false if there is none or it is too
 * large. */
static bool take_part(struct str *s, int64_t *total)
{
    int64_t whole = 0, fraction = 0, scale = 1;
    size_t digits = take_digits(s, &whole);
    if (s->n > 0 && s->p[0] == '.') {
        *s = str_sub(*s, 1, s->n);
        size_t more = take_digits(s, &fraction);
        digits += more;
        for (size_t i = 0; i < more; i++) {
            scale *= 10;
        }
    }
    const struct unit *unit = digits == 0 ? NULL : take_unit(s);
    int64_t ns = 0;
    if (unit == NULL || __builtin_mul_overflow(whole, unit->ns, &ns)) {
        return false;
    }
    __extension__ __int128 part = (__int128)fraction * unit->ns / scale;
    return !__builtin_add_overflow(ns, (int64_t)part, &ns) &&
           !__builtin_add_overflow(*total, ns, total);
}

status clock_parse_duration(struct str text, int64_t *ret_ns, struct error *err)
{
    int64_t total = 0;
    struct str left = text;
    bool good = text.n > 0;
    if (str_eq(text, STR("0"))) {
        left = STR_EMPTY;
    }
    while (good && left.n > 0) {
        good = take_part(&left, &total);
    }
    if (!good) {
        return error_set(
            err, ERROR_INPUT,
            "\"%.*s\" is not a duration; write one such as \"10s\", \"1m30s\" or \"7d\"",
            STR_ARG(text));
    }
    *ret_ns = total;
    return OK;
}

/* -- dates -- */

static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to the first of January of `year`. */
static int64_t days_to_year(int64_t year)
{
    int64_t y = year - 1;
    return 365 * (year - 1970) + (y / 4 - 492) - (y / 100 - 19) + (y / 400 - 4);
}

/* Take exactly `n` digits and then `end` (NUL: nothing) off the front. */
static bool take_number(struct str *s, size_t n, char end, int64_t min, int64_t max, int64_t *ret)
{
    uint64_t value = 0;
    size_t width = n + (end != '\0');
    bool good = s->n >= width && str_parse_u64(str_sub(*s, 0, n), 9999, &value) &&
                (end == '\0' || s->p[n] == end) && (int64_t)value >= min && (int64_t)value <= max;
    if (good) {
        *s = str_sub(*s, width, s->n);
        *ret = (int64_t)value;
    }
    return good;
}

/* "2026-12-31T" as days since 1970. */
static bool take_date(struct str *s, int64_t *ret_days)
{
    int64_t year = 0, month = 0, day = 0;
    if (!take_number(s, 4, '-', 1970, 9999, &year) || !take_number(s, 2, '-', 1, 12, &month) ||
        !take_number(s, 2, '\0', 1, 31, &day)) {
        return false;
    }
    int64_t last = DAYS[month - 1] + (month == 2 && leap(year));
    if (day > last || s->n == 0 || (s->p[0] != 'T' && s->p[0] != 't')) {
        return false;
    }
    *s = str_sub(*s, 1, s->n);
    int64_t days = days_to_year(year) + day - 1;
    for (int64_t m = 1; m < month; m++) {
        days += DAYS[m - 1] + (m == 2 && leap(year));
    }
    *ret_days = days;
    return true;
}

/* "23:59:60.25" as nanoseconds. */
static bool take_time_of_day(struct str *s, int64_t *ret_ns)
{
    int64_t hour = 0, minute = 0, second = 0, fraction = 0;
    if (!take_number(s, 2, ':', 0, 23, &hour) || !take_number(s, 2, ':', 0, 59, &minute) ||
        !take_number(s, 2, '\0', 0, 60, &second)) {
        return false;
    }
    if (s->n > 0 && s->p[0] == '.') {
        *s = str_sub(*s, 1, s->n);
        size_t digits = take_digits(s, &fraction);
        if (digits == 0) {
            return false;
        }
        for (; digits < 9; digits++) {
            fraction *= 10;
        }
        for (; digits > 9; digits--) {
            fraction /= 10;
        }
    }
    *ret_ns = ((hour * 60 + minute) * 60 + second) * NS_PER_S + fraction;
    return true;
}

/* "Z" or "+02:00" as nanoseconds east of UTC; nothing may follow. */
static bool take_offset(struct str s, int64_t *ret_ns)
{
    if (str_eq_nocase(s, STR("Z"))) {
        *ret_ns = 0;
        return true;
    }
    if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-')) {
        return false;
    }
    int64_t sign = s.p[0] == '-' ? -1 : 1;
    int64_t hours = 0, minutes = 0;
    s = str_sub(s, 1, s.n);
    bool good = take_number(&s, 2, ':', 0, 23, &hours) &&
                take_number(&s, 2, '\0', 0, 59, &minutes) && s.n == 0;
    *ret_ns = sign * (hours * 60 + minutes) * 60 * NS_PER_S;
    return good;
}

status clock_parse_time(struct str text, int64_t *ret_ns, struct error *err)
{
    struct str left = text;
    int64_t days = 0, of_day = 0, offset = 0;
    if (!take_date(&left, &days) || !take_time_of_day(&left, &of_day) ||
        !take_offset(left, &offset)) {
        return error_set(err, ERROR_INPUT,
                         "\"%.*s\" is not a date and time; write one such as 2026-12-31T00:00:00Z",
                         STR_ARG(text));
    }
    /* Until the year 2262 nanoseconds fit in 63 bits; a later date is the end of time. */
    __extension__ __int128 ns = (__int128)days * 86400 * NS_PER_S + of_day - offset;
    *ret_ns = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
    return OK;
}

/* As far as the second; returns how long that is. */
static size_t format(int64_t wall_ns, char text[CLOCK_TEXT_MAX])
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm parts;
    ENSURE(gmtime_r(&seconds, &parts) != NULL);
    return strftime(text, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &parts);
}

void clock_format(int64_t wall_ns, char ret_text[CLOCK_TEXT_MAX])
{
    size_t n = format(wall_ns, ret_text);
    snprintf(ret_text + n, CLOCK_TEXT_MAX - n, ".%03dZ",
             (int)(wall_ns % NS_PER_S / NS_PER_MS) % 1000);
}

void clock_format_seconds(int64_t wall_ns, char ret_text[CLOCK_TEXT_MAX])
{
    size_t n = format(wall_ns, ret_text);
    snprintf(ret_text + n, CLOCK_TEXT_MAX - n, "Z");
}
