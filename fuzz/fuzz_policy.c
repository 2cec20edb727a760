/* A text as a policy file. Either it is refused, with errors that each say where and what, or there
 * is a set; the same both times; and the set decides, and explains, whatever the image is. */
#include "base/buf.h"
#include "base/utf8.h"
#include "policy/decision.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 64 * MIB, INPUT_MAX = 16 * KIB };

/* 2026-06-01T00:00:00Z */
#define NOW (INT64_C(1780272000) * 1000000000)

#define IMAGE_ID "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct loaded {
    struct policy_set *set; /* NULL: refused */
    struct str printed;     /* all diagnostics */
};

/* YAML 1.1 breaks lines at NEL (c2 85) and at U+2028 and U+2029 (e2 80 a8, a9) too. */
static uint32_t count_lines(struct str text)
{
    uint32_t n = 1;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        n += c == '\n' || c == '\r' || c == 0x85 || c == 0xa8 || c == 0xa9;
    }
    return n;
}

static bool is_utf8(struct str text)
{
    for (size_t n = 0; text.n > 0; text = str_sub(text, n, text.n)) {
        n = utf8_length(text.p, text.n);
        if (n == 0) {
            return false;
        }
    }
    return true;
}

static void check_diagnostic(const struct diagnostic *one, uint32_t lines)
{
    ENSURE(str_eq(one->file, STR("fuzz.yaml")));
    ENSURE(one->message.n > 0 && is_utf8(one->message) && is_utf8(one->path));
    ENSURE((one->mark.line == 0) == (one->mark.column == 0));
    /* Without a place there is only that no policy is there at all. */
    bool nowhere = str_starts(one->message, STR("no policy is here; "));
    ENSURE((one->mark.line == 0) == nowhere);
    ENSURE(!nowhere || one->path.n == 0);
    ENSURE(one->mark.line <= lines + 1);
}

static void check_diagnostics(const struct diagnostics *list, struct str text)
{
    uint32_t lines = count_lines(text);
    ENSURE(list->n <= list->errors + list->warnings);
    for (size_t i = 0; i < list->n; i++) {
        const struct diagnostic *one = &list->items[i];
        check_diagnostic(one, lines);
        ENSURE(i == 0 || one[-1].mark.line <= one->mark.line);
    }
}

static struct loaded load(struct str text, struct arena *arena)
{
    struct diagnostics list;
    diagnostics_init(&list, arena);
    const struct policy_options options = {.now = NOW};
    struct loaded loaded = {0};
    struct error err = {0};
    bool refused = failed(policy_parse(STR("fuzz.yaml"), text, &options, &list, &loaded.set, &err));
    ENSURE(refused == (loaded.set == NULL));
    ENSURE(refused ? err.text[0] != '\0' && (err.kind == ERROR_CONFIG || err.kind == ERROR_LIMIT)
                   : list.errors == 0);
    ENSURE(err.kind != ERROR_CONFIG || list.errors > 0);
    check_diagnostics(&list, text);
    buf_auto printed;
    buf_init(&printed, ROOM);
    diagnostics_print(&list, &printed);
    loaded.printed = arena_dup(arena, buf_str(&printed));
    return loaded;
}

/* -- deciding -- */

static void explain(const struct policy_set *set, const struct review *review, struct arena *arena)
{
    struct policy_counts counts;
    policy_set_counts(set, &counts);
    struct explanation *items = NULL;
    size_t n = 0;
    const struct explain_question question = {.review = review, .now = NOW};
    policy_explain(set, &question, arena, &items, &n);
    ENSURE(n == counts.policies + counts.rules);
    for (size_t i = 0; i < n; i++) {
        ENSURE(items[i].policy.n > 0 && items[i].mark.line > 0);
        ENSURE(!items[i].applies || items[i].why.n > 0);
    }
}

static void decide(const struct policy_set *set, struct str image, bool rewrite)
{
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct review_image images[] = {{.text = image, .path = STR("spec.containers[0].image")}};
    const struct review review = {
        .operation = REVIEW_CREATE,
        .kind = STR("Pod"),
        .namespace = STR("shop"),
        .user_known = true,
        .user = STR("alice"),
        .labels_known = true,
        .images = images,
        .n_images = 1,
    };
    struct plan plan;
    struct decision decision;
    policy_select(set, &review, NOW, rewrite, &arena, &plan);
    policy_judge_evidence(&plan, &arena);
    policy_decide(&plan, &arena, &decision);
    ENSURE(decision.verdict != VERDICT_UNDECIDED && decision.problem.n == 0);
    ENSURE(decision.verdict == VERDICT_ALLOW || decision.n_violations > 0);
    for (size_t i = 0; i < decision.n_violations; i++) {
        struct str message = decision.violations[i].message;
        ENSURE(message.n > 0 && message.n <= LIMIT_MESSAGE && is_utf8(message));
    }
    explain(set, &review, &arena);
}

static void decide_all(const struct policy_set *set)
{
    static const char *const IMAGES[] = {"nginx", "ghcr.io/acme/app:1.2.3", "Not/A reference",
                                         IMAGE_ID};
    for (size_t i = 0; i < sizeof IMAGES / sizeof IMAGES[0]; i++) {
        decide(set, str_from(IMAGES[i]), i % 2 == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    struct str text = {(const char *)data, size};
    arena_auto arena;
    arena_init(&arena, ROOM);
    struct loaded first = load(text, &arena);
    struct loaded second = load(text, &arena);
    ENSURE((first.set == NULL) == (second.set == NULL));
    ENSURE(str_eq(first.printed, second.printed));
    if (first.set != NULL) {
        ENSURE(policy_set_hash(first.set) == policy_set_hash(second.set));
        decide_all(first.set);
    }
    policy_set_unref(first.set);
    policy_set_unref(second.set);
    return 0;
}
