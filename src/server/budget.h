#pragma once
/* What may be in flight: reviews, and the memory of their bodies. Threading: any thread. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "observe/metrics.h"

struct budget {
    size_t reviews_max, bytes_max;
    atomic_size_t reviews, bytes;
    struct metric_series *reviews_gauge, *bytes_gauge;
};

/* Start with nothing in flight. */
void budget_init(struct budget *budget, size_t reviews_max, size_t bytes_max);

/* Take one review, or `n` bytes. Returns false, and takes nothing, if that would be too much. */
bool budget_take_review(struct budget *budget);
bool budget_take_bytes(struct budget *budget, size_t n);

/* Give back what was taken; more is a broken assumption. */
void budget_return(struct budget *budget, size_t reviews, size_t bytes);
