#include "test.h"

#include "base/limits.h"

static struct str join(struct str a, struct str b)
{
    return arena_join(&test_arena, (struct str[]){a, b}, 2);
}

static void lists(void **state)
{
    (void)state;
    struct key_pair one = make_authority(1000 * DAY, DAY),
                    two = make_authority(1000 * DAY, 2 * DAY);
    struct key_pair leaf = make_leaf(&two, 1000 * DAY, DAY);
    struct str all = join(join(one.certificate, STR("between\n")),
                          join(two.certificate, join(leaf.key, leaf.certificate)));
    struct certificate_list list;
    struct error err;
    assert_false(failed(certificates_read(&test_arena, all, &list, &err)));
    assert_int_equal(list.n, 3);
    assert_true(list.items[0].authority && list.items[1].authority && !list.items[2].authority);
    assert_true(str_eq(list.items[0].pem, one.certificate));
    assert_true(str_eq(list.items[2].pem, leaf.certificate));
    assert_int_equal(list.items[1].not_after, 1002 * DAY);
    assert_int_equal(list.items[1].not_before, 1000 * DAY - ISSUE_BACKDATE);
    assert_string_not_equal(list.items[0].id, list.items[1].id);
    assert_int_equal(strlen(list.items[0].id), 64);
}

static void not_certificates(void **state)
{
    (void)state;
    struct key_pair one = make_authority(1000 * DAY, DAY);
    struct str cut = str_sub(one.certificate, 0, one.certificate.n - 40);
    struct str flipped = arena_dup(&test_arena, one.certificate);
    ((char *)(uintptr_t)flipped.p)[80] = '!';
    const struct str texts[] = {
        STR(""),
        STR("nothing"),
        one.key,
        cut,
        flipped,
        join(one.certificate, cut),
        join(one.certificate, flipped),
        STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct certificate_list list = {.n = 7};
        struct error err;
        assert_true(failed(certificates_read(&test_arena, texts[i], &list, &err)));
        assert_int_equal(err.kind, ERROR_INPUT);
        assert_non_null(strstr(err.text, "no certificates in PEM"));
        assert_int_equal(list.n, 7);
    }
}

static void large_bundles(void **state)
{
    (void)state;
    struct key_pair one = make_authority(1000 * DAY, DAY);
    struct str room = {arena_alloc(&test_arena, LIMIT_BUNDLE + 1), LIMIT_BUNDLE};
    memset((char *)(uintptr_t)room.p, '\n', LIMIT_BUNDLE + 1);
    memcpy((char *)(uintptr_t)room.p, one.certificate.p, one.certificate.n);
    struct certificate_list list;
    struct error err;
    assert_false(failed(certificates_read(&test_arena, room, &list, &err)));
    room.n++;
    assert_true(failed(certificates_read(&test_arena, room, &list, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void keys(void **state)
{
    (void)state;
    struct key_pair authority = make_authority(1000 * DAY, DAY);
    struct key_pair one = make_leaf(&authority, 1000 * DAY, DAY);
    struct key_pair two = make_leaf(&authority, 1000 * DAY, DAY);
    struct error err;
    assert_false(failed(certificate_check_key(one.certificate, one.key, &err)));
    assert_true(failed(certificate_check_key(one.certificate, two.key, &err)));
    assert_non_null(strstr(err.text, "the key is that of another certificate"));
    assert_true(failed(certificate_check_key(one.certificate, one.certificate, &err)));
    assert_non_null(strstr(err.text, "no private key in PEM without a password"));
    assert_true(failed(certificate_check_key(one.key, one.key, &err)));
    assert_non_null(strstr(err.text, "no certificate in PEM"));
}

static void issuers(void **state)
{
    (void)state;
    struct key_pair authority = make_authority(1000 * DAY, DAY);
    struct key_pair other = make_authority(1000 * DAY, DAY);
    struct key_pair leaf = make_leaf(&authority, 1000 * DAY, DAY);
    struct key_pair below = make_leaf(&authority, 1000 * DAY, DAY);
    struct error err;
    const struct {
        struct str leaf, authority, name;
        const char *wanted; /* NULL: fine */
    } cases[] = {
        {leaf.certificate, authority.certificate, NAME, NULL},
        {leaf.certificate, authority.certificate, STR_EMPTY, NULL},
        {leaf.certificate, authority.certificate, STR("PRATIQUE.pratique-system.svc"), NULL},
        {leaf.certificate, authority.certificate, STR("other.pratique-system.svc"), "mismatch"},
        {leaf.certificate, authority.certificate, STR("webhook"), "mismatch"},
        {leaf.certificate, other.certificate, NAME, "unable to get local issuer"},
        {leaf.certificate, below.certificate, NAME, "unable to get"},
        {authority.certificate, authority.certificate, NAME, ""},
        {leaf.certificate, leaf.key, NAME, "no certificate in PEM"},
        {STR(""), authority.certificate, NAME, "no certificate in PEM"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        bool bad = failed(
            certificate_check_issuer(cases[i].leaf, cases[i].authority, cases[i].name, &err));
        assert_int_equal(bad, cases[i].wanted != NULL);
        assert_true(!bad || strstr(err.text, cases[i].wanted) != NULL);
    }
}

int certificate_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists, start, stop),
        cmocka_unit_test_setup_teardown(not_certificates, start, stop),
        cmocka_unit_test_setup_teardown(large_bundles, start, stop),
        cmocka_unit_test_setup_teardown(keys, start, stop),
        cmocka_unit_test_setup_teardown(issuers, start, stop),
    };
    return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
