/* Metadata that is signed as it must be and is not what it must be: each with its own message, and
 * none is taken. Where a member could have two readings, neither is. */
#include "test.h"

struct row {
    const char *role, *from, *to, *error;
};

/* Publish everything once more with the change, and update from what was trusted before. */
static void refused(const struct row *row, const char *path)
{
    struct repository *repo = repository_make();
    repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"*\"]", false);
    repository_publish(repo, "A targets snapshot timestamp");
    struct client *client = client_make(repo);
    assert_true(client_refresh(client));
    repository_add(repo, "targets", "t", "x");
    repo->edit = (struct edit){row->role, row->from, row->to, true};
    repository_publish(repo, "root A targets snapshot timestamp");
    bool good = path == NULL ? client_refresh(client) : client_download(client, path);
    if (good || strcmp(client->err.text, row->error) != 0) {
        fail_msg("%s: %s -> %s\ngot    %s\nwanted %s", row->role, row->from, row->to,
                 good ? "no error" : client->err.text, row->error);
    }
    assert_true(client->err.kind == ERROR_INPUT || client->err.kind == ERROR_LIMIT);
    const struct role *role = repository_role(repo, row->role);
    assert_int_equal(client_version(client, row->role),
                     strcmp(row->role, "A") == 0 ? 0 : role->version - 1);
}

static void run(const struct row *rows, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        refused(&rows[i], path);
    }
}

#define SPEC "\"spec_version\":\"1.0.33\""

static void every_file(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"timestamp", "\"_type\":\"timestamp\"", "\"_type\":\"snapshot\"",
         "timestamp: _type must be \"timestamp\", found \"snapshot\""},
        {"timestamp", "\"_type\":\"timestamp\"", "\"_type\":1",
         "timestamp: _type must be \"timestamp\", found \"\""},
        {"timestamp", "\"_type\":\"timestamp\",", "",
         "timestamp: _type must be \"timestamp\", found \"\""},
        {"timestamp", SPEC, "\"spec_version\":\"2.0.0\"",
         "timestamp: spec_version is \"2.0.0\"; only version 1 of the specification is known"},
        {"timestamp", SPEC, "\"spec_version\":\"1.x\"",
         "timestamp: spec_version is \"1.x\"; only version 1 of the specification is known"},
        {"timestamp", SPEC, "\"spec_version\":\"1.0.0.0\"",
         "timestamp: spec_version is \"1.0.0.0\"; only version 1 of the specification is known"},
        {"timestamp", SPEC, "\"spec_version\":\"10\"",
         "timestamp: spec_version is \"10\"; only version 1 of the specification is known"},
        {"timestamp", SPEC, "\"spec_version\":1",
         "timestamp: spec_version is \"\"; only version 1 of the specification is known"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":0",
         "timestamp: version must be at least 1"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":-3",
         "timestamp: version must be a whole number, found a number"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":\"3\"",
         "timestamp: version must be a whole number, found a string"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":3.0",
         "timestamp: version must be a whole number, found a number"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":true",
         "timestamp: version must be a whole number, found true or false"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":18446744073709551616",
         "timestamp: version must be a whole number, found a number"},
        {"timestamp", SPEC ",\"version\":3", SPEC,
         "timestamp: version must be a whole number, found nothing"},
        {"timestamp", SPEC ",\"version\":3", SPEC ",\"version\":3,\"version\":3",
         "timestamp: line 1, column 140: the key \"version\" stands twice in signed, first at line "
         "1, column 128"},
        {"timestamp", "\"expires\":\"2030-01-01T00:00:00Z\"", "\"expires\":\"2030-01-01\"",
         "timestamp: expires: \"2030-01-01\" is not a date and time; write one such as "
         "2026-12-31T00:00:00Z"},
        {"timestamp", "\"expires\":\"2030-01-01T00:00:00Z\"", "\"expires\":1893456000",
         "timestamp: expires must be a time, found a number"},
        {"timestamp", "\"expires\":\"2030-01-01T00:00:00Z\",", "",
         "timestamp: expires must be a time, found nothing"},
        {"timestamp", "\"spec_version\"", "\"other\":1.5,\"spec_version\"",
         "timestamp version 3: it holds a number that is not whole, minus zero, or beyond 64 bits, "
         "of which there is no canonical form"},
    };
    run(ROWS, COUNT(ROWS), NULL);
}

static void root(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"root", "\"consistent_snapshot\":true", "\"consistent_snapshot\":\"true\"",
         "2.root.json: consistent_snapshot must be true or false, found a string"},
        {"root", "\"keys\":{", "\"keyz\":{", "2.root.json: keys must be an object, found nothing"},
        {"root", "\"keytype\":\"ed25519\"", "\"keytype\":1",
         "2.root.json: the key k0 must have the strings keytype and scheme, and the object keyval"},
        {"root", "\"scheme\":", "\"skeme\":",
         "2.root.json: the key k0 must have the strings keytype and scheme, and the object keyval"},
        {"root", "\"keyval\":{", "\"keyvax\":{",
         "2.root.json: the key k0 must have the strings keytype and scheme, and the object keyval"},
        {"root", "\"roles\":{", "\"rolez\":{",
         "2.root.json: roles must be an object, found nothing"},
        {"root", "\"snapshot\":{\"keyids\"", "\"snapshoT\":{\"keyids\"",
         "2.root.json: the role snapshot must be an object, found nothing"},
        {"root", "\"root\":{\"keyids\":[\"k0\"]", "\"root\":{\"keyids\":\"k0\"",
         "2.root.json: the role root: keyids must be a list, found a string"},
        {"root", "\"root\":{\"keyids\":[\"k0\"]", "\"root\":{\"keyids\":[0]",
         "2.root.json: the role root: a key id must be a string, found a number"},
        {"root", "[\"k0\"],\"threshold\":1", "[\"k0\"],\"threshold\":0",
         "2.root.json: the role root: threshold must be at least 1"},
        {"root", "[\"k1\"],\"threshold\":1", "[\"k1\"],\"threshold\":-1",
         "2.root.json: the role timestamp: threshold must be a whole number, found a number"},
        {"root", "[\"k1\"],\"threshold\":1", "[\"k1\"]",
         "2.root.json: the role timestamp: threshold must be a whole number, found nothing"},
        {"root", "\"_type\":\"root\"", "\"_type\":\"targets\"",
         "2.root.json: _type must be \"root\", found \"targets\""},
    };
    run(ROWS, COUNT(ROWS), NULL);
}

static void timestamp_and_snapshot(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"timestamp", "\"meta\":{", "\"mata\":{",
         "timestamp: meta must be an object, found nothing"},
        {"timestamp", "\"snapshot.json\"", "\"3.snapshot.json\"",
         "timestamp: it does not list snapshot.json"},
        {"timestamp", "\"snapshot.json\":{\"version\":3}", "\"snapshot.json\":3",
         "timestamp: meta of snapshot.json: version must be a whole number, found nothing"},
        {"timestamp", "\"snapshot.json\":{", "\"snapshot.json\":{\"length\":-1,",
         "timestamp: meta of snapshot.json: length must be a whole number, found a number"},
        {"timestamp", "\"snapshot.json\":{", "\"snapshot.json\":{\"hashes\":[],",
         "timestamp: meta of snapshot.json: hashes must be an object that is not empty, found a "
         "list"},
        {"timestamp", "\"snapshot.json\":{", "\"snapshot.json\":{\"hashes\":{},",
         "timestamp: meta of snapshot.json: hashes must be an object that is not empty, found an "
         "object"},
        {"timestamp", "\"snapshot.json\":{", "\"snapshot.json\":{\"hashes\":{\"sha256\":1},",
         "timestamp: meta of snapshot.json: a hash must be a string, found a number"},
        {"snapshot", "\"targets.json\"", "\"target.json\"",
         "snapshot: it does not list targets.json"},
        {"snapshot", "\"A.json\":{\"version\":2}", "\"A.json\":{\"version\":0}",
         "snapshot: meta of A.json: version must be at least 1"},
    };
    run(ROWS, COUNT(ROWS), NULL);
}

static void targets(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"targets", "\"targets\":{", "\"target\":{",
         "targets: targets must be an object, found nothing"},
        {"targets", "\"length\":1", "\"length\":\"1\"",
         "targets: the target t: length must be a whole number, found a string"},
        {"targets", ",\"length\":1", "",
         "targets: the target t: length must be a whole number, found nothing"},
        {"targets", "\"hashes\":", "\"hasches\":",
         "targets: the target t: hashes must be an object that is not empty, found nothing"},
        {"targets", "\"keys\":{", "\"kez\":{",
         "targets: delegations: keys must be an object, found nothing"},
        {"targets", "\"roles\":[", "\"rolez\":[",
         "targets: delegations: roles must be a list, found nothing"},
        {"targets", "\"name\":\"A\"", "\"name\":\"\"",
         "targets: delegations: roles[0].name must be a name of 1 to 512 bytes"},
        {"targets", "\"name\":\"A\"", "\"name\":\"targets\"",
         "targets: delegations: roles[0]: nobody can delegate to the role targets"},
        {"targets", "\"name\":\"A\"", "\"name\":\"root\"",
         "targets: delegations: roles[0]: nobody can delegate to the role root"},
        {"targets", "\"terminating\":false", "\"terminating\":0",
         "targets: delegations: terminating must be true or false, found a number"},
        {"targets", "\"paths\":[\"*\"],", "",
         "targets: delegations: the role A must have one of paths and path_hash_prefixes"},
        {"targets", "\"paths\":[\"*\"],", "\"path_hash_prefixes\":[\"\"],\"paths\":[\"*\"],",
         "targets: delegations: the role A must have one of paths and path_hash_prefixes"},
        {"targets", "\"paths\":[\"*\"],", "\"paths\":\"*\",",
         "targets: delegations: paths must be a list, found a string"},
        {"targets", "\"paths\":[\"*\"],", "\"paths\":[null],",
         "targets: delegations: paths must be a list of strings, found null"},
        {"targets", "\"roles\":[",
         "\"roles\":[{\"keyids\":[],\"name\":\"A\",\"paths\":[],\"threshold\":1},",
         "targets: delegations: roles[1]: the role A stands twice"},
        {"targets", "\"keyids\":[\"k4\"]", "\"keyids\":[\"k4\",\"k4\"]",
         "targets: delegations: the role A: the key k4 stands twice"},
        {"targets", "\"threshold\":1", "\"threshold\":0",
         "targets: delegations: the role A: threshold must be at least 1"},
    };
    run(ROWS, COUNT(ROWS), NULL);
    static const struct row DELEGATED[] = {
        {"A", "\"_type\":\"targets\"", "\"_type\":\"A\"",
         "A: _type must be \"targets\", found \"A\""},
        {"A", "\"targets\":{}", "\"targets\":[]", "A: targets must be an object, found a list"},
    };
    run(DELEGATED, COUNT(DELEGATED), "other");
}

static void no_metadata_at_all(void **state)
{
    (void)state;
    static const struct {
        struct str bytes;
        const char *error;
    } CASES[] = {
        {STR(""), "the text is empty"},
        {STR("null"), "signed must be an object, found nothing"},
        {STR("[]"), "signed must be an object, found nothing"},
        {STR("{\"signed\":[],\"signatures\":[]}"), "signed must be an object, found a list"},
        {STR("{\"signed\":{}}"), "signatures must be a list, found nothing"},
        {STR("{\"signed\":{},\"signatures\":{}}"), "signatures must be a list, found an object"},
        {STR("{\"signed\":{},\"signatures\":[{\"keyid\":\"k1\"}]}"),
         "signatures[0] must have the strings keyid and sig"},
        {STR("{\"signed\":{},\"signatures\":[1]}"),
         "signatures[0] must have the strings keyid and sig"},
        {STR("{\"signed\":{},\"signatures\":[]} x"),
         "line 1, column 31: unexpected content after document"},
    };
    static const char *const FILES[] = {"2.root.json", "timestamp.json", "1.snapshot.json",
                                        "1.targets.json"};
    static const char *const NAMES[] = {"2.root.json", "timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < COUNT(CASES) * COUNT(FILES); i++) {
        size_t file = i % COUNT(FILES);
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_put(repo, FILES[file], CASES[i / COUNT(FILES)].bytes);
        assert_false(client_refresh(client));
        client_failed(
            client, ERROR_INPUT,
            arena_printf(&test_arena, "%s: %s", NAMES[file], CASES[i / COUNT(FILES)].error).p);
    }
}

static void what_was_kept(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    client->kept[client->n_kept++] = client->kept[0];
    assert_false(client_refresh(client));
    client_failed(
        client, ERROR_INPUT,
        "what was kept of the role \"root\" has no name, too long a one, or stands twice");
    client->kept[0].role = STR("");
    assert_false(client_refresh(client));
    client->kept[0].role = STR("targets");
    client->n_kept = 1;
    assert_false(client_refresh(client));
    client_failed(client, ERROR_INPUT, "there is no trusted root to begin with");
}

/* Members that nobody knows are signed, and change nothing. */
static void unknown_members(void **state)
{
    (void)state;
    static const struct row ROWS[] = {
        {"timestamp", "\"expires\"", "\"aaa\":[null,{\"b\":[]}],\"expires\"", NULL},
        {"timestamp", "{\"snapshot.json\":{", "{\"a.json\":{\"version\":1},\"snapshot.json\":{",
         NULL},
        {"snapshot", "\"targets.json\":{", "\"targets.json\":{\"custom\":\"\xc3\xa9\",", NULL},
        {"targets", "{\"hashes\"", "{\"custom\":{\"sigstore\":{\"status\":\"Active\"}},\"hashes\"",
         NULL},
        {"targets", "\"keyids\":", "\"a\":-1,\"keyids\":", NULL},
        {"root", "\"consistent_snapshot\":true,", "\"consistent_snapshot\":true,\"d\":\"\\\"\",",
         NULL},
    };
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"*\"]", false);
        repository_add(repo, "targets", "t", "x");
        repo->edit = (struct edit){ROWS[i].role, ROWS[i].from, ROWS[i].to, true};
        repository_publish(repo, "root A targets snapshot timestamp");
        if (!client_download(client, "t")) {
            fail_msg("%s: %s", ROWS[i].to, client->err.text);
        }
        client_trusts(client, 2, 2, 2, 2);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int malformed_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_file),         CASE(root),          CASE(timestamp_and_snapshot), CASE(targets),
        CASE(no_metadata_at_all), CASE(what_was_kept), CASE(unknown_members),
    };
    return cmocka_run_group_tests_name("malformed", tests, NULL, NULL);
}
