/* Every limit at n and at n + 1. */
#include "test.h"

#include "base/buf.h"
#include "tuf/metadata.h"

#define SPEC "\"spec_version\":\"1.0.33\""

static struct str repeated(char c, size_t n)
{
    char *text = arena_alloc(&test_arena, n + 1);
    memset(text, c, n);
    return (struct str){text, n};
}

/* `n` times what the format makes of numbers from 0 on, with commas between. */
__attribute__((format(printf, 1, 0))) static const char *listed(const char *format, size_t n)
{
    struct buf buf;
    buf_init(&buf, 4 * MIB);
    for (unsigned i = 0; i < n; i++) {
        char one[512];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(one, sizeof one, format, i);
#pragma GCC diagnostic pop
        buf_printf(&buf, "%s%s", i == 0 ? "" : ",", one);
    }
    struct str text = arena_dup(&test_arena, buf_str(&buf));
    buf_done(&buf);
    return text.p;
}

static void expect(struct client *client, bool good, const char *path, const char *error)
{
    bool got = path == NULL ? client_refresh(client) : client_download(client, path);
    if (got != good) {
        fail_msg("%s", got ? "taken" : client->err.text);
    }
    if (!good) {
        client_failed(client, ERROR_LIMIT, error);
    }
}

/* -- bytes -- */

static void files(void **state)
{
    (void)state;
    static const struct {
        const char *file, *error;
        size_t max;
    } CASES[] = {
        {"2.root.json", "2.root.json: it has more than the 524288 bytes that it may have",
         LIMIT_TUF_ROOT},
        {"timestamp.json", "timestamp: it has more than the 16384 bytes that it may have",
         LIMIT_TUF_TIMESTAMP},
        {"2.snapshot.json", "snapshot: it has more than the 1048576 bytes that it may have",
         LIMIT_TUF_SNAPSHOT},
        {"2.targets.json", "targets: it has more than the 1048576 bytes that it may have",
         LIMIT_TUF_TARGETS},
    };
    for (size_t i = 0; i < 2 * COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_publish(repo, "root targets snapshot timestamp");
        struct str good = repository_get(repo, CASES[i / 2].file);
        struct str parts[] = {good, repeated(' ', CASES[i / 2].max - good.n + i % 2)};
        repository_put(repo, CASES[i / 2].file, arena_join(&test_arena, parts, 2));
        expect(client, i % 2 == 0, NULL, CASES[i / 2].error);
    }
}

/* What another file says of the length is believed within the limit alone. */
static void lengths_that_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->edit = (struct edit){"timestamp", "\"snapshot.json\":{",
                                   i == 0 ? "\"snapshot.json\":{\"length\":1048576,"
                                          : "\"snapshot.json\":{\"length\":1048577,",
                                   true};
        repository_publish(repo, "timestamp");
        struct str parts[] = {repository_get(repo, "1.snapshot.json"), STR_EMPTY};
        parts[1] = repeated(' ', LIMIT_TUF_SNAPSHOT + i - parts[0].n);
        repository_put(repo, "1.snapshot.json", arena_join(&test_arena, parts, 2));
        expect(client, i == 0, NULL,
               "snapshot: timestamp says that it has 1048577 bytes; more than 1048576 are not "
               "taken");
    }
}

static void targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_add(repo, "targets", "t", repeated('x', LIMIT_TUF_TARGET + i).p);
        repository_publish(repo, "targets snapshot timestamp");
        expect(client, i == 0, "t",
               "the target t: targets says that it has 4194305 bytes; more than 4194304 are not "
               "taken");
    }
}

/* A tree takes sixteen bytes for each value: of a megabyte, half may be values. */
static void trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *zeroes = listed("0", i == 0 ? 100000 : 520000);
        repo->edit =
            (struct edit){"targets", "\"expires\"",
                          arena_printf(&test_arena, "\"a\":[%s],\"expires\"", zeroes).p, true};
        repository_publish(repo, "targets snapshot timestamp");
        expect(client, i == 0, NULL, "targets: the document takes more than 8 MiB of memory");
    }
}

/* -- numbers -- */

static void roots(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    for (unsigned i = 0; i < LIMIT_TUF_ROOTS + 1; i++) {
        repository_publish(repo, "root");
    }
    assert_true(client_refresh(client));
    client_trusts(client, 1 + LIMIT_TUF_ROOTS, 1, 1, 1);
    assert_non_null(strstr(client->asked, " 257.root.json timestamp.json"));
    assert_true(client_refresh(client));
    client_trusts(client, 2 + LIMIT_TUF_ROOTS, 1, 1, 1);
}

static void versions(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->edit = (struct edit){"timestamp", SPEC ",\"version\":2",
                                   i == 0 ? SPEC ",\"version\":9007199254740991"
                                          : SPEC ",\"version\":9007199254740992",
                                   true};
        repository_publish(repo, "timestamp");
        expect(client, i == 0, NULL,
               "timestamp: version is larger than any that is taken (2^53 - 1)");
    }
}

static void signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *more =
            listed("{\"keyid\":\"x%u\",\"sig\":\"00\"}", LIMIT_TUF_SIGNATURES - 1 + i);
        repo->edit = (struct edit){"timestamp", "\"signatures\":[",
                                   arena_printf(&test_arena, "\"signatures\":[%s,", more).p, false};
        repository_publish(repo, "timestamp");
        expect(client, i == 0, NULL, "timestamp: it has more than 64 signatures");
    }
}

static void keys_of_a_role(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *more = listed("\"x%u\"", LIMIT_TUF_ROLE_KEYS - 1 + i);
        repo->edit =
            (struct edit){"root", "\"keyids\":[\"k1\"",
                          arena_printf(&test_arena, "\"keyids\":[%s,\"k1\"", more).p, true};
        repository_publish(repo, "root");
        expect(client, i == 0, NULL, "2.root.json: the role timestamp: it has more than 64 keys");
    }
}

static void files_of_a_snapshot(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *more = listed("\"a%04u.json\":{\"version\":1}", LIMIT_TUF_META - 1 + i);
        repo->edit = (struct edit){"snapshot", "\"targets.json\"",
                                   arena_printf(&test_arena, "%s,\"targets.json\"", more).p, true};
        repository_publish(repo, "snapshot timestamp");
        expect(client, i == 0, NULL, "snapshot: it lists more than 4096 files");
    }
}

static void delegations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *more =
            listed("{\"keyids\":[\"k4\"],\"name\":\"r%u\",\"paths\":[\"x\"],\"threshold\":1}",
                   LIMIT_TUF_DELEGATIONS - 1 + i);
        repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"*\"]", false);
        repository_add(repo, "A", "t", "x");
        repo->edit = (struct edit){"targets", "\"roles\":[",
                                   arena_printf(&test_arena, "\"roles\":[%s,", more).p, true};
        repository_publish(repo, "A targets snapshot timestamp");
        expect(client, i == 0, "t", "targets: delegations: it delegates to more than 1024 roles");
    }
}

/* -- searches -- */

static void roles_of_a_search(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        for (unsigned n = 0; n < LIMIT_TUF_ROLES + i; n++) {
            const char *name = arena_printf(&test_arena, "r%02u", n).p;
            repository_delegate(repo, "targets", name, "4", "\"paths\":[\"*\"]", false);
            repository_publish(repo, name);
        }
        repository_add(repo, "r31", "at-31", "x");
        repository_publish(repo, "r31 targets snapshot timestamp");
        struct client *client = client_make(repo);
        assert_true(client_download(client, "at-31"));
        assert_false(client_download(client, "t"));
        if (i == 0) {
            client_failed(client, ERROR_NOT_FOUND, "no role knows the target t");
        } else {
            client_failed(client, ERROR_LIMIT, "the target t: more than 32 roles would be asked");
        }
    }
}

static void depth_of_a_search(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        const char *by = "targets";
        for (unsigned n = 1; n <= LIMIT_TUF_DEPTH + i; n++) {
            const char *name = arena_printf(&test_arena, "r%02u", n).p;
            repository_delegate(repo, by, name, "4", "\"paths\":[\"*\"]", false);
            by = name;
        }
        repository_add(repo, by, "t", "x");
        for (size_t n = 4; n < repo->n_roles; n++) {
            repository_publish(repo, repo->roles[n].name);
        }
        repository_publish(repo, "targets snapshot timestamp");
        struct client *client = client_make(repo);
        expect(client, i == 0, "t",
               "the target t: the role r09 is delegated more than 8 roles deep");
    }
}

static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        const char *name = repeated('n', LIMIT_TUF_NAME + i).p;
        const char *path = repeated('p', LIMIT_TUF_NAME).p;
        repository_delegate(repo, "targets", name, "4", "\"paths\":[\"*\"]", false);
        repository_add(repo, name, path, "x");
        repository_publish(repo, name);
        repository_publish(repo, "targets snapshot timestamp");
        assert_int_equal(client_download(client, path), i == 0);
        if (i == 1) {
            client_failed(client, ERROR_INPUT,
                          "targets: delegations: roles[0].name must be a name of 1 to 512 bytes");
        }
        struct client *other = client_make(repository_make());
        assert_false(client_download(other, repeated('p', LIMIT_TUF_NAME + i).p));
        assert_int_equal(other->err.kind, i == 0 ? ERROR_NOT_FOUND : ERROR_INPUT);
        other = client_make(repository_make());
        other->kept[other->n_kept++] =
            (struct tuf_file){.role = repeated('n', LIMIT_TUF_NAME + i), .bytes = STR("x")};
        assert_int_equal(client_refresh(other), i == 0);
    }
}

/* -- what is kept -- */

/* Files of delegated roles never take the room of others, and those that are no longer listed are
 * forgotten. */
static void files_that_are_kept(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    const char *more = listed("\"a%02u.json\":{\"version\":1}", LIMIT_TUF_FILES);
    repository_delegate(repo, "targets", "z", "4", "\"paths\":[\"*\"]", false);
    repository_add(repo, "z", "t", "x");
    repo->edit = (struct edit){"snapshot", "\"targets.json\"",
                               arena_printf(&test_arena, "%s,\"targets.json\"", more).p, true};
    repository_publish(repo, "z targets snapshot timestamp");
    for (unsigned i = 0; i < LIMIT_TUF_FILES; i++) {
        client->kept[client->n_kept++] =
            (struct tuf_file){.role = arena_printf(&test_arena, "a%02u", i), .bytes = STR("x")};
    }
    assert_true(client_download(client, "t"));
    client_trusts(client, 1, 2, 2, 2);
    assert_int_equal(client->n_kept, 4 + LIMIT_TUF_FILES);
    assert_int_equal(client_version(client, "z"), 0);
    client->kept[client->n_kept++] = (struct tuf_file){.role = STR("one-more"), .bytes = STR("x")};
    expect(client, false, NULL, "more than 64 files of delegated roles were kept");
    /* Without anything trusted of snapshot, files may go from it. */
    client->kept[client->n_kept - 1].role = STR("snapshot");
    for (size_t i = 0; i < client->n_kept - 1; i++) {
        if (str_eq(client->kept[i].role, STR("snapshot"))) {
            client->kept[i] = client->kept[--client->n_kept];
        }
    }
    repo->edit = (struct edit){.role = NULL};
    repository_publish(repo, "snapshot timestamp");
    assert_true(client_download(client, "t"));
    assert_int_equal(client->n_kept, 5);
    assert_int_equal(client_version(client, "z"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int limit_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(files),
        CASE(lengths_that_are_told),
        CASE(targets),
        CASE(trees),
        CASE(roots),
        CASE(versions),
        CASE(signatures),
        CASE(keys_of_a_role),
        CASE(files_of_a_snapshot),
        CASE(delegations),
        CASE(roles_of_a_search),
        CASE(depth_of_a_search),
        CASE(names),
        CASE(files_that_are_kept),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
