#include "kube/webhooks.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/limits.h"

static const struct {
    const char *name, *plural;
} KINDS[WEBHOOKS_KINDS] = {
    [WEBHOOKS_VALIDATING] = {"ValidatingWebhookConfiguration", "validatingwebhookconfigurations"},
    [WEBHOOKS_MUTATING] = {"MutatingWebhookConfiguration", "mutatingwebhookconfigurations"},
};

const char *webhooks_kind_name(enum webhooks_kind kind)
{
    return KINDS[kind].name;
}

static struct str path_of(struct arena *arena, enum webhooks_kind kind, struct str name)
{
    return arena_printf(arena, "/apis/admissionregistration.k8s.io/v1/%s/%.*s", KINDS[kind].plural,
                        STR_ARG(name));
}

/* -- reading -- */

static struct str read_bundle(struct arena *arena, const yyjson_val *client)
{
    struct str bytes = STR_EMPTY;
    struct error ignored;
    return failed(base64_decode(arena, json_str(json_get(client, "caBundle")), &bytes, &ignored))
               ? STR_EMPTY
               : bytes;
}

static status read_webhooks(struct arena *arena, struct webhooks *webhooks, struct error *err)
{
    yyjson_val *list = json_get(webhooks->object.root, "webhooks"), *item;
    size_t n = yyjson_arr_size(list), index, max;
    if (n > LIMIT_WEBHOOKS) {
        return error_set(err, ERROR_LIMIT, "%s %.*s: more than %u webhooks",
                         KINDS[webhooks->kind].name, STR_ARG(webhooks->name), LIMIT_WEBHOOKS);
    }
    webhooks->bundles = ARENA_ARRAY(arena, struct str, n);
    webhooks->indexes = ARENA_ARRAY(arena, size_t, n);
    yyjson_arr_foreach(list, index, max, item)
    {
        const yyjson_val *client = json_get(item, "clientConfig");
        if (yyjson_is_obj(json_get(client, "service"))) {
            webhooks->indexes[webhooks->n] = index;
            webhooks->bundles[webhooks->n++] = read_bundle(arena, client);
        }
    }
    return OK;
}

status webhooks_get(struct kube *kube, enum webhooks_kind kind, struct str name,
                    struct arena *arena, struct webhooks *ret_webhooks, struct error *err)
{
    enum kube_outcome outcome;
    struct webhooks webhooks = {.kind = kind, .name = name};
    const struct kube_call call = {.method = "GET", .path = path_of(arena, kind, name)};
    TRY(kube_call(kube, &call, &outcome, &webhooks.object, err));
    webhooks.found = outcome == KUBE_DONE;
    if (failed(read_webhooks(arena, &webhooks, err))) {
        webhooks_done(&webhooks);
        return FAILED;
    }
    *ret_webhooks = webhooks;
    return OK;
}

void webhooks_done(struct webhooks *webhooks)
{
    json_doc_done(&webhooks->object);
    *webhooks = (struct webhooks){0};
}

/* -- writing -- */

/* "test": the patch is for the webhook that was looked at. The resourceVersion in it makes a
 * conflict of any change since. */
static void add_operations(const struct webhooks *webhooks, size_t i, struct str bundle,
                           struct buf *patch)
{
    yyjson_val *list = json_get(webhooks->object.root, "webhooks");
    size_t index = webhooks->indexes[i];
    struct str name = json_str(json_get(yyjson_arr_get(list, index), "name"));
    buf_printf(patch, ",{\"op\":\"test\",\"path\":\"/webhooks/%zu/name\",\"value\":", index);
    buf_add_json(patch, name);
    buf_printf(patch,
               "},{\"op\":\"add\",\"path\":\"/webhooks/%zu/clientConfig/caBundle\",\"value\":\"",
               index);
    buf_add_base64(patch, bundle);
    buf_add_cstr(patch, "\"}");
}

static void write_patch(const struct webhooks *webhooks, const struct str *bundles,
                        struct buf *patch, bool *ret_changed)
{
    struct str version =
        json_str(json_get(json_get(webhooks->object.root, "metadata"), "resourceVersion"));
    *ret_changed = false;
    buf_add_cstr(patch, "[{\"op\":\"replace\",\"path\":\"/metadata/resourceVersion\",\"value\":");
    buf_add_json(patch, version);
    buf_add_char(patch, '}');
    for (size_t i = 0; i < webhooks->n; i++) {
        if (!str_eq(bundles[i], webhooks->bundles[i])) {
            add_operations(webhooks, i, bundles[i], patch);
            *ret_changed = true;
        }
    }
    buf_add_char(patch, ']');
}

status webhooks_patch(struct kube *kube, const struct webhooks *webhooks, const struct str *bundles,
                      bool *ret_changed, enum kube_outcome *ret_outcome, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    buf_auto patch;
    buf_init(&patch, LIMIT_KUBE_OBJECT);
    json_doc_auto written = {0};
    bool changed = false;
    enum kube_outcome outcome = KUBE_DONE;
    write_patch(webhooks, bundles, &patch, &changed);
    if (buf_overflowed(&patch)) {
        return error_set(err, ERROR_LIMIT, "%s %.*s: the patch is larger than %u bytes",
                         KINDS[webhooks->kind].name, STR_ARG(webhooks->name), LIMIT_KUBE_OBJECT);
    }
    if (changed) {
        const struct kube_call call = {
            .method = "PATCH",
            .path = path_of(&arena, webhooks->kind, webhooks->name),
            .content_type = "application/json-patch+json",
            .body = buf_str(&patch),
        };
        TRY(kube_call(kube, &call, &outcome, &written, err));
    }
    *ret_changed = changed && outcome == KUBE_DONE;
    *ret_outcome = outcome;
    return OK;
}
