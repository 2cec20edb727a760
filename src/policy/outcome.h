#pragma once
/* What a rule that was judged leads to. Private to policy/. */
#include "policy/decision.h"

/* What a failure leads to, the worst first; violations are listed in this order. */
enum outcome { OUTCOME_DENIED, OUTCOME_WARNED, OUTCOME_AUDITED, OUTCOME_EXCUSED, OUTCOME_COUNT };

/* Whether the rule is satisfied. */
bool policy_passes(const struct finding *finding);

/* Why the image is denied whatever the rules say; empty if it is not. */
struct str policy_denied_outright(const struct plan *plan, const struct plan_image *image);

/* Whether the item was not judged, for the review is denied without what it wants to know. */
bool policy_is_unasked(const struct plan *plan, const struct plan_item *item);

/* How strictly a failure of the item is taken: as its policy says, or its rule where there is no
 * evidence. */
enum policy_mode policy_item_mode(const struct plan_item *item);

/* What a failing item leads to. */
enum outcome policy_outcome(const struct plan_item *item);
