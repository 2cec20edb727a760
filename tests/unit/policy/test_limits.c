#include "test.h"

#include <unistd.h>

#include "base/buf.h"
#include "policy/compile.h"

/* Each limit at n, which passes, and at n + 1, which is refused with these words. */

#define PASS "rules: [{name: r, deny: ['**:never']}]"

enum { TEXT_MAX = 64 * MIB };

/* -- sizes of one document -- */

/* A document with a list, or a text, of any length. */
struct sized {
    const char *before;
    const char *item; /* repeated; '#' stands for its number */
    const char *after;
    size_t limit;
    size_t given; /* of it, in `before` */
    const char *path;
};

#define CLUSTER(spec)                                                                              \
    "apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec: "     \
    "{" spec
#define EXCUSE(spec)                                                                               \
    POLICY("p", PASS)                                                                              \
    "---\napiVersion: pratique.dev/v1alpha1\nkind: ImagePolicyException\nmetadata: {name: "        \
    "e}\nspec: {" spec
#define UNTIL        ", until: 2027-01-01T00:00:00Z"
#define UNTIL_REASON UNTIL ", reason: x}\n"

static const struct sized LISTS[] = {
    {CLUSTER("rules: ["), "{name: r#, deny: ['**:never']},", "]}", LIMIT_RULES_PER_POLICY, 0,
     "spec.rules"},
    {CLUSTER(PASS ", images: ["), "h#.io,", "]}", LIMIT_LIST_ITEMS, 0, "spec.images"},
    {CLUSTER(PASS ", accept: ["), "imageID,", "]}", LIMIT_LIST_ITEMS, 0, "spec.accept"},
    {CLUSTER(PASS ", match: {namespaces: ["), "n#,", "]}}", LIMIT_LIST_ITEMS, 0,
     "spec.match.namespaces"},
    {CLUSTER(PASS ", match: {kinds: ["), "K#,", "]}}", LIMIT_LIST_ITEMS, 0, "spec.match.kinds"},
    {CLUSTER(PASS ", match: {users: ["), "u#,", "]}}", LIMIT_LIST_ITEMS, 0, "spec.match.users"},
    {CLUSTER(PASS ", match: {operations: ["), "CREATE,", "]}}", LIMIT_LIST_ITEMS, 0,
     "spec.match.operations"},
    {CLUSTER(PASS ", match: {objectSelector: {matchExpressions: ["), "{key: k#, operator: Exists},",
     "]}}}", LIMIT_LIST_ITEMS, 0, "spec.match.objectSelector.matchExpressions"},
    {CLUSTER(PASS ", match: {objectSelector: {matchExpressions: [{key: k, operator: In, values: ["),
     "v#,", "]}]}}}", LIMIT_LIST_ITEMS, 0, "spec.match.objectSelector.matchExpressions[0].values"},
    {CLUSTER("rules: [{name: r, allow: ["), "h#.io,", "]}]}", LIMIT_LIST_ITEMS, 0,
     "spec.rules[0].allow"},
    {CLUSTER("rules: [{name: r, deny: ["), "h#.io,", "]}]}", LIMIT_LIST_ITEMS, 0,
     "spec.rules[0].deny"},
    {CLUSTER("rules: [{name: r, require: ["), "tag,", "]}]}", LIMIT_LIST_ITEMS, 0,
     "spec.rules[0].require"},
    {CLUSTER("mutate: {rewrite: ["), "{from: f#.io, to: t#.io},", "]}}", LIMIT_LIST_ITEMS, 0,
     "spec.mutate.rewrite"},
    {EXCUSE("policies: [p,"), "p#,", "]" UNTIL_REASON, LIMIT_LIST_ITEMS, 1, "spec.policies"},
    {EXCUSE("policies: [p], rules: ["), "r#,", "]" UNTIL_REASON, LIMIT_LIST_ITEMS, 0, "spec.rules"},
    {EXCUSE("policies: [p], images: ["), "h#.io,", "]" UNTIL_REASON, LIMIT_LIST_ITEMS, 0,
     "spec.images"},
    {EXCUSE("policies: [p], namespaces: ["), "n#,", "]" UNTIL_REASON, LIMIT_LIST_ITEMS, 0,
     "spec.namespaces"},
};

static const struct sized MAPS[] = {
    {CLUSTER(PASS ", match: {namespaceSelector: {matchLabels: {"), "k#: v,", "}}}}",
     LIMIT_LIST_ITEMS, 0, "spec.match.namespaceSelector.matchLabels"},
};

static const struct sized TEXTS[] = {
    {CLUSTER("rules: [{name: r, tag: {pattern: '"), "a", "'}}]}", LIMIT_REGEX_TEXT, 0,
     "spec.rules[0].tag.pattern"},
    {CLUSTER("rules: [{name: r, tag: {semver: '1"), " ", "'}}]}", LIMIT_PATTERN_TEXT, 1,
     "spec.rules[0].tag.semver"},
    {CLUSTER("rules: [{name: r"), "r", ", deny: [a.io]}]}", 63, 1, "spec.rules[0].name"},
    {CLUSTER("rules: [{name: r, deny: [a.io], message: '"), "m", "'}]}", LIMIT_MESSAGE / 4, 0,
     "spec.rules[0].message"},
    {CLUSTER("mutate: {rewrite: [{from: a.io/b"), "b", ", to: c.io/d}]}}", LIMIT_PATTERN_TEXT, 6,
     "spec.mutate.rewrite[0].from"},
    {CLUSTER("mutate: {rewrite: [{from: c.io/d, to: a.io/b"), "b", "}]}}", LIMIT_PATTERN_TEXT, 6,
     "spec.mutate.rewrite[0].to"},
    {EXCUSE("policies: [p]" UNTIL ", reason: '"), "x", "'}", LIMIT_NAME, 0, "spec.reason"},
    {"apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nspec: {" PASS
     "}\nmetadata: {name: p",
     "p", "}\n", 253, 1, "metadata.name"},
    {"apiVersion: pratique.dev/v1alpha1\nkind: ImagePolicy\nspec: {" PASS
     "}\nmetadata: {name: p, namespace: n",
     "n", "}\n", 63, 1, "metadata.namespace"},
};

static void write_sized(const struct sized *sized, size_t n, struct buf *text)
{
    buf_clear(text);
    buf_add_cstr(text, sized->before);
    for (size_t i = 0; i < n; i++) {
        for (const char *c = sized->item; *c != '\0'; c++) {
            if (*c == '#') {
                buf_printf(text, "%zu", i);
            } else {
                buf_add_char(text, *c);
            }
        }
    }
    buf_add_cstr(text, sized->after);
    buf_add_char(text, '\0');
}

static void check_sizes(const struct sized *cases, size_t n, const char *unit)
{
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct sized *sized = &cases[i];
        bool loaded = false;
        write_sized(sized, sized->limit - sized->given, &text);
        free(diagnose(text.p, &loaded));
        assert_true(loaded);
        write_sized(sized, sized->limit - sized->given + 1, &text);
        char *printed = diagnose(text.p, &loaded);
        char expected[512];
        snprintf(expected, sizeof expected, "error: %s: must have at most %zu %s, has %zu\n",
                 sized->path, sized->limit, unit, sized->limit + 1);
        if (loaded || strstr(printed, expected) == NULL) {
            print_error("%s: loaded %d: %s\n", sized->path, loaded, printed);
            free(printed);
            fail();
        }
        free(printed);
    }
}

static void lists(void **state)
{
    (void)state;
    check_sizes(LISTS, COUNT(LISTS), "items");
    check_sizes(MAPS, COUNT(MAPS), "members");
}

static void texts(void **state)
{
    (void)state;
    check_sizes(TEXTS, COUNT(TEXTS), "bytes");
}

/* Items of a list have no limit in the table of fields; compiling them has. */
static void items(void **state)
{
    (void)state;
    static const struct sized CASES[] = {
        {CLUSTER("rules: [{name: r, deny: [a.io/b"), "b", "]}]}", LIMIT_PATTERN_TEXT, 6,
         "spec.rules[0].deny[0]: a pattern of 513 bytes: at most 512 are allowed\n"},
        {CLUSTER(PASS ", images: ['!a.io/b"), "b", "']}", LIMIT_PATTERN_TEXT, 6,
         "spec.images[0]: a pattern of 513 bytes: at most 512 are allowed\n"},
        {CLUSTER(PASS ", match: {namespaces: [n"), "n", "]}}", LIMIT_PATTERN_TEXT, 1,
         "spec.match.namespaces[0]: longer than 512 bytes, as no name of a namespace is\n"},
        {CLUSTER(PASS ", match: {kinds: ['!K"), "k", "']}}", LIMIT_PATTERN_TEXT, 1,
         "spec.match.kinds[0]: longer than 512 bytes, as no name of a kind is\n"},
        {CLUSTER(PASS ", match: {users: [u"), "u", "]}}", LIMIT_PATTERN_TEXT, 1,
         "spec.match.users[0]: longer than 512 bytes, as no name of a user is\n"},
        {EXCUSE("policies: [p"), "p", "]" UNTIL_REASON, LIMIT_PATTERN_TEXT, 1,
         "spec.policies[0]: longer than 512 bytes, as no name of a policy is\n"},
    };
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        for (size_t more = 0; more < 2; more++) {
            bool loaded = false;
            write_sized(&CASES[i], CASES[i].limit - CASES[i].given + more, &text);
            char *printed = diagnose(text.p, &loaded);
            if (loaded != (more == 0) || (more == 1) != (strstr(printed, CASES[i].path) != NULL)) {
                print_error("case %zu, %zu more: %s\n", i, more, printed);
                free(printed);
                fail();
            }
            free(printed);
        }
    }
}

/* -- sizes of a set -- */

/* Load, and compare: a NULL error stands for none. Diagnostics go to `printed`, if not NULL. */
static void load_files(const char *const *paths, size_t n, const char *error, char **printed)
{
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    const struct policy_options options = {.now = NOW};
    struct policy_set *set = NULL;
    struct error err = {0};
    status st = policy_load(paths, n, &options, &list, &set, &err);
    assert_int_equal(failed(st), error != NULL);
    assert_int_equal(failed(st), set == NULL);
    if (error != NULL) {
        assert_string_equal(err.text, error);
    }
    policy_set_unref(set);
    if (printed != NULL) {
        buf_auto buf;
        buf_init(&buf, MIB);
        diagnostics_print(&list, &buf);
        *printed = strndup(buf.n == 0 ? "" : buf.p, buf.n);
    }
}

/* Exceptions are the smallest documents. */
static void documents(void **state)
{
    (void)state;
    char whole[32], rest[32];
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    buf_add_cstr(&text, POLICY("p", PASS));
    for (unsigned i = 1; i < LIMIT_POLICIES; i++) {
        buf_printf(&text, EXCEPTION("e%u", "policies: [p]" UNTIL ", reason: x"), i);
    }
    const char *paths[] = {write_policies(whole, buf_str(&text)),
                           write_policies(rest, STR(POLICY("q", PASS)))};
    load_files(paths, 1, NULL, NULL);
    load_files(paths, 2, "more than 50000 policies and exceptions", NULL);
    unlink(whole);
    unlink(rest);
}

static void files(void **state)
{
    (void)state;
    char policy[32], empty[32];
    static const char *paths[LIMIT_POLICY_FILES + 1];
    paths[0] = write_policies(policy, STR(POLICY("p", PASS)));
    paths[1] = write_policies(empty, STR("# nothing\n"));
    for (size_t i = 2; i < COUNT(paths); i++) {
        paths[i] = empty;
    }
    load_files(paths, LIMIT_POLICY_FILES, NULL, NULL);
    load_files(paths, LIMIT_POLICY_FILES + 1, "more than 20000 policy files", NULL);
    unlink(policy);
    unlink(empty);
}

/* A policy and a comment that fills the rest. */
static char *fill(size_t n)
{
    static const char POLICY_TEXT[] = POLICY("p", PASS);
    char *text = malloc(n);
    assert_non_null(text);
    memset(text, '#', n);
    memcpy(text, POLICY_TEXT, sizeof POLICY_TEXT - 1);
    return text;
}

static void bytes(void **state)
{
    (void)state;
    char full[32], fuller[32], comment[32], one[32];
    char *text = fill(LIMIT_POLICY_FILE + 1);
    write_policies(full, (struct str){text, LIMIT_POLICY_FILE});
    write_policies(fuller, (struct str){text, LIMIT_POLICY_FILE + 1});
    memset(text, '#', LIMIT_POLICY_FILE);
    write_policies(comment, (struct str){text, LIMIT_POLICY_FILE});
    write_policies(one, STR("#"));
    free(text);
    const char *paths[] = {full, comment, comment, comment, one};
    _Static_assert(4 * LIMIT_POLICY_FILE == LIMIT_POLICY_BYTES, "four full files fill a set");
    load_files(paths, 4, NULL, NULL);
    load_files(paths, 5, "the policies together have more than 134217728 bytes", NULL);
    const char *larger[] = {fuller};
    char expected[96];
    snprintf(expected, sizeof expected, "%s: larger than 33554432 bytes", fuller);
    load_files(larger, 1, expected, NULL);
    unlink(full);
    unlink(fuller);
    unlink(comment);
    unlink(one);
}

/* -- memory -- */

/* A document whose lists, by aliases, say many times more than its text. */
static void write_repeated(struct buf *text, const char *name, size_t rules)
{
    enum { SEGMENTS = 255 / 2 }; /* as much memory for one as may be */
    buf_printf(text, POLICY("%s", "images: ['!x.io'], rules: [{name: first, allow: &list ["), name);
    text->n -= strlen("}\n");
    for (unsigned i = 0; i < LIMIT_LIST_ITEMS; i++) {
        buf_printf(text, "h%u.io", i);
        for (size_t j = 0; j < SEGMENTS; j++) {
            buf_add_cstr(text, "/a");
        }
        buf_add_char(text, ',');
    }
    buf_add_cstr(text, "]}");
    for (size_t i = 1; i < rules; i++) {
        buf_printf(text, ", {name: r%zu, allow: *list}", i);
    }
    buf_add_cstr(text, "]}\n");
}

/* One document that needs too much is told so, and no other is read after it: nothing can make
 * loading abort for want of memory. */
static void memory(void **state)
{
    (void)state;
    char path[32];
    const char *paths[] = {path};
    char *printed = NULL;
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    write_repeated(&text, "p", 45);
    buf_add_cstr(&text, POLICY("q", PASS));
    write_policies(path, buf_str(&text));
    load_files(paths, 1, "the policies need more than 341 MiB of memory", &printed);
    static const char EXPECTED[] = ": from here on, the policies need more than 341 MiB of memory";
    if (strstr(printed, EXPECTED) == NULL) {
        print_error("%s\n", printed);
    }
    assert_non_null(strstr(printed, EXPECTED));
    free(printed);
    unlink(path);
}

int limit_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),     cmocka_unit_test(texts), cmocka_unit_test(items),
        cmocka_unit_test(documents), cmocka_unit_test(files), cmocka_unit_test(bytes),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests_name("limit", tests, NULL, NULL);
}
