#pragma once
/* A violation in the words that the person who is denied reads. Pure. Private to policy/. */
#include "policy/decision.h"

/* `tag "latest" is not allowed; use a version tag or a digest`, and the rule's own help behind it.
 * Lives in the arena. */
struct str policy_reason(const struct finding *finding, const struct rule *rule,
                         struct arena *arena);

/* `spec.containers[0].image "nginx:1": registry "docker.io" cannot be reached; the digest that the
 * tag had 2 h ago is used: sha256:…: PROBLEM`. The image has a stale digest. Lives in the arena. */
struct str policy_stale_message(const struct plan_image *image, struct arena *arena);

/* `spec.containers[0].image "nginx": policy baseline, rule no-latest: REASON`; without policy and
 * rule where `policy` is empty. Lives in the arena. Limits: LIMIT_MESSAGE. */
struct str policy_message(const struct plan_image *image, struct str policy, struct str rule,
                          struct str reason, struct arena *arena);
