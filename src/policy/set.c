#include "policy/policy.h"

#include "base/limits.h"
#include "image/regex.h"
#include "policy/fields.h"
#include "policy/index.h"
#include "policy/model.h"

const char *const policy_suffixes[] = {".yaml", ".yml", ".json", NULL};

struct policy_set *policy_set_new(const struct policy_options *options)
{
    struct policy_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        fatal("out of memory");
    }
    atomic_init(&set->references, 1);
    arena_init(&set->arena, LIMIT_POLICY_ARENA);
    set->options = *options;
    return set;
}

struct policy_set *policy_set_ref(struct policy_set *set)
{
    atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void policy_set_unref(struct policy_set *set)
{
    if (set == NULL) {
        return;
    }
    /* Release, so that what this thread read is read before; acquire, so that whoever frees sees
     * the others done. */
    if (atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) == 1) {
        if (set->ended != NULL) {
            set->ended(set->ended_self, set);
        }
        regex_done(set->regexes);
        arena_done(&set->arena);
        free(set);
    }
}

void policy_set_add_policy(struct policy_set *set, struct policy *policy)
{
    set->policies = arena_grow(&set->arena, set->policies, set->n_policies, &set->room_policies,
                               sizeof(void *));
    set->asks_labels = set->asks_labels || policy->match.namespace_selector != NULL;
    policy->tally = policy_tally_new(&set->arena);
    set->policies[set->n_policies++] = policy;
}

void policy_set_add_exception(struct policy_set *set, struct exception *exception)
{
    set->exceptions = arena_grow(&set->arena, set->exceptions, set->n_exceptions,
                                 &set->room_exceptions, sizeof(void *));
    exception->tally = policy_tally_new(&set->arena);
    set->exceptions[set->n_exceptions++] = exception;
}

struct str policy_kind_of(const struct policy *policy)
{
    const struct fields *kind =
        policy->namespace.n > 0 ? &policy_namespace_fields : &policy_cluster_fields;
    return str_from(kind->name);
}

void policy_set_counts(const struct policy_set *set, struct policy_counts *ret_counts)
{
    struct policy_counts counts = {
        .policies = set->n_policies,
        .exceptions = set->n_exceptions,
        .indexed = policy_index_keyed(set->applying),
    };
    for (size_t i = 0; i < set->n_policies; i++) {
        counts.rules += set->policies[i]->n_rules;
    }
    *ret_counts = counts;
}

bool policy_set_asks_labels(const struct policy_set *set)
{
    return set->asks_labels;
}

void policy_set_on_end(struct policy_set *set, void (*ended)(void *self, struct policy_set *set),
                       void *self)
{
    set->ended = ended;
    set->ended_self = self;
}

uint64_t policy_set_hash(const struct policy_set *set)
{
    return set->hash;
}
