#pragma once
/* Objects of one kind by namespace and name, each with what is kept of it. Private to cluster/.
 * Threading: whoever owns it holds a lock. */
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

/* Texts are borrowed by table_put, and owned by the table in what it gives. */
struct table_entry {
    struct str namespace, name;
    struct str uid, version; /* as the API server has them */
    struct str text;         /* what is kept */
    struct str status;       /* of a policy, as JSON */
    int64_t generation;
    bool listed; /* seen since the list began */
};

struct table {
    struct table_entry **entries; /* owned; sorted */
    size_t n, room;
    size_t bytes; /* of the texts */
};

/* Free what it holds. A zeroed table is an empty one. */
void table_done(struct table *table);

/* Keep `entry`, in the place of one with its namespace and name. Returns whether the text is
 * another now. */
bool table_put(struct table *table, const struct table_entry *entry);

/* Forget one. Returns whether it was there. */
bool table_drop(struct table *table, struct str namespace, struct str name);

/* A list of all objects begins; it has ended: what was not put since is forgotten. Returns whether
 * anything was. */
void table_list(struct table *table);
bool table_listed(struct table *table);

/* NULL if there is none. Borrows until the table changes. */
const struct table_entry *table_find(const struct table *table, struct str namespace,
                                     struct str name);
