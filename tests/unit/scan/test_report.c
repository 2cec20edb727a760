#include "test.h"

#include "base/limits.h"
#include "scan/report.h"

#define UID "0123abcd-4567-89ef-0000-ffffffffffff"

static struct arena arena;
static struct buf body;
static struct json_doc doc;
static struct report_object object = {.api_version = {"apps/v1", 7},
                                      .kind = {"Deployment", 10},
                                      .namespace = {"shop", 4},
                                      .name = {"web", 3}};
static struct result items[LIMIT_VIOLATIONS * 4];
static struct results results;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    buf_init(&body, LIMIT_REPORT);
    doc = (struct json_doc){0};
    assert_true(uid_parse(STR(UID), object.uid));
    results = (struct results){.items = items};
    return 0;
}

static int end(void **state)
{
    (void)state;
    json_doc_done(&doc);
    buf_done(&body);
    arena_done(&arena);
    return 0;
}

static void add(struct result result)
{
    items[results.n++] = result;
    results.n_findings += result.result != SCAN_PASS;
}

/* Write the report, and read it. */
static const yyjson_val *write(enum report_format format, const char *version, int64_t time)
{
    struct error err;
    const struct report report = {.format = format,
                                  .object = &object,
                                  .results = &results,
                                  .version = str_from(version),
                                  .time = time};
    buf_clear(&body);
    report_write(&report, &body);
    assert_false(buf_overflowed(&body));
    json_doc_done(&doc);
    assert_false(failed(json_parse(buf_str(&body), JSON_WITHOUT_MARKS, &doc, &err)));
    return doc.root;
}

static void add_two(void)
{
    add((struct result){.result = SCAN_WARN,
                        .policy = STR("p"),
                        .rule = STR("r"),
                        .message = STR("why"),
                        .image = STR("web:1"),
                        .path = STR("spec.x"),
                        .mode = STR("warn"),
                        .cause = STR("rule")});
    add((struct result){.result = SCAN_PASS, .policy = STR("q")});
}

#define OWNER                                                                                      \
    "\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"web\",\"uid\":\"" UID "\""
#define REST                                                                                       \
    "\"scope\":{" OWNER ",\"namespace\":\"shop\"},\"results\":["                                   \
    "{\"source\":\"pratique\",\"policy\":\"p\",\"rule\":\"r\",\"message\":\"why\",\"properties\":" \
    "{\"image\":\"web:1\",\"path\":\"spec.x\",\"mode\":\"warn\",\"cause\":\"rule\"},\"result\":"   \
    "\"warn\",\"timestamp\":{\"seconds\":7,\"nanos\":9}},"                                         \
    "{\"source\":\"pratique\",\"policy\":\"q\",\"result\":\"pass\",\"timestamp\":{\"seconds\":7,"  \
    "\"nanos\":9}}],\"summary\":{\"pass\":1,\"fail\":0,\"warn\":1,\"error\":0,\"skip\":0}}"

static void both_formats(void **state)
{
    (void)state;
    add_two();
    write(REPORT_WGPOLICYK8S, "", 7 * NS_PER_S + 9);
    buf_add_char(&body, '\0');
    assert_string_equal(
        body.p,
        "{\"apiVersion\":\"wgpolicyk8s.io/v1alpha2\",\"kind\":\"PolicyReport\","
        "\"metadata\":{\"name\":\"pratique-" UID "\",\"namespace\":\"shop\",\"labels\":{"
        "\"app.kubernetes.io/managed-by\":\"pratique\"},\"ownerReferences\":[{" OWNER "}]}," REST);
    write(REPORT_OPENREPORTS, "42", 7 * NS_PER_S + 9);
    buf_add_char(&body, '\0');
    assert_string_equal(
        body.p, "{\"apiVersion\":\"openreports.io/v1alpha1\",\"kind\":\"Report\","
                "\"metadata\":{\"name\":\"pratique-" UID "\",\"namespace\":\"shop\",\"labels\":{"
                "\"app.kubernetes.io/managed-by\":\"pratique\"},\"resourceVersion\":\"42\","
                "\"ownerReferences\":[{" OWNER "}]},\"source\":\"pratique\"," REST);
}

static struct str member(const yyjson_val *result, const char *name)
{
    return json_str(json_get(result, name));
}

static void texts_are_cut_at_their_limit(void **state)
{
    (void)state;
    char text[LIMIT_REPORT_MESSAGE + 2];
    memset(text, 'x', sizeof text);
    add((struct result){.policy = STR("p"), .message = {text, LIMIT_REPORT_MESSAGE}});
    add((struct result){.policy = STR("p"), .message = {text, LIMIT_REPORT_MESSAGE + 1}});
    const yyjson_val *list = json_get(write(REPORT_OPENREPORTS, "", 0), "results");
    struct str whole = member(yyjson_arr_get_first((yyjson_val *)(uintptr_t)list), "message");
    struct str cut = member(yyjson_arr_get_last((yyjson_val *)(uintptr_t)list), "message");
    assert_int_equal(whole.n, LIMIT_REPORT_MESSAGE);
    assert_int_equal(cut.n, LIMIT_REPORT_MESSAGE + strlen("…"));
    assert_true(str_ends(cut, STR("x…")));
}

static void what_acts_is_not_shown(void **state)
{
    (void)state;
    add((struct result){.policy = STR("p"),
                        .image = STR("a\033[2Jb\u202ec\xff\"\\</script>"),
                        .message = STR("one\ntwo\007")});
    const yyjson_val *list = json_get(write(REPORT_WGPOLICYK8S, "", 0), "results");
    const yyjson_val *result = yyjson_arr_get_first((yyjson_val *)(uintptr_t)list);
    assert_true(str_eq(member(result, "message"), STR("one?two?")));
    assert_true(
        str_eq(member(json_get(result, "properties"), "image"), STR("a?[2Jb?c?\"\\</script>")));
}

static int64_t count_of(const yyjson_val *report, const char *name)
{
    return yyjson_get_sint(json_get(json_get(report, "summary"), name));
}

static void what_has_no_room_is_counted(void **state)
{
    (void)state;
    char *text = arena_alloc(&arena, LIMIT_REPORT_MESSAGE);
    memset(text, '"', LIMIT_REPORT_MESSAGE);
    const struct str most = {text, LIMIT_REPORT_MESSAGE};
    for (size_t i = 0; i < COUNT(items); i++) {
        add((struct result){.result = SCAN_FAIL,
                            .policy = most,
                            .rule = most,
                            .message = most,
                            .image = most,
                            .path = most,
                            .mode = most,
                            .cause = most,
                            .exception = most});
    }
    results.n_dropped = 1000;
    const yyjson_val *report = write(REPORT_OPENREPORTS, "", 0);
    const yyjson_val *list = json_get(report, "results");
    size_t listed = yyjson_arr_size((yyjson_val *)(uintptr_t)list) - 1;
    const yyjson_val *last = yyjson_arr_get_last((yyjson_val *)(uintptr_t)list);
    char wanted[96];
    assert_in_range(listed, 8, COUNT(items) - 1);
    snprintf(wanted, sizeof wanted, "%zu more results: they are not listed, to keep this small",
             COUNT(items) - listed + 1000);
    assert_true(str_eq(member(last, "message"), str_from(wanted)));
    assert_true(str_eq(member(last, "result"), STR("skip")));
    assert_int_equal(count_of(report, "fail"), listed);
    assert_int_equal(count_of(report, "skip"), 1);
}

static void ordinary_results_all_have_room(void **state)
{
    (void)state;
    char *text = arena_alloc(&arena, 300);
    memset(text, 'x', 300);
    for (size_t i = 0; i < LIMIT_VIOLATIONS * 2; i++) {
        add((struct result){.policy = {text, 63},
                            .rule = {text, 63},
                            .message = {text, 300},
                            .image = {text, 200},
                            .path = {text, 60}});
    }
    const yyjson_val *report = write(REPORT_OPENREPORTS, "", 0);
    assert_int_equal(count_of(report, "pass"), LIMIT_VIOLATIONS * 2);
    assert_int_equal(count_of(report, "skip"), 0);
}

/* -- comparing -- */

static uint64_t digest_of(const char *text)
{
    json_doc_auto other = {0};
    struct error err;
    assert_false(failed(json_parse(str_from(text), JSON_WITHOUT_MARKS, &other, &err)));
    return report_digest(other.root);
}

static void what_an_api_server_gives_back_is_the_same(void **state)
{
    (void)state;
    add_two();
    uint64_t ours = report_digest(write(REPORT_WGPOLICYK8S, "", 7 * NS_PER_S));
    assert_int_equal(ours, report_digest(write(REPORT_WGPOLICYK8S, "42", 8 * NS_PER_S)));
    assert_int_equal(
        ours,
        digest_of("{\"summary\":{\"warn\":1,\"skip\":0,\"pass\":1,\"fail\":0,\"error\":0},"
                  "\"results\":[{\"timestamp\":{\"nanos\":1,\"seconds\":1},\"rule\":\"r\","
                  "\"result\":\"warn\",\"policy\":\"p\",\"message\":\"why\",\"source\":"
                  "\"pratique\",\"properties\":{\"cause\":\"rule\",\"mode\":\"warn\",\"path\":"
                  "\"spec.x\",\"image\":\"web:1\"}},{\"policy\":\"q\",\"source\":\"pratique\","
                  "\"result\":\"pass\",\"timestamp\":{\"nanos\":1,\"seconds\":1}}],\"scope\":{"
                  "\"namespace\":\"shop\"," OWNER "},\"metadata\":{\"managedFields\":[],"
                  "\"generation\":3,\"ownerReferences\":[{" OWNER "}],\"labels\":{\"more\":\"x\","
                  "\"app.kubernetes.io/managed-by\":\"pratique\"}}}"));
}

static void each_change_is_another(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } CHANGES[] = {{"\"why\"", "\"who\""},
                   {"\"warn\":1", "\"warn\":2"},
                   {"\"fail\":0", "\"x\":0"},
                   {"web:1", "web:2"},
                   {"\"result\":\"pass\"", "\"result\":\"fail\""},
                   {"\"labels\":{", "\"labels\":{},\"l\":{"},
                   {"\"uid\":\"0123", "\"uid\":\"1123"},
                   {"\"results\":[{", "\"results\":[{\"scored\":true,"},
                   {"\"spec.x\"", "null"},
                   {"\"spec.x\"", "[]"}};
    add_two();
    const char *at;
    uint64_t ours = report_digest(write(REPORT_OPENREPORTS, "", 0));
    buf_add_char(&body, '\0');
    for (size_t i = 0; i < COUNT(CHANGES); i++) {
        at = strstr(body.p, CHANGES[i].from);
        assert_non_null(at);
        struct str changed = arena_printf(&arena, "%.*s%s%s", (int)(at - body.p), body.p,
                                          CHANGES[i].to, at + strlen(CHANGES[i].from));
        assert_int_not_equal(ours, digest_of(changed.p));
    }
    assert_int_equal(ours, digest_of(body.p));
}

/* -- whose it is -- */

static bool is_ours(const char *name, const char *label, const char *rest)
{
    struct error err;
    unsigned char uid[UID_BYTES];
    struct str text = arena_printf(&arena,
                                   "{\"metadata\":{\"name\":\"%s\",\"labels\":{"
                                   "\"app.kubernetes.io/managed-by\":\"%s\"}}%s}",
                                   name, label, rest);
    json_doc_auto other = {0};
    assert_false(failed(json_parse(text, JSON_WITHOUT_MARKS, &other, &err)));
    return report_is_ours(other.root, uid);
}

static void ours_and_those_of_others(void **state)
{
    (void)state;
    unsigned char uid[UID_BYTES];
    add_two();
    for (enum report_format format = 0; format < REPORT_FORMATS; format++) {
        assert_true(report_is_ours(write(format, "", 0), uid));
        assert_memory_equal(uid, object.uid, UID_BYTES);
    }
    assert_true(is_ours("pratique-" UID, "pratique", ",\"results\":[]"));
    assert_true(is_ours("pratique-" UID, "pratique", ""));
    assert_false(is_ours(UID, "pratique", ""));
    assert_false(is_ours("pratique-" UID "0", "pratique", ""));
    assert_false(is_ours("pratique-" UID, "kyverno", ""));
    assert_false(is_ours("pratique-" UID, "pratique", ",\"source\":\"theirs\""));
    assert_false(is_ours("pratique-" UID, "pratique", ",\"results\":[{\"policy\":\"x\"}]"));
    assert_false(is_ours("pratique-" UID, "pratique",
                         ",\"results\":[{\"source\":\"pratique\"},{\"source\":\"theirs\"}]"));
}

int report_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_formats, begin, end),
        cmocka_unit_test_setup_teardown(texts_are_cut_at_their_limit, begin, end),
        cmocka_unit_test_setup_teardown(what_acts_is_not_shown, begin, end),
        cmocka_unit_test_setup_teardown(what_has_no_room_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(ordinary_results_all_have_room, begin, end),
        cmocka_unit_test_setup_teardown(what_an_api_server_gives_back_is_the_same, begin, end),
        cmocka_unit_test_setup_teardown(each_change_is_another, begin, end),
        cmocka_unit_test_setup_teardown(ours_and_those_of_others, begin, end),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
