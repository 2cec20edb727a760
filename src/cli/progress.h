#pragma once
/* A line on a terminal that tells how far long work is, and goes away when it is done. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *file; /* borrowed; NULL: nothing is shown */
    const char *noun;
    size_t done, total;
    int64_t next; /* monotonic: when the line is written again */
    bool shown;
};

/* Tell on `file`, if it is a terminal and the work takes longer than a second, how many of `total`
 * `noun`s are done. */
void progress_begin(struct progress *progress, FILE *file, const char *noun, size_t total);

/* One more is done. */
void progress_step(struct progress *progress);

/* Take the line away, so that something else can be written. It comes back with the next step. */
void progress_clear(struct progress *progress);
