#pragma once
/* A registry by script that counts what it is asked, and can be made to fail. */
#include "evaluate/script.h"
#include "test.h"

struct asking {
    struct script script;
    struct evidence_source source, inner;
    struct arena arena;
    struct script_image images[16];
    size_t calls, queries;
    unsigned wants;   /* of the last query */
    size_t fail_at;   /* the call, from 1, that fails as a whole; 0: none */
    bool takes_time;  /* nothing is at hand */
    int64_t deadline; /* of the last call */
    char asked[2048]; /* references, in their order, each with a space behind it */
};

/* Start with an empty script; asking_done frees it. */
void asking_start(struct asking *asking);
void asking_done(struct asking *asking);

/* Add an image: the reference points to the digest; `digest` NULL: a problem of this kind. */
struct script_image *asking_add(struct asking *asking, const char *reference, const char *digest,
                                enum error_kind problem);
