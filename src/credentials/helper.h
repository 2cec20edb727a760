#pragma once
/* Inside credentials/: a credential helper, the program docker-credential-NAME.
 * Spec: github.com/docker/docker-credential-helpers, "get". */
#include "credentials/credential.h"

/* Ask the helper `name` for the credential of `server`; *ret_found false: it knows none.
 * Errors: CONFIG (a name that none has, or it is not installed), INTERNAL (it failed; what it said
 * is shown unless it is JSON), UPSTREAM (no credential in what it wrote), TIMEOUT, LIMIT; messages
 * begin with the program's name. Limits: LIMIT_HELPER_OUTPUT. */
MUST status helper_get(struct str name, struct str server, const struct credential_query *query,
                       bool *ret_found, struct credential *ret_credential, struct error *err);
