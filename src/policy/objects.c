#include "base/limits.h"
#include "policy/crd.h"
#include "policy/loading.h"
#include "policy/rule.h"

enum { PROBLEM_MAX = LIMIT_MESSAGE / 2 };

/* Objects while they are loaded, in their order. */
struct walk {
    struct load *load;
    size_t n_files; /* policies of files, which come first */
    struct str namespace;
    size_t in_namespace, bytes_in_namespace;
};

static bool is_of_namespace(const struct policy_object *object)
{
    return str_eq(object->kind, str_from(policy_namespace_fields.name));
}

static bool is_exception(const struct policy_object *object)
{
    return str_eq(object->kind, str_from(policy_exception_fields.name));
}

static struct str source_of(struct arena *arena, const struct policy_object *object)
{
    return arena_printf(arena, "%.*s %.*s%s%.*s", STR_ARG(object->kind), STR_ARG(object->namespace),
                        object->namespace.n > 0 ? "/" : "", STR_ARG(object->name));
}

/* -- what is wrong with one -- */

/* Add an error about the object as a whole. */
static void complain(struct diagnostics *list, const char *message)
{
    diagnostics_add(list, DIAGNOSTIC_ERROR, (struct mark){0}, STR_EMPTY, STR_EMPTY, "%s", message);
}

/* Policies of files may be for one namespace too. Names of cluster policies are checked with the
 * whole set. */
static bool is_in_a_file(const struct walk *walk, const struct policy_object *object)
{
    const struct policy_set *set = walk->load->set;
    for (size_t i = 0; is_of_namespace(object) && i < walk->n_files; i++) {
        const struct policy *policy = set->policies[i];
        if (str_eq(policy->namespace, object->namespace) && str_eq(policy->name, object->name)) {
            return true;
        }
    }
    return false;
}

static bool is_beyond(struct walk *walk, const struct policy_object *object)
{
    if (!is_of_namespace(object)) {
        return false;
    }
    if (!str_eq(walk->namespace, object->namespace)) {
        walk->namespace = object->namespace;
        walk->in_namespace = walk->bytes_in_namespace = 0;
    }
    walk->in_namespace++;
    walk->bytes_in_namespace += object->text.n;
    return walk->in_namespace > LIMIT_NAMESPACE_POLICIES ||
           walk->bytes_in_namespace > LIMIT_NAMESPACE_POLICY_BYTES;
}

static void compile(struct load *load, const struct policy_object *object, struct str source,
                    struct diagnostics *list)
{
    struct error err;
    json_doc_auto doc = {0};
    if (failed(json_parse(object->text, JSON_WITHOUT_MARKS, &doc, &err))) {
        diagnostics_add_error(list, &err);
    } else if (!policy_object_is_too_large(&doc, list)) {
        struct compile it = {.set = load->set, .list = list, .doc = &doc, .file = source};
        policy_compile(&it);
    }
}

static void check(struct walk *walk, const struct policy_object *object, struct str source,
                  struct diagnostics *list)
{
    if (is_beyond(walk, object)) {
        diagnostics_add(list, DIAGNOSTIC_ERROR, (struct mark){0}, STR_EMPTY, STR_EMPTY,
                        "a namespace has at most %u of this kind, with %u bytes together; this "
                        "one is beyond",
                        LIMIT_NAMESPACE_POLICIES, LIMIT_NAMESPACE_POLICY_BYTES);
    } else if (is_in_a_file(walk, object)) {
        complain(list, "a policy of a file has this name and namespace");
    } else {
        compile(walk->load, object, source, list);
    }
}

/* -- what follows -- */

/* All errors, as one line. */
static struct str phrase_problem(const struct diagnostics *list, struct arena *arena)
{
    buf_auto text;
    buf_init(&text, PROBLEM_MAX);
    size_t told = 0;
    for (size_t i = 0; i < list->n && !buf_overflowed(&text); i++) {
        if (list->items[i].level == DIAGNOSTIC_ERROR) {
            buf_add_cstr(&text, told++ > 0 ? "; " : "");
            diagnostic_phrase(&list->items[i], true, &text);
        }
    }
    return told > 0 ? arena_dup(arena, buf_str(&text))
                    : arena_printf(arena, "it has %zu errors", list->errors);
}

static struct finding judge_broken(const struct rule *rule, const struct reference *reference,
                                   struct rule_judging *judging)
{
    (void)rule, (void)reference, (void)judging;
    return (struct finding){.kind = FINDING_INVALID,
                            .reason = STR("this policy is broken, so nothing is admitted in its "
                                          "namespace"),
                            .remedy = STR("have it mended or deleted")};
}

/* The rule of a policy that cannot be read: nothing satisfies it. Not a kind that can be written.
 */
static const struct rule_kind rule_broken = {.field = "broken", .judge = judge_broken};

/* Deny everything in the namespace of a policy that cannot be read. */
static void add_refusal(struct policy_set *set, const struct policy_object *object,
                        struct str source)
{
    struct arena *arena = &set->arena;
    struct rule *rule = ARENA_NEW(arena, struct rule);
    rule->name = STR("broken");
    rule->kind = &rule_broken;
    rule->help = arena_dup(arena, object->problem);
    struct str *namespace = ARENA_NEW(arena, struct str);
    *namespace = arena_dup(arena, object->namespace);
    struct policy *policy = ARENA_NEW(arena, struct policy);
    policy->name = arena_dup(arena, object->name);
    policy->namespace = *namespace;
    policy->file = source;
    policy->object = policy->broken = true;
    policy->match.namespaces = (struct glob_list){.include = namespace, .n_include = 1};
    policy->rules = rule;
    policy->n_rules = 1;
    policy_set_add_policy(set, policy);
}

static const char *consequence(const struct policy_object *object)
{
    return is_exception(object) ? "the exception is broken, so it excuses nothing"
           : is_of_namespace(object)
               ? "the policy is broken, so nothing is admitted in its namespace"
               : "the policy is broken, so no change of policies is taken over";
}

/* Tell the caller; what concerns one author alone fails no load. */
static void report(struct load *load, const struct policy_object *object,
                   const struct diagnostics *from)
{
    bool alone = is_of_namespace(object) || is_exception(object);
    size_t errors = load->list->errors;
    for (size_t i = 0; i < from->n; i++) {
        const struct diagnostic *one = &from->items[i];
        enum diagnostic_level level = alone ? DIAGNOSTIC_WARNING : one->level;
        diagnostics_add(load->list, level, one->mark, one->path, one->suggestion, "%.*s",
                        STR_ARG(one->message));
    }
    /* An error that has not been carried over was beyond what a list keeps. */
    if (!object->sound && (alone || load->list->errors == errors)) {
        diagnostics_add(load->list, alone ? DIAGNOSTIC_WARNING : DIAGNOSTIC_ERROR, (struct mark){0},
                        STR_EMPTY, STR_EMPTY, "%s", consequence(object));
    }
}

/* What was added since the set had so many is of a cluster. */
static void mark_objects(struct policy_set *set, size_t policies, size_t exceptions)
{
    for (size_t i = policies; i < set->n_policies; i++) {
        set->policies[i]->object = true;
    }
    for (size_t i = exceptions; i < set->n_exceptions; i++) {
        set->exceptions[i]->object = true;
    }
}

/* Keep of the set what it had before. */
static void take_back(struct policy_set *set, size_t policies, size_t exceptions)
{
    set->n_policies = policies;
    set->n_exceptions = exceptions;
}

static void load_object(struct walk *walk, struct policy_object *object)
{
    struct load *load = walk->load;
    struct policy_set *set = load->set;
    size_t policies = set->n_policies, exceptions = set->n_exceptions;
    struct str source = source_of(&set->arena, object);
    struct diagnostics list;
    diagnostics_init(&list, &load->document);
    load->list->file = list.file = source;
    check(walk, object, source, &list);
    object->sound = list.errors == 0 && set->n_policies + set->n_exceptions > policies + exceptions;
    object->problem = object->sound ? STR_EMPTY : phrase_problem(&list, load->list->arena);
    object->rules = set->n_policies > policies ? set->policies[policies]->n_rules : 0;
    object->until = set->n_exceptions > exceptions ? set->exceptions[exceptions]->until : 0;
    if (!object->sound) {
        take_back(set, policies, exceptions);
        if (is_of_namespace(object)) {
            add_refusal(set, object, source);
        }
    }
    mark_objects(set, policies, exceptions);
    report(load, object, &list);
    arena_reset(&load->document);
}

status load_objects(struct load *load, struct policy_object *objects, size_t n, struct error *err)
{
    struct walk walk = {.load = load, .n_files = load->set->n_policies};
    for (size_t i = 0; i < n; i++) {
        TRY(load_count(load, objects[i].text, err));
        TRY(load_room(load, err));
        load_object(&walk, &objects[i]);
    }
    return OK;
}
