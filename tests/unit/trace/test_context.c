/* W3C Trace Context, level 1: what is a traceparent, what a tracestate, and what a request without
 * either becomes. */
#include "test.h"

#include "base/limits.h"
#include "trace/context.h"

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"
#define WHOLE  "00-" TRACE "-" PARENT "-01"

static void parents(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int sampled; /* -1: no traceparent */
    } CASES[] = {
        {WHOLE, 1},
        {"00-" TRACE "-" PARENT "-00", 0},
        {"00-" TRACE "-" PARENT "-ff", 1},
        {"00-" TRACE "-" PARENT "-02", 0}, /* a bit that level 1 does not know */
        {"01-" TRACE "-" PARENT "-01", 1},
        {"cc-" TRACE "-" PARENT "-01-what-the-future-will-be-like", 1},
        {"cc-" TRACE "-" PARENT "-01-", 1},
        {"cc-" TRACE "-" PARENT "-01.what", -1},
        {"cc-" TRACE "-" PARENT "-011", -1},
        {"ff-" TRACE "-" PARENT "-01", -1},
        {"FE-" TRACE "-" PARENT "-01", -1},
        {"00-" TRACE "-" PARENT "-01-more", -1}, /* version 0 has no more */
        {"00-" TRACE "-" PARENT "-01-", -1},
        {"00-" TRACE "-" PARENT "-1", -1},
        {"00-" TRACE "-" PARENT "-0x", -1},
        {"00-" TRACE "-" PARENT, -1},
        {"0-" TRACE "-" PARENT "-01", -1},
        {"000-" TRACE "-" PARENT "-01", -1},
        {".0-" TRACE "-" PARENT "-01", -1},
        {"00-00000000000000000000000000000000-" PARENT "-01", -1},
        {"00-" TRACE "-0000000000000000-01", -1},
        {"00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01", -1},
        {"00-" TRACE "-B7AD6B7169203331-01", -1},
        {"00-0af7651916cd43dd8448eb211c80319-" PARENT "-01", -1},
        {"00-.af7651916cd43dd8448eb211c80319c-" PARENT "-01", -1},
        {"00-" TRACE "-b7ad6b716920333-01", -1},
        {"00-" TRACE "-.7ad6b7169203331-01", -1},
        {"00_" TRACE "-" PARENT "-01", -1},
        {"00-" TRACE "_" PARENT "-01", -1},
        {"00-" TRACE "-" PARENT "_01", -1},
        {"", -1},
        {"00", -1},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct trace_context context = {0};
        bool sound = trace_parse_parent(str_from(CASES[i].text), &context);
        if (sound != (CASES[i].sampled >= 0) ||
            (sound && context.sampled != (CASES[i].sampled == 1))) {
            fail_msg("\"%s\": %d, sampled %d", CASES[i].text, sound, context.sampled);
        }
        assert_int_equal(context.joined, sound);
    }
}

static void identifiers(void **state)
{
    (void)state;
    static const unsigned char TRACE_BYTES[] = {0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd,
                                                0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c};
    static const unsigned char PARENT_BYTES[] = {0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31};
    struct trace_context context;
    assert_true(trace_parse_parent(STR(WHOLE), &context));
    assert_memory_equal(context.trace, TRACE_BYTES, sizeof TRACE_BYTES);
    assert_memory_equal(context.parent, PARENT_BYTES, sizeof PARENT_BYTES);
}

#define TEN(x) x x x x x x x x x x

static void states(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool sound;
    } CASES[] = {
        {"", true},
        {"foo=1", true},
        {"foo=1,bar=2", true},
        {" foo=1 \t,\t bar=2 ", true},
        {"foo=1,,bar=2,", true}, /* empty members are allowed */
        {"foo=1 2", true},
        {"foo= 1", true}, /* a value may begin with a blank */
        {"foo0123456789_-*/=1", true},
        {"t@v=1", true},
        {"0t-_*/@v-_*/0=1", true},
        {TEN(TEN("t")) TEN(TEN("t")) TEN("tttt") "t@vvvvvvvvvvvvvv=1", true},
        {TEN(TEN("t")) TEN(TEN("t")) TEN("tttt") "tt@v=1", false},
        {"t@vvvvvvvvvvvvvvv=1", false},
        {TEN(TEN("z")) TEN(TEN("z")) TEN("zzzzz") "zzzzzz=1", true},
        {TEN(TEN("z")) TEN(TEN("z")) TEN("zzzzz") "zzzzzzz=1", false},
        {"z=" TEN(TEN("v")) TEN(TEN("v")) TEN("vvvvv") "vvvvvv", true},
        {"z=" TEN(TEN("v")) TEN(TEN("v")) TEN("vvvvv") "vvvvvvv", false},
        {TEN("a=1,") TEN("b=1,") TEN("c=1,") "d=1,e=2", true}, /* 32 members */
        {TEN("a=1,") TEN("b=1,") TEN("c=1,") "d=1,e=2,f=3", false},
        {"foo", false},
        {"foo=", false},
        {"=1", false},
        {"foo =1", false},
        {"FOO=1", false},
        {"foo.bar=1", false},
        {"0foo=1", false},
        {"foo@=1", false},
        {"@foo=1", false},
        {"foo@@bar=1", false},
        {"foo@0=1", false},
        {"foo=1=2", false},
        {"foo=1;bar=2", false},
        {"foo=\x7f", false},
        {"foo=\xc3\xa9", false},
        {"foo=a\rb", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (trace_state_is_sound(str_from(CASES[i].text)) != CASES[i].sound) {
            fail_msg("\"%s\"", CASES[i].text);
        }
    }
}

static void a_long_state(void **state)
{
    (void)state;
    char text[LIMIT_TRACE_STATE + 2];
    memset(text, ' ', sizeof text);
    memcpy(text, "a=1,b=2,", 8);
    assert_true(trace_state_is_sound((struct str){text, LIMIT_TRACE_STATE}));
    assert_false(trace_state_is_sound((struct str){text, LIMIT_TRACE_STATE + 1}));
}

static void joining(void **state)
{
    (void)state;
    struct trace_context context;
    trace_join(STR(" " WHOLE "\t"), STR("foo=1"), 0, &context);
    assert_true(context.joined && context.sampled && str_eq(context.state, STR("foo=1")));
    /* The caller decides, whatever our own ratio is. */
    trace_join(STR("00-" TRACE "-" PARENT "-00"), STR("foo=1"), 1000000, &context);
    assert_true(context.joined && !context.sampled);
    /* A state that is not sound costs the state alone. */
    trace_join(STR(WHOLE), STR("FOO=1"), 0, &context);
    assert_true(context.joined && context.sampled && context.state.n == 0);
    /* Without a parent the state is nobody's. */
    trace_join(STR("00-" TRACE), STR("foo=1"), 1000000, &context);
    assert_true(!context.joined && context.sampled && context.state.n == 0);
    trace_join(STR_EMPTY, STR_EMPTY, 0, &context);
    assert_true(!context.joined && !context.sampled);
}

static void roots_differ(void **state)
{
    (void)state;
    struct trace_context a, b;
    static const unsigned char ZERO[TRACE_ID_BYTES];
    trace_join(STR_EMPTY, STR_EMPTY, 1000000, &a);
    trace_join(STR_EMPTY, STR_EMPTY, 1000000, &b);
    assert_memory_not_equal(a.trace, b.trace, TRACE_ID_BYTES);
    assert_memory_not_equal(a.trace, ZERO, TRACE_ID_BYTES);
}

/* Of 20,000 one in four: 5,000, less or more 300, which is five deviations. */
static void ratio(void **state)
{
    (void)state;
    unsigned n = 0;
    for (int i = 0; i < 20000; i++) {
        struct trace_context context;
        trace_join(STR_EMPTY, STR_EMPTY, 250000, &context);
        n += context.sampled;
    }
    assert_in_range(n, 4700, 5300);
}

int context_tests(void)
{
    const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(parents), cmocka_unit_test(identifiers),
        cmocka_unit_test(states),  cmocka_unit_test(a_long_state),
        cmocka_unit_test(joining), cmocka_unit_test(roots_differ),
        cmocka_unit_test(ratio),
    };
    return cmocka_run_group_tests_name("context", TESTS, NULL, NULL);
}
