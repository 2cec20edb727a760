#include "registry/gates.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/limits.h"

/* Two hosts with their ports. */
enum { NAME_MAX_BYTES = 540 };

struct gate {
    char name[NAME_MAX_BYTES];
    size_t n_name;
    unsigned inside;   /* requests */
    unsigned failures; /* in a row */
    bool trial;        /* one is under way */
    int64_t closed, pause, alone;
    uint64_t used;
};

struct gates {
    pthread_mutex_t lock;
    pthread_cond_t left;
    struct gate items[LIMIT_REGISTRY_HOSTS];
    size_t n;
    uint64_t uses;
};

struct gates *gates_new(void)
{
    struct gates *gates = calloc(1, sizeof *gates);
    ENSURE(gates != NULL && pthread_mutex_init(&gates->lock, NULL) == 0);
    clock_condition_init(&gates->left);
    return gates;
}

void gates_free(struct gates *gates)
{
    if (gates != NULL) {
        pthread_cond_destroy(&gates->left);
        pthread_mutex_destroy(&gates->lock);
        free(gates);
    }
}

static struct gate *find(struct gates *gates, struct str host)
{
    for (size_t i = 0; i < gates->n; i++) {
        struct gate *gate = &gates->items[i];
        if (str_eq((struct str){gate->name, gate->n_name}, host)) {
            return gate;
        }
    }
    return NULL;
}

/* A free one, else the one used longest ago of those at which nobody is; healthy ones first. */
static struct gate *free_gate(struct gates *gates)
{
    if (gates->n < LIMIT_REGISTRY_HOSTS) {
        return &gates->items[gates->n++];
    }
    struct gate *oldest = NULL;
    for (size_t i = 0; i < gates->n; i++) {
        struct gate *gate = &gates->items[i];
        bool healthier = oldest != NULL && (gate->failures == 0) > (oldest->failures == 0);
        bool alike = oldest != NULL && (gate->failures == 0) == (oldest->failures == 0);
        if (gate->inside == 0 &&
            (oldest == NULL || healthier || (alike && gate->used < oldest->used))) {
            oldest = gate;
        }
    }
    return oldest;
}

static struct gate *need(struct gates *gates, struct str host)
{
    struct gate *gate = find(gates, host);
    if (gate == NULL && host.n <= NAME_MAX_BYTES) {
        gate = free_gate(gates);
        if (gate != NULL) {
            *gate = (struct gate){.n_name = host.n};
            memcpy(gate->name, host.p, host.n);
        }
    }
    return gate;
}

/* Wait for someone to leave, a tenth of a second at most, so that a cancellation is seen. */
static void wait_a_while(struct gates *gates, int64_t deadline)
{
    int64_t until = clock_monotonic() + 100 * NS_PER_MS;
    until = until < deadline ? until : deadline;
    const struct timespec time = {.tv_sec = until / NS_PER_S, .tv_nsec = until % NS_PER_S};
    pthread_cond_timedwait(&gates->left, &gates->lock, &time);
}

static status refuse_closed(const struct gate *gate, int64_t now, struct error *err)
{
    return error_set(err, ERROR_UPSTREAM,
                     "%.*s failed %u times in a row; it is asked again in %lld s",
                     (int)gate->n_name, gate->name, gate->failures,
                     (long long)((gate->closed - now + NS_PER_S - 1) / NS_PER_S));
}

static status try_enter(struct gate *gate, int64_t now, bool *ret_full, int64_t *ret_wait,
                        struct error *err)
{
    *ret_full = false;
    *ret_wait = 0;
    if (gate->failures >= GATE_FAILURES) {
        if (now < gate->closed) {
            return refuse_closed(gate, now, err);
        }
        if (gate->trial) {
            return error_set(err, ERROR_UPSTREAM,
                             "%.*s failed %u times in a row; it is being tried", (int)gate->n_name,
                             gate->name, gate->failures);
        }
        gate->trial = true;
    } else if (now < gate->alone) {
        *ret_wait = gate->alone - now;
        return OK;
    } else if (gate->inside >= LIMIT_REGISTRY_PER_HOST) {
        *ret_full = true;
        return OK;
    }
    gate->inside++;
    return OK;
}

static status enter(struct gates *gates, struct str host, int64_t now, int64_t deadline,
                    const atomic_bool *cancel, int64_t *ret_wait, struct error *err)
{
    for (;;) {
        bool full;
        struct gate *gate = need(gates, host);
        if (gate == NULL) {
            return error_set(err, ERROR_UPSTREAM,
                             "too many registries are being asked at one time");
        }
        gate->used = ++gates->uses;
        TRY(try_enter(gate, now, &full, ret_wait, err));
        if (!full) {
            return OK;
        }
        if (clock_monotonic() >= deadline || (cancel != NULL && atomic_load(cancel))) {
            return error_set(err, ERROR_TIMEOUT, "%.*s: %u requests are under way already",
                             STR_ARG(host), LIMIT_REGISTRY_PER_HOST);
        }
        wait_a_while(gates, deadline);
    }
}

status gate_enter(struct gates *gates, struct str host, int64_t now, int64_t deadline,
                  const atomic_bool *cancel, int64_t *ret_wait, struct error *err)
{
    pthread_mutex_lock(&gates->lock);
    status st = enter(gates, host, now, deadline, cancel, ret_wait, err);
    pthread_mutex_unlock(&gates->lock);
    return st;
}

static void fail(struct gate *gate, int64_t now)
{
    gate->failures++;
    if (gate->failures < GATE_FAILURES) {
        return;
    }
    gate->pause = gate->failures == GATE_FAILURES ? GATE_SHORTEST : 2 * gate->pause;
    gate->pause = gate->pause > GATE_LONGEST ? GATE_LONGEST : gate->pause;
    gate->closed = now + gate->pause;
}

void gate_leave(struct gates *gates, struct str host, enum gate_outcome outcome, int64_t now,
                int64_t alone)
{
    pthread_mutex_lock(&gates->lock);
    struct gate *gate = find(gates, host);
    ENSURE(gate != NULL && gate->inside > 0); /* it is not forgotten while someone is there */
    gate->inside--;
    bool trial = gate->trial;
    gate->trial = gate->trial && gate->inside > 0;
    gate->alone = alone > gate->alone ? alone : gate->alone;
    if (outcome == GATE_GOOD) {
        gate->failures = 0;
        gate->trial = false;
    } else if (outcome == GATE_BAD && (gate->failures < GATE_FAILURES || trial)) {
        gate->trial = false;
        fail(gate, now);
    }
    pthread_cond_broadcast(&gates->left);
    pthread_mutex_unlock(&gates->lock);
}
