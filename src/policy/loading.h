#pragma once
/* A set while it is loaded, document by document. Private to policy/. */
#include "policy/compile.h"

struct load {
    struct policy_set *set;
    struct diagnostics *list; /* the caller's */
    struct arena document;    /* what one document is decoded into; reset after it */
    size_t bytes, files;
};

/* Count the bytes of a text, and make the set's hash one that has seen it. Errors: LIMIT. */
MUST status load_count(struct load *load, struct str text, struct error *err);

/* Whether the set can take one document more. Errors: LIMIT. */
MUST status load_room(const struct load *load, struct error *err);

/* Add objects of a cluster, as policy.h tells of them. Errors: LIMIT. */
MUST status load_objects(struct load *load, struct policy_object *objects, size_t n,
                         struct error *err);
