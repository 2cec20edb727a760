#include "test.h"

#include <stdlib.h>
#include <string.h>

static void decode_v1(struct decoded *d, const char *operation)
{
    char text[256];
    snprintf(text, sizeof text, "{'uid':'0b1e','operation':'%s','kind':{'kind':'X'},'object':{}}",
             operation);
    decode_request(d, json(text));
}

static void decode_v1beta1(struct decoded *d)
{
    decode_review(d,
                  str_from(json("{'apiVersion':'admission.k8s.io/v1beta1','kind':'AdmissionReview',"
                                "'request':{'uid':'0b1e','operation':'CREATE','kind':{'kind':'X'},"
                                "'object':{}}}")),
                  false);
}

static void decode_image_review(struct decoded *d)
{
    decode_review(d,
                  str_from(json("{'apiVersion':'imagepolicy.k8s.io/v1alpha1','kind':'ImageReview',"
                                "'spec':{}}")),
                  false);
}

/* The answers byte for byte: what the API server needs, and nothing else. */
static void exact(void **state)
{
    (void)state;
    struct review_answer yes = {.allowed = true, .message = STR("ignored")};
    struct review_cause causes[] = {{STR("spec.containers[0].image"), STR("tag \"latest\"")},
                                    {STR("spec.containers[1].image"), STR("b")}};
    struct str warnings[] = {STR("careful"), STR("twice")};
    struct review_annotation annotations[] = {{STR("decision"), STR("deny")},
                                              {STR("policy"), STR("base\"line")}};
    struct review_answer no = {
        .message = STR("two images"),
        .causes = causes,
        .n_causes = N(causes),
        .warnings = warnings,
        .n_warnings = N(warnings),
        .annotations = annotations,
        .n_annotations = N(annotations),
        .patch = STR("[]"), /* never beside a denial */
    };
    decoded_auto d, old, image;
    decode_v1(&d, "CREATE");
    assert_string_equal(encode(&d, &yes, false),
                        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
                        "\"response\":{\"uid\":\"0b1e\",\"allowed\":true}}\n");
    assert_string_equal(
        encode(&d, &no, true),
        "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{"
        "\"uid\":\"0b1e\",\"allowed\":false,\"status\":{\"status\":\"Failure\",\"code\":403,"
        "\"reason\":\"Forbidden\",\"message\":\"two images\",\"details\":{\"causes\":["
        "{\"reason\":\"ImagePolicyViolation\",\"message\":\"tag \\\"latest\\\"\","
        "\"field\":\"spec.containers[0].image\"},{\"reason\":\"ImagePolicyViolation\","
        "\"message\":\"b\",\"field\":\"spec.containers[1].image\"}]}},"
        "\"auditAnnotations\":{\"decision\":\"deny\",\"policy\":\"base\\\"line\"},"
        "\"warnings\":[\"careful\",\"twice\"]}}\n");
    decode_v1beta1(&old);
    assert_string_equal(encode(&old, &yes, false),
                        "{\"apiVersion\":\"admission.k8s.io/v1beta1\",\"kind\":\"AdmissionReview\","
                        "\"response\":{\"uid\":\"0b1e\",\"allowed\":true}}\n");
    decode_image_review(&image);
    assert_string_equal(encode(&image, &yes, false),
                        "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\","
                        "\"status\":{\"allowed\":true}}\n");
    assert_string_equal(
        encode(&image, &no, false),
        "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\","
        "\"status\":{\"allowed\":false,\"reason\":\"two images\","
        "\"auditAnnotations\":{\"decision\":\"deny\",\"policy\":\"base\\\"line\"}}}\n");
}

static void patches(void **state)
{
    (void)state;
    static const struct {
        const char *operation;
        bool allowed;
        bool sent;
    } CASES[] = {
        {"CREATE", true, true},   {"UPDATE", true, true},   {"DELETE", true, false},
        {"CONNECT", true, false}, {"CREATE", false, false}, {"UPDATE", false, false},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        struct review_answer answer = {.allowed = CASES[i].allowed,
                                       .patch = STR("[{\"op\":\"test\"}]")};
        decoded_auto d;
        decode_v1(&d, CASES[i].operation);
        const char *text = encode(&d, &answer, true);
        bool sent = strstr(text, ",\"patchType\":\"JSONPatch\",\"patch\":"
                                 "\"W3sib3AiOiJ0ZXN0In1d\"") != NULL;
        bool any = strstr(text, "patch") != NULL;
        if (sent != CASES[i].sent || any != CASES[i].sent) {
            fail_msg("%s %d: %s", CASES[i].operation, CASES[i].allowed, text);
        }
    }
    struct review_answer answer = {.allowed = true, .patch = STR("[{\"op\":\"test\"}]")};
    decoded_auto d;
    decode_image_review(&d);
    assert_null(strstr(encode(&d, &answer, false), "patch"));
}

/* A denial always says something: with nothing said kubectl shows "without explanation". */
static void silent(void **state)
{
    (void)state;
    struct review_answer no = {0};
    decoded_auto d, image;
    decode_v1(&d, "CREATE");
    assert_non_null(strstr(encode(&d, &no, false), "\"message\":\"denied by image policy\"}"));
    decode_image_review(&image);
    assert_non_null(strstr(encode(&image, &no, false), "\"reason\":\"denied by image policy\""));
}

/* The uid comes back byte for byte, whatever it holds. */
static void uids(void **state)
{
    (void)state;
    static const char *const UIDS[] = {"a",
                                       "\\\"\\\\\\/",
                                       "\\u0000\\u0001\\n",
                                       "\xc3\xa9\xf0\x9f\x9a\xa2",
                                       "\\ud83d\\udea2",
                                       "\\u2028</script>"};
    for (size_t i = 0; i < N(UIDS); i++) {
        char text[256];
        snprintf(text, sizeof text, "{\"uid\":\"%s\",\"operation\":\"DELETE\"}", UIDS[i]);
        decoded_auto d;
        decode_request(&d, text);
        assert_false(d.failed);
        encode_both(&d); /* checks that it is the same */
    }
}

/* -- limits -- */

/* `n` bytes of "é", after one letter if `odd`, so that borders fall on either byte. */
static struct str accents(struct arena *arena, size_t n, bool odd)
{
    char *p = arena_alloc(arena, n + 2);
    for (size_t i = odd; i < n; i += 2) {
        memcpy(p + i, "\xc3\xa9", 2);
    }
    p[0] = odd ? 'x' : p[0];
    return (struct str){p, n};
}

static struct str member(struct decoded *d, const char *text, const char *pointer)
{
    yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
    yyjson_val *value = yyjson_doc_ptr_get(doc, pointer);
    struct str copy = arena_dup(&d->arena, json_str(value));
    yyjson_doc_free(doc);
    return copy;
}

static void long_messages(void **state)
{
    (void)state;
    for (size_t more = 0; more < 4; more++) {
        decoded_auto d, image;
        decode_v1(&d, "CREATE");
        decode_image_review(&image);
        struct str text = accents(&d.arena, LIMIT_MESSAGE + more, more % 2 == 1);
        struct review_cause cause = {STR("f"), text};
        struct review_annotation annotation = {STR("k"), text};
        struct review_answer no = {.message = text,
                                   .causes = &cause,
                                   .n_causes = 1,
                                   .annotations = &annotation,
                                   .n_annotations = 1};
        const char *answer = encode(&d, &no, false);
        const struct str got[] = {
            member(&d, answer, "/response/status/message"),
            member(&d, answer, "/response/status/details/causes/0/message"),
            member(&d, answer, "/response/auditAnnotations/k"),
            member(&d, encode(&image, &no, false), "/status/reason"),
        };
        for (size_t i = 0; i < N(got); i++) {
            if (more == 0) {
                assert_true(str_eq(got[i], text));
                continue;
            }
            assert_true(got[i].n <= LIMIT_MESSAGE && got[i].n >= LIMIT_MESSAGE - 1);
            assert_true(str_ends(got[i], STR("\xc3\xa9\xe2\x80\xa6")));
            assert_true(str_starts(text, str_sub(got[i], 0, got[i].n - 3)));
        }
    }
}

static void long_warnings(void **state)
{
    (void)state;
    for (size_t more = 0; more < 4; more++) {
        decoded_auto d;
        decode_v1(&d, "CREATE");
        struct str text = accents(&d.arena, LIMIT_WARNING_TEXT + more, more % 2 == 1);
        struct review_answer yes = {.allowed = true, .warnings = &text, .n_warnings = 1};
        struct str got = member(&d, encode(&d, &yes, false), "/response/warnings/0");
        if (more == 0) {
            assert_true(str_eq(got, text));
        } else {
            assert_true(got.n <= LIMIT_WARNING_TEXT && got.n >= LIMIT_WARNING_TEXT - 1);
            assert_true(str_ends(got, STR("\xc3\xa9\xe2\x80\xa6")));
        }
    }
}

static void many_warnings(void **state)
{
    (void)state;
    struct str warnings[LIMIT_WARNINGS + 2];
    for (size_t i = 0; i < N(warnings); i++) {
        warnings[i] = STR("w");
    }
    static const struct {
        size_t given;
        size_t sent;
        const char *last;
    } CASES[] = {
        {0, 0, ""},
        {1, 1, "w"},
        {LIMIT_WARNINGS, LIMIT_WARNINGS, "w"},
        {LIMIT_WARNINGS + 1, LIMIT_WARNINGS, "and 2 more warnings"},
        {LIMIT_WARNINGS + 2, LIMIT_WARNINGS, "and 3 more warnings"},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        decoded_auto d;
        decode_v1(&d, "CREATE");
        struct review_answer yes = {
            .allowed = true, .warnings = warnings, .n_warnings = CASES[i].given};
        const char *text = encode(&d, &yes, false);
        yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
        yyjson_val *sent = yyjson_doc_ptr_get(doc, "/response/warnings");
        assert_int_equal(yyjson_arr_size(sent), CASES[i].sent);
        assert_true(str_eq(json_str(yyjson_arr_get_last(sent)), str_from(CASES[i].last)));
        yyjson_doc_free(doc);
    }
}

static void many_causes(void **state)
{
    (void)state;
    struct review_cause causes[LIMIT_VIOLATIONS + 1];
    for (size_t i = 0; i < N(causes); i++) {
        causes[i] = (struct review_cause){STR("f"), STR("m")};
    }
    for (size_t more = 0; more <= 1; more++) {
        decoded_auto d;
        decode_v1(&d, "CREATE");
        struct review_answer no = {.causes = causes, .n_causes = LIMIT_VIOLATIONS + more};
        const char *text = encode(&d, &no, false);
        yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
        yyjson_val *sent = yyjson_doc_ptr_get(doc, "/response/status/details/causes");
        assert_int_equal(yyjson_arr_size(sent), LIMIT_VIOLATIONS);
        yyjson_doc_free(doc);
    }
}

/* What the API server would drop, or what would break a header. */
static void odd_warnings(void **state)
{
    (void)state;
    static const struct {
        struct str given;
        const char *sent;
    } CASES[] = {
        {{"a\nb\tc\rd\0e\x7f"
          "f",
          11},
         "a b c d e f"},
        {{"\xc2\x80 \xc2\x9f \xc2\xa0", 8}, "    \xc2\xa0"},
        {{"\"\\", 2}, "\"\\"},
        {{"\xff", 1}, "\xef\xbf\xbd"},
        {{"\xc2", 1}, "\xef\xbf\xbd"},
        {{"", 0}, ""},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        decoded_auto d;
        decode_v1(&d, "CREATE");
        struct str warning = CASES[i].given;
        struct review_answer yes = {.allowed = true, .warnings = &warning, .n_warnings = 1};
        struct str got = member(&d, encode(&d, &yes, false), "/response/warnings/0");
        if (!str_eq(got, str_from(CASES[i].sent))) {
            fail_msg("%zu: \"%.*s\"", i, STR_ARG(got));
        }
    }
}

static void annotation_keys(void **state)
{
    (void)state;
    static const char LONG[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const struct {
        struct str key;
        bool sent;
    } CASES[] = {
        {{"decision", 8}, true}, {{"a", 1}, true},    {{"A-b_c.9", 7}, true},   {{LONG, 63}, true},
        {{LONG, 64}, false},     {{"", 0}, false},    {{"a/b", 3}, false},      {{"-a", 2}, false},
        {{"a.", 2}, false},      {{"a b", 3}, false}, {{"\xc3\xa9", 2}, false},
    };
    for (size_t i = 0; i < N(CASES); i++) {
        decoded_auto d, image;
        decode_v1(&d, "CREATE");
        decode_image_review(&image);
        struct review_annotation annotations[] = {{CASES[i].key, STR("v")}};
        struct review_answer yes = {
            .allowed = true, .annotations = annotations, .n_annotations = 1};
        bool sent = strstr(encode(&d, &yes, false), "auditAnnotations") != NULL;
        bool sent_image = strstr(encode(&image, &yes, false), "auditAnnotations") != NULL;
        if (sent != CASES[i].sent || sent_image != CASES[i].sent) {
            fail_msg("\"%.*s\"", STR_ARG(CASES[i].key));
        }
    }
}

/* A buffer that is too small is told, and nothing is written past its end. */
static void full_buffer(void **state)
{
    (void)state;
    struct review_answer no = {.message = STR("no")};
    decoded_auto d;
    decode_v1(&d, "CREATE");
    size_t n = strlen(encode(&d, &no, false));
    for (size_t max = 0; max <= n; max++) {
        buf_auto buf;
        buf_init(&buf, max);
        review_encode(&d.review, &no, &buf);
        assert_int_equal(buf_overflowed(&buf), max < n);
    }
}

int answer_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(exact),         cmocka_unit_test(patches),
        cmocka_unit_test(silent),        cmocka_unit_test(uids),
        cmocka_unit_test(long_messages), cmocka_unit_test(long_warnings),
        cmocka_unit_test(many_warnings), cmocka_unit_test(many_causes),
        cmocka_unit_test(odd_warnings),  cmocka_unit_test(annotation_keys),
        cmocka_unit_test(full_buffer),
    };
    return cmocka_run_group_tests_name("answer", TESTS, NULL, NULL);
}
