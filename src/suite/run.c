#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "evaluate/evaluate.h"
#include "suite/either.h"
#include "suite/fields.h"
#include "suite/paths.h"
#include "suite/suite.h"

struct running {
    struct arena *arena;
    const struct suite_options *options;
    const struct suite *suite;
    const struct suite_case *test;
    yyjson_val *namespace_labels;
    bool denied;
    size_t judged;   /* images */
    bool overflowed; /* there was more than a list of the document may hold */
    struct suite_outcome got;
};

const char *suite_path(struct arena *arena, const char *file, struct str relative)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL || (relative.n > 0 && *relative.p == '/')) {
        return arena_dup(arena, relative).p;
    }
    return arena_printf(arena, "%.*s/%.*s", (int)(slash - file), file, STR_ARG(relative)).p;
}

const char *suite_field_name(enum suite_field field)
{
    static const char *const NAMES[SUITE_FIELDS] = {"verdict", "rules", "messages", "warnings",
                                                    "patch"};
    return NAMES[field];
}

/* -- what came out -- */

/* Add an entry, unless entries stand once and it is there. */
static void add(struct running *running, enum suite_field field, struct str entry, bool once)
{
    struct suite_entries *entries = &running->got.fields[field];
    for (size_t i = 0; once && i < entries->n; i++) {
        if (str_eq(entries->items[i], entry)) {
            return;
        }
    }
    if (entries->items == NULL) {
        entries->items = ARENA_ARRAY(running->arena, struct str, LIMIT_LIST_ITEMS);
    }
    if (entries->n == LIMIT_LIST_ITEMS) {
        running->overflowed = true;
        return;
    }
    entries->items[entries->n++] = arena_dup(running->arena, entry);
}

static void add_violations(struct running *running, const struct decision *decision)
{
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        if (violation->exception.n > 0) {
            continue;
        }
        add(running, SUITE_RULES, violation_name(violation, running->arena), true);
        if (violation->mode == POLICY_ENFORCE) {
            add(running, SUITE_MESSAGES, violation->message, false);
        }
    }
    if (decision->problem.n > 0) {
        add(running, SUITE_MESSAGES, decision->problem, false);
    }
}

static status add_patch(struct running *running, struct str patch, struct error *err)
{
    if (patch.n == 0) {
        return OK;
    }
    json_doc_auto doc = {.root = NULL};
    TRY(json_parse(patch, JSON_WITHOUT_MARKS, &doc, err));
    struct suite_entries operations = suite_operations(running->arena, doc.root);
    for (size_t i = 0; i < operations.n; i++) {
        add(running, SUITE_PATCH, operations.items[i], false);
    }
    return OK;
}

static void add_malformed(struct running *running, const struct error *err)
{
    running->got.fields[SUITE_VERDICT].n = 0;
    add(running, SUITE_VERDICT, STR("malformed"), false);
    add(running, SUITE_MESSAGES, arena_dup(running->arena, str_from(err->text)), false);
}

/* -- judging -- */

static bool asks_mutate(const struct suite_case_doc *doc)
{
    return doc->webhook.mark.line > 0 ? str_eq(doc->webhook.text, STR("mutate"))
                                      : doc->review.mark.line == 0;
}

static status judge(struct running *running, struct review *review, struct error *err)
{
    const struct suite_doc *suite = running->suite->doc;
    review->namespace_labels = running->namespace_labels;
    review->namespace_labels_known = running->namespace_labels != NULL;
    struct suite_either either = {script_source(&running->suite->script), running->options->images};
    const struct evidence_source source = suite_either(&either);
    const struct evaluate_options options = {
        .now = suite->now > 0 ? suite->now : running->options->policy.now,
        .mutate = asks_mutate(running->test->doc),
        .source = &source,
    };
    struct decision decision;
    struct review_answer answer;
    TRY(evaluate_review(running->suite->set, review, &options, running->arena, &decision, &answer,
                        err));
    running->denied = running->denied || !answer.allowed;
    running->judged += decision.n_images;
    add_violations(running, &decision);
    for (size_t i = 0; i < answer.n_warnings; i++) {
        add(running, SUITE_WARNINGS, answer.warnings[i], false);
    }
    return add_patch(running, answer.patch, err);
}

static status judge_object(struct running *running, yyjson_val *object, struct error *err)
{
    const struct suite_case_doc *doc = running->test->doc;
    struct review review;
    TRY(review_from_manifest(running->arena, running->options->kinds, object, doc->namespace.text,
                             &review, err));
    review.user_known = doc->user.mark.line > 0;
    review.user = doc->user.text;
    return judge(running, &review, err);
}

static status judge_root(struct running *running, yyjson_val *root, struct error *err)
{
    yyjson_val **objects;
    size_t n;
    TRY(review_items(running->arena, root, &objects, &n, err));
    for (size_t i = 0; i < n; i++) {
        TRY(judge_object(running, objects[i], err));
    }
    return OK;
}

/* A Pod with the image alone. */
static status judge_image(struct running *running, struct str image, struct error *err)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_BODY);
    buf_add_cstr(&buf, "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"test\"},"
                       "\"spec\":{\"containers\":[{\"name\":\"test\",\"image\":");
    buf_add_json(&buf, image);
    buf_add_cstr(&buf, "}]}}");
    json_doc_auto doc = {.root = NULL};
    TRY(json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, &doc, err));
    return judge_object(running, doc.root, err);
}

static status judge_resource(struct running *running, const char *path, struct error *err)
{
    struct str text;
    TRY(file_read(running->arena, path, LIMIT_BODY, &text, err));
    json_stream_auto stream = {0};
    if (failed(yaml_parse(text, &stream, err))) {
        return error_wrap(err, "%s", path);
    }
    if (stream.n == 0) {
        return error_set(err, ERROR_INPUT, "%s: there is no object in it", path);
    }
    for (size_t i = 0; i < stream.n; i++) {
        TRY(judge_root(running, stream.docs[i].root, err));
    }
    return OK;
}

static status judge_review(struct running *running, const char *path, struct error *err)
{
    struct str text;
    TRY(file_read(running->arena, path, LIMIT_BODY, &text, err));
    json_doc_auto doc = {.root = NULL};
    struct error malformed;
    struct review review;
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &malformed)) ||
        failed(review_decode(running->arena, running->options->kinds, &doc, true, &review,
                             &malformed))) {
        add_malformed(running, &malformed);
        return OK;
    }
    return judge(running, &review, err);
}

static status judge_subject(struct running *running, const char *path, struct error *err)
{
    const struct suite_case *test = running->test;
    if (test->object != NULL) {
        return judge_root(running, test->object, err);
    }
    if (test->doc->image.mark.line > 0) {
        return judge_image(running, test->doc->image.text, err);
    }
    if (test->doc->resource.mark.line > 0) {
        return judge_resource(running, suite_path(running->arena, path, test->doc->resource.text),
                              err);
    }
    return judge_review(running, suite_path(running->arena, path, test->doc->review.text), err);
}

static status make_labels(const struct text_map *map, struct json_doc *ret_doc, struct error *err)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_BODY);
    for (size_t i = 0; i < map->n; i++) {
        buf_add_char(&buf, i == 0 ? '{' : ',');
        buf_add_json(&buf, map->items[i].key.text);
        buf_add_char(&buf, ':');
        buf_add_json(&buf, map->items[i].value.text);
    }
    buf_add_cstr(&buf, map->n == 0 ? "{}" : "}");
    return json_parse(buf_str(&buf), JSON_WITHOUT_MARKS, ret_doc, err);
}

status suite_run(struct arena *arena, const struct suite_options *options, const char *path,
                 const struct suite *suite, const struct suite_case *test,
                 struct suite_outcome *ret_got, struct error *err)
{
    struct running running = {
        .arena = arena, .options = options, .suite = suite, .test = test, .denied = false};
    json_doc_auto labels = {.root = NULL};
    if (test->doc->namespace_labels.set) {
        TRY(make_labels(&test->doc->namespace_labels, &labels, err));
        running.namespace_labels = labels.root;
    }
    TRY(judge_subject(&running, path, err));
    if (running.overflowed) {
        return error_set(err, ERROR_LIMIT, "more came out than a case can expect: %u entries",
                         LIMIT_LIST_ITEMS);
    }
    if (running.judged == 0 && !running.denied && test->doc->review.mark.line == 0) {
        return error_set(err, ERROR_INPUT,
                         "no image was judged: there is none in what the case names, so it says "
                         "nothing about the policies");
    }
    if (running.got.fields[SUITE_VERDICT].n == 0) {
        add(&running, SUITE_VERDICT, running.denied ? STR("denied") : STR("allowed"), false);
    }
    *ret_got = running.got;
    return OK;
}

/* -- comparing -- */

/* Every entry of `a` is in `b`, as often. */
static bool within(const struct suite_entries *a, const struct suite_entries *b)
{
    for (size_t i = 0; i < a->n; i++) {
        size_t here = 0, there = 0;
        for (size_t j = 0; j < a->n; j++) {
            here += str_eq(a->items[i], a->items[j]);
        }
        for (size_t j = 0; j < b->n; j++) {
            there += str_eq(a->items[i], b->items[j]);
        }
        if (here != there) {
            return false;
        }
    }
    return true;
}

static bool in_order(const struct suite_entries *a, const struct suite_entries *b)
{
    for (size_t i = 0; i < a->n; i++) {
        if (i >= b->n || !str_eq(a->items[i], b->items[i])) {
            return false;
        }
    }
    return a->n == b->n;
}

bool suite_field_agrees(enum suite_field field, const struct suite_entries *expected,
                        const struct suite_entries *got)
{
    if (!expected->set) {
        return true;
    }
    return field == SUITE_PATCH ? in_order(expected, got)
                                : within(expected, got) && within(got, expected);
}

bool suite_passes(const struct suite_case *test, const struct suite_outcome *got)
{
    bool expects = false;
    for (enum suite_field field = 0; field < SUITE_FIELDS; field++) {
        const struct suite_entries *expected = &test->expected.fields[field];
        expects = expects || expected->set;
        if (!suite_field_agrees(field, expected, &got->fields[field])) {
            return false;
        }
    }
    return expects;
}
