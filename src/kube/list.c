#include "kube/list.h"

#include "base/limits.h"
#include "kube/object.h"
#include "kube/query.h"

enum { PATIENCE = 12, BEGINNINGS = 4 };

#define ACCEPT_METADATA "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

/* A list on its way. */
struct listing {
    struct kube *kube;
    const struct kube_list *list;
    const struct kube_list_taker *taker;
    unsigned limit;
    size_t max_page, max_object;
    size_t n;
    struct buf token; /* of the next page; empty: the first */
    struct kube_type type;
    struct kube_version version; /* of the first page */
};

static unsigned limit_of(const struct kube_list *list)
{
    return list->limit > 0 ? list->limit : KUBE_LIST_PAGE;
}

/* -- one object -- */

/* Objects of a typed list do not say what they are: a copy that does. Returns owned. */
static struct json_doc with_type(yyjson_val *value, const struct kube_type *type)
{
    kube_object_auto *doc = yyjson_mut_doc_new(NULL);
    ENSURE(doc != NULL);
    yyjson_mut_val *copy = yyjson_val_mut_copy(doc, value);
    ENSURE(copy != NULL);
    yyjson_mut_doc_set_root(doc, copy);
    kube_object_set_str(doc, copy, "apiVersion", str_from(type->version));
    kube_object_set_str(doc, copy, "kind", str_from(type->kind));
    yyjson_doc *tree = yyjson_mut_doc_imut_copy(doc, NULL);
    ENSURE(tree != NULL);
    return (struct json_doc){.root = yyjson_doc_get_root(tree), .tree = tree};
}

static status take_object(struct listing *it, const struct json_doc *object, struct error *err)
{
    struct kube_item item;
    TRY(kube_item_read(object, &it->type, kube_query_namespace(it->list->path), &item, err));
    it->n++;
    return it->taker->take(it->taker->self, &item, err);
}

static status take_value(struct listing *it, const struct json_doc *page, yyjson_val *value,
                         struct error *err)
{
    if (yyjson_is_obj(value) && json_get(value, "kind") == NULL) {
        json_doc_auto object = with_type(value, &it->type);
        return take_object(it, &object, err);
    }
    const struct json_doc object = {.root = value, .tree = page->tree};
    return take_object(it, &object, err);
}

/* -- one page -- */

/* What the page says of itself and of the next one. */
static status read_head(struct listing *it, const struct json_doc *page, struct error *err)
{
    struct kube_version version;
    TRY(kube_item_type(page->root, &it->type, err));
    TRY(kube_item_version(page->root, &version, err));
    it->version = it->token.n == 0 ? version : it->version;
    buf_clear(&it->token);
    buf_add(&it->token, json_str(json_get(json_get(page->root, "metadata"), "continue")));
    return buf_overflowed(&it->token)
               ? error_set(err, ERROR_LIMIT, "a continue token larger than %u bytes",
                           LIMIT_KUBE_CONTINUE)
               : OK;
}

static status tell_page(const struct listing *it, const struct json_doc *page, struct error *err)
{
    yyjson_val *remaining = json_get(json_get(page->root, "metadata"), "remainingItemCount");
    const struct kube_list_page told = {
        .n = it->n, .remaining = yyjson_get_uint(remaining), .limit = it->limit};
    return it->taker->page != NULL ? it->taker->page(it->taker->self, &told, err) : OK;
}

/* After a few large objects pages may be long again. */
static void note_size(struct listing *it, const struct json_doc *page)
{
    unsigned most = limit_of(it->list);
    if (yyjson_doc_get_read_size(page->tree) < it->max_page / 4) {
        it->limit = it->limit > most / 2 ? most : it->limit * 2;
    }
}

static status read_page(struct listing *it, const struct json_doc *page, struct error *err)
{
    yyjson_val *items = json_get(page->root, "items"), *value;
    TRY(read_head(it, page, err));
    if (!yyjson_is_arr(items) && !yyjson_is_null(items)) {
        return error_set(err, ERROR_UPSTREAM, "a list without items");
    }
    size_t i, max;
    yyjson_arr_foreach(items, i, max, value)
    {
        TRY(take_value(it, page, value, err));
    }
    TRY(tell_page(it, page, err));
    note_size(it, page);
    return OK;
}

static status ask_page(struct listing *it, enum kube_outcome *ret_outcome,
                       struct json_doc *ret_page, struct error *err)
{
    buf_auto path;
    buf_init(&path, LIMIT_KUBE_PATH);
    buf_printf(&path, "%s?limit=%u", it->list->path, it->limit);
    if (it->list->query != NULL) {
        buf_printf(&path, "&%s", it->list->query);
    }
    if (it->token.n > 0) {
        buf_add_cstr(&path, "&continue=");
        kube_query_add_value(&path, buf_str(&it->token));
    }
    ENSURE(!buf_overflowed(&path));
    const struct kube_call call = {
        .method = "GET",
        .path = buf_str(&path),
        .accept = it->list->metadata ? ACCEPT_METADATA : NULL,
        .time = KUBE_LIST_TIME,
        .max_answer = it->limit > 1 ? it->max_page : it->max_object,
    };
    return kube_call(it->kube, &call, ret_outcome, ret_page, err);
}

/* Ask until it is answered, or must be given up. */
static status get_page(struct listing *it, enum kube_outcome *ret_outcome,
                       struct json_doc *ret_page, struct error *err)
{
    for (unsigned patience = PATIENCE;;) {
        kube_wait(it->kube, kube_left_alone(it->kube));
        if (!failed(ask_page(it, ret_outcome, ret_page, err))) {
            return OK;
        }
        if (err->kind == ERROR_LIMIT && it->limit > 1) {
            it->limit /= 2;
        } else if (kube_left_alone(it->kube) <= kube_now(it->kube) || --patience == 0) {
            return FAILED;
        }
    }
}

/* -- all of it -- */

static status refuse(const struct listing *it, enum kube_outcome outcome, struct error *err)
{
    return outcome == KUBE_NOT_FOUND
               ? error_set(err, ERROR_NOT_FOUND, "GET %s: there is no such resource",
                           it->list->path)
               : error_set(err, ERROR_UPSTREAM, "GET %s: the list expires again and again",
                           it->list->path);
}

static status take_page(struct listing *it, enum kube_outcome *ret_outcome, struct error *err)
{
    json_doc_auto page = {0};
    TRY(get_page(it, ret_outcome, &page, err));
    if (*ret_outcome == KUBE_DONE && failed(read_page(it, &page, err))) {
        return error_wrap(err, "GET %s", it->list->path);
    }
    return OK;
}

static status take_pages(struct listing *it, struct error *err)
{
    for (unsigned beginnings = 1;;) {
        enum kube_outcome outcome;
        TRY(take_page(it, &outcome, err));
        if (outcome == KUBE_EXPIRED && it->token.n > 0 && beginnings < BEGINNINGS) {
            beginnings++;
            buf_clear(&it->token);
            it->n = 0;
            it->taker->again(it->taker->self, "the rest of the list expired before it was had");
        } else if (outcome != KUBE_DONE) {
            return refuse(it, outcome, err);
        } else if (it->token.n == 0) {
            return OK;
        }
    }
}

status kube_list(struct kube *kube, const struct kube_list *list,
                 const struct kube_list_taker *taker, struct kube_type *ret_type,
                 struct kube_version *ret_version, struct error *err)
{
    struct listing it = {
        .kube = kube,
        .list = list,
        .taker = taker,
        .limit = limit_of(list),
        .max_page = list->max_page > 0 ? list->max_page : LIMIT_KUBE_PAGE,
        .max_object = list->max_object > 0 ? list->max_object : LIMIT_KUBE_WATCHED,
    };
    buf_init(&it.token, LIMIT_KUBE_CONTINUE);
    status st = take_pages(&it, err);
    buf_done(&it.token);
    TRY(st);
    *ret_type = it.type;
    *ret_version = it.version;
    return OK;
}
