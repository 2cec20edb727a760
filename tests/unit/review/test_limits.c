#include "test.h"

#include <stdlib.h>
#include <string.h>

/* Each limit that decoding holds, at n and n + 1. */

static void fill(struct buf *buf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_add_char(buf, 'a');
    }
}

/* Decode `before`, n letters, `after` as a request. */
static void decode_long(struct decoded *d, const char *before, size_t n, const char *after)
{
    buf_auto text;
    buf_init(&text, 1 << 20);
    buf_add_cstr(&text, json(before));
    fill(&text, n);
    buf_add_cstr(&text, json(after));
    buf_add_char(&text, '\0');
    decode_request(d, text.p);
}

static const struct {
    const char *before, *after;
    size_t limit;
    const char *failure; /* the request as a whole fails */
    const char *problem;
} TEXTS[] = {
    {"{'uid':'", "','operation':'DELETE'}", LIMIT_NAME, "request.uid is longer than 1024 bytes",
     NULL},
    {"{'uid':'u','operation':'CREATE','kind':{'kind':'X'},'object':{},'name':'", "'}", LIMIT_NAME,
     NULL, "request.name is longer than 1024 bytes"},
    {"{'uid':'u','operation':'CREATE','kind':{'kind':'X'},'object':{},'namespace':'", "'}",
     LIMIT_NAME, NULL, "request.namespace is longer"},
    {"{'uid':'u','operation':'CREATE','kind':{'kind':'X'},'object':{},'subResource':'", "'}",
     LIMIT_NAME, NULL, "request.subResource is longer"},
    {"{'uid':'u','operation':'CREATE','object':{},'kind':{'kind':'", "'}}", LIMIT_NAME, NULL,
     "request.kind.kind is longer"},
    {"{'uid':'u','operation':'CREATE','object':{},'kind':{'kind':'X','group':'", "'}}", LIMIT_NAME,
     NULL, "request.kind.group is longer"},
    {"{'uid':'u','operation':'CREATE','object':{},'kind':{'kind':'X'},'userInfo':{'username':'",
     "'}}", LIMIT_NAME, NULL, "request.userInfo.username is longer"},
    {"{'uid':'u','operation':'CREATE','kind':{'kind':'X'},'object':{'metadata':{'name':'", "'}}}",
     LIMIT_NAME, NULL, "metadata.name is longer"},
    {"{'uid':'u','operation':'CREATE','kind':{'group':'','kind':'Pod'},"
     "'object':{'spec':{'containers':[{'image':'a','name':'",
     "'}]}}}", LIMIT_NAME, NULL, "spec.containers[0].name is longer"},
    {"{'uid':'u','operation':'CREATE','kind':{'group':'','kind':'Pod'},"
     "'object':{'spec':{'containers':[{'image':'",
     "'}]}}}", LIMIT_IMAGE_TEXT, NULL, "spec.containers[0].image is longer than 1024 bytes"},
    {"{'uid':'u','operation':'CREATE','kind':{'group':'','kind':'Pod'},"
     "'object':{'spec':{'containers':[],'volumes':[{'image':{'reference':'",
     "'}}]}}}", LIMIT_IMAGE_TEXT, NULL, "spec.volumes[0].image.reference is longer"},
    {"{'uid':'u','operation':'CREATE','kind':{'kind':'X'},'object':{'",
     "':{'containers':[{'image':'a'}]}}}", LIMIT_FIELD_PATH - sizeof ".containers[0].image" + 1,
     NULL, "field path longer than 512 bytes, which begins with \"aaaa"},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(TEXTS); i++) {
        for (size_t more = 0; more <= 1; more++) {
            decoded_auto d;
            decode_long(&d, TEXTS[i].before, TEXTS[i].limit + more, TEXTS[i].after);
            bool fails = more == 1 && TEXTS[i].failure != NULL;
            bool denied = more == 1 && TEXTS[i].problem != NULL;
            if (d.failed != fails || (d.review.problem.n > 0) != denied ||
                (fails && strstr(d.err.text, TEXTS[i].failure) == NULL) ||
                (denied && strstr(d.review.problem.p, TEXTS[i].problem) == NULL)) {
                fail_msg("%s + %zu: \"%s\" \"%.*s\"", TEXTS[i].before, more, d.err.text,
                         STR_ARG(d.review.problem));
            }
            describe_images(&d);
        }
    }
}

static void add_containers(struct buf *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(text, "%s{\"name\":\"c%zu\",\"image\":\"a:%zu\"}", i == 0 ? "" : ",", i, i);
    }
}

static void images(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        buf_auto text;
        buf_init(&text, 1 << 20);
        buf_add_cstr(&text, "{\"uid\":\"u\",\"operation\":\"UPDATE\",\"kind\":{\"group\":\"\","
                            "\"kind\":\"Pod\"},\"object\":{\"spec\":{\"containers\":[");
        add_containers(&text, LIMIT_IMAGES_PER_REVIEW - 1);
        buf_add_cstr(&text, "],\"initContainers\":[");
        add_containers(&text, 1 + more);
        buf_add_cstr(&text, "]}},\"oldObject\":{\"spec\":{\"containers\":[");
        add_containers(&text, LIMIT_IMAGES_PER_REVIEW);
        buf_add_cstr(&text, "]}}}");
        buf_add_char(&text, '\0');
        decoded_auto d;
        decode_request(&d, text.p);
        assert_false(d.failed);
        assert_int_equal(d.review.n_images, LIMIT_IMAGES_PER_REVIEW);
        assert_true(str_eq(d.review.problem,
                           more == 0 ? STR("") : STR("the object has more than 512 images")));
        for (size_t i = 0; i < d.review.n_images; i++) {
            assert_int_equal(d.review.images[i].unchanged, i < LIMIT_IMAGES_PER_REVIEW - 1);
        }
        assert_true(d.arena.used < LIMIT_REVIEW_ARENA);
    }
}

/* Images at paths that are too long count too: time is bounded by what is looked at, not only by
 * what is kept. */
static void unplaced_images(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        buf_auto text;
        buf_init(&text, 1 << 20);
        buf_add_cstr(&text, "{\"uid\":\"u\",\"operation\":\"CREATE\",\"kind\":{\"kind\":\"X\"},"
                            "\"object\":{\"");
        fill(&text, LIMIT_FIELD_PATH);
        buf_add_cstr(&text, "\":{\"containers\":[");
        add_containers(&text, LIMIT_IMAGES_PER_REVIEW - 1 + more);
        buf_add_cstr(&text, "]},\"b\":{\"containers\":[{\"image\":\"last\"}]}}}");
        buf_add_char(&text, '\0');
        decoded_auto d;
        decode_request(&d, text.p);
        assert_non_null(strstr(d.review.problem.p, "a field path longer than 512 bytes"));
        assert_string_equal(describe_images(&d), more == 0 ? "c.@b.containers[0].image=last" : "");
    }
}

/* The most that a review can make of the arena: the longest paths, in both objects. */
static void arena_suffices(void **state)
{
    (void)state;
    buf_auto spec;
    buf_init(&spec, 1 << 20);
    buf_add_cstr(&spec, "{\"");
    for (size_t i = 0; i < LIMIT_FIELD_PATH - 24; i++) {
        buf_add_char(&spec, '~');
    }
    buf_add_cstr(&spec, "\":{\"containers\":[");
    add_containers(&spec, LIMIT_IMAGES_PER_REVIEW);
    buf_add_cstr(&spec, "]}}");
    buf_auto text;
    buf_init(&text, 4 << 20);
    buf_printf(&text,
               "{\"uid\":\"u\",\"operation\":\"UPDATE\",\"kind\":{\"group\":\"x\",\"kind\":\"X\"},"
               "\"object\":%.*s,\"oldObject\":%.*s}",
               STR_ARG(buf_str(&spec)), STR_ARG(buf_str(&spec)));
    buf_add_char(&text, '\0');
    decoded_auto d;
    decode_request(&d, text.p);
    assert_true(str_eq(d.review.problem, STR("")));
    assert_int_equal(d.review.n_images, LIMIT_IMAGES_PER_REVIEW);
    assert_true(d.review.images[511].unchanged);
    assert_true(d.arena.used < LIMIT_REVIEW_ARENA / 2);
}

/* The parser refuses deeper documents; the search does not rely on it. */
static void depth(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        size_t n = LIMIT_JSON_DEPTH - 1 + more; /* and the root */
        char text[4 * LIMIT_JSON_DEPTH];
        char *p = text;
        p += snprintf(p, 64, "{\"apiVersion\":\"v1\",\"kind\":\"X\",\"a\":");
        memset(p, '[', n);
        memset(p + n, ']', n);
        p[2 * n] = '}';
        yyjson_doc *doc = yyjson_read(text, (size_t)(p - text) + 2 * n + 1, 0);
        assert_non_null(doc);
        decoded_auto d;
        decoded_start(&d, STR("{}"));
        assert_false(failed(review_from_manifest(&d.arena, d.kinds, yyjson_doc_get_root(doc),
                                                 STR_EMPTY, &d.review, &d.err)));
        assert_true(str_eq(d.review.problem,
                           more == 0 ? STR("") : STR("the object nests deeper than 128 levels")));
        yyjson_doc_free(doc);
    }
}

static void items(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        buf_auto text;
        buf_init(&text, 1 << 20);
        buf_add_cstr(&text, "{\"kind\":\"List\",\"items\":[");
        for (size_t i = 0; i < LIMIT_MANIFEST_FILES + more; i++) {
            buf_add_cstr(&text, i == 0 ? "{}" : ",{}");
        }
        buf_add_cstr(&text, "]}");
        decoded_auto d;
        decoded_start(&d, buf_str(&text));
        yyjson_val **list;
        size_t n = 0;
        bool fails = failed(review_items(&d.arena, d.doc.root, &list, &n, &d.err));
        assert_int_equal(fails, more);
        assert_int_equal(n, more == 0 ? LIMIT_MANIFEST_FILES : 0);
        assert_int_equal(d.err.kind, more == 0 ? ERROR_NONE : ERROR_LIMIT);
    }
}

static void kind_paths(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        buf_auto text;
        buf_init(&text, LIMIT_FIELD_PATH + 1);
        fill(&text, LIMIT_FIELD_PATH + more);
        struct kind_path path = {buf_str(&text), true};
        struct kind_entry entry = {STR("example.com"), STR("Thing"), &path, 1, false};
        decoded_auto d;
        decoded_start(&d, STR("{}"));
        bool fails = failed(kinds_build(&d.arena, &entry, 1, NULL, 0, &d.kinds, &d.err));
        assert_int_equal(fails, more);
        assert_true(!fails || strstr(d.err.text, "a path is longer than 512 bytes") != NULL);
    }
}

int limits_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(texts),           cmocka_unit_test(images),
        cmocka_unit_test(unplaced_images), cmocka_unit_test(arena_suffices),
        cmocka_unit_test(depth),           cmocka_unit_test(items),
        cmocka_unit_test(kind_paths),
    };
    return cmocka_run_group_tests_name("limits", TESTS, NULL, NULL);
}
