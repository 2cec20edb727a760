#pragma once
/* What kept a text from being a reference, told to a person. Internal to image/.
 * Parsing only notes where it stopped; the sentence is made here, off the hot path. */
#include "base/status.h"
#include "base/str.h"

enum reference_fault_kind {
    FAULT_NONE = 0,
    FAULT_EMPTY,
    FAULT_IDENTIFIER,  /* 64 hex digits */
    FAULT_REGISTRY,    /* `part` is the text before the first "/" */
    FAULT_PATH,        /* `part` is the repository as written */
    FAULT_PATH_LENGTH, /* likewise */
    FAULT_TAG,         /* `part` is what stands behind ":" */
    FAULT_DIGEST       /* `part` is what stands behind "@" */
};

struct reference_fault {
    enum reference_fault_kind kind;
    struct str part; /* within the text */
};

/* Say what is wrong with `text` and, where it is plain, what would be right. `fault` is where
 * parsing stopped. Never repeats what may be a password. */
MUST status reference_refuse(struct str text, const struct reference_fault *fault,
                             struct error *err);
