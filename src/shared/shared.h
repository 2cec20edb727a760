#pragma once
/* What replicas tell each other through Redis or Valkey: the port of cache/shared.h over it.
 *
 * It is not trusted: an entry counts only if one who has the secret made it for that key, and for
 * no longer than whoever asks would have kept it. It is not waited for: a command has 50 ms, and
 * after three failures in a row it is left alone for five seconds. While it is down, slow, full or
 * hostile, there is nothing. Bounded: LIMIT_SHARED_CONNECTIONS, LIMIT_SHARED_REPLY. Threading: any
 * thread. */
#include "cache/shared.h"
#include "fetch/wire.h"

struct shared;

#define SHARED_TIME         (50 * NS_PER_MS)  /* of one command */
#define SHARED_CONNECT_TIME (250 * NS_PER_MS) /* of a connection, with TLS and a password */
#define SHARED_FAILURES     3u
#define SHARED_PAUSE        (5 * NS_PER_S)

/* Copied, but for texts, which are borrowed while it lives. */
struct shared_options {
    struct wire_place place;
    struct str username, password; /* empty: none */
    struct str secret;             /* that all replicas have */
    /* Told once that it cannot be used, and why, and once that it can again (NULL). From any
     * thread, one at a time; NULL: nobody is. */
    void (*tell)(void *self, const char *problem);
    void *self;
};

struct shared_counters {
    uint64_t found, missing; /* questions that were answered */
    uint64_t refused;        /* entries that are forged, or too old */
    uint64_t failed;         /* commands that were not answered, or wrongly */
    uint64_t skipped; /* not asked: it is left alone, connections are busy, no time is left */
    uint64_t written;
};

/* Returns owned. Nothing is connected to before it is asked. */
struct shared *shared_new(const struct shared_options *options);

/* Free; NULL is fine. Nobody uses it any more. */
void shared_free(struct shared *shared);

/* The port; lives as long. */
const struct cache_shared *shared_port(struct shared *shared);

/* The numbers so far. */
struct shared_counters shared_counters(struct shared *shared);
