#include "policy/rule.h"

const struct rule_kind *const rule_kinds[] = {&rule_allow,   &rule_deny,  &rule_tag,
                                              &rule_require, &rule_image, NULL};

/* Where a rule stands in the document. */
struct rule_place {
    yyjson_val *value; /* what is written there; perhaps no object */
    struct mark mark;
    struct str path; /* "spec.rules[1]" */
};

static struct rule_place place_of(const struct compile *compile, size_t number)
{
    yyjson_val *rules = json_get(json_get(compile->doc->root, "spec"), "rules");
    yyjson_val *value = yyjson_arr_get(rules, number);
    return (struct rule_place){
        .value = value,
        .mark = json_mark(compile->doc, value),
        .path = arena_printf(compile->list->arena, "spec.rules[%zu]", number),
    };
}

/* True if the rule has a member that could be meant for its kind, which decoding has refused. */
static bool has_other_member(yyjson_val *rule)
{
    size_t i, max;
    yyjson_val *key, *value;
    yyjson_obj_foreach(rule, i, max, key, value)
    {
        if (!str_eq(json_str(key), STR("name")) && !str_eq(json_str(key), STR("message")) &&
            !str_eq(json_str(key), STR("onError"))) {
            return true;
        }
    }
    return false;
}

/* Find the one kind that the rule is of; NULL, with an error reported, if there is not one. */
static const struct rule_kind *find_kind(struct compile *compile, const struct policy_rule_doc *doc,
                                         const struct rule_place *place)
{
    const struct rule_kind *found = NULL;
    for (const struct rule_kind *const *kind = rule_kinds; *kind != NULL; kind++) {
        struct mark mark = {0};
        if (!(*kind)->given(doc, &mark)) {
            continue;
        }
        if (found != NULL) {
            mark = mark.line > 0 ? mark : place->mark; /* "tag: {}" has no text with a place */
            diagnostics_add(compile->list, DIAGNOSTIC_ERROR, mark, place->path, STR_EMPTY,
                            "a rule is of one kind, and this one has both %s and %s; make two "
                            "rules of it",
                            found->field, (*kind)->field);
            return NULL;
        }
        found = *kind;
    }
    if (found == NULL && yyjson_is_obj(place->value) && !has_other_member(place->value)) {
        diagnostics_add(compile->list, DIAGNOSTIC_ERROR, place->mark, place->path, STR_EMPTY,
                        "the rule demands nothing; give it allow, deny, tag, require or image");
    }
    return found;
}

/* The platform team's words, on one line. */
static struct str one_line(struct arena *arena, struct str text)
{
    text = str_trim(text);
    char *line = arena_alloc(arena, text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        bool control = (unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f;
        line[i] = control ? ' ' : text.p[i];
    }
    return (struct str){line, text.n};
}

static void compile_on_error(struct compile *compile, const struct text *on_error,
                             struct rule *rule)
{
    rule->warns_on_error = str_eq(on_error->text, STR("warn"));
    if (on_error->text.p != NULL && rule->kind != NULL && rule->kind->wants == 0) {
        COMPILE_ERROR(compile, on_error,
                      "a rule of kind %s looks at the reference alone, for which nobody is asked; "
                      "onError is for rules that look at the image",
                      rule->kind->field);
    }
}

void policy_compile_rule(struct compile *compile, const struct policy_rule_doc *doc, size_t number,
                         struct rule *rule)
{
    struct arena *arena = &compile->set->arena;
    struct rule_place place = place_of(compile, number);
    rule->name = arena_dup(arena, doc->name.text);
    rule->help = one_line(arena, doc->message.text);
    rule->mark = place.mark;
    compile->rule = place.value;
    if (doc->name.text.n > 0 && !policy_is_dns_name(doc->name.text, false)) {
        COMPILE_ERROR(compile, &doc->name,
                      "\"%.*s\" is no name of a rule, which consists of lower-case letters, digits "
                      "and inner \"-\"",
                      STR_ARG(doc->name.text));
    }
    rule->kind = find_kind(compile, doc, &place);
    compile_on_error(compile, &doc->on_error, rule);
    if (rule->kind != NULL) {
        rule->kind->compile(compile, doc, place.path, rule);
    }
}
