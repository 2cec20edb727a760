#include "kube/item.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 253 };

/* What may stand in a path as one step of it; kinds have narrower rules of their own. */
static bool is_path_step(struct str name)
{
    if (name.n == 0 || name.n > NAME_MAX_BYTES || str_eq(name, STR(".")) ||
        str_eq(name, STR(".."))) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c <= 0x20 || c >= 0x7f || c == '/' || c == '%') {
            return false;
        }
    }
    return true;
}

static bool is_type(const yyjson_val *object, const struct kube_type *type)
{
    return str_eq(json_str(json_get(object, "apiVersion")), str_from(type->version)) &&
           str_eq(json_str(json_get(object, "kind")), str_from(type->kind));
}

static bool copy_text(char *room, size_t size, struct str text)
{
    if (text.n == 0 || text.n >= size || memchr(text.p, '\0', text.n) != NULL) {
        return false;
    }
    snprintf(room, size, "%.*s", STR_ARG(text));
    return true;
}

status kube_item_version(const yyjson_val *value, struct kube_version *ret_version,
                         struct error *err)
{
    struct kube_version version;
    struct str text = json_str(json_get(json_get(value, "metadata"), "resourceVersion"));
    if (!copy_text(version.text, sizeof version.text, text)) {
        return error_set(err, ERROR_UPSTREAM, "no resourceVersion");
    }
    *ret_version = version;
    return OK;
}

status kube_item_type(const yyjson_val *list, struct kube_type *ret_type, struct error *err)
{
    struct kube_type type;
    struct str kind = json_str(json_get(list, "kind"));
    if (!str_ends(kind, STR("List")) ||
        !copy_text(type.kind, sizeof type.kind, str_sub(kind, 0, kind.n - 4)) ||
        !copy_text(type.version, sizeof type.version, json_str(json_get(list, "apiVersion")))) {
        return error_set(err, ERROR_UPSTREAM, "not a list but \"%.*s\"", STR_ARG(kind));
    }
    *ret_type = type;
    return OK;
}

status kube_item_read(const struct json_doc *object, const struct kube_type *type,
                      struct str namespace, struct kube_item *ret_item, struct error *err)
{
    const yyjson_val *metadata = json_get(object->root, "metadata");
    struct kube_version version;
    const struct kube_item item = {
        .namespace = json_str(json_get(metadata, "namespace")),
        .name = json_str(json_get(metadata, "name")),
        .version = json_str(json_get(metadata, "resourceVersion")),
        .object = object,
    };
    if (!is_type(object->root, type)) {
        return error_set(err, ERROR_UPSTREAM, "an object that is no %s of %s", type->kind,
                         type->version);
    }
    if (!is_path_step(item.name)) {
        return error_set(err, ERROR_UPSTREAM, "an object without a name that can be one");
    }
    bool elsewhere = namespace.n > 0 && !str_eq(namespace, item.namespace);
    if (elsewhere || (item.namespace.n > 0 && !is_path_step(item.namespace))) {
        return error_set(err, ERROR_UPSTREAM, "object %.*s is of a namespace that it cannot be of",
                         STR_ARG(item.name));
    }
    if (failed(kube_item_version(object->root, &version, err))) {
        return error_wrap(err, "object %.*s", STR_ARG(item.name));
    }
    *ret_item = item;
    return OK;
}
