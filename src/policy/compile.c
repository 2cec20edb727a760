#include "policy/compile.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "policy/check.h"
#include "policy/rule.h"
#include "policy/selector.h"

/* -- names -- */

static void compile_name(struct compile *compile, const struct text *name, struct str *ret_name,
                         struct mark *ret_mark)
{
    *ret_name = arena_dup(&compile->set->arena, name->text);
    *ret_mark = name->mark.line > 0 ? name->mark : compile->doc->start; /* without a name */
    if (name->text.n > 0 && !policy_is_dns_name(name->text, true)) {
        COMPILE_ERROR(compile, name,
                      "\"%.*s\" is no name of a Kubernetes object, which consists of lower-case "
                      "letters, digits, \".\" and inner \"-\"",
                      STR_ARG(name->text));
    }
}

static void refuse_namespace(struct compile *compile, const struct policy_metadata_doc *metadata,
                             const char *kind)
{
    if (metadata->namespace.text.p != NULL) {
        COMPILE_ERROR(compile, &metadata->namespace,
                      "a document of kind %s belongs to the whole cluster and has no namespace; "
                      "the namespaces it is for are listed in spec",
                      kind);
    }
}

/* -- match -- */

static unsigned compile_operations(const struct texts *texts)
{
    unsigned operations = 0;
    for (size_t i = 0; i < texts->n; i++) {
        bool create = str_eq(texts->items[i].text, STR("CREATE"));
        operations |= 1u << (create ? REVIEW_CREATE : REVIEW_UPDATE);
    }
    return operations;
}

static void compile_match(struct compile *compile, const struct policy_match_doc *doc,
                          struct policy_match *match)
{
    match->namespaces = policy_compile_glob_list(compile, &doc->namespaces, NAMES_OF_NAMESPACES);
    match->kinds = policy_compile_glob_list(compile, &doc->kinds, NAMES_OF_KINDS);
    match->users = policy_compile_glob_list(compile, &doc->users, NAMES_OF_USERS);
    match->operations = compile_operations(&doc->operations);
    match->namespace_selector = policy_selector_compile(compile, &doc->namespace_selector);
    match->object_selector = policy_selector_compile(compile, &doc->object_selector);
}

/* An ImagePolicy applies to its own namespace alone, and it never loosens. */
static void compile_namespace(struct compile *compile, const struct policy_doc *doc,
                              struct policy *policy)
{
    const struct text *namespace = &doc->metadata.namespace;
    policy->namespace = arena_dup(&compile->set->arena, namespace->text);
    if (namespace->text.n > 0 && !policy_is_dns_name(namespace->text, false)) {
        COMPILE_ERROR(compile, namespace, "\"%.*s\" is no name of a namespace",
                      STR_ARG(namespace->text));
    }
    if (doc->spec.match.namespaces.set) {
        diagnostics_add(compile->list, DIAGNOSTIC_ERROR, doc->spec.match.namespaces.mark,
                        STR("spec.match.namespaces"), STR_EMPTY,
                        "an ImagePolicy applies to its own namespace alone; remove this, or make "
                        "it a ClusterImagePolicy");
    }
    if (doc->spec.accept.set) {
        diagnostics_add(compile->list, DIAGNOSTIC_ERROR, doc->spec.accept.mark, STR("spec.accept"),
                        STR_EMPTY,
                        "an ImagePolicy can only tighten; a ClusterImagePolicy may accept this");
    }
    struct str *own = ARENA_NEW(&compile->set->arena, struct str);
    *own = policy->namespace;
    policy->match.namespaces = (struct glob_list){.include = own, .n_include = 1};
}

/* -- what a policy demands -- */

static enum policy_mode compile_mode(struct str text)
{
    if (str_eq(text, STR("warn"))) {
        return POLICY_WARN;
    }
    return str_eq(text, STR("audit")) ? POLICY_AUDIT : POLICY_ENFORCE;
}

static unsigned compile_accept(const struct texts *texts)
{
    unsigned accept = 0;
    for (size_t i = 0; i < texts->n; i++) {
        struct str text = texts->items[i].text;
        accept |= str_eq(text, STR("shortName")) ? REFERENCE_SHORT_NAME : 0u;
        accept |= str_eq(text, STR("upperCaseHost")) ? REFERENCE_UPPER_CASE_HOST : 0u;
        accept |= str_eq(text, STR("imageID")) ? REFERENCE_IMAGE_ID : 0u;
    }
    return accept;
}

static void compile_rules(struct compile *compile, const struct field_list *docs,
                          struct policy *policy)
{
    const struct policy_rule_doc *items = docs->items;
    policy->rules = ARENA_ARRAY(&compile->set->arena, struct rule, docs->n);
    policy->n_rules = docs->n;
    for (size_t i = 0; i < docs->n; i++) {
        policy_compile_rule(compile, &items[i], i, &policy->rules[i]);
    }
}

/* One side of a rewrite as a pattern. What is wrong with it, rewrite_parse has said. */
static const struct pattern *compile_side(struct compile *compile, struct str text)
{
    const struct pattern *pattern = NULL;
    struct error err;
    return failed(pattern_parse(&compile->set->arena, text, &pattern, &err)) ? NULL : pattern;
}

static void compile_rewrites(struct compile *compile, const struct field_list *docs,
                             struct policy *policy)
{
    const struct policy_rewrite_doc *items = docs->items;
    policy->rewrites = ARENA_ARRAY(&compile->set->arena, struct policy_rewrite, docs->n);
    policy->n_rewrites = docs->n;
    for (size_t i = 0; i < docs->n; i++) {
        struct policy_rewrite *rewrite = &policy->rewrites[i];
        struct str from = items[i].from.text;
        struct str to = items[i].to.text;
        struct error err;
        if (from.n == 0 || to.n == 0 || !policy_compile_room(compile, &items[i].from)) {
            continue; /* it is missing, or there is no room, which has been said */
        }
        if (failed(rewrite_parse(&compile->set->arena, from, to, &rewrite->rewrite, &err))) {
            COMPILE_ERROR(compile, &items[i].from, "%s", err.text);
        }
        rewrite->from = compile_side(compile, from);
        rewrite->to = compile_side(compile, to);
        rewrite->mark = items[i].from.mark;
    }
}

/* Whether the policy asks registries for anything. */
static bool asks(const struct policy *policy)
{
    bool asks = policy->resolve_digest;
    for (size_t i = 0; i < policy->n_rules; i++) {
        asks = asks || (policy->rules[i].kind != NULL && policy->rules[i].kind->wants != 0);
    }
    return asks;
}

static void compile_stale(struct compile *compile, const struct text *stale, struct policy *policy)
{
    struct error err;
    if (stale->text.n == 0) {
        return; /* not given; empty: the table has said so */
    }
    if (failed(clock_parse_duration(stale->text, &policy->stale_for, &err))) {
        COMPILE_ERROR(compile, stale, "%s", err.text);
    } else if (policy->stale_for == 0) {
        COMPILE_ERROR(compile, stale, "no digest is so young; write a time such as \"12h\"");
    } else if (policy->stale_for > LIMIT_STALE_SECONDS * NS_PER_S) {
        COMPILE_ERROR(compile, stale, "digests are kept for %d days at most",
                      LIMIT_STALE_SECONDS / 86400);
    }
    if (!asks(policy)) {
        COMPILE_ERROR(compile, stale,
                      "no registry is asked by this policy; staleWhileUnreachable is for those "
                      "with mutate.resolveDigest or a rule that looks at the image");
    }
}

static void compile_policy(struct compile *compile, const struct policy_doc *doc, bool cluster)
{
    struct policy *policy = ARENA_NEW(&compile->set->arena, struct policy);
    policy->file = compile->file;
    compile_name(compile, &doc->metadata.name, &policy->name, &policy->mark);
    compile_match(compile, &doc->spec.match, &policy->match);
    if (cluster) {
        refuse_namespace(compile, &doc->metadata, policy_cluster_fields.name);
    } else {
        compile_namespace(compile, doc, policy);
    }
    policy->mode = compile_mode(doc->spec.mode.text);
    policy->images = policy_compile_pattern_list(compile, &doc->spec.images);
    policy->accept = compile_accept(&doc->spec.accept);
    compile_rules(compile, &doc->spec.rules, policy);
    compile_rewrites(compile, &doc->spec.mutate.rewrite, policy);
    policy->resolve_digest = doc->spec.mutate.resolve_digest;
    compile_stale(compile, &doc->spec.stale_while_unreachable, policy);
    policy_check(compile, doc, policy);
    policy_set_add_policy(compile->set, policy);
}

/* -- exceptions -- */

/* A copy that outlives the document. */
static struct texts keep_texts(struct arena *arena, const struct texts *texts)
{
    struct texts kept = *texts;
    kept.items = ARENA_ARRAY(arena, struct text, texts->n);
    for (size_t i = 0; i < texts->n; i++) {
        kept.items[i] = (struct text){.text = arena_dup(arena, texts->items[i].text),
                                      .mark = texts->items[i].mark,
                                      .path = arena_dup(arena, texts->items[i].path)};
    }
    return kept;
}

static void compile_exception(struct compile *compile, const struct policy_exception_doc *doc)
{
    struct arena *arena = &compile->set->arena;
    const struct policy_exception_spec_doc *spec = &doc->spec;
    struct exception *exception = ARENA_NEW(arena, struct exception);
    exception->file = compile->file;
    compile_name(compile, &doc->metadata.name, &exception->name, &exception->mark);
    refuse_namespace(compile, &doc->metadata, policy_exception_fields.name);
    exception->policies = policy_compile_glob_list(compile, &spec->policies, NAMES_OF_POLICIES);
    exception->namespaces =
        policy_compile_glob_list(compile, &spec->namespaces, NAMES_OF_NAMESPACES);
    exception->images = policy_compile_pattern_list(compile, &spec->images);
    exception->until = spec->until;
    exception->policy_texts = keep_texts(arena, &spec->policies);
    exception->rule_texts = keep_texts(arena, &spec->rules);
    exception->rules = ARENA_ARRAY(arena, struct str, spec->rules.n);
    exception->n_rules = spec->rules.n;
    for (size_t i = 0; i < spec->rules.n; i++) {
        exception->rules[i] = exception->rule_texts.items[i].text;
    }
    policy_check_exception(compile, doc, exception);
    policy_set_add_exception(compile->set, exception);
}

/* -- documents -- */

static void report_kind(struct compile *compile, struct mark mark, struct str kind)
{
    const char *nearest = str_nearest(kind, policy_kind_names);
    diagnostics_add(compile->list, DIAGNOSTIC_ERROR, mark, STR("kind"), str_from(nearest),
                    "\"%.*s\" is no kind of this language; it has ClusterImagePolicy, ImagePolicy "
                    "and ImagePolicyException",
                    STR_ARG(kind));
}

static void report_no_kind(struct compile *compile, yyjson_val *kind)
{
    struct mark mark = kind == NULL ? compile->doc->start : json_mark(compile->doc, kind);
    diagnostics_add(compile->list, DIAGNOSTIC_ERROR, mark, STR_EMPTY, STR_EMPTY,
                    "a policy is an object with apiVersion, kind, metadata and spec, and its kind "
                    "is ClusterImagePolicy, ImagePolicy or ImagePolicyException; this is %s with "
                    "%s for a kind",
                    json_type_name(compile->doc->root), json_type_name(kind));
}

static void decode_policy(struct compile *compile, const struct fields *fields)
{
    struct policy_doc doc = {0};
    (void)fields_decode(fields, compile->doc, compile->doc->root, STR_EMPTY, compile->list, &doc);
    compile_policy(compile, &doc, fields == &policy_cluster_fields);
}

static void decode_exception(struct compile *compile)
{
    struct policy_exception_doc doc = {0};
    (void)fields_decode(&policy_exception_fields, compile->doc, compile->doc->root, STR_EMPTY,
                        compile->list, &doc);
    compile_exception(compile, &doc);
}

/* Cases of `pratique test` may stand beside the policies that they are about. */
static bool is_suite(yyjson_val *root)
{
    return str_eq(json_str(json_get(root, "kind")), STR("ImagePolicyTest")) &&
           yyjson_is_arr(json_get(root, "cases"));
}

void policy_compile(struct compile *compile)
{
    yyjson_val *kind = json_get(compile->doc->root, "kind");
    struct str name = json_str(kind);
    if (is_suite(compile->doc->root)) {
        return;
    }
    if (!yyjson_is_str(kind)) {
        report_no_kind(compile, kind);
    } else if (str_eq(name, str_from(policy_cluster_fields.name))) {
        decode_policy(compile, &policy_cluster_fields);
    } else if (str_eq(name, str_from(policy_namespace_fields.name))) {
        decode_policy(compile, &policy_namespace_fields);
    } else if (str_eq(name, str_from(policy_exception_fields.name))) {
        decode_exception(compile);
    } else {
        report_kind(compile, json_mark(compile->doc, kind), name);
    }
}
