/* `pratique policy show`: policies as they are understood, or those that judge one image. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/diagnose.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/sources.h"
#include "policy/decision.h"
#include "json/format.h"

/* What explaining takes for each policy and rule; see policy_explain. */
enum { EXPLANATION_BYTES = 4096 };

struct shower {
    struct invocation *invocation;
    struct arena arena;        /* of the explanations */
    struct explanation *items; /* NULL: everything is shown */
    size_t n;
};

/* -- which policies and rules -- */

static bool has_policy(const struct shower *shower, const struct source *source, size_t *ret_index)
{
    for (size_t i = 0; i < shower->n; i++) {
        const struct explanation *item = &shower->items[i];
        if (item->rule.n == 0 && item->mark.line == source->mark.line &&
            item->mark.column == source->mark.column && str_eq(item->file, source->file)) {
            *ret_index = i;
            return item->applies;
        }
    }
    return false;
}

static bool has_rule(const struct shower *shower, size_t policy, struct str rule)
{
    for (size_t i = policy + 1; i < shower->n && shower->items[i].rule.n > 0; i++) {
        if (str_eq(shower->items[i].rule, rule)) {
            return shower->items[i].applies;
        }
    }
    return false;
}

/* -- a document as it is understood -- */

static void drop_rules(const struct shower *shower, size_t policy, yyjson_mut_val *rules)
{
    for (size_t i = yyjson_mut_arr_size(rules); i > 0; i--) {
        yyjson_mut_val *rule = yyjson_mut_arr_get(rules, i - 1);
        yyjson_mut_val *name = yyjson_mut_obj_get(rule, "name");
        struct str text = {yyjson_mut_get_str(name), yyjson_mut_get_len(name)};
        if (text.p == NULL || !has_rule(shower, policy, text)) {
            yyjson_mut_arr_remove(rules, i - 1);
        }
    }
}

/* What Kubernetes keeps says nothing of the policy. */
static void drop_metadata(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct source *source)
{
    yyjson_mut_val *metadata = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_strn(doc, metadata, "name", source->name.p, source->name.n);
    if (source->namespace.n > 0) {
        yyjson_mut_obj_add_strn(doc, metadata, "namespace", source->namespace.p,
                                source->namespace.n);
    }
    yyjson_mut_obj_remove_key(root, "metadata");
    yyjson_mut_obj_remove_key(root, "status");
    yyjson_mut_obj_add_val(doc, root, "metadata", metadata);
}

static void fill_defaults(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct source *source)
{
    yyjson_mut_val *spec = yyjson_mut_obj_get(root, "spec");
    if (!yyjson_mut_is_obj(spec) || str_eq(source->kind, STR("ImagePolicyException"))) {
        return;
    }
    if (yyjson_mut_obj_get(spec, "mode") == NULL) {
        yyjson_mut_obj_add_str(doc, spec, "mode", "enforce");
    }
    if (yyjson_mut_obj_get(spec, "images") == NULL) {
        yyjson_mut_val *images = yyjson_mut_obj_add_arr(doc, spec, "images");
        yyjson_mut_arr_add_str(doc, images, "**");
    }
}

/* The document as JSON, to be freed; NULL if it is not shown. */
static char *make_document(const struct shower *shower, const struct source *source)
{
    size_t index = 0;
    if (shower->items != NULL && !has_policy(shower, source, &index)) {
        return NULL;
    }
    yyjson_mut_doc *doc = yyjson_doc_mut_copy(source->doc->tree, NULL);
    ENSURE(doc != NULL);
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    drop_metadata(doc, root, source);
    fill_defaults(doc, root, source);
    if (shower->items != NULL) {
        drop_rules(shower, index, yyjson_mut_obj_get(yyjson_mut_obj_get(root, "spec"), "rules"));
    }
    char *text = yyjson_mut_write(doc, YYJSON_WRITE_NOFLAG, NULL);
    ENSURE(text != NULL);
    yyjson_mut_doc_free(doc);
    return text;
}

/* -- printing -- */

static const struct fields *table_of(yyjson_val *root)
{
    return policy_fields(json_str(json_get(root, "kind")));
}

static status print_document(const struct shower *shower, const struct source *source,
                             const char *json, bool first, struct error *err)
{
    FILE *out = shower->invocation->out;
    if (option_json(shower->invocation)) {
        fprintf(out, "%s\n%s", first ? "" : ",", json);
        return OK;
    }
    buf_auto text;
    buf_init(&text, LIMIT_POLICY_FILE);
    TRY(format_yaml(str_from(json), table_of, &text, err));
    fprintf(out, "%s# ", first ? "" : "---\n");
    output_text(out, source->file);
    fprintf(out, ":%u\n%.*s", source->mark.line, STR_ARG(buf_str(&text)));
    return OK;
}

static status print(const struct shower *shower, const struct sources *sources, size_t *ret_shown,
                    struct error *err)
{
    FILE *out = shower->invocation->out;
    bool json = option_json(shower->invocation);
    fputs(json ? "[" : "", out);
    size_t shown = 0;
    for (size_t i = 0; i < sources->n; i++) {
        char *text = make_document(shower, &sources->items[i]);
        status st =
            text == NULL ? OK : print_document(shower, &sources->items[i], text, shown == 0, err);
        shown += text != NULL;
        free(text);
        TRY(st);
    }
    fputs(json ? "]\n" : "", out);
    *ret_shown = shown;
    return OK;
}

/* -- the command -- */

static status explain(struct shower *shower, const struct policy_set *set, struct error *err)
{
    struct invocation *invocation = shower->invocation;
    const char *text = option_argument(invocation, "image");
    if (text == NULL) {
        return OK;
    }
    struct reference reference;
    TRY(reference_parse(&shower->arena, str_from(text), &reference, err));
    const char *namespace = option_argument(invocation, "namespace");
    const char *kind = option_argument(invocation, "kind");
    const char *user = option_argument(invocation, "user");
    struct review_image image = {.text = str_from(text), .path = STR("image")};
    const struct review review = {
        .api = REVIEW_MANIFEST,
        .operation = REVIEW_CREATE,
        .version = STR("v1"),
        .kind = kind != NULL ? str_from(kind) : STR("Pod"),
        .namespace = namespace != NULL ? str_from(namespace) : STR("default"),
        .user_known = user != NULL,
        .user = str_from(user),
        .images = &image,
        .n_images = 1,
    };
    const struct explain_question question = {.review = &review, .now = clock_wall()};
    policy_explain(set, &question, &shower->arena, &shower->items, &shower->n);
    return OK;
}

/* Load the policies, and read them as documents. Standard input can be read once only. */
static status load(struct invocation *invocation, struct diagnostics *list,
                   struct policy_set **ret_set, struct sources *sources, struct error *err)
{
    const struct policy_options options = {.now = clock_wall()};
    const char *const *paths = invocation->operands;
    size_t n = invocation->n_operands, inputs = 0;
    for (size_t i = 0; i < n; i++) {
        inputs += strcmp(paths[i], "-") == 0;
    }
    if (inputs == 0) {
        TRY(policy_load(paths, n, &options, list, ret_set, err));
        return sources_read(&invocation->arena, paths, n, sources, err);
    }
    if (n > 1) {
        return error_set(err, ERROR_CONFIG, "standard input must be the only one");
    }
    struct str text;
    TRY(file_read(&invocation->arena, "-", LIMIT_POLICY_FILE, &text, err));
    TRY(policy_parse(STR("-"), text, &options, list, ret_set, err));
    return sources_parse(&invocation->arena, sources, STR("-"), text, err);
}

static status show_loaded(struct shower *shower, const struct policy_set *set,
                          const struct sources *sources, struct error *err)
{
    struct policy_counts counts;
    policy_set_counts(set, &counts);
    arena_init(&shower->arena,
               LIMIT_REVIEW_ARENA + (counts.policies + counts.rules) * EXPLANATION_BYTES);
    size_t shown = 0;
    TRY(explain(shower, set, err));
    TRY(print(shower, sources, &shown, err));
    if (shown == 0 && !option_json(shower->invocation)) {
        fputs("# no policy applies\n", shower->invocation->out);
    }
    return OK;
}

static status show(struct shower *shower, struct error *err)
{
    struct diagnostics list;
    diagnostics_init(&list, &shower->invocation->arena);
    struct policy_set *set = NULL;
    sources_auto sources = {.n = 0};
    status st = load(shower->invocation, &list, &set, &sources, err);
    diagnose(shower->invocation, &list);
    if (!failed(st)) {
        st = show_loaded(shower, set, &sources, err);
    }
    policy_set_unref(set);
    return st;
}

static int run(struct invocation *invocation)
{
    struct shower shower = {.invocation = invocation};
    struct error err;
    status st = show(&shower, &err);
    arena_done(&shower.arena);
    if (failed(st)) {
        output_error(invocation, &err);
        return EXIT_CODE_USAGE;
    }
    return EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "image",
     .letter = 'i',
     .argument = "IMAGE",
     .help = "only the policies and rules that judge this image"},
    {.name = "namespace",
     .letter = 'n',
     .argument = "NAME",
     .help = "the namespace of the object that carries it; \"default\" if not given"},
    {.name = "kind", .argument = "KIND", .help = "the kind of the object; \"Pod\" if not given"},
    {.name = "user",
     .argument = "NAME",
     .help = "who asks; if not given, policies for certain users apply to everyone"},
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_policy_show = {
    .name = "policy show",
    .summary = "show policies as understood, or those that judge an image",
    .operands = "PATH...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Prints the policies in PATHs in one form, with where they are written and with\n"
             "the defaults of what is left out. With --image: those policies, and of them\n"
             "those rules, that judge the image in an object as described. 'pratique explain'\n"
             "tells why, and what they find.",
    .exits = "0  shown\n2  a policy is wrong, or the image is no reference",
    .examples = "pratique policy show policies/\n"
                "pratique policy show --image nginx:1.27 --namespace shop policies/",
    .run = run,
};
