#include "test.h"

#include "base/file.h"

#define ROOM (256 * MIB)

enum { FILES_MAX = 10000, FILE_MAX = 16 * MIB };

static struct str vector_directory(struct arena *arena, const char *name)
{
    const char *directory = getenv("PRATIQUE_VECTORS");
    const char *source = getenv("PRATIQUE_SOURCE");
    if (directory != NULL) {
        return arena_printf(arena, "%s/%s", directory, name);
    }
    return arena_printf(arena, "%s/tests/vectors/%s", source == NULL ? "." : source, name);
}

static struct file_list list_vectors(struct arena *arena, const char *name, const char *suffix)
{
    const char *const suffixes[] = {suffix, NULL};
    struct str directory = vector_directory(arena, name);
    struct file_list files;
    struct error err;
    if (failed(file_list(arena, directory.p, suffixes, FILES_MAX, &files, &err))) {
        fail_msg("%s", err.text);
    }
    return files;
}

static struct str read_vector(struct arena *arena, const char *path)
{
    struct str text;
    struct error err;
    if (failed(file_read(arena, path, FILE_MAX, &text, &err))) {
        fail_msg("%s", err.text);
    }
    return text;
}

static void parse_one(const char *row, struct str text, struct json_doc *ret_doc)
{
    struct error err;
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, ret_doc, &err))) {
        fail_msg("%s: %s", row, err.text);
    }
}

/* Fail unless a text holds one YAML document, equal to `doc`. */
static void expect_yaml(const char *row, struct str text, const struct json_doc *doc)
{
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(text, &stream, &err))) {
        fail_msg("%s: %s", row, err.text);
    }
    assert_int_equal(stream.n, 1);
    expect_same_tree(row, doc, &stream.docs[0]);
}

/* JSON is YAML. Behind "---" it is libyaml that reads it, all of its own. */
static void check_both_ways(struct arena *arena, const char *row, struct str text)
{
    json_doc_auto doc = {0};
    parse_one(row, text, &doc);
    expect_yaml(row, text, &doc);
    expect_yaml(row, arena_printf(arena, "--- %.*s", STR_ARG(text)), &doc);
}

/* Objects of the API with every field filled; an object may stand beside itself in YAML. */
static void api_objects(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct file_list files = list_vectors(&arena, "k8s-api-testdata", ".json");
    assert_int_not_equal(files.n, 0);
    for (size_t i = 0; i < files.n; i++) {
        check_both_ways(&arena, files.paths[i], read_vector(&arena, files.paths[i]));
    }
    struct file_list twins = list_vectors(&arena, "k8s-api-testdata", ".yaml");
    for (size_t i = 0; i < twins.n; i++) {
        struct str path = str_from(twins.paths[i]);
        struct str json =
            arena_printf(&arena, "%.*s.json", STR_ARG(str_sub(path, 0, path.n - strlen(".yaml"))));
        json_doc_auto doc = {0};
        parse_one(json.p, read_vector(&arena, json.p), &doc);
        expect_yaml(path.p, read_vector(&arena, path.p), &doc);
    }
}

/* Real objects and reviews, one a line. */
static void workloads(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct file_list files = list_vectors(&arena, "k8s-workloads", ".ndjson");
    size_t count = 0;
    for (size_t i = 0; i < files.n; i++) {
        struct str rest = read_vector(&arena, files.paths[i]);
        struct str line;
        while (rest.n > 0) {
            str_cut(rest, '\n', &line, &rest);
            if (line.n > 0) {
                check_both_ways(&arena, files.paths[i], line);
                count++;
            }
        }
    }
    assert_int_not_equal(count, 0);
}

int vector_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(api_objects),
        cmocka_unit_test(workloads),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
