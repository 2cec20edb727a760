#include "test.h"

#include "base/limits.h"
#include "certificates/bundle.h"
#include "certificates/rotation.h"

/* A leaf lives for 300 seconds and is renewed at 200, an authority for 1000 and is replaced at 800.
 */
static const struct rotation_times TIMES = {
    .validity = 300 * S, .authority_validity = 1000 * S, .overlap = 20 * S};

static struct key_pair old, new, leaf_of_old, leaf_of_new;

/* Both authorities and leaves begin at T. */
static int begin(void **state)
{
    start(state);
    old = make_authority(T, 1000 * S);
    new = make_authority(T, 1000 * S);
    leaf_of_old = make_leaf(&old, T, 300 * S);
    leaf_of_new = make_leaf(&new, T, 300 * S);
    return 0;
}

enum shape {
    EMPTY,
    NO_LEAF,      /* [old], no leaf */
    STEADY,       /* [old], leaf of old */
    BOTH,         /* [new, old], leaf of old */
    CHANGED,      /* [new, old], leaf of new */
    BOTH_NO_LEAF, /* [new, old], no leaf */
    KEYLESS,      /* [old], leaf of old, no ca.key */
    KEYLESS_BOTH, /* [new, old], leaf of old, no ca.key */
    FOREIGN_LEAF, /* [old], leaf of new */
    LEAF_ALONE,   /* no ca.crt, no ca.key */
};

static struct certificates_secret secret_of(enum shape shape)
{
    struct str both = join(new.certificate, old.certificate), none = STR_EMPTY;
    const struct certificates_secret SECRETS[] = {
        [EMPTY] = {none, none, none, none},
        [NO_LEAF] = {none, none, old.certificate, old.key},
        [STEADY] = {leaf_of_old.certificate, leaf_of_old.key, old.certificate, old.key},
        [BOTH] = {leaf_of_old.certificate, leaf_of_old.key, both, new.key},
        [CHANGED] = {leaf_of_new.certificate, leaf_of_new.key, both, new.key},
        [BOTH_NO_LEAF] = {none, none, both, new.key},
        [KEYLESS] = {leaf_of_old.certificate, leaf_of_old.key, old.certificate, none},
        [KEYLESS_BOTH] = {leaf_of_old.certificate, leaf_of_old.key, both, none},
        [FOREIGN_LEAF] = {leaf_of_new.certificate, leaf_of_new.key, old.certificate, old.key},
        [LEAF_ALONE] = {leaf_of_old.certificate, leaf_of_old.key, none, none},
    };
    return SECRETS[shape];
}

static struct certificates_state state_of(enum shape shape)
{
    struct certificates_secret secret = secret_of(shape);
    struct certificates_state state;
    state_read(&test_arena, &secret, NAME, &state);
    return state;
}

static void next(void **state)
{
    (void)state;
    enum { NOTHING, AUTHORITY, LEAF, DROP };
    const struct {
        enum shape shape;
        int64_t at, settled, served; /* seconds */
        bool others;
        int wanted;
    } cases[] = {
        /* the first start */
        {EMPTY, 0, -1, -1, false, AUTHORITY},
        {EMPTY, 0, 0, -1, true, AUTHORITY},
        {NO_LEAF, 0, 0, -1, false, LEAF},
        {NO_LEAF, 0, -1, -1, false, NOTHING}, /* caBundles could not be made right */
        /* others may still be served: wait */
        {NO_LEAF, 0, 0, -1, true, NOTHING},
        {NO_LEAF, 0, 19, -1, true, NOTHING},
        {NO_LEAF, 0, 20, -1, true, LEAF},
        /* a leaf is renewed when a third is left, whatever caBundles do */
        {STEADY, 0, 0, 0, false, NOTHING},
        {STEADY, 199, 500, 500, false, NOTHING},
        {STEADY, 200, 500, 500, false, LEAF},
        {STEADY, 200, -1, 0, false, LEAF},
        {STEADY, 299, -1, 0, true, LEAF},
        {STEADY, 301, -1, 0, false, LEAF},
        /* an authority is replaced when a fifth is left */
        {STEADY, 799, 500, 500, false, LEAF},
        {STEADY, 800, 500, 500, false, AUTHORITY},
        {STEADY, 1001, -1, -1, false, AUTHORITY},
        /* both in every caBundle for the overlap, then the leaf changes */
        {BOTH, 0, -1, 500, false, NOTHING},
        {BOTH, 0, 0, 500, false, NOTHING},
        {BOTH, 0, 19, 500, false, NOTHING},
        {BOTH, 0, 20, 500, false, LEAF},
        {BOTH, 250, 19, 500, false, NOTHING}, /* though the leaf is due */
        {BOTH, 299, 19, 500, false, NOTHING},
        {BOTH, 300, 19, 500, false, LEAF}, /* it has ended: nothing to keep */
        {BOTH, 300, -1, 500, false, NOTHING},
        {BOTH_NO_LEAF, 0, 19, -1, false, NOTHING},
        {BOTH_NO_LEAF, 0, 20, -1, false, LEAF},
        /* the old one stays for the overlap, then it goes */
        {CHANGED, 0, 500, 0, false, NOTHING},
        {CHANGED, 0, 500, 19, false, NOTHING},
        {CHANGED, 0, 500, 20, false, DROP},
        {CHANGED, 0, -1, 500, false, NOTHING},
        {CHANGED, 0, 0, 20, false, DROP},
        {CHANGED, 200, 500, 20, false, LEAF}, /* a leaf that is due goes first */
        {CHANGED, 850, 500, 20, false, LEAF}, /* one rotation ends before the next begins */
        {CHANGED, 1001, 500, 20, false, AUTHORITY},
        /* damage */
        {KEYLESS, 0, 500, 500, false, AUTHORITY},
        {KEYLESS_BOTH, 0, 500, 500, false, AUTHORITY},
        {FOREIGN_LEAF, 0, 0, -1, false, LEAF},
        {FOREIGN_LEAF, 0, 0, -1, true, NOTHING},
        {FOREIGN_LEAF, 0, 20, -1, true, LEAF},
        {LEAF_ALONE, 0, 500, -1, true, AUTHORITY},
        /* clocks that jump: what has not begun was made by a clock that was wrong */
        {STEADY, -299, 500, 500, false, NOTHING}, /* within the time for that */
        {STEADY, -301, 500, 500, false, AUTHORITY},
        {BOTH, -301, 19, 500, false, NOTHING},
        {BOTH, -301, 20, 500, false, LEAF},
        {CHANGED, -301, 500, 20, false, LEAF},
        {STEADY, 100000000, -1, -1, false, AUTHORITY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct certificates_state it = state_of(cases[i].shape);
        const struct rotation_view view = {.now = T + cases[i].at * S,
                                           .settled = cases[i].settled * S,
                                           .served = cases[i].served * S,
                                           .others = cases[i].others};
        int step = (int)rotation_next(&it, &TIMES, &view);
        if (step != cases[i].wanted) {
            fail_msg("case %zu: step %d, wanted %d", i, step, cases[i].wanted);
        }
    }
}

static void over(void **state)
{
    (void)state;
    for (enum shape shape = EMPTY; shape <= LEAF_ALONE; shape++) {
        struct certificates_state it = state_of(shape);
        const struct rotation_view early = {.now = T, .settled = 500 * S, .served = 19 * S};
        const struct rotation_view late = {.now = T, .settled = 500 * S, .served = 20 * S};
        assert_false(rotation_is_over(&it, &TIMES, &early));
        assert_int_equal(rotation_is_over(&it, &TIMES, &late), shape == STEADY);
    }
}

/* A leaf that ends with its authority is not renewed again and again. */
static void a_leaf_at_the_end_of_its_authority(void **state)
{
    (void)state;
    struct key_pair leaf = make_leaf(&old, T + 750 * S, 300 * S);
    struct certificates_secret secret = {leaf.certificate, leaf.key, old.certificate, old.key};
    struct certificates_state it;
    state_read(&test_arena, &secret, NAME, &it);
    assert_int_equal(it.leaf.not_after, T + 1000 * S);
    const struct rotation_times times = {
        .validity = 1000 * S, .authority_validity = 1000 * S, .overlap = 20 * S};
    const struct rotation_view view = {.now = T + 760 * S, .settled = 500 * S, .served = 500 * S};
    assert_int_equal(rotation_next(&it, &times, &view), ROTATION_NOTHING);
}

/* -- what a step makes -- */

static struct certificates_secret make(enum rotation_step step,
                                       const struct certificates_secret *secret, int64_t now)
{
    const struct rotation_request request = {
        .authority_name = STR("test"), .names = &NAME, .n_names = 1, .times = &TIMES, .now = now};
    struct certificates_state it;
    struct certificates_secret next;
    struct error err;
    state_read(&test_arena, secret, NAME, &it);
    if (failed(rotation_make(&test_arena, step, &it, secret, &request, &next, &err))) {
        fail_msg("%s", err.text);
    }
    return next;
}

static void a_whole_rotation(void **state)
{
    (void)state;
    struct certificates_secret empty = secret_of(EMPTY);
    struct certificates_secret first = make(ROTATION_NEW_AUTHORITY, &empty, T);
    struct certificates_state it;
    state_read(&test_arena, &first, NAME, &it);
    assert_true(it.signs && !it.sound && it.authorities.n == 1);
    assert_int_equal(it.authorities.items[0].not_after, T + 1000 * S);

    struct certificates_secret steady = make(ROTATION_NEW_LEAF, &first, T);
    state_read(&test_arena, &steady, NAME, &it);
    assert_true(it.signs && it.by_first && it.authorities.n == 1);
    assert_int_equal(it.leaf.not_after, T + 300 * S);
    assert_true(str_eq(steady.authorities, first.authorities));

    struct certificates_secret both = make(ROTATION_NEW_AUTHORITY, &steady, T + 800 * S);
    state_read(&test_arena, &both, NAME, &it);
    assert_true(it.signs && it.sound && !it.by_first && it.authorities.n == 2);
    assert_true(str_ends(both.authorities, first.authorities));
    assert_true(str_eq(both.leaf, steady.leaf) && str_eq(both.key, steady.key));

    struct certificates_secret changed = make(ROTATION_NEW_LEAF, &both, T + 900 * S);
    state_read(&test_arena, &changed, NAME, &it);
    assert_true(it.by_first && it.authorities.n == 2);
    assert_true(str_eq(changed.authority_key, both.authority_key));

    struct certificates_secret last = make(ROTATION_DROP_AUTHORITIES, &changed, T + 950 * S);
    state_read(&test_arena, &last, NAME, &it);
    assert_true(it.signs && it.by_first && it.authorities.n == 1);
    assert_true(str_starts(both.authorities, last.authorities));
    assert_true(str_eq(last.leaf, changed.leaf));
}

/* However often its key is lost: what signed the leaf stays, and there is an end. */
static void authorities_have_a_limit(void **state)
{
    (void)state;
    struct certificates_secret secret = secret_of(STEADY);
    struct certificates_state it;
    for (int i = 0; i < 12; i++) {
        secret.authority_key = STR_EMPTY;
        secret = make(ROTATION_NEW_AUTHORITY, &secret, T);
        state_read(&test_arena, &secret, NAME, &it);
        assert_true(it.signs && it.sound && !it.by_first);
        assert_true(it.authorities.n <= LIMIT_AUTHORITIES);
    }
    assert_int_equal(it.authorities.n, LIMIT_AUTHORITIES);
}

static void steps_that_do_not_fit(void **state)
{
    (void)state;
    static const enum rotation_step STEPS[] = {ROTATION_NOTHING, ROTATION_NEW_LEAF,
                                               ROTATION_DROP_AUTHORITIES};
    const struct rotation_request request = {
        .names = &NAME, .n_names = 1, .times = &TIMES, .now = T};
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        struct certificates_secret secret = secret_of(KEYLESS), next;
        struct certificates_state it = state_of(KEYLESS);
        struct error err;
        assert_true(
            failed(rotation_make(&test_arena, STEPS[i], &it, &secret, &request, &next, &err)));
    }
}

int rotation_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(next, begin, stop),
        cmocka_unit_test_setup_teardown(over, begin, stop),
        cmocka_unit_test_setup_teardown(a_leaf_at_the_end_of_its_authority, begin, stop),
        cmocka_unit_test_setup_teardown(a_whole_rotation, begin, stop),
        cmocka_unit_test_setup_teardown(authorities_have_a_limit, begin, stop),
        cmocka_unit_test_setup_teardown(steps_that_do_not_fit, begin, stop),
    };
    return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
