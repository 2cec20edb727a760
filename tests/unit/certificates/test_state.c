#include "test.h"

static void secrets(void **state)
{
    (void)state;
    const struct str none = STR_EMPTY, junk = STR("junk");
    struct key_pair a = make_authority(T, 100 * S), b = make_authority(T, 100 * S);
    struct key_pair leaf = make_leaf(&a, T, 50 * S), other = make_leaf(&a, T, 50 * S);
    struct str ab = join(a.certificate, b.certificate), ba = join(b.certificate, a.certificate);
    struct leaf_request request = {
        .names = (const struct str[]){STR("other.ns.svc")}, .n_names = 1, .now = T, .validity = S};
    struct key_pair elsewhere;
    struct error err;
    assert_false(failed(issue_leaf(&test_arena, &a, &request, &elsewhere, &err)));
    const struct {
        struct certificates_secret secret;
        size_t n;
        bool signs, sound, by_first;
        const char *problem;
    } cases[] = {
        {{none, none, none, none}, 0, false, false, false, "there is no certificate in it yet"},
        {{leaf.certificate, leaf.key, a.certificate, a.key}, 1, true, true, true, NULL},
        {{leaf.certificate, leaf.key, ab, a.key}, 2, true, true, true, NULL},
        {{leaf.certificate, leaf.key, ba, b.key}, 2, true, true, false, NULL},
        {{leaf.certificate, leaf.key, ba, a.key}, 2, false, true, false, NULL},
        {{leaf.certificate, leaf.key, a.certificate, none}, 1, false, true, true, NULL},
        {{leaf.certificate, leaf.key, a.certificate, junk}, 1, false, true, true, NULL},
        {{none, none, a.certificate, a.key}, 1, true, false, false, "no certificate in it yet"},
        {{leaf.certificate, none, a.certificate, a.key},
         1,
         true,
         false,
         false,
         "no certificate in it"},
        {{junk, leaf.key, a.certificate, a.key}, 1, true, false, false, "no certificates in PEM"},
        {{leaf.certificate, other.key, a.certificate, a.key},
         1,
         true,
         false,
         false,
         "the key is that of another certificate"},
        {{leaf.certificate, leaf.key, b.certificate, b.key},
         1,
         true,
         false,
         false,
         "does not verify"},
        {{leaf.certificate, leaf.key, none, none}, 0, false, false, false, "there is no authority"},
        {{leaf.certificate, leaf.key, junk, a.key},
         0,
         false,
         false,
         false,
         "there is no authority"},
        {{leaf.certificate, leaf.key, join(a.certificate, STR("-----BEGIN CERTIFICATE-----\nx")),
          a.key},
         0,
         false,
         false,
         false,
         "there is no authority"},
        {{elsewhere.certificate, elsewhere.key, a.certificate, a.key},
         1,
         true,
         false,
         false,
         "does not verify"},
        /* what is no authority is passed over */
        {{leaf.certificate, leaf.key, join(other.certificate, a.certificate), a.key},
         1,
         true,
         true,
         true,
         NULL},
        {{leaf.certificate, leaf.key, other.certificate, other.key},
         0,
         false,
         false,
         false,
         "there is no authority"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct certificates_state it;
        state_read(&test_arena, &cases[i].secret, NAME, &it);
        assert_int_equal(it.authorities.n, cases[i].n);
        assert_int_equal(it.signs, cases[i].signs);
        assert_int_equal(it.sound, cases[i].sound);
        assert_int_equal(it.by_first, cases[i].by_first);
        assert_true(it.sound || strstr(it.problem.text, cases[i].problem) != NULL);
    }
}

static void usable_until_it_ends(void **state)
{
    (void)state;
    struct key_pair a = make_authority(T, 100 * S), leaf = make_leaf(&a, T, 50 * S);
    struct certificates_secret secret = {leaf.certificate, leaf.key, a.certificate, a.key};
    struct certificates_state it;
    state_read(&test_arena, &secret, NAME, &it);
    assert_true(state_is_usable(&it, T));
    assert_true(state_is_usable(&it, T + 50 * S - 1));
    assert_false(state_is_usable(&it, T + 50 * S));
    secret.key = STR_EMPTY;
    state_read(&test_arena, &secret, NAME, &it);
    assert_false(state_is_usable(&it, T));
}

int state_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(secrets, start, stop),
        cmocka_unit_test_setup_teardown(usable_until_it_ends, start, stop),
    };
    return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
