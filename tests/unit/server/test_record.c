/* The audit line of a decision, field by field. */
#include <yyjson.h>

#include "fixture.h"

enum { LINE_MAX_BYTES = 1024 * 1024 };

/* The audit line of a body, in `line`, with a known duration. */
static void phrase(enum endpoint endpoint, struct str body, size_t max, struct buf *line)
{
    struct job *job = NULL;
    const struct error *err = walk(endpoint, body, &job);
    job->decided_ns = 1234999;
    buf_init(line, max);
    record_phrase(job, err, THEN, line);
    assert_false(buf_overflowed(line));
}

static void assert_line(enum endpoint endpoint, const char *body, const char *wanted)
{
    buf_auto line;
    struct policy_set *set = snapshot_take(&fixture_service.snapshot);
    phrase(endpoint, str_from(body), LINE_MAX_BYTES, &line);
    buf_add_char(&line, '\0');
    char *whole = text_of("{\"time\":\"2026-06-01T00:00:00.123Z\",\"endpoint\":%s,"
                          "\"durationMicroseconds\":1234,\"policyHash\":\"%016llx\"}\n",
                          wanted, (unsigned long long)policy_set_hash(set));
    assert_string_equal(line.p, whole);
    free(whole);
    policy_set_unref(set);
}

/* -- lines -- */

#define POD                                                                                        \
    "\"uid\":\"u-1\",\"api\":\"admission.k8s.io/v1\",\"operation\":\"CREATE\",\"group\":\"\","     \
    "\"kind\":\"Pod\",\"subresource\":\"\",\"namespace\":\"shop\",\"name\":\"web\","               \
    "\"user\":\"alice\",\"dryRun\":true,"
#define IMAGE(text, index, verdict)                                                                \
    "{\"image\":\"" text "\",\"path\":\"spec.containers[" index "].image\",\"verdict\":\"" verdict \
    "\"}"
#define VIOLATION(index, policy, rule, mode, exception, reason)                                    \
    "{\"path\":\"spec.containers[" index "].image\",\"cause\":\"rule\",\"policy\":\"" policy       \
    "\",\"rule\":\"" rule "\",\"mode\":\"" mode "\",\"exception\":\"" exception                    \
    "\",\"reason\":\"" reason "\"}"
#define NOTHING                                                                                    \
    "\"imageCount\":0,\"images\":[],\"violationCount\":0,\"violations\":[],\"policies\":[]"

static void admitted(void **state)
{
    (void)state;
    assert_line(ENDPOINT_VALIDATE, REVIEW(CONTAINER("a", "good.example.com/x:1")),
                "\"/validate\",\"verdict\":\"allow\"," POD "\"imageCount\":1,\"images\":[" IMAGE(
                    "good.example.com/x:1", "0",
                    "allow") "],\"violationCount\":0,"
                             "\"violations\":[],\"policies\":[\"base\",\"soft\"]");
}

#define NOT_AMONG                                                                                  \
    "registry bad.example.com is not among those allowed: good.example.com; use an image that "    \
    "one of these matches"

static void denied_warned_and_excused(void **state)
{
    (void)state;
    assert_line(
        ENDPOINT_MUTATE,
        REVIEW(CONTAINER("a", "bad.example.com/x:1") "," CONTAINER(
            "b", "good.example.com/y") "," CONTAINER("c", "bad.example.com/excused:2")),
        "\"/mutate\",\"verdict\":\"deny\"," POD
        "\"imageCount\":3,\"images\":[" IMAGE("bad.example.com/x:1", "0", "deny") "," IMAGE(
            "good.example.com/y", "1",
            "warn") "," IMAGE("bad.example.com/"
                              "excused:2",
                              "2",
                              "excused") "],\"violationCount\":3,\"violations\":"
                                         "[" VIOLATION("0", "base", "trusted", "enforce", "", NOT_AMONG) "," VIOLATION(
                                             "1", "soft",
                                             "no-"
                                             "lates"
                                             "t",
                                             "warn", "",
                                             "no "
                                             "tag "
                                             "means "
                                             "\\\"la"
                                             "test\\"
                                             "\", "
                                             "and "
                                             "tag "
                                             "\\\"la"
                                             "test\\"
                                             "\" is "
                                             "not "
                                             "allowe"
                                             "d; "
                                             "use a "
                                             "versio"
                                             "n tag "
                                             "or a "
                                             "diges"
                                             "t") "," VIOLATION("2", "base", "trusted", "enforce",
                                                                "later",
                                                                NOT_AMONG) "],\"policies\":["
                                                                           "\"base\",\"soft\"]");
}

static void problems_are_told(void **state)
{
    (void)state;
    assert_line(ENDPOINT_VALIDATE, REVIEW("null"),
                "\"/validate\",\"verdict\":\"deny\"," POD
                "\"problem\":\"spec.containers[0] must be an object, found null\"," NOTHING);
    /* what was found before the problem is told, as denied */
    assert_line(ENDPOINT_VALIDATE,
                REVIEW("{\"name\":\"a\",\"image\":\"good.example.com/x:1\"},null"),
                "\"/validate\",\"verdict\":\"deny\"," POD
                "\"problem\":\"spec.containers[1] must be an object, found null\","
                "\"imageCount\":1,\"images\":[" IMAGE(
                    "good.example.com/x:1", "0",
                    "deny") "],"
                            "\"violationCount\":0,\"violations\":[],\"policies\":[]");
}

static void image_reviews(void **state)
{
    (void)state;
    assert_line(
        ENDPOINT_IMAGE_POLICY,
        "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"spec\":"
        "{\"containers\":[{\"image\":\"bad.example.com/x:1\"}],\"annotations\":{\"k\":"
        "\"SECRET8\"},\"namespace\":\"shop\"}}",
        "\"/imagepolicy\",\"verdict\":\"deny\",\"uid\":\"\",\"api\":"
        "\"imagepolicy.k8s.io/v1alpha1\",\"operation\":\"\",\"group\":\"\",\"kind\":"
        "\"Pod\",\"subresource\":\"\",\"namespace\":\"shop\",\"name\":\"\",\"user\":\"\","
        "\"dryRun\":false,\"imageCount\":1,\"images\":[" IMAGE(
            "bad.example.com/x:1", "0",
            "deny") "],\"violationCount\":1,\"violations\":[" VIOLATION("0", "base", "trusted",
                                                                        "enforce", "",
                                                                        NOT_AMONG) "],\"policies\":"
                                                                                   "[\"base\","
                                                                                   "\"soft\"]");
}

/* A review that could not be judged was not admitted, and its line says neither. */
static void errors_are_lines_too(void **state)
{
    (void)state;
    static const struct {
        enum endpoint endpoint;
        const char *body, *path, *error;
    } CASES[] = {
        {ENDPOINT_VALIDATE, "{\"a\":", "/validate", "line 1, column 6: unexpected end of data"},
        {ENDPOINT_IMAGE_POLICY, REVIEW(CONTAINER("a", "good.example.com/x")), "/imagepolicy",
         "/imagepolicy answers an ImageReview; an AdmissionReview belongs to /validate or "
         "/mutate"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        buf_auto line;
        phrase(CASES[i].endpoint, str_from(CASES[i].body), LINE_MAX_BYTES, &line);
        yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
        yyjson_val *root = yyjson_doc_get_root(doc);
        assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "verdict")), "error");
        assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "endpoint")), CASES[i].path);
        assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "error")), CASES[i].error);
        assert_null(memmem(line.p, line.n, "allow", 5));
        yyjson_doc_free(doc);
    }
}

static void nothing_secret_is_told(void **state)
{
    (void)state;
    static const char *const BODIES[] = {
        REVIEW(CONTAINER("a", "bad.example.com/x:1") "," CONTAINER("b", "good.example.com/y")),
        REVIEW(CONTAINER("a", "good.example.com/x:1") ",{\"env\":\"SECRET9\"}"),
        REVIEW(CONTAINER("a", "x") ",\"SECRET9\""),
    };
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        buf_auto line;
        phrase(ENDPOINT_VALIDATE, str_from(BODIES[i]), LINE_MAX_BYTES, &line);
        assert_null(memmem(line.p, line.n, "SECRET", 6));
    }
}

/* -- hostile texts -- */

static void a_line_is_one_line_of_json(void **state)
{
    (void)state;
    static const char *const IMAGES[] = {
        "x\\n{\\\"verdict\\\":\\\"allow\\\"}",
        "\\u0000",
        "\\u2028\\u0085",
        "\\\"}],\\\"a\\\":[{",
        "\\ud83d\\ude00",
        "\\u007f\\u001b[2J",
    };
    for (size_t i = 0; i < COUNT(IMAGES); i++) {
        buf_auto line;
        char *body = text_of(REVIEW("{\"name\":\"a\",\"image\":\"%s\"}"), IMAGES[i]);
        phrase(ENDPOINT_VALIDATE, str_from(body), LINE_MAX_BYTES, &line);
        assert_ptr_equal(memchr(line.p, '\n', line.n), line.p + line.n - 1);
        yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
        assert_non_null(doc);
        yyjson_val *root = yyjson_doc_get_root(doc);
        assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "verdict")), "deny");
        assert_int_equal(yyjson_get_uint(yyjson_obj_get(root, "imageCount")), 1);
        yyjson_doc_free(doc);
        free(body);
    }
}

/* A body of `n` containers, each with its own image; to be freed. */
static char *body_of(size_t n)
{
    buf_auto list;
    buf_init(&list, LINE_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&list, "%s{\"name\":\"c%zu\",\"image\":\"bad.example.com/i%zu:1\"}",
                   i == 0 ? "" : ",", i, i);
    }
    return text_of(REVIEW("%.*s"), STR_ARG(buf_str(&list)));
}

static void lists_are_bounded_and_counted(void **state)
{
    (void)state;
    const size_t counts[] = {LIMIT_VIOLATIONS, LIMIT_VIOLATIONS + 1, LIMIT_IMAGES_PER_REVIEW};
    for (size_t i = 0; i < COUNT(counts); i++) {
        buf_auto line;
        char *body = body_of(counts[i]);
        phrase(ENDPOINT_VALIDATE, str_from(body), LINE_MAX_BYTES, &line);
        yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
        yyjson_val *root = yyjson_doc_get_root(doc);
        assert_int_equal(yyjson_get_uint(yyjson_obj_get(root, "imageCount")), counts[i]);
        assert_int_equal(yyjson_get_uint(yyjson_obj_get(root, "violationCount")), counts[i]);
        assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "images")), counts[i]);
        assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "violations")), LIMIT_VIOLATIONS);
        assert_null(yyjson_obj_get(root, "truncated"));
        yyjson_doc_free(doc);
        free(body);
    }
}

static void what_is_too_long_is_told_without_its_lists(void **state)
{
    (void)state;
    buf_auto line;
    char *body = body_of(LIMIT_VIOLATIONS);
    phrase(ENDPOINT_VALIDATE, str_from(body), 1000, &line);
    yyjson_doc *doc = yyjson_read(line.p, line.n, 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_true(yyjson_get_bool(yyjson_obj_get(root, "truncated")));
    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "verdict")), "deny");
    assert_string_equal(yyjson_get_str(yyjson_obj_get(root, "user")), "alice");
    assert_null(yyjson_obj_get(root, "images"));
    yyjson_doc_free(doc);
    free(body);
}

int record_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(admitted),
        cmocka_unit_test(denied_warned_and_excused),
        cmocka_unit_test(problems_are_told),
        cmocka_unit_test(errors_are_lines_too),
        cmocka_unit_test(image_reviews),
        cmocka_unit_test(nothing_secret_is_told),
        cmocka_unit_test(a_line_is_one_line_of_json),
        cmocka_unit_test(lists_are_bounded_and_counted),
        cmocka_unit_test(what_is_too_long_is_told_without_its_lists),
    };
    return cmocka_run_group_tests_name("record", TESTS, fixture_start, fixture_end);
}
