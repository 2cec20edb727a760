#pragma once
/* Inside crypto/: the blocks of a PEM text. Strict within a block: base64 alone, no headers, so no
 * passwords; what stands between blocks is for the caller to judge. Pure.
 * Spec: RFC 7468 sections 2 and 3. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct pem_block {
    struct str before; /* what stands between the last block and this one; at the end, the rest */
    struct str label;  /* "CERTIFICATE"; empty at the end of the text */
    struct str bytes;  /* in the arena */
};

/* Take the next block from `text`. Borrows from it. Errors: INPUT. */
MUST status pem_next(struct arena *arena, struct str *text, struct pem_block *ret_block,
                     struct error *err);
