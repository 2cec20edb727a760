#include "events/limiter.h"

#include <string.h>

static int64_t credit_at(const struct limiter_bucket *bucket, int64_t most, int64_t now)
{
    if (bucket->at == 0 || now - bucket->at >= most - bucket->credit) {
        return most;
    }
    return bucket->credit + (now - bucket->at);
}

static bool has_one(const struct limiter_bucket *bucket, int64_t n, int64_t every, int64_t now)
{
    return credit_at(bucket, n * every, now) >= every;
}

static void take_one(struct limiter_bucket *bucket, int64_t n, int64_t every, int64_t now)
{
    bucket->credit = credit_at(bucket, n * every, now) - every;
    bucket->at = now;
}

static bool is_full(const struct limiter_namespace *one, int64_t now)
{
    const int64_t most = EVENTS_OF_NAMESPACE * EVENTS_OF_NAMESPACE_EVERY;
    return credit_at(&one->bucket, most, now) == most;
}

/* Its place, or that of one that has all its share again, as any that is not here. NULL: there is
 * none. */
static struct limiter_namespace *place_of(struct limiter *limiter, struct str name, int64_t now)
{
    struct limiter_namespace *found = NULL;
    for (size_t i = 0; i < limiter->n; i++) {
        struct limiter_namespace *one = &limiter->namespaces[i];
        if (str_eq((struct str){one->name, one->n}, name)) {
            return one;
        }
        if (found == NULL && is_full(one, now)) {
            found = one;
        }
    }
    if (found == NULL && limiter->n < LIMIT_EVENTS_NAMESPACES) {
        found = &limiter->namespaces[limiter->n++];
    }
    if (found != NULL) {
        *found = (struct limiter_namespace){.n = name.n};
        memcpy(found->name, name.p, name.n);
    }
    return found;
}

bool limiter_take(struct limiter *limiter, struct str namespace, int64_t now)
{
    if (namespace.n == 0 || namespace.n > LIMITER_NAME ||
        !has_one(&limiter->all, EVENTS_OF_ALL, EVENTS_OF_ALL_EVERY, now)) {
        return false;
    }
    struct limiter_namespace *place = place_of(limiter, namespace, now);
    if (place == NULL ||
        !has_one(&place->bucket, EVENTS_OF_NAMESPACE, EVENTS_OF_NAMESPACE_EVERY, now)) {
        return false;
    }
    take_one(&limiter->all, EVENTS_OF_ALL, EVENTS_OF_ALL_EVERY, now);
    take_one(&place->bucket, EVENTS_OF_NAMESPACE, EVENTS_OF_NAMESPACE_EVERY, now);
    return true;
}

bool limiter_take_change(struct limiter *limiter, int64_t now)
{
    bool has = has_one(&limiter->changes, EVENTS_CHANGES, EVENTS_CHANGES_EVERY, now);
    if (has) {
        take_one(&limiter->changes, EVENTS_CHANGES, EVENTS_CHANGES_EVERY, now);
    }
    return has;
}
