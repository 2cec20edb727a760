#pragma once
/* What a registry asks for when it answers 401: the WWW-Authenticate header, read strictly. Pure.
 *
 * Whoever can write this header can send us elsewhere with what we know, so that nothing is guessed
 * of it: a header that is not of the grammar is an error as a whole. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

enum challenge_scheme { CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

/* Texts are unescaped, and empty where they are not given. */
struct challenge {
    enum challenge_scheme scheme;
    struct str name; /* of the scheme, as written */
    struct str realm, service, scope, error;
};

struct challenges {
    struct challenge items[LIMIT_CHALLENGES];
    size_t n;
};

/* Add the challenges of one WWW-Authenticate header to `list`. Texts borrow `value` or live in the
 * arena.
 * Errors: UPSTREAM (not of the grammar, a parameter that stands twice, Bearer without realm); LIMIT
 * (LIMIT_CHALLENGE_TEXT, LIMIT_CHALLENGES, LIMIT_CHALLENGE_PARAMETERS). No message shows the text.
 * Spec: RFC 9110 sections 11.2, 11.3 and 11.6.1; RFC 6750 section 3; distribution token auth. */
MUST status challenge_parse(struct arena *arena, struct str value, struct challenges *list,
                            struct error *err);

/* The first challenge of a scheme; NULL if there is none. */
const struct challenge *challenge_of(const struct challenges *list, enum challenge_scheme scheme);
