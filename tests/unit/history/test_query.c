/* Pages, filters, and reading while it is written. */
#include "test.h"

enum { N = 25 };

/* Entry i of N: every fifth is denied by a policy, every second is in "pay". */
static void fill(struct world *world)
{
    for (int i = 0; i < N; i++) {
        char text[64];
        struct history_violation violation = {.policy = i % 10 == 0 ? STR("strict") : STR("base")};
        struct history_entry entry = sample(1000 + i);
        snprintf(text, sizeof text, "Registry.example.com/app%d:1", i);
        struct history_image image = {.text = str_from(text)};
        entry.images = &image;
        entry.namespace = i % 2 == 0 ? STR("pay") : STR("shop");
        entry.user = i == 3 ? STR("bob") : STR("alice");
        entry.dry_run = i % 10 == 1;
        if (i % 5 == 0) {
            entry.verdict = STR("deny");
            entry.violations = &violation;
            entry.n_violations = 1;
        }
        add(world, &entry);
    }
    history_flush(world->history);
}

static void setup(struct world *world)
{
    world->config.age_ns = INT64_MAX / 2;
    open_history(world);
    fill(world);
}

static void test_order_and_pages(void **state)
{
    struct world *world = *state;
    setup(world);
    for (int oldest_first = 0; oldest_first <= 1; oldest_first++) {
        struct history_filter filter = {.oldest_first = oldest_first == 1, .limit = 10};
        size_t seen = 0, pages = 0;
        do {
            struct history_page page = query(world, filter);
            for (size_t i = 0; i < page.n; i++, seen++) {
                int64_t want = oldest_first ? (int64_t)seen : N - 1 - (int64_t)seen;
                assert_int_equal(page.entries[i]->time, 1000 + want);
            }
            filter.cursor = page.cursor;
            pages++;
        } while (filter.cursor != 0);
        assert_int_equal(seen, N);
        assert_int_equal(pages, 3);
    }
}

/* What is written between two pages neither shifts nor repeats. */
static void test_pages_while_written(void **state)
{
    struct world *world = *state;
    setup(world);
    struct history_page page = query(world, (struct history_filter){.limit = 10});
    fill(world);
    page = query(world, (struct history_filter){.limit = 10, .cursor = page.cursor});
    assert_int_equal(page.entries[0]->time, 1000 + N - 11);
}

static void test_filters(void **state)
{
    static const struct {
        struct history_filter filter;
        size_t want;
    } ROWS[] = {
        {{.verdict = STR("deny")}, 5},
        {{.verdict = STR("")}, 0},
        {{.namespace = STR("pay")}, 13},
        {{.namespace = STR("shop"), .verdict = STR("deny")}, 2},
        {{.policy = STR("strict")}, 3},
        {{.policy = STR("stric")}, 0},
        {{.image = STR("APP2")}, 6},
        {{.image = STR("docker.io")}, 0},
        {{.image = STR("registry.example.com/app24:1")}, 1},
        {{.image = STR("registry.example.com/app24:1 ")}, 0},
        {{.image = STR("")}, N},
        {{.kind = STR("Pod")}, N},
        {{.kind = STR("pod")}, 0},
        {{.user = STR("alice")}, 24},
        {{.user = STR("bob")}, 1},
        {{.dry_run = HISTORY_DRY_ONLY}, 3},
        {{.dry_run = HISTORY_DRY_NOT}, 22},
        {{.from = 1020}, 5},
        {{.until = 1020}, 20},
        {{.from = 1010, .until = 1011}, 1},
        {{.from = 1010, .until = 1010}, 0},
    };
    struct world *world = *state;
    setup(world);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct history_filter filter = ROWS[i].filter;
        filter.limit = 100;
        assert_int_equal(query(world, filter).n, ROWS[i].want);
    }
}

/* A normalised name finds what was written short. */
static void test_finds_normalised(void **state)
{
    struct world *world = *state;
    open_history(world);
    add_many(world, 1);
    struct history_filter filter = {.image = STR("docker.io/library/NGINX"), .limit = 1};
    assert_int_equal(query(world, filter).n, 1);
}

/* Rows that do not match are looked at up to a limit, and the cursor goes on behind them. */
static void test_scan_is_bounded(void **state)
{
    struct world *world = *state;
    open_history(world);
    struct history_entry entry = sample(clock_wall());
    entry.verdict = STR("deny");
    add(world, &entry);
    add_many(world, LIMIT_HISTORY_SCAN - 1);
    struct history_filter filter = {.verdict = STR("deny"), .limit = 1};
    assert_int_equal(query(world, filter).n, 1);
    add_many(world, 1);
    struct history_page page = query(world, filter);
    assert_true(page.n == 0 && page.cursor != 0);
    filter.cursor = page.cursor;
    assert_int_equal(query(world, filter).n, 1);
}

/* One row is looked at, however late it is, so that each page goes on. */
static void test_deadline(void **state)
{
    struct world *world = *state;
    setup(world);
    struct history_filter filter = {.verdict = STR("error"), .limit = 10, .deadline = 1};
    size_t pages = 0;
    do {
        struct history_page page = query(world, filter);
        assert_true(page.n == 0 && page.looked <= 1);
        assert_int_equal(page.reached, page.looked == 0 ? 0 : 1000 + N - 1 - (int64_t)pages);
        filter.cursor = page.cursor;
        pages += page.looked;
    } while (filter.cursor != 0);
    assert_int_equal(pages, N);
    filter = (struct history_filter){.limit = 100, .deadline = INT64_MAX};
    assert_int_equal(query(world, filter).looked, N);
}

static void test_span(void **state)
{
    struct world *world = *state;
    struct history_reader *reader;
    struct history_span span;
    struct error err;
    setup(world);
    assert_false(failed(history_reader_open(world->path, &reader, &err)));
    assert_false(failed(history_span(reader, &span, &err)));
    assert_true(span.first == 1 && span.last == N);
    (void)sql(world, "DELETE FROM decision");
    assert_false(failed(history_span(reader, &span, &err)));
    assert_true(span.first == 0 && span.last == 0);
    history_reader_close(reader);
}

/* A part of LIMIT_IMAGE_TEXT is found, and a longer one is in no text. */
static void test_long_part(void **state)
{
    static char text[LIMIT_IMAGE_TEXT + 1];
    struct world *world = *state;
    memset(text, 'A', sizeof text);
    struct history_image image = {.text = {text, LIMIT_IMAGE_TEXT}};
    open_history(world);
    struct history_entry entry = sample(clock_wall());
    entry.images = &image;
    add(world, &entry);
    history_flush(world->history);
    struct history_filter filter = {.image = {text, LIMIT_IMAGE_TEXT}, .limit = 1};
    assert_int_equal(query(world, filter).n, 1);
    filter.image.n++;
    assert_int_equal(query(world, filter).n, 0);
}

/* Large entries: a page has as many as its memory takes. */
static void test_page_bytes(void **state)
{
    enum { MANY = 120 };
    static char text[LIMIT_IMAGE_TEXT];
    static struct history_image images[100];
    struct world *world = *state;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < COUNT(images); i++) {
        images[i].text = (struct str){text, sizeof text};
    }
    world->config.size = 64 * MIB;
    open_history(world);
    for (size_t i = 0; i < MANY; i++) {
        struct history_entry entry = sample(clock_wall());
        entry.images = images;
        entry.n_images = COUNT(images);
        add(world, &entry);
        history_flush(world->history);
    }
    struct history_filter filter = {.limit = LIMIT_HISTORY_PAGE};
    size_t seen = 0, pages = 0;
    do {
        arena_reset(&world->arena);
        struct history_page page = query(world, filter);
        assert_true(world->arena.used <= LIMIT_HISTORY_PAGE_BYTES);
        seen += page.n;
        pages++;
        filter.cursor = page.cursor;
    } while (filter.cursor != 0);
    assert_int_equal(seen, MANY);
    assert_true(pages >= 2);
}

static void assert_refused(struct world *world, enum error_kind kind, const char *text)
{
    struct history_reader *reader;
    struct error err;
    char want[256];
    assert_true(failed(history_reader_open(world->path, &reader, &err)));
    snprintf(want, sizeof want, "%s: %s", world->path, text);
    assert_string_equal(err.text, want);
    assert_int_equal(err.kind, kind);
}

static void test_refused(void **state)
{
    struct world *world = *state;
    assert_refused(world, ERROR_NOT_FOUND, "cannot open: No such file or directory");
    FILE *file = fopen(world->path, "w");
    fclose(file);
    assert_refused(world, ERROR_INPUT, "there is no history in it");
    sql(world, "CREATE TABLE a (b)");
    assert_refused(world, ERROR_INPUT, "it is a database of another program, not a history");
    remove(world->path);
    open_history(world);
    close_history(world);
    sql(world, "PRAGMA user_version = 2");
    assert_refused(world, ERROR_INPUT,
                   "the history has version 2, made by a newer program; this one knows version 1");
}

/* A view in the table's place would be another's SQL. */
static void test_no_view_is_read(void **state)
{
    struct world *world = *state;
    open_history(world);
    close_history(world);
    sql(world, "ALTER TABLE decision RENAME TO hidden");
    sql(world, "CREATE VIEW decision AS SELECT * FROM hidden");
    struct history_reader *reader;
    struct error err;
    assert_true(failed(history_reader_open(world->path, &reader, &err)));
    assert_non_null(strstr(err.text, "access to view \"decision\" prohibited"));
}

static void test_damaged_row(void **state)
{
    struct world *world = *state;
    setup(world);
    sql(world, "UPDATE decision SET images = '{' WHERE id = 1");
    struct history_reader *reader;
    struct history_page page;
    struct error err;
    struct history_filter filter = {.oldest_first = true, .limit = 1};
    assert_false(failed(history_reader_open(world->path, &reader, &err)));
    assert_true(failed(history_query(reader, &filter, &world->arena, &page, &err)));
    assert_non_null(strstr(err.text, "history.db: decision 1: "));
    history_reader_close(reader);
}

int query_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order_and_pages, start, stop),
        cmocka_unit_test_setup_teardown(test_pages_while_written, start, stop),
        cmocka_unit_test_setup_teardown(test_filters, start, stop),
        cmocka_unit_test_setup_teardown(test_finds_normalised, start, stop),
        cmocka_unit_test_setup_teardown(test_scan_is_bounded, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline, start, stop),
        cmocka_unit_test_setup_teardown(test_span, start, stop),
        cmocka_unit_test_setup_teardown(test_long_part, start, stop),
        cmocka_unit_test_setup_teardown(test_page_bytes, start, stop),
        cmocka_unit_test_setup_teardown(test_refused, start, stop),
        cmocka_unit_test_setup_teardown(test_no_view_is_read, start, stop),
        cmocka_unit_test_setup_teardown(test_damaged_row, start, stop),
    };
    return cmocka_run_group_tests_name("history: queries", tests, NULL, NULL);
}
