#include "test.h"

#include "base/base64.h"
#include "base/file.h"

struct arena test_arena;

int start(void **state)
{
    (void)state;
    arena_init(&test_arena, 512u * MIB);
    return 0;
}

int stop(void **state)
{
    (void)state;
    arena_done(&test_arena);
    return 0;
}

const char *vector_path(const char *name)
{
    const char *directory = getenv("PRATIQUE_VECTORS");
    const char *source = getenv("PRATIQUE_SOURCE");
    return directory != NULL ? arena_printf(&test_arena, "%s/%s", directory, name).p
                             : arena_printf(&test_arena, "%s/tests/vectors/%s",
                                            source == NULL ? "." : source, name)
                                   .p;
}

struct str vector_text(const char *name)
{
    struct str text;
    struct error err;
    if (failed(file_read(&test_arena, vector_path(name), 16u * MIB, &text, &err))) {
        fail_msg("%s", err.text);
    }
    return text;
}

void vector_json(const char *name, struct json_doc *ret_doc)
{
    struct error err;
    if (failed(json_parse(vector_text(name), JSON_WITHOUT_MARKS, ret_doc, &err))) {
        fail_msg("%s: %s", name, err.text);
    }
}

struct str vector_bytes(const yyjson_val *value)
{
    struct str bytes;
    struct error err;
    if (failed(base64_decode(&test_arena, json_str(value), &bytes, &err))) {
        fail_msg("%s", err.text);
    }
    return bytes;
}

void expect_error(const struct error *err, enum error_kind kind, const char *text)
{
    assert_int_equal(err->kind, kind);
    if (strstr(err->text, text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err->text, text);
    }
}
