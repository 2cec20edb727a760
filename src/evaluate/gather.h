#pragma once
/* Evidence for a plan: asked for, written into its texts, judged. Private to evaluate/. */
#include "evaluate/evaluate.h"

/* Have the source find out what the plan wants, and judge it. Nothing is asked if the plan is
 * denied without. Returns false, with nothing judged, if it takes time and options->inline_only.
 * Whatever goes wrong is in the evidence. */
bool gather(struct plan *plan, const struct evaluate_options *options, struct arena *arena);
