#include "test.h"

#include "policy/crd.h"

enum { ARENA_MAX = 64 * 1024 * 1024, TEXT_MAX = 1024 * 1024 };

static void print_diagnostics(const struct diagnostics *list, struct buf *buf)
{
    buf_init(buf, TEXT_MAX);
    diagnostics_print(list, buf);
}

/* A failing test jumps out of here, so what was taken is given back first. */
static void report_and_fail(struct fixture *fixture, const struct diagnostics *list,
                            const struct error *err, const char *text)
{
    struct buf buf;
    print_diagnostics(list, &buf);
    print_error("%s: %.*s\n%s", err->text, STR_ARG(buf_str(&buf)), text);
    buf_done(&buf);
    arena_done(&fixture->arena);
    fail();
}

void fixture_start_with(struct fixture *fixture, const char *text,
                        const struct policy_options *options)
{
    *fixture = (struct fixture){.options = *options, .now = NOW};
    arena_init(&fixture->arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &fixture->arena);
    struct error err = {0};
    if (failed(policy_parse(STR("policies.yaml"), str_from(text), options, &list, &fixture->set,
                            &err))) {
        report_and_fail(fixture, &list, &err, text);
    }
    fixture->review = (struct review){
        .api = REVIEW_ADMISSION_V1,
        .operation = REVIEW_CREATE,
        .uid = STR("u"),
        .version = STR("v1"),
        .kind = STR("Pod"),
        .name = STR("web"),
        .namespace = STR("shop"),
        .user_known = true,
        .user = STR("alice"),
        .labels_known = true,
        .images = fixture->images,
    };
}

void fixture_start(struct fixture *fixture, const char *text)
{
    struct policy_options options = {.now = NOW};
    fixture_start_with(fixture, text, &options);
}

void fixture_done(struct fixture *fixture)
{
    policy_set_unref(fixture->set);
    arena_done(&fixture->arena);
}

void fixture_image(struct fixture *fixture, const char *image)
{
    size_t i = fixture->review.n_images++;
    assert_true(i < COUNT(fixture->images));
    fixture->images[i] = (struct review_image){
        .text = str_from(image),
        .path = arena_printf(&fixture->arena, "spec.containers[%zu].image", i),
        .pointer = arena_printf(&fixture->arena, "/spec/containers/%zu/image", i),
        .name = arena_printf(&fixture->arena, "c%zu", i),
    };
}

enum verdict fixture_decide(struct fixture *fixture)
{
    policy_select(fixture->set, &fixture->review, fixture->now, fixture->rewrite, &fixture->arena,
                  &fixture->plan);
    policy_decide(&fixture->plan, &fixture->arena, &fixture->decision);
    return fixture->decision.verdict;
}

enum verdict verdict_on(const char *policies, const char *image)
{
    struct fixture fixture;
    fixture_start(&fixture, policies);
    fixture_image(&fixture, image);
    enum verdict verdict = fixture_decide(&fixture);
    fixture_done(&fixture);
    return verdict;
}

/* -- the same said of objects as of files -- */

/* What only a whole set can tell: names that stand twice in it, and that no policy is there. */
static bool is_of_the_set(struct str message)
{
    return (str_starts(message, STR("no policy is here")) ||
            memmem(message.p, message.n, "; the first is at ", 18) != NULL);
}

static void print_errors(const struct diagnostics *list, struct buf *buf)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct diagnostic *one = &list->items[i];
        if (one->level == DIAGNOSTIC_ERROR && !is_of_the_set(one->message)) {
            buf_printf(buf, "%.*s: %.*s [%.*s]\n", STR_ARG(one->path), STR_ARG(one->message),
                       STR_ARG(one->suggestion));
        }
    }
}

/* Check a document as the JSON of an API server; returns false if it is none: larger than objects
 * are, or a list of them. */
static bool check_as_object(const struct json_doc *doc, struct buf *buf)
{
    if (str_eq(json_str(json_get(doc->root, "kind")), STR("List"))) {
        return false;
    }
    char *text = yyjson_val_write(doc->root, YYJSON_WRITE_NOFLAG, NULL);
    if (text == NULL) {
        return false; /* what YAML can say and JSON cannot */
    }
    arena_auto arena;
    arena_init(&arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    json_doc_auto json = {0};
    struct error err;
    assert_false(failed(json_parse(str_from(text), JSON_WITH_MARKS, &json, &err)));
    free(text);
    policy_check_object(&json, json.root, NOW, &list);
    print_errors(&list, buf);
    return list.errors == 0 || list.n == 0 ||
           !str_starts(list.items[0].message, STR("the lists of a policy in a cluster"));
}

static int compare_lines(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The lines of a text in order, as those of one line of JSON come in another. */
static struct str sort_lines(struct arena *arena, struct str text)
{
    size_t n = 0, room = 0;
    struct str *lines = NULL;
    struct str line;
    while (str_cut(text, '\n', &line, &text)) {
        lines = arena_grow(arena, lines, n, &room, sizeof *lines);
        lines[n++] = arena_printf(arena, "%.*s\n", STR_ARG(line));
    }
    if (n > 0) {
        qsort(lines, n, sizeof *lines, compare_lines);
    }
    return arena_join(arena, lines, n);
}

/* Fail unless the objects in a text have the errors that loading it has. */
static void expect_same_of_objects(const char *text, const struct diagnostics *list)
{
    json_stream_auto stream = {0};
    struct error err;
    if (failed(yaml_parse(str_from(text), &stream, &err)) || list->errors > list->n) {
        return; /* no object comes of it, or not all that is wrong was kept */
    }
    buf_auto of_objects, of_text;
    buf_init(&of_objects, TEXT_MAX);
    buf_init(&of_text, TEXT_MAX);
    bool comparable = true;
    for (size_t i = 0; i < stream.n; i++) {
        comparable = check_as_object(&stream.docs[i], &of_objects) && comparable;
    }
    print_errors(list, &of_text);
    arena_auto arena;
    arena_init(&arena, ARENA_MAX);
    struct str objects = sort_lines(&arena, buf_str(&of_objects));
    struct str whole = sort_lines(&arena, buf_str(&of_text));
    if (comparable && !str_eq(objects, whole)) {
        fail_msg("of objects:\n%.*sof the text:\n%.*s%s", STR_ARG(objects), STR_ARG(whole), text);
    }
}

const char *write_policies(char *path, struct str text)
{
    memcpy(path, "/tmp/test_policy.XXXXXX", sizeof "/tmp/test_policy.XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_true(text.n == 0 || fwrite(text.p, text.n, 1, file) == 1);
    assert_int_equal(fclose(file), 0);
    return path;
}

char *diagnose(const char *text, bool *ret_loaded)
{
    arena_auto arena;
    arena_init(&arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct policy_options options = {.now = NOW};
    struct policy_set *set = NULL;
    struct error err = {0};
    bool loaded = !failed(policy_parse(STR("p.yaml"), str_from(text), &options, &list, &set, &err));
    assert_int_equal(loaded, set != NULL);
    assert_int_equal(loaded, list.errors == 0);
    policy_set_unref(set);
    expect_same_of_objects(text, &list);
    buf_auto buf;
    print_diagnostics(&list, &buf);
    *ret_loaded = loaded;
    char *printed = strndup(buf.n == 0 ? "" : buf.p, buf.n);
    assert_non_null(printed);
    return printed;
}
