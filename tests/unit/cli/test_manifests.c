/* Manifests as they lie on a laptop, and the namespaces among them. */
#include "cli/manifests.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/namespaces.h"
#include "test.h"

/* What a test uses; given back by end() also when the test fails half-way. */
static struct arena arena;
static struct buf got;
static struct namespaces namespaces;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    buf_init(&got, MIB);
    namespaces = (struct namespaces){.entries = NULL};
    return 0;
}

static int end(void **state)
{
    (void)state;
    namespaces_done(&namespaces);
    buf_done(&got);
    arena_done(&arena);
    return 0;
}

static void cutting(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *pieces; /* separated by '|' */
    } CASES[] = {
        {"", ""},
        {"a: 1", "a: 1|"},
        {"a: 1\n---\nb: 2\n", "a: 1\n|---\nb: 2\n|"},
        {"---\na: 1\n---\nb: 2", "---\na: 1\n|---\nb: 2|"},
        /* comments, directives and empty documents go with what follows */
        {"# c\n---\n# d\n---\na: 1\n", "# c\n---\n# d\n---\na: 1\n|"},
        {"%YAML 1.1\n---\na: 1\n---\n", "%YAML 1.1\n---\na: 1\n|---\n|"},
        {"--- {a: 1}\n--- # c\n--- b\n", "--- {a: 1}\n|--- # c\n--- b\n|"},
        /* what only looks like a separator */
        {"a: 1\n----\n", "a: 1\n----\n|"},
        {"a: 1\n ---\n---b\n", "a: 1\n ---\n---b\n|"},
        {"a: 1\r\n---\r\nb: 2\r\n", "a: 1\r\n|---\r\nb: 2\r\n|"},
        {"a: 1\n---\tb\n---", "a: 1\n|---\tb\n|---|"},
        {"a: |\n  ---\n---\nb: 1", "a: |\n  ---\n|---\nb: 1|"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        buf_clear(&got);
        struct str rest = str_from(CASES[i].stream);
        struct str piece;
        while (manifests_cut(rest, &piece, &rest)) {
            assert_true(piece.n > 0);
            buf_add(&got, piece);
            buf_add_char(&got, '|');
        }
        if (!str_eq(buf_str(&got), str_from(CASES[i].pieces))) {
            fail_msg("row %zu: %.*s", i, STR_ARG(buf_str(&got)));
        }
    }
}

/* -- files -- */

static char folder[] = "/tmp/pratique-test-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"a.yaml",     "b.json",  "c.txt", "d.yml",
                                        "large.yaml", "empty/x", "empty"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        remove(path);
    }
    return rmdir(folder);
}

static const char *put(const char *name, const char *text)
{
    const char *path = arena_printf(&arena, "%s/%s", folder, name).p;
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void show_place(struct buf *buf, const struct manifest_place *place)
{
    struct str file = place->file;
    size_t slash = str_rfind(file, '/');
    file = slash < file.n ? str_sub(file, slash + 1, file.n) : file;
    buf_printf(buf, "%.*s:%zu:%u", STR_ARG(file), place->document, (unsigned)place->line);
}

static void on_object(void *context, const struct manifest_place *place, yyjson_val *object)
{
    show_place(context, place);
    struct str kind = json_str(json_get(object, "kind"));
    buf_printf(context, "=%.*s ", STR_ARG(kind));
}

static void on_problem(void *context, const struct manifest_place *place, const struct error *err)
{
    show_place(context, place);
    buf_printf(context, "!%s ", error_kind_info(err->kind)->label);
}

static void expect(const char *const *paths, size_t n, const char *want)
{
    struct manifests manifests;
    struct error err;
    assert_false(failed(manifests_find(&arena, paths, n, MANIFESTS_RENDER, &manifests, &err)));
    buf_clear(&got);
    manifests_visit(&manifests, &(struct manifest_visitor){on_object, on_problem, &got});
    if (!str_eq(buf_str(&got), str_from(want))) {
        fail_msg("%.*s\nis not\n%s", STR_ARG(buf_str(&got)), want);
    }
}

static void streams(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } CASES[] = {
        {"kind: A\n---\nkind: B\n", "a.yaml:0:1=A a.yaml:1:3=B "},
        {"# only\n---\n# comments\n", ""},
        {"", ""},
        {"\xef\xbb\xbfkind: A\nb: 1\n---\nkind: B\n", "a.yaml:0:1=A a.yaml:1:4=B "},
        {"\xef\xbb\xbf{\"kind\":\"A\"}", "a.yaml:0:1=A "},
        {"\xef\xbb\xbf---\nkind: A\n", "a.yaml:0:2=A "},
        {"---\n# Source: x\n\nkind: A\n---\n---\n# y\nkind: B", "a.yaml:0:4=A a.yaml:1:8=B "},
        {"kind: List\nitems: [{kind: A}, {kind: B}]\n---\nkind: C\n",
         "a.yaml:0:1=A a.yaml:0:1=B a.yaml:1:4=C "},
        {"kind: List\nitems: 7\n---\nkind: C\n", "a.yaml:0:1!input a.yaml:1:4=C "},
        /* a broken document does not hide the others */
        {"kind: A\n---\nkind: [\n---\nkind: C\n", "a.yaml:0:1=A a.yaml:1:4!input a.yaml:2:5=C "},
        {"kind: {{ .Values.kind }}\n---\nkind: C\n", "a.yaml:0:1!input a.yaml:1:3=C "},
        {"kind: A\nkind: B\n---\nkind: C\n", "a.yaml:0:2!input a.yaml:1:4=C "},
        /* the line of an error is where the error is, not where the document begins */
        {"kind: A\n---\n# B\n\nkind: B\na: [\n\nb: [\n---\nkind: C\n",
         "a.yaml:0:1=A a.yaml:1:9!input a.yaml:2:10=C "},
        {"{\"kind\":\"A\"}\n---\n{\"a\":1,\n\"a\":2}\n", "a.yaml:0:1=A a.yaml:1:4!input "},
        /* JSON, also several one after the other */
        {"{\"kind\":\"A\"}\n{\"kind\":\"B\"}\n", "a.yaml:0:1=A a.yaml:1:2=B "},
        {"{\"kind\":\"A\"}\n---\n{\"kind\":\"B\"}\n", "a.yaml:0:1=A a.yaml:1:3=B "},
        {"%YAML 1.1\n---\nkind: A\n...\n---\nkind: B\n", "a.yaml:0:3=A a.yaml:1:6=B "},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *path = put("a.yaml", CASES[i].text);
        expect(&path, 1, CASES[i].want);
        remove(path);
    }
}

static void on_error(void *context, const struct manifest_place *place, const struct error *err)
{
    buf_printf(context, "%u:%u: %s\n", (unsigned)place->line, (unsigned)place->column, err->text);
}

/* All places in an error are those of the file, as editors count. */
static void places(void **state)
{
    (void)state;
    const char *path = put("a.yaml", "kind: A\n"
                                     "---\n"
                                     "kind: B\n"
                                     "b: [\n"
                                     "c: 1\n"
                                     "---\n"
                                     "  \"line 1, column 1\": 1\n"
                                     "  \"line 1, column 1\": 2\n");
    struct manifests manifests;
    struct error err;
    assert_false(failed(manifests_find(&arena, &path, 1, MANIFESTS_RENDER, &manifests, &err)));
    manifests_visit(&manifests, &(struct manifest_visitor){on_object, on_error, &got});
    static const char want[] = "a.yaml:0:1=A "
                               "6:1: did not find expected ',' or ']' (while parsing a flow "
                               "sequence that begins in line 4)\n"
                               "8:3: the key \"line 1, column 1\" stands twice, first at line 7, "
                               "column 3\n";
    if (!str_eq(buf_str(&got), str_from(want))) {
        fail_msg("%.*s", STR_ARG(buf_str(&got)));
    }
    remove(path);
}

/* Where errors stand is not told at any price: the time stays in proportion to the file. */
static void many_errors(void **state)
{
    (void)state;
    enum { ERRORS = 3000 };
    buf_clear(&got);
    for (int i = 0; i < ERRORS; i++) {
        buf_add_cstr(&got, "a: [\n---\n");
    }
    buf_add_char(&got, '\0');
    const char *path = put("a.yaml", buf_str(&got).p);
    struct manifests manifests;
    struct error err;
    assert_false(failed(manifests_find(&arena, &path, 1, MANIFESTS_RENDER, &manifests, &err)));
    buf_clear(&got);
    manifests_visit(&manifests, &(struct manifest_visitor){on_object, on_error, &got});
    struct str text = str_trim(buf_str(&got));
    assert_true(str_starts(text, STR("2:1: did not find ")));
    struct str last = str_sub(text, str_rfind(text, '\n') + 1, text.n);
    struct str want = STR("5999:0: in the document that begins here: line 2, column 1: ");
    if (!str_starts(last, want)) {
        fail_msg("%.*s", STR_ARG(last));
    }
    remove(path);
}

static void directories(void **state)
{
    (void)state;
    put("d.yml", "kind: D");
    put("a.yaml", "kind: A");
    put("b.json", "{\"kind\":\"B\"}");
    put("c.txt", "kind: C");
    const char *paths[] = {folder};
    expect(paths, 1, "a.yaml:0:1=A b.json:0:1=B d.yml:0:1=D ");
    /* a file that is named is read, whatever its name */
    const char *named[] = {arena_printf(&arena, "%s/c.txt", folder).p,
                           arena_printf(&arena, "%s/missing", folder).p,
                           arena_printf(&arena, "%s/a.yaml", folder).p};
    expect(named, 3, "c.txt:0:1=C missing:0:0!not_found a.yaml:0:1=A ");
    const char *empty = arena_printf(&arena, "%s/empty", folder).p;
    assert_int_equal(mkdir(empty, 0700), 0);
    expect(&empty, 1, "empty:0:0!not_found ");
}

static void file_limits(void **state)
{
    (void)state;
    const char *path = put("large.yaml", "kind: A\n---\n");
    for (unsigned over = 0; over < 2; over++) {
        /* what is missing to the size reads as NUL bytes, which no YAML may hold */
        assert_int_equal(truncate(path, LIMIT_MANIFEST_FILE + over), 0);
        expect(&path, 1, over ? "large.yaml:0:0!limit " : "large.yaml:0:1=A large.yaml:1:3!input ");
    }
    remove(path);
}

static void count_limits(void **state)
{
    (void)state;
    const char **paths = ARENA_ARRAY(&arena, const char *, LIMIT_MANIFEST_FILES + 1);
    for (size_t i = 0; i <= LIMIT_MANIFEST_FILES; i++) {
        paths[i] = "x.yaml";
    }
    struct manifests manifests;
    struct error err = {0};
    assert_false(failed(
        manifests_find(&arena, paths, LIMIT_MANIFEST_FILES, MANIFESTS_RENDER, &manifests, &err)));
    assert_int_equal(manifests.n, LIMIT_MANIFEST_FILES);
    assert_true(failed(manifests_find(&arena, paths, LIMIT_MANIFEST_FILES + 1, MANIFESTS_RENDER,
                                      &manifests, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

/* -- namespaces -- */

static void namespace_labels(void **state)
{
    (void)state;
    const char *path = put(
        "a.yaml", "--- {apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {a: b}}}\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {name: bare}}\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {name: odd, "
                  "labels: {a: 1}}}\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {name: liar, "
                  "labels: {kubernetes.io/metadata.name: shop}}}\n"
                  "--- {apiVersion: x/v1, kind: Namespace, metadata: {name: other}}\n"
                  "--- {apiVersion: v1, kind: Pod, metadata: {name: pod}}\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {labels: {a: b}}}\n"
                  "--- {broken\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {name: twice, "
                  "labels: {a: b}}}\n"
                  "--- {apiVersion: v1, kind: Namespace, metadata: {name: twice, "
                  "labels: {a: c}}}\n");
    static const struct {
        struct str name;
        const char *a; /* the label's value; NULL: no such label; "?" : nothing is known */
    } CASES[] = {
        {STR("shop"), "b"},  {STR("bare"), NULL}, {STR("odd"), "?"},   {STR("liar"), NULL},
        {STR("other"), "?"}, {STR("pod"), "?"},   {STR("twice"), "c"}, {STR(""), "?"},
    };
    struct manifests manifests;
    struct error err;
    assert_false(failed(manifests_find(&arena, &path, 1, MANIFESTS_RENDER, &manifests, &err)));
    namespaces_collect(&manifests, &namespaces);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        yyjson_val *labels = namespaces_labels(&namespaces, CASES[i].name);
        if (CASES[i].a != NULL && strcmp(CASES[i].a, "?") == 0) {
            assert_null(labels);
            continue;
        }
        assert_true(str_eq(json_str(json_get(labels, "a")), str_from(CASES[i].a)));
        assert_true(
            str_eq(json_str(json_get(labels, "kubernetes.io/metadata.name")), CASES[i].name));
    }
    remove(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int manifests_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cutting),     TEST(streams),     TEST(places),       TEST(many_errors),
        TEST(directories), TEST(file_limits), TEST(count_limits), TEST(namespace_labels),
    };
    return cmocka_run_group_tests_name("manifests", tests, make_folder, remove_folder);
}
