#pragma once
/* The serving certificate: loaded, checked, exchanged while handshakes go on.
 *
 * GnuTLS borrows what the callback gives it until the handshake ends. So a certificate that is no
 * longer in use lives on while any connection is open that began when it, or an earlier one, was in
 * use; each connection holds the certificate of its beginning. Threading: any thread. */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "base/status.h"
#include "base/str.h"

struct tls;
struct tls_credential;

/* Load the first certificate. Returns owned. Errors: CONFIG (unreadable, not PEM, encrypted key,
 * key of another certificate; says which file). */
MUST status tls_new(const char *certificate, const char *key, struct tls **ret_tls,
                    struct error *err);

/* Begin without a certificate: every handshake fails until the first tls_use. Returns owned. */
struct tls *tls_new_empty(void);

/* Use a certificate and its key, in PEM, from now on; on failure the old one stays. Nothing is kept
 * of the texts. Errors: CONFIG. */
MUST status tls_use(struct tls *tls, struct str certificate, struct str key, struct error *err);

/* Free everything; no connection may be open. NULL is fine. */
void tls_free(struct tls *tls);

/* Load from the same paths again; on failure the old one stays; one without paths has nothing to
 * load. Errors: as tls_new. */
MUST status tls_reload(struct tls *tls, struct error *err);

/* A connection begins, and ends. */
struct tls_credential *tls_hold(struct tls *tls);
void tls_release(struct tls *tls, struct tls_credential *credential);

/* When the certificate in use ends, in seconds of wall time; 0: there is none. */
int64_t tls_expiry(struct tls *tls);

/* The certificate in use, for GnuTLS' callback of type gnutls_certificate_retrieve_function2.
 * Returns false if there is none. */
bool tls_current(struct tls *tls, gnutls_pcert_st **ret_chain, unsigned *ret_n,
                 gnutls_privkey_t *ret_key);
