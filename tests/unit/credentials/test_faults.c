/* Services of clouds that fail, lie and talk nonsense. */
#include "clouds.h"

#include "fetch/curl.h"
#include "fetch/scripted.h"

/* The answer number `at` is another. */
struct fault {
    struct fetch_scripted scripted;
    struct fetch curl;
    unsigned at, n;
    unsigned status; /* 0: there is no connection */
    const char *body;
};

static status replace(void *argument, const struct fetch_request *request, struct arena *memory,
                      struct fetch_answer *ret_answer, struct error *error)
{
    struct fault *fault = argument;
    if (fault->n++ != fault->at) {
        return fetch_send(&fault->curl, request, memory, ret_answer, error);
    }
    if (fault->status == 0) {
        return error_set(error, ERROR_UPSTREAM, "no connection");
    }
    *ret_answer = (struct fetch_answer){.status = fault->status, .body = str_from(fault->body)};
    return OK;
}

static struct fetch open_fault(void *self)
{
    struct fault *fault = self;
    fault->curl = fetch_curl_new();
    fault->scripted = (struct fetch_scripted){replace, fault};
    return fetch_scripted_port(&fault->scripted);
}

static void close_fault(void *self, struct fetch *fetch)
{
    struct fault *fault = self;
    fetch_curl_free(&fault->curl);
    *fetch = (struct fetch){0};
}

static struct cloud *with_faults(unsigned which, struct fault *fault, const char **ret_registry)
{
    const struct cloud_options options = {
        .open = open_fault, .close = close_fault, .self = fault, .say = say_plain};
    const struct ecr_config amazon_config = {.role = STR(ROLE "pull"),
                                             .token_file = STR("token"),
                                             .sts = cloud_endpoint,
                                             .ecr = cloud_endpoint,
                                             .options = options};
    const struct gcp_config google_config = {.file = STR("google.json"), .options = options};
    const struct azure_config microsoft_config = {.client = STR("app"),
                                                  .tenant = STR("tenant"),
                                                  .token_file = STR("token"),
                                                  .authority = cloud_endpoint,
                                                  .registry = cloud_endpoint,
                                                  .options = options};
    static const char *const REGISTRIES[] = {SEOUL, "gcr.io", "shop.azurecr.io"};
    *ret_registry = REGISTRIES[which];
    return which == 0   ? ecr_new(&amazon_config)
           : which == 1 ? gcp_new(&google_config)
                        : azure_new(&microsoft_config);
}

/* Whichever answer is replaced by whatever, there is no credential. */
static void no_answer_can_be_replaced(void **state)
{
    (void)state;
    static const struct {
        unsigned status;
        const char *body;
    } ANSWERS[] = {
        {0, ""},
        {500, "s3cr3t"},
        {429, "<Code>s3cr3t-and-more</Code>"},
        {302, ""},
        {200, ""},
        {200, "s3cr3t"},
        {200, "{}"},
        {200, "[]"},
        {200, "null"},
        {200, "{\"access_token\":\"\",\"expires_in\":10}"},
        {200, "{\"access_token\":1,\"accessToken\":1,\"refresh_token\":1,\"expires_in\":10}"},
        {200, "{\"access_token\":\"s3cr3t\",\"expires_in\":-1,\"accessToken\":\"s3cr3t\","
              "\"expireTime\":\"soon\"}"},
        {200, "{\"authorizationData\":[]}"},
        {200, "{\"authorizationData\":[{\"authorizationToken\":\"QVdTOnA=\"}]}"},
        {200, "{\"authorizationData\":[{\"authorizationToken\":\"!\",\"expiresAt\":4e9}]}"},
        {200, "{\"authorizationData\":[{\"authorizationToken\":\"dTpw\",\"expiresAt\":4e9}]}"},
        {200, "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>"},
        {200, "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b&amp;</SecretAccessKey>"
              "<SessionToken>c</SessionToken>"},
        {200, "<AccessKeyId>a</AccessKeyId><AccessKeyId>a</AccessKeyId><SecretAccessKey>b"
              "</SecretAccessKey><SessionToken>c</SessionToken>"},
    };
    static const unsigned STEPS[] = {2, 2, 2};
    cloud_free(google_as("//iam/pool", acting_as("robot"))); /* its file stays */
    for (unsigned which = 0; which < COUNT(STEPS); which++) {
        for (unsigned at = 0; at <= STEPS[which]; at++) {
            for (size_t i = 0; i < COUNT(ANSWERS); i++) {
                struct fault fault = {
                    .at = at, .status = ANSWERS[i].status, .body = ANSWERS[i].body};
                const char *registry;
                struct cloud *cloud = with_faults(which, &fault, &registry);
                bool refused = strcmp(cloud_tries(cloud, registry), "!") == 0;
                if (refused != (at < STEPS[which])) {
                    fail_msg("%s, answer %u: %s", registry, at, ANSWERS[i].body);
                }
                assert_true(fault.n > at || at == STEPS[which]);
                cloud_free(cloud);
            }
        }
    }
}

int faults_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_answer_can_be_replaced),
    };
    return cmocka_run_group_tests_name("faults", tests, start_clouds, end_clouds);
}
