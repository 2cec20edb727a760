#pragma once
/* Image references: "ghcr.io/acme/app:1.2@sha256:…" taken apart, normalised and printed.
 *
 * A reference keeps three things: what was written (`text`), the name as distribution/reference
 * normalises it (`registry`, `repository`, `tag`, `digest`: "nginx" is docker.io/library/nginx),
 * and the canonical form that patterns are matched against (`host`, `port`, `segments`,
 * `match_tag`), in which differences that no runtime sees are gone.
 *
 * Pure. Ownership: parts borrow `text` or live in the arena, whichever is shorter-lived counts.
 * Spec: distribution/reference (grammar in reference.go, normalisation in normalize.go). Where we
 * differ from it, docs/decisions/0002-reference-grammar.md says why. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

/* What makes runtimes read one text differently; a bit set. */
enum reference_quirk {
    REFERENCE_SHORT_NAME = 1,      /* no registry written: CRI-O may resolve it elsewhere */
    REFERENCE_UPPER_CASE_HOST = 2, /* "Foo/bar": a host for some, Docker Hub for others */
    REFERENCE_IMAGE_ID = 4 /* bare "sha256:…", or sha384, sha512 as a name: containerd takes
                              it for the beginning of the ID of an image on the node */
};

struct reference {
    struct str text;       /* as written */
    struct str registry;   /* "docker.io", "ghcr.io:443", case as written */
    struct str repository; /* "library/nginx" */
    struct str tag;        /* empty if none was written */
    struct str digest;     /* "sha256:…", empty if none was written */
    unsigned quirks;       /* of enum reference_quirk */

    /* canonical, for matching */
    struct str host;      /* lower case, without port; IPv6 in its one short form with brackets;
                             the names of Docker Hub's registry are all "docker.io" */
    unsigned port;        /* 0: none written, or 443; 65536: one that no socket has */
    struct str *segments; /* of the repository */
    size_t n_segments;
    struct str match_tag; /* the tag; "latest" if neither tag nor digest was written */
};

/* Parse and normalise as ParseNormalizedNamed does; no tag is invented.
 * Errors: INPUT (the text says what is wrong and, where it is plain, what would be right);
 * LIMIT (longer than LIMIT_IMAGE_TEXT). */
MUST status reference_parse(struct arena *arena, struct str text, struct reference *ret_reference,
                            struct error *err);

/* Which grammar `reference_parse_as` follows. */
enum reference_grammar {
    REFERENCE_NORMALIZED, /* ParseNormalizedNamed: what reference_parse does */
    REFERENCE_EXACT,      /* Parse: nothing filled in; registry empty if none is written */
    REFERENCE_CANONICAL,  /* ParseNamed: an error unless already in normal form */
    REFERENCE_DOCKER,     /* ParseDockerRef: the tag dropped beside a digest, else "latest" */
    REFERENCE_ANY         /* ParseAnyReference: also 64 hex digits and bare digests; these have an
                             empty registry, repository and host, and the quirks of an image ID */
};

/* Parse by another grammar. Errors: as reference_parse. */
MUST status reference_parse_as(struct arena *arena, enum reference_grammar grammar, struct str text,
                               struct reference *ret_reference, struct error *err);

/* "docker.io/library/nginx": registry and repository. Lives in the arena. */
struct str reference_name(struct arena *arena, const struct reference *reference);

/* "nginx": the shortest name that normalises to the same. Lives in the arena. */
struct str reference_familiar(struct arena *arena, const struct reference *reference);

/* Name, tag and digest as one text; parses to an equal reference. Lives in the arena. */
struct str reference_print(struct arena *arena, const struct reference *reference);
