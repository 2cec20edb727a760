#include "test.h"

#include "history/entry.h"
#include "pages.h"

/* The largest decision, with every byte of it shown by its number, is a page. */
static void test_largest_decision(void **state)
{
    (void)state;
    static char bytes[LIMIT_NAME];
    static struct history_image images[LIMIT_IMAGES_PER_REVIEW];
    static struct history_violation violations[LIMIT_VIOLATIONS];
    memset(bytes, 0xff, sizeof bytes);
    const struct str text = {bytes, sizeof bytes};
    for (size_t i = 0; i < COUNT(images); i++) {
        images[i] = (struct history_image){text, text, text, text, text};
    }
    for (size_t i = 0; i < COUNT(violations); i++) {
        violations[i] = (struct history_violation){text, text, text, text, text, text, text};
    }
    const struct history_entry entry = {.id = 1,
                                        .uid = text,
                                        .kind = text,
                                        .name = text,
                                        .namespace = text,
                                        .user = text,
                                        .verdict = text,
                                        .detail = text,
                                        .cause = text,
                                        .images = images,
                                        .n_images = COUNT(images),
                                        .image_count = COUNT(images),
                                        .violations = violations,
                                        .n_violations = COUNT(violations),
                                        .violation_count = COUNT(violations)};
    void *memory = malloc(history_entry_size(&entry));
    assert_non_null(memory);
    struct history_entry *kept = history_entry_copy(&entry, memory);
    const struct ui_request request = {0};
    const struct ui_frame frame = {.request = &request};
    buf_auto html;
    buf_init(&html, LIMIT_UI_PAGE);
    ui_decision(&frame, kept, &html);
    assert_false(buf_overflowed(&html));
    assert_true(html.n > LIMIT_HISTORY_ENTRY);

    struct history_entry *rows[LIMIT_UI_ROWS];
    for (size_t i = 0; i < COUNT(rows); i++) {
        rows[i] = kept;
    }
    const struct ui_decisions decisions = {
        .history = UI_HISTORY_READ, .entries = rows, .n = COUNT(rows)};
    buf_clear(&html);
    ui_decisions(&frame, &decisions, &html);
    assert_false(buf_overflowed(&html));
    free(memory);
}

/* A list of policies ends where it is long enough, and goes on at the one that was not shown. */
static void test_long_policies(void **state)
{
    (void)state;
    enum { RULES = 32, N = LIMIT_UI_ROWS + 1 };
    static char bytes[LIMIT_MESSAGE];
    static struct ui_rule rules[RULES];
    static struct ui_policy policies[N];
    static uint64_t places[N];
    memset(bytes, 0xff, sizeof bytes);
    const struct str text = {bytes, sizeof bytes};
    for (size_t i = 0; i < RULES; i++) {
        rules[i] = (struct ui_rule){text, text, text};
    }
    for (size_t i = 0; i < N; i++) {
        places[i] = 1000 + i;
        policies[i] = (struct ui_policy){.kind = text,
                                         .name = text,
                                         .mode = text,
                                         .match = text,
                                         .images = text,
                                         .source = text,
                                         .rules = rules,
                                         .n_rules = RULES,
                                         .rule_count = RULES};
    }
    const struct ui_request request = {.page = UI_POLICIES};
    const struct ui_frame frame = {.request = &request};
    const struct ui_policies all = {.policies = policies, .n = N, .places = places, .count = 5000};
    buf_auto html;
    buf_init(&html, LIMIT_UI_PAGE);
    ui_policies(&frame, &all, &html);
    assert_false(buf_overflowed(&html));
    assert_true(html.n > LIMIT_UI_LIST);
    assert_non_null(memmem(html.p, html.n, "/ui/policies?from=10", 20));
}

/* LIMIT_UI_ROWS of them are shown, and of one more that it is there. */
static void test_rows(void **state)
{
    (void)state;
    static struct ui_policy policies[LIMIT_UI_ROWS + 1];
    static uint64_t places[LIMIT_UI_ROWS + 1];
    places[LIMIT_UI_ROWS] = 77;
    const struct ui_request request = {.page = UI_POLICIES};
    const struct ui_frame frame = {.request = &request};
    struct ui_policies all = {.policies = policies, .n = LIMIT_UI_ROWS, .places = places};
    buf_auto html;
    buf_init(&html, LIMIT_UI_PAGE);
    ui_policies(&frame, &all, &html);
    assert_null(memmem(html.p, html.n, "?from=", 6));
    all.n++;
    buf_clear(&html);
    ui_policies(&frame, &all, &html);
    assert_non_null(memmem(html.p, html.n, "/ui/policies?from=77\"", 21));
}

/* A page that does not fit is no page. */
static void test_overflow(void **state)
{
    (void)state;
    unsigned n = 0;
    arena_auto arena;
    buf_auto html;
    arena_init(&arena, MIB);
    buf_init(&html, 64 * KIB);
    write_sample(SAMPLE_REPLICA, STR("x"), &arena, &n, &html);
    size_t size = html.n;
    assert_false(buf_overflowed(&html));
    buf_done(&html);
    buf_init(&html, size);
    write_sample(SAMPLE_REPLICA, STR("x"), &arena, &n, &html);
    assert_false(buf_overflowed(&html));
    buf_done(&html);
    buf_init(&html, size - 1);
    write_sample(SAMPLE_REPLICA, STR("x"), &arena, &n, &html);
    assert_true(buf_overflowed(&html));
}

int pages_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_largest_decision),
        cmocka_unit_test(test_long_policies),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
