#include "documents.h"

static void essences(void **state)
{
    (void)state;
    const struct {
        struct str header, essence;
    } cases[] = {
        {STR(OCI_INDEX), STR(OCI_INDEX)},
        {STR(OCI_INDEX "; charset=utf-8"), STR(OCI_INDEX)},
        {STR(" " OCI_INDEX " ;x"), STR(OCI_INDEX)},
        {STR(""), STR("")},
        {STR(";"), STR("")},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(str_eq(oci_media_essence(cases[i].header), cases[i].essence));
    }
}

static void kinds(void **state)
{
    (void)state;
    const struct {
        struct str media_type;
        bool index, manifest, config, schema1;
    } cases[] = {
        {STR(OCI_INDEX), true, false, false, false},
        {STR(DOCKER_LIST), true, false, false, false},
        {STR(OCI_MANIFEST), false, true, false, false},
        {STR(DOCKER_MANIFEST), false, true, false, false},
        {STR(OCI_CONFIG), false, false, true, false},
        {STR(DOCKER_CONFIG), false, false, true, false},
        {STR("application/octet-stream"), false, false, true, false},
        {STR(OCI_EMPTY), false, false, false, false},
        {STR("application/vnd.docker.distribution.manifest.v1+json"), false, false, false, true},
        {STR("application/vnd.docker.distribution.manifest.v1+prettyjws"), false, false, false,
         true},
        {STR("Application/vnd.oci.image.index.v1+json"), false, false, false, false},
        {STR(""), false, false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(oci_media_is_index(cases[i].media_type), cases[i].index);
        assert_int_equal(oci_media_is_manifest(cases[i].media_type), cases[i].manifest);
        assert_int_equal(oci_media_is_either(cases[i].media_type),
                         cases[i].index || cases[i].manifest);
        assert_int_equal(oci_media_is_config(cases[i].media_type), cases[i].config);
        assert_int_equal(oci_media_is_schema1(cases[i].media_type), cases[i].schema1);
    }
}

static void grammar(void **state)
{
    (void)state;
    char longest[127 + 1 + 127 + 2] = {0};
    memset(longest, 'a', 127 + 1 + 127);
    longest[127] = '/';
    assert_true(oci_media_valid(str_from(longest)));
    longest[127 + 1 + 127] = 'a';
    assert_false(oci_media_valid(str_from(longest)));
    assert_false(oci_media_valid(str_from(longest + 128)));
    assert_true(oci_media_valid(STR("a/1!#$&^_.+-")));
    const struct str bad[] = {STR(""),        STR("/"),     STR("a/"),    STR("/a"),
                              STR("a"),       STR("a/b/c"), STR("a b/c"), STR("a/.b"),
                              STR("a/b;c=d"), STR("a/b\0")};
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(oci_media_valid(bad[i]));
    }
}

int media_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(essences),
        cmocka_unit_test(kinds),
        cmocka_unit_test(grammar),
    };
    return cmocka_run_group_tests_name("media", tests, NULL, NULL);
}
