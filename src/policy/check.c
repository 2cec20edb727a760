#include "policy/check.h"

static const struct pattern *well_known(struct compile *compile, struct str text)
{
    const struct pattern *pattern = NULL;
    struct error err;
    ENSURE(!failed(pattern_parse(compile->list->arena, text, &pattern, &err)));
    return pattern;
}

static struct policy_check check_new(struct compile *compile)
{
    return (struct policy_check){
        .compile = compile,
        .everything = well_known(compile, STR("**")),
        .every_tag = well_known(compile, STR("**:*")),
        .every_digest = well_known(compile, STR("**@*")),
    };
}

/* -- match -- */

/* Kubernetes writes kinds with a capital letter; "pod" would never match. What has a group before
 * it is no kind, which has been said. */
static void check_kinds(struct policy_check *check, const struct texts *texts)
{
    for (size_t i = 0; i < texts->n; i++) {
        const struct text *text = &texts->items[i];
        size_t first = policy_excludes(text->text) ? 1 : 0;
        bool grouped = str_find(text->text, '/') < text->text.n;
        if (!grouped && text->text.n > first && text->text.p[first] >= 'a' &&
            text->text.p[first] <= 'z') {
            struct str right = arena_printf(check->compile->list->arena, "%s%c%.*s",
                                            first == 1 ? "!" : "", text->text.p[first] - 'a' + 'A',
                                            STR_ARG(str_sub(text->text, first + 1, SIZE_MAX)));
            diagnostics_add(check->compile->list, DIAGNOSTIC_ERROR, text->mark, text->path, right,
                            "unreachable: kinds begin with a capital letter");
        }
    }
}

static void check_match(struct policy_check *check, const struct policy_match_doc *doc,
                        const struct policy *policy)
{
    if (policy->namespace.n == 0) {
        policy_check_globs(check, &doc->namespaces, &policy->match.namespaces);
    }
    policy_check_globs(check, &doc->kinds, &policy->match.kinds);
    policy_check_globs(check, &doc->users, &policy->match.users);
    check_kinds(check, &doc->kinds);
}

/* -- rewrites -- */

static void check_rewrites(struct policy_check *check, const struct field_list *list,
                           const struct policy *policy)
{
    const struct policy_rewrite_doc *docs = list->items;
    for (size_t i = 0; i < policy->n_rewrites; i++) {
        const struct policy_rewrite *rewrite = &policy->rewrites[i];
        for (size_t j = 0; j < policy->n_rewrites; j++) {
            const struct policy_rewrite *other = &policy->rewrites[j];
            if (i == j || rewrite->rewrite == NULL || other->rewrite == NULL) {
                continue;
            }
            if (j < i && policy_check_covers(check, other->from, rewrite->from)) {
                COMPILE_ERROR(check->compile, &docs[i].from,
                              "unreachable: \"%.*s\" before it rewrites all of it",
                              STR_ARG(docs[j].from.text));
            } else if (policy_check_step(check) &&
                       rewrite_chains(rewrite->rewrite, other->rewrite)) {
                COMPILE_ERROR(check->compile, &docs[i].to,
                              "a chain: what this writes, \"%.*s\" would rewrite again; an image "
                              "is rewritten once, so write the last place here",
                              STR_ARG(docs[j].from.text));
            }
        }
    }
}

/* -- documents -- */

void policy_check(struct compile *compile, const struct policy_doc *doc,
                  const struct policy *policy)
{
    struct policy_check check = check_new(compile);
    yyjson_val *spec = json_get(compile->doc->root, "spec");
    yyjson_val *resolves = json_get(json_get(spec, "mutate"), "resolveDigest");
    if (yyjson_is_obj(spec) && !doc->spec.rules.set && !doc->spec.mutate.rewrite.set &&
        (resolves == NULL || yyjson_is_false(resolves))) {
        diagnostics_add(
            compile->list, DIAGNOSTIC_ERROR, json_mark(compile->doc, spec), STR("spec"), STR_EMPTY,
            "the policy does nothing; give it rules, mutate.rewrite or mutate.resolveDigest");
    }
    check_match(&check, &doc->spec.match, policy);
    policy_check_images(&check, &doc->spec.images, &policy->images);
    policy_check_rules(&check, &doc->spec.rules, policy);
    check_rewrites(&check, &doc->spec.mutate.rewrite, policy);
}

void policy_check_exception(struct compile *compile, const struct policy_exception_doc *doc,
                            const struct exception *exception)
{
    struct policy_check check = check_new(compile);
    policy_check_globs(&check, &doc->spec.policies, &exception->policies);
    policy_check_globs(&check, &doc->spec.namespaces, &exception->namespaces);
    policy_check_images(&check, &doc->spec.images, &exception->images);
    if (exception->policies.n_include == 0 && exception->policies.n_exclude > 0) {
        COMPILE_ERROR(compile, &doc->spec.policies.items[0],
                      "an exception names the policies that it is for, and this list only "
                      "excludes");
    }
    if (exception->until != 0 && exception->until <= compile->set->options.now) {
        yyjson_val *until = json_get(json_get(compile->doc->root, "spec"), "until");
        diagnostics_add(compile->list, DIAGNOSTIC_WARNING, json_mark(compile->doc, until),
                        STR("spec.until"), STR_EMPTY,
                        "the exception has ended and excuses nothing any more; remove it");
    }
}
