#include "server/outcome.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"

enum { OUTCOMES_ARENA = 256 * MIB };

/* A load that is told of. */
struct telling {
    struct outcomes *outcomes;
    const struct outcomes *before;
    const char *culprit; /* "ClusterImagePolicy x is wrong: …"; NULL: the load went well */
};

static bool is_kind(const struct policy_object *object, const char *kind)
{
    return str_eq(object->kind, str_from(kind));
}

/* -- one object -- */

static struct policy_ready not_ready(const char *reason, struct str message)
{
    return (struct policy_ready){.reason = reason, .message = message};
}

static struct policy_ready tell_invalid(struct arena *arena, const struct policy_object *object)
{
    const char *follows =
        is_kind(object, "ImagePolicy")
            ? "until it is mended or deleted, nothing is admitted in its namespace"
        : is_kind(object, "ImagePolicyException")
            ? "it excuses nothing"
            : "what was in use before stays in use, and changes of other policies wait";
    return not_ready("Invalid", arena_printf(arena, "%.*s; %s", STR_ARG(object->problem), follows));
}

static struct policy_ready tell_sound(struct arena *arena, const struct policy_object *object)
{
    char until[CLOCK_TEXT_MAX];
    struct policy_ready ready = {
        .ready = true, .reason = "Loaded", .message = STR("in use"), .rules = object->rules};
    if (object->until != 0) {
        clock_format_seconds(object->until, until);
        ready.message = arena_printf(arena, "in use until %s", until);
    }
    return ready;
}

static int compare(const struct outcome *outcome, const struct cluster_policy *policy)
{
    int order = str_cmp(outcome->kind, policy->kind);
    order = order != 0 ? order : str_cmp(outcome->namespace, policy->namespace);
    return order != 0 ? order : str_cmp(outcome->name, policy->name);
}

/* What became of the same generation of the same object before; NULL if it was not there. */
static const struct outcome *find_before(const struct outcomes *before,
                                         const struct cluster_policy *policy)
{
    size_t low = 0, n = before == NULL ? 0 : before->n;
    for (size_t high = n; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare(&before->items[middle], policy) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const struct outcome *one = low < n ? &before->items[low] : NULL;
    bool same = one != NULL && compare(one, policy) == 0 && str_eq(one->uid, policy->uid) &&
                one->generation == policy->generation;
    return same ? one : NULL;
}

/* Sound, but the set as a whole is not taken over. */
static struct policy_ready tell_waiting(const struct telling *telling,
                                        const struct cluster_policy *policy)
{
    struct arena *arena = &telling->outcomes->arena;
    const struct outcome *before = find_before(telling->before, policy);
    if (before != NULL && before->ready.ready) {
        struct policy_ready ready = before->ready;
        ready.message = arena_dup(arena, ready.message);
        return ready;
    }
    return not_ready("Waiting", arena_printf(arena,
                                             "not in use yet, for another policy is wrong and no "
                                             "change is taken over until it is mended: %s",
                                             telling->culprit));
}

static void tell(const struct telling *telling, const struct cluster_policy *policy,
                 const struct policy_object *object, struct outcome *outcome)
{
    struct arena *arena = &telling->outcomes->arena;
    *outcome = (struct outcome){.kind = arena_dup(arena, policy->kind),
                                .namespace = arena_dup(arena, policy->namespace),
                                .name = arena_dup(arena, policy->name),
                                .uid = arena_dup(arena, policy->uid),
                                .generation = policy->generation,
                                .until = object->until};
    outcome->ready = object->problem.n > 0      ? tell_invalid(arena, object)
                     : telling->culprit != NULL ? tell_waiting(telling, policy)
                                                : tell_sound(arena, object);
    outcome->ready.generation = policy->generation;
}

/* -- all of them -- */

/* What kept the set from being taken over, as one line. */
static const char *find_culprit(struct arena *arena, const struct policy_object *objects, size_t n,
                                const struct error *failure)
{
    if (failure == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (objects[i].problem.n > 0 && is_kind(&objects[i], "ClusterImagePolicy")) {
            return arena_printf(arena, "ClusterImagePolicy %.*s: %.*s", STR_ARG(objects[i].name),
                                STR_ARG(objects[i].problem))
                .p;
        }
    }
    return arena_printf(arena, "%s", failure->text).p;
}

static struct outcomes *new_outcomes(size_t n)
{
    struct outcomes *outcomes = calloc(1, sizeof *outcomes);
    if (outcomes == NULL) {
        fatal("out of memory");
    }
    atomic_init(&outcomes->references, 1);
    arena_init(&outcomes->arena, OUTCOMES_ARENA);
    outcomes->items = ARENA_ARRAY(&outcomes->arena, struct outcome, n);
    outcomes->n = n;
    return outcomes;
}

struct outcomes *outcomes_of(const struct cluster_policy *policies,
                             const struct policy_object *objects, size_t n,
                             const struct error *failure, const struct outcomes *before)
{
    struct outcomes *outcomes = new_outcomes(n);
    struct telling telling = {.outcomes = outcomes, .before = before};
    telling.culprit = find_culprit(&outcomes->arena, objects, n, failure);
    for (size_t i = 0; i < n; i++) {
        tell(&telling, &policies[i], &objects[i], &outcomes->items[i]);
    }
    return outcomes;
}

struct policy_ready outcome_now(const struct outcome *outcome, int64_t now)
{
    struct policy_ready ready = outcome->ready;
    if (ready.ready && outcome->until != 0 && outcome->until <= now) {
        ready.ready = false;
        ready.reason = "Ended";
        ready.message = STR("its time is over");
    }
    return ready;
}

struct outcomes *outcomes_ref(struct outcomes *outcomes)
{
    atomic_fetch_add(&outcomes->references, 1);
    return outcomes;
}

void outcomes_unref(struct outcomes *outcomes)
{
    if (outcomes != NULL && atomic_fetch_sub(&outcomes->references, 1) == 1) {
        arena_done(&outcomes->arena);
        free(outcomes);
    }
}
