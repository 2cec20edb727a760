#include "test.h"

void expect_text(const char *row, struct str got, const char *wanted)
{
    if (!str_eq(got, str_from(wanted))) {
        fail_msg("%s:\ngot    %.*s\nwanted %s", row, STR_ARG(got), wanted);
    }
}

static char *shown_error(const struct error *err)
{
    struct buf buf;
    buf_init(&buf, MIB);
    buf_printf(&buf, "%s: %s", error_kind_info(err->kind)->label, err->text);
    buf_add_char(&buf, '\0');
    return buf.p;
}

char *shown_json(struct str text)
{
    json_doc_auto doc = {0};
    struct error err;
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err))) {
        return shown_error(&err);
    }
    char *written = yyjson_val_write(doc.root, YYJSON_WRITE_NOFLAG, NULL);
    assert_non_null(written);
    return written;
}

char *shown_yaml(struct str text)
{
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(text, &stream, &err))) {
        return shown_error(&err);
    }
    struct buf buf;
    buf_init(&buf, 64 * MIB);
    for (size_t i = 0; i < stream.n; i++) {
        char *written = yyjson_val_write(stream.docs[i].root, YYJSON_WRITE_NOFLAG, NULL);
        assert_non_null(written);
        buf_add_cstr(&buf, i == 0 ? "" : "\n");
        buf_add_cstr(&buf, written);
        free(written);
    }
    buf_add_char(&buf, '\0');
    return buf.p;
}

void expect_same_tree(const char *row, const struct json_doc *a, const struct json_doc *b)
{
    if (!yyjson_equals(a->root, b->root)) {
        fail_msg("%s: the trees differ", row);
    }
}

int main(void)
{
    return json_tests() + yaml_tests() + yaml_scalar_tests() + yaml_alias_tests() + mark_tests() +
           limit_tests() + diagnostic_tests() + fields_tests() + schema_tests() +
           structural_tests() + reference_tests() + vector_tests() + comments_tests() +
           format_tests();
}
