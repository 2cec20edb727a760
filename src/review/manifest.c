#include "review/decoding.h"

/* -- one object -- */

static status read_identity(yyjson_val *object, struct review *review, struct error *err)
{
    const struct place *version = PLACE_MEMBER(NULL, STR("apiVersion"));
    const struct place *kind = PLACE_MEMBER(NULL, STR("kind"));
    struct str api_version;
    if (!yyjson_is_obj(object)) {
        return error_set(err, ERROR_INPUT, "a manifest must be an object, found %s",
                         json_type_name(object));
    }
    TRY(read_name(json_get(object, "apiVersion"), version, &api_version, err));
    TRY(read_name(json_get(object, "kind"), kind, &review->kind, err));
    if (api_version.n == 0 || review->kind.n == 0) {
        return error_set(err, ERROR_INPUT, "%s is missing: an object needs apiVersion and kind",
                         api_version.n == 0 ? "apiVersion" : "kind");
    }
    if (!str_cut(api_version, '/', &review->group, &review->version)) {
        review->group = STR_EMPTY;
        review->version = api_version;
    }
    return OK;
}

static status read_namespace(struct decoding *d, struct error *err)
{
    const struct place *place = PLACE_MEMBER(PLACE_MEMBER(NULL, STR("metadata")), STR("namespace"));
    struct str own;
    TRY(read_name(json_get(json_get(d->review->object, "metadata"), "namespace"), place, &own,
                  err));
    if (own.n > 0) {
        d->review->namespace = own;
    }
    return OK;
}

status review_from_manifest(struct arena *arena, const struct kinds *kinds, yyjson_val *object,
                            struct str namespace, struct review *ret_review, struct error *err)
{
    static const decoding_step STEPS[] = {decoding_metadata, read_namespace, decoding_images};
    struct review review = review_empty(REVIEW_MANIFEST);
    TRY(read_identity(object, &review, err));
    review.operation = REVIEW_CREATE;
    review.namespace = namespace.n > 0 ? namespace : STR("default");
    review.labels_known = true;
    review.object = object;
    struct decoding d = {
        .arena = arena,
        .kinds = kinds,
        .resource_group = STR_EMPTY,
        .resource = STR_EMPTY,
        .review = &review,
    };
    decoding_run(&d, STEPS, sizeof STEPS / sizeof *STEPS);
    *ret_review = review;
    return OK;
}

/* -- lists of them -- */

/* As many objects as there may be files: whoever needs more gives more than one List. */
enum { ITEMS_MAX = LIMIT_MANIFEST_FILES };

struct items {
    yyjson_val **p; /* NULL while they are counted */
    size_t n;
};

/* A List, or a typed list such as DeploymentList. A kind that merely ends so, and has no items, is
 * an object as any other. */
static bool is_list(yyjson_val *value)
{
    struct str kind = json_str(json_get(value, "kind"));
    return str_eq(kind, STR("List")) ||
           (str_ends(kind, STR("List")) && json_get(value, "items") != NULL);
}

static status add_items(struct items *items, yyjson_val *value, unsigned depth, struct error *err)
{
    if (!is_list(value)) {
        if (items->n == ITEMS_MAX) {
            return error_set(err, ERROR_LIMIT, "more than %u objects in one document", ITEMS_MAX);
        }
        if (items->p != NULL) {
            items->p[items->n] = value;
        }
        items->n++;
        return OK;
    }
    yyjson_val *list = json_get(value, "items");
    if (depth == 0) {
        return error_set(err, ERROR_LIMIT, "lists nest deeper than %u levels", LIMIT_JSON_DEPTH);
    }
    if (!yyjson_is_arr(list)) {
        return wrong_type(err, PLACE_MEMBER(NULL, STR("items")), "a list", list);
    }
    size_t index, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, index, n, item)
    {
        TRY(add_items(items, item, depth - 1, err));
    }
    return OK;
}

status review_items(struct arena *arena, yyjson_val *root, yyjson_val ***ret_items, size_t *ret_n,
                    struct error *err)
{
    struct items counted = {0};
    TRY(add_items(&counted, root, LIMIT_JSON_DEPTH, err));
    struct items items = {.p = ARENA_ARRAY(arena, yyjson_val *, counted.n)};
    TRY(add_items(&items, root, LIMIT_JSON_DEPTH, err));
    *ret_items = items.p;
    *ret_n = items.n;
    return OK;
}
