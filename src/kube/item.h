#pragma once
/* One object of a list or a watch, and what is known of it before anyone looks inside. Pure. */
#include "json/doc.h"

enum { KUBE_VERSION_MAX = 128, KUBE_TYPE_MAX = 320 };

/* A resourceVersion, as text that means nothing to us. An empty one is none. */
struct kube_version {
    char text[KUBE_VERSION_MAX];
};

/* apiVersion and kind. */
struct kube_type {
    char version[KUBE_TYPE_MAX];
    char kind[KUBE_TYPE_MAX];
};

struct kube_item {
    struct str namespace; /* empty: of the cluster */
    struct str name;
    struct str version;            /* resourceVersion */
    const struct json_doc *object; /* with apiVersion and kind; borrowed as the rest is */
};

/* Read the metadata of an object. It must have a sound name and a version, and be of `type`; and in
 * `namespace`, unless that is empty. Borrows from `object`.
 * Errors: UPSTREAM; messages name the object as far as it can be named. */
MUST status kube_item_read(const struct json_doc *object, const struct kube_type *type,
                           struct str namespace, struct kube_item *ret_item, struct error *err);

/* Read the type of the objects of a list: its own, without "List".
 * Errors: UPSTREAM (it is no list). */
MUST status kube_item_type(const yyjson_val *list, struct kube_type *ret_type, struct error *err);

/* Keep the resourceVersion that `value` has in its metadata.
 * Errors: UPSTREAM (none, or one longer than KUBE_VERSION_MAX). */
MUST status kube_item_version(const yyjson_val *value, struct kube_version *ret_version,
                              struct error *err);
