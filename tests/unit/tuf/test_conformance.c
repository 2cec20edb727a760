/* The cases of tuf-conformance (github.com/theupdateframework/tuf-conformance), each under its name
 * there, against a repository of our own. Rotations of keys are in test_rotation.c, graphs of
 * delegations in test_delegations.c, kinds of keys in test_keys.c; what they store in files is here
 * what tuf_trusted says. */
#include "keys.h"
#include "test.h"

#define ALL "root targets snapshot timestamp"

static void refresh(struct client *client)
{
    if (!client_refresh(client)) {
        fail_msg("%s", client->err.text);
    }
}

static void download(struct client *client, const char *path, const char *content)
{
    if (!client_download(client, path)) {
        fail_msg("%s", client->err.text);
    }
    assert_true(str_eq(client->target, str_from(content)));
}

static void no_refresh(struct client *client, enum error_kind kind, const char *message)
{
    assert_false(client_refresh(client));
    client_failed(client, kind, message);
}

/* -- test_basic.py -- */

static void test_basic_refresh_requests(void **state)
{
    (void)state;
    struct client *client = client_make(repository_make());
    refresh(client);
    client_asked(client, "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
}

static void test_basic_refresh_trusted_data(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    client_trusts(client, 1, 1, 1, 1);
    assert_int_equal(client->n_kept, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct role *role = repository_role(repo, client->kept[i].role.p);
        assert_true(str_eq(client->kept[i].bytes, role->published));
        assert_int_equal(client->kept[i].expires, INT64_C(1893456000) * NS_PER_S);
    }
}

static void test_implicit_refresh(void **state)
{
    (void)state;
    struct client *client = client_make(repository_make());
    assert_false(client_download(client, "nonexistent artifact"));
    client_failed(client, ERROR_NOT_FOUND, "no role knows the target nonexistent artifact");
    client_asked(client, "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
    client_trusts(client, 1, 1, 1, 1);
}

static void test_invalid_initial_root(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repo->edit = (struct edit){"root", ",\"version\":1}", "}", true};
    repository_publish_again(repo, "root");
    struct client *client = client_make(repo);
    no_refresh(client, ERROR_INPUT, "root: version must be a whole number, found nothing");
    client_asked(client, "");
}

static void test_unsigned_initial_root(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repository_role(repo, "root")->signers = "4";
    repo->edit = (struct edit){"root", "\"keyid\":\"k4\"", "\"keyid\":\"k0\"", false};
    repository_publish_again(repo, "root");
    struct client *client = client_make(repo);
    no_refresh(client, ERROR_EVIDENCE,
               "root version 1: it is signed by 0 of the 1 keys that root version 1 asks for");
    client_asked(client, "");
}

static void test_unsigned_metadata(void **state)
{
    (void)state;
    static const struct {
        const char *role, *message;
        unsigned root, timestamp, snapshot;
    } CASES[] = {
        {"root", "root version 2: it is signed by 0 of the 1 keys that root version 1 asks for", 1,
         0, 0},
        {"timestamp",
         "timestamp version 2: it is signed by 0 of the 1 keys that root version 2 asks for", 2, 0,
         0},
        {"snapshot",
         "snapshot version 2: it is signed by 0 of the 1 keys that root version 2 asks for", 2, 2,
         0},
        {"targets",
         "targets version 2: it is signed by 0 of the 1 keys that root version 2 asks for", 2, 2,
         2},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        repository_role(repo, CASES[i].role)->signers = "";
        repository_publish(repo, ALL);
        struct client *client = client_make(repo);
        no_refresh(client, ERROR_EVIDENCE, CASES[i].message);
        client_trusts(client, CASES[i].root, CASES[i].timestamp, CASES[i].snapshot, 0);
    }
}

static void test_url_and_metadata_version_mismatch(void **state)
{
    (void)state;
    static const struct {
        const char *role, *message;
        unsigned root, timestamp, snapshot;
    } CASES[] = {
        {"root", "root version 3: 2.root.json must be version 2", 1, 0, 0},
        {"snapshot", "snapshot version 3: timestamp says that it is version 2", 2, 2, 0},
        {"targets", "targets version 3: snapshot says that it is version 2", 2, 2, 2},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        repo->edit = (struct edit){CASES[i].role, "\"version\":2}", "\"version\":3}", true};
        if (i == 2) {
            repo->edit.from = "},\"version\":2}";
            repo->edit.to = "},\"version\":3}";
        } else {
            repo->edit.from = "\"spec_version\":\"1.0.33\",\"version\":2}";
            repo->edit.to = "\"spec_version\":\"1.0.33\",\"version\":3}";
        }
        repository_publish(repo, ALL);
        struct client *client = client_make(repo);
        no_refresh(client, ERROR_EVIDENCE, CASES[i].message);
        client_trusts(client, CASES[i].root, CASES[i].timestamp, CASES[i].snapshot, 0);
    }
}

static void test_timestamp_content_changes(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    struct str before = repository_role(repo, "timestamp")->published;
    repo->snapshot_listed = 100;
    repository_publish_again(repo, "timestamp");
    refresh(client);
    client_asked(client, "2.root.json timestamp.json");
    client_trusts(client, 1, 1, 1, 1);
    for (size_t i = 0; i < client->n_kept; i++) {
        if (str_eq(client->kept[i].role, STR("timestamp"))) {
            assert_true(str_eq(client->kept[i].bytes, before));
        }
    }
}

static void test_basic_metadata_hash_support(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repo->hashes = true;
    repository_publish(repo, "targets snapshot timestamp");
    struct client *client = client_make(repo);
    refresh(client);
    client_trusts(client, 1, 2, 2, 2);
}

#define ZEROES "0000000000000000000000000000000000000000000000000000000000000000"

static void test_targets_hash_mismatch(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repo->hashes = true;
    repository_publish(repo, "targets snapshot timestamp");
    struct client *client = client_make(repo);
    refresh(client);
    repository_publish(repo, "targets");
    repository_role(repo, "targets")->listed_hash = STR(ZEROES);
    repository_publish(repo, "snapshot timestamp");
    assert_false(client_refresh(client));
    assert_non_null(strstr(client->err.text, "targets: its sha256 is "));
    assert_non_null(strstr(client->err.text, ", and snapshot says " ZEROES));
    client_trusts(client, 1, 3, 3, 2);
}

static void test_snapshot_hash_mismatch(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    repo->hashes = true;
    repository_publish(repo, "snapshot timestamp");
    struct client *client = client_make(repo);
    refresh(client);
    repository_publish(repo, "snapshot");
    repository_role(repo, "snapshot")->listed_hash = STR(ZEROES);
    repository_publish(repo, "timestamp");
    assert_false(client_refresh(client));
    assert_non_null(strstr(client->err.text, "snapshot: its sha256 is "));
    assert_non_null(strstr(client->err.text, ", and timestamp says " ZEROES));
    client_trusts(client, 1, 3, 2, 1);
}

static void test_metadata_bytes_match(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct str parts[] = {repository_get(repo, "timestamp.json"), STR(" \n")};
    struct str bytes = arena_join(&test_arena, parts, 2);
    repository_put(repo, "timestamp.json", bytes);
    struct client *client = client_make(repo);
    refresh(client);
    bool same = false;
    for (size_t i = 0; i < client->n_kept; i++) {
        same |= str_eq(client->kept[i].bytes, bytes);
    }
    assert_true(same);
}

static void test_custom_fields(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repo->edit = (struct edit){"root", "\"expires\"",
                               "\"custom-field\":{\"a\":[1,\"b\"]},\"expires\"", true};
    repository_publish(repo, "root");
    repo->edit =
        (struct edit){"root", "{\"keytype\"", "{\"extra-field\":{\"a\":1},\"keytype\"", true};
    repository_publish(repo, "root");
    repo->edit =
        (struct edit){"root", "\"root\":{", "\"root\":{\"another-field\":\"value\",", true};
    repository_publish(repo, "root");
    repo->edit = (struct edit){"root", "\"roles\":{",
                               "\"roles\":{\"mirrors\":{\"keyids\":[],\"threshold\":1},", true};
    repository_publish(repo, "root");
    refresh(client);
    client_trusts(client, 5, 1, 1, 1);
}

static void test_deprecated_keyid_hash_algorithms(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_role(repo, "snapshot")->keys = repository_role(repo, "snapshot")->signers = "4";
    repo->edit =
        (struct edit){"root", "\"k4\":{", "\"k4\":{\"keyid_hash_algorithms\":\"md5\",", true};
    repository_publish(repo, "root snapshot timestamp");
    refresh(client);
    client_trusts(client, 2, 2, 2, 1);
}

static void test_snapshot_404(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repo->snapshot_listed++;
    repository_publish(repo, "timestamp");
    no_refresh(client, ERROR_NOT_FOUND, "2.snapshot.json is not there");
    client_asked(client, "2.root.json timestamp.json 2.snapshot.json");
    client_trusts(client, 1, 2, 1, 1);
}

static void test_targets_404(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repository_role(repo, "targets")->listed++;
    repository_publish(repo, "snapshot timestamp");
    no_refresh(client, ERROR_NOT_FOUND, "2.targets.json is not there");
    client_asked(client, "2.root.json timestamp.json 2.snapshot.json 2.targets.json");
    client_trusts(client, 1, 2, 2, 1);
}

static void test_timestamp_404(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repository_put(repo, "timestamp.json", (struct str){NULL, 0});
    no_refresh(client, ERROR_NOT_FOUND, "timestamp.json is not there");
    client_asked(client, "2.root.json timestamp.json");
    client_trusts(client, 1, 1, 1, 1);
}

static void test_incorrect_metadata_type(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    /* A snapshot that says what a timestamp says, signed by its key. */
    repository_role(repo, "snapshot")->keys = repository_role(repo, "snapshot")->signers = "12";
    repo->edit = (struct edit){"snapshot", "\"targets.json\"", "\"snapshot.json\"", true};
    repository_publish(repo, "root snapshot");
    repository_put(repo, "timestamp.json", repository_role(repo, "snapshot")->published);
    no_refresh(client, ERROR_INPUT, "timestamp: _type must be \"timestamp\", found \"snapshot\"");
    client_trusts(client, 2, 0, 0, 0);
}

static void test_faketime(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_role(repo, "root")->expires = "2026-08-28T00:00:00Z";
    repository_publish(repo, "root");
    refresh(client);
    client->now += 7 * DAY - 1;
    refresh(client);
    client->now++;
    no_refresh(client, ERROR_EVIDENCE, "root version 2: it expired at 2026-08-28T00:00:00Z");
}

/* -- test_expiration.py -- */

static void test_root_expired(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repository_publish(repo, "root");
    refresh(client);
    repository_role(repo, "root")->expires = "2026-08-20T00:00:00Z";
    repository_publish(repo, ALL);
    no_refresh(client, ERROR_EVIDENCE, "root version 3: it expired at 2026-08-20T00:00:00Z");
    client_trusts(client, 3, 1, 1, 1);
}

static void expired_role(const char *role, const char *names, const char *message,
                         unsigned timestamp, unsigned snapshot)
{
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repository_role(repo, role)->expires = "2026-08-16T00:00:00Z";
    repository_publish(repo, names);
    no_refresh(client, ERROR_EVIDENCE, message);
    client_trusts(client, 1, timestamp, snapshot, 1);
}

static void test_timestamp_expired(void **state)
{
    (void)state;
    expired_role("timestamp", "timestamp",
                 "timestamp version 2: it expired at 2026-08-16T00:00:00Z", 1, 1);
}

static void test_snapshot_expired(void **state)
{
    (void)state;
    expired_role("snapshot", "snapshot timestamp",
                 "snapshot version 2: it expired at 2026-08-16T00:00:00Z", 2, 1);
}

static void test_targets_expired(void **state)
{
    (void)state;
    expired_role("targets", "targets snapshot timestamp",
                 "targets version 2: it expired at 2026-08-16T00:00:00Z", 2, 2);
}

static void test_expired_local_root(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    repository_role(repo, "root")->expires = "2026-08-28T00:00:00Z";
    repository_publish(repo, "root");
    refresh(client);
    repository_role(repo, "root")->expires = "2026-09-11T00:00:00Z";
    repository_publish(repo, "root");
    client->now += 18 * DAY;
    refresh(client);
    client_trusts(client, 3, 1, 1, 1);
}

static void test_expired_local_timestamp(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_role(repo, "timestamp")->expires = "2026-08-28T00:00:00Z";
    repository_publish(repo, "timestamp");
    refresh(client);
    repository_role(repo, "timestamp")->expires = "2026-09-11T00:00:00Z";
    repository_publish(repo, "targets snapshot timestamp");
    client->now += 18 * DAY;
    refresh(client);
    client_trusts(client, 1, 3, 2, 2);
}

/* -- test_file_download.py -- */

static void test_client_downloads_expected_file(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_add(repo, "targets", "target_file.txt", "target file contents");
    repository_publish(repo, "targets snapshot timestamp");
    refresh(client);
    assert_null(client->target.p);
    download(client, "target_file.txt", "target file contents");
    client_asked(client, "2.root.json timestamp.json "
                         "T:67241abae5b88165521966323626acb503b57c8656797b90ccdc939dade39d02."
                         "target_file.txt");
}

static void test_client_downloads_expected_file_in_sub_dir(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_add(repo, "targets", "path/to/a/target_file.txt", "x");
    repository_publish(repo, "targets snapshot timestamp");
    download(client, "path/to/a/target_file.txt", "x");
    client_asked(
        client, "2.root.json timestamp.json 2.snapshot.json 2.targets.json T:path/to/a/"
                "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881.target_file.txt");
}

/* Put other bytes where the target is. */
static void substitute(struct repository *repo, const char *path, const char *content)
{
    const char *found = NULL;
    for (size_t i = 0; i < repo->n_files; i++) {
        if (strncmp(repo->files[i].name, "T:", 2) == 0 && strstr(repo->files[i].name, path)) {
            found = repo->files[i].name;
        }
    }
    assert_non_null(found);
    repository_put(repo, found, str_from(content));
}

static void test_repository_substitutes_target_file(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_add(repo, "targets", "target_file.txt", "target file contents");
    repository_add(repo, "targets", "another.txt", "content");
    repository_publish(repo, "targets snapshot timestamp");
    download(client, "target_file.txt", "target file contents");
    substitute(repo, "target_file.txt", "malicious data - should not download");
    substitute(repo, "another.txt", "evilent");
    assert_false(client_download(client, "target_file.txt"));
    client_failed(client, ERROR_EVIDENCE,
                  "the target target_file.txt: it has 36 bytes, and targets says 20");
    assert_false(client_download(client, "another.txt"));
    assert_non_null(strstr(client->err.text, "the target another.txt: its sha256 is "));
    assert_null(client->target.p);
}

static void test_multiple_changes_to_target(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    for (unsigned i = 0; i < 5; i++) {
        const char *content = arena_printf(&test_arena, "modified file contents %u", i).p;
        repo->n_targets = 0;
        repository_add(repo, "targets", "target_file.txt", content);
        repository_add(repo, "targets", "new", content);
        repository_publish(repo, "targets snapshot timestamp");
        download(client, "target_file.txt", content);
        download(client, "new", content);
        substitute(repo, "target_file.txt", "modified file contents x");
        repository_publish(repo, "targets snapshot timestamp");
        assert_false(client_download(client, "target_file.txt"));
        assert_null(client->target.p);
    }
}

static void test_download_with_hash_algorithms(void **state)
{
    (void)state;
#define SHA256_X "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define SHA512_X                                                                                   \
    "a4abd4448c49562d828115d13a1fccea927f52b4d5459297f8b43e42da89238bc13626e43dcb38ddb082488927ec" \
    "904fb42057443983e88585179d50551afe62"
    static const struct {
        const char *hashes, *prefix;
    } CASES[] = {
        {"{\"sha256\":\"" SHA256_X "\"}", SHA256_X},
        {"{\"sha512\":\"" SHA512_X "\"}", SHA512_X},
        {"{\"sha256\":\"" SHA256_X "\",\"sha512\":\"" SHA512_X "\"}", SHA256_X},
        {"{\"blake3\":\"00\",\"sha512\":\"" SHA512_X "\"}", SHA512_X},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_add(repo, "targets", "target_file.txt", "x");
        repo->targets[0].hashes = CASES[i].hashes;
        repository_put(repo, arena_printf(&test_arena, "T:%s.target_file.txt", CASES[i].prefix).p,
                       STR("x"));
        repository_publish(repo, "targets snapshot timestamp");
        download(client, "target_file.txt", "x");
        substitute(repo, "target_file.txt", "y");
        assert_false(client_download(client, "target_file.txt"));
    }
}

static void test_download_with_unknown_hash_algorithm(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_add(repo, "targets", "target_file.txt", "x");
    repo->targets[0].hashes = "{\"unknown-hash\":\"" SHA512_X "\"}";
    repository_publish(repo, "targets snapshot timestamp");
    assert_false(client_download(client, "target_file.txt"));
    client_failed(client, ERROR_EVIDENCE,
                  "the target target_file.txt of targets: none of its hashes is of a kind that is "
                  "known (sha256, sha384, sha512)");
}

/* test_artifact_cache is of whoever keeps targets: the same is asked for again. */

/* -- test_keys.py -- */

static void test_snapshot_does_not_meet_threshold(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot");
    struct client *client = client_make(repo);
    snapshot->keys = snapshot->signers = "456";
    snapshot->threshold = 3;
    repository_publish(repo, ALL);
    refresh(client);
    snapshot->signers = "45";
    repository_publish(repo, "targets snapshot timestamp");
    no_refresh(client, ERROR_EVIDENCE,
               "snapshot version 3: it is signed by 2 of the 3 keys that root version 2 asks for");
    client_trusts(client, 2, 3, 2, 2);
}

static void test_snapshot_has_too_few_keys(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot");
    struct client *client = client_make(repo);
    refresh(client);
    snapshot->keys = snapshot->signers = "24567";
    snapshot->threshold = 6;
    repository_publish(repo, "root snapshot timestamp");
    no_refresh(client, ERROR_EVIDENCE,
               "snapshot version 2: it is signed by 5 of the 6 keys that root version 2 asks for");
    /* What was kept is not signed as root asks for now, and is forgotten. */
    client_trusts(client, 2, 2, 0, 1);
}

static void test_duplicate_keys(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot");
    struct client *client = client_make(repo);
    snapshot->keys = snapshot->signers = "444444444";
    snapshot->threshold = 6;
    repository_publish(repo, "root snapshot timestamp");
    no_refresh(client, ERROR_INPUT, "2.root.json: the role snapshot: the key k4 stands twice");
    client_trusts(client, 1, 0, 0, 0);
}

/* The same key under other ids counts once. */
static void one_key_under_several_ids(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot");
    struct client *client = client_make(repo);
    keys_copy('5', '4');
    keys_copy('6', '4');
    snapshot->keys = snapshot->signers = "456";
    snapshot->threshold = 2;
    repository_publish(repo, "root snapshot timestamp");
    no_refresh(client, ERROR_EVIDENCE,
               "snapshot version 2: it is signed by 1 of the 2 keys that root version 2 asks for");
    client_trusts(client, 2, 2, 0, 0);
    snapshot->keys = snapshot->signers = "4567";
    repository_publish(repo, "root snapshot timestamp");
    refresh(client);
}

static void test_duplicate_sig_keyids(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_role(repo, "snapshot")->signers = "22";
    repository_publish_again(repo, "snapshot");
    no_refresh(client, ERROR_INPUT, "snapshot: signatures[1]: the key k2 stands twice");
    client_trusts(client, 1, 1, 0, 0);
}

static void test_invalid_sig_in_valid_metadata(void **state)
{
    (void)state;
    static const char *const SIGNATURES[] = {"\"sig\":\"\"", "\"sig\":\"zz\"", "\"sig\":\"abc\"",
                                             "\"sig\":\"00"};
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    timestamp->keys = timestamp->signers = "14";
    repository_publish(repo, "root timestamp");
    for (size_t i = 0; i < COUNT(SIGNATURES); i++) {
        const char *bad = SIGNATURES[i];
        struct str text = timestamp->published;
        timestamp->version++;
        repo->edit = (struct edit){.role = NULL};
        repository_publish_again(repo, "timestamp");
        text = timestamp->published;
        /* The first signature, which is its first 128 digits. */
        const char *at = memmem(text.p, text.n, "\"sig\":\"", 7);
        char *from = strndup(at, i == 3 ? 9 : 7 + 128 + 1);
        repo->edit = (struct edit){"timestamp", from, bad, false};
        repository_publish_again(repo, "timestamp");
        refresh(client);
        assert_int_equal(client_version(client, "timestamp"), timestamp->version);
        free(from);
    }
}

/* -- test_quoting_issues.py -- */

static void test_unusual_role_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *asked;
    } CASES[] = {
        {"?", "1.%3F.json"},
        {"#", "1.%23.json"},
        {"/delegatedrole", "1.%2Fdelegatedrole.json"},
        {"../delegatedrole", "1...%2Fdelegatedrole.json"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_delegate(repo, "targets", CASES[i].name, "4", "\"paths\":[\"*\"]", false);
        repository_publish(repo, CASES[i].name);
        repository_publish(repo, "targets snapshot timestamp");
        assert_false(client_download(client, "nonexistent target"));
        client_failed(client, ERROR_NOT_FOUND, "no role knows the target nonexistent target");
        client_asked(client,
                     arena_printf(&test_arena,
                                  "2.root.json timestamp.json 2.snapshot.json 2.targets.json %s",
                                  CASES[i].asked)
                         .p);
        assert_int_equal(client->n_kept, 5);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int conformance_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_basic_refresh_requests),
        CASE(test_basic_refresh_trusted_data),
        CASE(test_implicit_refresh),
        CASE(test_invalid_initial_root),
        CASE(test_unsigned_initial_root),
        CASE(test_unsigned_metadata),
        CASE(test_url_and_metadata_version_mismatch),
        CASE(test_timestamp_content_changes),
        CASE(test_basic_metadata_hash_support),
        CASE(test_targets_hash_mismatch),
        CASE(test_snapshot_hash_mismatch),
        CASE(test_metadata_bytes_match),
        CASE(test_custom_fields),
        CASE(test_deprecated_keyid_hash_algorithms),
        CASE(test_snapshot_404),
        CASE(test_targets_404),
        CASE(test_timestamp_404),
        CASE(test_incorrect_metadata_type),
        CASE(test_faketime),
        CASE(test_root_expired),
        CASE(test_timestamp_expired),
        CASE(test_snapshot_expired),
        CASE(test_targets_expired),
        CASE(test_expired_local_root),
        CASE(test_expired_local_timestamp),
        CASE(test_client_downloads_expected_file),
        CASE(test_client_downloads_expected_file_in_sub_dir),
        CASE(test_repository_substitutes_target_file),
        CASE(test_multiple_changes_to_target),
        CASE(test_download_with_hash_algorithms),
        CASE(test_download_with_unknown_hash_algorithm),
        CASE(test_snapshot_does_not_meet_threshold),
        CASE(test_snapshot_has_too_few_keys),
        CASE(test_duplicate_keys),
        CASE(one_key_under_several_ids),
        CASE(test_duplicate_sig_keyids),
        CASE(test_invalid_sig_in_valid_metadata),
        CASE(test_unusual_role_name),
    };
    return cmocka_run_group_tests_name("conformance", tests, NULL, NULL);
}
