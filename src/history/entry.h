#pragma once
/* One decision, as the history keeps it: named fields alone, bounded text, no header, no body.
 * Ownership: an entry borrows its texts and lists until it is copied. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct history_image {
    struct str text;       /* the reference as the object has it */
    struct str rewritten;  /* what it was rewritten to and judged as; empty: it was not */
    struct str normalised; /* added when it is written; empty if it is no reference */
    struct str path;       /* "spec.containers[0].image" */
    struct str verdict;    /* allow, warn, audit, excused or deny */
};

struct history_violation {
    struct str path; /* of the image */
    struct str cause, policy, rule, mode, exception, message;
};

struct history_entry {
    int64_t id;   /* given when it is written, rising; nothing to whoever adds */
    int64_t time; /* wall time */
    int64_t duration_ns;
    uint64_t policy_hash;
    bool dry_run;
    struct str uid, endpoint, api, operation, group, version, kind, subresource, namespace, name;
    struct str user, verdict;
    struct str cause;  /* rule, uncovered, unreadable, problem, error; empty: admitted */
    struct str detail; /* of a problem or an error: its text */
    struct history_image *images;
    size_t n_images, image_count; /* those listed, those that there were */
    struct history_violation *violations;
    size_t n_violations, violation_count;
};

/* Bytes that a copy takes, a multiple of 16, at most LIMIT_HISTORY_ENTRY. */
size_t history_entry_size(const struct history_entry *entry);

/* Copy the entry, its lists and its texts into `memory`, which has that size and is aligned for any
 * type; the copy borrows from `memory` alone. A text that is too long is cut at a character's
 * border; violations and images that do not fit are left out, and the counts tell. Limits: a half
 * of LIMIT_HISTORY_ENTRY is for violations; LIMIT_NAME, LIMIT_FIELD_PATH, LIMIT_IMAGE_TEXT,
 * LIMIT_MESSAGE. */
struct history_entry *history_entry_copy(const struct history_entry *entry, void *memory);
