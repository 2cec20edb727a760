#include "policy/selector.h"

#include <string.h>

#include "base/limits.h"

/* Longest name or value of a label, and longest prefix of a key. */
enum { LABEL_MAX = 63, PREFIX_MAX = 253 };

#define NAMESPACE_NAME_LABEL STR("kubernetes.io/metadata.name")

/* -- compiling -- */

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits, "-", "_" and "."; the first and last a letter or digit. */
static bool is_label_word(struct str word)
{
    if (word.n == 0 || word.n > LABEL_MAX || !is_alphanumeric(word.p[0]) ||
        !is_alphanumeric(word.p[word.n - 1])) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (!is_alphanumeric(word.p[i]) && strchr("-_.", word.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_label_key(struct str key)
{
    struct str prefix, name;
    if (!str_cut(key, '/', &prefix, &name)) {
        return is_label_word(key);
    }
    return prefix.n <= PREFIX_MAX && policy_is_dns_name(prefix, true) && is_label_word(name);
}

static void check_key(struct compile *compile, const struct text *key)
{
    if (key->text.n > 0 && !is_label_key(key->text)) {
        COMPILE_ERROR(compile, key,
                      "\"%.*s\" is no label key; it is a name of at most %d letters, digits, "
                      "\"-\", \"_\" and \".\", with a domain and \"/\" before it if need be",
                      STR_ARG(key->text), LABEL_MAX);
    }
}

static void check_value(struct compile *compile, const struct text *value)
{
    if (value->text.n > 0 && !is_label_word(value->text)) {
        COMPILE_ERROR(compile, value,
                      "\"%.*s\" is no label value; it is at most %d letters, digits, \"-\", \"_\" "
                      "and \".\", or empty",
                      STR_ARG(value->text), LABEL_MAX);
    }
}

static void compile_pair(struct compile *compile, const struct text_pair *pair,
                         struct policy_label *label)
{
    check_key(compile, &pair->key);
    check_value(compile, &pair->value);
    struct arena *arena = &compile->set->arena;
    label->key = arena_dup(arena, pair->key.text);
    label->operator_ = LABEL_IN;
    label->values = ARENA_NEW(arena, struct str);
    label->values[0] = arena_dup(arena, pair->value.text);
    label->n_values = 1;
}

static void compile_expression(struct compile *compile, const struct policy_label_doc *doc,
                               struct policy_label *label)
{
    static const char *const NAMES[] = {"In", "NotIn", "Exists", "DoesNotExist"};
    if (!policy_compile_room(compile, &doc->key)) {
        return;
    }
    check_key(compile, &doc->key);
    struct arena *arena = &compile->set->arena;
    label->key = arena_dup(arena, doc->key.text);
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (str_eq(doc->operator_.text, str_from(NAMES[i]))) {
            label->operator_ = i;
        }
    }
    if (doc->operator_.text.p == NULL) {
        return; /* none of the four, which has been said */
    }
    bool takes_values = label->operator_ == LABEL_IN || label->operator_ == LABEL_NOT_IN;
    if (takes_values && doc->values.n == 0) {
        COMPILE_ERROR(compile, &doc->operator_, "%s needs values", NAMES[label->operator_]);
    }
    if (!takes_values && doc->values.n > 0) {
        COMPILE_ERROR(compile, &doc->operator_, "%s takes no values", NAMES[label->operator_]);
    }
    label->n_values = doc->values.n;
    label->values = ARENA_ARRAY(arena, struct str, doc->values.n);
    for (size_t i = 0; i < doc->values.n; i++) {
        check_value(compile, &doc->values.items[i]);
        label->values[i] = arena_dup(arena, doc->values.items[i].text);
    }
}

const struct policy_selector *policy_selector_compile(struct compile *compile,
                                                      const struct policy_selector_doc *doc)
{
    size_t n = doc->match_labels.n + doc->match_expressions.n;
    if (n == 0) {
        return NULL;
    }
    struct policy_selector *selector = ARENA_NEW(&compile->set->arena, struct policy_selector);
    selector->labels = ARENA_ARRAY(&compile->set->arena, struct policy_label, n);
    for (size_t i = 0; i < doc->match_labels.n; i++) {
        compile_pair(compile, &doc->match_labels.items[i], &selector->labels[selector->n++]);
    }
    const struct policy_label_doc *expressions = doc->match_expressions.items;
    for (size_t i = 0; i < doc->match_expressions.n; i++) {
        compile_expression(compile, &expressions[i], &selector->labels[selector->n++]);
    }
    return selector;
}

/* -- matching -- */

static bool among(const struct policy_label *label, struct str value)
{
    for (size_t i = 0; i < label->n_values; i++) {
        if (str_eq(label->values[i], value)) {
            return true;
        }
    }
    return false;
}

static enum policy_answer answer(bool yes)
{
    return yes ? POLICY_YES : POLICY_NO;
}

/* `present` false: the object has no such label, which NotIn and DoesNotExist ask for. */
static enum policy_answer judge(const struct policy_label *label, bool present, struct str value)
{
    switch (label->operator_) {
    case LABEL_IN:
        return answer(present && among(label, value));
    case LABEL_NOT_IN:
        return answer(!present || !among(label, value));
    case LABEL_EXISTS:
        return answer(present);
    case LABEL_DOES_NOT_EXIST:
        return answer(!present);
    }
    return POLICY_MAYBE;
}

static enum policy_answer judge_labels(const struct policy_label *label, yyjson_val *labels)
{
    if (labels == NULL || yyjson_is_null(labels)) {
        return judge(label, false, STR_EMPTY);
    }
    yyjson_val *value = yyjson_obj_getn(labels, label->key.p, label->key.n);
    if (!yyjson_is_obj(labels) || (value != NULL && !yyjson_is_str(value))) {
        return POLICY_MAYBE; /* no labels that anyone could read */
    }
    return judge(label, value != NULL, json_str(value));
}

enum policy_answer policy_selector_match(const struct policy_selector *selector, yyjson_val *labels)
{
    return policy_selector_match_namespace(selector, true, labels, STR_EMPTY);
}

enum policy_answer policy_selector_match_namespace(const struct policy_selector *selector,
                                                   bool known, yyjson_val *labels, struct str name)
{
    enum policy_answer all = POLICY_YES;
    for (size_t i = 0; i < selector->n; i++) {
        const struct policy_label *label = &selector->labels[i];
        enum policy_answer one = POLICY_MAYBE;
        if (name.n > 0 && str_eq(label->key, NAMESPACE_NAME_LABEL)) {
            one = judge(label, true, name);
        } else if (known) {
            one = judge_labels(label, labels);
        }
        all = one < all ? one : all;
    }
    return all;
}
