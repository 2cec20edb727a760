/* Bytes that are flipped, one at a time: what is taken all the same says the same. */
#include "test.h"

/* Whether a client takes the repository as it is; what it is told is then what it is told of the
 * untouched one. */
static bool takes(struct repository *repo, const struct client *untouched)
{
    struct client *client = client_make(repo);
    if (!client_download(client, "d/t")) {
        assert_true(client->err.kind != ERROR_NONE && client->err.text[0] != '\0');
        return false;
    }
    assert_true(str_eq(client->target, STR("content")));
    assert_int_equal(client->n_kept, untouched->n_kept);
    for (size_t i = 0; i < client->n_kept; i++) {
        assert_int_equal(client->kept[i].version, untouched->kept[i].version);
        assert_int_equal(client->kept[i].expires, untouched->kept[i].expires);
    }
    return true;
}

/* How many flips of these bits, in the file `name`, are taken. */
static size_t taken(struct repository *repo, const char *name, char bits,
                    const struct client *untouched)
{
    struct str bytes = repository_get(repo, name);
    struct arena outer = test_arena;
    size_t n = 0, files = repo->n_files;
    for (size_t i = 0; i < bytes.n; i++) {
        arena_init(&test_arena, 16 << 20);
        char *copy = malloc(bytes.n); /* of just its size, for ASan */
        memcpy(copy, bytes.p, bytes.n);
        copy[i] ^= bits;
        repository_put(repo, name, (struct str){copy, bytes.n});
        n += takes(repo, untouched);
        repo->n_files = files;
        free(copy);
        arena_done(&test_arena);
    }
    test_arena = outer;
    return n;
}

/* Letters in signatures, whose case has no meaning: they are flipped and taken. */
static size_t letters(struct str bytes)
{
    size_t n = 0, at = 0;
    const char *from;
    while ((from = memmem(bytes.p + at, bytes.n - at, "\"sig\":\"", 7)) != NULL) {
        for (from += 7; *from != '"'; from++) {
            n += *from >= 'a';
        }
        at = (size_t)(from - bytes.p);
    }
    return n;
}

static void every_byte(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"1.root.json",     "2.root.json",    "timestamp.json",
                                        "2.snapshot.json", "2.targets.json", "1.A.json"};
    struct repository *repo = repository_make();
    repo->hashes = false;
    repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"d/*\"]", false);
    repository_add(repo, "A", "d/t", "content");
    repository_publish(repo, "root A targets snapshot timestamp");
    struct client *untouched = client_make(repo);
    assert_true(client_download(untouched, "d/t"));
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        assert_int_equal(taken(repo, NAMES[i], 0x01, untouched), 0);
    }
    for (size_t i = 0; i < repo->n_files; i++) {
        if (strncmp(repo->files[i].name, "T:", 2) == 0) {
            assert_int_equal(taken(repo, repo->files[i].name, 0x01, untouched), 0);
        }
    }
    assert_int_equal(taken(repo, "timestamp.json", 0x20, untouched),
                     letters(repository_get(repo, "timestamp.json")));
}

/* Where hashes of the file are told, not even that. */
static void every_byte_with_hashes(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"2.snapshot.json", "2.targets.json", "1.A.json"};
    struct repository *repo = repository_make();
    repo->hashes = true;
    repository_delegate(repo, "targets", "A", "4", "\"paths\":[\"d/*\"]", false);
    repository_add(repo, "A", "d/t", "content");
    repository_publish(repo, "A targets snapshot timestamp");
    struct client *untouched = client_make(repo);
    assert_true(client_download(untouched, "d/t"));
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        assert_int_equal(taken(repo, NAMES[i], 0x20, untouched), 0);
    }
}

int tampering_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte, start, stop),
        cmocka_unit_test_setup_teardown(every_byte_with_hashes, start, stop),
    };
    return cmocka_run_group_tests_name("tampering", tests, NULL, NULL);
}
