/* Every bound of the configuration, at n and at n+1. */
#include "test.h"

#include "base/limits.h"

/* Both as formats of one value. */
static void check(const char *format, bool good, unsigned long long value, const char *wanted)
{
    buf_auto text;
    buf_init(&text, 65536);
    buf_add_cstr(&text, MINIMAL);
    const char *at = strchr(format, '#');
    buf_add(&text, (struct str){format, (size_t)(at - format)});
    buf_printf(&text, "%llu%s", value, at + 1);
    buf_add_char(&text, '\0');
    if (good) {
        assert_accepted(text.p);
    } else {
        assert_refused(text.p, wanted);
    }
}

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *format; /* # is the value */
        const char *path;
        unsigned column;
        unsigned long long min, max;
    } CASES[] = {
        {"listen: {port: #}\n", "listen.port", 10, 0, 65535},
        {"plain: {port: #}\n", "plain.port", 9, 0, 65535},
        {"limits: {threads: #}\n", "limits.threads", 10, 1, LIMIT_THREADS},
        {"limits: {threads: 1, connections: #}\n", "limits.connections", 22, 1, LIMIT_CONNECTIONS},
        {"limits: {body: #}\n", "limits.body", 10, 1024, LIMIT_BODY},
        {"limits: {reviewsInFlight: #}\n", "limits.reviewsInFlight", 10, 1,
         LIMIT_REVIEWS_IN_FLIGHT},
        {"limits: {body: 1024, bodiesInFlight: #}\n", "limits.bodiesInFlight", 22, 1024,
         LIMIT_BODIES_IN_FLIGHT},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const unsigned long long wrong[] = {CASES[i].min - 1, CASES[i].max + 1};
        check(CASES[i].format, true, CASES[i].min, NULL);
        check(CASES[i].format, true, CASES[i].max, NULL);
        for (size_t k = CASES[i].min == 0; k < COUNT(wrong); k++) {
            char *wanted =
                text_of("server.yaml:5:%u: error: %s: must be a whole number from %llu "
                        "to %llu, found %llu\n",
                        CASES[i].column, CASES[i].path, CASES[i].min, CASES[i].max, wrong[k]);
            check(CASES[i].format, false, wrong[k], wanted);
            free(wanted);
        }
    }
}

static void durations(void **state)
{
    (void)state;
    static const struct {
        const char *format; /* %s is the value */
        const char *path;
        const char *good[3], *wrong[3];
        const char *bounds;
    } CASES[] = {
        {"idle: %s\n",
         "idle",
         {"100s", "1h", "60m"},
         {"99.999999999s", "1h1ns", "0"},
         "100000ms to 3600000ms"},
        {"drain: {delay: %s}\n",
         "drain.delay",
         {"0s", "0", "10m"},
         {"10m1ns", "1h", "600001ms"},
         "0ms to 600000ms"},
        {"drain: {timeout: %s}\n",
         "drain.timeout",
         {"0s", "600s", "1ns"},
         {"10m0.000000001s", "1h", "1d"},
         "0ms to 600000ms"},
        {"reload: %s\n",
         "reload",
         {"100ms", "0.1s", "1h"},
         {"99.999999ms", "60m1ns", "0s"},
         "100ms to 3600000ms"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char *wanted =
            text_of("server.yaml: error: %s: must be from %s\n", CASES[i].path, CASES[i].bounds);
        for (size_t k = 0; k < 3; k++) {
            char quoted[64];
            snprintf(quoted, sizeof quoted, "\"%s\"", CASES[i].good[k]);
            const char *at = strstr(CASES[i].format, "%s");
            int n = (int)(at - CASES[i].format);
            char *text = text_of(MINIMAL "%.*s%s%s", n, CASES[i].format, quoted, at + 2);
            assert_accepted(text);
            free(text);
            snprintf(quoted, sizeof quoted, "\"%s\"", CASES[i].wrong[k]);
            text = text_of(MINIMAL "%.*s%s%s", n, CASES[i].format, quoted, at + 2);
            assert_refused(text, wanted);
            free(text);
        }
        free(wanted);
    }
}

/* -- lists -- */

/* `before`, `n` times "x0, x1, …", `after`, behind a text that is sound with it. */
static char *with_list(const char *before, size_t n, const char *item, const char *after)
{
    buf_auto text;
    buf_init(&text, 65536);
    buf_add_cstr(&text, before);
    for (size_t i = 0; i < n; i++) {
        const char *at = strchr(item, '#');
        buf_add_cstr(&text, i == 0 ? "" : ", ");
        buf_add(&text, (struct str){item, (size_t)(at - item)});
        buf_printf(&text, "%zu%s", i, at + 1);
    }
    buf_add_cstr(&text, after);
    return text_of("%.*s", STR_ARG(buf_str(&text)));
}

#define TLS "tls: {certificate: c, key: k, clientCA: a, "

static void lists(void **state)
{
    (void)state;
    static const struct {
        const char *before, *item, *after;
        size_t max;
        const char *wanted;
    } CASES[] = {
        {HEAD "policies: [p]\n" TLS "clientNames: [", "n#", "]}\n", LIMIT_CLIENT_NAMES,
         "server.yaml:4:44: error: tls.clientNames: must have at most 256 items, has 257\n"},
        {HEAD "tls: {certificate: c, key: k}\npolicies: [", "p#", "]\n", 256,
         "server.yaml:4:1: error: policies: must have at most 256 items, has 257\n"},
        {MINIMAL "subresources: [", "s#", "]\n", 64,
         "server.yaml:5:1: error: subresources: must have at most 64 items, has 65\n"},
        {MINIMAL "kinds: [", "{group: g, kind: K#, images: [a]}", "]\n", 256,
         "server.yaml:5:1: error: kinds: must have at most 256 items, has 257\n"},
        {MINIMAL "kinds: [{group: g, kind: K, images: [", "a#", "]}]\n", 64,
         "server.yaml:5:29: error: kinds[0].images: must have at most 64 items, has 65\n"},
        {MINIMAL "kinds: [{group: g, kind: K, podSpecs: [", "a#", "]}]\n", 64,
         "server.yaml:5:29: error: kinds[0].podSpecs: must have at most 64 items, has 65\n"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char *most = with_list(CASES[i].before, CASES[i].max, CASES[i].item, CASES[i].after);
        char *more = with_list(CASES[i].before, CASES[i].max + 1, CASES[i].item, CASES[i].after);
        assert_accepted(most);
        assert_refused(more, CASES[i].wanted);
        free(most);
        free(more);
    }
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        int max;
        const char *wanted;
    } CASES[] = {
        {MINIMAL "kinds: [{group: ", ", kind: K, images: [a]}]\n", 253,
         "server.yaml:5:10: error: kinds[0].group: must have at most 253 bytes, has 254\n"},
        {MINIMAL "kinds: [{group: g, kind: ", ", images: [a]}]\n", 63,
         "server.yaml:5:20: error: kinds[0].kind: must have at most 63 bytes, has 64\n"},
    };
    char name[300];
    memset(name, 'k', sizeof name);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        int max = CASES[i].max;
        char *most = text_of("%s%.*s%s", CASES[i].before, max, name, CASES[i].after);
        char *more = text_of("%s%.*s%s", CASES[i].before, max + 1, name, CASES[i].after);
        assert_accepted(most);
        assert_refused(more, CASES[i].wanted);
        free(most);
        free(more);
    }
    char *long_address = text_of(MINIMAL "listen: {address: %.*s}\n", 65, name);
    assert_refused(long_address, "server.yaml:5:10: error: listen.address: must have at most 64 "
                                 "bytes, has 65\n");
    free(long_address);
}

static void the_file(void **state)
{
    (void)state;
    struct loaded loaded;
    char *text = malloc(LIMIT_CONFIG_FILE + 1);
    assert_non_null(text);
    memset(text, '#', LIMIT_CONFIG_FILE + 1);
    memcpy(text, MINIMAL, strlen(MINIMAL));
    load_as(&loaded, "server.yaml", (struct str){text, LIMIT_CONFIG_FILE});
    assert_true(loaded.good);
    loaded_done(&loaded);
    load_as(&loaded, "server.yaml", (struct str){text, LIMIT_CONFIG_FILE + 1});
    assert_false(loaded.good);
    assert_int_equal(loaded.err.kind, ERROR_LIMIT);
    assert_string_equal(loaded.err.text, "server.yaml: larger than 1048576 bytes");
    loaded_done(&loaded);
    free(text);
}

static void threads_need_connections(void **state)
{
    (void)state;
    assert_accepted(MINIMAL "limits: {threads: 8, connections: 8}\n");
    assert_refused(MINIMAL "limits: {threads: 8, connections: 7}\n",
                   "server.yaml: error: limits: connections must be at least the number of "
                   "threads, 8\n");
}

/* Such a review would be told to ask again for ever. */
static void bodies_in_flight_should_hold_a_body(void **state)
{
    (void)state;
    assert_accepted(MINIMAL "limits: {body: 2048, bodiesInFlight: 2048}\n");
    assert_warned(MINIMAL "limits: {body: 2049, bodiesInFlight: 2048}\n",
                  "server.yaml: warning: limits: a review larger than bodiesInFlight, 2048 bytes, "
                  "can never be judged and is told to ask again; lower body to that\n");
}

int config_bound_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(durations),
        cmocka_unit_test(lists),
        cmocka_unit_test(texts),
        cmocka_unit_test(the_file),
        cmocka_unit_test(threads_need_connections),
        cmocka_unit_test(bodies_in_flight_should_hold_a_body),
    };
    return cmocka_run_group_tests_name("bounds of the configuration", TESTS, enter_folder,
                                       leave_folder);
}
