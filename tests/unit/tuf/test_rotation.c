/* Keys and thresholds from one version to the next: the cases of tuf-conformance's
 * test_updater_key_rotations.py under their names. */
#include "keys.h"
#include "test.h"

struct step {
    const char *keys;
    unsigned threshold;
    const char *signers;
};

static void test_root_rotation(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct step steps[4];
        const char *error; /* of the last step; NULL: none */
    } CASES[] = {
        {"1-of-1-key-rotation", {{"1", 1, "1"}, {"2", 1, "21"}, {"2", 1, "2"}}, NULL},
        {"1-of-1-key-rotation-unused-signatures",
         {{"1", 1, "314"}, {"2", 1, "3214"}, {"2", 1, "324"}},
         NULL},
        {"3-of-5-sign-with-different-keycombos",
         {{"01234", 3, "024"}, {"01234", 3, "041"}, {"01234", 3, "013"}, {"01234", 3, "013"}},
         NULL},
        {"3-of-5-one-key-rotated", {{"01234", 3, "024"}, {"01345", 3, "041"}}, NULL},
        {"3-of-5-one-key-rotated-with-intermediate-step",
         {{"01234", 3, "024"}, {"01345", 3, "0245"}, {"01345", 3, "045"}},
         NULL},
        {"3-of-5-all-keys-rotated-with-intermediate-step",
         {{"01234", 3, "024"}, {"56789", 3, "024567"}, {"56789", 3, "567"}},
         NULL},
        {"1-of-3-threshold-increase-to-2-of-3", {{"123", 1, "1"}, {"123", 2, "12"}}, NULL},
        {"2-of-3-threshold-decrease-to-1-of-3",
         {{"123", 2, "12"}, {"123", 1, "12"}, {"123", 1, "1"}},
         NULL},
        {"1-of-2-threshold-increase-to-2-of-2", {{"1", 1, "1"}, {"12", 2, "12"}}, NULL},
        {"1-of-1-key-rotation-fail-not-signed-with-old-key",
         {{"1", 1, "1"}, {"2", 1, "234"}},
         "root version 2: it is signed by 0 of the 1 keys that root version 1 asks for"},
        {"1-of-1-key-rotation-fail-not-signed-with-new-key",
         {{"1", 1, "1"}, {"2", 1, "134"}},
         "root version 2: it is signed by 0 of the 1 keys that root version 2 asks for"},
        {"3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys",
         {{"01234", 3, "024"}, {"01345", 3, "024"}},
         "root version 2: it is signed by 2 of the 3 keys that root version 2 asks for"},
        {"3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys",
         {{"01234", 3, "024"}, {"01345", 3, "045"}},
         "root version 2: it is signed by 2 of the 3 keys that root version 1 asks for"},
        {"1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached",
         {{"123", 1, "1"}, {"123", 2, "2"}},
         "root version 2: it is signed by 1 of the 2 keys that root version 2 asks for"},
        {"2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-eached",
         {{"123", 2, "12"}, {"123", 1, "1"}},
         "root version 2: it is signed by 1 of the 2 keys that root version 1 asks for"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct repository *repo = repository_make();
        struct role *root = repository_role(repo, "root");
        unsigned n = 0;
        root->version = 0;
        for (; n < 4 && CASES[i].steps[n].keys != NULL; n++) {
            root->keys = CASES[i].steps[n].keys;
            root->threshold = CASES[i].steps[n].threshold;
            root->signers = CASES[i].steps[n].signers;
            repository_publish(repo, "root");
        }
        struct client *client = client_make(repo);
        bool good = client_refresh(client);
        if (good != (CASES[i].error == NULL)) {
            fail_msg("%s: %s", CASES[i].name, good ? "no error" : client->err.text);
        }
        if (CASES[i].error != NULL) {
            client_failed(client, ERROR_EVIDENCE, CASES[i].error);
        }
        assert_int_equal(client_version(client, "root"), CASES[i].error == NULL ? n : n - 1);
    }
}

static void test_non_root_rotations(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct step step;
        unsigned good; /* signatures that count, where these are too few; 0: they are not */
    } CASES[] = {
        {"1-of-1-key-rotation", {"6", 1, "6"}, 9},
        {"1-of-1-key-rotation-unused-signatures", {"5", 1, "758"}, 9},
        {"1-of-1-key-rotation-fail-not-signed-with-new-key", {"6", 1, "578"}, 0},
        {"3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys", {"45789", 3, "468"}, 2},
        {"2-of-5-one-key-signature-mising-threshold-not-reached", {"45789", 3, "48"}, 2},
        {"3-of-5-sign-first-combo", {"45678", 3, "468"}, 9},
        {"3-of-5-sign-second-combo", {"45678", 3, "485"}, 9},
        {"3-of-5-sign-third-combo", {"45678", 3, "457"}, 9},
        {"3-of-5-sign-fourth-combo", {"45678", 3, "567"}, 9},
        {"3-of-5-sign-fifth-combo", {"45678", 3, "678"}, 9},
    };
    static const char *const ROLES[] = {"timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < COUNT(CASES) * COUNT(ROLES); i++) {
        const struct step *step = &CASES[i / COUNT(ROLES)].step;
        unsigned good = CASES[i / COUNT(ROLES)].good;
        struct repository *repo = repository_make();
        struct client *client = client_make(repo);
        struct role *role = repository_role(repo, ROLES[i % COUNT(ROLES)]);
        role->keys = step->keys;
        role->threshold = step->threshold;
        role->signers = step->signers;
        repository_publish(repo, "root targets snapshot timestamp");
        assert_int_equal(client_refresh(client), good == 9);
        if (good != 9) {
            client_failed(client, ERROR_EVIDENCE,
                          arena_printf(&test_arena,
                                       "%s version 2: it is signed by %u of the %u keys that root "
                                       "version 2 asks for",
                                       role->name, good, step->threshold)
                              .p);
        }
    }
}

/* Each version is asked for, however far behind one is; none is left out. */
static void roots_are_walked_one_by_one(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *root = repository_role(repo, "root");
    struct client *client = client_make(repo);
    root->signers = "04";
    root->keys = "4";
    repository_publish(repo, "root");
    root->keys = root->signers = "4";
    repository_publish(repo, "root");
    assert_true(client_refresh(client));
    client_asked(client, "2.root.json 3.root.json 4.root.json timestamp.json 1.snapshot.json "
                         "1.targets.json");
    struct client *other = client_make(repo);
    repository_put(repo, "2.root.json", (struct str){NULL, 0});
    assert_true(client_refresh(other));
    client_trusts(other, 1, 1, 1, 1);
}

/* A root that has expired long since is a step like any other. */
static void roots_in_between_may_have_expired(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *root = repository_role(repo, "root");
    root->expires = "2020-01-01T00:00:00Z";
    repository_publish_again(repo, "root");
    repository_publish(repo, "root");
    root->expires = "2030-01-01T00:00:00Z";
    repository_publish(repo, "root");
    struct client *client = client_make(repo);
    assert_true(client_refresh(client));
    client_trusts(client, 3, 1, 1, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int rotation_tests(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_root_rotation),
        CASE(test_non_root_rotations),
        CASE(roots_are_walked_one_by_one),
        CASE(roots_in_between_may_have_expired),
    };
    return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
