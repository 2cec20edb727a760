/* Versions that go back, and when they may: the cases of tuf-conformance's test_rollback.py under
 * their names, and further ones. */
#include "test.h"

static void refresh(struct client *client)
{
    if (!client_refresh(client)) {
        fail_msg("%s", client->err.text);
    }
}

static void no_refresh(struct client *client, const char *message)
{
    assert_false(client_refresh(client));
    client_failed(client, ERROR_EVIDENCE, message);
}

static void test_new_timestamp_version_rollback(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_publish(repo, "timestamp");
    refresh(client);
    repository_role(repo, "timestamp")->version = 1;
    repository_publish_again(repo, "timestamp");
    no_refresh(client, "timestamp version 1: version 2 was trusted before");
    client_trusts(client, 1, 2, 1, 1);
    client_asked(client, "2.root.json timestamp.json");
}

static void test_snapshot_rollback(void **state)
{
    (void)state;
    for (int hashes = 0; hashes < 2; hashes++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->hashes = hashes == 1;
        repository_publish(repo, "snapshot timestamp");
        refresh(client);
        repository_role(repo, "snapshot")->version = 1;
        repository_publish_again(repo, "snapshot");
        repository_publish(repo, "timestamp");
        no_refresh(client, "timestamp version 3: it names snapshot version 1, and version 2 was "
                           "trusted before");
        client_trusts(client, 1, 2, 2, 1);
        client_asked(client, "2.root.json timestamp.json");
    }
}

static void delegate(struct repository *repo)
{
    repository_delegate(repo, "targets", "delegated", "4", "\"paths\":[\"delegatedpath/*\"]",
                        false);
    repository_publish(repo, "delegated");
}

static void test_targets_role_removal(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    delegate(repo);
    repository_publish(repo, "targets snapshot timestamp");
    refresh(client);
    repository_role(repo, "delegated")->listed = 0;
    repository_publish(repo, "snapshot timestamp");
    no_refresh(client, "snapshot version 3: it no longer lists delegated.json");
    client_trusts(client, 1, 3, 2, 2);
}

static void test_targets_fast_forward_recovery(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot"),
                *targets = repository_role(repo, "targets");
    struct client *client = client_make(repo);
    delegate(repo);
    targets->version = 99;
    repository_publish(repo, "targets snapshot timestamp");
    refresh(client);
    client_trusts(client, 1, 2, 2, 100);
    snapshot->keys = snapshot->signers = "5";
    targets->version = 1;
    repository_role(repo, "delegated")->listed = 0;
    repository_publish_again(repo, "targets");
    repository_publish(repo, "root snapshot timestamp");
    refresh(client);
    client_trusts(client, 2, 3, 3, 1);
}

static void test_new_snapshot_fast_forward_recovery(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot"),
                *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    snapshot->version = 99;
    repository_publish(repo, "snapshot timestamp");
    refresh(client);
    client_trusts(client, 1, 2, 100, 1);
    snapshot->keys = snapshot->signers = "5";
    timestamp->keys = timestamp->signers = "6";
    snapshot->version = 1;
    repository_publish_again(repo, "snapshot");
    repository_publish(repo, "root timestamp");
    refresh(client);
    client_trusts(client, 2, 3, 1, 1);
}

static void test_new_timestamp_fast_forward_recovery(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    timestamp->version = 99;
    repository_publish(repo, "timestamp");
    refresh(client);
    client_trusts(client, 1, 100, 1, 1);
    timestamp->keys = timestamp->signers = "6";
    timestamp->version = 1;
    repository_publish_again(repo, "timestamp");
    repository_publish(repo, "root");
    refresh(client);
    client_trusts(client, 2, 1, 1, 1);
}

static void test_targets_rollback(void **state)
{
    (void)state;
    for (int hashes = 0; hashes < 2; hashes++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repo->hashes = hashes == 1;
        repository_publish(repo, "targets snapshot timestamp");
        refresh(client);
        repository_role(repo, "targets")->version = 1;
        repository_publish_again(repo, "targets");
        repository_publish(repo, "snapshot timestamp");
        no_refresh(client, "snapshot version 3: it names targets.json version 1, and version 2 "
                           "was trusted before");
        client_trusts(client, 1, 3, 2, 2);
    }
}

/* -- further ones -- */

static void a_delegated_role_goes_back(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    delegate(repo);
    repository_publish(repo, "delegated");
    repository_publish(repo, "targets snapshot timestamp");
    refresh(client);
    repository_role(repo, "delegated")->version = 1;
    repository_publish_again(repo, "delegated");
    repository_publish(repo, "snapshot timestamp");
    no_refresh(client, "snapshot version 3: it names delegated.json version 1, and version 2 was "
                       "trusted before");
}

/* Only keys that are gone let versions begin anew: one more key, or the same one under another id,
 * does not. */
static void keys_that_are_added_are_no_rotation(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    repository_publish(repo, "timestamp");
    refresh(client);
    timestamp->keys = timestamp->signers = "15";
    timestamp->version = 1;
    repository_publish_again(repo, "timestamp");
    repository_publish(repo, "root");
    no_refresh(client, "timestamp version 1: version 2 was trusted before");
    client_trusts(client, 2, 2, 1, 1);
}

/* A key that stays signs for what was kept: without comparing roots it would count on. */
static void one_of_two_keys_is_replaced(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    timestamp->keys = "15";
    timestamp->version = 99;
    repository_publish(repo, "root timestamp");
    refresh(client);
    client_trusts(client, 2, 100, 1, 1);
    timestamp->keys = "16";
    timestamp->version = 3;
    repository_publish_again(repo, "timestamp");
    repository_publish(repo, "root");
    refresh(client);
    client_trusts(client, 3, 3, 1, 1);
}

/* The same of snapshot: timestamp's memory of its version goes with it. */
static void one_of_two_keys_of_snapshot_is_replaced(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *snapshot = repository_role(repo, "snapshot");
    struct client *client = client_make(repo);
    snapshot->keys = "25";
    snapshot->version = 99;
    repository_publish(repo, "root snapshot timestamp");
    refresh(client);
    client_trusts(client, 2, 2, 100, 1);
    snapshot->keys = "26";
    snapshot->version = 3;
    repository_publish_again(repo, "snapshot");
    repository_publish(repo, "root timestamp");
    refresh(client);
    client_trusts(client, 3, 3, 3, 1);
}

/* The update that sees the rotation fails before it has another timestamp: what was kept is
 * forgotten all the same, and the next update succeeds. */
static void a_rotation_is_not_lost_by_a_failure(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    timestamp->keys = "15";
    timestamp->version = 99;
    repository_publish(repo, "root timestamp");
    refresh(client);
    timestamp->keys = "16";
    timestamp->version = 3;
    repository_publish(repo, "root");
    repository_put(repo, "timestamp.json", (struct str){NULL, 0});
    assert_false(client_refresh(client));
    client_trusts(client, 3, 0, 0, 1);
    repository_publish_again(repo, "timestamp");
    refresh(client);
    client_trusts(client, 3, 3, 1, 1);
}

/* A failure in the middle of walking roots loses nothing that protects from old versions. */
static void a_broken_root_forgets_nothing(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_publish(repo, "timestamp");
    refresh(client);
    repository_publish(repo, "root");
    repository_put(repo, "3.root.json", STR("{}"));
    assert_false(client_refresh(client));
    client_failed(client, ERROR_INPUT, "3.root.json: signed must be an object, found nothing");
    client_trusts(client, 2, 2, 1, 1);
    repository_put(repo, "3.root.json", (struct str){NULL, 0});
    repository_role(repo, "timestamp")->version = 1;
    repository_publish_again(repo, "timestamp");
    no_refresh(client, "timestamp version 1: version 2 was trusted before");
}

/* The timestamp that was kept is lost, and the snapshot is not. */
static void a_snapshot_alone_protects_itself(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_publish(repo, "snapshot timestamp");
    refresh(client);
    for (size_t i = 0; i < client->n_kept; i++) {
        if (str_eq(client->kept[i].role, STR("timestamp"))) {
            client->kept[i] = client->kept[--client->n_kept];
        }
    }
    repo->snapshot_listed = 1;
    repository_publish(repo, "timestamp");
    no_refresh(client, "snapshot version 1: version 2 was trusted before");
}

/* What was kept is believed no more than what comes: another's bytes are nobody's. */
static void what_was_kept_is_verified(void **state)
{
    (void)state;
    struct repository *repo = repository_make(), *other = repository_make();
    struct client *client = client_make(repo);
    static const char *const NAMES[] = {"timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        struct role *role = repository_role(other, NAMES[i]);
        role->signers = "9";
        role->version = 7;
        repository_publish_again(other, NAMES[i]);
        client->kept[client->n_kept++] =
            (struct tuf_file){.role = str_from(NAMES[i]), .bytes = role->published};
    }
    refresh(client);
    client_trusts(client, 1, 1, 1, 1);
    client_asked(client, "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
}

static void what_is_current_is_not_asked_for(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    refresh(client);
    refresh(client);
    client_asked(client, "2.root.json timestamp.json");
    repository_publish(repo, "timestamp");
    refresh(client);
    client_asked(client, "2.root.json timestamp.json");
    repository_publish(repo, "snapshot timestamp");
    refresh(client);
    client_asked(client, "2.root.json timestamp.json 2.snapshot.json");
    client_trusts(client, 1, 3, 2, 1);
}

/* The kept timestamp stands in for one of the same version, and expires all the same. */
static void a_frozen_timestamp_expires(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct client *client = client_make(repo);
    repository_role(repo, "timestamp")->expires = "2026-08-28T00:00:00Z";
    repository_publish(repo, "timestamp");
    refresh(client);
    client->now += 7 * DAY;
    no_refresh(client, "timestamp version 2: it expired at 2026-08-28T00:00:00Z");
    repository_role(repo, "timestamp")->expires = "2030-01-01T00:00:00Z";
    repository_publish_again(repo, "timestamp");
    no_refresh(client, "timestamp version 2: it expired at 2026-08-28T00:00:00Z");
}

/* What was kept is asked for again when it has expired, and is not used. */
static void what_was_kept_expires(void **state)
{
    (void)state;
    static const char *const ROLES[] = {"snapshot", "targets", "A"};
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"*\"]", false);
        repository_add(repo, "A", "t", "x");
        repository_role(repo, ROLES[i])->expires = "2026-08-28T00:00:00Z";
        repository_publish(repo, "A targets snapshot timestamp");
        assert_true(client_download(client, "t"));
        client->now += 7 * DAY;
        assert_false(client_download(client, "t"));
        client_failed(client, ERROR_EVIDENCE,
                      arena_printf(&test_arena, "%s version %u: it expired at 2026-08-28T00:00:00Z",
                                   ROLES[i], repository_role(repo, ROLES[i])->version)
                          .p);
        assert_null(client->target.p);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int rollback_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_new_timestamp_version_rollback),
        CASE(test_snapshot_rollback),
        CASE(test_targets_role_removal),
        CASE(test_targets_fast_forward_recovery),
        CASE(test_new_snapshot_fast_forward_recovery),
        CASE(test_new_timestamp_fast_forward_recovery),
        CASE(test_targets_rollback),
        CASE(a_delegated_role_goes_back),
        CASE(keys_that_are_added_are_no_rotation),
        CASE(one_of_two_keys_is_replaced),
        CASE(one_of_two_keys_of_snapshot_is_replaced),
        CASE(a_rotation_is_not_lost_by_a_failure),
        CASE(a_broken_root_forgets_nothing),
        CASE(a_snapshot_alone_protects_itself),
        CASE(what_was_kept_is_verified),
        CASE(what_is_current_is_not_asked_for),
        CASE(a_frozen_timestamp_expires),
        CASE(what_was_kept_expires),
    };
    return cmocka_run_group_tests_name("rollback", tests, NULL, NULL);
}
