#pragma once
/* What is written into a place that others may write to: nobody without the secret can make it,
 * move it to another key, or have it count for longer. Pure. Private to shared/.
 *
 * Keys are hashed, so that they tell neither images nor who asked. HMAC-SHA256 by the secret over
 * the format's version, the key, the time and the value. */
#include "base/arena.h"
#include "crypto/hmac.h"

/* The key under which a value of `key` stands. Lives in the arena. */
struct str entry_key(struct str secret, struct str key, struct arena *arena);

/* A value that was had at wall time `had`, for the place `key`, which entry_key made. */
struct str entry_seal(struct str secret, struct str key, struct str value, int64_t had,
                      struct arena *arena);

enum entry_state {
    ENTRY_FORGED, /* not of one who has the secret, not for this key, or malformed */
    ENTRY_OLD,    /* its time is over, or has not come */
    ENTRY_GOOD
};

struct entry_wish {
    struct str key;
    int64_t now; /* wall time */
    int64_t ttl; /* for which it counts */
};

/* Open what was found. *ret_value borrows from `text`; *ret_age is not below zero. */
enum entry_state entry_open(struct str secret, const struct entry_wish *wish, struct str text,
                            struct str *ret_value, int64_t *ret_age);
