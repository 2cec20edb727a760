#include "kube/secret.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/limits.h"
#include "kube/object.h"

enum { ENTRIES = 4 };

static status call(struct kube *kube, const char *method, struct str path, struct str body,
                   enum kube_outcome *ret_outcome, struct json_doc *ret_object, struct error *err)
{
    const struct kube_call it = {.method = method,
                                 .path = path,
                                 .content_type = body.n > 0 ? "application/json" : NULL,
                                 .body = body,
                                 .secret = true};
    return kube_call(kube, &it, ret_outcome, ret_object, err);
}

static struct str path_of(struct arena *arena, struct str namespace, struct str name)
{
    return arena_printf(arena, "/api/v1/namespaces/%.*s/secrets%s%.*s", STR_ARG(namespace),
                        name.n > 0 ? "/" : "", STR_ARG(name));
}

status kube_secret_get(struct kube *kube, struct str namespace, struct str name,
                       struct kube_secret *ret_secret, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    enum kube_outcome outcome;
    struct json_doc object;
    TRY(call(kube, "GET", path_of(&arena, namespace, name), STR_EMPTY, &outcome, &object, err));
    *ret_secret = (struct kube_secret){.found = outcome == KUBE_DONE, .object = object};
    return OK;
}

void kube_secret_done(struct kube_secret *secret)
{
    json_doc_done(&secret->object);
    secret->found = false;
}

struct str kube_secret_value(const struct kube_secret *secret, struct arena *arena, const char *key)
{
    struct str text = json_str(json_get(json_get(secret->object.root, "data"), key));
    struct str bytes = STR_EMPTY;
    struct error ignored;
    return failed(base64_decode(arena, text, &bytes, &ignored)) ? STR_EMPTY : bytes;
}

static struct str body_of(struct arena *arena, struct str namespace, struct str name,
                          const struct kube_secret *secret, const struct kube_secret_entry *entries)
{
    kube_object_auto *doc = kube_object_copy(&secret->object);
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    yyjson_mut_val *metadata = kube_object_member(doc, root, "metadata");
    kube_object_set_str(doc, root, "apiVersion", STR("v1"));
    kube_object_set_str(doc, root, "kind", STR("Secret"));
    kube_object_set_str(doc, metadata, "name", name);
    kube_object_set_str(doc, metadata, "namespace", namespace);
    yyjson_mut_val *data = kube_object_member(doc, root, "data");
    yyjson_mut_obj_clear(data);
    for (size_t i = 0; i < ENTRIES; i++) {
        buf_auto buf;
        buf_init(&buf, LIMIT_KUBE_OBJECT);
        buf_add_base64(&buf, entries[i].value);
        ENSURE(!buf_overflowed(&buf));
        /* Also an empty one: a Secret of type kubernetes.io/tls must have both of its names. */
        kube_object_set_str(doc, data, entries[i].key, buf.n > 0 ? buf_str(&buf) : STR_EMPTY);
    }
    return kube_object_write(doc, arena);
}

status kube_secret_put(struct kube *kube, struct str namespace, struct str name,
                       const struct kube_secret *secret, const struct kube_secret_entry entries[4],
                       enum kube_outcome *ret_outcome, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    json_doc_auto written = {0};
    struct str body = body_of(&arena, namespace, name, secret, entries);
    struct str path = path_of(&arena, namespace, secret->found ? name : STR_EMPTY);
    TRY(call(kube, secret->found ? "PUT" : "POST", path, body, ret_outcome, &written, err));
    if (*ret_outcome == KUBE_NOT_FOUND && !secret->found) {
        return error_set(err, ERROR_NOT_FOUND,
                         "Secret %.*s cannot be made: there is no namespace %.*s", STR_ARG(name),
                         STR_ARG(namespace));
    }
    return OK;
}
