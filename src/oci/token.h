#pragma once
/* What a token server answers. Pure. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct token {
    struct str text;  /* for "Authorization: Bearer"; lives in the arena */
    int64_t lifetime; /* nanoseconds from now on; 0: good for what it was asked for, no longer */
};

/* Read a token server's answer that came at wall time `now`. `token` goes before `access_token`;
 * `expires_in` is 60 s if it is not given or is less, and counts from `issued_at` if that is in the
 * past; it is a day at most.
 * Errors: UPSTREAM (no JSON object, no token, one that is no bearer token), LIMIT (LIMIT_TOKEN). No
 * message shows the body.
 * Spec: distribution, "Token Authentication Specification"; RFC 6750 section 2.1. */
MUST status token_parse(struct arena *arena, struct str body, int64_t now, struct token *ret_token,
                        struct error *err);
