#pragma once
/* What is kept of a decision: its audit line, its metrics, its place in the history. */
#include "server/worker.h"

/* The name of the API that a review came by; empty if nothing was decoded. Lives for ever. */
struct str record_api_name(const struct review *review);

/* What became of an image: its verdict, or the softer word for a failure that did not deny. Lives
 * for ever. */
const char *record_image_word(const struct decision_image *image);

/* "allow", "deny" or "error": what was answered; `err` is why nothing was decided, or NULL. Lives
 * for ever. */
const char *record_verdict_word(const struct job *job, const struct error *err);

/* Why it was not admitted, in a word: that of the first violation, "problem" or "error"; empty if
 * it was. Lives for ever. */
const char *record_cause(const struct job *job, const struct error *err);

/* Record a finished job; `err` is why it failed, NULL if it was answered. */
void record_job(const struct job *job, const struct error *err);

/* Phrase the audit line, its newline included. For tests too. Limits: LIMIT_VIOLATIONS images and
 * violations are listed, and how many there are is told. */
void record_phrase(const struct job *job, const struct error *err, int64_t now, struct buf *line);
