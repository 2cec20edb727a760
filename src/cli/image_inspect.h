#pragma once
/* What `pratique image inspect` found out, and printing it. */
#include "cli/image_options.h"

struct inspection {
    struct str input;
    struct str reference;              /* empty: the input is none */
    struct registry_resolved resolved; /* its digest is empty if there is none */
    bool known;                        /* `image` could be read */
    struct oci_image image;
    struct registry_steps steps;
    struct str error; /* empty: all is there */
};

/* Print it: as one line of JSON (docs/inspect-output.schema.json); for people. */
void image_inspect_json(FILE *out, const struct inspection *inspection);
void image_inspect_text(const struct invocation *invocation, const struct inspection *inspection);
