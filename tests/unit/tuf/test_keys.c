/* Kinds of keys. A root of two keys asks for both; one of them is of the kind. */
#include "keys.h"
#include "test.h"

#include "tuf/key.h"

static const struct {
    const char *kind, *value, *keytype, *scheme;
    bool good;
} KINDS[] = {
    {"RSA", "PEM", "rsa", "rsassa-pss-sha256", true},
    {"RSA", "PEM", "rsa", "rsassa-pss-sha384", true},
    {"RSA", "PEM", "rsa", "rsassa-pss-sha512", true},
    {"P-256", "PEM", "ecdsa", "ecdsa-sha2-nistp256", true},
    {"P-256", "PEM", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true},
    {"P-256", "POINT", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true},
    {"P-256", "POINT", "ecdsa", "ecdsa-sha2-nistp256", true},
    {"P-384", "PEM", "ecdsa", "ecdsa-sha2-nistp384", true},
    {"P-384", "POINT", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", true},
    /* what is told does not fit, or is not known */
    {"RSA", "PEM", "rsa", "rsassa-pkcs1v15-sha256", false},
    {"RSA", "PEM", "rsa", "ed25519", false},
    {"RSA", "PEM", "ecdsa", "ecdsa-sha2-nistp256", false},
    {"P-256", "PEM", "rsa", "rsassa-pss-sha256", false},
    {"P-256", "PEM", "ecdsa", "ecdsa-sha2-nistp384", false},
    {"P-256", "PEM", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp256", false},
    {"P-256", "PEM", "ed25519", "ed25519", false},
    {"P-384", "POINT", "ecdsa", "ecdsa-sha2-nistp256", false},
    {"P-256", "04", "ecdsa", "ecdsa-sha2-nistp256", false},
    {"P-256", "", "ecdsa", "ecdsa-sha2-nistp256", false},
    {"P-256", "PEM", "sphincs", "sphincs-shake", false},
};

static void test_keytype_and_scheme(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        struct repository *repo = repository_make();
        struct role *root = repository_role(repo, "root");
        struct client *client = client_make(repo);
        keys_make('5', KINDS[i].kind, KINDS[i].value, KINDS[i].keytype, KINDS[i].scheme);
        root->keys = root->signers = "05";
        root->threshold = 2;
        repository_publish(repo, "root");
        bool good = client_refresh(client);
        if (good != KINDS[i].good) {
            fail_msg("%s %s %s: %s", KINDS[i].kind, KINDS[i].keytype, KINDS[i].scheme,
                     client->err.text);
        }
        if (!good) {
            client_failed(client, ERROR_EVIDENCE,
                          "root version 2: it is signed by 1 of the 2 keys that root version 2 "
                          "asks for");
            continue;
        }
        /* The same signature below another version does not hold. */
        root->version = 3;
        repo->edit = (struct edit){"root", "\"version\":3}", "\"version\":3,\"x\":1}", false};
        repository_publish_again(repo, "root");
        assert_false(client_refresh(client));
        assert_int_equal(client_version(client, "root"), 2);
        keys_reset();
    }
}

static void one_value_in_two_forms(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *root = repository_role(repo, "root");
    struct client *client = client_make(repo);
    keys_make('5', "P-256", "PEM", "ecdsa", "ecdsa-sha2-nistp256");
    const char *point = keys_digits('5').p;
    root->keys = root->signers = "056";
    root->threshold = 3;
    /* k6 is k5 in the other form. */
    keys_make('6', "P-256", point, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256");
    keys_copy('6', '5');
    repository_publish(repo, "root");
    assert_false(client_refresh(client));
    client_failed(client, ERROR_EVIDENCE,
                  "root version 2: it is signed by 2 of the 3 keys that root version 2 asks for");
}

/* A key id without a key signs nothing, and breaks nothing. */
static void keys_that_are_not_there(void **state)
{
    (void)state;
    struct repository *repo = repository_make();
    struct role *timestamp = repository_role(repo, "timestamp");
    struct client *client = client_make(repo);
    timestamp->keys = timestamp->signers = "15";
    repo->edit = (struct edit){"root", "\"k5\":{", "\"k6\":{", true};
    repository_publish(repo, "root timestamp");
    assert_true(client_refresh(client));
    timestamp->threshold = 2;
    repository_publish(repo, "root timestamp");
    assert_false(client_refresh(client));
    client_failed(
        client, ERROR_EVIDENCE,
        "timestamp version 3: it is signed by 1 of the 2 keys that root version 3 asks for");
}

int key_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keytype_and_scheme, start, stop),
        cmocka_unit_test_setup_teardown(one_value_in_two_forms, start, stop),
        cmocka_unit_test_setup_teardown(keys_that_are_not_there, start, stop),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
