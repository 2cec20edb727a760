#pragma once
/* A report of one object, in the formats that others read: written, compared, recognised. Pure.
 * Spec: wgpolicyk8s.io/v1alpha2 PolicyReport, openreports.io/v1alpha1 Report. */
#include "base/buf.h"
#include "scan/index.h"
#include "scan/results.h"
#include "json/doc.h"

enum report_format { REPORT_WGPOLICYK8S, REPORT_OPENREPORTS, REPORT_FORMATS };

struct report_format_info {
    const char *name;        /* "wgpolicyk8s", in the configuration and in metrics */
    const char *api_version; /* "wgpolicyk8s.io/v1alpha2" */
    const char *kind;        /* "PolicyReport" */
    const char *plural;      /* "policyreports" */
};

/* Describe a format. Lives for ever. */
const struct report_format_info *report_format_info(enum report_format format);

/* What tells our reports from those of others, beside their names: a label, and the source of each
 * result. */
#define REPORT_MANAGED_BY  "app.kubernetes.io/managed-by"
#define REPORT_SOURCE      "pratique"
#define REPORT_NAME_PREFIX "pratique-"

/* The object that a report is about. */
struct report_object {
    struct str api_version, kind, namespace, name;
    unsigned char uid[UID_BYTES];
};

struct report {
    enum report_format format;
    const struct report_object *object;
    const struct results *results;
    struct str version; /* resourceVersion of the one that it replaces; empty: a new one */
    int64_t time;       /* wall */
};

/* Append the report as JSON. It is owned by the object, so that it goes with it. Texts lose what
 * acts instead of showing; results that are too many or too long for one report are counted in a
 * last one. Limits: LIMIT_REPORT, LIMIT_REPORT_MESSAGE. */
void report_write(const struct report *report, struct buf *buf);

/* A number over what a report says, but for times and for what API servers add; equal for what
 * report_write wrote and what an API server gives back of it. */
uint64_t report_digest(const yyjson_val *report);

/* Whether a report is one of ours: by name, label and source. Then *ret_uid is that of the object
 * it is about. */
bool report_is_ours(const yyjson_val *report, unsigned char ret_uid[UID_BYTES]);
