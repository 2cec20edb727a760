/* What all clouds have in common: whose registries, how long tokens are kept, who asks. */
#include "clouds.h"

#include <pthread.h>
#include <unistd.h>

static void registries_of_each(void **state)
{
    (void)state;
    static const struct {
        const char *registry, *whose;
    } CASES[] = {
        {"123456789012.dkr.ecr.eu-central-1.amazonaws.com", "ecr"},
        {"123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr"},
        {"123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "ecr"},
        {"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "ecr"},
        {"123456789012.dkr.ecr.cn-north-1.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", ""},
        {"12345678901.dkr.ecr.us-east-1.amazonaws.com", ""},
        {"1234567890123.dkr.ecr.us-east-1.amazonaws.com", ""},
        {"12345678901x.dkr.ecr.us-east-1.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.org", ""},
        {"123456789012.dkr.ecr.us-east-1.amazonaws.com:443", ""},
        {"123456789012.dkr.ecr.us-east-1.amazonaws.org", ""},
        {"123456789012.dkr.ecr.s3.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-east.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-1.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-east-1x.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-e1st-1.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us--1.amazonaws.com", ""},
        {"123456789012.dkr.ecr.us-east-.amazonaws.com", ""},
        {"123456789012.dkr.ecr..amazonaws.com", ""},
        {"123456789012.dkr.ecr.evil/us-east-1.amazonaws.com", ""},
        {"a.123456789012.dkr.ecr.us-east-1.amazonaws.com", ""},
        {"123456789012.DKR.ecr.us-east-1.amazonaws.com", ""},
        {"123456789012.dkr.ecs.us-east-1.amazonaws.com", ""},
        {"public.ecr.aws", ""},
        {"gcr.io", "gcp"},
        {"eu.gcr.io", "gcp"},
        {"europe-west4-docker.pkg.dev", "gcp"},
        {"pkg.dev", ""},
        {"evilgcr.io", ""},
        {"gcr.io.evil.org", ""},
        {"gcr.io:5000", ""},
        {"a.b.gcr.io", ""},
        {".gcr.io", ""},
        {"evil-pkg.dev", ""},
        {"shop.azurecr.io", "azure"},
        {"shop-0a1b.azurecr.io", "azure"},
        {"azurecr.io", ""},
        {".azurecr.io", ""},
        {"a.b.azurecr.io", ""},
        {"shop.azurecr.io.evil.org", ""},
        {"shop.azurecr.io:443", ""},
        {"evil@shop.azurecr.io", ""},
        {"Shop.azurecr.io", ""},
        {"docker.io", ""},
        {"", ""},
    };
    struct cloud *clouds[] = {amazon_as("pull"), google_metadata_server(), microsoft_as("app")};
    static const char *const NAMES[] = {"ecr", "gcp", "azure"};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        for (size_t k = 0; k < COUNT(clouds); k++) {
            const struct credential_provider *provider = cloud_provider(clouds[k]);
            bool covers = provider->covers(provider->self, str_from(CASES[i].registry));
            if (covers != (strcmp(CASES[i].whose, NAMES[k]) == 0)) {
                fail_msg("%s: %s", CASES[i].registry, NAMES[k]);
            }
        }
    }
    for (size_t k = 0; k < COUNT(clouds); k++) {
        cloud_free(clouds[k]);
    }
}

/* Ask until the service was asked so often. */
static void until_asked(struct cloud *cloud, const char *registry, const char *service, unsigned n)
{
    int64_t deadline = clock_monotonic() + 60 * NS_PER_S;
    while (count_asked(service) < n && clock_monotonic() < deadline) {
        assert_string_not_equal(cloud_tries(cloud, registry), "!");
        usleep(50 * 1000);
    }
    assert_true(count_asked(service) >= n);
}

static void tokens_end(void **state)
{
    (void)state;
    struct cloud *cloud = amazon_as("ended");
    assert_string_equal(cloud_tries(cloud, SEOUL), "!");
    assert_string_equal(err.text, "ECR, role " ROLE "ended: the token has ended already");
    cloud_free(cloud);
    cloud = amazon_as("brief");
    until_asked(cloud, SEOUL, "ecr", count_asked("ecr") + 2);
    cloud_free(cloud);
    cloud = microsoft_as("app");
    assert_string_equal(cloud_tries(cloud, "ended.azurecr.io"), "!");
    until_asked(cloud, "brief.azurecr.io", "acr", count_asked("acr") + 2);
    cloud_free(cloud);
    cloud = google_as("//iam/brief", FROM_FILE);
    until_asked(cloud, "gcr.io", "google", count_asked("google") + 2);
    cloud_free(cloud);
}

static void files_are_needed(void **state)
{
    (void)state;
    const struct azure_config config = {
        .client = STR("app"), .tenant = STR("t"), .token_file = STR("none")};
    struct cloud *cloud = azure_new(&config);
    assert_string_equal(cloud_tries(cloud, "shop.azurecr.io"), "!");
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.text, "Azure, application app: none"));
    cloud_free(cloud);
}

/* Nobody accepts, so that only the time ends it. */
static void time_has_an_end(void **state)
{
    (void)state;
    stop_clouds();
    struct cloud *cloud = google_metadata_server();
    assert_string_equal(cloud_tries_until(cloud, "gcr.io", clock_monotonic() + 200 * NS_PER_MS),
                        "!");
    assert_int_equal(err.kind, ERROR_TIMEOUT);
    continue_clouds();
    assert_string_not_equal(cloud_tries(cloud, "gcr.io"), "!"); /* which is not remembered */
    cloud_free(cloud);
}

static void *ask(void *argument)
{
    const struct cloud *cloud = argument;
    const struct credential_provider *provider = cloud_provider(cloud);
    const struct credential_query query = {.registry = STR(SEOUL),
                                           .deadline = clock_monotonic() + 60 * NS_PER_S};
    credential_auto one = {0};
    struct error error;
    bool found = false;
    bool good = !failed(provider->get(provider->self, &query, &found, &one, &error)) && found;
    return good ? argument : NULL;
}

static void threads_ask_once(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    struct cloud *cloud = amazon_as("pull");
    unsigned sts = count_asked("sts");
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask, cloud), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        void *good = NULL;
        pthread_join(threads[i], &good);
        assert_non_null(good);
    }
    assert_int_equal(count_asked("sts"), sts + 1);
    cloud_free(cloud);
}

static void in_a_keyring(void **state)
{
    (void)state;
    struct cloud *cloud = amazon_as("pull");
    struct keyring *keyring = keyring_new();
    assert_false(failed(keyring_add_docker_config(
        keyring, STR("{\"auths\":{\"" SEOUL "\":{\"auth\":\"dTpw\"},\"ghcr.io\":{}}}"),
        STR("config.json"), KEYRING_KUBELET, &err)));
    keyring_add_provider(keyring, cloud_provider(cloud));
    assert_string_equal(tried(keyring, SEOUL, "app"), "u/p AWS/s3cr3t of ap-northeast-2");
    assert_string_equal(tried(keyring, "ghcr.io", "app"), "");
    assert_string_equal(tried(keyring, "docker.io", "app"), "");
    keyring_free(keyring);
    cloud_free(cloud);
}

static void environments(void **state)
{
    (void)state;
    struct ecr_config amazon_config = {.session = STR("ours")};
    struct azure_config microsoft_config = {.tenant = STR("given")};
    struct gcp_config google_config = {0};
    unsetenv("AWS_REGION");
    setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
    setenv("AWS_ROLE_ARN", "role", 1);
    setenv("AWS_ROLE_SESSION_NAME", "theirs", 1);
    assert_true(failed(ecr_config_complete(&amazon_config, &err)));
    assert_string_equal(err.text,
                        "no tokenFile is given, and AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/token", 1);
    assert_false(failed(ecr_config_complete(&amazon_config, &err)));
    assert_true(str_eq(amazon_config.role, STR("role")));
    assert_true(str_eq(amazon_config.token_file, STR("/token")));
    assert_true(str_eq(amazon_config.session, STR("ours")));
    assert_true(str_eq(amazon_config.region, STR("eu-west-1")));
    setenv("AWS_REGION", "eu-west-2", 1);
    amazon_config.region = STR_EMPTY;
    assert_false(failed(ecr_config_complete(&amazon_config, &err)));
    assert_true(str_eq(amazon_config.region, STR("eu-west-2")));
    setenv("AZURE_CLIENT_ID", "client", 1);
    setenv("AZURE_TENANT_ID", "tenant", 1);
    assert_true(failed(azure_config_complete(&microsoft_config, &err)));
    assert_string_equal(err.text,
                        "no tokenFile is given, and AZURE_FEDERATED_TOKEN_FILE is not set");
    setenv("AZURE_FEDERATED_TOKEN_FILE", "/azure", 1);
    assert_false(failed(azure_config_complete(&microsoft_config, &err)));
    assert_true(str_eq(microsoft_config.client, STR("client")));
    assert_true(str_eq(microsoft_config.tenant, STR("given")));
    assert_int_equal(microsoft_config.authority.n, 0);
    gcp_config_complete(&cloud_arena, &google_config);
    assert_int_equal(google_config.file.n, 0);
    assert_int_equal(google_config.metadata.n, 0);
    setenv("GCE_METADATA_HOST", "169.254.169.254", 1);
    setenv("GOOGLE_APPLICATION_CREDENTIALS", "/google", 1);
    gcp_config_complete(&cloud_arena, &google_config);
    assert_true(str_eq(google_config.metadata, STR("http://169.254.169.254")));
    assert_true(str_eq(google_config.file, STR("/google")));
    google_config = (struct gcp_config){.metadata = STR("http://given")};
    gcp_config_complete(&cloud_arena, &google_config);
    assert_true(str_eq(google_config.metadata, STR("http://given")));
    assert_int_equal(google_config.file.n, 0);
}

static void endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } CASES[] = {
        {"https://sts.example.com", true},
        {"http://127.0.0.1:80", true},
        {"https://sts.example.com/", false},
        {"https://sts.example.com/v1", false},
        {"sts.example.com", false},
        {"https://a@sts.example.com", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        if (cloud_is_endpoint(str_from(CASES[i].text)) != CASES[i].good) {
            fail_msg("%s", CASES[i].text);
        }
    }
}

/* Those that are wanted, behind what the keyring had; a config that lacks something says what. */
static void several(void **state)
{
    (void)state;
    const struct cloud_options options = {0};
    struct clouds_config config = {.aws = true, .azure = true};
    struct clouds *clouds = NULL;
    struct keyring *keyring = keyring_new();
    unsetenv("AZURE_CLIENT_ID");
    setenv("AWS_ROLE_ARN", "role", 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "missing", 1);
    assert_true(failed(clouds_new(&config, &options, keyring, &clouds, &err)));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_string_equal(err.text, "azure: no client is given, and AZURE_CLIENT_ID is not set");
    keyring_free(keyring);
    keyring = keyring_new();
    config.azure = false;
    assert_false(failed(
        keyring_add_docker_config(keyring, STR("{\"auths\":{\"" SEOUL "\":{\"auth\":\"dTpw\"}}}"),
                                  STR("config.json"), KEYRING_KUBELET, &err)));
    assert_false(failed(clouds_new(&config, &options, keyring, &clouds, &err)));
    assert_string_equal(tried(keyring, SEOUL, "app"), "u/p !");
    assert_non_null(strstr(err.text, "ECR, role role: missing"));
    keyring_free(keyring);
    clouds_free(clouds);
}

int clouds_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registries_of_each),
        cmocka_unit_test(tokens_end),
        cmocka_unit_test(files_are_needed),
        cmocka_unit_test(time_has_an_end),
        cmocka_unit_test(threads_ask_once),
        cmocka_unit_test(in_a_keyring),
        cmocka_unit_test(environments),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(several),
    };
    return cmocka_run_group_tests_name("clouds", tests, start_clouds, end_clouds);
}
