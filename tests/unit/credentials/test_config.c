/* What a docker config says, and what is none. */
#include "test.h"

#include "../folder.h"

#define MODERN "kubernetes.io/dockerconfigjson"
#define OLD    "kubernetes.io/dockercfg"

/* "s3cr3t" stands in all configs that are refused; no message may hold it, nor its base64. */
static void assert_kept_secret(void)
{
    assert_null(strstr(err.text, "s3cr3t"));
    assert_null(strstr(err.text, "czNjcjN0"));
}

static const char *secret_tries(const char *type, const char *text)
{
    static char found[4096];
    struct keyring *keyring = keyring_new();
    assert_false(failed(add_secret(keyring, "pull", type, text)));
    snprintf(found, sizeof found, "%s", tried(keyring, "ghcr.io", "acme/app"));
    keyring_free(keyring);
    return found;
}

static void passwords(void **state)
{
    (void)state;
    static const struct {
        const char *entry, *tried;
    } CASES[] = {
        {"{\"username\":\"u\",\"password\":\"p\",\"email\":\"e@x\"}", "u/p"},
        {"{\"auth\":\"dXNlcjpwYXNz\"}", "user/pass"},
        {"{\"username\":\"u\",\"password\":\"p\",\"auth\":\"dXNlcjpwYXNz\"}", "user/pass"},
        {"{\"username\":\"u\",\"password\":\"p\",\"auth\":\"\"}", "u/p"},
        {"{\"username\":\"u\",\"password\":\"p\",\"auth\":null}", "u/p"},
        {"{\"auth\":\"dTpw\"}", "u/p"},               /* needs no padding */
        {"{\"auth\":\"dTpwYQ==\"}", "u/pa"},          /* padded */
        {"{\"auth\":\"dTpwYQ\"}", "u/pa"},            /* unpadded */
        {"{\"auth\":\"dTpw\\nYQ==\\r\\n\"}", "u/pa"}, /* in lines */
        {"{\"auth\":\"dTpwYR==\"}", "u/pa"},          /* bits behind the last byte */
        {"{\"auth\":\"dTpwOnE6\"}", "u/p:q:"},        /* at the first colon */
        {"{\"auth\":\"OnA=\"}", "/p"},
        {"{\"auth\":\"dTo=\"}", "u/"},
        {"{\"auth\":\"dXNlcjpwYXNzAAA=\"}", "user/pass"}, /* C strings do not show the zeros */
        {"{\"Username\":\"u\",\"PASSWORD\":\"p\"}", "u/p"},
        {"{\"username\":\"u\",\"password\":\"p\",\"Password\":\"q\"}", "u/q"},
        {"{\"username\":\"u\",\"password\":\"p\",\"unknown\":[1]}", "u/p"},
        {"{\"username\":\"\\u00e9\",\"password\":\"p\"}", "\xc3\xa9/p"},
        /* without anything */
        {"{}", ""},
        {"null", ""},
        {"{\"auth\":\"Og==\"}", ""},
        /* what a kubelet does not know */
        {"{\"identitytoken\":\"t\",\"registrytoken\":\"t\"}", ""},
        {"{\"username\":\"u\",\"password\":\"p\",\"identitytoken\":\"t\"}", "u/p"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char config[512];
        snprintf(config, sizeof config,
                 "{\"auths\":{\"ghcr.io\":%s},\"credsStore\":\"none\","
                 "\"credHelpers\":{\"ghcr.io\":\"none\"}}",
                 CASES[i].entry);
        assert_string_equal(secret_tries(MODERN, config), CASES[i].tried);
        snprintf(config, sizeof config, "{\"ghcr.io\":%s}", CASES[i].entry);
        assert_string_equal(secret_tries(OLD, config), CASES[i].tried);
    }
}

static void nothing_in_them(void **state)
{
    (void)state;
    static const char *const CONFIGS[] = {"{}",
                                          "{\"auths\":{}}",
                                          "{\"auths\":null}",
                                          "null",
                                          "",
                                          "{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\"}}"};
    for (size_t i = 0; i < COUNT(CONFIGS); i++) {
        assert_string_equal(secret_tries(MODERN, CONFIGS[i]), "");
    }
    assert_string_equal(secret_tries("Opaque", "{\"auths\":{\"ghcr.io\":{}}}"), "");
    assert_string_equal(secret_tries("Opaque", "broken"), "");
    assert_string_equal(secret_tries("kubernetes.io/dockerconfigjson2", "broken"), "");
}

static void other_keys_are_passed_over(void **state)
{
    (void)state;
    static const char *const SECRETS[] = {
        "{\"type\":\"" MODERN "\",\"data\":{\".dockercfg\":\"!\"}}",
        "{\"type\":\"" OLD "\",\"data\":{\".dockerconfigjson\":\"!\"}}",
        "{\"type\":\"" MODERN "\",\"data\":null}",
        "{\"type\":\"" MODERN "\"}",
        "{\"data\":{\".dockerconfigjson\":\"!\"}}",
        "{\"type\":\"" MODERN "\",\"data\":{\".dockerconfigjson\":\"\"}}",
    };
    struct keyring *keyring = keyring_new();
    for (size_t i = 0; i < COUNT(SECRETS); i++) {
        json_doc_auto doc = {0};
        assert_false(failed(json_parse(str_from(SECRETS[i]), JSON_WITHOUT_MARKS, &doc, &err)));
        assert_false(failed(keyring_add_secret(keyring, doc.root, &err)));
    }
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "");
    keyring_free(keyring);
}

/* One that is broken breaks the keyring, whatever else is in it. */
static void broken(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } CASES[] = {
        {"s3cr3t", "line 1, column 1: "},
        {"{\"auths\":{\"a\":{\"password\":\"s3cr3t\"}}", "line 1, column 37: "},
        {"{\"auths\":{}} s3cr3t", "line 1, column 14: "},
        {"[\"s3cr3t\"]", "the document must be an object, not a list"},
        {"{\"auths\":[\"s3cr3t\"]}", "auths must be an object, not a list"},
        {"{\"auths\":\"s3cr3t\"}", "auths must be an object, not a string"},
        {"{\"auths\":{\"a\":\"s3cr3t\"}}",
         "auths[\"a\"]: the entry must be an object, not a string"},
        {"{\"auths\":{\"a\":{\"username\":1,\"password\":\"s3cr3t\"}}}",
         "auths[\"a\"]: username must be a string, not a number"},
        {"{\"auths\":{\"a\":{\"password\":[\"s3cr3t\"]}}}",
         "auths[\"a\"]: password must be a string, not a list"},
        {"{\"auths\":{\"a\":{\"auth\":\"s3cr3t!\"}}}",
         "auths[\"a\"]: auth must be \"user:password\" in base64"},
        {"{\"auths\":{\"a\":{\"auth\":\"czNjcjN0\"}}}",
         "auths[\"a\"]: auth must be \"user:password\" in base64"},
        {"{\"auths\":{\"a\":{\"auth\":\"dTpwYQ=\"}}}",
         "auths[\"a\"]: auth must be \"user:password\" in base64"},
        {"{\"auths\":{\"a\":{\"auth\":\" dTpw\"}}}",
         "auths[\"a\"]: auth must be \"user:password\" in base64"},
        {"{\"auths\":{\"a\":{},\"a\":{}}}",
         "line 1, column 18: the key \"a\" stands twice in auths, first at line 1, column 11"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char wanted[512];
        struct keyring *keyring = keyring_new();
        assert_false(failed(
            add_secret(keyring, "good", MODERN, "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\"}}}")));
        assert_true(failed(add_secret(keyring, "pull", MODERN, CASES[i].text)));
        snprintf(wanted, sizeof wanted, "Secret shop/pull: %s", CASES[i].problem);
        assert_memory_equal(err.text, wanted, strlen(wanted));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_kept_secret();
        err = (struct error){0};
        assert_string_equal(tried(keyring, "ghcr.io", "app"), "!");
        assert_memory_equal(err.text, wanted, strlen(wanted));
        assert_true(failed(add_secret(keyring, "good", MODERN, "{}")));
        keyring_free(keyring);
    }
}

static void value_that_is_no_base64(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    struct keyring *keyring = keyring_new();
    assert_false(
        failed(json_parse(STR("{\"type\":\"" MODERN "\",\"metadata\":{\"namespace\":\"a\","
                              "\"name\":\"b\"},\"data\":{\".dockerconfigjson\":\"s3cr3t!\"}}"),
                          JSON_WITHOUT_MARKS, &doc, &err)));
    assert_true(failed(keyring_add_secret(keyring, doc.root, &err)));
    assert_string_equal(err.text, "Secret a/b: not base64: 7 characters");
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "!");
    keyring_free(keyring);
}

/* -- what a person has -- */

static const char *docker_tries(const char *text, const char *registry)
{
    static char found[4096];
    struct keyring *keyring = keyring_new();
    assert_false(failed(keyring_add_docker_config(keyring, str_from(text), STR("config.json"),
                                                  KEYRING_DOCKER, &err)));
    snprintf(found, sizeof found, "%s", tried(keyring, registry, "acme/app"));
    keyring_free(keyring);
    return found;
}

#define AUTHS(key) "{\"auths\":{\"" key "\":{\"auth\":\"dTpw\"}}}"

static void exact_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *config, *registry, *tried;
    } CASES[] = {
        {AUTHS("ghcr.io"), "ghcr.io", "u/p"},
        {AUTHS("https://ghcr.io"), "ghcr.io", "u/p"},
        {AUTHS("http://ghcr.io/v1/"), "ghcr.io", "u/p"},
        {AUTHS("ghcr.io/v2/"), "ghcr.io", "u/p"},
        {AUTHS("ghcr.io:5000"), "ghcr.io", ""},
        {AUTHS("ghcr.io"), "ghcr.io:5000", ""},
        {AUTHS("ghcr.io:5000"), "ghcr.io:5000", "u/p"},
        {AUTHS("*.io"), "ghcr.io", ""},
        {AUTHS("ghcr.io"), "ghcr.io.evil.org", ""},
        {AUTHS("ghcr.io"), "a.ghcr.io", ""},
        {AUTHS("https://ghcr.io@evil.org"), "ghcr.io", ""},
        {AUTHS("https://ghcr.io@evil.org"), "evil.org", ""},
        {AUTHS("https://index.docker.io/v1/"), "docker.io", "u/p"},
        {AUTHS("index.docker.io"), "docker.io", "u/p"},
        {AUTHS("docker.io"), "docker.io", "u/p"},
        {AUTHS("https://index.docker.io/v1/"), "index.docker.io", "u/p"},
        {AUTHS("https://index.docker.io/v1/"), "localhost", ""},
        {"{}", "ghcr.io", ""},
        {"{\"auths\":{\"ghcr.io\":{}}}", "ghcr.io", ""},
        {"{\"auths\":{\"https://ghcr.io/v1/"
         "\":{\"auth\":\"dTpw\"},\"ghcr.io\":{\"auth\":\"dTpx\"}}}",
         "ghcr.io", "u/q"},
        {"{\"auths\":{\"docker.io\":{\"auth\":\"dTpw\"},"
         "\"https://index.docker.io/v1/\":{\"auth\":\"dTpx\"}}}",
         "docker.io", "u/q"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_string_equal(docker_tries(CASES[i].config, CASES[i].registry), CASES[i].tried);
    }
}

static void tokens(void **state)
{
    (void)state;
    assert_string_equal(
        docker_tries("{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpw\",\"identitytoken\":\"t0k\"}}}",
                     "ghcr.io"),
        "id:t0k");
    assert_string_equal(
        docker_tries("{\"auths\":{\"ghcr.io\":{\"registrytoken\":\"t0k\"}}}", "ghcr.io"),
        "bearer:t0k");
    /* older dockers wrote zeros behind the password */
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    const struct credential_query query = {.registry = STR("ghcr.io")};
    bool found = false;
    credential_auto one = {0};
    assert_false(failed(keyring_add_docker_config(
        keyring, STR("{\"auths\":{\"ghcr.io\":{\"auth\":\"dXNlcjpwYXNzAAA=\"}}}"),
        STR("/root/.docker/config.json"), KEYRING_DOCKER, &err)));
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    keyring_free(keyring);
    assert_true(found); /* and it outlives the keyring */
    assert_true(str_eq(one.username, STR("user")));
    assert_true(str_eq(one.password, STR("pass")));
    assert_true(str_eq(one.source, STR("/root/.docker/config.json")));
}

static void broken_docker_configs(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } CASES[] = {
        {"s3cr3t", "config.json: line 1, column 1: "},
        {"{\"auths\":{\"a\":{\"auth\":\"OnMzY3IzdA==\"}}}",
         "config.json: auths[\"a\"]: auth must be \"user:password\" in base64"},
        {"{\"auths\":{\"a\":{\"identitytoken\":1}}}",
         "config.json: auths[\"a\"]: identitytoken must be a string, not a number"},
        {"{\"credHelpers\":[]}", "config.json: credHelpers must be an object, not a list"},
        {"{\"credHelpers\":{\"ghcr.io\":1}}",
         "config.json: credHelpers[\"ghcr.io\"] must be a string, not a number"},
        {"{\"credsStore\":1}", "config.json: credsStore must be a string, not a number"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct keyring *keyring = keyring_new();
        assert_true(failed(keyring_add_docker_config(keyring, str_from(CASES[i].text),
                                                     STR("config.json"), KEYRING_DOCKER, &err)));
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_memory_equal(err.text, CASES[i].problem, strlen(CASES[i].problem));
        assert_kept_secret();
        assert_string_equal(tried(keyring, "ghcr.io", "app"), "!");
        keyring_free(keyring);
    }
}

static void files(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    write_file("config.json", AUTHS("ghcr.io"));
    assert_true(failed(keyring_load_docker_config(keyring, "none.json", KEYRING_DOCKER, &err)));
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "");
    assert_false(failed(keyring_load_docker_config(keyring, "config.json", KEYRING_DOCKER, &err)));
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "u/p");
    write_file("config.json", "{");
    assert_true(failed(keyring_load_docker_config(keyring, "config.json", KEYRING_DOCKER, &err)));
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "!");
    keyring_free(keyring);
}

static void sources(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    const struct credential_query query = {.registry = STR("ghcr.io"), .repository = STR("app")};
    bool found = false;
    credential_auto one = {0};
    assert_false(failed(add_secret(keyring, "pull", MODERN, AUTHS("ghcr.io"))));
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_true(str_eq(one.source, STR("Secret shop/pull")));
    keyring_free(keyring);
}

int config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passwords),
        cmocka_unit_test(nothing_in_them),
        cmocka_unit_test(other_keys_are_passed_over),
        cmocka_unit_test(broken),
        cmocka_unit_test(value_that_is_no_base64),
        cmocka_unit_test(exact_hosts),
        cmocka_unit_test(tokens),
        cmocka_unit_test(broken_docker_configs),
        cmocka_unit_test_setup_teardown(files, enter_folder, leave_folder),
        cmocka_unit_test(sources),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
