#include "test.h"

#include "ui/query.h"

static int start(void **state)
{
    static struct arena arena;
    arena_init(&arena, MIB);
    *state = &arena;
    return 0;
}

static int stop(void **state)
{
    arena_done(*state);
    return 0;
}

static struct ui_request parse(struct arena *arena, const char *target)
{
    struct ui_request request;
    struct error err;
    if (failed(ui_request_parse(str_from(target), arena, &request, &err))) {
        fail_msg("%s: %s", target, err.text);
    }
    return request;
}

static void assert_fails(struct arena *arena, const char *target, enum error_kind kind,
                         const char *text)
{
    struct ui_request request;
    struct error err;
    if (!failed(ui_request_parse(str_from(target), arena, &request, &err))) {
        fail_msg("%s is taken", target);
    }
    assert_string_equal(err.text, text);
    assert_int_equal(err.kind, kind);
}

static void test_pages(void **state)
{
    static const struct {
        const char *target;
        enum ui_page page;
        int64_t id;
    } CASES[] = {{"/ui", UI_DECISIONS, 0},
                 {"/ui?", UI_DECISIONS, 0},
                 {"/ui?&&", UI_DECISIONS, 0},
                 {"/ui/policies", UI_POLICIES, 0},
                 {"/ui/replica", UI_REPLICA, 0},
                 {"/ui/decision/1", UI_DECISION, 1},
                 {"/ui/decision/9223372036854775806", UI_DECISION, INT64_MAX - 1}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct ui_request request = parse(*state, CASES[i].target);
        assert_int_equal(request.page, CASES[i].page);
        assert_int_equal(request.id, CASES[i].id);
    }
    static const char *const NONE[] = {"",
                                       "/",
                                       "/ui/",
                                       "/uip",
                                       "/ui/Policies",
                                       "/ui/../ui",
                                       "/ui//",
                                       "/ui/%72eplica",
                                       "/ui/decision",
                                       "/ui/decision/",
                                       "/ui/decision/0",
                                       "/ui/decision/-1",
                                       "/ui/decision/1x",
                                       "/ui/decision/1/",
                                       "/ui/decision/9223372036854775807"};
    for (size_t i = 0; i < COUNT(NONE); i++) {
        assert_fails(*state, NONE[i], ERROR_NOT_FOUND, "There is no such page.");
    }
}

static void assert_value(const struct ui_request *request, enum ui_parameter parameter,
                         struct str wanted)
{
    assert_true(request->values[parameter].p != NULL);
    assert_true(str_eq(request->values[parameter], wanted));
}

static void test_parameters(void **state)
{
    struct ui_request request =
        parse(*state, "/ui?verdict=deny&namespace=-&kind=Pod&policy=a%2Fb&image=x+y%2b%00%C3%A9"
                      "&user=system%3Aadmin&since=1h30m&dry-run=none&before=42");
    assert_value(&request, UI_VERDICT, STR("deny"));
    assert_value(&request, UI_NAMESPACE, STR(UI_NO_NAMESPACE));
    assert_value(&request, UI_KIND, STR("Pod"));
    assert_value(&request, UI_POLICY, STR("a/b"));
    assert_value(&request, UI_IMAGE, STR("x y+\0é"));
    assert_value(&request, UI_USER, STR("system:admin"));
    assert_value(&request, UI_DRY_RUN, STR("none"));
    assert_int_equal(request.since_ns, 5400 * NS_PER_S);
    assert_int_equal(request.before, 42);
    request = parse(*state, "/ui/policies?name=a=b&mode=audit&from=7");
    assert_value(&request, UI_NAME, STR("a=b"));
    assert_int_equal(request.from, 7);
    request = parse(*state, "/ui?verdict=&namespace=&kind=&since=&before"); /* an empty form */
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        assert_null(request.values[i].p);
    }
    assert_false(ui_is_filtered(&request, UI_DECISIONS));
}

static void test_refused(void **state)
{
    static const struct {
        const char *target, *text;
    } CASES[] = {
        {"/ui?verdict=maybe", "The parameter “verdict” is one of: allow, deny, error."},
        {"/ui?verdict=deny&verdict=deny", "The parameter “verdict” stands more than once."},
        {"/ui?verdict=&verdict=", "The parameter “verdict” stands more than once."},
        {"/ui?dry-run=yes", "The parameter “dry-run” is one of: only, none."},
        {"/ui?since=now", "The parameter “since” is a duration, such as 15m, 6h or 7d."},
        {"/ui?since=0s", "The parameter “since” is a duration, such as 15m, 6h or 7d."},
        {"/ui?before=-1", "The parameter “before” is a number."},
        {"/ui?before=9223372036854775808", "The parameter “before” is a number."},
        {"/ui?kind=%", "The parameter “kind” is not well-formed."},
        {"/ui?kind=%4", "The parameter “kind” is not well-formed."},
        {"/ui?kind=%4g", "The parameter “kind” is not well-formed."},
        {"/ui?kind=%ff", "The parameter “kind” is not well-formed."},
        {"/ui?%ff=1", "The name of a parameter is not well-formed."},
        {"/ui?Verdict=deny", "This page has no parameter “Verdict”."},
        {"/ui?mode=warn", "This page has no parameter “mode”."},
        {"/ui/policies?verdict=deny", "This page has no parameter “verdict”."},
        {"/ui/replica?x=1", "This page has no parameter “x”."},
        {"/ui?=1", "This page has no parameter “”."},
        {"/ui?0123456789012345678901234567890123456789more",
         "This page has no parameter “0123456789012345678901234567890123456789”."},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_fails(*state, CASES[i].target, ERROR_INPUT, CASES[i].text);
    }
}

/* Each at n and at n + 1. */
static void test_limits(void **state)
{
    char target[LIMIT_UI_TARGET + 2] = "/ui?user=";
    size_t n = strlen(target);
    memset(target + n, 'u', LIMIT_UI_VALUE);
    struct ui_request request = parse(*state, target);
    assert_int_equal(request.values[UI_USER].n, LIMIT_UI_VALUE);
    assert_true(ui_can_ask(request.values[UI_USER]));
    target[n + LIMIT_UI_VALUE] = 'u';
    assert_fails(*state, target, ERROR_INPUT, "The parameter “user” has more than 256 bytes.");
    assert_false(ui_can_ask((struct str){target + n, LIMIT_UI_VALUE + 1}));
    assert_false(ui_can_ask(STR_EMPTY));

    memset(target, 0, sizeof target);
    memcpy(target, "/ui?", 4);
    memset(target + 4, '&', LIMIT_UI_TARGET - 4);
    (void)parse(*state, target);
    target[LIMIT_UI_TARGET] = '&';
    assert_fails(*state, target, ERROR_LIMIT, "The address has more than 8192 bytes.");
}

/* A page has fewer parameters than the limit, and none may stand twice; so what is counted are
 * those that are refused anyway, unless the limit is too small for a page. */
static void test_enough_parameters(void **state)
{
    (void)state;
    for (enum ui_page page = 0; page < UI_PAGE_COUNT; page++) {
        unsigned n = 0;
        for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
            n += ui_filters(page, i);
        }
        assert_true(n + 1 <= LIMIT_UI_PARAMETERS);
    }
}

static void test_back(void **state)
{
    struct ui_request request =
        parse(*state, "/ui?user=%22%3E%3Cb%3E%26&verdict=deny&before=9&since=1h");
    buf_auto html;
    buf_init(&html, KIB);
    ui_path(&html, UI_DECISIONS, 0);
    ui_query(&html, &request, UI_PARAMETER_COUNT, STR_EMPTY);
    assert_text(&html, "/ui?verdict=deny&amp;user=%22%3E%3Cb%3E%26&amp;since=1h");
    buf_clear(&html);
    ui_query(&html, &request, UI_VERDICT, STR_EMPTY);
    assert_text(&html, "?user=%22%3E%3Cb%3E%26&amp;since=1h");
    buf_clear(&html);
    ui_path(&html, UI_DECISION, 7);
    ui_query(&html, &request, UI_BEFORE, STR("9"));
    assert_text(&html,
                "/ui/decision/7?verdict=deny&amp;user=%22%3E%3Cb%3E%26&amp;since=1h&amp;before=9");
    buf_clear(&html);
    ui_query(&html, &(struct ui_request){0}, UI_KIND, STR_EMPTY);
    assert_text(&html, "");
    assert_true(ui_is_filtered(&request, UI_DECISIONS));
    assert_false(ui_is_filtered(&request, UI_POLICIES));
}

int query_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_enough_parameters),
        cmocka_unit_test(test_back),
    };
    return cmocka_run_group_tests_name("query", tests, start, stop);
}
