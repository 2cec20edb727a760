/* What a sound configuration comes to. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"

static void assert_text(struct str text, const char *wanted)
{
    assert_int_equal(text.n, strlen(wanted));
    assert_memory_equal(text.p, wanted, text.n);
}

static void defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL);
    assert_string_equal(loaded.printed, "");
    assert_true(loaded.good);
    const struct server_config *config = &loaded.config;
    assert_text(config->listen.address, "0.0.0.0");
    assert_int_equal(config->listen.port, 8443);
    assert_false(config->plain_set);
    assert_string_equal(config->certificate, "tls.crt");
    assert_string_equal(config->key, "tls.key");
    assert_null(config->client_ca);
    assert_int_equal(config->client_names.n_include, 0);
    assert_int_equal(config->client_names.n_exclude, 0);
    assert_int_equal(config->n_policies, 1);
    assert_string_equal(config->policies[0], "policies");
    assert_false(config->policy_options.allow_uncovered);
    assert_int_equal(config->policy_options.runtime, POLICY_RUNTIME_CONTAINERD);
    assert_text(config->log_level, "");
    assert_text(config->log_format, "");
    assert_null(config->audit);
    loaded_done(&loaded);
}

static void default_limits(void **state)
{
    (void)state;
    struct loaded loaded;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    load(&loaded, MINIMAL);
    const struct server_config *config = &loaded.config;
    assert_int_equal(config->threads, cpus > 4 ? 4 : cpus);
    assert_int_equal(config->connections, 2048);
    assert_int_equal(config->body, LIMIT_BODY);
    assert_int_equal(config->reviews_in_flight, LIMIT_REVIEWS_IN_FLIGHT);
    assert_int_equal(config->bodies_in_flight, LIMIT_BODIES_IN_FLIGHT);
    assert_int_equal(config->idle_ns, 150 * NS_PER_S);
    assert_int_equal(config->drain_delay_ns, 5 * NS_PER_S);
    assert_int_equal(config->drain_timeout_ns, 10 * NS_PER_S);
    assert_int_equal(config->reload_interval_ns, NS_PER_S);
    loaded_done(&loaded);
}

static const char EVERYTHING[] = HEAD
    "listen: {address: '::', port: 9443}\n"
    "plain: {address: 127.0.0.1, port: 9080}\n"
    "tls:\n"
    "  certificate: /etc/tls.crt\n"
    "  key: keys/tls.key\n"
    "  clientCA: ca.crt\n"
    "  clientNames: [kube-*, '!kube-evil', '*.example.com']\n"
    "policies: [one.yaml, /two]\n"
    "uncovered: allow\n"
    "runtime: cri-o\n"
    "kinds:\n"
    "- {group: example.com, kind: Thing, podSpecs: ['spec.runs[*].spec'], images: [spec.image]}\n"
    "- {group: '', kind: Core, images: [spec.image]}\n"
    "subresources: [checkpoint]\n"
    "log: {level: debug, format: json}\n"
    "audit: {path: audit.log}\n"
    "limits: {threads: 3, connections: 30, body: 4096, reviewsInFlight: 5, bodiesInFlight: 8192}\n"
    "idle: 1m40s\n"
    "drain: {delay: 0s, timeout: 1m}\n"
    "reload: 100ms\n";

static void everything(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, EVERYTHING);
    assert_string_equal(loaded.printed, "");
    const struct server_config *config = &loaded.config;
    assert_text(config->listen.address, "::");
    assert_int_equal(config->listen.port, 9443);
    assert_true(config->plain_set);
    assert_text(config->plain.address, "127.0.0.1");
    assert_int_equal(config->plain.port, 9080);
    assert_string_equal(config->certificate, "/etc/tls.crt");
    assert_string_equal(config->key, "keys/tls.key");
    assert_string_equal(config->client_ca, "ca.crt");
    assert_int_equal(config->n_policies, 2);
    assert_string_equal(config->policies[0], "one.yaml");
    assert_string_equal(config->policies[1], "/two");
    assert_true(config->policy_options.allow_uncovered);
    assert_int_equal(config->policy_options.runtime, POLICY_RUNTIME_CRIO);
    assert_text(config->log_level, "debug");
    assert_text(config->log_format, "json");
    assert_string_equal(config->audit, "audit.log");
    loaded_done(&loaded);
}

static void every_limit(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, EVERYTHING);
    const struct server_config *config = &loaded.config;
    assert_int_equal(config->threads, 3);
    assert_int_equal(config->connections, 30);
    assert_int_equal(config->body, 4096);
    assert_int_equal(config->reviews_in_flight, 5);
    assert_int_equal(config->bodies_in_flight, 8192);
    assert_int_equal(config->idle_ns, 100 * NS_PER_S);
    assert_int_equal(config->drain_delay_ns, 0);
    assert_int_equal(config->drain_timeout_ns, 60 * NS_PER_S);
    assert_int_equal(config->reload_interval_ns, 100 * NS_PER_MS);
    loaded_done(&loaded);
}

static void client_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool may;
    } CASES[] = {
        {"kube-apiserver", true},    {"kube-evil", false},  {"kube", false},
        {"a.example.com", true},     {"", false},           {"example.com", false},
        {"x-kube-apiserver", false}, {"!kube-evil", false},
    };
    struct loaded loaded;
    load(&loaded, EVERYTHING);
    for (size_t i = 0; i < COUNT(CASES); i++) {
        assert_int_equal(glob_list_match(&loaded.config.client_names, str_from(CASES[i].name)),
                         CASES[i].may);
    }
    loaded_done(&loaded);
}

static void kinds(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, EVERYTHING);
    const struct kinds *all = loaded.config.kinds;
    const struct kind_info *thing = kinds_find(all, STR("example.com"), STR("Thing"));
    assert_text(thing->kind, "Thing");
    assert_int_equal(thing->n, 2);
    assert_false(thing->routes[0].image);
    assert_true(thing->routes[1].image);
    assert_text(kinds_find(all, STR(""), STR("Core"))->kind, "Core");
    assert_true(kinds_know_subresource(all, STR("checkpoint")));
    loaded_done(&loaded);

    load(&loaded, MINIMAL);
    assert_text(kinds_find(loaded.config.kinds, STR("apps"), STR("Deployment"))->kind,
                "Deployment");
    assert_false(kinds_know_subresource(loaded.config.kinds, STR("checkpoint")));
    loaded_done(&loaded);
}

/* Relative to the file's folder, wherever the server is started. */
static void paths(void **state)
{
    (void)state;
    struct loaded loaded;
    assert_int_equal(mkdir("sub", 0700), 0);
    load_as(&loaded, "./sub/server.yaml", str_from(EVERYTHING));
    assert_string_equal(loaded.config.certificate, "/etc/tls.crt");
    assert_string_equal(loaded.config.key, "./sub/keys/tls.key");
    assert_string_equal(loaded.config.client_ca, "./sub/ca.crt");
    assert_string_equal(loaded.config.policies[0], "./sub/one.yaml");
    assert_string_equal(loaded.config.policies[1], "/two");
    assert_string_equal(loaded.config.audit, "./sub/audit.log");
    loaded_done(&loaded);
    load_as(&loaded, "sub/server.yaml", STR(MINIMAL "audit: {path: '-'}\n"));
    assert_string_equal(loaded.config.audit, "-");
    loaded_done(&loaded);
}

static void plain_has_its_own_port(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL "plain: {}\nlisten: {port: 0}\n");
    assert_string_equal(loaded.printed, "");
    assert_true(loaded.config.plain_set);
    assert_text(loaded.config.plain.address, "0.0.0.0");
    assert_int_equal(loaded.config.plain.port, 8080);
    assert_int_equal(loaded.config.listen.port, 0);
    loaded_done(&loaded);
}

static void json_is_fine_too(void **state)
{
    (void)state;
    assert_accepted("{\"apiVersion\": \"pratique.dev/v1alpha1\", \"kind\": \"ServerConfiguration\","
                    "\"tls\": {\"certificate\": \"c\", \"key\": \"k\"}, \"policies\": [\"p\"]}");
}

int config_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(default_limits),
        cmocka_unit_test(everything),
        cmocka_unit_test(every_limit),
        cmocka_unit_test(client_names),
        cmocka_unit_test(kinds),
        cmocka_unit_test(paths),
        cmocka_unit_test(plain_has_its_own_port),
        cmocka_unit_test(json_is_fine_too),
    };
    return cmocka_run_group_tests_name("configuration", TESTS, enter_folder, leave_folder);
}
