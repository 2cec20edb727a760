/* Copies: equal, bounded, and of the size that was said. */
#include "test.h"

static void test_equal(void **state)
{
    (void)state;
    struct history_violation violation = {.policy = STR("baseline"), .message = STR("no")};
    struct history_entry entry = sample(7);
    entry.violations = &violation;
    entry.n_violations = entry.violation_count = 1;
    size_t size = history_entry_size(&entry);
    char *memory = malloc(size);
    struct history_entry *copy = history_entry_copy(&entry, memory);
    assert_int_equal(history_entry_size(copy), size);
    assert_true(str_eq(copy->user, STR("alice")) && copy->user.p != entry.user.p);
    assert_true(str_eq(copy->images[0].text, STR("nginx:1.27")));
    assert_true(str_eq(copy->violations[0].policy, STR("baseline")));
    assert_int_equal(copy->time, 7);
    free(memory);
}

/* A text at its limit is kept, one more is cut, and no character is split. */
static void test_long_text(void **state)
{
    (void)state;
    static char text[LIMIT_NAME + 4];
    memset(text, 'x', sizeof text);
    struct history_entry entry = sample(0);
    char *memory = malloc(LIMIT_HISTORY_ENTRY);
    entry.name = (struct str){text, LIMIT_NAME};
    assert_int_equal(history_entry_copy(&entry, memory)->name.n, LIMIT_NAME);
    entry.name.n = LIMIT_NAME + 1;
    assert_int_equal(history_entry_copy(&entry, memory)->name.n, LIMIT_NAME);
    memcpy(text + LIMIT_NAME - 1, "\xc3\xa4", 2);
    assert_int_equal(history_entry_copy(&entry, memory)->name.n, LIMIT_NAME - 1);
    free(memory);
}

/* What an entry has no room for is left out, and what is kept is whole. */
static void test_many(void **state)
{
    (void)state;
    enum { N = 512 };
    static char text[LIMIT_MESSAGE];
    static struct history_image images[N];
    static struct history_violation violations[N];
    memset(text, 'm', sizeof text);
    struct history_entry entry = sample(0);
    for (size_t i = 0; i < N; i++) {
        images[i] = *entry.images;
        images[i].text = (struct str){text, LIMIT_IMAGE_TEXT};
        violations[i] = (struct history_violation){.message = {text, sizeof text}};
    }
    entry.images = images;
    entry.violations = violations;
    entry.n_images = entry.image_count = entry.n_violations = entry.violation_count = N;
    size_t size = history_entry_size(&entry);
    assert_true(size <= LIMIT_HISTORY_ENTRY && size > LIMIT_HISTORY_ENTRY - 2 * LIMIT_IMAGE_TEXT);
    char *memory = malloc(size);
    struct history_entry *copy = history_entry_copy(&entry, memory);
    assert_true(copy->n_images > 20 && copy->n_images < N && copy->image_count == N);
    assert_true(copy->n_violations > 20 && copy->n_violations < N && copy->violation_count == N);
    assert_int_equal(copy->images[copy->n_images - 1].text.n, LIMIT_IMAGE_TEXT);
    assert_int_equal(copy->violations[copy->n_violations - 1].message.n, LIMIT_MESSAGE);
    assert_int_equal(history_entry_size(copy), size);
    free(memory);
}

/* As many ordinary images as a review can have are all kept. */
static void test_largest_review(void **state)
{
    (void)state;
    static struct history_image images[LIMIT_IMAGES_PER_REVIEW];
    struct history_entry entry = sample(0);
    for (size_t i = 0; i < LIMIT_IMAGES_PER_REVIEW; i++) {
        images[i] = *entry.images;
        images[i].text = STR("registry.example.com/team/service:1.27.3");
    }
    entry.images = images;
    entry.n_images = LIMIT_IMAGES_PER_REVIEW;
    char *memory = malloc(LIMIT_HISTORY_ENTRY);
    assert_int_equal(history_entry_copy(&entry, memory)->n_images, LIMIT_IMAGES_PER_REVIEW);
    free(memory);
}

int entry_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_largest_review),
    };
    return cmocka_run_group_tests_name("history: entries", tests, NULL, NULL);
}
