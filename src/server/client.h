#pragma once
/* Client certificates: who may ask for a verdict. Threading: any thread. */
#include <gnutls/gnutls.h>

#include "base/status.h"
#include "image/glob.h"

struct client_trust;

/* Load the authorities. `names` is borrowed: a certificate must have one of them as common name or
 * DNS name; an empty list takes any certificate that an authority signed. Returns owned.
 * Errors: CONFIG. */
MUST status client_trust_new(const char *path, const struct glob_list *names,
                             struct client_trust **ret_trust, struct error *err);

/* Free; NULL is fine. */
void client_trust_free(struct client_trust *trust);

/* Load from the same path again; on failure the old authorities stay. Errors: CONFIG. */
MUST status client_trust_reload(struct client_trust *trust, struct error *err);

/* Ask for a certificate in the handshake that is about to begin. The names of the authorities are
 * not sent: a caller may then offer a certificate of one that is newer than this connection. */
void client_ask(gnutls_session_t session);

/* What is known of a connection's caller; zeroed at its beginning. */
struct client_state {
    uint64_t generation; /* of the authorities that it was checked against; 0: never */
    int64_t checked;     /* monotonic */
    bool accepted;
    char why[160]; /* not accepted: the reason */
};

/* Whether the caller may ask, at monotonic time `now`. A verdict is kept for a minute, or until the
 * authorities change, so that an ended certificate does not outlive itself on an open connection.
 * Returns state->accepted. */
bool client_check(struct client_trust *trust, gnutls_session_t session, int64_t now,
                  struct client_state *state);
