#pragma once
/* What a scan lists: the workloads of Kubernetes that run something, and custom kinds. Templates
 * come before what is made by them. */
#include "scan/calls.h"

struct scan_resource {
    struct str plural, group, version, kind; /* version and kind: empty while they are not known */
    struct str path;                         /* "/apis/apps/v1/deployments"; empty as the former */
    struct str name;                         /* "rollouts.argoproj.io", "deployments": for people */
    bool custom;
    bool absent;             /* this time: the API server does not know it */
    bool listed;             /* this time: all of it was seen, or there is none */
    enum error_kind failing; /* ERROR_NONE: not; from scan to scan */
};

struct scan_resources {
    struct arena arena; /* what custom kinds live in; emptied by resources_find */
    struct scan_resource items[LIMIT_SCAN_RESOURCES];
    size_t n;
};

/* Begin with the workloads, and the custom kinds by their names, which are borrowed; free. */
void resources_init(struct scan_resources *resources, const struct str *names, size_t n);
void resources_done(struct scan_resources *resources);

/* Begin anew: nothing is listed, and nothing is known of custom kinds. */
void resources_reset(struct scan_resources *resources);

/* Ask the API server for version and kind of a custom kind, of which nothing is known yet.
 * Errors: as calls_make; UPSTREAM (an answer that makes no sense). */
MUST status resources_find(struct scan_resources *resources, struct scan_resource *resource,
                           struct calls *calls, struct error *err);

/* The resource of objects of this apiVersion and kind, in any version; NULL if there is none that
 * is known. */
struct scan_resource *resources_of(struct scan_resources *resources, struct str api_version,
                                   struct str kind);
