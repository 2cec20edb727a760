#pragma once
/* How a report of `pratique check` is written: one file and one const struct per format. */
#include "cli/report.h"

struct report_format {
    const char *name; /* of --output */
    void (*begin)(struct report *report);
    /* One object that was judged. */
    void (*object)(struct report *report, const struct manifest_place *place,
                   const struct review *review, const struct decision *decision);
    /* One that could not be; parts are apiVersion, kind, name and namespace, empty if not known. */
    void (*problem)(struct report *report, const struct manifest_place *place,
                    const struct str parts[static 4], const struct error *err);
    void (*end)(struct report *report);
};

extern const struct report_format report_text, report_json, report_sarif, report_junit,
    report_github;

/* "Deployment shop/web"; lives in the arena. */
struct str report_object_name(struct arena *arena, struct str kind, struct str namespace,
                              struct str name);

/* "error" or "warning"; `note`, as the format calls it, for what neither denies nor warns. */
const char *report_level(const struct violation *violation, const char *note);
