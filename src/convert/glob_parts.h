#pragma once
/* Parts of globs. Inside convert/glob*.c. */
#include "convert/glob.h"

static inline bool glob_is_wild(char c)
{
    return c == GLOB_ANY || c == GLOB_SEGMENT || c == GLOB_ONE;
}

/* Index of the first wildcard, or s.n. */
size_t glob_first_wild(struct str s);

/* True if `c` is in it. */
bool glob_has(struct str s, char c);

/* True if `s` is the wildcard `c` alone. */
bool glob_is(struct str s, char c);

/* What ends in, or begins with, a run of characters of any kind. */
bool glob_is_open(struct str s);

/* True if a first part is a registry in a written reference: it has "." or ":", or is localhost. */
bool glob_is_host(struct str s);

/* True if it is a name of Docker Hub's registry. */
bool glob_is_hub(struct str s);

/* The tokens in our notation: every wildcard is `*`. Lives in the arena. */
struct str glob_star(struct arena *arena, struct str tokens);

/* Note that the result is no better than `quality`. */
void glob_worsen(struct glob_patterns *patterns, enum glob_quality quality, const char *why);

/* The last part of a path cut into name, tag and digest. */
struct glob_last {
    struct str name, tag, digest;
    bool has_tag, has_digest;
};
struct glob_last glob_cut_last(struct str last);

/* True if what ends in ":" and this is a tag, and neither a port nor the end of a digest. */
bool glob_is_surely_tag(struct str tag);
