#include "test.h"

#include "base/limits.h"
#include "certificates/bundle.h"

static struct certificate_list list_of(struct str pem)
{
    struct certificate_list list = {0};
    struct error err;
    assert_true(pem.n == 0 || !failed(certificates_read(&test_arena, pem, &list, &err)));
    return list;
}

static void looks(void **state)
{
    (void)state;
    struct key_pair a = make_authority(T, 9 * S), b = make_authority(T, 9 * S);
    struct key_pair c = make_authority(T, 9 * S), leaf = make_leaf(&a, T, S);
    struct str A = a.certificate, B = b.certificate, C = c.certificate, none = STR_EMPTY;
    struct str AB = join(A, B), BA = join(B, A), AC = join(A, C);
    const struct {
        struct str authorities, current;
        bool exact;
        struct str wanted;
        bool complete, others;
    } cases[] = {
        {A, none, false, A, false, false},
        {A, none, true, A, false, false},
        {A, A, false, A, true, false},
        {A, A, true, A, true, false},
        {A, STR("junk"), false, A, false, false},
        {A, B, false, AB, false, true},
        {A, B, true, A, false, true},
        {A, AB, false, AB, true, true},
        {A, BA, false, AB, true, true},
        {A, AB, true, A, true, true},
        {BA, A, false, BA, false, false},
        {BA, BA, false, BA, true, false},
        {BA, AB, false, BA, true, false},
        {BA, AC, false, join(BA, C), false, true},
        {BA, join(C, C), false, join(BA, C), false, true},     /* once */
        {A, join(A, leaf.certificate), false, A, true, false}, /* no authority */
        {A, join(STR("text\n"), A), false, A, true, false},
        {none, A, false, A, true, true},
        {none, A, true, none, true, true},
        {none, none, false, none, true, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct certificate_list list = list_of(cases[i].authorities);
        struct bundle_look look = bundle_look(&test_arena, &list, cases[i].current, cases[i].exact);
        assert_true(str_eq(look.wanted, cases[i].wanted));
        assert_int_equal(look.complete, cases[i].complete);
        assert_int_equal(look.others, cases[i].others);
        /* once it is as wanted, it stays so */
        struct bundle_look again = bundle_look(&test_arena, &list, look.wanted, cases[i].exact);
        assert_true(str_eq(again.wanted, look.wanted));
        assert_true(again.complete);
    }
}

static void authorities_have_a_limit(void **state)
{
    (void)state;
    struct str all = STR_EMPTY;
    struct key_pair a = make_authority(T, 9 * S);
    for (size_t i = 0; i < LIMIT_AUTHORITIES; i++) {
        all = join(all, make_authority(T, 9 * S).certificate);
    }
    struct certificate_list list = list_of(a.certificate);
    struct bundle_look look = bundle_look(&test_arena, &list, all, false);
    struct certificate_list wanted = list_of(look.wanted), others = list_of(all);
    assert_int_equal(wanted.n, LIMIT_AUTHORITIES);
    assert_string_equal(wanted.items[0].id, list.items[0].id);
    assert_string_equal(wanted.items[LIMIT_AUTHORITIES - 1].id,
                        others.items[LIMIT_AUTHORITIES - 2].id);
}

int bundle_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(looks, start, stop),
        cmocka_unit_test_setup_teardown(authorities_have_a_limit, start, stop),
    };
    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
