/* Checkpoints: the cases of sigstore/rekor, and what is at the edges. */
#include "test.h"

#include "verify/checkpoint.h"

#define ROOT      "YmFuYW5hcw=="
#define HEAD      "Log Checkpoint v0\n123\n" ROOT "\n"
#define SIGNATURE "\xe2\x80\x94 rekor.sigstore.dev wNI9ajBFAiEA\n"

/* -- cases from outside -- */

static void compare(const yyjson_val *want, const struct checkpoint *it, const char *row)
{
    struct str root = it->root;
    if (!str_eq(it->origin, json_str(json_get(want, "Origin"))) ||
        it->size != yyjson_get_uint(json_get(want, "Size")) ||
        !str_eq(root, json_str(json_get(want, "Hash")))) {
        fail_msg("%s: read as another checkpoint", row);
    }
}

static void run(const char *group, status (*parse)(struct arena *arena, struct str text,
                                                   struct checkpoint *ret, struct error *err))
{
    json_doc_auto doc = {0};
    size_t index, n, cases = 0;
    yyjson_val *v;
    vector_json("rekor-checkpoint/cases.json", &doc);
    yyjson_arr_foreach(json_get(doc.root, group), index, n, v)
    {
        struct checkpoint it;
        struct error err;
        const char *row = yyjson_get_str(json_get(v, "desc"));
        bool wanted = !yyjson_get_bool(json_get(v, "wantErr"));
        bool read = !failed(parse(&test_arena, json_str(json_get(v, "m")), &it, &err));
        if (read != wanted) {
            fail_msg("%s: %s", row, read ? "it was read" : err.text);
        }
        if (read && json_get(v, "want") != NULL) {
            compare(json_get(v, "want"), &it, row);
        }
        cases++;
    }
    assert_true(cases > 0);
}

static void text_vectors(void **state)
{
    (void)state;
    run("TestUnmarshalCheckpoint", checkpoint_parse_text);
}

static void signed_vectors(void **state)
{
    (void)state;
    run("TestUnmarshalSignedCheckpoint", checkpoint_parse);
}

/* -- our own -- */

static void parts(void **state)
{
    (void)state;
    struct checkpoint it;
    struct error err;
    struct str note = STR(HEAD "other\n\n" SIGNATURE "\xe2\x80\x94 witness AAAAAAE=\n");
    assert_false(failed(checkpoint_parse(&test_arena, note, &it, &err)));
    assert_true(str_eq(it.text, STR(HEAD "other\n")));
    assert_true(str_eq(it.origin, STR("Log Checkpoint v0")));
    assert_true(str_eq(it.root, STR("bananas")));
    assert_int_equal(it.size, 123);
    assert_int_equal(it.n_signatures, 2);
    assert_true(str_eq(it.signatures[0].name, STR("rekor.sigstore.dev")));
    assert_memory_equal(it.signatures[0].hint.p, "\xc0\xd2\x3d\x6a", 4);
    assert_int_equal(it.signatures[0].bytes.n, 5);
    assert_true(str_eq(it.signatures[1].bytes, STR("\x01")));
}

static void refused(void **state)
{
    (void)state;
    static const char *const NOTES[] = {
        "",
        HEAD,
        HEAD "\n",
        HEAD "\n" SIGNATURE "x",
        HEAD SIGNATURE,
        "\n1\n" ROOT "\n\n" SIGNATURE,
        "o\n01\n" ROOT "\n\n" SIGNATURE,
        "o\n\n" ROOT "\n\n" SIGNATURE,
        "o\n+1\n" ROOT "\n\n" SIGNATURE,
        "o\n9223372036854775808\n" ROOT "\n\n" SIGNATURE,
        "o\n1\n\n\n" SIGNATURE,
        "o\n1\n" ROOT "=\n\n" SIGNATURE,
        "o\r\n1\n" ROOT "\n\n" SIGNATURE,
        "o\xff\n1\n" ROOT "\n\n" SIGNATURE,
        HEAD "\n- name AAAAAAE=\n",
        HEAD "\n\xe2\x80\x94 name AAAAAA==\n",
        HEAD "\n\xe2\x80\x94 name AAAAAAE\n",
        HEAD "\n\xe2\x80\x94 a+b AAAAAAE=\n",
        HEAD "\n\xe2\x80\x94  AAAAAAE=\n",
        HEAD "\n\xe2\x80\x94 name two AAAAAAE=\n",
    };
    for (size_t i = 0; i < COUNT(NOTES); i++) {
        struct checkpoint it;
        struct error err;
        if (!failed(checkpoint_parse(&test_arena, str_from(NOTES[i]), &it, &err))) {
            fail_msg("read: %s", NOTES[i]);
        }
        expect_error(&err, ERROR_INPUT, "the checkpoint ");
    }
}

static struct str with_signatures(size_t n)
{
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n + 1);
    all[0] = STR(HEAD "\n");
    for (size_t i = 1; i <= n; i++) {
        all[i] = STR(SIGNATURE);
    }
    return arena_join(&test_arena, all, n + 1);
}

static void limits(void **state)
{
    (void)state;
    struct checkpoint it;
    struct error err;
    struct str note = with_signatures(LIMIT_CHECKPOINT_SIGNATURES);
    assert_false(failed(checkpoint_parse(&test_arena, note, &it, &err)));
    assert_int_equal(it.n_signatures, LIMIT_CHECKPOINT_SIGNATURES);
    note = with_signatures(LIMIT_CHECKPOINT_SIGNATURES + 1);
    assert_true(failed(checkpoint_parse(&test_arena, note, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "more than 64 signatures");
    char *large = arena_alloc(&test_arena, LIMIT_CHECKPOINT + 1);
    memset(large, 'x', LIMIT_CHECKPOINT + 1);
    memcpy(large, HEAD, sizeof HEAD - 1);
    memcpy(large + LIMIT_CHECKPOINT - sizeof("\n\n" SIGNATURE) + 1, "\n\n" SIGNATURE,
           sizeof("\n\n" SIGNATURE) - 1);
    assert_false(
        failed(checkpoint_parse(&test_arena, (struct str){large, LIMIT_CHECKPOINT}, &it, &err)));
    assert_true(failed(
        checkpoint_parse(&test_arena, (struct str){large, LIMIT_CHECKPOINT + 1}, &it, &err)));
    expect_error(&err, ERROR_LIMIT, "larger than 65536 bytes");
}

int checkpoint_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_vectors), TEST(signed_vectors), TEST(parts), TEST(refused), TEST(limits),
    };
    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
