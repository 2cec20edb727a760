/* An Event byte for byte; notes that are cut; names. */
#include "test.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "events/body.h"
#include "json/doc.h"

static struct buf buf;

static int begin(void **state)
{
    (void)state;
    buf_init(&buf, LIMIT_EVENTS_BODY);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_done(&buf);
    return 0;
}

static void is(const char *text)
{
    assert_false(buf_overflowed(&buf));
    buf_add_char(&buf, '\0');
    assert_string_equal(buf.p, text);
    buf_clear(&buf);
}

static void whole(void **state)
{
    (void)state;
    struct event event = a_denial();
    body_event(&event, "web-1.1", STR("pratique-0"), 1, 0, &buf);
    is("{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"web-1.1\","
       "\"namespace\":\"shop\"},\"eventTime\":\"2023-11-14T22:13:20.123456Z\",\"type\":\"Warning\","
       "\"reason\":\"ImageDenied\",\"action\":\"Deny\","
       "\"reportingController\":\"pratique.dev/admission\",\"reportingInstance\":\"pratique-0\","
       "\"note\":\"no \\\"such\\\" image (Pod web-1-)\",\"regarding\":{\"apiVersion\":\"apps/v1\","
       "\"kind\":\"ReplicaSet\",\"name\":\"web-1\",\"namespace\":\"shop\",\"uid\":\"u-1\"}}");
}

static void a_warning_of_a_namespace(void **state)
{
    (void)state;
    struct event event = a_denial();
    event.denied = false;
    event.regarding = (struct event_object){STR("v1"), STR("Namespace"), STR("shop"), STR_EMPTY};
    event.subject = STR_EMPTY;
    body_event(&event, "shop.2", STR("p"), 7, 1700000001000000999, &buf);
    is("{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\",\"metadata\":{\"name\":\"shop.2\","
       "\"namespace\":\"shop\"},\"eventTime\":\"2023-11-14T22:13:20.123456Z\",\"type\":\"Warning\","
       "\"reason\":\"ImageWarned\",\"action\":\"Warn\","
       "\"reportingController\":\"pratique.dev/admission\",\"reportingInstance\":\"p\","
       "\"note\":\"no \\\"such\\\" image\",\"regarding\":{\"apiVersion\":\"v1\","
       "\"kind\":\"Namespace\",\"name\":\"shop\",\"namespace\":\"shop\"},"
       "\"series\":{\"count\":7,\"lastObservedTime\":\"2023-11-14T22:13:21.000000Z\"}}");
}

static void series(void **state)
{
    (void)state;
    body_series(2, 1700000000123456789, &buf);
    is("{\"series\":{\"count\":2,\"lastObservedTime\":\"2023-11-14T22:13:20.123456Z\"}}");
    body_series(UINT64_MAX, 1700000000123456789, &buf); /* the API has 32 bits */
    is("{\"series\":{\"count\":2147483647,\"lastObservedTime\":\"2023-11-14T22:13:20.123456Z\"}}");
}

/* The note of a message of `n` characters. */
static void note_of(size_t n, const char *character, const char *subject)
{
    static char message[4096];
    struct event event = a_denial();
    size_t size = strlen(character);
    for (size_t i = 0; i < n; i++) {
        memcpy(message + i * size, character, size);
    }
    event.message = (struct str){message, n * size};
    event.subject = str_from(subject);
    buf_clear(&buf);
    body_note(&event, &buf);
    assert_true(utf8_valid(buf_str(&buf)));
    assert_in_range(buf.n, 0, LIMIT_EVENT_NOTE);
}

static void lengths(void **state)
{
    (void)state;
    note_of(LIMIT_EVENT_NOTE, "x", "");
    assert_int_equal(buf.n, LIMIT_EVENT_NOTE);
    assert_false(str_ends(buf_str(&buf), STR("…")));
    note_of(LIMIT_EVENT_NOTE + 1, "x", "");
    assert_int_equal(buf.n, LIMIT_EVENT_NOTE);
    assert_true(str_ends(buf_str(&buf), STR("x…")));
    note_of(LIMIT_EVENT_NOTE - 8, "x", "Pod w");
    assert_int_equal(buf.n, LIMIT_EVENT_NOTE);
    assert_true(str_ends(buf_str(&buf), STR("x (Pod w)")));
    note_of(LIMIT_EVENT_NOTE - 7, "x", "Pod w");
    assert_true(str_ends(buf_str(&buf), STR("x… (Pod w)")));
    for (size_t n = 338; n < 346; n++) {
        note_of(n, "\xe2\x82\xac", "Pod w"); /* of three bytes */
        assert_true(str_ends(buf_str(&buf), n < 339 ? STR("€ (Pod w)") : STR("€… (Pod w)")));
    }
    for (size_t n = 254; n < 258; n++) {
        note_of(n, "\xf0\x9f\x9a\xa2", ""); /* of four */
        assert_true(str_ends(buf_str(&buf), n <= 256 ? STR("🚢") : STR("🚢…")));
    }
}

/* The message is what counts: a name as long as they come leaves it alone. */
static void a_long_subject(void **state)
{
    (void)state;
    char subject[LIMIT_EVENT_NOTE / 4 + 2] = "";
    memset(subject, 's', LIMIT_EVENT_NOTE / 4);
    note_of(3, "x", subject);
    assert_int_equal(buf.n, 3 + 3 + LIMIT_EVENT_NOTE / 4);
    subject[LIMIT_EVENT_NOTE / 4] = 's';
    note_of(3, "x", subject);
    assert_int_equal(buf.n, 3);
}

static void what_acts(void **state)
{
    (void)state;
    struct event event = a_denial();
    event.message = STR("2 denied:\na\x1b[31m\r\t\xe2\x80\xae\xff\xc3 b");
    event.subject = STR("Pod \x07");
    body_note(&event, &buf);
    is("2 denied:\na?[31m????? b (Pod ?)");
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *of, *name;
    } CASES[] = {
        {"web-1", "web-1.000000000000002a"},    {"a.b", "a.b.000000000000002a"},
        {"web-", "review.000000000000002a"},    {"-web", "review.000000000000002a"},
        {"Web", "review.000000000000002a"},     {"a..b", "review.000000000000002a"},
        {"a-.b", "review.000000000000002a"},    {"a.-b", "review.000000000000002a"},
        {"", "review.000000000000002a"},        {"system:node", "review.000000000000002a"},
        {"../../x", "review.000000000000002a"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char name[256];
        body_name(str_from(CASES[i].of), 42, name, sizeof name);
        assert_string_equal(name, CASES[i].name);
    }
    char text[202], name[256];
    memset(text, 'a', sizeof text);
    body_name((struct str){text, 200}, 42, name, sizeof name);
    assert_int_equal(strlen(name), 217);
    body_name((struct str){text, 201}, 42, name, sizeof name);
    assert_string_equal(name, "review.000000000000002a");
}

/* The largest event, with the dearest character in each text: it is bounded, and it is JSON. */
static void the_largest(void **state)
{
    (void)state;
    static char text[LIMIT_MESSAGE + 1];
    memset(text, '\x01', sizeof text);
    const struct str all = {text, sizeof text};
    struct event event = {.namespace = STR("shop"),
                          .regarding = {all, all, all, all},
                          .subject = all,
                          .message = all,
                          .denied = true};
    struct event *copy = malloc(event_size(&event));
    event_copy(&event, copy);
    assert_true(event_same(&event, copy));
    assert_int_equal(event_hash(&event), event_hash(copy));
    assert_int_equal(copy->message.n, LIMIT_MESSAGE);
    assert_int_equal(copy->regarding.name.n, LIMIT_NAME);
    body_event(copy, "x", all, 2, 0, &buf);
    assert_false(buf_overflowed(&buf));
    json_doc_auto doc = {0};
    struct error err;
    assert_false(failed(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, &err)));
    assert_in_range(json_str(json_get(doc.root, "note")).n, 1, LIMIT_EVENT_NOTE);
    free(copy);
}

static void sameness(void **state)
{
    (void)state;
    const struct event event = a_denial();
    struct event other = event;
    other.time++;
    assert_true(event_same(&event, &other));
    struct str *texts[] = {&other.namespace,      &other.regarding.api_version,
                           &other.regarding.kind, &other.regarding.name,
                           &other.regarding.uid,  &other.subject,
                           &other.message};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct str before = *texts[i];
        *texts[i] = STR("other");
        assert_false(event_same(&event, &other));
        *texts[i] = before;
    }
    other.denied = false;
    assert_false(event_same(&event, &other));
}

int body_tests(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest TESTS[] = {
        TEST(whole),          TEST(a_warning_of_a_namespace),
        TEST(series),         TEST(lengths),
        TEST(a_long_subject), TEST(what_acts),
        TEST(names),          TEST(the_largest),
        TEST(sameness),
    };
#undef TEST
    return cmocka_run_group_tests_name("body", TESTS, NULL, NULL);
}
