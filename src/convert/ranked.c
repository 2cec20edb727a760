#include "convert/ranked.h"

#include "image/pattern.h"

/* What is written for a list: one policy that admits what some entry admits, and one for each entry
 * that denies a part of it, which leaves out what an entry that wins admits again. */

int ranked_by_rank(const struct ranked_entry *a, const struct ranked_entry *b)
{
    return a->rank > b->rank ? 1 : a->rank < b->rank ? -1 : 0;
}

static const struct pattern *compile(struct arena *arena, struct str text)
{
    const struct pattern *pattern;
    struct error err;
    ENSURE(!failed(pattern_parse(arena, text, &pattern, &err))); /* glob_add has checked it */
    return pattern;
}

/* True unless no image can be both admitted by one and denied by the other. */
static bool overlap(struct arena *arena, const struct ranked_entry *admits,
                    const struct ranked_entry *denies)
{
    struct glob_patterns inner = {0}, outer = {0};
    for (size_t i = 0; i < admits->inner.n; i++) {
        glob_within(arena, &admits->inner.items[i].glob, &inner);
    }
    for (size_t i = 0; i < denies->outer.n; i++) {
        glob_around(arena, &denies->outer.items[i].glob, &outer);
    }
    for (size_t i = 0; i < inner.n; i++) {
        const struct pattern *a = compile(arena, inner.items[i].pattern);
        for (size_t j = 0; j < outer.n; j++) {
            if (!pattern_disjoint(a, compile(arena, outer.items[j].pattern))) {
                return true;
            }
        }
    }
    return false;
}

static void add_globs(struct object *object, struct draft_globs *all,
                      const struct draft_globs *some)
{
    for (size_t i = 0; i < some->n; i++) {
        LIST_ADD(object->arena, all, some->items[i]);
    }
}

/* Sort the entries that admit by what they do to one that denies. */
struct rivals {
    struct draft_globs winners;
    bool loses; /* some admitting entry yields to it */
};

static struct rivals find_rivals(struct object *object, const struct ranked *ranked, size_t at)
{
    const struct ranked_entry *denies = &ranked->items[at];
    struct rivals rivals = {0};
    for (size_t i = 0; i < ranked->n; i++) {
        const struct ranked_entry *other = &ranked->items[i];
        if (other->action != RANKED_ADMIT || !overlap(object->arena, other, denies)) {
            continue;
        }
        int order = ranked->order(denies, other);
        if (order < 0) {
            add_globs(object, &rivals.winners, &other->inner);
            continue;
        }
        rivals.loses = true;
        if (order == 0) {
            object_note(
                other->object, other->at, CONVERT_STRICTER,
                "which of this and another entry decides depends on the image; what was written "
                "denies where both match");
        }
    }
    return rivals;
}

static struct str entry_name(const struct ranked_entry *entry)
{
    return entry->action == RANKED_BY_HAND ? STR("by-hand") : STR("denied");
}

static void write_denial(struct object *object, const struct draft *base,
                         const struct ranked *ranked, size_t at)
{
    const struct ranked_entry *entry = &ranked->items[at];
    struct rivals rivals = find_rivals(object, ranked, at);
    struct draft *policy = rivals.loses ? draft_copy(object, base) : NULL;
    if (policy != NULL && !draft_include(entry->object, policy, &entry->outer)) {
        object->policies.n--;
        return;
    }
    if (policy != NULL && rivals.winners.n > 0) {
        draft_exclude(entry->object, policy, &rivals.winners, false);
    }
    if (policy != NULL && entry->action == RANKED_DENY) {
        (void)draft_rule_item(object, policy, "deny", entry_name(entry), "**");
    } else if (policy != NULL) {
        draft_by_hand(entry->object, policy, entry_name(entry), entry->at, entry->what);
    } else if (entry->action == RANKED_BY_HAND) {
        object_note(
            entry->object, entry->at, CONVERT_NOT_CONVERTED,
            "%s; what it is about is denied, as it is not on the list of what is allowed, until "
            "it is converted by hand",
            entry->what);
    }
}

void ranked_write(struct object *object, const struct draft *base, const struct ranked *ranked)
{
    struct draft_globs admitted = {0};
    for (size_t i = 0; i < ranked->n; i++) {
        if (ranked->items[i].action == RANKED_ADMIT) {
            add_globs(object, &admitted, &ranked->items[i].inner);
        }
    }
    draft_allow(object, draft_copy(object, base), STR("allowed"), &admitted);
    for (size_t i = 0; i < ranked->n; i++) {
        if (ranked->items[i].action != RANKED_ADMIT) {
            write_denial(object, base, ranked, i);
        }
    }
}
