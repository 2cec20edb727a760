#include "convert/draft.h"

#include "image/pattern.h"

#define BY_HAND "This has to be converted by hand: "

void draft_globs_add(struct object *object, struct draft_globs *globs, struct glob glob,
                     const yyjson_val *at)
{
    LIST_ADD(object->arena, globs, ((struct draft_glob){object, glob, at}));
}

static bool has_rule(const struct draft *policy, struct str name)
{
    for (size_t i = 0; i < policy->n_rules; i++) {
        if (str_eq(policy->rules[i].name, name)) {
            return true;
        }
    }
    return false;
}

struct draft_rule *draft_rule_add(struct object *object, struct draft *policy, const char *field,
                                  struct str name)
{
    struct str clean = draft_name(object->arena, name, false, 56, "rule"), unique = clean;
    for (unsigned i = 2; has_rule(policy, unique); i++) {
        unique = arena_printf(object->arena, "%.*s-%u", STR_ARG(clean), i);
    }
    policy->rules = arena_grow(object->arena, policy->rules, policy->n_rules, &policy->room_rules,
                               sizeof *policy->rules);
    struct draft_rule *rule = &policy->rules[policy->n_rules++];
    *rule = (struct draft_rule){.field = field, .name = unique, .message = STR_EMPTY};
    return rule;
}

struct draft_rule *draft_rule_item(struct object *object, struct draft *policy, const char *field,
                                   struct str name, const char *item)
{
    struct draft_rule *rule = draft_rule_add(object, policy, field, name);
    texts_add(object->arena, &rule->items, str_from(item));
    return rule;
}

/* -- notes on globs -- */

static void note_within(struct object *object, const yyjson_val *at,
                        const struct glob_patterns *patterns)
{
    if (patterns->quality == GLOB_SPELLING) {
        object_note(object, at, CONVERT_SAME, "%s", patterns->why);
    } else if (patterns->quality == GLOB_INEXACT) {
        object_note(object, at, CONVERT_STRICTER, "%s; %s", patterns->why,
                    patterns->n == 0 ? "nothing was written for it, which admits less"
                                     : "what was written admits less");
    }
}

static void note_around(struct object *object, const yyjson_val *at,
                        const struct glob_patterns *patterns)
{
    if (patterns->quality != GLOB_EXACT) {
        object_note(object, at, CONVERT_STRICTER, "%s; what was written means more images",
                    patterns->why);
    }
}

static struct glob_patterns within(struct object *object, const struct draft_globs *globs)
{
    struct glob_patterns all = {0};
    for (size_t i = 0; i < globs->n; i++) {
        struct glob_patterns one = {0};
        glob_within(object->arena, &globs->items[i].glob, &one);
        note_within(globs->items[i].object, globs->items[i].at, &one);
        for (size_t j = 0; j < one.n; j++) {
            (void)glob_add(object->arena, &all, one.items[j].pattern, one.items[j].except);
        }
    }
    return all;
}

static struct glob_patterns around(struct object *object, const struct draft_globs *globs)
{
    struct glob_patterns all = {0};
    for (size_t i = 0; i < globs->n; i++) {
        struct glob_patterns one = {0};
        glob_around(object->arena, &globs->items[i].glob, &one);
        note_around(globs->items[i].object, globs->items[i].at, &one);
        for (size_t j = 0; j < one.n; j++) {
            (void)glob_add(object->arena, &all, one.items[j].pattern, STR_EMPTY);
        }
    }
    return all;
}

static bool covers(struct arena *arena, struct str wide, struct str narrow)
{
    const struct pattern *a, *b;
    struct error err;
    return !failed(pattern_parse(arena, wide, &a, &err)) &&
           !failed(pattern_parse(arena, narrow, &b, &err)) && pattern_covers(a, b);
}

/* True if another entry of the list, which makes no such exception, means the exception. */
static bool is_meant_elsewhere(struct object *object, const struct glob_patterns *patterns,
                               size_t at)
{
    for (size_t i = 0; i < patterns->n; i++) {
        const struct glob_item *other = &patterns->items[i];
        if (i != at && other->except.n == 0 &&
            covers(object->arena, other->pattern, patterns->items[at].except)) {
            return true;
        }
    }
    return false;
}

/* -- rules -- */

void draft_allow(struct object *object, struct draft *policy, struct str name,
                 const struct draft_globs *globs)
{
    struct glob_patterns patterns = within(object, globs);
    if (patterns.n == 0) {
        struct draft_rule *none = draft_rule_item(object, policy, "deny", name, "**");
        none->message = STR("Nothing is on the list of what is allowed.");
        return;
    }
    struct draft_rule *allow = draft_rule_add(object, policy, "allow", name);
    struct texts excepts = {0};
    for (size_t i = 0; i < patterns.n; i++) {
        texts_add(object->arena, &allow->items, patterns.items[i].pattern);
        if (patterns.items[i].except.n > 0 && !is_meant_elsewhere(object, &patterns, i)) {
            texts_add(object->arena, &excepts, patterns.items[i].except);
        }
    }
    if (excepts.n > 0) {
        struct str digests = arena_printf(object->arena, "%.*s-no-digest", STR_ARG(allow->name));
        struct draft_rule *deny = draft_rule_add(object, policy, "deny", digests);
        deny->items = excepts;
        deny->message = STR("The tag is allowed, but beside a digest the tag does not count.");
    }
}

void draft_deny(struct object *object, struct draft *policy, struct str name,
                const struct draft_globs *globs)
{
    struct glob_patterns patterns = around(object, globs);
    if (patterns.n == 0) {
        return;
    }
    struct draft_rule *rule = draft_rule_add(object, policy, "deny", name);
    for (size_t i = 0; i < patterns.n; i++) {
        texts_add(object->arena, &rule->items, patterns.items[i].pattern);
    }
}

void draft_by_hand(struct object *object, struct draft *policy, struct str name,
                   const yyjson_val *at, const char *what)
{
    struct draft_rule *rule = draft_rule_item(object, policy, "deny", name, "**");
    rule->message = arena_printf(object->arena, BY_HAND "%s", what);
    object_note(
        object, at, CONVERT_NOT_CONVERTED,
        "%s; the rule %.*s denies every image that it is about until it is converted by hand", what,
        STR_ARG(rule->name));
}

/* -- what a policy applies to -- */

bool draft_include(struct object *object, struct draft *policy, const struct draft_globs *globs)
{
    struct glob_patterns patterns = around(object, globs);
    for (size_t i = 0; i < patterns.n; i++) {
        texts_add(object->arena, &policy->images, patterns.items[i].pattern);
    }
    return patterns.n > 0;
}

bool draft_cover(struct object *object, struct draft *policy, const struct draft_globs *globs)
{
    struct glob_patterns patterns = within(object, globs);
    for (size_t i = 0; i < patterns.n; i++) {
        texts_add(object->arena, &policy->images, patterns.items[i].pattern);
    }
    for (size_t i = 0; i < patterns.n; i++) {
        if (patterns.items[i].except.n > 0 && !is_meant_elsewhere(object, &patterns, i)) {
            texts_add(object->arena, &policy->images,
                      arena_printf(object->arena, "!%.*s", STR_ARG(patterns.items[i].except)));
        }
    }
    return patterns.n > 0;
}

/* True if the list would be left without what it includes, which is an error in our language. */
static bool leaves_nothing(struct object *object, const struct draft *policy, struct str pattern)
{
    for (size_t i = 0; i < policy->images.n; i++) {
        struct str item = policy->images.items[i];
        if (item.p[0] != '!' && !covers(object->arena, pattern, item)) {
            return false;
        }
    }
    return true;
}

/* Included images that are excluded altogether are taken off the list. */
static void drop_excluded(struct object *object, struct draft *policy, struct str pattern)
{
    size_t kept = 0;
    for (size_t i = 0; i < policy->images.n; i++) {
        struct str item = policy->images.items[i];
        if (item.p[0] == '!' || !covers(object->arena, pattern, item)) {
            policy->images.items[kept++] = item;
        }
    }
    policy->images.n = kept;
}

void draft_exclude(struct object *object, struct draft *policy, const struct draft_globs *globs,
                   bool no_digests)
{
    struct glob_patterns patterns = within(object, globs);
    if (policy->images.n == 0) {
        texts_add(object->arena, &policy->images, STR("**"));
    }
    for (size_t i = 0; i < patterns.n; i++) {
        const struct glob_item *item = &patterns.items[i];
        if (item->except.n > 0 && !no_digests && !is_meant_elsewhere(object, &patterns, i)) {
            object_note(
                object, NULL, CONVERT_STRICTER,
                "%.*s cannot be left out without what has a digest beside the tag; it is judged",
                STR_ARG(item->pattern));
        } else if (leaves_nothing(object, policy, item->pattern)) {
            object_note(object, NULL, CONVERT_STRICTER,
                        "to leave out %.*s would leave no image; it is judged",
                        STR_ARG(item->pattern));
        } else {
            drop_excluded(object, policy, item->pattern);
            texts_add(object->arena, &policy->images,
                      arena_printf(object->arena, "!%.*s", STR_ARG(item->pattern)));
        }
    }
}
