/* Searches through delegations: the cases of tuf-conformance's test_updater_delegation_graphs.py
 * under their names, and further ones. */
#include "test.h"

#include "base/buf.h"
#include "tuf/delegation.h"
#include "tuf/name.h"

#define ANY "\"paths\":[\"*\"]"
#define PY  "\"paths\":[\"*.py\"]"

struct edge {
    const char *by, *name, *paths;
    bool terminating;
};

/* Delegate, and publish what is delegated to. */
static struct client *make_graph(struct repository *repo, const struct edge *edges)
{
    for (size_t i = 0; edges[i].by != NULL; i++) {
        repository_delegate(repo, edges[i].by, edges[i].name, "4",
                            edges[i].paths == NULL ? ANY : edges[i].paths, edges[i].terminating);
    }
    for (size_t i = 4; i < repo->n_roles; i++) {
        repository_publish(repo, repo->roles[i].name);
    }
    repository_publish(repo, "targets snapshot timestamp");
    return client_make(repo);
}

/* Fail unless the last update asked for these delegated roles, and nothing more. */
static void visited(const struct client *client, const char *name, const char *roles)
{
    static const char TOP[] = "2.root.json timestamp.json 2.snapshot.json 2.targets.json";
    struct buf buf;
    buf_init(&buf, KIB);
    buf_add_cstr(&buf, TOP);
    for (; *roles != '\0'; roles++) {
        buf_printf(&buf, " 1.%c.json", *roles);
    }
    size_t n = strlen(client->asked);
    const char *target = strstr(client->asked, " T:");
    if (target != NULL) {
        n = (size_t)(target - client->asked);
    }
    if (!str_eq(buf_str(&buf), (struct str){client->asked, n})) {
        fail_msg("%s: asked for %s", name, client->asked);
    }
    buf_done(&buf);
}

static void test_graph_traversal(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct edge edges[6];
        const char *order;
    } CASES[] = {
        {"basic-delegation", {{"targets", "A"}}, "A"},
        {"single-level-delegations", {{"targets", "A"}, {"targets", "B"}}, "AB"},
        {"two-level-delegations", {{"targets", "A"}, {"targets", "B"}, {"B", "C"}}, "ABC"},
        {"two-level-test-DFS-order-of-traversal",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"A", "D"}},
         "ACDB"},
        {"three-level-delegation-test-DFS-order-of-traversal",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"C", "D"}},
         "ACDB"},
        {"two-level-terminating-ignores-all-but-roles-descendants",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", ANY, true}, {"A", "D"}},
         "AC"},
        {"three-level-terminating-ignores-all-but-roles-descendants",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", ANY, true}, {"C", "D"}},
         "ACD"},
        {"two-level-ignores-all-branches-not-matching-paths",
         {{"targets", "A", PY}, {"targets", "B"}, {"A", "C"}},
         "B"},
        {"three-level-ignores-all-branches-not-matching-paths",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", PY}, {"C", "D"}},
         "AB"},
        {"cyclic-graph",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"C", "D"}, {"D", "B"}},
         "ABCD"},
        {"two-roles-delegating-to-a-third",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C"}},
         "ACB"},
        {"two-roles-delegating-to-a-third-different-paths",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C", PY}},
         "ABC"},
        /* further ones */
        {"a role that delegates to itself", {{"targets", "A"}, {"A", "A"}}, "A"},
        {"terminating, and not for the path", {{"targets", "A", PY, true}, {"targets", "B"}}, "B"},
        {"terminating, and visited before",
         {{"targets", "A"}, {"A", "B"}, {"targets", "B", ANY, true}, {"targets", "C"}},
         "AB"},
        {"a descendant of a terminating one terminates",
         {{"targets", "A", ANY, true}, {"A", "B", ANY, true}, {"A", "C"}, {"B", "D"}},
         "ABD"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct client *client = make_graph(repository_make(), CASES[i].edges);
        assert_false(client_download(client, "missingpath"));
        client_failed(client, ERROR_NOT_FOUND, "no role knows the target missingpath");
        visited(client, CASES[i].name, CASES[i].order);
    }
}

static void test_targetfile_search(void **state)
{
    (void)state;
    static const struct edge TREE[] = {
        {"targets", "A", "\"paths\":[\"*.doc\",\"*.md\",\"foo-?.tgz\"]", false},
        {"targets", "B", "\"paths\":[\"releases/*/*\"]", false},
        {"B", "C", "\"paths\":[\"releases/x/*\"]", false},
        {"B", "D", "\"paths\":[\"releases/y/*.zip\"]", false},
        {NULL, NULL, NULL, false},
    };
    static const struct target TARGETS[] = {
        {"targets", "targetfile", "targetfile content", NULL},
        {"A", "README.md", "README by A", NULL},
        {"A", "releases/README.md", "nested README by A", NULL},
        {"A", "foo-1.tgz", "foo 1", NULL},
        {"A", "foo-alpha.tgz", "foo alpha", NULL},
        {"C", "releases/x/x_v1", "x release by C", NULL},
        {"D", "releases/y/y_v1.zip", "y release by D", NULL},
        {"D", "releases/z/z_v1.zip", "z release by D", NULL},
    };
    static const struct {
        const char *name, *path, *content, *order;
    } CASES[] = {
        {"no delegations", "targetfile", "targetfile content", ""},
        {"targetpath matches wildcard", "README.md", "README by A", "A"},
        {"targetpath with separators x", "releases/x/x_v1", "x release by C", "BC"},
        {"targetpath with separators y", "releases/y/y_v1.zip", "y release by D", "BD"},
        {"targetpath is not delegated by all roles in the chain", "releases/z/z_v1.zip", NULL, "B"},
        {"wildcard does not match path separator", "releases/README.md", NULL, ""},
        {"targetpath matches question mark wildcard", "foo-1.tgz", "foo 1", "A"},
        {"targetpath does not match question mark wildcard", "foo-alpha.tgz", NULL, ""},
        {"targetpath matching is case sensitive", "README.MD", NULL, ""},
    };
    for (int plain = 0; plain < 2; plain++) {
        for (size_t i = 0; i < COUNT(CASES); i++) {
            struct repository *repo = repository_make();
            for (size_t j = 0; j < COUNT(TARGETS); j++) {
                repository_add(repo, TARGETS[j].role, TARGETS[j].path, TARGETS[j].content);
            }
            struct client *client = make_graph(repo, TREE);
            assert_int_equal(client_download(client, CASES[i].path), CASES[i].content != NULL);
            if (CASES[i].content == NULL) {
                assert_int_equal(client->err.kind, ERROR_NOT_FOUND);
            } else {
                assert_true(str_eq(client->target, str_from(CASES[i].content)));
            }
            visited(client, CASES[i].name, CASES[i].order);
        }
    }
}

/* A role that is good for one that delegates to it says nothing for another. */
static void test_cached_role_is_verified_against_current_delegator(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repository_delegate(repo, "targets", "parent-a", "4", "\"paths\":[\"team-a/*\"]", false);
    repository_delegate(repo, "targets", "parent-b", "5", "\"paths\":[\"team-b/*\"]", false);
    repository_delegate(repo, "parent-a", "release", "6", "\"paths\":[\"team-a/*\"]", false);
    repository_delegate(repo, "parent-b", "release", "7", "\"paths\":[\"team-b/*\"]", false);
    repository_add(repo, "release", "team-a/trusted_root.json", "trusted A");
    repository_add(repo, "release", "team-b/trusted_root.json", "malicious B");
    repository_publish(repo, "release parent-a parent-b targets snapshot timestamp");
    struct client *client = client_make(repo);
    assert_true(client_download(client, "team-a/trusted_root.json"));
    assert_true(str_eq(client->target, STR("trusted A")));
    assert_false(
        client_download_two(client, "team-a/trusted_root.json", "team-b/trusted_root.json"));
    client_failed(client, ERROR_EVIDENCE,
                  "release version 1: it is signed by 0 of the 1 keys that parent-b version 1 "
                  "asks for");
    assert_null(client->target.p);
}

static void test_delegation_not_in_snapshot(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_delegate(repo, "targets", "delegated", "4", "\"paths\":[\"delegatedpath/*\"]",
                        false);
    repository_publish(repo, "delegated targets");
    repository_role(repo, "delegated")->listed = 0;
    repository_publish(repo, "snapshot timestamp");
    assert_true(client_refresh(client));
    assert_false(client_download(client, "delegatedpath/foo"));
    client_failed(client, ERROR_EVIDENCE,
                  "snapshot version 2: it does not list delegated.json, to which targets "
                  "delegates");
    client_asked(client, "2.root.json timestamp.json");
    assert_int_equal(client_version(client, "delegated"), 0);
}

/* -- further ones -- */

static struct repository *one_delegation(void)
{
    struct repository *repo = repository_make();
    repository_delegate(repo, "targets", "A", "4", ANY, false);
    repository_delegate(repo, "targets", "B", "5", ANY, false);
    repository_add(repo, "A", "a", "of A");
    repository_add(repo, "B", "a", "of B");
    return repo;
}

static void attacks_on_delegated_roles(void **state)
{
    (void)state;
    static const struct {
        const char *name, *signers, *expires, *error;
        enum error_kind kind;
        unsigned version;
    } CASES[] = {
        {"not signed", "5", NULL,
         "A version 1: it is signed by 0 of the 1 keys that targets version 2 asks for",
         ERROR_EVIDENCE, 0},
        {"expired", NULL, "2026-08-21T00:00:00Z", "A version 1: it expired at 2026-08-21T00:00:00Z",
         ERROR_EVIDENCE, 0},
        {"missing", NULL, NULL, "7.A.json is not there", ERROR_NOT_FOUND, 7},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = one_delegation();
        struct role *role = repository_role(repo, "A");
        role->signers = CASES[i].signers == NULL ? role->signers : CASES[i].signers;
        role->expires = CASES[i].expires == NULL ? role->expires : CASES[i].expires;
        repository_publish(repo, "A B");
        role->listed = CASES[i].version == 0 ? 1 : CASES[i].version;
        repository_publish(repo, "targets snapshot timestamp");
        struct client *client = client_make(repo);
        /* The search does not go on to B, which would answer. */
        assert_false(client_download(client, "a"));
        client_failed(client, CASES[i].kind, CASES[i].error);
    }
}

/* The first that knows a target is believed, above all that come after it. */
static void the_first_is_believed(void **state)
{
    (void)state;
    struct repository *repo = one_delegation();
    repository_publish(repo, "A B targets snapshot timestamp");
    struct client *client = client_make(repo);
    assert_true(client_download(client, "a"));
    assert_true(str_eq(client->target, STR("of A")));
    repository_add(repo, "targets", "a", "of targets");
    repository_publish(repo, "targets snapshot timestamp");
    assert_true(client_download(client, "a"));
    assert_true(str_eq(client->target, STR("of targets")));
}

static void what_is_kept_of_a_role_is_used(void **state)
{
    (void)state;
    struct repository *repo = one_delegation();
    repository_publish(repo, "A B targets snapshot timestamp");
    struct client *client = client_make(repo);
    assert_true(client_download_two(client, "a", "a"));
    assert_int_equal(client_version(client, "A"), 1);
    assert_true(client_download(client, "a"));
    assert_null(strstr(client->asked, "A.json"));
    repository_publish(repo, "A snapshot timestamp");
    assert_true(client_download(client, "a"));
    assert_non_null(strstr(client->asked, "2.A.json"));
    assert_int_equal(client_version(client, "A"), 2);
}

static void hash_prefixes(void **state)
{
    (void)state;
    /* The path "a" has ca978112ca1bbdca... */
    static const struct {
        const char *prefixes, *error;
    } CASES[] = {
        {"\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\"", NULL},
        {"\"0\",\"c\"", NULL},
        {"\"ca97\"", NULL},
        {"", "no role knows the target a"},
        {"\"ca98\"", "no role knows the target a"},
        {"\"CA\"", "targets version 2: the hash prefix CA is malformed"},
        {"\"xyz\"", "targets version 2: the hash prefix xyz is malformed"},
        {"\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb0\"",
         "no role knows the target a"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        repository_delegate(
            repo, "targets", "A", "4",
            arena_printf(&test_arena, "\"path_hash_prefixes\":[%s]", CASES[i].prefixes).p, false);
        repository_add(repo, "A", "a", "of A");
        repository_publish(repo, "A targets snapshot timestamp");
        struct client *client = client_make(repo);
        assert_int_equal(client_download(client, "a"), CASES[i].error == NULL);
        if (CASES[i].error != NULL) {
            assert_string_equal(client->err.text, CASES[i].error);
        }
    }
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool matches;
    } CASES[] = {
        {"targets/*.tgz", "targets/foo.tgz", true},
        {"targets/*.tgz", "targets/foo.txt", false},
        {"foo-version-?.tgz", "foo-version-2.tgz", true},
        {"foo-version-?.tgz", "foo-version-alpha.tgz", false},
        {"*.tgz", "foo.tgz", true},
        {"*.tgz", "targets/foo.tgz", false},
        {"foo.tgz", "foo.tgz", true},
        {"foo.tgz", "foo.tgz/", false},
        {"*", "", true},
        {"**", "a", true},
        {"**", "a/b", false},
        {"*/*", "a/b", true},
        {"?", "/", false},
        {"?", "", false},
        {"", "", true},
        {"", "a", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"A", "a", false},
        {"registry.npmjs.org/*", "registry.npmjs.org/keys.json", true},
        {"registry.npmjs.org/*", "registry.npmjs.org/a/b", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (tuf_path_matches(str_from(CASES[i].pattern), str_from(CASES[i].path)) !=
            CASES[i].matches) {
            fail_msg("%s, %s", CASES[i].pattern, CASES[i].path);
        }
    }
}

static void patterns_of_two_readings(void **state)
{
    (void)state;
    static const char *const PATTERNS[] = {"[ab]", "\\\\*"};
    for (size_t i = 0; i < COUNT(PATTERNS); i++) {
        struct repository *repo = repository_make();
        repository_delegate(repo, "targets", "A", "4",
                            arena_printf(&test_arena, "\"paths\":[\"%s\"]", PATTERNS[i]).p, true);
        repository_publish(repo, "A targets snapshot timestamp");
        struct client *client = client_make(repo);
        assert_false(client_download(client, "a"));
        client_failed(client, ERROR_INPUT,
                      arena_printf(&test_arena,
                                   "targets version 2: the pattern %s has a character that readers "
                                   "take in different ways",
                                   i == 0 ? "[ab]" : "\\*")
                          .p);
    }
}

static void paths_of_targets(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "/a", "a/", "a//b", ".", "..", "a/../b", "./a"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct client *client = client_make(repository_make());
        assert_false(client_download(client, BAD[i]));
        assert_int_equal(client->err.kind, ERROR_INPUT);
    }
    assert_true(tuf_is_path(STR("...")));
    assert_true(tuf_is_path(STR("a/.b/c..")));
    struct str quoted = tuf_quoted(&test_arena, STR("a b/%/\x80?.~-_#"), true);
    assert_true(str_eq(quoted, STR("a%20b/%25/%80%3F.~-_%23")));
}

/* Answer until nothing more is asked for. */
static bool run(struct repository *repo, struct tuf *tuf, struct tuf_move *move)
{
    struct error err;
    while (move->action == TUF_FETCH) {
        const char *name =
            arena_printf(&test_arena, "%s%.*s", move->target ? "T:" : "", STR_ARG(move->path)).p;
        struct str bytes = repository_get(repo, name);
        const struct tuf_answer answer = {bytes.p != NULL, bytes};
        if (failed(tuf_take(tuf, &answer, move, &err))) {
            return false;
        }
    }
    return true;
}

/* After a search that failed, another may succeed. */
static void searches_one_after_the_other(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"b", "a", "b", "/", "a", "a"};
    struct repository *repo = one_delegation();
    repository_publish(repo, "A B targets snapshot timestamp");
    struct client *client = client_make(repo);
    const struct tuf_want want = {client->kept, client->n_kept, client->now};
    struct tuf_move move;
    struct error err;
    tuf_auto *tuf = NULL;
    assert_false(failed(tuf_start(&want, &tuf, &move, &err)));
    assert_true(run(repo, tuf, &move));
    for (size_t i = 0; i < COUNT(PATHS); i++) {
        bool found =
            !failed(tuf_find(tuf, str_from(PATHS[i]), &move, &err)) && run(repo, tuf, &move);
        assert_int_equal(found, strcmp(PATHS[i], "a") == 0);
    }
    assert_int_equal(tuf_role(tuf, STR("A"))->version, 1);
    assert_null(tuf_role(tuf, STR("C")));
    assert_false(tuf_rotated(tuf));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int delegation_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_graph_traversal),
        CASE(test_targetfile_search),
        CASE(test_cached_role_is_verified_against_current_delegator),
        CASE(test_delegation_not_in_snapshot),
        CASE(attacks_on_delegated_roles),
        CASE(the_first_is_believed),
        CASE(what_is_kept_of_a_role_is_used),
        CASE(hash_prefixes),
        CASE(patterns),
        CASE(patterns_of_two_readings),
        CASE(paths_of_targets),
        CASE(searches_one_after_the_other),
    };
    return cmocka_run_group_tests_name("delegations", tests, NULL, NULL);
}
