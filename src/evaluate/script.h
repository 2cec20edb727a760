#pragma once
/* Evidence that was written down beforehand: for tests, of policies and of the program. Pure. */
#include "evaluate/source.h"

struct script_image {
    struct reference reference; /* with a tag, a digest, or neither, which means latest */
    struct evidence evidence; /* its digest is known by the same name, too; a stale one is given to
                                 who may have it, and is a problem for others */
};

struct script {
    const struct script_image *images; /* the first that is meant counts */
    size_t n;
};

/* A source that answers by the script, and of what is not in it that it is not found. It borrows
 * the script. */
struct evidence_source script_source(const struct script *script);
