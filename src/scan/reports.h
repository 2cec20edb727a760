#pragma once
/* The reports of one format: which there are, so that only what changed is written; and those of
 * which nothing was said in a scan, which go at its end. */
#include "scan/resources.h"

/* What is known of namespaces in one scan. */
struct namespaces {
    struct names names;
    bool *refused; /* owned, LIMIT_SCAN_NAMESPACES of them: no report can be written there */
};

/* One report that there is. */
struct known {
    uint64_t digest;
    struct str version;             /* resourceVersion */
    struct scan_resource *resource; /* of the object that it is about; NULL: not known */
    bool seen;                      /* it is as it should be, or will be so at another time */
};

struct reports {
    enum report_format format;
    bool there;              /* this time: they can be read and written */
    bool missing;            /* was told to be */
    enum error_kind failing; /* ERROR_NONE: not; from scan to scan */
    unsigned refusals;       /* by namespaces, in a row */
    struct index index;
    struct known *items; /* owned; by the index's numbers */
    size_t room;
    struct arena arena; /* versions */
};

/* What one scan shares. */
struct keeping {
    struct calls *calls;
    struct namespaces *namespaces;
    struct scan_resources *resources;
    struct scan_counts *counts;
};

/* An object that is reported. */
struct kept {
    struct report_object object;
    struct index_key key;
    struct scan_resource *resource;
    const struct results *results;
    int64_t time; /* wall */
};

/* Begin without any; free. */
void reports_init(struct reports *reports, enum report_format format);
void reports_done(struct reports *reports);

/* Forget what was known, and list those that there are. reports->there is false afterwards if there
 * is no such kind, or they cannot be listed; it is told. Errors: as calls_check. */
MUST status reports_list(struct reports *reports, const struct keeping *keeping, struct error *err);

/* See to it that the report of this object is so. What cannot be written is counted and told.
 * Errors: as calls_check. */
MUST status reports_keep(struct reports *reports, const struct keeping *keeping,
                         const struct kept *kept, struct error *err);

/* Delete those that were not kept, of objects whose kind was listed whole. Errors: as calls_check.
 */
MUST status reports_sweep(struct reports *reports, const struct keeping *keeping,
                          struct error *err);

/* How many there are. */
size_t reports_count(const struct reports *reports);

/* Tell that something fails, or does so no longer; *failing is what was told before. */
void scan_tell_failure(const struct calls *calls, struct str what, enum error_kind *failing,
                       const struct error *err);
void scan_tell_recovery(const struct calls *calls, struct str what, enum error_kind *failing);
