#pragma once
/* The rules of the reference grammar, each as a predicate over a whole text. Pure.
 * Internal to image/ and its tests.
 * Spec: distribution/reference, the grammar in reference.go and the anchored forms in regexp.go. */
#include "base/str.h"

/* Longest repository, without its registry, and longest tag. These are the grammar's own. */
#define GRAMMAR_PATH_MAX 255
#define GRAMMAR_TAG_MAX  128

/* "ghcr.io", "localhost:5000", "[::1]:443": a host, with a port or without. */
bool grammar_is_domain(struct str s);

/* One component of a repository, and components joined by "/". Lengths are not judged. */
bool grammar_is_component(struct str s);
bool grammar_is_path(struct str s);

/* "1.27-alpine": at most GRAMMAR_TAG_MAX of letters, digits, "_", "." and "-". */
bool grammar_is_tag(struct str s);

/* 64 lower-case hex digits: a whole image ID. */
bool grammar_is_identifier(struct str s);

/* Cut "host:port" or "[address]:port" in two. Returns false, with an empty *ret_port, if no port is
 * written. What stands behind "]" other than a port stays with the host. */
bool grammar_cut_port(struct str domain, struct str *ret_host, struct str *ret_port);

/* -- why a part breaks its rule: the end of a sentence that began with the part -- */

/* `domain` is none; `component` is none; `tag` is none. Texts live for ever. */
const char *grammar_domain_fault(struct str domain);
const char *grammar_component_fault(struct str component);
const char *grammar_tag_fault(struct str tag);
