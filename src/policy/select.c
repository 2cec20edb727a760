#include "policy/decision.h"

#include "policy/index.h"
#include "policy/refuse.h"
#include "policy/selecting.h"

struct selection selection_of(struct plan *plan, struct arena *arena)
{
    return (struct selection){
        .plan = plan,
        .arena = arena,
        .judging = {.arena = arena, .now = plan->now, .regex = {.arena = arena}},
        .answers = ARENA_ARRAY(arena, uint8_t, plan->set->n_policies),
    };
}

/* -- which policies -- */

/* Whether policy `i` matches the request: asked once per review, not once per image. */
static enum policy_answer match_request(struct selection *selection, uint32_t i)
{
    if (selection->answers[i] == 0) {
        const struct policy_match *match = &selection->plan->set->policies[i]->match;
        selection->answers[i] =
            (uint8_t)(policy_match_request(match, selection->plan->review).answer + 1);
    }
    return (enum policy_answer)(selection->answers[i] - 1);
}

static struct policy_index_cursor look_up(const struct selection *selection,
                                          const struct policy_index *index,
                                          const struct reference *reference)
{
    struct policy_index_query query = {
        .namespace = selection->plan->review->namespace,
        .any_namespace = policy_namespace_unknown(selection->plan->review),
        .reference = reference,
    };
    struct policy_index_cursor cursor;
    policy_index_find(index, &query, &cursor);
    return cursor;
}

/* Make room for `n` policies that apply. What is outgrown stays behind in the arena, so room at
 * least doubles: a review could name images each of which needs a little more than the last. */
static void make_room(struct selection *selection, size_t n)
{
    size_t most = selection->plan->set->n_policies;
    n = n < most ? n : most;
    if (n > selection->room_applying) {
        size_t doubled = selection->room_applying * 2;
        doubled = doubled < most ? doubled : most;
        selection->room_applying = n > doubled ? n : doubled;
        selection->applying =
            ARENA_ARRAY(selection->arena, struct applying, selection->room_applying);
    }
}

/* Put the policies that apply to the reference into selection->applying, in the set's order. */
static void find_applying(struct selection *selection, const struct reference *reference)
{
    struct policy_index_cursor cursor =
        look_up(selection, selection->plan->set->applying, reference);
    make_room(selection, policy_index_bound(&cursor));
    selection->n_applying = 0;
    uint32_t i = 0;
    while (policy_index_next(&cursor, &i)) {
        const struct policy *policy = selection->plan->set->policies[i];
        enum policy_answer answer = match_request(selection, i);
        if (answer != POLICY_NO && policy_match_image(policy, reference) != POLICY_NO) {
            selection->applying[selection->n_applying++] = (struct applying){policy, answer};
        }
    }
}

/* -- which text -- */

/* Parse what is to be judged. Returns false, with the reason in the plan, if it is no reference. */
static bool read_reference(struct selection *selection, struct plan_image *planned)
{
    struct error err;
    if (failed(reference_parse(selection->arena, planned->text, &planned->reference, &err))) {
        planned->unreadable =
            arena_printf(selection->arena, "this is no image reference: %s", err.text);
        return false;
    }
    return true;
}

/* Rewriting takes two steps: what the policies of the object's own namespace say, then what those
 * of the whole cluster say. So a rewrite of one namespace does what its users could have done by
 * writing its result, and never keeps the cluster's from being done. Each step is skipped where it
 * was done before, which makes doing both again change nothing. */
enum rewrite_step { STEP_NAMESPACE, STEP_CLUSTER };

static bool is_of_step(const struct policy *policy, enum rewrite_step step)
{
    return (policy->namespace.n == 0) == (step == STEP_CLUSTER);
}

/* True if the image already is where a rewrite leads to, of this step or of a later one. */
static bool is_rewritten(struct selection *selection, enum rewrite_step step,
                         const struct reference *reference)
{
    struct policy_index_cursor cursor =
        look_up(selection, selection->plan->set->leading, reference);
    uint32_t i = 0;
    while (policy_index_next(&cursor, &i)) {
        const struct policy *policy = selection->plan->set->policies[i];
        bool counts = step == STEP_NAMESPACE || is_of_step(policy, STEP_CLUSTER);
        for (size_t j = 0; counts && j < policy->n_rewrites; j++) {
            if (pattern_match(policy->rewrites[j].to, reference) &&
                match_request(selection, i) != POLICY_NO) {
                return true;
            }
        }
    }
    return false;
}

/* Apply the first rewrite that matches, of the first policy of this step that has one. */
static bool rewrite_text(struct selection *selection, enum rewrite_step step,
                         const struct reference *reference, struct str *ret_text)
{
    find_applying(selection, reference);
    for (size_t i = 0; i < selection->n_applying; i++) {
        const struct policy *policy = selection->applying[i].policy;
        for (size_t j = 0; is_of_step(policy, step) && j < policy->n_rewrites; j++) {
            if (rewrite_apply(policy->rewrites[j].rewrite, selection->arena, reference, ret_text)) {
                return true;
            }
        }
    }
    return false;
}

/* Take one step. Returns false if what comes out is no reference. */
static bool take_step(struct selection *selection, enum rewrite_step step,
                      struct plan_image *planned)
{
    return is_rewritten(selection, step, &planned->reference) ||
           !rewrite_text(selection, step, &planned->reference, &planned->text) ||
           read_reference(selection, planned);
}

/* Put what is judged into the plan. Returns false if it is no reference. */
static bool settle_text(struct selection *selection, bool rewrite, struct plan_image *planned)
{
    planned->text = planned->image->text;
    return read_reference(selection, planned) && (!rewrite || !selection->plan->set->rewrites ||
                                                  (take_step(selection, STEP_NAMESPACE, planned) &&
                                                   take_step(selection, STEP_CLUSTER, planned)));
}

static unsigned accepted_quirks(const struct selection *selection)
{
    unsigned accepted = 0;
    for (size_t i = 0; i < selection->n_applying; i++) {
        accepted |= policy_accepted(selection->applying[i].policy, selection->applying[i].answer);
    }
    return accepted;
}

/* -- which rules -- */

/* Why no policy covers the image: none may, or it depends on what is not known. */
static struct str explain_uncovered(const struct selection *selection)
{
    for (size_t i = 0; i < selection->n_applying; i++) {
        const struct policy *policy = selection->applying[i].policy;
        if (policy_covers(policy)) {
            struct policy_applies applies =
                policy_match_request(&policy->match, selection->plan->review);
            return arena_printf(selection->arena,
                                "no policy certainly covers this image: whether policy %.*s does "
                                "depends on the %s, which is not known here; have a "
                                "ClusterImagePolicy without that condition cover it",
                                STR_ARG(policy->name), policy_part_unknown(applies.part));
        }
    }
    return STR("no policy covers this image; use an image that a policy covers, or have a "
               "ClusterImagePolicy cover it");
}

static bool is_covered(const struct selection *selection)
{
    for (size_t i = 0; i < selection->n_applying; i++) {
        const struct applying *applying = &selection->applying[i];
        if (applying->answer == POLICY_YES && policy_covers(applying->policy)) {
            return true;
        }
    }
    return false;
}

static void plan_item(struct selection *selection, struct plan_image *planned,
                      const struct policy *policy, const struct rule *rule)
{
    struct plan_item *item = &planned->items[planned->n_items++];
    item->policy = policy;
    item->rule = rule;
    judge_item(selection, planned, item);
}

static void plan_rules(struct selection *selection, struct plan_image *planned)
{
    size_t n = 0;
    for (size_t i = 0; i < selection->n_applying; i++) {
        bool pins = planned->pin && pin_is_of(&selection->applying[i]);
        n += selection->applying[i].policy->n_rules + (pins ? 1 : 0);
    }
    planned->covered = is_covered(selection);
    planned->uncovered = planned->covered ? STR_EMPTY : explain_uncovered(selection);
    selection->plan->items += n;
    if (selection->plan->items > PLAN_ITEMS_MAX) {
        return;
    }
    planned->items = ARENA_ARRAY(selection->arena, struct plan_item, n);
    for (size_t i = 0; i < selection->n_applying; i++) {
        const struct applying *applying = &selection->applying[i];
        for (size_t j = 0; j < applying->policy->n_rules; j++) {
            plan_item(selection, planned, applying->policy, &applying->policy->rules[j]);
        }
        if (planned->pin && pin_is_of(applying)) {
            plan_item(selection, planned, applying->policy, &policy_pin_rule);
        }
    }
}

/* -- the plan -- */

void select_settled(struct selection *selection, struct plan_image *planned)
{
    const struct policy_set *set = selection->plan->set;
    planned->n_items = 0;
    planned->wants = 0;
    find_applying(selection, &planned->reference);
    planned->unreadable = policy_refuse(&planned->reference, set->options.runtime,
                                        accepted_quirks(selection), selection->arena);
    if (planned->unreadable.n > 0) {
        return;
    }
    planned->pin = selection->plan->rewrite && pin_is_due(selection, &planned->reference);
    planned->stale_for = planned->pin ? pin_stale_for(selection) : 0;
    plan_rules(selection, planned);
}

static bool is_judged(const struct review *review)
{
    return review->problem.n == 0 && review->operation != REVIEW_DELETE &&
           review->operation != REVIEW_CONNECT;
}

static void select_images(struct selection *selection)
{
    struct plan *plan = selection->plan;
    const struct review *review = plan->review;
    size_t n = is_judged(review) ? review->n_images : 0;
    plan->images = ARENA_ARRAY(selection->arena, struct plan_image, n);
    for (size_t i = 0; i < n && plan->items <= PLAN_ITEMS_MAX; i++) {
        if (review->images[i].unchanged) {
            continue;
        }
        struct plan_image *planned = &plan->images[plan->n_images++];
        planned->image = &review->images[i];
        if (settle_text(selection, plan->rewrite, planned)) {
            select_settled(selection, planned);
        }
    }
}

static void tell_overflow(struct plan *plan, struct arena *arena)
{
    if (plan->items > PLAN_ITEMS_MAX) {
        plan->overflow = arena_printf(
            arena, "more than %zu rules would have to be judged for the images of one object",
            PLAN_ITEMS_MAX);
    }
}

void policy_select(const struct policy_set *set, const struct review *review, int64_t now,
                   bool rewrite, struct arena *arena, struct plan *ret_plan)
{
    *ret_plan = (struct plan){.set = set, .review = review, .now = now, .rewrite = rewrite};
    struct selection selection = selection_of(ret_plan, arena);
    select_images(&selection);
    tell_overflow(ret_plan, arena);
}

/* -- digests -- */

/* The tag that was resolved stays: whoever reads the object sees what was meant, and a rule on tags
 * finds what it would have found. So "nginx" becomes "nginx:latest@sha256:…". */
static void pin_image(struct selection *selection, struct plan_image *planned)
{
    struct str parts[] = {planned->text, planned->reference.tag.n > 0 ? STR_EMPTY : STR(":latest"),
                          STR("@"), planned->evidence.digest};
    planned->text = arena_join(selection->arena, parts, sizeof parts / sizeof parts[0]);
    planned->pin = false;
    selection->plan->items -= planned->n_items;
    if (read_reference(selection, planned)) {
        select_settled(selection, planned);
    }
}

void policy_pin(struct plan *plan, struct arena *arena)
{
    struct selection selection = {.plan = NULL};
    for (size_t i = 0; i < plan->n_images && plan->overflow.n == 0; i++) {
        struct plan_image *planned = &plan->images[i];
        if (!planned->pin || planned->evidence.digest.n == 0) {
            continue;
        }
        if (selection.plan == NULL) {
            selection = selection_of(plan, arena);
        }
        pin_image(&selection, planned);
        tell_overflow(plan, arena);
    }
}
