#pragma once
/* What people give for the files of install/, checked before anything is written. Pure.
 *
 * `what` names the argument in messages ("--ca"), each of which says what would be right. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

/* Text that can stand in a file: not empty, UTF-8, nothing that acts on what is shown.
 * Errors: CONFIG. Limits: LIMIT_NAME bytes. */
MUST status install_check_text(const char *what, struct str text, struct error *err);

/* An absolute path as another machine will see it, with no "." or ".." among its parts.
 * Errors: CONFIG. Limits: LIMIT_NAME bytes. */
MUST status install_check_path(const char *what, struct str path, struct error *err);

/* A name of an object, 1 to 63 lower-case letters, digits and hyphens. Errors: CONFIG.
 * Spec: RFC 1123 label, as Kubernetes has it. */
MUST status install_check_name(const char *what, struct str name, struct error *err);

/* The URL of an endpoint: `text` as given, with `path` behind it if it has no path. Returned in the
 * arena. Errors: CONFIG (not https, a user, a query or a fragment, a path that ends otherwise).
 * Spec: what kube-apiserver takes for the URL of a webhook. */
MUST status install_url(struct arena *arena, const char *what, struct str text, const char *path,
                        struct str *ret_url, struct error *err);

/* "HOST:PORT" of a URL that install_url made. Lives in the arena. */
struct str install_url_host(struct arena *arena, struct str url);

enum pem_kind { PEM_CERTIFICATES, PEM_KEY };

/* PEM with nothing in it but certificates, or but one private key that is not encrypted: a key
 * that is given where a certificate belongs must not get into a file for all to read. What is
 * inside the blocks is not looked at. Errors: CONFIG. Spec: RFC 7468. */
MUST status install_check_pem(const char *what, enum pem_kind kind, struct str text,
                              struct error *err);

/* A duration such as "30s" in whole units of `unit` nanoseconds, from 1 of them to `most`
 * nanoseconds; "off" is -1. Errors: CONFIG. */
MUST status install_duration(const char *what, struct str text, int64_t unit, int64_t most,
                             int64_t *ret_units, struct error *err);

/* A decimal number from `least` to `most`. Errors: CONFIG. */
MUST status install_number(const char *what, struct str text, uint64_t least, uint64_t most,
                           uint64_t *ret_number, struct error *err);
