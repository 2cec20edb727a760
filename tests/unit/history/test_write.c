/* What is handed over is read back. */
#include "test.h"

#include <pthread.h>
#include <sys/stat.h>

static const struct str HOSTILE[] = {
    {"'); DROP TABLE decision; --", 27},
    {"\" \\ ' ` ; %s %n ${x}", 20},
    {"nul\0in the middle\0", 18},
    {"\x1b[31mred\x07\r\n\t\x7f", 13},
    {"\xe2\x80\xae\xe2\x80\x8b\xf0\x9f\x9a\xa2\xef\xbb\xbf", 13},
    {"<script>alert(1)</script>&amp;", 30},
    {"", 0},
};

static struct history_entry hostile(struct str text, struct history_image *image,
                                    struct history_violation *violation)
{
    *image = (struct history_image){.text = text, .rewritten = text, .path = text, .verdict = text};
    *violation = (struct history_violation){text, text, text, text, text, text, text};
    return (struct history_entry){
        .time = INT64_MAX,
        .duration_ns = -1,
        .policy_hash = UINT64_MAX,
        .dry_run = true,
        .uid = text,
        .endpoint = text,
        .api = text,
        .operation = text,
        .group = text,
        .version = text,
        .kind = text,
        .subresource = text,
        .namespace = text,
        .name = text,
        .user = text,
        .verdict = text,
        .cause = text,
        .detail = text,
        .images = image,
        .n_images = 1,
        .image_count = 9,
        .violations = violation,
        .n_violations = 1,
        .violation_count = 8,
    };
}

static void assert_all(const struct history_entry *entry, struct str text)
{
    const struct history_image *image = &entry->images[0];
    const struct history_violation *violation = &entry->violations[0];
    const struct str texts[] = {
        entry->uid,         entry->endpoint, entry->api,      entry->operation,
        entry->group,       entry->version,  entry->kind,     entry->subresource,
        entry->namespace,   entry->name,     entry->user,     entry->verdict,
        entry->cause,       entry->detail,   image->text,     image->rewritten,
        image->path,        image->verdict,  violation->path, violation->cause,
        violation->policy,  violation->rule, violation->mode, violation->exception,
        violation->message,
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_true(str_eq(texts[i], text));
    }
    assert_true(entry->time == INT64_MAX && entry->duration_ns == -1 && entry->dry_run);
    assert_true(entry->policy_hash == UINT64_MAX);
    assert_true(entry->image_count == 9 && entry->violation_count == 8);
}

/* Whatever a review can carry comes back as it was, in every field. Filters take it too. */
static void test_hostile_text(void **state)
{
    struct world *world = *state;
    struct history_image image;
    struct history_violation violation;
    world->config.age_ns = INT64_MAX / 2;
    open_history(world);
    for (size_t i = 0; i < COUNT(HOSTILE); i++) {
        struct history_entry entry = hostile(HOSTILE[i], &image, &violation);
        add(world, &entry);
    }
    history_flush(world->history);
    struct history_page page = read_all(world);
    assert_int_equal(page.n, COUNT(HOSTILE));
    for (size_t i = 0; i < page.n; i++) {
        assert_int_equal(page.entries[i]->n_images, 1);
        assert_int_equal(page.entries[i]->n_violations, 1);
        assert_all(page.entries[i], HOSTILE[COUNT(HOSTILE) - 1 - i]);
        struct str text = HOSTILE[i];
        struct history_page found = query(
            world,
            (struct history_filter){
                .verdict = text, .namespace = text, .policy = text, .image = text, .limit = 9});
        assert_int_equal(found.n, 1);
    }
}

/* A review cannot carry it; a text that did has a question mark's kin in the lists. */
static void test_invalid_utf8(void **state)
{
    struct world *world = *state;
    struct history_entry entry = sample(clock_wall());
    struct history_image image = {.text = STR("a\xff"
                                              "b"),
                                  .verdict = STR("deny")};
    entry.images = &image;
    entry.user = STR("a\xff"
                     "b");
    open_history(world);
    add(world, &entry);
    history_flush(world->history);
    struct history_page page = read_all(world);
    assert_true(str_eq(page.entries[0]->user, STR("a\xff"
                                                  "b")));
    assert_true(str_eq(page.entries[0]->images[0].text, STR("a\xef\xbf\xbd"
                                                            "b")));
}

static void test_normalised(void **state)
{
    static const struct {
        struct str text, rewritten, want;
    } ROWS[] = {
        {STR("nginx"), STR(""), STR("docker.io/library/nginx:latest")},
        {STR("ghcr.io/a/b:1"), STR(""), STR("ghcr.io/a/b:1")},
        {STR("nginx"), STR("mirror.example.com/nginx:2"), STR("mirror.example.com/nginx:2")},
        {STR("A b"), STR(""), STR("")},
    };
    struct world *world = *state;
    open_history(world);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct history_image image = {.text = ROWS[i].text, .rewritten = ROWS[i].rewritten};
        struct history_entry entry = sample(clock_wall());
        entry.images = &image;
        add(world, &entry);
    }
    history_flush(world->history);
    struct history_page page = read_all(world);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct history_image *image = &page.entries[COUNT(ROWS) - 1 - i]->images[0];
        assert_true(str_eq(image->normalised, ROWS[i].want));
        assert_true(str_eq(image->text, ROWS[i].text));
    }
}

static void *add_from_a_thread(void *world)
{
    for (size_t i = 0; i < 500; i++) {
        struct history_entry entry = sample(clock_wall());
        add(world, &entry);
    }
    return NULL;
}

/* Many threads; all is there after stopping, nothing twice, and it goes on behind it. */
static void test_threads(void **state)
{
    enum { THREADS = 8 };
    struct world *world = *state;
    for (size_t round = 1; round <= 2; round++) {
        pthread_t threads[THREADS];
        open_history(world);
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, add_from_a_thread, world), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        close_history(world);
        assert_int_equal(sql(world, "SELECT count(*) FROM decision"), round * THREADS * 500);
        assert_int_equal(sql(world, "SELECT count(DISTINCT id) FROM decision"),
                         round * THREADS * 500);
    }
    assert_int_equal(world->written, 2 * THREADS * 500);
    assert_int_equal(world->losing, 0);
}

/* Others cannot read who asked for what. */
static void test_permissions(void **state)
{
    struct world *world = *state;
    struct stat info;
    char path[128];
    open_history(world);
    add_many(world, 1);
    snprintf(path, sizeof path, "%s-wal", world->path);
    assert_int_equal(stat(world->path, &info), 0);
    assert_int_equal(info.st_mode & 07, 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07, 0);
}

int write_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hostile_text, start, stop),
        cmocka_unit_test_setup_teardown(test_invalid_utf8, start, stop),
        cmocka_unit_test_setup_teardown(test_normalised, start, stop),
        cmocka_unit_test_setup_teardown(test_threads, start, stop),
        cmocka_unit_test_setup_teardown(test_permissions, start, stop),
    };
    return cmocka_run_group_tests_name("history: writing", tests, NULL, NULL);
}
