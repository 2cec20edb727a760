#pragma once
/* Evidence from two sources, one behind the other. Private to suite/. */
#include "evaluate/source.h"

struct suite_either {
    struct evidence_source first;
    const struct evidence_source *second; /* asked of what the first does not find; NULL: nobody */
};

/* A source that asks both. It borrows `either`. */
struct evidence_source suite_either(struct suite_either *either);
