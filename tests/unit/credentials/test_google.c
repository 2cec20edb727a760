/* Google: the metadata server, federated identities, and files that say who. */
#include "clouds.h"

#include "../folder.h"

static void google_metadata(void **state)
{
    (void)state;
    struct cloud *cloud = google_metadata_server();
    unsigned asked = count_asked("metadata");
    assert_string_equal(cloud_tries(cloud, "gcr.io"),
                        "oauth2accesstoken/s3cr3t of metadata (Google's metadata server)");
    assert_string_equal(cloud_tries(cloud, "us-docker.pkg.dev"),
                        "oauth2accesstoken/s3cr3t of metadata (Google's metadata server)");
    assert_int_equal(count_asked("metadata"), asked + 1);
    cloud_free(cloud);
}

static void google_federation(void **state)
{
    (void)state;
    struct cloud *cloud = google_as("//iam/pool", FROM_FILE);
    assert_string_equal(cloud_tries(cloud, "gcr.io"),
                        "oauth2accesstoken/s3cr3t of //iam/pool (Google, google.json)");
    cloud_free(cloud);
    write_file("token.json", "{\"id\":\"" SUBJECT "\"}");
    cloud = google_as("//iam/pool", ",\"credential_source\":{\"file\":\"token.json\",\"format\":{"
                                    "\"type\":\"json\",\"subject_token_field_name\":\"id\"}}");
    assert_string_equal(cloud_tries(cloud, "gcr.io"),
                        "oauth2accesstoken/s3cr3t of //iam/pool (Google, google.json)");
    cloud_free(cloud);
    cloud = google_as("//iam/pool", acting_as("robot"));
    assert_string_equal(cloud_tries(cloud, "gcr.io"),
                        "oauth2accesstoken/s3cr3t as robot (Google, google.json)");
    cloud_free(cloud);
}

static void google_refuses(void **state)
{
    (void)state;
    struct cloud *cloud = google_as("//iam/denied", FROM_FILE);
    assert_string_equal(cloud_tries(cloud, "gcr.io"), "!");
    assert_refusal("Google, google.json", "400 invalid_grant");
    cloud_free(cloud);
    cloud = google_as("//iam/pool", acting_as("denied"));
    assert_string_equal(cloud_tries(cloud, "gcr.io"), "!");
    assert_refusal("Google, google.json", "403 PERMISSION_DENIED");
    cloud_free(cloud);
}

static void google_files_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } CASES[] = {
        {"s3cr3t", "google.json: no JSON in it"},
        {"{\"type\":\"service_account\",\"private_key\":\"s3cr3t\"}",
         "google.json: its type must be external_account"},
        {"{\"type\":\"external_account\",\"credential_source\":{\"file\":\"token\"}}",
         "google.json: it has no token_url"},
        {"{\"type\":\"external_account\",\"token_url\":\"http://x/\",\"credential_source\":"
         "{\"url\":\"http://x\"}}",
         "google.json: only a credential_source that is a file is supported"},
        {"{\"type\":\"external_account\",\"token_url\":\"http://x/\",\"credential_source\":"
         "{\"file\":\"token\",\"format\":{\"type\":\"xml\"}}}",
         "google.json: the format of credential_source must be text or json"},
        {"{\"type\":\"external_account\",\"token_url\":\"http://x/\",\"credential_source\":"
         "{\"file\":\"empty\"}}",
         "empty: no token in it"},
        {"{\"type\":\"external_account\",\"token_url\":\"http://x/\",\"credential_source\":"
         "{\"file\":\"google.json\",\"format\":{\"type\":\"json\","
         "\"subject_token_field_name\":\"id\"}}}",
         "google.json: no token in it"},
        {"{\"type\":\"external_account\",\"token_url\":\"http://x/\",\"credential_source\":"
         "{\"file\":\"token\"}}",
         "not a URL that may be asked: \"http://x/\""}, /* https is needed */
    };
    write_file("empty", " \n");
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct gcp_config config = {.file = STR("google.json")};
        struct cloud *cloud = gcp_new(&config);
        write_file("google.json", CASES[i].text);
        assert_string_equal(cloud_tries(cloud, "gcr.io"), "!");
        assert_string_equal(
            err.text, arena_printf(&cloud_arena, "Google, google.json: %s", CASES[i].problem).p);
        cloud_free(cloud);
    }
}

int google_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(google_metadata),
        cmocka_unit_test(google_federation),
        cmocka_unit_test(google_refuses),
        cmocka_unit_test(google_files_that_are_none),
    };
    return cmocka_run_group_tests_name("google", tests, start_clouds, end_clouds);
}
