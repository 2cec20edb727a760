#pragma once
/* What was found out about one image, for rules that its reference alone does not answer.
 *
 * Nothing here is trusted more than it says: a part that is absent was not had, and fails the rules
 * that want it. Pure. Lives in the review's arena. */
#include "base/status.h"
#include "base/str.h"

struct oci_image;

/* What a rule wants to know; a bit set. */
enum {
    EVIDENCE_DIGEST = 1, /* what the tag points to */
    EVIDENCE_IMAGE = 2   /* manifests and configurations */
};

struct evidence {
    struct str digest; /* of what the reference names, an index or a manifest; empty: not had */
    struct str media_type;
    const struct oci_image *image; /* what that digest is the digest of; NULL: not had */
    struct str problem; /* why something is missing, or stale, for people; empty: nothing is */
    enum error_kind problem_kind;
    bool stale;  /* the digest is the last that the tag had, for its registry cannot be reached */
    int64_t age; /* of a stale one: nanoseconds since it was had */
};

/* What of it was had: bits of the enum above. */
unsigned evidence_has(const struct evidence *evidence);

/* Whether the problem lies with those who were asked, or with the way to them, and never with the
 * image: what its author can bring about (a part that is missing, malformed or too large) speaks
 * against it, and is softened by nothing. */
bool evidence_is_unreachable(const struct evidence *evidence);
