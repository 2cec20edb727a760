/* Kyverno: a pattern for the text of one image. */
#include "convert/kyverno.h"

#define UNKNOWN "a demand on images of a form that is not known"

/* True if a part is filled in when the rule is judged. */
static bool has_variable(struct str text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        if ((text.p[i] == '{' && text.p[i + 1] == '{') ||
            (text.p[i] == '$' && text.p[i + 1] == '(')) {
            return true;
        }
    }
    return false;
}

/* -- one text: alternatives by "|", of terms by "&" -- */

struct term {
    bool negative, hopeless; /* hopeless: no text satisfies it */
    struct str glob;
};

static struct term read_term(struct str text)
{
    struct term term = {.glob = str_trim(text)};
    term.negative = str_starts(term.glob, STR("!"));
    if (term.negative) {
        term.glob = str_trim(str_sub(term.glob, 1, term.glob.n));
    }
    term.hopeless = str_starts(term.glob, STR(">")) || str_starts(term.glob, STR("<")) ||
                    (term.negative && term.glob.n == 0);
    return term;
}

static struct glob written(struct object *object, struct str text)
{
    return glob_of_stars(object->arena, text, GLOB_TEXT_WRITTEN);
}

void kyverno_demand(struct object *object, struct str name, yyjson_val *at, struct str glob,
                    struct kyverno_rules *rules)
{
    if (str_eq(glob, STR("*"))) {
        return;
    }
    if (str_eq(glob, STR("*:*"))) {
        rules->tag_rule = name;
        rules->tag_at = at;
    } else if (str_eq(glob, STR("*@*"))) {
        (void)draft_rule_item(object, &rules->policy, "require", name, "digest");
    } else {
        struct draft_globs globs = {0};
        draft_globs_add(object, &globs, written(object, glob), at);
        draft_allow(object, &rules->policy, name, &globs);
    }
}

/* One alternative: each of its terms is a rule. */
static void demand_terms(struct object *object, struct str name, yyjson_val *at, struct str text,
                         struct kyverno_rules *rules)
{
    struct str one, rest = text;
    for (bool more = true; more;) {
        more = str_cut(rest, '&', &one, &rest);
        struct term term = read_term(one);
        struct draft_globs globs = {0};
        if (term.hopeless) {
            draft_by_hand(object, &rules->policy, name, at, UNKNOWN);
        } else if (term.negative) {
            draft_globs_add(object, &globs, written(object, term.glob), at);
            draft_deny(object, &rules->policy, name, &globs);
        } else {
            kyverno_demand(object, name, at, term.glob, rules);
        }
    }
}

/* Several alternatives: those of one glob are a list; others admit less if they are left out. */
static void demand_alternatives(struct object *object, struct str name, yyjson_val *at,
                                struct kyverno_rules *rules)
{
    struct str one, rest = json_str(at);
    struct draft_globs globs = {0};
    for (bool more = true; more;) {
        more = str_cut(rest, '|', &one, &rest);
        struct term term = read_term(one);
        if (term.hopeless) {
            continue;
        }
        if (term.negative || str_find(one, '&') < one.n) {
            object_note(object, at, CONVERT_STRICTER, "the alternative \"%.*s\" was left out",
                        STR_ARG(str_trim(one)));
            continue;
        }
        if (str_eq(term.glob, STR("*"))) {
            return;
        }
        draft_globs_add(object, &globs, written(object, term.glob), at);
    }
    draft_allow(object, &rules->policy, name, &globs);
}

void kyverno_image_text(struct object *object, struct str name, yyjson_val *value,
                        struct kyverno_rules *rules)
{
    struct str text = json_str(value);
    if (!yyjson_is_str(value) || has_variable(text)) {
        draft_by_hand(object, &rules->policy, name, value, UNKNOWN);
    } else if (str_find(text, '|') < text.n) {
        demand_alternatives(object, name, value, rules);
    } else {
        demand_terms(object, name, value, text, rules);
    }
}

void kyverno_finish_rules(struct object *object, struct kyverno_rules *rules)
{
    if (rules->tag_at == NULL) {
        return;
    }
    for (size_t i = 0; i < rules->policy.n_rules; i++) {
        const struct draft_rule *rule = &rules->policy.rules[i];
        if (str_eq(str_from(rule->field), STR("deny")) &&
            texts_has(&rule->items, STR("**:latest"))) {
            object_comment(object, "No tag is the tag latest: %.*s is a part of %.*s.",
                           STR_ARG(rules->tag_rule), STR_ARG(rule->name));
            return;
        }
    }
    (void)draft_rule_item(object, &rules->policy, "require", rules->tag_rule, "tag");
    object_note(object, rules->tag_at, CONVERT_STRICTER,
                "a tag must be written; a port or a digest does not count as one");
}
