#include "policy/hits.h"

#include "policy/fields.h"
#include "policy/model.h"
#include "policy/outcome.h"

struct policy_tally {
    atomic_uint_fast64_t judged, denied, warned, excused;
};

struct policy_tally *policy_tally_new(struct arena *arena)
{
    return ARENA_NEW(arena, struct policy_tally);
}

static void count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* -- adding -- */

/* The items of one policy for one image, from `i` on; returns how many they are. */
static size_t count_policy(const struct plan *plan, const struct plan_image *image, size_t i)
{
    const struct policy *policy = image->items[i].policy;
    bool denied = false, warned = false, judged = false;
    size_t end = i;
    for (; end < image->n_items && image->items[end].policy == policy; end++) {
        const struct plan_item *item = &image->items[end];
        if (policy_is_unasked(plan, item)) {
            continue;
        }
        judged = true;
        if (policy_passes(&item->finding)) {
            continue;
        }
        enum outcome outcome = policy_outcome(item);
        denied = denied || outcome == OUTCOME_DENIED;
        warned = warned || outcome == OUTCOME_WARNED;
        if (outcome == OUTCOME_EXCUSED) {
            count(&item->exception->tally->excused);
        }
    }
    if (judged) {
        count(&policy->tally->judged);
    }
    if (denied) {
        count(&policy->tally->denied);
    }
    if (warned) {
        count(&policy->tally->warned);
    }
    return end - i;
}

void policy_hits_add(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_images; i++) {
        const struct plan_image *image = &plan->images[i];
        for (size_t j = 0; j < image->n_items;) {
            j += count_policy(plan, image, j);
        }
    }
}

/* -- taking -- */

static uint64_t take(atomic_uint_fast64_t *counter)
{
    return atomic_exchange_explicit(counter, 0, memory_order_relaxed);
}

static void take_into(struct policy_tally *tally, struct policy_hits *hits)
{
    hits->judged = take(&tally->judged);
    hits->denied = take(&tally->denied);
    hits->warned = take(&tally->warned);
    hits->excused = take(&tally->excused);
}

void policy_hits_take(struct policy_set *set,
                      void (*each)(void *self, const struct policy_hits *hits), void *self)
{
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        struct policy_hits hits = {
            .kind = policy_kind_of(policy), .namespace = policy->namespace, .name = policy->name};
        take_into(policy->tally, &hits);
        each(self, &hits);
    }
    for (size_t i = 0; i < set->n_exceptions; i++) {
        const struct exception *exception = set->exceptions[i];
        struct policy_hits hits = {.kind = str_from(policy_exception_fields.name),
                                   .name = exception->name};
        take_into(exception->tally, &hits);
        each(self, &hits);
    }
}
