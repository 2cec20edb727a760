#include "server/budget.h"

#include "base/status.h"

void budget_init(struct budget *budget, size_t reviews_max, size_t bytes_max)
{
    *budget = (struct budget){
        .reviews_max = reviews_max,
        .bytes_max = bytes_max,
        .reviews_gauge = metric_series(METRIC_REVIEWS_IN_FLIGHT, NULL, 0),
        .bytes_gauge = metric_series(METRIC_BODY_BYTES_IN_FLIGHT, NULL, 0),
    };
}

static bool take(atomic_size_t *used, size_t max, size_t n)
{
    size_t now = atomic_load(used);
    do {
        if (n > max || now > max - n) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(used, &now, now + n));
    return true;
}

bool budget_take_review(struct budget *budget)
{
    if (!take(&budget->reviews, budget->reviews_max, 1)) {
        return false;
    }
    metric_add(budget->reviews_gauge, 1);
    return true;
}

bool budget_take_bytes(struct budget *budget, size_t n)
{
    if (!take(&budget->bytes, budget->bytes_max, n)) {
        return false;
    }
    metric_add(budget->bytes_gauge, (int64_t)n);
    return true;
}

void budget_return(struct budget *budget, size_t reviews, size_t bytes)
{
    ENSURE(atomic_fetch_sub(&budget->reviews, reviews) >= reviews);
    ENSURE(atomic_fetch_sub(&budget->bytes, bytes) >= bytes);
    metric_add(budget->reviews_gauge, -(int64_t)reviews);
    metric_add(budget->bytes_gauge, -(int64_t)bytes);
}
