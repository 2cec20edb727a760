#include "test.h"

#include "subject.h"

/* Thousands of rolled policies and reviews, judged by the program and by an oracle that parses and
 * compiles nothing. Whatever is admitted is covered, and no enforced rule fails for it. */

enum { SETS = 800, REVIEWS = 40, TEXT_MAX = MIB };

static void check_review(const struct policy_set *policies, const struct model_set *set,
                         const struct model_review *model, struct str text, struct totals *totals)
{
    struct subject subject;
    make_subject(model, &subject);
    const struct evaluate_options options = {.now = MODEL_NOW, .mutate = model->mutate};
    struct decision decision;
    struct review_answer answer;
    struct error err = {0};
    status st = evaluate_review(policies, &subject.review, &options, &subject.arena, &decision,
                                &answer, &err);
    bool same = !failed(st);
    if (same && model->asks == ASKS_DELETE) {
        same = decision.verdict == VERDICT_ALLOW && decision.n_images == 0 && answer.allowed;
    } else if (same) {
        same = compare_images(set, model, &decision, &subject.arena, totals) &&
               answer_follows(&decision, &answer, model->mutate);
    }
    if (!same) {
        print_error("%s\nnamespace %.*s, operation %d, mutate %d, verdict %s\n%.*s", err.text,
                    STR_ARG(subject.review.namespace), (int)subject.review.operation, model->mutate,
                    verdict_name(decision.verdict), STR_ARG(text));
        for (size_t i = 0; i < decision.n_images; i++) {
            print_error("%.*s as %.*s: %s\n", STR_ARG(decision.images[i].image->text),
                        STR_ARG(decision.images[i].text), verdict_name(decision.images[i].verdict));
        }
        print_error("%.*s\n", STR_ARG(answer.message));
        fail();
    }
    subject_done(&subject);
}

static void check_set(struct dice *dice, struct totals *totals)
{
    struct model_set set;
    buf_auto text;
    buf_init(&text, TEXT_MAX);
    roll_set(dice, &set, &text);
    arena_auto arena;
    arena_init(&arena, 64 * MIB);
    struct policy_set *policies = NULL;
    if (set.n == 0) {
        return; /* none of the documents made sense */
    }
    assert_false(failed(load_model(buf_str(&text), &set, &arena, &policies)));
    for (size_t i = 0; i < REVIEWS; i++) {
        struct model_review model = roll_review(dice);
        check_review(policies, &set, &model, buf_str(&text), totals);
    }
    policy_set_unref(policies);
}

static void agrees_with_the_oracle(void **state)
{
    (void)state;
    struct dice dice = {.seed = 20260601};
    struct totals totals = {0};
    for (size_t i = 0; i < SETS; i++) {
        check_set(&dice, &totals);
    }
    assert_true(totals.allowed > 500 && totals.denied > 500 && totals.rewritten > 500);
    assert_true(totals.excused > 100 && totals.warned > 500 && totals.uncovered > 500);
}

int property_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_oracle),
    };
    return cmocka_run_group_tests_name("property", tests, NULL, NULL);
}
