#pragma once
/* Inside layout/: the names that index.json gives its manifests. Pure. */
#include "layout/layout.h"

/* The entries of `index`, in the arena; what they point at lives as long as `index`. */
struct layout_entry *entries_of(struct arena *arena, const struct oci_manifest *index);

/* The entry that a name means (layout_find), but for digests. NULL if there is none.
 * Errors: EVIDENCE (it is of two that differ). */
MUST status entries_find(struct arena *arena, const struct layout_entry *entries, size_t n,
                         struct str name, const struct layout_entry **ret_entry, struct error *err);

/* The names of all entries, for a message: "a, b and 7 more", or "none has a name". */
struct str entries_names(struct arena *arena, const struct layout_entry *entries, size_t n);

/* The digest that `name` is, or that it has; empty if it has none. Lives in the arena. */
struct str entries_digest(struct arena *arena, struct str name);
