#pragma once
/* What `pratique check` prints: object by object as it is judged, totals at the end. */
#include "base/buf.h"
#include "cli/command.h"
#include "cli/manifests.h"
#include "policy/decision.h"
#include "review/review.h"

struct report_format;

struct report {
    const struct invocation *invocation;
    const struct report_format *format;
    bool all;           /* also objects without images */
    bool begun;         /* something is already in the list */
    struct arena arena; /* of what a format keeps to the end */
    struct buf body;    /* of what a format writes after the totals */
    const char **rules; /* SARIF: "policy/rule" of the results so far */
    size_t n_rules, room_rules;
    size_t objects, denied_objects, problems;
    size_t images, admitted, denied, warned, audited, excused;
    size_t not_asked; /* images that nothing denies; nobody was asked, for another one is denied */
};

/* The names of the formats, for the table of options; ends with NULL. */
extern const char *const report_formats[];

/* Start a report by the options of the invocation. */
void report_begin(struct report *report, const struct invocation *invocation);

/* Tell what was decided on one object. */
void report_object(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision);

/* Tell that a file, a document or an object could not be judged. `object` is NULL where there is
 * none to name. */
void report_problem(struct report *report, const struct manifest_place *place, yyjson_val *object,
                    const struct error *err);

/* Write why a violation does not deny: " (excused by exception NAME)", " (mode warn)"; nothing if
 * it denies. */
void report_softened(FILE *file, const struct violation *violation);

/* Write the totals. Returns the exit status: what could not be judged counts most, for then the
 * answer is not complete, and no object at all is no admission. */
enum exit_code report_end(struct report *report);
