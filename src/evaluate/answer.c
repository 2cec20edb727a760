#include "evaluate/answer.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "review/patch.h"

/* Decision, policies, audited failures, stale digests. */
enum { ANNOTATIONS_MAX = 4 };

/* A replacement of every image, with test and replace. */
enum { PATCH_MAX = LIMIT_IMAGES_PER_REVIEW * 4 * (LIMIT_IMAGE_TEXT + LIMIT_FIELD_PATH) };

static bool denies(const struct violation *violation)
{
    return violation->mode == POLICY_ENFORCE && violation->exception.n == 0;
}

/* -- the message -- */

static size_t count_denied(const struct decision *decision)
{
    size_t denied = 0;
    for (size_t i = 0; i < decision->n_images; i++) {
        denied += decision->images[i].verdict == VERDICT_DENY;
    }
    return denied;
}

/* Violations that deny and are listed, which they are first; there may be more of them. */
static size_t count_listed(const struct decision *decision)
{
    size_t n = 0;
    while (n < decision->n_violations && denies(&decision->violations[n])) {
        n++;
    }
    return n;
}

/* Append a line if it fits and leaves room for the last line, which counts what is left out. The
 * first line is cut to fit. Returns false if it was not appended. */
static bool add_line(struct buf *buf, struct str line, bool first)
{
    enum { LAST_LINE_MAX = 32 };
    static const struct str ELLIPSIS = {"…", sizeof("…") - 1};
    size_t room = LIMIT_MESSAGE - LAST_LINE_MAX;
    if (buf->n + 1 + line.n <= room) {
        buf_printf(buf, "\n%.*s", STR_ARG(line));
        return true;
    }
    if (first) {
        line.n = utf8_cut(line.p, line.n, room - buf->n - 1 - ELLIPSIS.n);
        buf_printf(buf, "\n%.*s%s", STR_ARG(line), ELLIPSIS.p);
    }
    return first;
}

/* "2 images denied:" and a line for each violation, as many as fit. */
static struct str list_violations(const struct decision *decision, size_t n, struct arena *arena)
{
    size_t images = count_denied(decision);
    buf_auto buf;
    buf_init(&buf, LIMIT_MESSAGE);
    buf_printf(&buf, "%zu image%s denied:", images, images == 1 ? "" : "s");
    size_t i = 0;
    while (i < n && add_line(&buf, decision->violations[i].message, i == 0)) {
        i++;
    }
    if (i < decision->n_denials) {
        buf_printf(&buf, "\n… and %zu more", decision->n_denials - i);
    }
    return arena_dup(arena, buf_str(&buf));
}

static struct str phrase_message(const struct decision *decision, struct arena *arena)
{
    if (decision->problem.n > 0) {
        return decision->problem;
    }
    size_t n = count_listed(decision);
    if (n == 1) {
        return decision->violations[0].message;
    }
    return n == 0 ? STR("denied") : list_violations(decision, n, arena);
}

static void phrase_denial(const struct decision *decision, struct arena *arena,
                          struct review_answer *answer)
{
    answer->message = phrase_message(decision, arena);
    size_t n = count_listed(decision);
    answer->causes = ARENA_ARRAY(arena, struct review_cause, n);
    for (size_t i = 0; i < n; i++) {
        const struct violation *violation = &decision->violations[i];
        struct str policy = violation->policy;
        answer->causes[answer->n_causes++] = (struct review_cause){
            .field = violation->image->path,
            .message = policy.n == 0
                           ? violation->reason
                           : arena_printf(arena, "policy %.*s, rule %.*s: %.*s", STR_ARG(policy),
                                          STR_ARG(violation->rule), STR_ARG(violation->reason)),
        };
    }
}

/* -- warnings and annotations -- */

static void phrase_warnings(const struct decision *decision, struct arena *arena,
                            struct review_answer *answer)
{
    answer->warnings = ARENA_ARRAY(arena, struct str, decision->n_images + decision->n_violations);
    for (size_t i = 0; i < decision->n_images; i++) {
        if (decision->images[i].stale.n > 0) {
            answer->warnings[answer->n_warnings++] = decision->images[i].stale;
        }
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        if (violation->mode == POLICY_WARN && violation->exception.n == 0) {
            answer->warnings[answer->n_warnings++] = violation->message;
        }
    }
}

static void annotate(struct review_answer *answer, struct str key, struct str value)
{
    answer->annotations[answer->n_annotations++] = (struct review_annotation){key, value};
}

/* "baseline,team-rules", cut at a whole name. */
static struct str join_policies(const struct decision *decision, struct arena *arena)
{
    buf_auto buf;
    buf_init(&buf, LIMIT_MESSAGE);
    for (size_t i = 0; i < decision->n_policies; i++) {
        const struct str *name = &decision->policies[i];
        if (buf.n + 1 + name->n > LIMIT_MESSAGE) {
            break;
        }
        buf_add(&buf, i == 0 ? STR_EMPTY : STR(","));
        buf_add(&buf, *name);
    }
    return arena_dup(arena, buf_str(&buf));
}

static void phrase_annotations(const struct decision *decision, struct arena *arena,
                               struct review_answer *answer)
{
    size_t audited = 0, stale = 0;
    for (size_t i = 0; i < decision->n_images; i++) {
        stale += decision->images[i].stale.n > 0;
    }
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        audited += violation->mode == POLICY_AUDIT && violation->exception.n == 0;
    }
    answer->annotations = ARENA_ARRAY(arena, struct review_annotation, ANNOTATIONS_MAX);
    annotate(answer, STR("decision"), str_from(answer->allowed ? "allow" : "deny"));
    if (decision->n_policies > 0) {
        annotate(answer, STR("policies"), join_policies(decision, arena));
    }
    if (audited > 0) {
        annotate(answer, STR("audit-violations"), arena_printf(arena, "%zu", audited));
    }
    if (stale > 0) {
        annotate(answer, STR("stale-digests"), arena_printf(arena, "%zu", stale));
    }
}

/* -- the patch -- */

static void patch_cleanup(struct patch *patch)
{
    patch_done(patch);
}

static status phrase_patch(const struct review *review, const struct decision *decision,
                           struct arena *arena, struct review_answer *answer, struct error *err)
{
    bool rewritten = false;
    __attribute__((cleanup(patch_cleanup))) struct patch patch;
    patch_init(&patch, arena, PATCH_MAX);
    for (size_t i = 0; i < decision->n_images; i++) {
        const struct decision_image *image = &decision->images[i];
        if (image->rewritten) {
            rewritten = true;
            TRY(patch_set_pointer(&patch, review->object, image->image->pointer, image->text, err));
        }
    }
    return rewritten ? patch_text(&patch, &answer->patch, err) : OK;
}

status answer_phrase(const struct review *review, const struct decision *decision, bool patch,
                     struct arena *arena, struct review_answer *ret_answer, struct error *err)
{
    struct review_answer answer = {.allowed = decision->verdict == VERDICT_ALLOW};
    if (!answer.allowed) {
        phrase_denial(decision, arena, &answer);
    } else if (patch) {
        TRY(phrase_patch(review, decision, arena, &answer, err));
    }
    phrase_warnings(decision, arena, &answer);
    phrase_annotations(decision, arena, &answer);
    *ret_answer = answer;
    return OK;
}
