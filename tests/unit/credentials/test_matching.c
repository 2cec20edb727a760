/* Which images an entry of a Secret is for. The answers of all cases but those that say otherwise
 * were compared with Kubernetes' own pkg/credentialprovider. */
#include "test.h"

#define MODERN "kubernetes.io/dockerconfigjson"

struct match_case {
    const char *key, *registry, *repository;
    bool matches;
};

static const struct match_case MATCHES[] = {
    /* the scheme may be there */
    {"https://ghcr.io", "ghcr.io", "acme/app", true},
    {"http://ghcr.io", "ghcr.io", "acme/app", true},
    {"ghcr.io", "ghcr.io", "acme/app", true},
    {"HTTPS://ghcr.io", "ghcr.io", "acme/app", false},
    {"ftp://ghcr.io", "ghcr.io", "acme/app", false},
    /* the host is all of it */
    {"ghcr.io", "ghcr.io.evil.org", "acme/app", false},
    {"ghcr.io", "evil-ghcr.io", "acme/app", false},
    {"ghcr.io", "a.ghcr.io", "acme/app", false},
    {"a.ghcr.io", "ghcr.io", "acme/app", false},
    {"GHCR.io", "ghcr.io", "acme/app", false},
    {"https://ghcr.io@evil.org", "ghcr.io", "acme/app", false},
    {"https://user:word@ghcr.io", "ghcr.io", "acme/app", true},
    {"https://us er@ghcr.io", "ghcr.io", "acme/app", false},
    {"", "ghcr.io", "acme/app", false},
    {"https://", "ghcr.io", "acme/app", false},
    {"/acme", "ghcr.io", "acme/app", false},
    /* "/v1/" and "/v2/" at the beginning of the path are cut */
    {"https://ghcr.io/v1/", "ghcr.io", "acme/app", true},
    {"https://ghcr.io/v2/", "ghcr.io", "acme/app", true},
    {"https://ghcr.io/v2/acme", "ghcr.io", "acme/app", true},
    {"https://ghcr.io/v2/other", "ghcr.io", "acme/app", false},
    {"https://ghcr.io/v1", "ghcr.io", "acme/app", false},
    {"https://ghcr.io/v1", "ghcr.io", "v1/app", true},
    {"https://ghcr.io/v3/", "ghcr.io", "acme/app", false},
    {"ghcr.io/", "ghcr.io", "acme/app", true},
    {"https://ghcr.io/v1/v1/", "ghcr.io", "v1/app", true},
    /* ports are equal strings */
    {"host.example:5000", "host.example:5000", "app", true},
    {"host.example:5000", "host.example", "app", false},
    {"host.example", "host.example:5000", "app", false},
    {"host.example:443", "host.example", "app", false},
    {"https://host.example:443", "host.example:443", "app", true},
    {"host.example:0443", "host.example:443", "app", false},
    {"host.example:", "host.example", "app", true},
    {"host.example:*", "host.example:5000", "app", false},
    {"host.example:5000:1", "host.example:5000", "app", false},
    {"[::1]:5000", "[::1]:5000", "app", true},
    {"[::1]:5001", "[::1]:5000", "app", false},
    {"[::1]", "[::1]", "app", false},
    /* as many labels, and a pattern for each */
    {"*.example.com", "a.example.com", "app", true},
    {"*.example.com", "example.com", "app", false},
    {"*.example.com", "a.b.example.com", "app", false},
    {"*.io", "a.b.io", "app", false},
    {"*.io", "ghcr.io", "app", true},
    {"*.*", "ghcr.io", "app", true},
    {"*", "ghcr.io", "app", false},
    {"*", "localhost", "app", true},
    {"a*c.io", "abbc.io", "app", true},
    {"a*c.io", "ac.io", "app", true},
    {"a*c.io", "acd.io", "app", false},
    {"*a*b.io", "xaab.io", "app", true},
    {"*a*b.io", "xaabc.io", "app", false},
    {"**.io", "ghcr.io", "app", true},
    {"*.example.com:5000", "a.example.com:5000", "app", true},
    {"*.example.com:5000", "a.example.com", "app", false},
    {"ghcr.*", "ghcr.io", "app", true},
    {"ghcr.io*", "ghcr.io", "app", true},
    {"ghcr.io*/acme", "ghcr.io", "acme/app", true},
    {"gh\\\\cr.io", "ghcr.io", "app", false},
    {"ghcr.io.", "ghcr.io", "app", false},
    /* the path is a plain beginning of the image's */
    {"gcr.io/foo", "gcr.io", "foo/x", true},
    {"gcr.io/foo", "gcr.io", "foobar/x", true},
    {"gcr.io/foo/", "gcr.io", "foobar/x", false},
    {"gcr.io/foo/", "gcr.io", "foo/x", true},
    {"gcr.io/foo/x", "gcr.io", "foo/x", true},
    {"gcr.io/foo/x/y", "gcr.io", "foo/x", false},
    {"gcr.io/*", "gcr.io", "foo/x", false},
    {"gcr.io/Foo", "gcr.io", "foo/x", false},
    {"gcr.io//foo", "gcr.io", "foo/x", false},
    {"gcr.io/foo?x=y", "gcr.io", "foo/x", true},
    {"gcr.io/foo#bar", "gcr.io", "foo/x", true},
    {"gcr.io/f%6fo", "gcr.io", "foo/x", true},
    {"gcr.io/f%256fo", "gcr.io", "foo/x", true},
    {"gcr.io/f%6", "gcr.io", "f/x", false},
    {"gcr.io/f%zzo", "gcr.io", "f/x", false},
    /* "?" begins a query before it could stand for a character */
    {"ghc?.io", "ghcr.io", "app", false},
    {"localhos?", "localhos", "app", true},
    {"localhos?", "localhost", "app", false},
    /* no URLs */
    {"gh cr.io", "ghcr.io", "app", false},
    {"ghcr.io\\n", "ghcr.io", "app", false},
    {"ghcr.io\\u007f", "ghcr.io", "app", false},
    {"ghcr.io:x", "ghcr.io", "app", false},
    {"[::1", "[::1]", "app", false},
    {"%67hcr.io", "ghcr.io", "app", false},
    {"^ghcr.io", "ghcr.io", "app", false},
};

/* Kubelets that were built by an older Go read classes; by a newer one they pass the entry over. */
static const struct match_case CLASSES[] = {
    {"a[bc].io", "ab.io", "app", true},       {"a[bc].io", "ac.io", "app", true},
    {"a[bc].io", "ad.io", "app", false},      {"a[b-d].io", "ac.io", "app", true},
    {"a[b-d].io", "ae.io", "app", false},     {"a[b-dx].io", "ax.io", "app", true},
    {"a[.io", "a[.io", "app", false},         {"a[].io", "a.io", "app", false},
    {"a[]b].io", "ab.io", "app", false},      {"a[-b].io", "ab.io", "app", false},
    {"a[b-].io", "ab.io", "app", false},      {"[ab].io", "a.io", "app", false},
    {"a[b].io:80", "ab.io:80", "app", false}, {"*[b]c.io", "bbc.io", "app", true},
};

static void check(const struct match_case *one)
{
    char config[512];
    struct keyring *keyring = keyring_new();
    snprintf(config, sizeof config, "{\"auths\":{\"%s\":{\"username\":\"u\",\"password\":\"p\"}}}",
             one->key);
    assert_false(failed(add_secret(keyring, "pull", MODERN, config)));
    const char *found = tried(keyring, one->registry, one->repository);
    if (strcmp(found, one->matches ? "u/p" : "") != 0) {
        fail_msg("%s for %s/%s: \"%s\"", one->key, one->registry, one->repository, found);
    }
    keyring_free(keyring);
}

static void keys_and_images(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(MATCHES); i++) {
        check(&MATCHES[i]);
    }
}

static void classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CLASSES); i++) {
        check(&CLASSES[i]);
    }
}

#define ENTRY(key, user) "\"" key "\":{\"username\":\"" user "\",\"password\":\"p\"}"

/* Docker Hub's other name counts where nothing matches, and for nothing else. */
static void docker_hub(void **state)
{
    (void)state;
    static const struct {
        const char *auths, *registry, *tried;
    } CASES[] = {
        {ENTRY("https://index.docker.io/v1/", "a"), "docker.io", "a/p"},
        {ENTRY("index.docker.io", "a"), "docker.io", "a/p"},
        {ENTRY("https://index.docker.io/v2/", "a"), "docker.io", "a/p"},
        {ENTRY("https://index.docker.io/v1", "a"), "docker.io", ""},
        {ENTRY("https://index.docker.io/v1/library", "a"), "docker.io", ""},
        {ENTRY("docker.io", "a"), "docker.io", "a/p"},
        {ENTRY("docker.io/library/nginx", "a"), "docker.io", "a/p"},
        {ENTRY("docker.io/nginx", "a"), "docker.io", ""},
        {ENTRY("docker.io", "a") "," ENTRY("index.docker.io", "b"), "docker.io", "a/p"},
        {ENTRY("docker.io/x", "a") "," ENTRY("index.docker.io", "b"), "docker.io", "b/p"},
        {ENTRY("index.docker.io", "a") "," ENTRY("https://index.docker.io/v1/", "b"), "docker.io",
         "a/p b/p"},
        {"\"docker.io\":{}," ENTRY("index.docker.io", "b"), "docker.io", ""},
        {ENTRY("*.docker.io", "a"), "docker.io", ""},
        {ENTRY("https://registry-1.docker.io", "a"), "docker.io", ""},
        {ENTRY("index.docker.io", "a"), "ghcr.io", ""},
        /* a kubelet would show them to this host: its name has neither dot nor port */
        {ENTRY("index.docker.io", "a"), "localhost", ""},
        {ENTRY("index.docker.io", "a"), "docker.io.evil.org", ""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char config[512];
        struct keyring *keyring = keyring_new();
        snprintf(config, sizeof config, "{\"auths\":{%s}}", CASES[i].auths);
        assert_false(failed(add_secret(keyring, "pull", MODERN, config)));
        assert_string_equal(tried(keyring, CASES[i].registry, "library/nginx"), CASES[i].tried);
        keyring_free(keyring);
    }
}

static void order_of_entries(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    assert_false(failed(add_secret(
        keyring, "one", MODERN,
        "{\"auths\":{" ENTRY("gcr.io", "a") "," ENTRY("gcr.io/team", "b") "," ENTRY(
            "*.io", "c") "," ENTRY("other.io", "x") "," ENTRY("https://gcr.io/v2/", "d") "}}")));
    /* in the order of keys, not of Secrets; equal keys in the order of Secrets */
    assert_false(failed(
        add_secret(keyring, "two", MODERN,
                   "{\"auths\":{" ENTRY("gcr.io", "e") "," ENTRY("gcr.io/team/app", "f") "}}")));
    assert_string_equal(tried(keyring, "gcr.io", "team/app"), "f/p b/p a/p d/p e/p c/p");
    assert_string_equal(tried(keyring, "gcr.io", "others/app"), "a/p d/p e/p c/p");
    assert_string_equal(tried(keyring, "ghcr.io", "x"), "c/p");
    assert_string_equal(tried(keyring, "docker.io", "x"), "c/p");
    assert_string_equal(tried(keyring, "quay.example", "x"), "");
    keyring_free(keyring);
}

/* Secrets first, wherever they are added; then the node's files, each for itself. */
static void order_of_sources(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    assert_false(
        failed(add_secret(keyring, "one", MODERN, "{\"auths\":{" ENTRY("gcr.io", "a") "}}")));
    assert_false(failed(keyring_add_docker_config(
        keyring,
        STR("{\"auths\":{" ENTRY("gcr.io/team", "b") "," ENTRY("index.docker.io", "h") "}}"),
        STR("/config.json"), KEYRING_KUBELET, &err)));
    assert_false(failed(keyring_add_docker_config(
        keyring, STR("{\"auths\":{" ENTRY("gcr.io", "c") "," ENTRY("docker.io", "d") "}}"),
        STR("/.docker/config.json"), KEYRING_KUBELET, &err)));
    assert_false(
        failed(add_secret(keyring, "two", MODERN, "{\"auths\":{" ENTRY("gcr.io", "e") "}}")));
    assert_string_equal(tried(keyring, "gcr.io", "team/app"), "a/p e/p b/p c/p");
    assert_string_equal(tried(keyring, "docker.io", "library/x"), "h/p d/p");
    keyring_free(keyring);
}

int matching_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_and_images),  cmocka_unit_test(classes),
        cmocka_unit_test(docker_hub),       cmocka_unit_test(order_of_entries),
        cmocka_unit_test(order_of_sources),
    };
    return cmocka_run_group_tests_name("matching", tests, NULL, NULL);
}
