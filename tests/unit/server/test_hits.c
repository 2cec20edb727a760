#include "test.h"

#include "base/limits.h"
#include "policy/decision.h"
#include "server/hits.h"
#include "server/snapshot.h"

#define POLICY(name, pattern)                                                                      \
    "---\napiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {name: " name     \
    "}\nspec: {rules: [{name: r, deny: ['" pattern "']}]}\n"

static struct policy_set *set_of(const char *text)
{
    struct arena arena;
    struct diagnostics list;
    struct policy_set *set = NULL;
    struct error err;
    const struct policy_options options = {.now = 0};
    arena_init(&arena, 64 * MIB);
    diagnostics_init(&list, &arena);
    assert_false(failed(policy_parse(STR("p.yaml"), str_from(text), &options, &list, &set, &err)));
    arena_done(&arena);
    hits_follow(set);
    return set;
}

/* Judge one image by a set, `times` times. */
static void judge(const struct policy_set *set, const char *image, int times)
{
    struct review_image one = {.text = str_from(image), .path = STR("image")};
    const struct review review = {.operation = REVIEW_CREATE,
                                  .kind = STR("Pod"),
                                  .namespace = STR("shop"),
                                  .images = &one,
                                  .n_images = 1};
    struct arena arena;
    arena_init(&arena, MIB);
    for (int i = 0; i < times; i++) {
        struct plan plan;
        policy_select(set, &review, 0, false, &arena, &plan);
        policy_hits_add(&plan);
    }
    arena_done(&arena);
}

/* "name judged/denied fresh" of each row. */
static void assert_rows(struct snapshot *snapshot, const char *expected)
{
    struct arena arena;
    struct hits_row *rows;
    size_t n;
    char text[256] = "";
    arena_init(&arena, MIB);
    hits_collect(snapshot);
    hits_list(&arena, &rows, &n);
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(text);
        struct policy_hits found;
        assert_true(hits_find(&(struct policy_hits){.kind = rows[i].total.kind,
                                                    .namespace = rows[i].total.namespace,
                                                    .name = rows[i].total.name},
                              &found));
        assert_int_equal(found.judged, rows[i].total.judged);
        assert_int_equal(found.denied, rows[i].total.denied);
        snprintf(text + used, sizeof text - used, "%.*s %d/%d %d; ", STR_ARG(rows[i].total.name),
                 (int)rows[i].total.judged, (int)rows[i].total.denied, (int)rows[i].fresh.judged);
    }
    arena_done(&arena);
    assert_string_equal(text, expected);
}

static void hits_outlive_a_set(void **state)
{
    (void)state;
    struct snapshot snapshot;
    snapshot_init(&snapshot, NULL);
    assert_rows(&snapshot, "");
    struct policy_set *first = set_of(POLICY("a", "**:bad") POLICY("b", "**:worse"));
    snapshot_swap(&snapshot, first);
    judge(first, "x:bad", 2);
    judge(first, "x:good", 1);
    assert_rows(&snapshot, "a 3/2 3; b 3/0 3; ");
    assert_rows(&snapshot, "a 3/2 3; b 3/0 3; ");

    struct policy_set *in_flight = snapshot_take(&snapshot);
    struct policy_set *second = set_of(POLICY("c", "**:bad") POLICY("a", "**:good"));
    snapshot_swap(&snapshot, second);
    judge(in_flight, "x:bad", 4); /* a review that began before */
    judge(second, "x:good", 1);
    assert_rows(&snapshot, "a 4/3 4; c 1/0 1; ");
    policy_set_unref(in_flight);
    assert_rows(&snapshot, "a 8/7 8; c 1/0 1; ");
    snapshot_done(&snapshot);
    hits_done();
}

static void what_was_told_is_told_once(void **state)
{
    (void)state;
    struct snapshot snapshot;
    struct policy_set *set = set_of(POLICY("a", "**:bad"));
    snapshot_init(&snapshot, set);
    judge(set, "x:bad", 5);
    assert_rows(&snapshot, "a 5/5 5; ");
    hits_told(&(struct policy_hits){
        .kind = STR("ClusterImagePolicy"), .name = STR("a"), .judged = 5, .denied = 5});
    judge(set, "x:bad", 1);
    assert_rows(&snapshot, "a 6/6 1; ");
    struct policy_hits found;
    assert_false(hits_find(
        &(struct policy_hits){.kind = STR("ClusterImagePolicy"), .name = STR("gone")}, &found));
    assert_int_equal(found.judged, 0);
    hits_told(
        &(struct policy_hits){.kind = STR("ClusterImagePolicy"), .name = STR("gone"), .judged = 5});
    assert_rows(&snapshot, "a 6/6 1; ");
    snapshot_done(&snapshot);
    hits_done();
}

int hits_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_outlive_a_set),
        cmocka_unit_test(what_was_told_is_told_once),
    };
    return cmocka_run_group_tests_name("hits", tests, NULL, NULL);
}
