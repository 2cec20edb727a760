/* Lines of the audit log, read back. */
#include "base/buf.h"
#include "test.h"

#define HEAD                                                                                       \
    "{\"endpoint\":\"/validate\",\"verdict\":\"%s\",\"uid\":\"u\",\"api\":\"admission.k8s.io/"     \
    "v1\","                                                                                        \
    "\"operation\":\"UPDATE\",\"group\":\"apps\",\"kind\":\"Deployment\",\"subresource\":"         \
    "\"scale\","                                                                                   \
    "\"namespace\":\"shop\",\"name\":\"web\",\"user\":\"alice\""

struct read {
    struct arena arena;
    struct json_doc doc;
    struct replay_case subject;
    bool decided;
    bool failed;
    struct error err;
};

static void setup(struct read *read, const char *verdict, const char *rest)
{
    *read = (struct read){.failed = false};
    arena_init(&read->arena, MIB);
    struct str text = arena_printf(&read->arena, HEAD "%s}", verdict, rest);
    assert_false(failed(json_parse(text, JSON_WITHOUT_MARKS, &read->doc, &read->err)));
    read->failed = failed(
        replay_from_audit(&read->arena, &read->doc, &read->subject, &read->decided, &read->err));
}

static void teardown(struct read *read)
{
    json_doc_done(&read->doc);
    arena_done(&read->arena);
}

static void test_request(void **state)
{
    (void)state;
    struct read read;
    setup(&read, "allow", ",\"images\":[]");
    const struct review *review = &read.subject.review;
    assert_false(read.failed);
    assert_true(read.decided && read.subject.recorded && !read.subject.mutate);
    assert_int_equal(review->operation, REVIEW_UPDATE);
    assert_int_equal(review->api, REVIEW_ADMISSION_V1);
    assert_true(str_eq(review->kind, STR("Deployment")) && str_eq(review->group, STR("apps")));
    assert_true(str_eq(review->subresource, STR("scale")));
    assert_true(review->user_known && str_eq(review->user, STR("alice")));
    assert_false(review->namespace_labels_known);
    teardown(&read);
}

static void test_images(void **state)
{
    (void)state;
    struct read read;
    setup(&read, "deny",
          ",\"images\":[{\"image\":\"a\",\"path\":\"p\",\"verdict\":\"warn\"},"
          "{\"image\":\"b\",\"path\":\"q\",\"verdict\":\"deny\"}],\"imageCount\":2,\"violations\":["
          "{\"path\":\"p\",\"policy\":\"x\",\"rule\":\"y\",\"mode\":\"warn\",\"exception\":\"\"},"
          "{\"path\":\"q\",\"policy\":\"\",\"rule\":\"\",\"mode\":\"enforce\",\"exception\":\"\","
          "\"cause\":\"uncovered\",\"reason\":\"why\"}]");
    assert_false(read.failed);
    assert_int_equal(read.subject.review.n_images, 2);
    assert_true(read.subject.admitted[0] && !read.subject.admitted[1]);
    assert_true(read.subject.denying[0].n == 0 &&
                str_eq(read.subject.denying[1], STR("uncovered")));
    assert_false(read.subject.incomplete);
    teardown(&read);
}

static void test_what_is_no_decision(void **state)
{
    (void)state;
    struct read read;
    setup(&read, "error", ",\"images\":[],\"error\":\"late\"");
    assert_false(read.failed || read.decided);
    teardown(&read);
    setup(&read, "deny", ",\"images\":[],\"problem\":\"deep\"");
    assert_false(read.failed || read.decided);
    teardown(&read);
}

static void test_parts(void **state)
{
    (void)state;
    struct read read;
    setup(&read, "allow", ",\"truncated\":true");
    assert_true(!read.failed && read.subject.incomplete);
    teardown(&read);
    setup(&read, "allow", ",\"images\":[],\"imageCount\":1");
    assert_true(!read.failed && read.subject.incomplete);
    teardown(&read);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *missing;
    } ROWS[] = {
        {"", "images"},
        {",\"images\":{}", "images"},
        {",\"images\":[{\"verdict\":\"allow\"}]", "images[].image"},
        {",\"images\":[{\"image\":\"a\"}]", "images[].verdict"},
        {",\"images\":[{\"image\":\"a\",\"verdict\":\"ALLOW\"}]", "images[].verdict"},
        {",\"images\":[{\"image\":\"a\",\"verdict\":true}]", "images[].verdict"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct read read;
        setup(&read, "allow", ROWS[i].rest);
        assert_true(read.failed);
        char want[128];
        snprintf(want, sizeof want, "no line of the audit log: %s is missing or of another type",
                 ROWS[i].missing);
        assert_string_equal(read.err.text, want);
        teardown(&read);
    }
}

/* The limit of images, at n and at n + 1. */
static void test_limit(void **state)
{
    (void)state;
    for (size_t n = LIMIT_IMAGES_PER_REVIEW; n <= LIMIT_IMAGES_PER_REVIEW + 1; n++) {
        buf_auto rest;
        buf_init(&rest, MIB);
        for (size_t i = 0; i < n; i++) {
            buf_add_cstr(&rest, i == 0 ? ",\"images\":[" : ",");
            buf_add_cstr(&rest, "{\"image\":\"a\",\"verdict\":\"allow\"}");
        }
        buf_add_char(&rest, ']');
        buf_add_char(&rest, '\0');
        struct read read;
        setup(&read, "allow", rest.p);
        assert_int_equal(read.failed, n > LIMIT_IMAGES_PER_REVIEW);
        assert_true(!read.failed || read.err.kind == ERROR_LIMIT);
        teardown(&read);
    }
}

int audit_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_what_is_no_decision),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
