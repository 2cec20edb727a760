#pragma once
/* What shows a registry who asks. Its texts are secret, but for `source`: no message holds them,
 * and they are overwritten when they are freed. */
#include <stdatomic.h>
#include <stdint.h>

#include "base/status.h"
#include "base/str.h"

/* The texts live until credential_done; what is not there is empty. */
struct credential {
    struct str username, password;
    struct str identity_token; /* instead of a password: for the realm's OAuth2 endpoint */
    struct str registry_token; /* instead of all of them: sent to the registry as a bearer token */
    struct str source;         /* for people: "Secret shop/pull", "/root/.docker/config.json" */
    char *memory;              /* owned; NULL: there is none */
    size_t size;
};

/* What a credential is wanted for, and how long that may take. Borrowed for a call. */
struct credential_query {
    struct str registry;       /* "docker.io", "registry.example.com:5000": struct reference's */
    struct str repository;     /* "library/nginx" */
    int64_t deadline;          /* monotonic */
    const atomic_bool *cancel; /* true ends the wait; or NULL */
};

/* Whoever makes credentials when they are wanted: a cloud's exchange of tokens, say. It lives
 * longer than what it is lent to, and any thread may ask it. */
struct credential_provider {
    void *self;
    /* Whether it makes credentials for this registry. Does not wait. */
    bool (*covers)(void *self, struct str registry);
    /* Make one, for a registry that it covers; *ret_found false: it has none. Errors: those of the
     * provider, UPSTREAM and TIMEOUT among them. */
    status (*get)(void *self, const struct credential_query *query, bool *ret_found,
                  struct credential *ret_credential, struct error *err);
};

/* A copy of the texts of `from`. Returns owned. */
void credential_copy(const struct credential *from, struct credential *ret_credential);

/* Overwrite and free; a zeroed one is fine. */
void credential_done(struct credential *credential);

/* Whether it shows nothing. */
bool credential_is_empty(const struct credential *credential);

#define credential_auto __attribute__((cleanup(credential_done))) struct credential
