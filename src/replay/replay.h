#pragma once
/* What was decided, or would have been, under other policies: before and after, image by image.
 *
 * Something that came in (a review, an object, a recorded decision) becomes a `replay_case`;
 * judging it again yields changes, which are counted in groups of change, rule, namespace and
 * image. Pure but for memory. Ownership: said at each function. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "history/entry.h"
#include "policy/decision.h"
#include "review/kinds.h"
#include "review/review.h"

enum replay_change {
    REPLAY_SAME_ALLOWED,
    REPLAY_SAME_DENIED,
    REPLAY_NEWLY_DENIED,
    REPLAY_NEWLY_ALLOWED
};

/* One review to judge again. Lives in the arena that it was made in. */
struct replay_case {
    struct review review;
    bool mutate;     /* rewrites come first */
    bool recorded;   /* `admitted` and `denying` say what was decided */
    bool incomplete; /* the record names only a part of the images */
    /* By image of the review. An image that did not deny is admitted, though its review may have
     * been denied for another. */
    bool *admitted;
    struct str *denying; /* "baseline/no-latest"; empty if none is recorded */
};

/* Read a line of the audit log, as `serve` writes it. Labels are not in it, so selectors on
 * them count as matching. Borrows from the document, which has to stay.
 * Errors: INPUT (no such line; says what is missing), LIMIT. A line that records an error has
 * nothing that was decided: *ret_decided is false. */
MUST status replay_from_audit(struct arena *arena, const struct json_doc *doc,
                              struct replay_case *ret_case, bool *ret_decided, struct error *err);

/* True if the document looks like a line of the audit log, be it of another version, rather than a
 * review or an object. */
bool replay_is_audit(const struct json_doc *doc);

/* Append a decision of the history as the line of the audit log that says the same, without a
 * newline: what replay_from_audit reads. */
void replay_history_line(const struct history_entry *entry, struct buf *line);

/* -- counting -- */

struct replay_row {
    enum replay_change change; /* REPLAY_NEWLY_DENIED or REPLAY_NEWLY_ALLOWED */
    struct str rule;           /* "POLICY/RULE" that denies now, or denied before */
    struct str namespace;
    struct str image;
    struct str message; /* the first one; empty for an admission */
    uint64_t count;
};

struct replay_tally {
    struct arena arena; /* of rows and texts */
    struct replay_row *rows;
    size_t n, room;
    uint32_t *slots; /* of the hash table: index plus one; a power of two many */
    size_t n_slots;
    uint64_t images[4]; /* by enum replay_change */
    uint64_t reviews, changed_reviews, incomplete, dropped;
    uint64_t undecided; /* records of what was not decided, which are left out */
};

enum { REPLAY_ROWS_MAX = 100000 }; /* groups kept; beyond, counted in `dropped` */

/* Start at zero; free the rows. */
void replay_tally_init(struct replay_tally *tally);
void replay_tally_done(struct replay_tally *tally);

/* Judge one case: under `before` (NULL: as recorded; without a record, as admitted), and under
 * `after`; count the changes. Errors: those of evaluate_review. */
MUST status replay_judge(struct replay_tally *tally, const struct policy_set *before,
                         const struct policy_set *after, int64_t now, struct replay_case *subject,
                         struct arena *arena, struct error *err);

/* Sort the rows: denials first, then by rule, the most frequent first, then by name. */
void replay_tally_sort(struct replay_tally *tally);
