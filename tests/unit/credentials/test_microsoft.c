/* Azure: an application, then each registry. */
#include "clouds.h"

static void microsoft(void **state)
{
    (void)state;
    struct cloud *cloud = microsoft_as("app");
    unsigned entra = count_asked("entra"), acr = count_asked("acr");
    const char *found = cloud_tries(cloud, "shop.azurecr.io");
    assert_memory_equal(found, NOBODY "/eyJ", sizeof NOBODY + 3);
    assert_non_null(strstr(found, ".s3cr3t-signature (Azure, application app)"));
    cloud_tries(cloud, "shop.azurecr.io");
    assert_int_equal(count_asked("entra"), entra + 1);
    assert_int_equal(count_asked("acr"), acr + 1);
    /* each registry has its own; one that does not say how long is kept too */
    assert_string_equal(cloud_tries(cloud, "opaque.azurecr.io"),
                        NOBODY "/s3cr3t opaque (Azure, application app)");
    cloud_tries(cloud, "opaque.azurecr.io");
    assert_int_equal(count_asked("acr"), acr + 2);
    cloud_free(cloud);
}

static void microsoft_refuses(void **state)
{
    (void)state;
    struct cloud *cloud = microsoft_as("denied");
    assert_string_equal(cloud_tries(cloud, "shop.azurecr.io"), "!");
    assert_refusal("Azure, application denied", "401 unauthorized_client");
    cloud_free(cloud);
    cloud = microsoft_as("app");
    assert_string_equal(cloud_tries(cloud, "denied.azurecr.io"), "!");
    assert_refusal("Azure, application app", "401 UNAUTHORIZED");
    cloud_free(cloud);
}

int microsoft_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(microsoft),
        cmocka_unit_test(microsoft_refuses),
    };
    return cmocka_run_group_tests_name("microsoft", tests, start_clouds, end_clouds);
}
