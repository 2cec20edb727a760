#pragma once
/* What runs already, judged by the policies in use: one leader lists the workloads of the cluster,
 * page by page, judges each as if it were created now, and keeps a report of each that has
 * something to tell. Which objects, which reports, and why: docs/reports.md,
 * docs/decisions/0011-reports.md.
 *
 * Nothing here is in the way of a review: a thread of its own, and a constant number of calls in a
 * second (LIMIT_SCAN_CALLS). */
#include "fetch/fetch.h"
#include "kube/config.h"
#include "policy/policy.h"
#include "review/kinds.h"
#include "scan/report.h"

/* Everything is borrowed while the thread runs. */
struct scan_config {
    const struct kube_config *kube;
    const struct fetch *fetch; /* NULL: over the network */
    const struct kinds *kinds;
    const struct str *resources; /* custom kinds to look at too, "rollouts.argoproj.io"; sound names
                                    with a dot, LIMIT_SCAN_CUSTOM at most */
    size_t n_resources;
    bool formats[REPORT_FORMATS];
    enum scan_audit audit;
    bool passes; /* report objects for which everything holds, too */
    int64_t interval;
};

struct scan_counts {
    size_t objects;  /* judged, and not left out */
    size_t left_out; /* made by a template that is judged, with nothing of their own to tell */
    size_t allowed, warned, denied;
    size_t reports[REPORT_FORMATS]; /* that there are */
    size_t created, updated, deleted, unchanged;
    size_t refused; /* that should have been written, and could not be */
};

enum scan_call { SCAN_LIST, SCAN_GET, SCAN_CREATE, SCAN_UPDATE, SCAN_DELETE, SCAN_CALLS };
enum scan_outcome { SCAN_DONE, SCAN_NOT_FOUND, SCAN_CONFLICT, SCAN_FAILED, SCAN_OUTCOMES };

/* "list"; "done". Live for ever. */
const char *scan_call_name(enum scan_call call);
const char *scan_outcome_name(enum scan_outcome outcome);

enum scan_event_kind {
    SCAN_BEGUN,
    SCAN_PROGRESS,  /* a page was judged */
    SCAN_COMPLETE,  /* the scan has ended, and saw everything */
    SCAN_PARTIAL,   /* it has ended, and something could not be listed */
    SCAN_ABANDONED, /* it was given up: another leads, the API server does not answer */
    SCAN_CALL,      /* a call was made */
    SCAN_MISSING,   /* a kind of report is not known to the API server; told once */
    SCAN_FAILURE,   /* something failed; told when it begins */
    SCAN_RECOVERED
};

struct scan_event {
    enum scan_event_kind kind;
    const struct scan_counts *counts; /* BEGUN, PROGRESS, COMPLETE, PARTIAL, ABANDONED */
    int64_t duration;                 /* COMPLETE, PARTIAL, ABANDONED */
    uint64_t policies;                /* the same: the hash of those that it began with */
    enum scan_call call;              /* CALL */
    enum scan_outcome outcome;        /* CALL */
    struct str what;         /* MISSING, FAILURE, RECOVERED: "deployments", "policyreports" */
    const struct error *err; /* FAILURE, ABANDONED */
};

/* Who knows what a scan needs, and is told; called by the thread. */
struct scan_watcher {
    void *self;
    bool (*leads)(void *self); /* may this replica act now? */
    /* A reference to the policies in use; NULL: there are none yet. */
    struct policy_set *(*policies)(void *self);
    /* The labels of a namespace, which live until the next call; false: they are not known. NULL:
     * they never are. */
    bool (*labels)(void *self, struct str namespace, yyjson_val **ret_labels);
    /* Where evidence comes from, until the next call. NULL: nobody is asked. */
    const struct evidence_source *(*source)(void *self);
    void (*tell)(void *self, const struct scan_event *event);
};

struct scan;

/* Begin. Both are borrowed. Returns owned. Errors: INTERNAL. */
MUST status scan_start(const struct scan_config *config, const struct scan_watcher *watcher,
                       struct scan **ret_scan, struct error *err);

/* End the thread, within a few seconds, and free; NULL is fine. */
void scan_stop(struct scan *scan);
