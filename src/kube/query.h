#pragma once
/* Inside kube/: paths and queries of lists and watches. Pure. */
#include "base/buf.h"

/* The namespace that `path` is about; empty: none, or all. Borrows. */
struct str kube_query_namespace(const char *path);

/* Append `text` as the value of a parameter: what is no letter, digit, '-', '_', '.' or '~' by its
 * number. Spec: RFC 3986 section 2.1. */
void kube_query_add_value(struct buf *query, struct str text);
