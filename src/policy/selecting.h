#pragma once
/* A plan while it is made, by file: select.c which policies, text and rules; judge.c what the rules
 * find; pin.c digests. Private to policy/. */
#include "policy/match.h"
#include "policy/rule.h"

/* A policy that applies to an image, and how certainly. */
struct applying {
    const struct policy *policy;
    enum policy_answer answer;
};

struct selection {
    struct plan *plan;
    struct arena *arena;
    struct rule_judging judging;
    uint8_t *answers; /* of match_request, by policy; 0: not asked yet, else the answer plus one */
    struct applying *applying; /* those of the image at hand */
    size_t n_applying, room_applying;
};

/* Begin, or go on with, a plan. */
struct selection selection_of(struct plan *plan, struct arena *arena);

/* Plan the image by the text that it has now, without rewriting it. What was planned of it before
 * is forgotten, but not what was asked. */
void select_settled(struct selection *selection, struct plan_image *planned);

/* Judge an item that needs the reference alone; of another, note what it wants. */
void judge_item(struct selection *selection, struct plan_image *planned, struct plan_item *item);

/* Whether an image gets its digest where its reference has none and a policy that applies resolves
 * digests. */
bool pin_is_due(const struct selection *selection, const struct reference *reference);

/* Whether the policy, which applies, has a part in that: then it has an item of policy_pin_rule. */
bool pin_is_of(const struct applying *applying);

/* How old a stale digest may be that is written: plan_image.stale_for. */
int64_t pin_stale_for(const struct selection *selection);

/* mutate.resolveDigest as a rule: the digest could be had. */
extern const struct rule policy_pin_rule;
