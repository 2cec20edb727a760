#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "suite/fields.h"
#include "suite/images.h"
#include "suite/paths.h"
#include "suite/suite.h"

struct loading {
    struct arena *arena;
    const char *path;
    const struct suite_options *options;
    struct diagnostics *list;
};

static bool mentions(struct str text, struct str word)
{
    return memmem(text.p, text.n, word.p, word.n) != NULL;
}

bool suite_is_one(struct str text)
{
    struct str kind = STR("ImagePolicyTest");
    json_stream_auto stream = {0};
    struct error err;
    if (!mentions(text, kind)) {
        return false;
    }
    bool is_one = failed(yaml_parse(text, &stream, &err)); /* which is then told */
    for (size_t i = 0; i < stream.n; i++) {
        is_one = is_one || str_eq(json_str(json_get(stream.docs[i].root, "kind")), kind);
    }
    return is_one;
}

/* -- cases -- */

static void add_error(const struct loading *loading, struct mark mark, struct str path,
                      const char *text)
{
    diagnostics_add(loading->list, DIAGNOSTIC_ERROR, mark, path, STR_EMPTY, "%s", text);
}

static struct suite_entries entries_of(const struct loading *loading, const struct texts *texts)
{
    struct suite_entries entries = {.n = texts->n, .set = texts->set};
    entries.items = ARENA_ARRAY(loading->arena, struct str, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        entries.items[i] = texts->items[i].text;
    }
    return entries;
}

static struct suite_entries verdict_of(const struct loading *loading, const struct text *verdict)
{
    struct suite_entries entries = {.n = verdict->mark.line > 0, .set = verdict->mark.line > 0};
    entries.items = ARENA_NEW(loading->arena, struct str);
    *entries.items = verdict->text;
    return entries;
}

/* The operations of the patch `value`, which is a list, each on a line of its own. */
struct suite_entries suite_operations(struct arena *arena, yyjson_val *value)
{
    struct suite_entries entries = {.set = true};
    entries.items = ARENA_ARRAY(arena, struct str, yyjson_arr_size(value));
    size_t i, n;
    yyjson_val *operation;
    yyjson_arr_foreach(value, i, n, operation)
    {
        size_t length;
        char *text = yyjson_val_write(operation, YYJSON_WRITE_NOFLAG, &length);
        ENSURE(text != NULL);
        entries.items[entries.n++] = arena_dup(arena, (struct str){text, length});
        free(text);
    }
    return entries;
}

static void read_expectation(const struct loading *loading, const struct json_doc *doc,
                             yyjson_val *value, struct suite_case *test)
{
    const struct suite_expect_doc *expect = &test->doc->expect;
    struct suite_entries *fields = test->expected.fields;
    test->expect_mark = json_mark(doc, value);
    fields[SUITE_VERDICT] = verdict_of(loading, &expect->verdict);
    fields[SUITE_RULES] = entries_of(loading, &expect->rules);
    fields[SUITE_MESSAGES] = entries_of(loading, &expect->messages);
    fields[SUITE_WARNINGS] = entries_of(loading, &expect->warnings);
    yyjson_val *patch = json_get(value, "patch");
    if (patch != NULL && !yyjson_is_arr(patch)) {
        add_error(loading, json_mark(doc, patch), STR("expect.patch"),
                  "must be a list of JSON Patch operations");
    } else if (patch != NULL) {
        fields[SUITE_PATCH] = suite_operations(loading->arena, patch);
    }
}

static void check_subject(const struct loading *loading, const struct suite_case *test)
{
    const struct suite_case_doc *doc = test->doc;
    int subjects = (doc->image.mark.line > 0) + (doc->resource.mark.line > 0) +
                   (doc->review.mark.line > 0) + (test->object != NULL);
    if (subjects != 1) {
        add_error(loading, test->mark, doc->name.path,
                  "a case says by one of image, object, resource and review what is judged");
    }
    bool told = doc->namespace.mark.line > 0 || doc->user.mark.line > 0;
    if (doc->review.mark.line > 0 && told) {
        add_error(loading, test->mark, doc->name.path,
                  "a review names its own namespace and user; leave them out here");
    }
}

/* Reports are read by name. */
static void check_name(const struct loading *loading, const struct suite *suite, size_t index)
{
    const struct suite_case *test = &suite->cases[index];
    for (size_t i = 0; i < index; i++) {
        if (str_eq(suite->cases[i].name, test->name)) {
            diagnostics_add(loading->list, DIAGNOSTIC_ERROR, test->mark, test->doc->name.path,
                            STR_EMPTY, "the case in line %u has this name already",
                            suite->cases[i].mark.line);
            return;
        }
    }
}

static void read_case(const struct loading *loading, const struct json_doc *doc, yyjson_val *value,
                      const struct suite_case_doc *decoded, struct suite_case *ret_case)
{
    struct suite_case test = {
        .name = decoded->name.text,
        .mark = decoded->name.mark,
        .doc = decoded,
        .object = json_get(value, "object"),
    };
    if (decoded->expect_set) {
        read_expectation(loading, doc, json_get(value, "expect"), &test);
    }
    check_subject(loading, &test);
    *ret_case = test;
}

/* -- suites -- */

static status load_policies(const struct loading *loading, const struct suite_doc *doc,
                            struct policy_set **ret_set, struct error *err)
{
    struct policy_options options = loading->options->policy;
    if (doc->uncovered.mark.line > 0) {
        options.allow_uncovered = str_eq(doc->uncovered.text, STR("allow"));
    }
    if (doc->runtime.mark.line > 0) {
        options.runtime = str_eq(doc->runtime.text, STR("cri-o")) ? POLICY_RUNTIME_CRIO
                                                                  : POLICY_RUNTIME_CONTAINERD;
    }
    options.now = doc->now > 0 ? doc->now : options.now;
    const char **paths = ARENA_ARRAY(loading->arena, const char *, doc->policies.n);
    for (size_t i = 0; i < doc->policies.n; i++) {
        paths[i] = suite_path(loading->arena, loading->path, doc->policies.items[i].text);
    }
    struct str file = loading->list->file;
    status st = policy_load(paths, doc->policies.n, &options, loading->list, ret_set, err);
    loading->list->file = file;
    if (failed(st) && err->kind != ERROR_CONFIG) {
        diagnostics_add(loading->list, DIAGNOSTIC_ERROR, doc->policies.mark, STR("policies"),
                        STR_EMPTY, "%s", err->text);
    }
    return failed(st) ? error_set(err, ERROR_CONFIG, "its policies are wrong") : OK;
}

static status load_suite(const struct loading *loading, const struct json_doc *doc,
                         struct suite *ret_suite, struct error *err)
{
    struct suite_doc *decoded = ARENA_NEW(loading->arena, struct suite_doc);
    size_t errors = loading->list->errors;
    if (!fields_decode(&suite_fields, doc, doc->root, STR_EMPTY, loading->list, decoded)) {
        return error_set(err, ERROR_CONFIG, "it is no sound suite");
    }
    *ret_suite = (struct suite){.name = decoded->metadata.name.text, .doc = decoded};
    ret_suite->n_cases = decoded->cases.n;
    ret_suite->cases = ARENA_ARRAY(loading->arena, struct suite_case, decoded->cases.n);
    const struct suite_case_doc *cases = decoded->cases.items;
    size_t i, n;
    yyjson_val *value;
    yyjson_arr_foreach(json_get(doc->root, "cases"), i, n, value)
    {
        read_case(loading, doc, value, &cases[i], &ret_suite->cases[i]);
        check_name(loading, ret_suite, i);
    }
    suite_images(loading->arena, &decoded->images, loading->list, &ret_suite->script);
    TRY(load_policies(loading, decoded, &ret_suite->set, err));
    if (loading->list->errors > errors) {
        return error_set(err, ERROR_CONFIG, "it is no sound suite");
    }
    return OK;
}

status suite_load(struct arena *arena, const char *path, const struct suite_options *options,
                  struct diagnostics *list, struct suite_file *ret_file, struct error *err)
{
    struct loading loading = {arena, path, options, list};
    *ret_file = (struct suite_file){.path = path};
    list->file = str_from(path);
    TRY(file_read(arena, path, LIMIT_POLICY_FILE, &ret_file->text, err));
    if (failed(yaml_parse(ret_file->text, &ret_file->stream, err))) {
        diagnostics_add_error(list, err);
        return error_set(err, ERROR_CONFIG, "it is no sound suite");
    }
    ret_file->suites = ARENA_ARRAY(arena, struct suite, ret_file->stream.n);
    status st = OK;
    for (size_t i = 0; i < ret_file->stream.n; i++) {
        struct suite *suite = &ret_file->suites[ret_file->n_suites++];
        if (failed(load_suite(&loading, &ret_file->stream.docs[i], suite, err))) {
            st = FAILED;
        }
    }
    return st;
}

void suite_done(struct suite_file *file)
{
    for (size_t i = 0; i < file->n_suites; i++) {
        policy_set_unref(file->suites[i].set);
    }
    json_stream_done(&file->stream);
    *file = (struct suite_file){.path = file->path};
}
