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
        buf_auto got;
        buf_init(&got, MIB);
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

static const char *put(struct arena *arena, const char *name, const char *text)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name).p;
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

static void expect(struct arena *arena, const char *const *paths, size_t n, const char *want)
{
    struct manifests manifests;
    struct error err;
    assert_false(failed(manifests_find(arena, paths, n, &manifests, &err)));
    buf_auto got;
    buf_init(&got, MIB);
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
        {"---\n# Source: x\n\nkind: A\n---\n---\n# y\nkind: B", "a.yaml:0:4=A a.yaml:1:8=B "},
        {"kind: List\nitems: [{kind: A}, {kind: B}]\n---\nkind: C\n",
         "a.yaml:0:1=A a.yaml:0:1=B a.yaml:1:4=C "},
        {"kind: List\nitems: 7\n---\nkind: C\n", "a.yaml:0:1!input a.yaml:1:4=C "},
        /* a broken document does not hide the others */
        {"kind: A\n---\nkind: [\n---\nkind: C\n", "a.yaml:0:1=A a.yaml:1:4!input a.yaml:2:6=C "},
        {"kind: {{ .Values.kind }}\n---\nkind: C\n", "a.yaml:0:1!input a.yaml:1:3=C "},
        {"kind: A\nkind: B\n---\nkind: C\n", "a.yaml:0:1!input a.yaml:1:4=C "},
        /* JSON, also several one after the other */
        {"{\"kind\":\"A\"}\n{\"kind\":\"B\"}\n", "a.yaml:0:1=A a.yaml:1:2=B "},
        {"{\"kind\":\"A\"}\n---\n{\"kind\":\"B\"}\n", "a.yaml:0:1=A a.yaml:1:3=B "},
        {"%YAML 1.1\n---\nkind: A\n...\n---\nkind: B\n", "a.yaml:0:3=A a.yaml:1:6=B "},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        arena_auto arena;
        arena_init(&arena, 64 * MIB);
        const char *path = put(&arena, "a.yaml", CASES[i].text);
        expect(&arena, &path, 1, CASES[i].want);
        remove(path);
    }
}

static void directories(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    put(&arena, "d.yml", "kind: D");
    put(&arena, "a.yaml", "kind: A");
    put(&arena, "b.json", "{\"kind\":\"B\"}");
    put(&arena, "c.txt", "kind: C");
    const char *paths[] = {folder};
    expect(&arena, paths, 1, "a.yaml:0:1=A b.json:0:1=B d.yml:0:1=D ");
    /* a file that is named is read, whatever its name */
    const char *named[] = {arena_printf(&arena, "%s/c.txt", folder).p,
                           arena_printf(&arena, "%s/missing", folder).p,
                           arena_printf(&arena, "%s/a.yaml", folder).p};
    expect(&arena, named, 3, "c.txt:0:1=C missing:0:0!not_found a.yaml:0:1=A ");
    const char *empty = arena_printf(&arena, "%s/empty", folder).p;
    assert_int_equal(mkdir(empty, 0700), 0);
    expect(&arena, &empty, 1, "empty:0:0!not_found ");
}

static void file_limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    const char *path = put(&arena, "large.yaml", "kind: A\n---\n");
    for (unsigned over = 0; over < 2; over++) {
        /* what is missing to the size reads as NUL bytes, which no YAML may hold */
        assert_int_equal(truncate(path, LIMIT_MANIFEST_FILE + over), 0);
        expect(&arena, &path, 1,
               over ? "large.yaml:0:0!limit " : "large.yaml:0:1=A large.yaml:1:2!input ");
    }
    remove(path);
}

static void count_limits(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    const char **paths = ARENA_ARRAY(&arena, const char *, LIMIT_MANIFEST_FILES + 1);
    for (size_t i = 0; i <= LIMIT_MANIFEST_FILES; i++) {
        paths[i] = "x.yaml";
    }
    struct manifests manifests;
    struct error err = {0};
    assert_false(failed(manifests_find(&arena, paths, LIMIT_MANIFEST_FILES, &manifests, &err)));
    assert_int_equal(manifests.n, LIMIT_MANIFEST_FILES);
    assert_true(failed(manifests_find(&arena, paths, LIMIT_MANIFEST_FILES + 1, &manifests, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

/* -- namespaces -- */

static void namespace_labels(void **state)
{
    (void)state;
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    const char *path =
        put(&arena, "a.yaml",
            "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {a: b}}}\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: bare}}\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: odd, "
            "labels: {a: 1}}}\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: liar, "
            "labels: {kubernetes.io/metadata.name: shop}}}\n"
            "---\n{apiVersion: x/v1, kind: Namespace, metadata: {name: other}}\n"
            "---\n{apiVersion: v1, kind: Pod, metadata: {name: pod}}\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {labels: {a: b}}}\n"
            "---\n{broken\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: twice, "
            "labels: {a: b}}}\n"
            "---\n{apiVersion: v1, kind: Namespace, metadata: {name: twice, "
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
    assert_false(failed(manifests_find(&arena, &path, 1, &manifests, &err)));
    namespaces_auto namespaces;
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

int manifests_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cutting),      cmocka_unit_test(streams),
        cmocka_unit_test(directories),  cmocka_unit_test(file_limits),
        cmocka_unit_test(count_limits), cmocka_unit_test(namespace_labels),
    };
    return cmocka_run_group_tests_name("manifests", tests, make_folder, remove_folder);
}
