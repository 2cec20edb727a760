/* A repository, or who stands before it, that lies: mixes files, sends others, sends without end.
 */
#include "test.h"

static void no_refresh(struct client *client, enum error_kind kind, const char *message)
{
    assert_false(client_refresh(client));
    client_failed(client, kind, message);
}

/* Each role's file in the place of each other's. */
static void files_of_other_roles(void **state)
{
    (void)state;
    static const char *const FILES[] = {"2.root.json", "timestamp.json", "2.snapshot.json",
                                        "2.targets.json"};
    static const char *const NAMES[] = {"2.root.json", "timestamp", "snapshot", "targets"};
    static const char *const TYPES[] = {"root", "timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < COUNT(FILES) * COUNT(FILES); i++) {
        size_t at = i / COUNT(FILES), of = i % COUNT(FILES);
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        /* One key for all, so that nothing but the type tells them apart. */
        for (size_t j = 0; j < 4; j++) {
            repo->roles[j].keys = repo->roles[j].signers = "0";
        }
        repository_publish(repo, "root targets snapshot timestamp");
        struct str other = repository_get(repo, FILES[of]);
        repository_put(repo, FILES[at], other);
        if (at == of) {
            assert_true(client_refresh(client));
            continue;
        }
        no_refresh(client, ERROR_INPUT,
                   arena_printf(&test_arena, "%s: _type must be \"%s\", found \"%s\"", NAMES[at],
                                TYPES[at], TYPES[of])
                       .p);
    }
}

/* Snapshot and targets of other times than timestamp and snapshot name, where names tell nothing.
 */
static void mix_and_match(void **state)
{
    (void)state;
    static const struct {
        const char *file, *role, *error;
        bool older;
    } CASES[] = {
        {"snapshot.json", "snapshot", "snapshot version 3: timestamp says that it is version 2",
         false},
        {"snapshot.json", "snapshot", "snapshot version 1: timestamp says that it is version 2",
         true},
        {"targets.json", "targets", "targets version 3: snapshot says that it is version 2", false},
        {"targets.json", "targets", "targets version 1: snapshot says that it is version 2", true},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->plain = true;
        repository_publish_again(repo, "root targets snapshot timestamp");
        client = client_make(repo);
        repository_publish(repo, "targets snapshot timestamp");
        struct role *role = repository_role(repo, CASES[i].role);
        role->version = CASES[i].older ? 1 : 3;
        repository_publish_again(repo, CASES[i].role);
        no_refresh(client, ERROR_EVIDENCE, CASES[i].error);
        client_asked(client, i < 2 ? "2.root.json timestamp.json snapshot.json"
                                   : "2.root.json timestamp.json snapshot.json targets.json");
    }
}

/* The same version with other contents, where hashes tell. */
static void same_version_other_bytes(void **state)
{
    (void)state;
    static const char *const ROLES[] = {"snapshot", "targets"};
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->hashes = true;
        repository_publish(repo, "targets snapshot timestamp");
        struct role *role = repository_role(repo, ROLES[i]);
        role->expires = "2031-01-01T00:00:00Z";
        repository_publish_again(repo, ROLES[i]);
        assert_false(client_refresh(client));
        assert_non_null(
            strstr(client->err.text, arena_printf(&test_arena, "%s: its sha256 is ", ROLES[i]).p));
        assert_int_equal(client->err.kind, ERROR_EVIDENCE);
    }
}

static void other_lengths(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repo->hashes = true;
    repository_publish(repo, "targets snapshot timestamp");
    struct str good = repository_get(repo, "2.snapshot.json");
    struct str parts[] = {good, STR(" ")};
    repository_put(repo, "2.snapshot.json", arena_join(&test_arena, parts, 2));
    no_refresh(client, ERROR_EVIDENCE,
               arena_printf(&test_arena, "snapshot: it has %zu bytes, and timestamp says %zu",
                            good.n + 1, good.n)
                   .p);
    repository_put(repo, "2.snapshot.json", str_sub(good, 0, good.n - 1));
    no_refresh(client, ERROR_EVIDENCE,
               arena_printf(&test_arena, "snapshot: it has %zu bytes, and timestamp says %zu",
                            good.n - 1, good.n)
                   .p);
}

/* Hashes that nobody here can check are not passed over. */
static void unknown_hashes(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repo->edit = (struct edit){"timestamp", "\"snapshot.json\":{",
                               "\"snapshot.json\":{\"hashes\":{\"blake3\":\"00\"},", true};
    repository_publish(repo, "timestamp");
    no_refresh(client, ERROR_EVIDENCE,
               "snapshot: none of its hashes is of a kind that is known (sha256, sha384, sha512)");
}

/* Whoever has keys of one role has that role alone. */
static void keys_of_other_roles(void **state)
{
    (void)state;
    static const char *const ROLES[] = {"root", "timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < 16; i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        struct role *role = repository_role(repo, ROLES[i / 4]);
        role->signers = repository_role(repo, ROLES[i % 4])->keys;
        repository_publish(repo, "root targets snapshot timestamp");
        assert_int_equal(client_refresh(client), i / 4 == i % 4);
    }
}

/* A compromised root of another repository, with the same ids of keys. */
static void another_repository(void **state)
{
    (void)state;
    struct repository *repo = repository_make(), *other = repository_make();
    struct client *client = client_make(repo);
    for (size_t i = 0; i < 4; i++) {
        other->roles[i].keys = other->roles[i].signers = "9";
    }
    repository_publish(other, "root targets snapshot timestamp");
    repository_put(repo, "2.root.json", repository_get(other, "2.root.json"));
    no_refresh(client, ERROR_EVIDENCE,
               "root version 2: it is signed by 0 of the 1 keys that root version 1 asks for");
    repository_put(repo, "2.root.json", (struct str){NULL, 0});
    repository_put(repo, "timestamp.json", repository_get(other, "timestamp.json"));
    no_refresh(client, ERROR_EVIDENCE,
               "timestamp version 2: it is signed by 0 of the 1 keys that root version 1 asks for");
}

/* A signature of one file says nothing of another of the same role. */
static void signatures_of_other_versions(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repo->edit = (struct edit){"timestamp", "\"version\":2}", "\"version\":3}", false};
    repo->edit.from = "\"spec_version\":\"1.0.33\""
                      ",\"version\":2}";
    repo->edit.to = "\"spec_version\":\"1.0.33\""
                    ",\"version\":3}";
    repository_publish(repo, "timestamp");
    no_refresh(client, ERROR_EVIDENCE,
               "timestamp version 3: it is signed by 0 of the 1 keys that root version 1 asks for");
}

/* White space and the order of members are not signed, and mean nothing. */
static void what_is_not_signed_means_nothing(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repo->edit = (struct edit){"timestamp", "{\"_type\":\"timestamp\",",
                               " {\n\t\"_type\" : \"\\u0074imestamp\",\r\n", false};
    repository_publish(repo, "timestamp");
    assert_true(client_refresh(client));
    client_trusts(client, 1, 2, 1, 1);
}

static void plain_names(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repo->plain = true;
    repository_publish_again(repo, "root targets snapshot timestamp");
    repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"d/*\"]", false);
    repository_add(repo, "A", "d/t", "x");
    repository_publish(repo, "A targets snapshot timestamp");
    struct client *client = client_make(repo);
    assert_true(client_download(client, "d/t"));
    client_asked(client, "2.root.json timestamp.json snapshot.json targets.json A.json T:d/t");
}

/* To be answered from what was kept alone: the files themselves, and "not there". */
static void without_a_repository(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_add(repo, "targets", "t", "x");
    repository_publish(repo, "targets snapshot timestamp");
    assert_true(client_refresh(client));
    for (size_t i = 0; i < repo->n_files; i++) {
        if (strncmp(repo->files[i].name, "T:", 2) != 0 &&
            strcmp(repo->files[i].name, "timestamp.json") != 0) {
            repo->files[i].bytes = (struct str){NULL, 0};
        }
    }
    assert_true(client_download(client, "t"));
    assert_true(str_eq(client->target, STR("x")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int attack_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(files_of_other_roles),
        CASE(mix_and_match),
        CASE(same_version_other_bytes),
        CASE(other_lengths),
        CASE(unknown_hashes),
        CASE(keys_of_other_roles),
        CASE(another_repository),
        CASE(signatures_of_other_versions),
        CASE(what_is_not_signed_means_nothing),
        CASE(plain_names),
        CASE(without_a_repository),
    };
    return cmocka_run_group_tests_name("attacks", tests, NULL, NULL);
}
