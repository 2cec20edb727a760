/* What is secret is overwritten before its memory is given back. */
#include "test.h"

static atomic_uint wiped; /* blocks with the password in them */

/* Not a part of its callers, of which the compiler knows that they do not read. */
static __attribute__((noinline)) void wipe(void *memory, size_t n)
{
    atomic_fetch_add(&wiped, memmem(memory, n, "s3cr3t", 6) != NULL);
    memset(memory, 0, n);
    __asm__ __volatile__("" : : "r"(memory) : "memory");
}

/* Instead of the C library's, and of what it is with _FORTIFY_SOURCE. */
void explicit_bzero(void *memory, size_t n)
{
    wipe(memory, n);
}

#if __USE_FORTIFY_LEVEL > 0
void __explicit_bzero_chk(void *memory, size_t n, size_t room)
{
    (void)room;
    wipe(memory, n);
}
#endif

static unsigned wiped_since(void)
{
    return atomic_exchange(&wiped, 0);
}

static void keyrings_and_credentials(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    struct keyring_cursor cursor = {0};
    const struct credential_query query = {.registry = STR("ghcr.io")};
    bool found = false;
    struct credential one;
    wiped_since();
    /* the value, its tree, what was decoded of "auth" */
    assert_false(failed(add_secret(keyring, "pull", "kubernetes.io/dockerconfigjson",
                                   "{\"auths\":{\"ghcr.io\":{\"auth\":\"dTpzM2NyM3Q=\","
                                   "\"password\":\"s3cr3t\"}}}")));
    assert_int_equal(wiped_since(), 3);
    assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &one, &err)));
    assert_true(found && str_eq(one.password, STR("s3cr3t")));
    assert_int_equal(wiped_since(), 0);
    credential_done(&one);
    assert_int_equal(wiped_since(), 1);
    credential_done(&one);
    keyring_free(keyring);
    assert_int_equal(wiped_since(), 1);
}

static void broken_ones(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_new();
    wiped_since();
    assert_true(failed(add_secret(keyring, "pull", "kubernetes.io/dockerconfigjson",
                                  "{\"auths\":{\"ghcr.io\":{\"password\":\"s3cr3t\"}}}}")));
    assert_int_equal(wiped_since(), 2); /* the value, its tree */
    keyring_free(keyring);
}

int wiping_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyrings_and_credentials),
        cmocka_unit_test(broken_ones),
    };
    return cmocka_run_group_tests_name("wiping", tests, NULL, NULL);
}
