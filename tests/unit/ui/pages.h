#pragma once
/* Every page with every text of every struct filled, each with a number of its own behind it. */
#include "base/arena.h"
#include "ui/ui.h"

enum sample {
    SAMPLE_DECISIONS,
    SAMPLE_DECISION,
    SAMPLE_POLICIES,
    SAMPLE_REPLICA,
    SAMPLE_FAILED,
    SAMPLE_REFUSAL,
    SAMPLE_OFF,
    SAMPLE_EMPTY,
    SAMPLE_COUNT
};

/* Write the page. The texts are `text` and "#1#", "#2#" and so on, `n` of them. */
void write_sample(enum sample sample, struct str text, struct arena *arena, unsigned *ret_n,
                  struct buf *html);
