/* What is sealed counts as it was sealed, and in no other way. */
#include "test.h"

#include "base/clock.h"
#include "shared/entry.h"

#define SECRET STR("0123456789abcdef0123456789abcdef")
#define OTHER  STR("0123456789abcdef0123456789abcdeg")
#define VALUE  STR("sha256:0123 application/vnd.oci.image.index.v1+json")
#define NOW    (INT64_C(1780272000) * NS_PER_S)
#define TTL    (30 * NS_PER_S)

static struct arena arena;
static struct str key, sealed;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 24);
    key = entry_key(SECRET, STR("ghcr.io/acme/app:1"), &arena);
    sealed = entry_seal(SECRET, key, VALUE, NOW, &arena);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct str value;
static int64_t age;

static enum entry_state open_at(struct str secret, struct str at, struct str text, int64_t now)
{
    const struct entry_wish wish = {at, now, TTL};
    value = STR_EMPTY;
    age = -1;
    return entry_open(secret, &wish, text, &value, &age);
}

static void it_counts_for_its_time(void **state)
{
    (void)state;
    assert_int_equal(open_at(SECRET, key, sealed, NOW), ENTRY_GOOD);
    assert_true(str_eq(value, VALUE));
    assert_int_equal(age, 0);
    assert_int_equal(open_at(SECRET, key, sealed, NOW + TTL - 1), ENTRY_GOOD);
    assert_int_equal(age, TTL - 1);
    assert_int_equal(open_at(SECRET, key, sealed, NOW + TTL), ENTRY_OLD);
    assert_int_equal(open_at(SECRET, key, sealed, NOW - NS_PER_S), ENTRY_GOOD); /* another clock */
    assert_int_equal(age, 0);
    assert_int_equal(open_at(SECRET, key, sealed, NOW - NS_PER_S - 1), ENTRY_OLD);
}

static void only_where_it_was_put(void **state)
{
    (void)state;
    struct str other = entry_key(SECRET, STR("ghcr.io/acme/app:2"), &arena);
    assert_false(str_eq(key, other));
    assert_int_equal(open_at(SECRET, other, sealed, NOW), ENTRY_FORGED);
}

static void only_by_who_has_the_secret(void **state)
{
    (void)state;
    assert_int_equal(open_at(OTHER, key, sealed, NOW), ENTRY_FORGED);
    struct str own = entry_key(OTHER, STR("ghcr.io/acme/app:1"), &arena);
    assert_int_equal(open_at(OTHER, own, sealed, NOW), ENTRY_FORGED);
    assert_int_equal(open_at(SECRET, key, entry_seal(OTHER, key, VALUE, NOW, &arena), NOW),
                     ENTRY_FORGED);
}

/* Every byte counts, and so does every end. */
static void nothing_of_it_can_be_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sealed.n; i++) {
        struct str changed = arena_dup(&arena, sealed);
        ((char *)(uintptr_t)changed.p)[i] ^= 1;
        assert_int_equal(open_at(SECRET, key, changed, NOW), ENTRY_FORGED);
        assert_int_equal(open_at(SECRET, key, str_sub(sealed, 0, i), NOW), ENTRY_FORGED);
        assert_int_equal(open_at(SECRET, key, str_sub(sealed, i + 1, sealed.n), NOW), ENTRY_FORGED);
    }
    struct str more[] = {sealed, STR(" ")};
    assert_int_equal(open_at(SECRET, key, arena_join(&arena, more, 2), NOW), ENTRY_FORGED);
}

static void keys_tell_nothing(void **state)
{
    (void)state;
    assert_int_equal(key.n, sizeof "pratique:1:" - 1 + 64);
    assert_true(str_starts(key, STR("pratique:1:")));
    assert_null(memmem(key.p, key.n, "acme", 4));
    assert_null(memmem(sealed.p, sealed.n, "acme", 4));
    /* a key is no seal: the one cannot be had from the other */
    assert_false(str_eq(str_sub(key, 11, key.n), str_sub(sealed, 0, 64)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int entry_tests(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_counts_for_its_time),     TEST(only_where_it_was_put),
        TEST(only_by_who_has_the_secret), TEST(nothing_of_it_can_be_changed),
        TEST(keys_tell_nothing),
    };
    return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
