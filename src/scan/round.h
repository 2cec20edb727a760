#pragma once
/* One scan: what is there is listed and judged, reports are made so, and what is left of earlier
 * ones is deleted. Kept from scan to scan is only what was told. */
#include "evaluate/evaluate.h"
#include "scan/reports.h"

struct round {
    const struct scan_config *config;   /* borrowed */
    const struct scan_watcher *watcher; /* borrowed */
    struct calls calls;
    struct scan_resources resources;
    struct reports reports[REPORT_FORMATS];

    /* Of one scan. */
    struct policy_set *policies;
    uint64_t hash; /* of the policies that it began with */
    struct scan_counts counts;
    struct namespaces namespaces;
    struct index owners;  /* templates with findings */
    struct str *findings; /* owned; of those, by the index's numbers; in `memory` */
    struct arena memory;
    struct arena arena; /* of one object */
};

/* Begin; everything given is borrowed. `stop`, if it is not NULL, ends a scan. */
void round_init(struct round *round, const struct scan_config *config,
                const struct scan_watcher *watcher, struct kube *kube, const atomic_bool *stop);
void round_done(struct round *round);

enum round_result {
    ROUND_COMPLETE,
    ROUND_PARTIAL,  /* something could not be listed */
    ROUND_ABANDONED /* nothing more could be done: round->calls.why */
};

/* Scan. round->counts and round->hash tell of it afterwards. */
enum round_result round_run(struct round *round);
