#pragma once
/* What a caBundle should be: all of ca.crt, and, as long as a replica may serve what was signed
 * before, what it held already. So nothing that is served is ever left unverified, though the
 * Secret may have been damaged or put back. Pure. */
#include "crypto/certificate.h"

/* The certificates one after the other, in PEM, in the arena. */
struct str bundle_text(struct arena *arena, const struct certificate_list *list);

struct bundle_look {
    struct str wanted; /* what it should be; equal to `current` if it is that */
    bool complete;     /* it holds all of `authorities` already */
    bool others;       /* it holds authorities that are not among them */
};

/* Look at the caBundle `current`, which may be anything. With `exact`, nothing but `authorities` is
 * wanted. Limits: LIMIT_AUTHORITIES in `wanted`; what is beyond is left out. */
struct bundle_look bundle_look(struct arena *arena, const struct certificate_list *authorities,
                               struct str current, bool exact);
