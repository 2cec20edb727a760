#include "test.h"

enum { ARENA_MAX = 64 * 1024 * 1024, TEXT_MAX = 1024 * 1024 };

static void print_diagnostics(const struct diagnostics *list, struct buf *buf)
{
    buf_init(buf, TEXT_MAX);
    diagnostics_print(list, buf);
}

/* A failing test jumps out of here, so what was taken is given back first. */
static void report_and_fail(struct fixture *fixture, const struct diagnostics *list,
                            const struct error *err, const char *text)
{
    struct buf buf;
    print_diagnostics(list, &buf);
    print_error("%s: %.*s\n%s", err->text, STR_ARG(buf_str(&buf)), text);
    buf_done(&buf);
    arena_done(&fixture->arena);
    fail();
}

void fixture_start_with(struct fixture *fixture, const char *text,
                        const struct policy_options *options)
{
    *fixture = (struct fixture){.options = *options, .now = NOW};
    arena_init(&fixture->arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &fixture->arena);
    struct error err = {0};
    if (failed(policy_parse(STR("policies.yaml"), str_from(text), options, &list, &fixture->set,
                            &err))) {
        report_and_fail(fixture, &list, &err, text);
    }
    fixture->review = (struct review){
        .api = REVIEW_ADMISSION_V1,
        .operation = REVIEW_CREATE,
        .uid = STR("u"),
        .version = STR("v1"),
        .kind = STR("Pod"),
        .name = STR("web"),
        .namespace = STR("shop"),
        .user_known = true,
        .user = STR("alice"),
        .labels_known = true,
        .images = fixture->images,
    };
}

void fixture_start(struct fixture *fixture, const char *text)
{
    struct policy_options options = {.now = NOW};
    fixture_start_with(fixture, text, &options);
}

void fixture_done(struct fixture *fixture)
{
    policy_set_unref(fixture->set);
    arena_done(&fixture->arena);
}

void fixture_image(struct fixture *fixture, const char *image)
{
    size_t i = fixture->review.n_images++;
    assert_true(i < COUNT(fixture->images));
    fixture->images[i] = (struct review_image){
        .text = str_from(image),
        .path = arena_printf(&fixture->arena, "spec.containers[%zu].image", i),
        .pointer = arena_printf(&fixture->arena, "/spec/containers/%zu/image", i),
        .name = arena_printf(&fixture->arena, "c%zu", i),
    };
}

enum verdict fixture_decide(struct fixture *fixture)
{
    policy_select(fixture->set, &fixture->review, fixture->now, fixture->rewrite, &fixture->arena,
                  &fixture->plan);
    policy_decide(&fixture->plan, &fixture->arena, &fixture->decision);
    return fixture->decision.verdict;
}

enum verdict verdict_on(const char *policies, const char *image)
{
    struct fixture fixture;
    fixture_start(&fixture, policies);
    fixture_image(&fixture, image);
    enum verdict verdict = fixture_decide(&fixture);
    fixture_done(&fixture);
    return verdict;
}

char *diagnose(const char *text, bool *ret_loaded)
{
    arena_auto arena;
    arena_init(&arena, ARENA_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &arena);
    struct policy_options options = {.now = NOW};
    struct policy_set *set = NULL;
    struct error err = {0};
    bool loaded = !failed(policy_parse(STR("p.yaml"), str_from(text), &options, &list, &set, &err));
    assert_int_equal(loaded, set != NULL);
    assert_int_equal(loaded, list.errors == 0);
    policy_set_unref(set);
    buf_auto buf;
    print_diagnostics(&list, &buf);
    *ret_loaded = loaded;
    char *printed = strndup(buf.n == 0 ? "" : buf.p, buf.n);
    assert_non_null(printed);
    return printed;
}
