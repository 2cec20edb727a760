#include "test.h"

#include "base/clock.h"
#include "sample.h"
#include "json/fields.h"

#define ROOM (LIMIT_POLICY_ARENA)

/* A document that was decoded, and what was wrong with it, printed. */
struct decoded {
    struct arena arena;
    struct json_stream stream;
    struct diagnostics list;
    struct sample sample;
    bool sound;
    struct buf printed;
};

static void decode(struct decoded *decoded, struct str text)
{
    *decoded = (struct decoded){0};
    arena_init(&decoded->arena, ROOM);
    diagnostics_init(&decoded->list, &decoded->arena);
    struct error err = {0};
    if (failed(yaml_parse(text, &decoded->stream, &err))) {
        fail_msg("%s", err.text);
    }
    struct json_doc *doc = &decoded->stream.docs[0];
    decoded->sound =
        fields_decode(&sample_fields, doc, doc->root, STR_EMPTY, &decoded->list, &decoded->sample);
    assert_int_equal(decoded->sound, decoded->list.errors == 0);
    diagnostics_sort(&decoded->list);
    buf_init(&decoded->printed, MIB);
    diagnostics_print(&decoded->list, &decoded->printed);
    /* What is decoded must not borrow from the document. */
    json_stream_done(&decoded->stream);
}

static void done(struct decoded *decoded)
{
    buf_done(&decoded->printed);
    arena_done(&decoded->arena);
}

static void expect_item(struct text text, const char *value, struct mark mark, const char *path)
{
    expect_text(path, text.text, value);
    expect_text(path, text.path, path);
    assert_int_equal(text.mark.line, mark.line);
    assert_int_equal(text.mark.column, mark.column);
}

static void everything(void **state)
{
    (void)state;
    struct decoded decoded;
    decode(&decoded, STR("kind: Sample\n"
                         "title: t\xc3\xa4tt\n"
                         "mode: audit\n"
                         "period: 1m30s\n"
                         "until: 1970-01-02T00:00:00Z\n"
                         "count: 9\n"
                         "anyCount: 18446744073709551615\n"
                         "enabled: yes\n"
                         "names: [a, \"!b\"]\n"
                         "words: [tag, digest]\n"
                         "labels: {k/x: v, l: \"\"}\n"
                         "inner: {name: in, weight: 10}\n"
                         "parts:\n"
                         "- name: p0\n"
                         "- {name: p1, weight: 3}\n"
                         "status: [anything, {at: all}]\n"));
    expect_text("errors", buf_str(&decoded.printed), "");
    const struct sample *sample = &decoded.sample;
    expect_item(sample->kind, "Sample", (struct mark){1, 1}, "kind");
    expect_item(sample->title, "t\xc3\xa4tt", (struct mark){2, 1}, "title");
    expect_item(sample->mode, "audit", (struct mark){3, 1}, "mode");
    assert_int_equal(sample->period, 90 * NS_PER_S);
    assert_int_equal(sample->until, 86400 * NS_PER_S);
    assert_true(sample->until_set && sample->count_set && sample->enabled_set);
    assert_int_equal(sample->count, 9);
    assert_int_equal(sample->any_count, UINT64_MAX);
    assert_true(sample->enabled);
    assert_true(sample->names.set);
    assert_int_equal(sample->names.n, 2);
    assert_int_equal(sample->names.mark.line, 9);
    expect_item(sample->names.items[1], "!b", (struct mark){9, 12}, "names[1]");
    assert_int_equal(sample->words.n, 2);
    assert_true(sample->labels.set);
    assert_int_equal(sample->labels.n, 2);
    expect_item(sample->labels.items[0].key, "k/x", (struct mark){11, 10}, "labels[\"k/x\"]");
    expect_item(sample->labels.items[0].value, "v", (struct mark){11, 10}, "labels[\"k/x\"]");
    expect_item(sample->labels.items[1].value, "", (struct mark){11, 18}, "labels.l");
    assert_true(sample->inner_set);
    expect_item(sample->inner.name, "in", (struct mark){12, 9}, "inner.name");
    assert_int_equal(sample->inner.weight, 10);
    assert_true(sample->parts.set);
    assert_int_equal(sample->parts.n, 2);
    const struct sample_inner *parts = sample->parts.items;
    expect_item(parts[1].name, "p1", (struct mark){15, 4}, "parts[1].name");
    assert_int_equal(parts[1].weight, 3);
    done(&decoded);
}

/* What is not there leaves zeroes. */
static void nothing(void **state)
{
    (void)state;
    struct decoded decoded;
    decode(&decoded, STR("kind: Sample"));
    assert_true(decoded.sound);
    struct sample zeroes = {.kind = decoded.sample.kind};
    assert_memory_equal(&decoded.sample, &zeroes, sizeof zeroes);
    done(&decoded);
    /* An empty list is not an absent one. */
    decode(&decoded, STR("kind: Sample\nwords: []\nlabels: {}\n"));
    assert_true(decoded.sound && decoded.sample.words.set && decoded.sample.labels.set);
    assert_int_equal(decoded.sample.words.n + decoded.sample.labels.n, 0);
    done(&decoded);
}

/* One member that is wrong, in a document that is sound otherwise: path and message. */
static void one_wrong(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        /* names */
        {"modus: warn", "modus: unknown field \"modus\" (did you mean \"mode\"?)"},
        {"Mode: warn", "Mode: unknown field \"Mode\" (did you mean \"mode\"?)"},
        {"somethingElse: 1", "somethingElse: unknown field \"somethingElse\""},
        {"a.b/c: 1", "[\"a.b/c\"]: unknown field \"a.b/c\""},
        {"\"\": 1", "[\"\"]: unknown field \"\""},
        {"inner: {name: x, wieght: 1}",
         "inner.wieght: unknown field \"wieght\" (did you mean \"weight\"?)"},
        {"signature: {a: b}", "signature: \"signature\" is not part of this version of pratique"},
        {"signature:", "signature: \"signature\" is not part of this version of pratique"},

        /* types */
        {"title: 1.10", "title: must be a string, found a number; quote it, as in \"1.10\""},
        {"title: yes", "title: must be a string, found true or false; quote it, as in \"yes\""},
        {"title: [a]", "title: must be a string, found a list"},
        {"title: {a: b}", "title: must be a string, found an object"},
        {"mode: 1", "mode: must be a string, found a number; quote it, as in \"1.10\""},
        {"names: \"*\"", "names: must be a list of strings, found a string; write [\"*\"]"},
        {"names: 'a\"b'", "names: must be a list of strings, found a string; write [\"a\\\"b\"]"},
        {"words: tag", "words: must be a list of strings, found a string; write [\"tag\"]"},
        {"names: {a: b}", "names: must be a list of strings, found an object"},
        {"names: 1", "names: must be a list of strings, found a number"},
        {"names: [a, 1, b]",
         "names[1]: must be a string, found a number; quote it, as in \"1.10\""},
        {"names: [[a]]", "names[0]: must be a string, found a list"},
        {"labels: [a]", "labels: must be an object whose values are strings, found a list"},
        {"labels: {a: 1}", "labels.a: must be a string, found a number; quote it, as in \"1.10\""},
        {"inner: x", "inner: must be an object, found a string"},
        {"inner: [{name: x}]", "inner: must be an object, found a list"},
        {"parts: {name: x}",
         "parts: must be a list of objects, found an object; begin each object with \"- \""},
        {"parts: x", "parts: must be a list of objects, found a string"},
        {"parts: [{name: x}, z]", "parts[1]: must be an object, found a string"},
        {"enabled: \"yes\"",
         "enabled: must be true or false, found a string; write it without quotes"},
        {"enabled: 1", "enabled: must be true or false, found a number"},
        {"count: \"3\"",
         "count: must be a whole number from 2 to 9, found a string; write it without quotes"},
        {"count: 2.5", "count: must be a whole number from 2 to 9, found a number with a fraction "
                       "or an exponent"},
        {"count: yes", "count: must be a whole number from 2 to 9, found true or false"},
        {"period: 10", "period: must be a duration such as \"10s\", found a number"},
        {"until: 2030",
         "until: must be a date and time such as \"2030-12-31T00:00:00Z\", found a number"},

        /* null is never a value */
        {"title:", "title: must be a string, found null; give it a value or leave it out"},
        {"mode: ~", "mode: must be a string, found null; give it a value or leave it out"},
        {"names: null",
         "names: must be a list of strings, found null; give it a value or leave it out"},
        {"names: [null]",
         "names[0]: must be a string, found null; give it a value or leave it out"},
        {"labels:", "labels: must be an object whose values are strings, found null; give it a "
                    "value or leave it out"},
        {"inner:", "inner: must be an object, found null; give it a value or leave it out"},
        {"parts:", "parts: must be a list of objects, found null; give it a value or leave it "
                   "out"},
        {"parts: [null]",
         "parts[0]: must be an object, found null; give it a value or leave it out"},
        {"count:", "count: must be a whole number from 2 to 9, found null; give it a value or "
                   "leave it out"},
        {"enabled:", "enabled: must be true or false, found null; give it a value or leave it out"},
        {"period:", "period: must be a duration such as \"10s\", found null; give it a value or "
                    "leave it out"},

        /* missing */
        {"inner: {}", "inner: \"name\" is required"},
        {"inner: {name: ~}", "inner: \"name\" is required, found null"},
        {"parts: [{name: x}, {weight: 1}]", "parts[1]: \"name\" is required"},

        /* values */
        {"mode: wran", "mode: must be one of \"enforce\", \"warn\", \"audit\", found \"wran\" (did "
                       "you mean \"warn\"?)"},
        {"mode: none", "mode: must be one of \"enforce\", \"warn\", \"audit\", found \"none\""},
        {"mode: \"\"", "mode: must be one of \"enforce\", \"warn\", \"audit\", found \"\""},
        {"words: [tag, tags]",
         "words[1]: must be one of \"digest\", \"tag\", found \"tags\" (did you mean \"tag\"?)"},
        {"title: a", "title: must have at least 2 bytes, has 1"},
        {"title: abcdef", "title: must have at most 5 bytes, has 6"},
        {"title: \xc3\xa4\xc3\xa4\xc3\xa4", "title: must have at most 5 bytes, has 6"},
        {"inner: {name: \"\"}", "inner.name: must not be empty"},
        {"names: []", "names: must not be empty"},
        {"names: [a, b, c, d]", "names: must have at most 3 items, has 4"},
        {"labels: {a: b, c: d, e: f}", "labels: must have at most 2 members, has 3"},
        {"parts: []", "parts: must have at least 1 items, has 0"},
        {"parts: [{name: a}, {name: b}, {name: c}, {name: d}]",
         "parts: must have at most 3 items, has 4"},
        {"count: 1", "count: must be a whole number from 2 to 9, found 1"},
        {"count: 10", "count: must be a whole number from 2 to 9, found 10"},
        {"count: -3", "count: must be a whole number from 2 to 9, found -3"},
        {"anyCount: -9223372036854775808",
         "anyCount: must be a whole number, 0 or more, found -9223372036854775808"},
        {"anyCount: 18446744073709551616", "anyCount: must be a whole number, 0 or more, found a "
                                           "number with a fraction or an exponent"},
        {"inner: {name: x, weight: 11}",
         "inner.weight: must be a whole number from 0 to 10, found 11"},
        {"period: 10 seconds", "period: \"10 seconds\" is not a duration; write one such as "
                               "\"10s\", \"1m30s\" or \"7d\""},
        {"period: \"\"", "period: \"\" is not a duration; write one such as \"10s\", \"1m30s\" or "
                         "\"7d\""},
        {"until: 2030-12-31", "until: \"2030-12-31\" is not a date and time; write one such as "
                              "2026-12-31T00:00:00Z"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        buf_auto text, wanted;
        buf_init(&text, MIB);
        buf_init(&wanted, MIB);
        buf_printf(&text, "kind: Sample\n%s\n", ROWS[i][0]);
        buf_printf(&wanted, " error: %s\n", ROWS[i][1]);
        buf_add_char(&wanted, '\0');
        struct decoded decoded;
        decode(&decoded, buf_str(&text));
        struct str place, message;
        str_cut(buf_str(&decoded.printed), ' ', &place, &message);
        expect_text(ROWS[i][0], message, wanted.p + 1);
        assert_true(str_starts(place, STR("2:")));
        done(&decoded);
    }
}

static void whole_documents(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"[]", "1:1: error: must be an object, found a list\n"},
        {"null", "1:1: error: must be an object, found null; give it a value or leave it out\n"},
        {"\n{}", "2:1: error: \"kind\" is required\n"},
        {"kind:", "1:1: error: \"kind\" is required, found null\n"},
        {"kind: Simple",
         "1:1: error: kind: must be \"Sample\", found \"Simple\" (did you mean \"Sample\"?)\n"},
        /* All of it at once, in the order of the text. */
        {"nmaes: [a]\n"
         "mode: no\n"
         "names: [1, a, [b], c]\n"
         "inner:\n"
         "  weight: -1\n"
         "parts:\n"
         "- {name: 1}\n"
         "- name: x\n"
         "  more: 2\n"
         "words: [tag, x, digest]\n"
         "labels: {a: b, c: [d]}\n",
         "1:1: error: nmaes: unknown field \"nmaes\" (did you mean \"names\"?)\n"
         "1:1: error: \"kind\" is required\n"
         "2:1: error: mode: must be a string, found true or false; quote it, as in \"yes\"\n"
         "3:1: error: names: must have at most 3 items, has 4\n"
         "4:1: error: inner: \"name\" is required\n"
         "5:3: error: inner.weight: must be a whole number from 0 to 10, found -1\n"
         "7:4: error: parts[0].name: must be a string, found a number; quote it, as in \"1.10\"\n"
         "9:3: error: parts[1].more: unknown field \"more\"\n"
         "10:14: error: words[1]: must be one of \"digest\", \"tag\", found \"x\"\n"
         "11:16: error: labels.c: must be a string, found a list\n"},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct decoded decoded;
        decode(&decoded, str_from(ROWS[i][0]));
        expect_text(ROWS[i][0], buf_str(&decoded.printed), ROWS[i][1]);
        done(&decoded);
    }
}

/* What is wrong leaves traces for further checks: it was there, and what of it could be read. */
static void traces(void **state)
{
    (void)state;
    struct decoded decoded;
    decode(&decoded, STR("kind: Sample\nnames: x\nwords: [tag, x, digest]\nlabels: 1\n"
                         "inner: 2\nuntil: soon\ncount: 1\nenabled: 3\n"
                         "parts: [1, {name: p1}, {name: [], weight: 4}]\n"));
    const struct sample *sample = &decoded.sample;
    assert_false(decoded.sound);
    assert_true(sample->names.set && sample->labels.set && sample->inner_set);
    assert_int_equal(sample->names.n + sample->labels.n, 0);
    assert_int_equal(sample->names.mark.line, 2);
    assert_int_equal(sample->words.n, 2);
    expect_item(sample->words.items[1], "digest", (struct mark){3, 17}, "words[2]");
    assert_true(sample->until_set && sample->count_set && sample->enabled_set);
    assert_int_equal(sample->until + (int64_t)sample->count + sample->enabled, 0);
    const struct sample_inner *parts = sample->parts.items;
    assert_int_equal(sample->parts.n, 3);
    assert_null(parts[0].name.text.p);
    expect_item(parts[1].name, "p1", (struct mark){9, 13}, "parts[1].name");
    assert_null(parts[2].name.text.p);
    assert_int_equal(parts[2].weight, 4);
    done(&decoded);
    decode(&decoded, STR("kind: Sample\nnames: [a, b, c, d]\n"
                         "parts: [{name: a}, {name: b}, {name: c}, {name: d}]\n"));
    assert_true(decoded.sample.names.set && decoded.sample.parts.set);
    assert_int_equal(decoded.sample.names.n + decoded.sample.parts.n, 0);
    done(&decoded);
}

/* A value inside of a document stands where its path says. */
static void inside(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    diagnostics_add(&list, DIAGNOSTIC_ERROR, (struct mark){0}, STR_EMPTY, STR_EMPTY, "before");
    json_doc_auto doc = {0};
    struct error err;
    struct str text = STR("{\"a\":{\"kind\":\"Sample\"},\"b\":{\"kind\":\"Sample\",\"x\":1}}");
    assert_false(failed(json_parse(text, JSON_WITH_MARKS, &doc, &err)));
    struct sample sample = {0};
    assert_true(
        fields_decode(&sample_fields, &doc, json_get(doc.root, "a"), STR("a"), &list, &sample));
    expect_text("a", sample.kind.path, "a.kind");
    sample = (struct sample){0};
    assert_false(
        fields_decode(&sample_fields, &doc, json_get(doc.root, "b"), STR("b"), &list, &sample));
    assert_int_equal(list.errors, 2);
    expect_text("b", list.items[1].path, "b.x");
    /* A member that is not there is no object. */
    sample = (struct sample){0};
    assert_false(
        fields_decode(&sample_fields, &doc, json_get(doc.root, "c"), STR("c"), &list, &sample));
    expect_text("c", list.items[2].message, "must be an object, found nothing");
}

static void long_values_are_cut(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, MIB);
    buf_add_cstr(&text, "kind: Sample\nnames: \"");
    for (size_t i = 0; i < 10000; i++) {
        buf_add_cstr(&text, "\xc3\xa4");
    }
    buf_add_cstr(&text, "\"\n? \"");
    for (size_t i = 0; i < 10000; i++) {
        buf_add_cstr(&text, "k");
    }
    buf_add_cstr(&text, "\"\n: 1\n");
    struct decoded decoded;
    decode(&decoded, buf_str(&text));
    assert_int_equal(decoded.list.errors, 2);
    assert_in_range(decoded.printed.n, 64, 512);
    done(&decoded);
}

/* Errors beyond the limit are counted and cost little. */
static void many_errors(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, 8 * MIB);
    buf_add_cstr(&text, "{\"kind\":\"Sample\"");
    for (size_t i = 0; i < 100000; i++) {
        buf_printf(&text, ",\"name%zu\":1", i);
    }
    buf_add_char(&text, '}');
    struct decoded decoded;
    decode(&decoded, buf_str(&text));
    assert_int_equal(decoded.list.errors, 100000);
    assert_int_equal(decoded.list.n, LIMIT_DIAGNOSTICS);
    done(&decoded);
}

static void list_limit(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t more = 0; more < 2; more++) {
        buf_clear(&text);
        buf_add_cstr(&text, "{\"kind\":\"Sample\",\"words\":[\"tag\"");
        for (size_t i = 1; i < LIMIT_LIST_ITEMS + more; i++) {
            buf_add_cstr(&text, ",\"tag\"");
        }
        buf_add_cstr(&text, "]}");
        struct decoded decoded;
        decode(&decoded, buf_str(&text));
        expect_text("words", buf_str(&decoded.printed),
                    more == 0 ? ""
                              : "1:18: error: words: must have at most 4096 items, has 4097\n");
        assert_int_equal(decoded.sample.words.n, more == 0 ? LIMIT_LIST_ITEMS : 0);
        done(&decoded);
    }
}

struct free_text {
    struct texts list;
};

static const struct field FREE_MEMBERS[] = {
    {.name = "list", .type = FIELD_TEXTS, .offset = offsetof(struct free_text, list), .doc = "-"},
};

static const struct fields FREE_FIELDS = {
    .name = "Free",
    .doc = "-",
    .size = sizeof(struct free_text),
    .members = FREE_MEMBERS,
    .n = COUNT(FREE_MEMBERS),
};

/* A long string that aliases repeat is copied each time, as far as the limit. */
static void repeated_text(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, 2 * MIB);
    for (size_t more = 0; more < 2; more++) {
        buf_clear(&text);
        buf_add_cstr(&text, "list:\n- &x \"");
        for (size_t i = 0; i < MIB; i++) {
            buf_add_char(&text, 'x');
        }
        buf_add_cstr(&text, "\"\n");
        for (size_t i = 1; i < LIMIT_JSON_MEMORY / MIB; i++) {
            buf_add_cstr(&text, "- *x\n");
        }
        buf_add_cstr(&text, more == 0 ? "" : "- z\n");
        arena_auto arena;
        arena_init(&arena, ROOM);
        struct diagnostics list;
        diagnostics_init(&list, &arena);
        json_stream_auto stream = {0};
        struct error err;
        assert_false(failed(yaml_parse(buf_str(&text), &stream, &err)));
        struct free_text free_text = {0};
        bool sound = fields_decode(&FREE_FIELDS, stream.docs, stream.docs->root, STR_EMPTY, &list,
                                   &free_text);
        assert_int_equal(sound, more == 0);
        assert_int_equal(free_text.list.n, LIMIT_JSON_MEMORY / MIB);
        if (!sound) {
            expect_text("repeated", list.items[0].message,
                        "the strings up to here, those that aliases repeat included, take more "
                        "than 80 MiB");
        }
    }
}

static void maxima(void **state)
{
    (void)state;
    static const struct {
        struct field field;
        uint64_t max;
    } ROWS[] = {
        {{.type = FIELD_TEXT}, UINT64_MAX},          {{.type = FIELD_SIZE}, UINT64_MAX},
        {{.type = FIELD_TEXT, .max = 3}, 3},         {{.type = FIELD_TEXTS}, LIMIT_LIST_ITEMS},
        {{.type = FIELD_OBJECTS}, LIMIT_LIST_ITEMS}, {{.type = FIELD_MAP}, LIMIT_LIST_ITEMS},
        {{.type = FIELD_MAP, .max = 5}, 5},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        assert_int_equal(fields_max(&ROWS[i].field), ROWS[i].max);
    }
}

int fields_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),
        cmocka_unit_test(nothing),
        cmocka_unit_test(one_wrong),
        cmocka_unit_test(whole_documents),
        cmocka_unit_test(traces),
        cmocka_unit_test(inside),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(many_errors),
        cmocka_unit_test(list_limit),
        cmocka_unit_test(repeated_text),
        cmocka_unit_test(maxima),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
