/* Rules that no image can pass together are an error of our language, as they are a slip of whoever
 * writes them. Where a source says so, or where one of them waits to be converted by hand, they
 * stand in policies of their own. */
#include "convert/draft.h"
#include "image/pattern.h"

static const struct pattern *compile(struct arena *arena, struct str text)
{
    const struct pattern *pattern;
    struct error err;
    return failed(pattern_parse(arena, text, &pattern, &err)) ? NULL : pattern;
}

static bool is_field(const struct draft_rule *rule, const char *field)
{
    return str_eq(str_from(rule->field), str_from(field));
}

static bool is_denied(struct arena *arena, const struct draft_rule *deny, struct str text)
{
    const struct pattern *wanted = compile(arena, text);
    for (size_t i = 0; i < deny->items.n; i++) {
        const struct pattern *pattern = compile(arena, deny->items.items[i]);
        if (pattern != NULL && wanted != NULL && pattern_covers(pattern, wanted)) {
            return true;
        }
    }
    return false;
}

static bool are_disjoint(struct arena *arena, const struct draft_rule *a,
                         const struct draft_rule *b)
{
    for (size_t i = 0; i < a->items.n; i++) {
        const struct pattern *one = compile(arena, a->items.items[i]);
        for (size_t j = 0; j < b->items.n; j++) {
            const struct pattern *other = compile(arena, b->items.items[j]);
            if (one == NULL || other == NULL || !pattern_disjoint(one, other)) {
                return false;
            }
        }
    }
    return true;
}

static bool denies_all(struct arena *arena, const struct draft_rule *deny,
                       const struct draft_rule *other)
{
    if (is_field(other, "require")) {
        bool tag = texts_has(&other->items, STR("tag"));
        return is_denied(arena, deny, tag ? STR("**:*") : STR("**@*"));
    }
    for (size_t i = 0; i < other->items.n; i++) {
        if (!is_denied(arena, deny, other->items.items[i])) {
            return false;
        }
    }
    return true;
}

static bool contradict(struct arena *arena, const struct draft_rule *a, const struct draft_rule *b)
{
    bool denies = is_field(a, "deny"), other_denies = is_field(b, "deny");
    if (denies != other_denies) {
        return denies ? denies_all(arena, a, b) : denies_all(arena, b, a);
    }
    return is_field(a, "allow") && is_field(b, "allow") && are_disjoint(arena, a, b);
}

static bool fits(struct arena *arena, const struct draft *draft, const struct draft_rule *rule)
{
    for (size_t i = 0; i < draft->n_rules; i++) {
        if (contradict(arena, &draft->rules[i], rule)) {
            return false;
        }
    }
    return true;
}

void draft_split(struct object *object)
{
    size_t n = object->policies.n;
    for (size_t i = 0; i < n; i++) {
        struct draft *draft = object->policies.items[i];
        const struct draft_rule *rules = draft->rules;
        size_t n_rules = draft->n_rules;
        draft->rules = ARENA_ARRAY(object->arena, struct draft_rule, n_rules);
        draft->n_rules = 0;
        draft->room_rules = n_rules;
        for (size_t j = 0; j < n_rules; j++) {
            bool fit = fits(object->arena, draft, &rules[j]);
            struct draft *place = fit ? draft : draft_copy(object, draft);
            if (!fit) {
                place->rules = ARENA_NEW(object->arena, struct draft_rule);
                place->n_rules = place->room_rules = 0;
            }
            place->rules[place->n_rules++] = rules[j];
        }
    }
}
