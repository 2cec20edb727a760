#pragma once
/* What the Secret holds, and whether it belongs together. Pure; nothing else is remembered of a
 * rotation, so that whoever becomes the leader goes on from here. */
#include "crypto/certificate.h"

/* The entries of the Secret, in PEM; empty if there are none. */
struct certificates_secret {
    struct str leaf, key;     /* tls.crt, tls.key: what all replicas serve */
    struct str authorities;   /* ca.crt: the newest first; what every caBundle must hold */
    struct str authority_key; /* ca.key: of the newest */
};

struct certificates_state {
    struct certificate_list authorities; /* those of ca.crt; none if any of it cannot be read */
    bool signs;                          /* ca.key is the key of the first */
    bool sound;    /* leaf and key fit, are for our name, and an authority of ca.crt signed it */
    bool by_first; /* and that is the first */
    struct certificate leaf; /* if sound */
    struct error problem;    /* else: why not */
};

/* Read the Secret. `name` is the DNS name that API servers verify. Lives in the arena. */
void state_read(struct arena *arena, const struct certificates_secret *secret, struct str name,
                struct certificates_state *ret_state);

/* Whether a replica may serve the leaf at wall time `now`: it is sound and has not ended. */
bool state_is_usable(const struct certificates_state *state, int64_t now);
