#include "test.h"

enum { TEXT_MAX = 64 * MIB };

/* Take back what was taken: a failing test jumps out of here. */
static void give_up(struct walk *walk, const char *what)
{
    print_error("%s: %s\n", what, walk->err.text);
    walk_done(walk);
    fail();
}

static status parse_quoted(struct walk *walk, const char *text, struct json_doc *doc)
{
    struct str copy = arena_dup(&walk->arena, str_from(text));
    char *bytes = arena_alloc(&walk->arena, copy.n + 1);
    for (size_t i = 0; i < copy.n; i++) {
        bytes[i] = copy.p[i] == '\'' ? '"' : copy.p[i];
    }
    return json_parse((struct str){bytes, copy.n}, JSON_WITHOUT_MARKS, doc, &walk->err);
}

static status decode(struct walk *walk, const char *body)
{
    const struct kinds *kinds = NULL;
    TRY(parse_quoted(walk, body, &walk->body));
    TRY(kinds_build(&walk->arena, NULL, 0, NULL, 0, &kinds, &walk->err));
    return review_decode(&walk->arena, kinds, &walk->body, false, &walk->review, &walk->err);
}

void walk_start(struct walk *walk, const char *policies, const char *body)
{
    *walk = (struct walk){.options = {.now = NOW}};
    arena_init(&walk->arena, TEXT_MAX);
    struct diagnostics list;
    diagnostics_init(&list, &walk->arena);
    struct policy_options options = {.now = NOW};
    if (failed(policy_parse(STR("p.yaml"), str_from(policies), &options, &list, &walk->set,
                            &walk->err))) {
        print_error("%.*s\n", STR_ARG(list.items[0].message));
        give_up(walk, policies);
    }
    if (failed(decode(walk, body))) {
        give_up(walk, body);
    }
}

void walk_done(struct walk *walk)
{
    json_doc_done(&walk->body);
    json_doc_done(&walk->labels);
    policy_set_unref(walk->set);
    arena_done(&walk->arena);
}

void walk_namespace_labels(struct walk *walk, const char *labels)
{
    if (failed(parse_quoted(walk, labels, &walk->labels))) {
        give_up(walk, labels);
    }
    walk->review.namespace_labels_known = true;
    walk->review.namespace_labels = walk->labels.root;
}

enum verdict walk_run(struct walk *walk)
{
    if (failed(evaluate_review(walk->set, &walk->review, &walk->options, &walk->arena,
                               &walk->decision, &walk->answer, &walk->err))) {
        give_up(walk, "evaluate_review");
    }
    assert_int_equal(walk->answer.allowed, walk->decision.verdict == VERDICT_ALLOW);
    return walk->decision.verdict;
}

enum verdict walk_through(struct walk *walk, const char *policies, const char *body)
{
    walk_start(walk, policies, body);
    return walk_run(walk);
}

struct str walk_annotation(const struct walk *walk, const char *key)
{
    for (size_t i = 0; i < walk->answer.n_annotations; i++) {
        if (str_eq(walk->answer.annotations[i].key, str_from(key))) {
            return walk->answer.annotations[i].value;
        }
    }
    return STR_EMPTY;
}

void assert_str_at(struct str actual, const char *expected, const char *file, int line)
{
    if (!str_eq(actual, str_from(expected))) {
        print_error("is  %.*s\nnot %s\n", STR_ARG(actual), expected);
        _fail(file, line);
    }
}
