#include "test.h"

#include "base/clock.h"

#define MANAGED(rest)                                                                              \
    HEAD "policies: [p]\ntls: {managed: {secret: pratique-tls, service: pratique" rest "}}\n"

static const int64_t HOUR = 3600 * NS_PER_S;

static void defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MANAGED(""));
    assert_string_equal(loaded.printed, "");
    const struct server_config *config = &loaded.config;
    assert_true(config->managed_set);
    assert_null(config->certificate);
    assert_null(config->key);
    assert_null(config->kubeconfig);
    assert_true(str_eq(config->lease, STR("pratique-leader")));
    assert_true(str_eq(config->managed.secret, STR("pratique-tls")));
    assert_true(str_eq(config->managed.lease, STR("pratique-tls")));
    assert_true(str_eq(config->managed.service, STR("pratique")));
    assert_int_equal(config->managed.namespace.n, 0);
    assert_int_equal(config->managed.n_webhooks, 0);
    assert_int_equal(config->managed.times.validity, 2160 * HOUR);
    assert_int_equal(config->managed.times.authority_validity, 43800 * HOUR);
    assert_int_equal(config->managed.times.overlap, 120 * NS_PER_S);
    loaded_done(&loaded);
    load(&loaded, MANAGED(", validity: 60s"));
    assert_int_equal(loaded.config.managed.times.overlap, 6 * NS_PER_S);
    loaded_done(&loaded);
    load(&loaded, MINIMAL);
    assert_false(loaded.config.managed_set);
    loaded_done(&loaded);
}

static void everything(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded,
         MANAGED(
             ", namespace: there, lease: l.1, webhooks: [a, b.c], validity: 100s, "
             "authorityValidity: 100s, overlap: 10s") "kubernetes: {kubeconfig: k, lease: l.2}\n");
    assert_string_equal(loaded.printed, "");
    const struct certificates_config *managed = &loaded.config.managed;
    assert_true(str_eq(managed->namespace, STR("there")));
    assert_true(str_eq(managed->lease, STR("l.1")));
    assert_int_equal(managed->n_webhooks, 2);
    assert_true(str_eq(managed->webhooks[1], STR("b.c")));
    assert_int_equal(managed->times.validity, 100 * NS_PER_S);
    assert_int_equal(managed->times.authority_validity, 100 * NS_PER_S);
    assert_int_equal(managed->times.overlap, 10 * NS_PER_S);
    assert_string_equal(loaded.config.kubeconfig, "k");
    assert_true(str_eq(loaded.config.lease, STR("l.2")));
    loaded_done(&loaded);
}

static void exactly_one_form(void **state)
{
    (void)state;
#define TLS(text) HEAD "policies: [p]\ntls: {" text "}\n"
    assert_refused(TLS(""), "server.yaml: error: tls: give certificate and key, or managed\n");
    assert_refused(TLS("certificate: c"),
                   "server.yaml:4:7: error: tls.certificate: its key is missing, tls.key\n");
    assert_refused(
        TLS("key: k"),
        "server.yaml:4:7: error: tls.key: its certificate is missing, tls.certificate\n");
    assert_refused(TLS("certificate: c, key: k, managed: {secret: s, service: t}"),
                   "server.yaml:4:7: error: tls.certificate: give certificate and key, or managed, "
                   "not both\n");
    assert_refused(
        TLS("managed: {secret: s, service: t}, key: k"),
        "server.yaml:4:41: error: tls.key: give certificate and key, or managed, not both\n");
    assert_refused(TLS("managed: {}"),
                   "server.yaml:4:7: error: tls.managed: \"secret\" is required\n"
                   "server.yaml:4:7: error: tls.managed: \"service\" is required\n");
}

static void names(void **state)
{
    (void)state;
    static const char WANTED[] = "must be a name: lower-case letters, digits, '-' and '.'";
    static const char *const BAD[] = {"A", "a/b", "../x", "a%2fb", "-a", "a-", ".", "a b", "ä"};
    static const char *const FIELDS[] = {"secret", "service", "namespace", "lease"};
    for (size_t i = 0; i < COUNT(BAD); i++) {
        for (size_t k = 0; k < COUNT(FIELDS); k++) {
            char *text =
                text_of(HEAD "policies: [p]\ntls:\n  managed:\n    %s\n    %s\n"
                             "    %s: '%s'\n",
                        k == 0 ? "" : "secret: s", k == 1 ? "" : "service: s", FIELDS[k], BAD[i]);
            struct loaded loaded;
            load(&loaded, text);
            assert_false(loaded.good);
            assert_non_null(strstr(loaded.printed, WANTED));
            loaded_done(&loaded);
            free(text);
        }
        char *lease = text_of(MINIMAL "kubernetes: {lease: '%s'}\n", BAD[i]);
        char *refusal = text_of("server.yaml:5:14: error: kubernetes.lease: %s\n", WANTED);
        assert_refused(lease, refusal);
        free(refusal);
        free(lease);
        char *text = text_of(HEAD "policies: [p]\ntls: {managed: {secret: s, service: s, "
                                  "webhooks: ['%s']}}\n",
                             BAD[i]);
        char *wanted = text_of("server.yaml:4:51: error: tls.managed.webhooks[0]: %s\n", WANTED);
        assert_refused(text, wanted);
        free(wanted);
        free(text);
    }
}

static void times(void **state)
{
    (void)state;
    assert_accepted(MANAGED(", validity: 60s, authorityValidity: 60s, overlap: 6s"));
    assert_accepted(MANAGED(", validity: 876000h, authorityValidity: 876000h"));
    assert_refused(MANAGED(", validity: 59s, overlap: 5s"),
                   "server.yaml: error: tls.managed.validity: must be from 60000ms to "
                   "3153600000000ms\n");
    assert_refused(
        MANAGED(", validity: 876001h, authorityValidity: 876000h"),
        "server.yaml: error: tls.managed.validity: must be from 60000ms to "
        "3153600000000ms\n"
        "server.yaml: error: tls.managed.authorityValidity: must be from 3153603600000ms "
        "to 3153600000000ms\n");
    assert_refused(MANAGED(", validity: 61s, authorityValidity: 60s"),
                   "server.yaml: error: tls.managed.authorityValidity: must be from 61000ms to "
                   "3153600000000ms\n");
    assert_refused(MANAGED(", validity: 60s, overlap: 6001ms"),
                   "server.yaml: error: tls.managed.overlap: must be from 1000ms to 6000ms\n");
    assert_refused(MANAGED(", overlap: 999ms"),
                   "server.yaml: error: tls.managed.overlap: must be from 1000ms to 777600000ms\n");
}

int config_managed_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(everything),
        cmocka_unit_test(exactly_one_form),
        cmocka_unit_test(names),
        cmocka_unit_test(times),
    };
    return cmocka_run_group_tests_name("config, managed", TESTS, enter_folder, leave_folder);
}
