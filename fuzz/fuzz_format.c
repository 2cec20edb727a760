/* A text as YAML in the canonical form. It says the same, keeps its comments, is its own form, and
 * whatever can be read can be formatted unless it has anchors. */
#include "base/buf.h"
#include "base/limits.h"
#include "json/comments.h"
#include "json/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct field MEMBERS[] = {
    {.name = "a", .type = FIELD_ANY},
    {.name = "kind", .type = FIELD_ANY},
};
static const struct fields TABLE = {"Table", "", 1, MEMBERS, sizeof MEMBERS / sizeof *MEMBERS};

static const struct fields *by_table(yyjson_val *root)
{
    return json_get(root, "kind") != NULL ? &TABLE : NULL;
}

static void check_comments(struct str before, struct str after)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct comments old, new;
    struct error err;
    ENSURE(!failed(comments_find(&arena, before, &old, &err)));
    ENSURE(!failed(comments_find(&arena, after, &new, &err)));
    ENSURE(old.n == new.n &&old.anchor == 0 && new.anchor == 0);
}

static void check_trees(struct str before, struct str after)
{
    json_stream_auto old = {0}, new = {0};
    struct error err;
    ENSURE(!failed(yaml_parse(before, &old, &err)) && !failed(yaml_parse(after, &new, &err)));
    ENSURE(old.n == new.n);
    for (size_t i = 0; i < old.n; i++) {
        ENSURE(yyjson_equals(old.docs[i].root, new.docs[i].root));
    }
}

/* Whether the text is JSON with a number like 1.0, which YAML takes for 1. */
static bool has_real(struct str text)
{
    json_stream_auto stream = {0};
    struct error err;
    bool found = false;
    bool failure = failed(yaml_parse(text, &stream, &err));
    for (size_t i = 0; !failure && i < stream.n; i++) {
        for (size_t j = 0; j < stream.docs[i].tree->val_read; j++) {
            found = found || yyjson_is_real(stream.docs[i].root + j);
        }
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LONGEST_KEY = 256 }; /* libyaml reads longer ones in certain forms only */
    struct str text = {(const char *)data, size};
    buf_auto once, twice;
    buf_init(&once, LIMIT_POLICY_FILE);
    buf_init(&twice, LIMIT_POLICY_FILE);
    struct error err = {0};
    if (failed(format_yaml(text, by_table, &once, &err))) {
        ENSURE(err.kind != ERROR_INTERNAL || size > LONGEST_KEY || has_real(text));
        return 0;
    }
    check_trees(text, buf_str(&once));
    check_comments(text, buf_str(&once));
    ENSURE(!failed(format_yaml(buf_str(&once), by_table, &twice, &err)));
    ENSURE(str_eq(buf_str(&once), buf_str(&twice)));
    return 0;
}
