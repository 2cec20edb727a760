#pragma once
/* What a rule that was judged leads to. Private to policy/. */
#include "policy/decision.h"

/* What a failure leads to, the worst first; violations are listed in this order. */
enum outcome { OUTCOME_DENIED, OUTCOME_WARNED, OUTCOME_AUDITED, OUTCOME_EXCUSED, OUTCOME_COUNT };

/* Whether the rule is satisfied. */
bool policy_passes(const struct finding *finding);

/* What a failing item leads to. */
enum outcome policy_outcome(const struct plan_item *item);
