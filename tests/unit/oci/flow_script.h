#pragma once
/* A conversation with a registry as a table: what must be sent, and what is answered to it. */
#include "oci/flow.h"
#include "test.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define ONE   "sha256:" HEX64
#define TWO   "sha256:" OTHER
#define INDEX "application/vnd.oci.image.index.v1+json"

#define BEARER(realm) "Bearer realm=\"" realm "\",service=\"s\",scope=\"repository:a/b:pull\""

/* What is sent is shown as "METHOD URL" and, where they are there, " [AUTHORIZATION]", " {BODY}",
 * " beside" or " elsewhere", " after N" milliseconds. */
struct turn {
    const char *sent;
    unsigned status;
    const char *challenge, *location, *digest, *type, *body;
    unsigned retry_after; /* seconds */
};

struct script {
    const char *name;
    struct flow_want want;
    struct turn turns[16];
    const char *end; /* "digest TYPE", "body N", or the message of the error */
};

/* A want of https://r.example/v2/a/b/manifests/1, with what a test changes of it. */
struct flow_want want_of(enum flow_kind kind, const char *url);

/* Play the script; the end must be its end, and of this kind. */
void play(const struct script *script, enum error_kind kind);

extern const struct flow_rules no_rules;
extern const struct flow_credential alice, bob, identity, registry_token;
extern struct arena flow_arena;
int flow_arena_start(void **state);
int flow_arena_end(void **state);
