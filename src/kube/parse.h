#pragma once
/* Inside kube/: what the API server says, as a document.
 *
 * An object may hold what its kind keeps unread, nested as deep as its author likes. It must not
 * make unreadable what comes with it: a container nested deeper than KUBE_PARSE_DEPTH becomes an
 * empty string. No field that we know is nested a quarter as deep. Pure. */
#include "base/limits.h"
#include "json/doc.h"

#define KUBE_PARSE_DEPTH LIMIT_JSON_DEPTH

/* Parse as json_parse, without marks. Errors: INPUT, LIMIT (memory). */
MUST status kube_parse(struct str text, struct json_doc *ret_doc, struct error *err);
