/* How registries are asked. */
#include "test.h"

#include "base/clock.h"
#include "base/limits.h"

static void test_defaults(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL);
    const struct asking_config *config = &loaded.config.registries;
    assert_int_equal(config->n_credentials, 0);
    assert_false(config->pull_secrets);
    assert_null(config->ca);
    assert_int_equal(config->n_hosts, 0);
    assert_int_equal(config->memory, 16 * MIB);
    assert_int_equal(config->tag_ttl, 30 * NS_PER_S);
    assert_int_equal(config->failure_ttl, 5 * NS_PER_S);
    assert_int_equal(loaded.config.evidence_threads, 8);
    assert_int_equal(loaded.config.reviews_waiting, 512);
    loaded_done(&loaded);
}

static const char EVERYTHING[] =
    MINIMAL "registries:\n"
            "  credentials: [pull/.dockerconfigjson, /etc/docker.json]\n"
            "  pullSecrets: true\n"
            "  ca: registries.crt\n"
            "  memory: 1048576\n"
            "  tags: 0s\n"
            "  failures: 1m\n"
            "  hosts:\n"
            "  - host: registry.shop:5000\n"
            "    plain: true\n"
            "    insideNetwork: true\n"
            "    ca: shop.crt\n"
            "    certificate: client.crt\n"
            "    key: client.key\n"
            "    proxy: http://proxy:3128\n"
            "    location: registry.internal/shop\n"
            "    mirrors: [one.example, two.example/hub]\n"
            "    realms: [auth.shop]\n"
            "  - host: docker.io\n"
            "limits: {evidenceThreads: 3, reviewsWaiting: 7}\n";

static void test_everything(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, EVERYTHING);
    assert_string_equal(loaded.printed, "");
    const struct asking_config *config = &loaded.config.registries;
    assert_int_equal(config->n_credentials, 2);
    assert_string_equal(config->credentials[0], "pull/.dockerconfigjson");
    assert_string_equal(config->credentials[1], "/etc/docker.json");
    assert_true(config->pull_secrets);
    assert_string_equal(config->ca, "registries.crt");
    assert_int_equal(config->memory, MIB);
    assert_int_equal(config->tag_ttl, 0);
    assert_int_equal(config->failure_ttl, 60 * NS_PER_S);
    assert_int_equal(config->n_hosts, 2);
    const struct asking_host *host = &config->hosts[0];
    assert_true(str_eq(host->name, STR("registry.shop:5000")));
    assert_true(host->plain && host->inside_network);
    assert_string_equal(host->ca, "shop.crt");
    assert_string_equal(host->certificate, "client.crt");
    assert_string_equal(host->key, "client.key");
    assert_true(str_eq(host->proxy, STR("http://proxy:3128")));
    assert_true(str_eq(host->location, STR("registry.internal/shop")));
    assert_int_equal(host->n_mirrors, 2);
    assert_true(str_eq(host->mirrors[1], STR("two.example/hub")));
    assert_int_equal(host->n_realms, 1);
    assert_false(config->hosts[1].plain || config->hosts[1].inside_network);
    assert_null(config->hosts[1].ca);
    assert_int_equal(loaded.config.evidence_threads, 3);
    assert_int_equal(loaded.config.reviews_waiting, 7);
    loaded_done(&loaded);
}

static void test_clouds(void **state)
{
    (void)state;
    struct loaded loaded;
    load(&loaded, MINIMAL "registries: {clouds: {aws: {}, gcp: {file: gcp.json}}}\n");
    const struct clouds_config *clouds = &loaded.config.registries.clouds;
    assert_true(clouds->aws && clouds->gcp && !clouds->azure);
    assert_int_equal(clouds->ecr.role.n, 0);
    assert_true(str_eq(clouds->google.file, STR("gcp.json")));
    loaded_done(&loaded);
    load(&loaded,
         MINIMAL "registries:\n"
                 "  clouds:\n"
                 "    aws: {role: r, tokenFile: /t, session: s, region: e, sts: 'https://a.b',"
                 " ecr: 'https://c.d:1'}\n"
                 "    gcp: {metadata: 'http://169.254.169.254'}\n"
                 "    azure: {client: c, tenant: t, tokenFile: f, authority: 'https://l',"
                 " scope: s, registry: 'https://r'}\n");
    const struct ecr_config *ecr = &clouds->ecr;
    const struct azure_config *azure = &clouds->microsoft;
    assert_true(clouds->aws && clouds->gcp && clouds->azure);
    assert_true(str_eq(ecr->role, STR("r")) && str_eq(ecr->token_file, STR("/t")));
    assert_true(str_eq(ecr->session, STR("s")) && str_eq(ecr->region, STR("e")));
    assert_true(str_eq(ecr->sts, STR("https://a.b")) && str_eq(ecr->ecr, STR("https://c.d:1")));
    assert_true(str_eq(clouds->google.metadata, STR("http://169.254.169.254")));
    assert_true(str_eq(azure->client, STR("c")) && str_eq(azure->tenant, STR("t")));
    assert_true(str_eq(azure->token_file, STR("f")) && str_eq(azure->scope, STR("s")));
    assert_true(str_eq(azure->authority, STR("https://l")));
    assert_true(str_eq(azure->registry, STR("https://r")));
    loaded_done(&loaded);
}

static void test_refused(void **state)
{
    (void)state;
    assert_refused(MINIMAL "registries: {hosts: [{plain: true}]}\n",
                   "server.yaml:5:22: error: registries.hosts[0]: \"host\" is required\n");
    assert_refused(MINIMAL "registries: {hosts: [{host: a, certificate: c.crt}]}\n",
                   "server.yaml:5:32: error: registries.hosts[0].certificate: give certificate and "
                   "key together\n");
    assert_refused(MINIMAL "registries: {hosts: [{host: a, mirrors: ['']}]}\n",
                   "server.yaml:5:42: error: registries.hosts[0].mirrors[0]: must not be empty\n");
    assert_refused(MINIMAL "registries: {clouds: {aws: {sts: 'https://a/b'}}}\n",
                   "server.yaml:5:29: error: registries.clouds.aws.sts: must be an endpoint, such "
                   "as https://sts.example.com\n");
    assert_refused(MINIMAL "registries: {clouds: {gcp: {file: f, metadata: 'http://m'}}}\n",
                   "server.yaml:5:38: error: registries.clouds.gcp.metadata: not with file: one of "
                   "the two is asked\n");
    assert_refused(MINIMAL "registries: {tags: 2h}\n",
                   "server.yaml: error: registries.tags: must be from 0ms to 3600000ms\n");
    assert_refused(MINIMAL "registries: {failures: 6m}\n",
                   "server.yaml: error: registries.failures: must be from 0ms to 300000ms\n");
    assert_refused(MINIMAL "registries: {credentials: ['-']}\n",
                   "server.yaml:5:28: error: registries.credentials[0]: must be a file: a server "
                   "reads it again when it changes\n");
}

/* `n` items of a list of hosts, or of a host's mirrors. */
static bool is_taken(const char *before, const char *item, size_t n, const char *after)
{
    struct loaded loaded;
    buf_auto text;
    buf_init(&text, 1 << 20);
    buf_printf(&text, "%s%s", MINIMAL, before);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&text, "%s%s", i == 0 ? "" : ",", item);
    }
    buf_add_cstr(&text, after);
    load_as(&loaded, "server.yaml", buf_str(&text));
    bool good = loaded.good;
    loaded_done(&loaded);
    return good;
}

static void test_limits(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        assert_int_equal(is_taken("registries: {hosts: [", "{host: h}",
                                  LIMIT_REGISTRY_HOSTS_SAID + more, "]}\n"),
                         more == 0);
        assert_int_equal(is_taken("registries: {hosts: [{host: h, mirrors: [", "m",
                                  LIMIT_REGISTRY_MIRRORS + more, "]}]}\n"),
                         more == 0);
    }
}

int config_registries_tests(void)
{
    static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_everything),
        cmocka_unit_test(test_clouds),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests_name("config_registries", TESTS, enter_folder, leave_folder);
}
