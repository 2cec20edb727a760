#pragma once
/* A decision in words: the answer that the API server, and through it a person, gets. Pure. Private
 * to evaluate/. */
#include "policy/decision.h"
#include "review/review.h"

/* Phrase the answer to a review that was decided. With `patch`, the images that were rewritten and
 * admitted are set in the object. Lives in the arena, borrows from the decision.
 * Errors: LIMIT (the patch is too large), INPUT (an image's place is not in the object). */
MUST status answer_phrase(const struct review *review, const struct decision *decision, bool patch,
                          struct arena *arena, struct review_answer *ret_answer, struct error *err);
