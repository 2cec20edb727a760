/* The metadata of Sigstore's own repositories, as it is: every root since the first, and what is
 * fetched through the last, at a time when it is valid. The copies are those of the working
 * repository, where targets have no hash in their names. */
#include "test.h"

#include "base/file.h"

/* Of the two public instances, what the copies hold. */
static const struct {
    const char *name;
    unsigned roots;
    const char *targets[4], *ends;
} INSTANCES[] = {
    {"production",
     15,
     {"trusted_root.json", "rekor.pub", "registry.npmjs.org/keys.json", "signing_config.v0.2.json"},
     "timestamp version 762: it expired at 2026-08-28T19:25:56Z"},
    {"staging",
     14,
     {"trusted_root.json", "rekor.pub", "registry.npmjs.org/keys.json", "signing_config.v0.2.json"},
     "timestamp version 703: it expired at 2026-08-28T19:23:59Z"},
};

static const int64_t THEN = INT64_C(1787356800) * NS_PER_S; /* 2026-08-22 */

static const char *vectors(void)
{
    const char *directory = getenv("PRATIQUE_VECTORS"), *source = getenv("PRATIQUE_SOURCE");
    return directory != NULL
               ? directory
               : arena_printf(&test_arena, "%s/tests/vectors", source == NULL ? "." : source).p;
}

static struct str load(const char *instance, const char *name)
{
    struct str bytes = {NULL, 0};
    struct error err;
    const char *path =
        arena_printf(&test_arena, "%s/sigstore-trust/%s/%s", vectors(), instance, name).p;
    return failed(file_read(&test_arena, path, MIB, &bytes, &err)) ? (struct str){NULL, 0} : bytes;
}

/* The file of the copies that a client means. */
static struct str file_of(const char *instance, const struct tuf_move *move)
{
    char path[256], hash[65];
    unsigned version;
    struct str name = arena_dup(&test_arena, move->path);
    if (move->target) {
        size_t slash = str_rfind(name, '/'), base = slash == name.n ? 0 : slash + 1;
        struct str rest = str_sub(name, base, name.n);
        assert_int_equal(sscanf(rest.p, "%64[0-9a-f].", hash), 1);
        snprintf(path, sizeof path, "targets/%.*s%s", (int)base, name.p, rest.p + 65);
    } else if (sscanf(name.p, "%u.root.json", &version) == 1 && str_ends(name, STR(".root.json"))) {
        snprintf(path, sizeof path, "metadata/root_history/%s", name.p);
    } else {
        const char *dot = name.p[0] >= '0' && name.p[0] <= '9' ? strchr(name.p, '.') + 1 : name.p;
        snprintf(path, sizeof path, "metadata/%s", dot);
    }
    return load(instance, path);
}

static status answer(const char *instance, struct tuf *tuf, struct tuf_move *move,
                     struct error *err)
{
    while (move->action == TUF_FETCH) {
        struct str bytes = file_of(instance, move);
        const struct tuf_answer given = {bytes.p != NULL, bytes};
        if (given.there && move->target) {
            assert_int_equal(bytes.n, move->max);
        }
        TRY(tuf_take(tuf, &given, move, err));
    }
    return OK;
}

static struct tuf *begin(const char *instance, const char *root, int64_t now, struct error *err,
                         bool *ret_good)
{
    const struct tuf_file kept = {.role = STR("root"), .bytes = load(instance, root)};
    const struct tuf_want want = {&kept, 1, now};
    struct tuf_move move;
    struct tuf *tuf = NULL;
    if (kept.bytes.p == NULL || failed(tuf_start(&want, &tuf, &move, err))) {
        fail_msg("%s/%s: %s", instance, root, kept.bytes.p == NULL ? "not there" : err->text);
    }
    *ret_good = !failed(answer(instance, tuf, &move, err));
    return tuf;
}

static void public_instances(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(INSTANCES); i++) {
        for (unsigned from = 1; from <= INSTANCES[i].roots; from += 7) {
            struct error err;
            struct tuf_move move;
            bool good;
            const char *root =
                arena_printf(&test_arena, "metadata/root_history/%u.root.json", from).p;
            tuf_auto *tuf = begin(INSTANCES[i].name, root, THEN, &err, &good);
            if (!good) {
                fail_msg("%s from %u: %s", INSTANCES[i].name, from, err.text);
            }
            assert_int_equal(tuf_role(tuf, STR("root"))->version, INSTANCES[i].roots);
            for (size_t j = 0; j < COUNT(INSTANCES[i].targets); j++) {
                const char *path = INSTANCES[i].targets[j];
                if (failed(tuf_find(tuf, str_from(path), &move, &err)) ||
                    failed(answer(INSTANCES[i].name, tuf, &move, &err))) {
                    fail_msg("%s: %s", path, err.text);
                }
                struct str wanted =
                    load(INSTANCES[i].name, arena_printf(&test_arena, "targets/%s", path).p);
                assert_true(str_eq(move.bytes, wanted));
            }
            assert_non_null(tuf_role(tuf, STR("registry.npmjs.org")));
        }
    }
}

static void they_expire(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(INSTANCES); i++) {
        struct error err;
        bool good;
        tuf_auto *tuf = begin(INSTANCES[i].name, "metadata/root_history/1.root.json",
                              THEN + 30 * DAY, &err, &good);
        assert_false(good);
        assert_string_equal(err.text, INSTANCES[i].ends);
        assert_int_equal(tuf_role(tuf, STR("root"))->version, INSTANCES[i].roots);
        assert_null(tuf_role(tuf, STR("timestamp")));
    }
}

/* One instance's metadata is nothing to a client of the other. */
static void they_are_not_mixed(void **state)
{
    (void)state;
    const struct tuf_file kept = {.role = STR("root"),
                                  .bytes = load("production", "metadata/root.json")};
    const struct tuf_want want = {&kept, 1, THEN};
    static const char *const OTHERS[] = {"metadata/timestamp.json", "metadata/root.json"};
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        struct tuf_move move;
        struct error err;
        tuf_auto *tuf = NULL;
        assert_false(failed(tuf_start(&want, &tuf, &move, &err)));
        if (i == 0) {
            assert_false(failed(tuf_take(tuf, &(struct tuf_answer){.there = false}, &move, &err)));
        }
        const struct tuf_answer other = {true, load("staging", OTHERS[i])};
        assert_true(failed(tuf_take(tuf, &other, &move, &err)));
        assert_non_null(strstr(err.text, "it is signed by 0 of the"));
    }
}

int vector_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(public_instances, start, stop),
        cmocka_unit_test_setup_teardown(they_expire, start, stop),
        cmocka_unit_test_setup_teardown(they_are_not_mixed, start, stop),
    };
    return cmocka_run_group_tests_name("Sigstore's repositories", tests, NULL, NULL);
}
