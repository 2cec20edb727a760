/* Documents and lines of a stream. */
#include "cli/documents.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/lines.h"
#include "test.h"

static FILE *stream_of(struct str text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
    rewind(file);
    return file;
}

/* All documents of `text` as "LINE:DOCUMENT|", errors as "KIND!|". */
static void read_all(FILE *file, struct buf *out)
{
    documents_auto documents;
    documents_init(&documents, file, "test");
    for (bool more = true; more;) {
        struct str document;
        uint64_t line;
        struct error err;
        if (failed(documents_next(&documents, &document, &line, &more, &err))) {
            buf_printf(out, "%s!|", error_kind_info(err.kind)->label);
            more = err.kind != ERROR_INTERNAL;
        } else if (more) {
            buf_printf(out, "%u:%.*s|", (unsigned)line, STR_ARG(document));
        }
    }
}

static void borders(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } CASES[] = {
        {"", ""},
        {" \n\r\n\t", ""},
        {"{}", "1:{}|"},
        {"{}\n", "1:{}|"},
        {"{}\r\n{}\r\n", "1:{}|2:{}|"},
        {"{}{}[]", "1:{}|1:{}|1:[]|"},
        {"\n\n{\"a\":1}\n\n{\"b\":2}", "3:{\"a\":1}|5:{\"b\":2}|"},
        {"{\n \"a\": {\n  \"b\": []\n }\n}\n{}", "1:{\n \"a\": {\n  \"b\": []\n }\n}|6:{}|"},
        /* brackets and quotes in strings */
        {"{\"}\":\"\\\"]{\"}\n{}", "1:{\"}\":\"\\\"]{\"}|2:{}|"},
        {"{\"\\\\\":1}{}", "1:{\"\\\\\":1}|1:{}|"},
        /* what is no document stands alone in its line */
        {"null\n{}\n", "1:null|2:{}|"},
        {"nonsense {\n{}", "1:nonsense {|2:{}|"},
        {"{} x\n{}", "1:{}|1:x|2:{}|"},
        /* a broken one does not take the next one with it */
        {"{\"a\":{\n{\"b\":1}\n{\"c\":2}", "input!|2:{\"b\":1}|3:{\"c\":2}|"},
        {"{\"a\":\"\n{\"b\":1}", "input!|2:{\"b\":1}|"},
        {"{\"a\":\n{\"b\":\n{\"c\":2}", "input!|input!|3:{\"c\":2}|"},
        {"{\"a\":1", "input!|"},
        {"{\"a\":1\n", "input!|"},
        {"{\"a\":[1}\n{\"b\":1}\n", "input!|2:{\"b\":1}|"},
        /* a brace in the first column without a quote behind it goes on, as with no indent */
        {"{\n\"a\":\n{\n\"b\":1\n}\n}", "1:{\n\"a\":\n{\n\"b\":1\n}\n}|"},
        /* a closing bracket too many ends it, and the parser will say so */
        {"{]}\n{}", "1:{]|1:}|2:{}|"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        buf_auto got;
        buf_init(&got, MIB);
        FILE *file = stream_of(str_from(CASES[i].text));
        read_all(file, &got);
        if (!str_eq(buf_str(&got), str_from(CASES[i].want))) {
            fail_msg("row %zu: %.*s is not %s", i, STR_ARG(buf_str(&got)), CASES[i].want);
        }
        fclose(file);
    }
}

static void unfinished_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } CASES[] = {
        {"\n{\"a\":\n\n{\"b\":1}",
         "test:2: the document is not finished where line 4 begins another"},
        {"{\"a\":1", "test:1: the document is not finished where the input ends"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        FILE *file = stream_of(str_from(CASES[i].text));
        documents_auto documents;
        documents_init(&documents, file, "test");
        struct str document;
        uint64_t line;
        bool more;
        struct error err = {0};
        assert_true(failed(documents_next(&documents, &document, &line, &more, &err)));
        assert_string_equal(err.text, CASES[i].want);
        fclose(file);
    }
}

/* `[`, spaces, `]` of `size` bytes in all, and a small document behind it. */
static FILE *large_document(size_t size, bool brackets)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, brackets ? ' ' : 'x', size);
    text[0] = brackets ? '[' : 'x';
    text[size - 1] = brackets ? ']' : 'x';
    fwrite(text, 1, size, file);
    fputs("\n{}\n", file);
    free(text);
    rewind(file);
    return file;
}

static void documents_limit(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        FILE *file = large_document(LIMIT_BODY + over, true);
        documents_auto documents;
        documents_init(&documents, file, "test");
        struct str document;
        uint64_t line;
        bool more;
        struct error err = {0};
        status st = documents_next(&documents, &document, &line, &more, &err);
        assert_int_equal(failed(st), over);
        assert_int_equal(err.kind, over ? ERROR_LIMIT : ERROR_NONE);
        assert_false(failed(documents_next(&documents, &document, &line, &more, &err)));
        assert_true(more && str_eq(document, STR("{}")));
        fclose(file);
    }
}

static void lines_limit(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        FILE *file = large_document(LIMIT_BODY + over, false);
        lines_auto lines;
        lines_init(&lines, file, "test");
        struct str line;
        bool more;
        struct error err = {0};
        assert_int_equal(failed(lines_next(&lines, &line, &more, &err)), over);
        assert_int_equal(err.kind, over ? ERROR_LIMIT : ERROR_NONE);
        assert_false(failed(lines_next(&lines, &line, &more, &err)));
        assert_true(more && str_eq(line, STR("{}")));
        fclose(file);
    }
}

static void lines_are_read(void **state)
{
    (void)state;
    FILE *file = stream_of(STR("a\n\nb\r\n\0c\nlast"));
    static const struct str WANT[] = {STR("a"), STR(""), STR("b"), STR("\0c"), STR("last")};
    lines_auto lines;
    lines_init(&lines, file, "test");
    struct error err;
    struct str line;
    bool more;
    for (size_t i = 0; i < sizeof WANT / sizeof *WANT; i++) {
        assert_false(failed(lines_next(&lines, &line, &more, &err)));
        assert_true(more && str_eq(line, WANT[i]));
        assert_int_equal(lines.number, i + 1);
    }
    assert_false(failed(lines_next(&lines, &line, &more, &err)));
    assert_false(more);
    fclose(file);
}

/* A directory opens, but cannot be read. */
static void reading_fails(void **state)
{
    (void)state;
    FILE *file = fopen("/", "re");
    assert_non_null(file);
    documents_auto documents;
    documents_init(&documents, file, "test");
    struct str text;
    uint64_t number;
    bool more;
    struct error err = {0};
    assert_true(failed(documents_next(&documents, &text, &number, &more, &err)));
    assert_int_equal(err.kind, ERROR_INTERNAL);
    assert_string_equal(err.text, "test: cannot read: Is a directory");
    lines_auto lines;
    lines_init(&lines, file, "test");
    assert_true(failed(lines_next(&lines, &text, &more, &err)));
    assert_int_equal(err.kind, ERROR_INTERNAL);
    fclose(file);
}

int documents_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borders),         cmocka_unit_test(unfinished_says_where),
        cmocka_unit_test(documents_limit), cmocka_unit_test(lines_limit),
        cmocka_unit_test(lines_are_read),  cmocka_unit_test(reading_fails),
    };
    return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
