#include "policy/policy.h"

#include "base/file.h"
#include "base/limits.h"
#include "policy/check.h"
#include "policy/index.h"
#include "policy/loading.h"

/* Move what is wrong with one document to the caller's list. */
static void move_diagnostics(const struct diagnostics *from, struct diagnostics *list)
{
    size_t errors = list->errors + from->errors;
    size_t warnings = list->warnings + from->warnings;
    for (size_t i = 0; i < from->n; i++) {
        const struct diagnostic *one = &from->items[i];
        diagnostics_add(list, one->level, one->mark, one->path, one->suggestion, "%.*s",
                        STR_ARG(one->message));
    }
    list->errors = errors; /* the list of the document may have counted more than it kept */
    list->warnings = warnings;
}

static void load_document(struct load *load, const struct json_doc *doc, struct str file)
{
    struct diagnostics list;
    diagnostics_init(&list, &load->document);
    struct compile compile = {.set = load->set, .list = &list, .doc = doc, .file = file};
    policy_compile(&compile);
    move_diagnostics(&list, load->list);
    arena_reset(&load->document);
}

/* What `kubectl get --output yaml` writes of several objects; NULL if it is something else. */
static yyjson_val *items_of_list(const struct json_doc *doc)
{
    yyjson_val *items = json_get(doc->root, "items");
    bool list = str_eq(json_str(json_get(doc->root, "kind")), STR("List")) &&
                str_eq(json_str(json_get(doc->root, "apiVersion")), STR("v1"));
    return list && yyjson_is_arr(items) ? items : NULL;
}

status load_room(const struct load *load, struct error *err)
{
    const struct policy_set *set = load->set;
    if (set->n_policies + set->n_exceptions == LIMIT_POLICIES) {
        return error_set(err, ERROR_LIMIT, "more than %u policies and exceptions", LIMIT_POLICIES);
    }
    if (set->arena.used >= POLICY_MEMORY_MAX) {
        return error_set(err, ERROR_LIMIT, "the policies need more than %u MiB of memory",
                         POLICY_MEMORY_MAX / MIB);
    }
    return OK;
}

status load_count(struct load *load, struct str text, struct error *err)
{
    load->bytes += text.n;
    if (load->bytes > LIMIT_POLICY_BYTES) {
        return error_set(err, ERROR_LIMIT, "the policies together have more than %u bytes",
                         LIMIT_POLICY_BYTES);
    }
    load->set->hash = (load->set->hash ^ str_hash(text)) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    return OK;
}

static status load_documents(struct load *load, const struct json_doc *doc, struct str file,
                             struct error *err)
{
    yyjson_val *items = items_of_list(doc);
    if (items == NULL) {
        TRY(load_room(load, err));
        load_document(load, doc, file);
        return OK;
    }
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(items, i, n, item)
    {
        struct json_doc part = *doc; /* borrows; marks are looked up by the place in the tree */
        part.root = item;
        part.start = json_mark(doc, item);
        TRY(load_room(load, err));
        load_document(load, &part, file);
    }
    return OK;
}

static status load_text(struct load *load, struct str name, struct str text, struct error *err)
{
    TRY(load_count(load, text, err));
    load->list->file = name;
    json_stream_auto stream = {0};
    struct error parse_error;
    if (failed(yaml_parse(text, &stream, &parse_error))) {
        diagnostics_add_error(load->list, &parse_error);
        return OK; /* the other files may have errors to report too */
    }
    struct str file = arena_dup(&load->set->arena, name);
    for (size_t i = 0; i < stream.n; i++) {
        TRY(load_documents(load, &stream.docs[i], file, err));
    }
    return OK;
}

static status load_file(struct load *load, const char *path, struct error *err)
{
    if (++load->files > LIMIT_POLICY_FILES) {
        return error_set(err, ERROR_LIMIT, "more than %u policy files", LIMIT_POLICY_FILES);
    }
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_POLICY_FILE);
    struct str text;
    TRY(file_read(&arena, path, LIMIT_POLICY_FILE, &text, err));
    return load_text(load, str_from(path), text, err);
}

static status load_path(struct load *load, const char *path, struct error *err)
{
    if (!file_is_directory(path)) {
        return load_file(load, path, err);
    }
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    struct file_list files;
    TRY(file_list(&arena, path, policy_suffixes, LIMIT_POLICY_FILES, &files, err));
    for (size_t i = 0; i < files.n; i++) {
        TRY(load_file(load, files.paths[i], err));
    }
    return OK;
}

/* -- the indexes of a set that is sound -- */

/* The literal namespaces of a list, or none if one has a wildcard or none is listed. */
static void index_names(const struct glob_list *list, const struct str **ret_names, size_t *ret_n)
{
    *ret_names = list->include;
    *ret_n = list->n_include;
    for (size_t i = 0; i < list->n_include; i++) {
        if (str_find(list->include[i], '*') < list->include[i].n) {
            *ret_n = 0;
        }
    }
}

static void index_images(const struct pattern_list *list, struct policy_index_item *item)
{
    item->images = list->include;
    item->n_images = list->n_include;
}

static const struct policy_index *index_policies(struct policy_set *set,
                                                 struct policy_index_item *items)
{
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        items[i] = (struct policy_index_item){0};
        index_names(&policy->match.namespaces, &items[i].namespaces, &items[i].n_namespaces);
        index_images(&policy->images, &items[i]);
    }
    return policy_index_build(&set->arena, items, set->n_policies);
}

/* Policies by where their rewrites lead. One without a rewrite is filed as one that leads nowhere:
 * under a name that no query asks for. */
static const struct policy_index *
index_rewrites(struct policy_set *set, struct policy_index_item *items, struct arena *scratch)
{
    static const struct str NOWHERE = {"", 0};
    for (size_t i = 0; i < set->n_policies; i++) {
        const struct policy *policy = set->policies[i];
        const struct pattern **to =
            ARENA_ARRAY(scratch, const struct pattern *, policy->n_rewrites);
        for (size_t j = 0; j < policy->n_rewrites; j++) {
            to[j] = policy->rewrites[j].to;
        }
        items[i] = (struct policy_index_item){.images = to, .n_images = policy->n_rewrites};
        index_names(&policy->match.namespaces, &items[i].namespaces, &items[i].n_namespaces);
        set->rewrites = set->rewrites || policy->n_rewrites > 0;
        if (policy->n_rewrites == 0) {
            items[i].policies = &NOWHERE;
            items[i].n_policies = 1;
        }
    }
    return policy_index_build(&set->arena, items, set->n_policies);
}

static const struct policy_index *index_exceptions(struct policy_set *set,
                                                   struct policy_index_item *items)
{
    for (size_t i = 0; i < set->n_exceptions; i++) {
        const struct exception *exception = set->exceptions[i];
        items[i] = (struct policy_index_item){0};
        index_names(&exception->policies, &items[i].policies, &items[i].n_policies);
        index_names(&exception->namespaces, &items[i].namespaces, &items[i].n_namespaces);
        index_images(&exception->images, &items[i]);
    }
    return policy_index_build(&set->arena, items, set->n_exceptions);
}

static void build_indexes(struct policy_set *set)
{
    arena_auto scratch;
    arena_init(&scratch, LIMIT_POLICY_ARENA);
    size_t n = set->n_policies > set->n_exceptions ? set->n_policies : set->n_exceptions;
    struct policy_index_item *items = ARENA_ARRAY(&scratch, struct policy_index_item, n);
    set->applying = index_policies(set, items);
    set->leading = index_rewrites(set, items, &scratch);
    set->excusing = index_exceptions(set, items);
}

/* -- loading -- */

struct source {
    const struct policy_sources *all;
    struct str name, text; /* instead, if there are none */
};

static bool may_be_empty(const struct source *source)
{
    return source->all != NULL && source->all->cluster;
}

static status finish(struct load *load, const struct source *source, size_t errors_before,
                     struct error *err)
{
    struct diagnostics *list = load->list;
    policy_check_set(load->set, list);
    if (load->set->n_policies == 0 && list->errors == errors_before) {
        diagnostics_add(list, may_be_empty(source) ? DIAGNOSTIC_WARNING : DIAGNOSTIC_ERROR,
                        (struct mark){0}, STR_EMPTY, STR_EMPTY, "%s",
                        may_be_empty(source)
                            ? "there is no policy at all"
                            : "no policy is here; give one document of kind ClusterImagePolicy at "
                              "least");
    }
    diagnostics_sort(list);
    size_t errors = list->errors - errors_before;
    if (errors > 0) {
        return error_set(err, ERROR_CONFIG, "the policies have %zu error%s", errors,
                         errors == 1 ? "" : "s");
    }
    build_indexes(load->set);
    return OK;
}

static status load_source(struct load *load, const struct source *source, struct error *err)
{
    const struct policy_sources *all = source->all;
    if (all == NULL) {
        return load_text(load, source->name, source->text, err);
    }
    for (size_t i = 0; i < all->n_paths; i++) {
        TRY(load_path(load, all->paths[i], err));
    }
    return load_objects(load, all->objects, all->n_objects, err);
}

static status load_set(const struct source *source, const struct policy_options *options,
                       struct diagnostics *list, struct policy_set **ret_set, struct error *err)
{
    struct load load = {.set = policy_set_new(options), .list = list};
    arena_init(&load.document, LIMIT_POLICY_ARENA);
    size_t errors_before = list->errors;
    struct str file = list->file;
    status st = load_source(&load, source, err);
    if (!failed(st)) {
        st = finish(&load, source, errors_before, err);
    }
    list->file = file;
    arena_done(&load.document);
    if (failed(st)) {
        policy_set_unref(load.set);
        return st;
    }
    *ret_set = load.set;
    return OK;
}

status policy_load(const char *const *paths, size_t n, const struct policy_options *options,
                   struct diagnostics *list, struct policy_set **ret_set, struct error *err)
{
    const struct policy_sources all = {.paths = paths, .n_paths = n};
    return policy_load_all(&all, options, list, ret_set, err);
}

status policy_load_all(const struct policy_sources *sources, const struct policy_options *options,
                       struct diagnostics *list, struct policy_set **ret_set, struct error *err)
{
    const struct source source = {.all = sources};
    return load_set(&source, options, list, ret_set, err);
}

status policy_parse(struct str name, struct str text, const struct policy_options *options,
                    struct diagnostics *list, struct policy_set **ret_set, struct error *err)
{
    const struct source source = {.name = name, .text = text};
    return load_set(&source, options, list, ret_set, err);
}
