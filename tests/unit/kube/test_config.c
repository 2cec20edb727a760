#include "test.h"

#include <sys/stat.h>

#include "kube/config.h"

static struct kube_config config;
static struct error err;

static void assert_str(struct str text, const char *wanted)
{
    if (!str_eq(text, str_from(wanted))) {
        fail_msg("not \"%s\" but \"%.*s\"", wanted, STR_ARG(text));
    }
}

static void names(void **state)
{
    (void)state;
    static const char *const GOOD[] = {"a", "0", "pratique-tls", "a.b-c.d", "9a"};
    static const char *const BAD[] = {"",    "A",  "-a",  "a-", ".a", "a.",  "a/b",
                                      "a b", "a_", "a%2", "..", "ä",  "a\n", "*"};
    char text[255];
    memset(text, 'a', sizeof text);
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        assert_true(kube_name_is_sound(str_from(GOOD[i])));
    }
    for (size_t i = 0; i < COUNT(BAD); i++) {
        assert_false(kube_name_is_sound(str_from(BAD[i])));
    }
    assert_true(kube_name_is_sound((struct str){text, 253}));
    assert_false(kube_name_is_sound((struct str){text, 254}));
    assert_false(kube_name_is_sound((struct str){"a\0b", 3}));
}

/* -- in a cluster -- */

static bool in_cluster(const char *host, const char *port)
{
    unsetenv("KUBERNETES_SERVICE_HOST");
    unsetenv("KUBERNETES_SERVICE_PORT");
    if (host != NULL) {
        setenv("KUBERNETES_SERVICE_HOST", host, 1);
    }
    if (port != NULL) {
        setenv("KUBERNETES_SERVICE_PORT", port, 1);
    }
    return !failed(kube_config_in_cluster(&test_arena, "account", &config, &err));
}

static void a_pod(void **state)
{
    (void)state;
    assert_int_equal(mkdir("account", 0700), 0);
    assert_false(in_cluster("10.96.0.1", "443"));
    assert_non_null(strstr(err.text, "the Pod has no service account: account/namespace"));
    assert_int_equal(err.kind, ERROR_CONFIG);
    write_file("account/namespace", "pratique-system\n");
    assert_true(in_cluster("10.96.0.1", "443"));
    assert_str(config.server, "https://10.96.0.1:443");
    assert_str(config.namespace, "pratique-system");
    assert_string_equal(config.token.path, "account/token");
    assert_string_equal(config.ca.path, "account/ca.crt");
    assert_null(config.certificate.path);
    assert_true(in_cluster("fd00::1", "6443"));
    assert_str(config.server, "https://[fd00::1]:6443");
    static const char *const PORTS[] = {NULL, "", "0", "65536", "x", "443/"};
    for (size_t i = 0; i < COUNT(PORTS); i++) {
        assert_false(in_cluster("10.96.0.1", PORTS[i]));
        assert_non_null(strstr(err.text, "not in a Pod"));
    }
    assert_false(in_cluster(NULL, "443"));
    write_file("account/namespace", "../x");
    assert_false(in_cluster("10.96.0.1", "443"));
    assert_string_equal(err.text, "account/namespace holds no name of a namespace");
}

/* -- by a file -- */

#define FILE_WITH(cluster, user, context)                                                          \
    "apiVersion: v1\nkind: Config\ncurrent-context: it\n"                                          \
    "clusters:\n- {name: other, cluster: {server: 'http://wrong'}}\n"                              \
    "- {name: c, cluster: {server: 'https://api:6443/'" cluster "}}\n"                             \
    "users:\n- {name: other, user: {exec: {command: evil}}}\n- {name: u, user: {" user "}}\n"      \
    "contexts:\n- {name: other, context: {cluster: other, user: other}}\n"                         \
    "- {name: it, context: {cluster: c, user: u" context "}}\n"

static bool loads(const char *text)
{
    write_file("kubeconfig", text);
    return !failed(kube_config_load(&test_arena, "./kubeconfig", &config, &err));
}

static void a_file(void **state)
{
    (void)state;
    assert_true(loads(FILE_WITH("", "token: abc", "")));
    assert_str(config.server, "https://api:6443");
    assert_str(config.namespace, "default");
    assert_str(config.token.text, "abc");
    assert_true(config.ca.path == NULL && config.ca.text.n == 0);

    assert_true(
        loads(FILE_WITH(", certificate-authority: ca.crt",
                        "tokenFile: /run/token, client-certificate: c.crt, client-key: c.key",
                        ", namespace: there")));
    assert_str(config.namespace, "there");
    assert_string_equal(config.ca.path, "./ca.crt");
    assert_string_equal(config.token.path, "/run/token");
    assert_string_equal(config.certificate.path, "./c.crt");
    assert_string_equal(config.key.path, "./c.key");

    assert_true(loads(FILE_WITH(", certificate-authority-data: Zm9v, certificate-authority: other",
                                "client-certificate-data: Zm8=, client-key-data: Zg==, token: t",
                                ", extensions: [{name: x}]")));
    assert_str(config.ca.text, "foo");
    assert_null(config.ca.path);
    assert_str(config.certificate.text, "fo");
    assert_str(config.key.text, "f");
    assert_true(loads(FILE_WITH(", insecure-skip-tls-verify: false", "", "")));
    assert_true(
        loads("{\"current-context\":\"a\",\"clusters\":[{\"name\":\"\",\"cluster\":{\"server\":"
              "\"https://h\"}}],\"users\":[{\"name\":\"\",\"user\":{}}],"
              "\"contexts\":[{\"name\":\"a\",\"context\":{}}]}"));
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } CASES[] = {
        {FILE_WITH("", "exec: {command: aws}", ""),
         "the user has \"exec\", which is not supported"},
        {FILE_WITH("", "auth-provider: {name: gcp}", ""), "the user has \"auth-provider\""},
        {FILE_WITH("", "username: a, password: b", ""), "the user has \"username\""},
        {FILE_WITH("", "token: a, as: root", ""), "the user has \"as\""},
        {FILE_WITH("", "token: a, as-groups: [x]", ""), "the user has \"as-groups\""},
        {FILE_WITH("", "token: 7", ""), "the user: \"token\" must be a string"},
        {FILE_WITH("", "client-certificate: a", ""), "or its key, but not both"},
        {FILE_WITH("", "client-key-data: Zg==", ""), "or its key, but not both"},
        {FILE_WITH("", "client-key-data: secret, client-certificate: a", ""),
         "client-key-data: not base64"},
        {FILE_WITH(", insecure-skip-tls-verify: true", "", ""), "\"insecure-skip-tls-verify\""},
        {FILE_WITH(", tls-server-name: x", "", ""), "the cluster has \"tls-server-name\""},
        {FILE_WITH(", proxy-url: x", "", ""), "the cluster has \"proxy-url\""},
        {FILE_WITH("", "", ", namespace: ../x"), "the context's namespace is no name"},
        {FILE_WITH("", "", ", cluster: no"), "not one document"}, /* a key twice */
        {"current-context: other\nclusters: [{name: o, cluster: {server: 'http://h'}}]\n"
         "users: [{name: o, user: {}}]\ncontexts: [{name: other, context: {cluster: o, user: "
         "o}}]\n",
         "the cluster's server must begin with https://"},
        {"current-context: it\n", "contexts has no \"it\""},
        {"contexts: []\n", "there is no current-context"},
        {"current-context: it\ncontexts: [{name: it, context: {cluster: c, user: u}}]\n",
         "clusters has no \"c\""},
        {"", "not one document of YAML or JSON"},
        {"a: b\n---\nc: d\n", "not one document"},
        {"[", "not one document"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_false(loads(CASES[i].text));
        if (strstr(err.text, CASES[i].wanted) == NULL) {
            fail_msg("not \"%s\" but \"%s\"", CASES[i].wanted, err.text);
        }
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_null(strstr(err.text, "secret"));
    }
    assert_true(failed(kube_config_load(&test_arena, "missing", &config, &err)));
    assert_int_equal(err.kind, ERROR_CONFIG);
}

int config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test_setup_teardown(a_pod, start, stop),
        cmocka_unit_test_setup_teardown(a_file, start, stop),
        cmocka_unit_test_setup_teardown(refused, start, stop),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
