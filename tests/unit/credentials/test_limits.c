/* How much there may be of docker configs. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"

#define MODERN "kubernetes.io/dockerconfigjson"

static status add_docker(struct keyring *keyring, struct str text)
{
    return keyring_add_docker_config(keyring, text, STR("config.json"), KEYRING_KUBELET, &err);
}

/* {"auths":{}} with spaces up to `n` bytes. */
static struct str padded(struct buf *buf, size_t n)
{
    buf_clear(buf);
    buf_add_cstr(buf, "{\"auths\":{}}");
    while (buf->n < n) {
        buf_add_char(buf, ' ');
    }
    return buf_str(buf);
}

static void bytes_have_a_limit(void **state)
{
    (void)state;
    buf_auto buf;
    buf_init(&buf, 2 * LIMIT_DOCKER_CONFIG);
    struct keyring *keyring = keyring_new();
    assert_false(failed(add_docker(keyring, padded(&buf, LIMIT_DOCKER_CONFIG))));
    assert_true(failed(add_docker(keyring, padded(&buf, LIMIT_DOCKER_CONFIG + 1))));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "config.json: larger than 1048576 bytes");
    keyring_free(keyring);
    keyring = keyring_new();
    struct str text = padded(&buf, LIMIT_DOCKER_CONFIG);
    for (unsigned i = 0; i < LIMIT_KEYRING_BYTES / LIMIT_DOCKER_CONFIG; i++) {
        assert_false(failed(add_docker(keyring, text)));
    }
    assert_true(failed(add_docker(keyring, STR("{}"))));
    assert_string_equal(err.text, "config.json: all docker configs are larger than 4194304 bytes");
    keyring_free(keyring);
    keyring = keyring_new();
    padded(&buf, LIMIT_DOCKER_CONFIG);
    buf_add_char(&buf, '\0');
    assert_false(failed(add_secret(keyring, "pull", MODERN, buf.p)));
    padded(&buf, LIMIT_DOCKER_CONFIG + 1);
    buf_add_char(&buf, '\0');
    assert_true(failed(add_secret(keyring, "pull", MODERN, buf.p)));
    assert_string_equal(err.text, "Secret shop/pull: larger than 1048576 bytes");
    keyring_free(keyring);
}

static void entries_have_a_limit(void **state)
{
    (void)state;
    buf_auto buf;
    buf_init(&buf, LIMIT_DOCKER_CONFIG);
    buf_add_cstr(&buf, "{\"auths\":{\"h\":{}");
    for (unsigned i = 1; i < LIMIT_KEYRING_ENTRIES; i++) {
        buf_printf(&buf, ",\"%u \":{}", i); /* no URLs count too */
    }
    buf_add_cstr(&buf, "}}");
    struct keyring *keyring = keyring_new();
    assert_false(failed(add_docker(keyring, buf_str(&buf))));
    assert_true(failed(add_docker(keyring, STR("{\"auths\":{\"h\":{}}}"))));
    assert_string_equal(err.text, "config.json: more than 4096 entries together");
    keyring_free(keyring);
}

static void groups_have_a_limit(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    for (unsigned i = 0; i < LIMIT_KEYRING_GROUPS; i++) {
        assert_false(failed(add_docker(keyring, STR("{}"))));
    }
    assert_string_equal(tried(keyring, "h", "app"), "");
    assert_true(failed(add_docker(keyring, STR("{}"))));
    assert_string_equal(err.text, "more than 72 sources of credentials");
    keyring_free(keyring);
}

static void texts_have_a_limit(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        buf_auto buf;
        buf_init(&buf, LIMIT_DOCKER_CONFIG);
        struct keyring *keyring = keyring_new();
        buf_add_cstr(&buf, "{\"auths\":{\"h\":{\"username\":\"u\",\"password\":\"");
        for (unsigned i = 0; i < LIMIT_TOKEN + more; i++) {
            buf_add_char(&buf, 'x');
        }
        buf_add_cstr(&buf, "\"}}}");
        assert_int_equal(failed(add_docker(keyring, buf_str(&buf))), more == 1);
        keyring_free(keyring);
    }
    assert_string_equal(err.text, "config.json: auths[\"h\"]: password is longer than 65536 bytes");
}

/* An image's host may be that long; what is longer is for none, and breaks nothing. */
static void names_have_a_limit(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        char config[LIMIT_CREDENTIAL_KEY + 100], stars[LIMIT_CREDENTIAL_KEY + 2] = "";
        memset(stars, '*', LIMIT_CREDENTIAL_KEY + more);
        snprintf(config, sizeof config, "{\"auths\":{\"%s\":{\"auth\":\"dTpw\"}}}", stars);
        struct keyring *keyring = keyring_new();
        assert_false(failed(add_docker(keyring, str_from(config))));
        assert_string_equal(tried(keyring, "h", "app"), more == 0 ? "u/p" : "");
        keyring_free(keyring);
    }
}

int limits_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_a_limit),  cmocka_unit_test(entries_have_a_limit),
        cmocka_unit_test(groups_have_a_limit), cmocka_unit_test(texts_have_a_limit),
        cmocka_unit_test(names_have_a_limit),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
