#pragma once
/* The labels of the namespaces whose objects stand among the manifests, so that a policy's
 * namespaceSelector can be judged before there is a cluster. */
#include "base/str.h"
#include "cli/manifests.h"
#include "json/doc.h"

struct namespace_entry {
    struct json_doc doc; /* owned */
    struct str name;
    yyjson_val
        *labels; /* an object, with the label that Kubernetes adds by itself; NULL: unknown */
};

struct namespaces {
    struct namespace_entry *entries; /* owned */
    size_t n, room;
};

/* Collect them from all manifests. What cannot be read, or has labels that are no labels, is not
 * known then, which makes every selector apply. Limits: LIMIT_MANIFEST_FILES; the rest is unknown.
 */
void namespaces_collect(const struct manifests *manifests, struct namespaces *ret_namespaces);

/* Frees the entries; what namespaces_labels returned ends with them. */
void namespaces_done(struct namespaces *namespaces);

/* The labels of `name`, an object; NULL if they are not known. Of several, the last. Borrows. */
yyjson_val *namespaces_labels(const struct namespaces *namespaces, struct str name);

#define namespaces_auto __attribute__((cleanup(namespaces_done))) struct namespaces
