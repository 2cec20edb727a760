/* What images are, kept and shared. */
#include "test.h"

#include "base/limits.h"
#include "evidence/images.h"

/* Of an arena's first block, which is 8 KiB, and of what else an entry is. */
enum { SMALL = 9 << 10 };

/* Put an image that takes SMALL at most, and so many bytes more. Returns its entry, or NULL if
 * there was no room. */
static struct image_entry *put(struct images *images, const char *key, size_t bytes)
{
    struct error err = {.kind = ERROR_NONE};
    struct image_entry *entry = NULL;
    struct arena arena;
    arena_init(&arena, 64 << 20);
    const struct oci_image image = {.digest = arena_dup(&arena, str_from(key))};
    if (bytes > 0) {
        arena_alloc(&arena, bytes);
    }
    if (failed(images_put(images, str_from(key), &arena, &image, &entry, &err))) {
        assert_int_equal(err.kind, ERROR_LIMIT);
    }
    assert_null(arena.first);
    return entry;
}

static bool has(struct images *images, const char *key)
{
    struct image_entry *entry = images_take(images, str_from(key));
    if (entry != NULL) {
        assert_true(str_eq(image_entry_get(entry)->digest, str_from(key)));
    }
    image_entry_release(entry);
    return entry != NULL;
}

static void what_is_put_is_found(void **state)
{
    (void)state;
    struct images *images = images_new(1 << 20);
    assert_false(has(images, "a"));
    image_entry_release(put(images, "a", 0));
    image_entry_release(put(images, "b", 0));
    assert_true(has(images, "a") && has(images, "b"));
    assert_false(has(images, "c"));
    assert_int_equal(images_count(images), 2);
    images_free(images);
}

static void the_same_key_again_replaces(void **state)
{
    (void)state;
    struct images *images = images_new(1 << 20);
    struct image_entry *first = put(images, "a", 0);
    struct image_entry *second = put(images, "a", 0);
    struct image_entry *taken = images_take(images, STR("a"));
    assert_ptr_equal(taken, second);
    assert_ptr_not_equal(taken, first);
    assert_true(str_eq(image_entry_get(first)->digest, STR("a")));
    assert_int_equal(images_count(images), 1);
    image_entry_release(first);
    image_entry_release(second);
    image_entry_release(taken);
    images_free(images);
}

static void what_was_not_taken_for_longest_goes_first(void **state)
{
    (void)state;
    struct images *images = images_new(3 * SMALL);
    image_entry_release(put(images, "a", 0));
    image_entry_release(put(images, "b", 0));
    image_entry_release(put(images, "c", 0));
    assert_true(has(images, "a"));
    image_entry_release(put(images, "d", 0));
    assert_false(has(images, "b"));
    assert_true(has(images, "a") && has(images, "c") && has(images, "d"));
    images_free(images);
}

/* What is in use counts, though it is no longer kept; else a flood of images would take any memory.
 */
static void what_is_in_use_counts(void **state)
{
    (void)state;
    struct images *images = images_new(5 * SMALL);
    struct image_entry *used[3];
    for (size_t i = 0; i < 3; i++) {
        used[i] = put(images, (const char *[]){"a", "b", "c"}[i], 0);
        assert_non_null(used[i]);
    }
    assert_null(put(images, "d", 3 * SMALL));
    assert_true(str_eq(image_entry_get(used[0])->digest, STR("a")));
    for (size_t i = 0; i < 3; i++) {
        image_entry_release(used[i]);
    }
    struct image_entry *entry = put(images, "d", 3 * SMALL);
    assert_non_null(entry);
    image_entry_release(entry);
    images_free(images);
}

static void what_was_taken_outlives_the_rest(void **state)
{
    (void)state;
    struct images *images = images_new(1 << 20);
    struct image_entry *entry = put(images, "a", 0);
    images_free(images);
    assert_true(str_eq(image_entry_get(entry)->digest, STR("a")));
    image_entry_release(entry);
    image_entry_release(NULL);
    images_free(NULL);
}

static void as_many_as_the_limit(void **state)
{
    (void)state;
    struct images *images = images_new(1 << 30);
    for (unsigned i = 0; i < LIMIT_IMAGES_KEPT + 1; i++) {
        char key[16];
        snprintf(key, sizeof key, "%u", i);
        assert_int_equal(images_count(images), i);
        image_entry_release(put(images, key, 0));
    }
    assert_int_equal(images_count(images), LIMIT_IMAGES_KEPT);
    assert_false(has(images, "0"));
    assert_true(has(images, "1"));
    images_free(images);
}

int images_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_is_found),
        cmocka_unit_test(the_same_key_again_replaces),
        cmocka_unit_test(what_was_not_taken_for_longest_goes_first),
        cmocka_unit_test(what_is_in_use_counts),
        cmocka_unit_test(what_was_taken_outlives_the_rest),
        cmocka_unit_test(as_many_as_the_limit),
    };
    return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
