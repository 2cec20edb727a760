#pragma once
/* Lists in which the most specific entry that matches decides, and what none matches is denied.
 * Inside convert/. */
#include "convert/draft.h"

enum ranked_action { RANKED_ADMIT, RANKED_DENY, RANKED_BY_HAND };

struct ranked_entry {
    struct draft_globs inner, outer; /* the images, for what is admitted and for what is denied */
    const yyjson_val *at;
    struct object *object; /* that the entry stands in */
    enum ranked_action action;
    const char *what;   /* for RANKED_BY_HAND: the demand */
    size_t rank, index; /* for `order` */
    struct str text;    /* the same */
};

struct ranked {
    struct ranked_entry *items;
    size_t n, room;
    /* Above 0: `a` certainly wins where both match; below 0: `b`; 0: it depends. */
    int (*order)(const struct ranked_entry *a, const struct ranked_entry *b);
};

/* Add policies that mean the list to `object`, made as copies of `base`, which has no rules. */
void ranked_write(struct object *object, const struct draft *base, const struct ranked *ranked);

/* A higher rank wins. */
int ranked_by_rank(const struct ranked_entry *a, const struct ranked_entry *b);
