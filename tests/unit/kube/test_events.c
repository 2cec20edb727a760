#include "test.h"

#include "kube/events.h"

/* What was told, in words. */
static char told[4096];
static struct error err;

static status take(void *self, const struct kube_event *event, struct error *problem)
{
    static const char *const KINDS[] = {"put", "drop", "bookmark", "error"};
    size_t n = strlen(told);
    if (event->kind == KUBE_EVENT_ERROR) {
        snprintf(told + n, sizeof told - n, "error %d %.*s: %.*s\n", event->code,
                 STR_ARG(event->reason), STR_ARG(event->message));
    } else {
        snprintf(told + n, sizeof told - n, "%s %.*s/%.*s %s\n", KINDS[event->kind],
                 STR_ARG(event->item.namespace), STR_ARG(event->item.name), event->version.text);
    }
    return self != NULL ? error_set(problem, ERROR_INTERNAL, "enough") : OK;
}

static const struct kube_type TYPE = {"v1", "Pod"};

/* Read `text` in pieces of `piece` bytes, to its end. */
static bool reads(const char *text, size_t piece, size_t max)
{
    const struct kube_event_taker taker = {NULL, take};
    struct kube_events events;
    told[0] = '\0';
    kube_events_init(&events, &taker, &TYPE, STR("shop"), max);
    struct str rest = str_from(text);
    bool good = true;
    while (good && rest.n > 0) {
        good = !failed(kube_events_read(&events, str_sub(rest, 0, piece), &err));
        rest = str_sub(rest, piece, rest.n);
    }
    good = good && !failed(kube_events_end(&events, &err));
    kube_events_done(&events);
    return good;
}

#define POD(name, version)                                                                         \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name                       \
    "\",\"namespace\":\"shop\",\"resourceVersion\":\"" version "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}\n"

static void events_in_pieces_of_any_size(void **state)
{
    (void)state;
    static const char TEXT[] = EVENT("ADDED", POD("a", "1")) EVENT("MODIFIED", POD("a", "2"))
        EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"7\"}}")
            EVENT("DELETED", POD("a", "9"))
                EVENT("ERROR", "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\","
                               "\"message\":\"too old\"}");
    for (size_t piece = 1; piece <= sizeof TEXT; piece++) {
        assert_true(reads(TEXT, piece, 4096));
        assert_string_equal(told, "put shop/a 1\nput shop/a 2\nbookmark / 7\ndrop shop/a 9\n"
                                  "error 410 Expired: too old\n");
    }
}

static void what_is_no_event(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } CASES[] = {
        {"\n", "an event that is no JSON"},
        {"{\"type\":\"ADDED\"\n", "an event that is no JSON"},
        {"<html>\n", "an event that is no JSON"},
        {"[]\n", "an event of unknown type \"\""},
        {EVENT("CREATED", POD("a", "1")), "an event of unknown type \"CREATED\""},
        {EVENT("added", POD("a", "1")), "an event of unknown type \"added\""},
        {"{\"type\":\"ADDED\"}\n", "an event without an object"},
        {EVENT("ADDED", "[]"), "an event without an object"},
        {EVENT("ADDED", "{}"), "an object that is no Pod of v1"},
        {EVENT("ADDED", "{\"apiVersion\":\"v2\",\"kind\":\"Pod\"}"),
         "an object that is no Pod of v1"},
        {EVENT("DELETED", "{\"apiVersion\":\"v1\",\"kind\":\"Node\"}"),
         "an object that is no Pod of v1"},
        {EVENT("ADDED", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}"),
         "an object without a name that can be one"},
        {EVENT("ADDED", POD("", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("..", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("a/b", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("a%2fb", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("a b", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("a", "1\\u0000")), "object a: no resourceVersion"},
        {EVENT("ADDED", POD("a\\nb", "1")), "an object without a name that can be one"},
        {EVENT("ADDED", POD("a", "")), "object a: no resourceVersion"},
        {EVENT("ADDED", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
                        "\"namespace\":\"other\",\"resourceVersion\":\"1\"}}"),
         "object a is of a namespace that it cannot be of"},
        {EVENT("ADDED", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\","
                        "\"resourceVersion\":\"1\"}}"),
         "object a is of a namespace that it cannot be of"},
        {EVENT("BOOKMARK", "{}"), "a bookmark: no resourceVersion"},
        {EVENT("BOOKMARK", "{\"metadata\":{\"resourceVersion\":7}}"),
         "a bookmark: no resourceVersion"},
        {"{\"type\":\"ADDED\",", "the stream ended in the middle of an event"},
        {"{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}",
         "the stream ended in the middle of an event"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_false(reads(CASES[i].text, 7, 4096));
        assert_string_equal(err.text, CASES[i].wanted);
        assert_int_equal(err.kind, ERROR_UPSTREAM);
        assert_string_equal(told, "");
    }
}

static void names_of_253_bytes(void **state)
{
    (void)state;
    for (size_t n = 253; n <= 254; n++) {
        char name[256] = "", text[1024];
        memset(name, 'x', n);
        snprintf(text, sizeof text, EVENT("ADDED", POD("%s", "1")), name);
        assert_int_equal(reads(text, 100, 4096), n == 253);
    }
}

static void versions_of_127_bytes(void **state)
{
    (void)state;
    for (size_t n = KUBE_VERSION_MAX - 1; n <= KUBE_VERSION_MAX; n++) {
        char version[256] = "", text[1024];
        memset(version, '1', n);
        snprintf(text, sizeof text, EVENT("ADDED", POD("a", "%s")), version);
        assert_int_equal(reads(text, 100, 4096), n == KUBE_VERSION_MAX - 1);
    }
}

/* Whether the line comes whole or in pieces, its newline does not count. */
static void an_event_has_a_bound(void **state)
{
    (void)state;
    static const char TEXT[] = EVENT("ADDED", POD("a", "1"));
    size_t n = strlen(TEXT) - 1;
    for (size_t piece = 1; piece <= sizeof TEXT; piece++) {
        assert_true(reads(TEXT, piece, n));
        assert_false(reads(TEXT, piece, n - 1));
        assert_int_equal(err.kind, ERROR_LIMIT);
        assert_non_null(strstr(err.text, "an event larger than "));
        assert_string_equal(told, "");
    }
}

static void deep_events(void **state)
{
    (void)state;
    enum { DEEP = 200 };
    char open[DEEP + 1] = "", closed[DEEP + 1] = "", text[1024];
    memset(open, '[', DEEP);
    memset(closed, ']', DEEP);
    snprintf(text, sizeof text, "{\"type\":\"ADDED\",\"object\":%s\n", open);
    assert_false(reads(text, 100, 4096));
    assert_string_equal(err.text, "an event that is no JSON");
    snprintf(text, sizeof text,
             "{\"type\":\"ADDED\",\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"x\":%s%s,"
             "\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\",\"resourceVersion\":\"1\"}}}\n",
             open, closed);
    assert_true(reads(text, 100, 4096));
    assert_string_equal(told, "put shop/a 1\n");
}

/* A line that was large once does not keep its room. */
static void room_is_given_back(void **state)
{
    (void)state;
    const struct kube_event_taker taker = {NULL, take};
    struct kube_events events;
    static char text[256 * 1024];
    memset(text, ' ', sizeof text - 1);
    memcpy(text, EVENT("ADDED", POD("a", "1")), strlen(EVENT("ADDED", POD("a", "1"))) - 1);
    text[sizeof text - 2] = '\n';
    told[0] = '\0';
    kube_events_init(&events, &taker, &TYPE, STR("shop"), sizeof text);
    assert_false(failed(kube_events_read(&events, str_sub(str_from(text), 0, 200000), &err)));
    assert_true(events.line.room >= 200000);
    assert_false(
        failed(kube_events_read(&events, str_sub(str_from(text), 200000, SIZE_MAX), &err)));
    assert_string_equal(told, "put shop/a 1\n");
    assert_int_equal(events.line.room, 0);
    kube_events_done(&events);
}

static void the_taker_may_end_it(void **state)
{
    (void)state;
    const struct kube_event_taker taker = {&err, take};
    struct kube_events events;
    told[0] = '\0';
    kube_events_init(&events, &taker, &TYPE, STR_EMPTY, 4096);
    assert_true(failed(kube_events_read(
        &events, STR(EVENT("ADDED", POD("a", "1")) EVENT("ADDED", POD("b", "2"))), &err)));
    assert_string_equal(err.text, "enough");
    assert_string_equal(told, "put shop/a 1\n");
    kube_events_done(&events);
}

int events_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_in_pieces_of_any_size), cmocka_unit_test(what_is_no_event),
        cmocka_unit_test(names_of_253_bytes),           cmocka_unit_test(versions_of_127_bytes),
        cmocka_unit_test(an_event_has_a_bound),         cmocka_unit_test(deep_events),
        cmocka_unit_test(room_is_given_back),           cmocka_unit_test(the_taker_may_end_it),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
