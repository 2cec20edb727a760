#pragma once
/* Does a policy or an exception apply? One set of functions for deciding and for explaining, each
 * with the part of the policy that settled it.
 *
 * An answer has three values, because a review does not tell everything (review.h). For what
 * tightens, a rule, MAYBE counts as yes; for what loosens, only YES does: an exception, an accepted
 * quirk, and that an image is covered.
 *
 * Pure. Private to policy/. */
#include "policy/model.h"

enum policy_answer { POLICY_NO = 0, POLICY_MAYBE, POLICY_YES };

/* The part of a policy that decided an answer of NO, or the last that made it MAYBE. */
enum policy_part {
    PART_NONE, /* everything that is given matches */
    PART_NAMESPACES,
    PART_NAMESPACE_SELECTOR,
    PART_OBJECT_SELECTOR,
    PART_KINDS,
    PART_OPERATIONS,
    PART_USERS,
    PART_IMAGES
};

struct policy_applies {
    enum policy_answer answer;
    enum policy_part part;
};

/* What a part is about, where it is not known: "user", "namespace's labels". Lives for ever. */
const char *policy_part_unknown(enum policy_part part);

/* Whether the policy's `match` holds for the review. */
struct policy_applies policy_match_request(const struct policy_match *match,
                                           const struct review *review);

/* Whether the policy's `images` hold for the reference; YES or NO. */
enum policy_answer policy_match_image(const struct policy *policy,
                                      const struct reference *reference);

/* The quirks of references that the policy accepts, given how it applies: loosening takes a policy
 * for the whole cluster that is enforced and certainly applies. */
unsigned policy_accepted(const struct policy *policy, enum policy_answer applies);

/* True if the review does not tell its object's namespace. */
bool policy_namespace_unknown(const struct review *review);

/* True if the exception excuses this rule of this policy for this image at wall time `now`. */
bool policy_exception_holds(const struct exception *exception, const struct policy *policy,
                            const struct rule *rule, const struct review *review,
                            const struct reference *reference, int64_t now);

/* The first exception, in the set's order, that holds; NULL if none does. Looked up by index. */
const struct exception *policy_excuse(const struct policy_set *set, const struct policy *policy,
                                      const struct rule *rule, const struct review *review,
                                      const struct reference *reference, int64_t now);
