#include "test.h"
#include "json/yaml_build.h"

#define ROOM (4 * LIMIT_JSON_MEMORY)

static void add_times(struct buf *buf, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(buf, text);
    }
}

/* Fail unless both readers, or that of YAML alone, take the text, or refuse it with this error. */
static void expect_json(struct str text, const char *error)
{
    json_doc_auto doc = {0};
    struct error err = {0};
    bool refused = failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err));
    assert_int_equal(refused, error[0] != '\0');
    assert_int_equal(err.kind, refused ? ERROR_LIMIT : ERROR_NONE);
    assert_string_equal(err.text, error);
}

static void expect_yaml(struct str text, const char *error)
{
    json_stream_auto stream = {0};
    struct error err = {0};
    bool refused = failed(yaml_parse(text, &stream, &err));
    assert_string_equal(err.text, error);
    assert_int_equal(refused, error[0] != '\0');
    assert_int_equal(err.kind, refused ? ERROR_LIMIT : ERROR_NONE);
}

static void depth(void **state)
{
    (void)state;
    static const struct {
        const char *name, *before, *open, *inner, *close;
        const char *error; /* of one level too many */
    } ROWS[] = {
        {"lists", "", "[", "", "]", "line 1, column 129: nested deeper than 128 levels"},
        {"objects", "", "{\"a\":", "{}", "}", "line 1, column 641: nested deeper than 128 levels"},
        {"YAML lists", "--- ", "[", "", "]", "line 1, column 133: nested deeper than 128 levels"},
        {"YAML objects", "--- ", "{\"a\": ", "{}", "}",
         "line 1, column 773: nested deeper than 128 levels"},
        {"YAML blocks", "", "- ", "1", "", "line 1, column 257: nested deeper than 128 levels"},
    };
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        size_t n = ROWS[i].inner[0] == '{' ? LIMIT_JSON_DEPTH - 1 : LIMIT_JSON_DEPTH;
        for (size_t more = 0; more < 2; more++) {
            buf_clear(&text);
            buf_add_cstr(&text, ROWS[i].before);
            add_times(&text, ROWS[i].open, n + more);
            buf_add_cstr(&text, ROWS[i].inner);
            add_times(&text, ROWS[i].close, n + more);
            const char *error = more == 0 ? "" : ROWS[i].error;
            expect_yaml(buf_str(&text), error);
            if (text.p[0] == '[' || text.p[0] == '{') {
                expect_json(buf_str(&text), error);
            }
        }
    }
}

/* Depth that comes of an alias inside of other levels counts too. */
static void depth_of_aliases(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t more = 0; more < 2; more++) {
        buf_clear(&text);
        buf_add_cstr(&text, "a: &x ");
        add_times(&text, "[", 100);
        add_times(&text, "]", 100);
        buf_add_cstr(&text, "\nb: ");
        add_times(&text, "[", LIMIT_JSON_DEPTH - 101 + more);
        buf_add_cstr(&text, "*x");
        add_times(&text, "]", LIMIT_JSON_DEPTH - 101 + more);
        expect_yaml(buf_str(&text),
                    more == 0 ? "" : "line 1, column 106: nested deeper than 128 levels");
    }
}

/* Far too deep must not cost more than a little too deep. */
static void depth_of_bombs(void **state)
{
    (void)state;
    static const char *const OPENS[] = {"[", "{\"a\":", "--- [", "- ", "? ", "--- {a: "};
    buf_auto text;
    buf_init(&text, ROOM);
    for (size_t i = 0; i < COUNT(OPENS); i++) {
        buf_clear(&text);
        buf_add_cstr(&text, OPENS[i]);
        add_times(&text, strncmp(OPENS[i], "--- ", 4) == 0 ? OPENS[i] + 4 : OPENS[i], 100000);
        json_stream_auto stream = {0};
        struct error err;
        assert_true(failed(yaml_parse(buf_str(&text), &stream, &err)));
        json_doc_auto doc = {0};
        assert_true(failed(json_parse(buf_str(&text), JSON_WITH_MARKS, &doc, &err)));
    }
}

/* A list of zeros, which costs eight times its text. */
static void add_zeros(struct buf *buf, const char *before, size_t n)
{
    buf_clear(buf);
    buf_add_cstr(buf, before);
    buf_add_cstr(buf, "[0");
    add_times(buf, ",0", n - 1);
    buf_add_char(buf, ']');
}

/* Counts what yyjson takes from it. */
static void *counted_malloc(void *context, size_t size)
{
    *(size_t *)context += size;
    return malloc(size);
}

static void counted_free(void *context, void *block)
{
    (void)context;
    free(block);
}

/* What the parser takes for a lone string beside its text: its own affair, but little. */
static size_t parser_overhead(void)
{
    char text[] = "\"xx\"";
    size_t taken = 0;
    const yyjson_alc counting = {counted_malloc, NULL, counted_free, &taken};
    yyjson_doc *doc = yyjson_read_opts(text, strlen(text), 0, &counting, NULL);
    assert_non_null(doc);
    yyjson_doc_free(doc);
    return taken - strlen(text);
}

static void expect_long_string(char *text, size_t n, enum json_marks marks, bool taken)
{
    json_doc_auto doc = {0};
    struct error err = {0};
    text[n - 1] = '"';
    bool refused = failed(json_parse((struct str){text, n}, marks, &doc, &err));
    text[n - 1] = 'x';
    assert_int_equal(refused, !taken);
    assert_int_equal(err.kind, taken ? ERROR_NONE : ERROR_LIMIT);
    assert_string_equal(err.text, taken ? "" : "the document takes more than 80 MiB of memory");
}

static void memory(void **state)
{
    (void)state;
    size_t overhead = parser_overhead();
    assert_in_range(overhead, sizeof(yyjson_val), KIB / 2);
    size_t longest = LIMIT_JSON_MEMORY - overhead;
    char *text = malloc(LIMIT_JSON_MEMORY);
    assert_non_null(text);
    memset(text, 'x', LIMIT_JSON_MEMORY);
    text[0] = '"';
    expect_long_string(text, longest, JSON_WITHOUT_MARKS, true);
    expect_long_string(text, longest + 1, JSON_WITHOUT_MARKS, false);
    expect_long_string(text, longest - sizeof(struct mark), JSON_WITH_MARKS, true);
    expect_long_string(text, longest - sizeof(struct mark) + 1, JSON_WITH_MARKS, false);
    free(text);
}

/* Many values cost more than long ones. */
static void memory_of_values(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, ROOM);
    add_zeros(&text, "", LIMIT_JSON_MEMORY / sizeof(yyjson_val));
    expect_json(buf_str(&text), "the document takes more than 80 MiB of memory");
}

/* A list with one string of `n` bytes, laid down without libyaml, which takes seconds for so much.
 */
static status build_list(struct str text, struct json_doc *ret_doc, struct error *err)
{
    struct yaml_builder builder;
    const struct yaml_node list = {.mark = {1, 1}}, string = {.mark = {1, 3}, .text = text};
    bool empty = true;
    yaml_builder_init(&builder);
    bool refused = failed(yaml_begin(&builder, false, &list, err)) ||
                   failed(yaml_add_scalar(&builder, &string, err)) ||
                   failed(yaml_end(&builder, err)) ||
                   failed(yaml_finish(&builder, &empty, ret_doc, err));
    yaml_builder_done(&builder);
    return refused ? FAILED : OK;
}

static void yaml_memory(void **state)
{
    (void)state;
    /* A list, a string and its NUL, with what each value takes. */
    const size_t n = LIMIT_JSON_MEMORY - 2 * (sizeof(yyjson_val) + sizeof(struct mark)) - 1;
    char *text = malloc(n + 1);
    assert_non_null(text);
    memset(text, 'x', n + 1);
    json_doc_auto doc = {0};
    struct error err = {0};
    assert_false(failed(build_list((struct str){text, n}, &doc, &err)));
    assert_int_equal(yyjson_get_len(yyjson_arr_get_first(doc.root)), n);
    json_doc_done(&doc);
    assert_true(failed(build_list((struct str){text, n + 1}, &doc, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text,
                        "line 1, column 3: the document takes more than 80 MiB of memory");
    free(text);
}

/* A YAML document of `n` values, of which most come of an alias, as a list behind `before`. */
static void add_values(struct buf *buf, const char *before, size_t n)
{
    const size_t anchored = 1000;
    buf_clear(buf);
    buf_printf(buf, "%s\n- &x [", before);
    add_times(buf, "0, ", anchored - 1);
    buf_add_cstr(buf, "]\n");
    /* One for the outer list; what an anchor names is kept beside the document. */
    n -= 1 + 2 * anchored;
    add_times(buf, "- *x\n", n / anchored);
    add_times(buf, "- 0\n", n % anchored);
}

static void yaml_nodes(void **state)
{
    (void)state;
    static const char *const ROWS[][2] = {
        {"---", "line 2000, column 3: more than 2000000 values, those that aliases repeat "
                "included"},
        /* The documents of a stream share the budget. */
        {"--- [1, 2]\n---", "line 2997, column 3: more than 2000000 values, those that aliases "
                            "repeat included"},
    };
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        size_t n = i == 0 ? LIMIT_YAML_NODES : LIMIT_YAML_NODES - 3;
        add_values(&text, ROWS[i][0], n);
        expect_yaml(buf_str(&text), "");
        add_values(&text, ROWS[i][0], n + 1);
        expect_yaml(buf_str(&text), ROWS[i][1]);
    }
}

/* "Billion laughs", with and without merging. */
static void laughs(void **state)
{
    (void)state;
    buf_auto text;
    buf_init(&text, MIB);
    buf_add_cstr(&text, "a0: &a0 [ha]\n");
    for (size_t i = 1; i < 40; i++) {
        buf_printf(&text, "a%zu: &a%zu [*a%zu, *a%zu]\n", i, i, i - 1, i - 1);
    }
    expect_yaml(buf_str(&text), "line 19, column 18: more than 2000000 values, those that aliases "
                                "repeat included");
    buf_clear(&text);
    buf_add_cstr(&text, "a0: &a0 {k: v}\n");
    for (size_t i = 1; i < 4000; i++) {
        buf_printf(&text, "a%zu: &a%zu {<<: *a%zu, k%zu: v}\n", i, i, i - 1, i);
    }
    json_stream_auto stream = {0};
    struct error err = {0};
    assert_true(failed(yaml_parse(buf_str(&text), &stream, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void documents(void **state)
{
    (void)state;
    static const struct {
        const char *document, *error;
    } ROWS[] = {
        {"--- a\n", "line 50001, column 5: more than 50000 documents"},
        {"[]\n", "line 50001, column 1: more than 50000 documents"},
    };
    buf_auto text;
    buf_init(&text, MIB);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        buf_clear(&text);
        add_times(&text, ROWS[i].document, LIMIT_POLICIES + 1);
        expect_yaml(buf_str(&text), ROWS[i].error);
    }
    text.n -= strlen("[]\n");
    expect_yaml(buf_str(&text), "");
}

/* Texts that make a careless reader take time by the square of their length: seconds here would be
 * hours there. */
static void hostile_objects(void **state)
{
    (void)state;
    static const char *const BEFORE[] = {"", "--- "};
    buf_auto text;
    buf_init(&text, ROOM);
    for (size_t i = 0; i < COUNT(BEFORE); i++) {
        buf_clear(&text);
        buf_add_cstr(&text, BEFORE[i]);
        for (size_t k = 0; k < 60000; k++) {
            buf_printf(&text, "%c\"key%zu\":0", k == 0 ? '{' : ',', k);
        }
        buf_add_char(&text, '}');
        expect_yaml(buf_str(&text), "");
        /* And once more with the last key standing twice. */
        text.n--;
        buf_add_cstr(&text, ",\"key59999\":0}");
        json_stream_auto stream = {0};
        struct error err = {0};
        assert_true(failed(yaml_parse(buf_str(&text), &stream, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
    }
}

int limit_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth),
        cmocka_unit_test(depth_of_aliases),
        cmocka_unit_test(depth_of_bombs),
        cmocka_unit_test(memory),
        cmocka_unit_test(memory_of_values),
        cmocka_unit_test(yaml_memory),
        cmocka_unit_test(yaml_nodes),
        cmocka_unit_test(laughs),
        cmocka_unit_test(documents),
        cmocka_unit_test(hostile_objects),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
