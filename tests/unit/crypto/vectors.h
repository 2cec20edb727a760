#pragma once
/* Files of other projects: below PRATIQUE_VECTORS, or the project's own copy. */
#include "make.h"

#define PRODUCTION_ROOT "sigstore-trust/production/targets/trusted_root.json"

/* Where a file is, or would be; in the test's arena. */
const char *vector_path(const char *path);

/* A file, in the test's arena; fails the test if it is not there. */
struct str vector(const char *path);

/* The first, second, ... base64 value of a member `name` in a file of JSON, decoded; no address if
 * there are fewer. */
struct str vector_member(const char *path, const char *name, size_t index);

/* The first, second, ... certificate in a file of JSON; fails the test if there are fewer. */
struct str vector_certificate(const char *path, size_t index);
