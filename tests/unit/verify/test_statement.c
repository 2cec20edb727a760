/* in-toto statements: versions, subjects, and which artifact is one. */
#include "test.h"

#include "base/hex.h"
#include "verify/statement.h"

#define V1        "\"_type\":\"https://in-toto.io/Statement/v1\""
#define PREDICATE "\"predicateType\":\"https://example.com/p\""
#define HI_256    "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
#define ZERO      "0000000000000000000000000000000000000000000000000000000000000000"

static void read_one(const char *text, struct statement *ret)
{
    struct error err;
    if (failed(statement_parse(&test_arena, str_from(text), ret, &err))) {
        fail_msg("%s: %s", err.text, text);
    }
}

static void parts(void **state)
{
    (void)state;
    static const char *const TYPES[] = {"https://in-toto.io/Statement/v0.1",
                                        "https://in-toto.io/Statement/v1"};
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        statement_auto it = {.n_subjects = 0};
        read_one(arena_printf(&test_arena,
                              "{\"_type\":\"%s\"," PREDICATE ",\"subject\":[{\"name\":\"a\","
                              "\"digest\":{\"sha256\":\"" HI_256 "\",\"gitCommit\":\"ab\"}},{}],"
                              "\"predicate\":{\"x\":1},\"more\":0}",
                              TYPES[i])
                     .p,
                 &it);
        assert_true(str_eq(it.type, str_from(TYPES[i])));
        assert_true(str_eq(it.predicate_type, STR("https://example.com/p")));
        assert_int_equal(it.n_subjects, 2);
        assert_true(str_eq(it.subjects[0].name, STR("a")));
        assert_int_equal(it.subjects[0].n_digests, 2);
        assert_true(str_eq(it.subjects[0].digests[1].algorithm, STR("gitCommit")));
        assert_true(str_eq(it.subjects[0].digests[1].value, STR("ab")));
        assert_int_equal(it.subjects[1].n_digests, 0);
        assert_int_equal(yyjson_get_int(json_get(it.predicate, "x")), 1);
    }
}

/* Of "hi": a subject that says one known digest, and no wrong one. */
static void subjects(void **state)
{
    (void)state;
    static const struct {
        const char *subject;
        bool digest_alone, whole;
    } ROWS[] = {
        {"", false, false},
        {"{}", false, false},
        {"{\"digest\":{}}", false, false},
        {"{\"name\":\"" HI_256 "\"}", false, false},
        {"{\"digest\":{\"sha256\":\"" HI_256 "\"}}", true, true},
        {"{\"digest\":{\"sha256\":\"" ZERO "\"}},{\"digest\":{\"sha256\":\"" HI_256 "\"}}", true,
         true},
        {"{\"digest\":{\"sha512\":\"" HI_256 "\"}}", false, false},
        {"{\"digest\":{\"SHA256\":\"" HI_256 "\"}}", false, false},
        {"{\"digest\":{\"sha256\":\"" HI_256 "\",\"sha512\":\"" ZERO "\"}}", true, false},
        {"{\"digest\":{\"sha256\":\"" HI_256 "\",\"md5\":\"00\"}}", true, true},
        {"{\"digest\":{\"sha256\":\"" ZERO "\"}}", false, false},
        {"{\"digest\":{\"sha256\":"
         "\"8F434346648F6B96DF89DDA901C5176B10A6D83961DD3C1AC88B59B2DC327AA4"
         "\"}}",
         false, false},
        {"{\"digest\":{\"sha256\":\"\"}}", false, false},
    };
    const struct artifact whole = artifact_of_bytes(&test_arena, STR("hi"));
    struct artifact digest;
    struct error err;
    assert_false(failed(artifact_of_digest(&test_arena, STR("sha256:" HI_256), &digest, &err)));
    assert_true(str_eq(whole.digests[HASH_SHA256], digest.digests[HASH_SHA256]));
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        statement_auto it = {.n_subjects = 0};
        read_one(
            arena_printf(&test_arena, "{" V1 "," PREDICATE ",\"subject\":[%s]}", ROWS[i].subject).p,
            &it);
        if (statement_names(&it, &digest) != ROWS[i].digest_alone ||
            statement_names(&it, &whole) != ROWS[i].whole) {
            fail_msg("%s", ROWS[i].subject);
        }
        assert_null(it.predicate);
    }
}

#define UPPER "sha256:8F434346648F6B96DF89DDA901C5176B10A6D83961DD3C1AC88B59B2DC327AA4"

static void digests(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "sha256:", "sha256:00", "md5:00", HI_256, UPPER};
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        struct artifact it;
        struct error err;
        assert_true(failed(artifact_of_digest(&test_arena, str_from(WRONG[i]), &it, &err)));
        expect_error(&err, ERROR_INPUT, "the digest ");
    }
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {"", "the statement: the text is empty"},
        {"1", "the statement must be an object, found a number"},
        {"{}", "the statement: _type: is missing"},
        {"{\"_type\":\"https://in-toto.io/Statement/v2\"}", "of a known version"},
        {"{" V1 "}", "predicateType: is missing"},
        {"{" V1 "," PREDICATE "}", "subject: is missing"},
        {"{" V1 "," PREDICATE ",\"subject\":{}}", "subject: must be a list, found an object"},
        {"{" V1 "," PREDICATE ",\"subject\":[1]}", "subject[0]: must be an object"},
        {"{" V1 "," PREDICATE ",\"subject\":[{\"digest\":[]}]}", "subject[0].digest: must be an"},
        {"{" V1 "," PREDICATE ",\"subject\":[{\"digest\":{\"sha256\":1}}]}",
         "subject[0].digest[0]: must be a string"},
        {"{" V1 "," V1 "," PREDICATE ",\"subject\":[]}", "stands twice"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct statement it;
        struct error err = {.kind = ERROR_NONE};
        if (!failed(statement_parse(&test_arena, str_from(ROWS[i].text), &it, &err))) {
            fail_msg("read: %s", ROWS[i].text);
        }
        expect_error(&err, ERROR_INPUT, ROWS[i].says);
    }
}

/* A statement with so many subjects, the first of which has so many digests. */
static struct str with(size_t n, size_t n_digests)
{
    struct str *all = ARENA_ARRAY(&test_arena, struct str, n + n_digests + 2);
    size_t used = 0;
    all[used++] = STR("{" V1 "," PREDICATE ",\"subject\":[{\"digest\":{");
    for (size_t i = 0; i < n_digests; i++) {
        all[used++] = arena_printf(&test_arena, "%s\"a%zu\":\"\"", i == 0 ? "" : ",", i);
    }
    all[used++] = STR("}}");
    for (size_t i = 1; i < n; i++) {
        all[used++] = STR(",{}");
    }
    all[used++] = STR("]}");
    return arena_join(&test_arena, all, used);
}

static void limits(void **state)
{
    (void)state;
    struct error err;
    statement_auto it = {.n_subjects = 0};
    struct statement more;
    struct str text = with(LIMIT_STATEMENT_SUBJECTS, LIMIT_SUBJECT_DIGESTS);
    assert_false(failed(statement_parse(&test_arena, text, &it, &err)));
    assert_int_equal(it.n_subjects, LIMIT_STATEMENT_SUBJECTS);
    assert_int_equal(it.subjects[0].n_digests, LIMIT_SUBJECT_DIGESTS);
    text = with(LIMIT_STATEMENT_SUBJECTS + 1, 1);
    assert_true(failed(statement_parse(&test_arena, text, &more, &err)));
    expect_error(&err, ERROR_LIMIT, "subject: has more than 16384 items");
    text = with(1, LIMIT_SUBJECT_DIGESTS + 1);
    assert_true(failed(statement_parse(&test_arena, text, &more, &err)));
    expect_error(&err, ERROR_LIMIT, "subject[0].digest: has more than 32 items");
}

int statement_tests(void)
{
    const struct CMUnitTest tests[] = {TEST(parts), TEST(subjects), TEST(digests), TEST(refused),
                                       TEST(limits)};
    return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}
