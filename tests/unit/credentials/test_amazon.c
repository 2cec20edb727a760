/* ECR by way of STS, which checks what it is asked and signs it again. */
#include "clouds.h"

#include "credentials/sigv4.h"

/* "get-vanilla" and "post-vanilla" of Amazon's own test suite. */
static void signatures(void **state)
{
    (void)state;
    const struct fetch_header headers[] = {{STR("host"), STR("example.amazonaws.com")},
                                           {STR("x-amz-date"), STR("20150830T123600Z")}};
    static const struct {
        const char *method, *signature;
    } CASES[] = {
        {"GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct sigv4_request request = {
            .method = str_from(CASES[i].method),
            .path = STR("/"),
            .headers = headers,
            .n_headers = COUNT(headers),
            .body = STR_EMPTY,
            .date = STR("20150830T123600Z"),
            .region = STR("us-east-1"),
            .service = STR("service"),
            .key_id = STR("AKIDEXAMPLE"),
            .key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        };
        struct str wanted = arena_printf(
            &cloud_arena,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=%s",
            CASES[i].signature);
        assert_string_equal(sigv4_sign(&cloud_arena, &request).p, wanted.p);
    }
    assert_true(str_eq(sigv4_date(&cloud_arena, 1440938160 * NS_PER_S), STR("20150830T123600Z")));
}

static void amazon(void **state)
{
    (void)state;
    struct cloud *cloud = amazon_as("pull");
    unsigned sts = count_asked("sts"), tokens = count_asked("ecr");
    assert_string_equal(cloud_tries(cloud, SEOUL),
                        "AWS/s3cr3t of ap-northeast-2 (ECR, role " ROLE "pull)");
    /* another account of the same region has the same */
    assert_string_equal(cloud_tries(cloud, "210987654321.dkr.ecr.ap-northeast-2.amazonaws.com"),
                        "AWS/s3cr3t of ap-northeast-2 (ECR, role " ROLE "pull)");
    assert_int_equal(count_asked("sts"), sts + 1);
    assert_int_equal(count_asked("ecr"), tokens + 1);
    assert_string_equal(cloud_tries(cloud, OREGON),
                        "AWS/s3cr3t of us-west-2 (ECR, role " ROLE "pull)");
    assert_int_equal(count_asked("ecr"), tokens + 2);
    cloud_free(cloud);
}

static void amazon_refuses(void **state)
{
    (void)state;
    struct cloud *cloud = amazon_as("denied");
    unsigned sts = count_asked("sts");
    assert_string_equal(cloud_tries(cloud, SEOUL), "!");
    assert_int_equal(err.kind, ERROR_UNAUTHORIZED);
    assert_refusal("ECR, role " ROLE "denied", "403 AccessDenied");
    assert_string_equal(cloud_tries(cloud, SEOUL), "!"); /* it is remembered for a while */
    assert_non_null(strstr(err.text, "s ago)"));
    assert_int_equal(count_asked("sts"), sts + 1);
    cloud_free(cloud);
    cloud = amazon_as("forbidden");
    assert_string_equal(cloud_tries(cloud, SEOUL), "!");
    assert_refusal("ECR, role " ROLE "forbidden", "400 AccessDeniedException");
    cloud_free(cloud);
}

int amazon_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures),
        cmocka_unit_test(amazon),
        cmocka_unit_test(amazon_refuses),
    };
    return cmocka_run_group_tests_name("amazon", tests, start_clouds, end_clouds);
}
