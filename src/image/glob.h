#pragma once
/* Plain globs for names that are not image references: namespaces, kinds, users.
 * `*` is any run of characters, also none; everything else is itself. Pure. */
#include "base/str.h"

/* Whether `glob` matches all of `text`. At most glob.n x text.n steps. */
bool glob_match(struct str glob, struct str text);

/* A list with exclusions: ["*", "!kube-system"]. Borrows the texts. */
struct glob_list {
    struct str *include; /* empty: everything */
    size_t n_include;
    struct str *exclude; /* without their "!" */
    size_t n_exclude;
};

/* True if something includes the text (or nothing is listed to include) and nothing excludes it. */
bool glob_list_match(const struct glob_list *list, struct str text);
