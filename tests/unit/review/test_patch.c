#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "review/patch.h"

/* Set one value at a pointer. */
static const struct {
    const char *object, *pointer, *value;
    const char *patch;   /* NULL: an error */
    const char *failure; /* NULL: none */
} SETS[] = {
    {"{'a':'x'}", "/a", "y",
     "[{'op':'test','path':'/a','value':'x'},{'op':'replace','path':'/a','value':'y'}]", NULL},
    {"{'a':'x'}", "/a", "x", "[]", NULL},
    {"{'a':''}", "/a", "", "[]", NULL},
    {"{'a':''}", "/a", "y",
     "[{'op':'test','path':'/a','value':''},{'op':'replace','path':'/a','value':'y'}]", NULL},
    {"{'a':'x'}", "/a", "",
     "[{'op':'test','path':'/a','value':'x'},{'op':'replace','path':'/a','value':''}]", NULL},
    {"{'l':[{'i':'x'},{'i':'y'}]}", "/l/1/i", "z",
     "[{'op':'test','path':'/l/1/i','value':'y'},{'op':'replace','path':'/l/1/i','value':'z'}]",
     NULL},
    {"{'l':['x']}", "/l/0", "z",
     "[{'op':'test','path':'/l/0','value':'x'},{'op':'replace','path':'/l/0','value':'z'}]", NULL},
    {"{'l':[null]}", "/l/0/k", "z",
     "[{'op':'test','path':'/l/0','value':null},{'op':'replace','path':'/l/0','value':{}},"
     "{'op':'add','path':'/l/0/k','value':'z'}]",
     NULL},
    /* null is replaced, and tested for */
    {"{'a':null}", "/a", "y",
     "[{'op':'test','path':'/a','value':null},{'op':'replace','path':'/a','value':'y'}]", NULL},
    {"{'a':null}", "/a/b", "y",
     "[{'op':'test','path':'/a','value':null},{'op':'replace','path':'/a','value':{}},"
     "{'op':'add','path':'/a/b','value':'y'}]",
     NULL},
    /* what is missing is added, with its parents */
    {"{}", "/a", "y", "[{'op':'add','path':'/a','value':'y'}]", NULL},
    {"{}", "/a/b/c", "y",
     "[{'op':'add','path':'/a','value':{}},{'op':'add','path':'/a/b','value':{}},"
     "{'op':'add','path':'/a/b/c','value':'y'}]",
     NULL},
    {"{'metadata':{}}", "/metadata/annotations/x.io~1y", "v",
     "[{'op':'add','path':'/metadata/annotations','value':{}},"
     "{'op':'add','path':'/metadata/annotations/x.io~1y','value':'v'}]",
     NULL},
    /* a missing member is an object's: what looks like an index is a key there */
    {"{}", "/a/0", "y",
     "[{'op':'add','path':'/a','value':{}},{'op':'add','path':'/a/0','value':'y'}]", NULL},
    {"{'0':'x'}", "/0", "y",
     "[{'op':'test','path':'/0','value':'x'},{'op':'replace','path':'/0','value':'y'}]", NULL},
    /* keys with what RFC 6901 escapes, and empty ones */
    {"{'a/b':{'c~d':'x'}}", "/a~1b/c~0d", "y",
     "[{'op':'test','path':'/a~1b/c~0d','value':'x'},{'op':'replace','path':'/a~1b/"
     "c~0d','value':'y'}]",
     NULL},
    {"{'~1':'x'}", "/~01", "y",
     "[{'op':'test','path':'/~01','value':'x'},{'op':'replace','path':'/~01','value':'y'}]", NULL},
    {"{'':{'':'x'}}", "//", "y",
     "[{'op':'test','path':'//','value':'x'},{'op':'replace','path':'//','value':'y'}]", NULL},
    /* values are JSON strings */
    {"{'a':'x'}", "/a", "\"\\\n\xc3\xa9",
     "[{'op':'test','path':'/a','value':'x'},"
     "{'op':'replace','path':'/a','value':'\\\"\\\\\\n\xc3\xa9'}]",
     NULL},
    /* errors */
    {"{'a':'x'}", "", "y", NULL, "\"\" is no JSON pointer"},
    {"{'a':'x'}", "a", "y", NULL, "\"a\" is no JSON pointer"},
    {"{'a':'x'}", "/a~", "y", NULL, "`~` must be followed by 0 or 1"},
    {"{'a':'x'}", "/a~2", "y", NULL, "`~` must be followed by 0 or 1"},
    {"{'a':'x'}", "/a/b", "y", NULL, "the parent of \"b\" must be an object, found a string"},
    {"{'a':7}", "/a/b", "y", NULL, "must be an object, found a number"},
    {"{'a':[]}", "/a/0", "y", NULL, "the list has no item \"0\""},
    {"{'a':['x']}", "/a/1", "y", NULL, "the list has no item \"1\""},
    {"{'a':['x']}", "/a/-", "y", NULL, "the list has no item \"-\""},
    {"{'a':['x']}", "/a/00", "y", NULL, "the list has no item \"00\""},
    {"{'a':['x']}", "/a/+0", "y", NULL, "the list has no item \"+0\""},
    {"{'a':['x']}", "/a/18446744073709551616", "y", NULL, "the list has no item"},
    {"{'a':['x']}", "/a/b", "y", NULL, "the list has no item \"b\""},
    {"{'a':{}}", "/a", "y", NULL, "\"/a\" holds something other than a string"},
    {"{'a':[]}", "/a", "y", NULL, "\"/a\" holds something other than a string"},
    {"{'a':true}", "/a", "y", NULL, "\"/a\" holds something other than a string"},
    {"{'a':7}", "/a", "y", NULL, "\"/a\" holds something other than a string"},
    {"'text'", "/a", "y", NULL, "must be an object, found a string"},
};

/* Apply the patch as any RFC 6902 library would, and check that nothing but the place changed. */
static void check_effect(struct decoded *d, struct str text, struct str pointer, struct str value)
{
    yyjson_doc *patch = yyjson_read(text.p, text.n, 0);
    yyjson_mut_doc *after = yyjson_doc_mut_copy(d->doc.tree, NULL);
    assert_true(patch != NULL && after != NULL);
    assert_true(oracle_apply(after, yyjson_doc_get_root(patch)));
    yyjson_mut_val *now = yyjson_mut_doc_ptr_getn(after, pointer.p, pointer.n);
    assert_true(yyjson_mut_is_str(now));
    assert_true(str_eq((struct str){yyjson_mut_get_str(now), yyjson_mut_get_len(now)}, value));
    /* set what was there before, or nothing: all else must be as it was */
    yyjson_val *old = yyjson_ptr_getn(d->doc.root, pointer.p, pointer.n);
    if (old != NULL) {
        assert_non_null(yyjson_mut_doc_ptr_replacen(after, pointer.p, pointer.n,
                                                    yyjson_val_mut_copy(after, old)));
        yyjson_mut_doc *before = yyjson_doc_mut_copy(d->doc.tree, NULL);
        assert_true(
            yyjson_mut_equals(yyjson_mut_doc_get_root(before), yyjson_mut_doc_get_root(after)));
        yyjson_mut_doc_free(before);
    }
    yyjson_mut_doc_free(after);
    yyjson_doc_free(patch);
}

static void sets(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(SETS); i++) {
        decoded_auto d;
        decoded_start(&d, str_from(json(SETS[i].object)));
        struct patch patch;
        patch_init(&patch, &d.arena, 4096);
        struct str pointer = str_from(SETS[i].pointer), value = str_from(SETS[i].value), text;
        bool fails = failed(patch_set_pointer(&patch, d.doc.root, pointer, value, &d.err));
        assert_false(failed(patch_text(&patch, &text, &(struct error){0})));
        const char *wanted = SETS[i].patch == NULL ? "[]" : json(SETS[i].patch);
        bool right =
            fails == (SETS[i].failure != NULL) && str_eq(text, str_from(wanted)) &&
            (!fails || (d.err.kind == ERROR_INPUT && strstr(d.err.text, SETS[i].failure) != NULL));
        if (!right) {
            fail_msg("%s %s: \"%s\" %.*s", SETS[i].object, SETS[i].pointer, d.err.text,
                     STR_ARG(text));
        }
        if (!fails) {
            check_effect(&d, text, pointer, value);
        }
        patch_done(&patch);
    }
}

/* Several settings in one patch know of each other. */
static const struct {
    const char *object;
    const char *sets[4][2]; /* pointer, value */
    const char *patch;
    const char *failure; /* of the last one; NULL: none */
} SEQUENCES[] = {
    {"{}",
     {{"/a/b", "x"}, {"/a/c", "y"}},
     "[{'op':'add','path':'/a','value':{}},{'op':'add','path':'/a/b','value':'x'},"
     "{'op':'add','path':'/a/c','value':'y'}]",
     NULL},
    {"{'a':null}",
     {{"/a/b", "x"}, {"/a/c/d", "y"}},
     "[{'op':'test','path':'/a','value':null},{'op':'replace','path':'/a','value':{}},"
     "{'op':'add','path':'/a/b','value':'x'},{'op':'add','path':'/a/c','value':{}},"
     "{'op':'add','path':'/a/c/d','value':'y'}]",
     NULL},
    /* the same place again: nothing if it is so already, else from what it is by now */
    {"{'a':'x'}",
     {{"/a", "y"}, {"/a", "y"}},
     "[{'op':'test','path':'/a','value':'x'},{'op':'replace','path':'/a','value':'y'}]",
     NULL},
    {"{'a':'x'}",
     {{"/a", "y"}, {"/a", "z"}},
     "[{'op':'test','path':'/a','value':'x'},{'op':'replace','path':'/a','value':'y'},"
     "{'op':'test','path':'/a','value':'y'},{'op':'replace','path':'/a','value':'z'}]",
     NULL},
    {"{}",
     {{"/a", "y"}, {"/a", "z"}, {"/a", "z"}},
     "[{'op':'add','path':'/a','value':'y'},{'op':'test','path':'/a','value':'y'},"
     "{'op':'replace','path':'/a','value':'z'}]",
     NULL},
    {"{'a':'x'}", {{"/a", "x"}, {"/b", "y"}}, "[{'op':'add','path':'/b','value':'y'}]", NULL},
    /* contradictions */
    {"{}",
     {{"/a", "x"}, {"/a/b", "y"}},
     "[{'op':'add','path':'/a','value':'x'}]",
     "\"/a\" was set to a string and cannot hold others"},
    {"{'a':null}",
     {{"/a", "x"}, {"/a/b/c", "y"}},
     "[{'op':'test','path':'/a','value':null},{'op':'replace','path':'/a','value':'x'}]",
     "\"/a\" was set to a string"},
    {"{}",
     {{"/a/b", "x"}, {"/a", "y"}},
     "[{'op':'add','path':'/a','value':{}},{'op':'add','path':'/a/b','value':'x'}]",
     "\"/a\" holds something other than a string"},
    /* a failure leaves what came before */
    {"{'a':'x','l':[]}",
     {{"/a", "y"}, {"/l/0/n", "z"}},
     "[{'op':'test','path':'/a','value':'x'},{'op':'replace','path':'/a','value':'y'}]",
     "the list has no item"},
};

static void sequences(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(SEQUENCES); i++) {
        decoded_auto d;
        decoded_start(&d, str_from(json(SEQUENCES[i].object)));
        struct patch patch;
        patch_init(&patch, &d.arena, 4096);
        bool fails = false;
        for (size_t j = 0; j < 4 && SEQUENCES[i].sets[j][0] != NULL; j++) {
            assert_false(fails);
            fails = failed(patch_set_pointer(&patch, d.doc.root, str_from(SEQUENCES[i].sets[j][0]),
                                             str_from(SEQUENCES[i].sets[j][1]), &d.err));
        }
        struct str text;
        assert_false(failed(patch_text(&patch, &text, &(struct error){0})));
        if (fails != (SEQUENCES[i].failure != NULL) ||
            (fails && strstr(d.err.text, SEQUENCES[i].failure) == NULL) ||
            !str_eq(text, str_from(json(SEQUENCES[i].patch)))) {
            fail_msg("%zu: \"%s\" %.*s", i, d.err.text, STR_ARG(text));
        }
        patch_done(&patch);
    }
}

/* A patch made for one object does not apply to another. */
static void guarded(void **state)
{
    (void)state;
    decoded_auto d;
    decoded_start(&d, str_from(json("{'a':'x','n':null}")));
    struct patch patch;
    patch_init(&patch, &d.arena, 4096);
    struct str text;
    assert_false(failed(patch_set_pointer(&patch, d.doc.root, STR("/a"), STR("y"), &d.err)));
    assert_false(failed(patch_set_pointer(&patch, d.doc.root, STR("/n/m"), STR("y"), &d.err)));
    assert_false(failed(patch_text(&patch, &text, &d.err)));
    yyjson_doc *operations = yyjson_read(text.p, text.n, 0);
    static const char *const OTHERS[] = {"{'a':'z','n':null}", "{'n':null}", "{'a':'x','n':'m'}",
                                         "{'a':'x'}", "{'a':'x','n':{'m':'q'}}"};
    for (size_t i = 0; i < N(OTHERS); i++) {
        const char *other = json(OTHERS[i]);
        yyjson_doc *doc = yyjson_read(other, strlen(other), 0);
        yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);
        assert_false(oracle_apply(copy, yyjson_doc_get_root(operations)));
        yyjson_mut_doc_free(copy);
        yyjson_doc_free(doc);
    }
    yyjson_doc_free(operations);
    patch_done(&patch);
}

static void limits(void **state)
{
    (void)state;
    struct str keys[LIMIT_JSON_DEPTH + 1];
    for (size_t i = 0; i < N(keys); i++) {
        keys[i] = STR("k");
    }
    char pointer[2 * N(keys)];
    for (size_t i = 0; i < N(keys); i++) {
        memcpy(pointer + 2 * i, "/k", 2);
    }
    for (size_t more = 0; more <= 1; more++) {
        decoded_auto d;
        decoded_start(&d, STR("{}"));
        struct patch patch;
        patch_init(&patch, &d.arena, 1 << 20);
        struct str p = {pointer, 2 * (LIMIT_JSON_DEPTH + more)};
        assert_int_equal(
            failed(patch_set(&patch, d.doc.root, keys, LIMIT_JSON_DEPTH + more, STR("v"), &d.err)),
            more);
        assert_int_equal(failed(patch_set_pointer(&patch, d.doc.root, p, STR("v"), &d.err)), more);
        assert_int_equal(d.err.kind, more == 0 ? ERROR_NONE : ERROR_INPUT);
        patch_done(&patch);
    }
    static const char ONE[] = "{\"op\":\"add\",\"path\":\"/a\",\"value\":\"v\"}";
    for (size_t less = 0; less <= 1; less++) {
        decoded_auto d;
        decoded_start(&d, STR("{}"));
        struct patch patch;
        patch_init(&patch, &d.arena, strlen(ONE) - less);
        assert_false(failed(patch_set_pointer(&patch, d.doc.root, STR("/a"), STR("v"), &d.err)));
        struct str text;
        assert_int_equal(failed(patch_text(&patch, &text, &d.err)), less);
        assert_int_equal(d.err.kind, less == 0 ? ERROR_NONE : ERROR_LIMIT);
        patch_done(&patch);
    }
    decoded_auto d;
    decoded_start(&d, STR("{}"));
    struct patch patch;
    patch_init(&patch, &d.arena, 100);
    assert_true(failed(patch_set(&patch, d.doc.root, keys, 0, STR("v"), &d.err)));
    patch_done(&patch);
}

/* As many images as a review may have, each as deep as its path may be long, take little of the
 * arena that they share with the rest of the review. */
static void deep_places(void **state)
{
    (void)state;
    enum { KEYS = LIMIT_JSON_DEPTH - 2 };
    buf_auto object;
    buf_init(&object, 1 << 20);
    struct str keys[KEYS + 1];
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = STR("~~~");
        buf_add_cstr(&object, "{\"~~~\":");
    }
    for (size_t i = 0; i < LIMIT_IMAGES_PER_REVIEW; i++) {
        buf_printf(&object, "%s\"a:%zu\"", i == 0 ? "[" : ",", i);
    }
    buf_add_char(&object, ']');
    for (size_t i = 0; i < KEYS; i++) {
        buf_add_char(&object, '}');
    }
    decoded_auto d;
    decoded_start(&d, buf_str(&object));
    struct patch patch;
    patch_init(&patch, &d.arena, 4u << 20);
    size_t before = d.arena.used;
    for (size_t i = 0; i < LIMIT_IMAGES_PER_REVIEW; i++) {
        char index[16];
        int n = snprintf(index, sizeof index, "%zu", i);
        keys[KEYS] = (struct str){index, (size_t)n};
        assert_false(failed(patch_set(&patch, d.doc.root, keys, N(keys), STR("b"), &d.err)));
    }
    struct str text;
    assert_false(failed(patch_text(&patch, &text, &d.err)));
    assert_true(d.arena.used - before < LIMIT_REVIEW_ARENA / 4);
    patch_done(&patch);
}

int patch_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(sets),        cmocka_unit_test(sequences), cmocka_unit_test(guarded),
        cmocka_unit_test(deep_places), cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests_name("patch", TESTS, NULL, NULL);
}
