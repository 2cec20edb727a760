/* Four lines: method, path, Content-Type, and the value of `timeout`, which may have more. What
 * they mean is what a naive reading of the same bytes says; each stands in memory of exactly its
 * size, so that reading past its end is seen; and no review is ever given more time than its caller
 * has. */
#include <stdlib.h>

#include "base/clock.h"
#include "server/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -- the naive reading -- */

static const struct {
    const char *path;
    bool reviews;
} TABLE[ENDPOINT_COUNT] = {
    {"", false},         {"/validate", true}, {"/mutate", true},  {"/imagepolicy", true},
    {"/policies", true}, {"/healthz", false}, {"/readyz", false}, {"/metrics", false},
    {"/ui", false},
};

static bool is(struct str text, const char *wanted)
{
    size_t i = 0;
    while (i < text.n && wanted[i] != '\0' && text.p[i] == wanted[i]) {
        i++;
    }
    return i == text.n && wanted[i] == '\0';
}

static enum endpoint naive_endpoint(struct str path)
{
    enum endpoint found = ENDPOINT_NONE;
    for (enum endpoint i = ENDPOINT_VALIDATE; i < ENDPOINT_COUNT; i++) {
        found = is(path, TABLE[i].path) ? i : found;
    }
    bool below = path.n >= 4 && is(str_sub(path, 0, 4), "/ui/");
    return below ? ENDPOINT_UI : found;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Letters of the type, one by one, with spaces before and spaces or a semicolon behind. */
static bool naive_json(struct str type)
{
    static const char WANTED[] = "application/json";
    size_t i = 0, k = 0;
    while (i < type.n && is_space(type.p[i])) {
        i++;
    }
    for (; i < type.n && WANTED[k] != '\0'; i++, k++) {
        char c = type.p[i];
        if (c != WANTED[k] && !(c >= 'A' && c <= 'Z' && c - 'A' + 'a' == WANTED[k])) {
            return false;
        }
    }
    while (i < type.n && is_space(type.p[i])) {
        i++;
    }
    return WANTED[k] == '\0' && (i == type.n || type.p[i] == ';');
}

__extension__ typedef __int128 wide;

/* The unit at the front of `text`, in nanoseconds, and how many bytes it has; 0: none. */
static int64_t naive_unit(struct str text, size_t *ret_n)
{
    static const struct {
        const char *name;
        int64_t ns;
    } UNITS[] = {{"ns", 1},           {"us", 1000},         {"\xc2\xb5s", 1000},
                 {"\xce\xbcs", 1000}, {"ms", 1000000},      {"s", 1000000000},
                 {"m", 60000000000},  {"h", 3600000000000}, {"d", 86400000000000}};
    size_t n = 0;
    while (n < text.n && text.p[n] != '.' && !(text.p[n] >= '0' && text.p[n] <= '9')) {
        n++;
    }
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (is((struct str){text.p, n}, UNITS[i].name)) {
            *ret_n = n;
            return UNITS[i].ns;
        }
    }
    return 0;
}

/* Digits from `*at` on, 18 at most, as a number; *ret_scale is ten to their number. */
static wide naive_digits(struct str text, size_t *at, wide *ret_scale)
{
    wide value = 0;
    *ret_scale = 1;
    for (int n = 0; n < 18 && *at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9'; n++) {
        value = value * 10 + (text.p[(*at)++] - '0');
        *ret_scale *= 10;
    }
    return value;
}

/* A Go duration with days, in nanoseconds; -1: it is none. */
static wide naive_duration(struct str text)
{
    wide total = 0;
    size_t at = 0;
    if (is(text, "0")) {
        return 0;
    }
    while (at < text.n) {
        wide scale = 1, parts = 1;
        wide whole = naive_digits(text, &at, &scale), fraction = 0;
        bool digits = scale > 1;
        if (at < text.n && text.p[at] == '.') {
            at++;
            fraction = naive_digits(text, &at, &parts);
        }
        size_t n = 0;
        int64_t unit = naive_unit(str_sub(text, at, text.n), &n);
        if (unit == 0 || (!digits && parts == 1)) {
            return -1;
        }
        at += n;
        total += whole * unit + fraction * unit / parts;
        if (total > INT64_MAX) {
            return -1;
        }
    }
    return text.n == 0 ? -1 : total;
}

static int64_t naive_time(struct str timeout)
{
    wide ns = naive_duration(timeout);
    ns = ns <= 0 ? 10 * NS_PER_S : ns > 30 * NS_PER_S ? 30 * NS_PER_S : ns;
    wide less = ns - 1100 * NS_PER_MS;
    return (int64_t)(less > ns / 2 ? less : ns / 2);
}

/* -- the properties -- */

static void check_target(struct str method, struct str path)
{
    enum endpoint endpoint = endpoint_find(path);
    ENSURE(endpoint == naive_endpoint(path));
    ENSURE(endpoint_reviews(endpoint) == TABLE[endpoint].reviews);
    bool reads = endpoint != ENDPOINT_NONE && !TABLE[endpoint].reviews;
    ENSURE(endpoint_takes(endpoint, method) ==
           ((TABLE[endpoint].reviews && is(method, "POST")) ||
            (reads && (is(method, "GET") || is(method, "HEAD")))));
    ENSURE(endpoint == ENDPOINT_NONE || endpoint == ENDPOINT_UI ||
           is(path, endpoint_path(endpoint)));
}

static void check_time(struct str timeout)
{
    int64_t allowed = request_time_allowed(timeout);
    wide sent = naive_duration(timeout);
    ENSURE(allowed == naive_time(timeout));
    ENSURE(allowed >= 0 && allowed <= 28900 * NS_PER_MS);
    ENSURE(sent <= 0 || allowed < sent);
}

/* The next line in memory of its own, to be freed. */
static struct str take_line(struct str *rest)
{
    struct str line;
    (void)str_cut(*rest, '\n', &line, rest);
    char *copy = malloc(line.n == 0 ? 1 : line.n);
    ENSURE(copy != NULL);
    for (size_t i = 0; i < line.n; i++) {
        copy[i] = line.p[i];
    }
    return (struct str){copy, line.n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { METHOD, PATH, TYPE, TIMEOUT, LINES };
    struct str rest = {(const char *)data, size}, lines[LINES];
    for (size_t i = 0; i < LINES; i++) {
        lines[i] = take_line(&rest);
    }
    check_target(lines[METHOD], lines[PATH]);
    ENSURE(request_is_json(lines[TYPE]) == naive_json(lines[TYPE]));
    check_time(lines[TIMEOUT]);
    for (size_t i = 0; i < LINES; i++) {
        free((void *)(uintptr_t)lines[i].p);
    }
    return 0;
}
