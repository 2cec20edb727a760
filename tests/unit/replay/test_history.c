/* Decisions of the history, as lines of the audit log that are read back. */
#include "base/buf.h"
#include "test.h"

struct read {
    struct arena arena;
    struct json_doc doc;
    struct replay_case subject;
    bool decided;
    struct error err;
};

static bool read_back(struct read *read, const struct history_entry *entry)
{
    *read = (struct read){.decided = false};
    arena_init(&read->arena, MIB);
    buf_auto line;
    buf_init(&line, MIB);
    replay_history_line(entry, &line);
    return !failed(json_parse(buf_str(&line), JSON_WITHOUT_MARKS, &read->doc, &read->err)) &&
           !failed(replay_from_audit(&read->arena, &read->doc, &read->subject, &read->decided,
                                     &read->err));
}

static void done(struct read *read)
{
    json_doc_done(&read->doc);
    arena_done(&read->arena);
}

static struct history_entry sample(struct history_image *images, size_t n)
{
    return (struct history_entry){
        .endpoint = STR("/mutate"),
        .api = STR("admission.k8s.io/v1"),
        .operation = STR("UPDATE"),
        .group = STR("apps"),
        .kind = STR("Deployment"),
        .namespace = STR("shop\"\\\n\0x"),
        .user = STR("alice"),
        .verdict = STR("deny"),
        .images = images,
        .n_images = n,
        .image_count = n,
    };
}

static void test_all(void **state)
{
    (void)state;
    struct history_image images[] = {
        {.text = STR("a:1"), .path = STR("p"), .verdict = STR("warn")},
        {.text = STR("b\""), .rewritten = STR("c"), .path = STR("q"), .verdict = STR("deny")},
    };
    struct history_violation violations[] = {
        {.path = STR("q"), .policy = STR("x"), .rule = STR("soft"), .mode = STR("warn")},
        {.path = STR("q"), .policy = STR("x"), .rule = STR("hard"), .mode = STR("enforce")},
    };
    struct history_entry entry = sample(images, COUNT(images));
    entry.violations = violations;
    entry.n_violations = COUNT(violations);
    struct read read;
    assert_true(read_back(&read, &entry));
    const struct replay_case *subject = &read.subject;
    assert_true(read.decided && subject->recorded && subject->mutate && !subject->incomplete);
    assert_int_equal(subject->review.operation, REVIEW_UPDATE);
    assert_true(str_eq(subject->review.namespace, entry.namespace));
    assert_true(str_eq(subject->review.kind, STR("Deployment")));
    assert_int_equal(subject->review.n_images, 2);
    assert_true(str_eq(subject->review.images[1].text, STR("b\"")));
    assert_true(subject->admitted[0] && !subject->admitted[1]);
    assert_true(str_eq(subject->denying[1], STR("x/hard")));
    done(&read);
}

static void test_what_is_no_decision(void **state)
{
    (void)state;
    struct read read;
    struct history_entry entry = sample(NULL, 0);
    entry.cause = STR("problem");
    entry.detail = STR("too deep");
    assert_true(read_back(&read, &entry) && !read.decided);
    done(&read);
    entry = sample(NULL, 0);
    entry.verdict = STR("error");
    assert_true(read_back(&read, &entry) && !read.decided);
    done(&read);
}

static void test_parts(void **state)
{
    (void)state;
    struct read read;
    struct history_entry entry = sample(NULL, 0);
    entry.image_count = 1;
    assert_true(read_back(&read, &entry) && read.subject.incomplete);
    done(&read);
}

int history_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_what_is_no_decision),
        cmocka_unit_test(test_parts),
    };
    return cmocka_run_group_tests_name("replay: decisions of the history", tests, NULL, NULL);
}
