#pragma once
/* How a registry is asked for one thing, as a state machine: what to send next, given what was
 * answered. Pure: it sends nothing, waits for nothing and reads no clock; registry/ does.
 *
 *     flow_start ──▶ move: SEND ──▶ (answer) ──▶ flow_take ──▶ move: SEND, or after a wait ──▶ …
 * DONE
 *
 * What it holds, whatever a registry answers:
 * - credentials go to the registry itself, and to a realm of its own host or one that the operator
 *   named; to any other realm a token is asked for without them, and never over plain HTTP unless
 *   the operator named the realm's host as plain, or it is the plain registry's own;
 * - a password is shown unasked only where whoever drives this says that it was asked for before;
 * - a redirect is followed only by GET, never from https to http, to plain HTTP only at hosts that
 *   the operator named as plain, a bounded number of times, and without credentials once it has
 * left the registry's scheme, host and port; a challenge from there is not answered;
 * - every loop has an end: redirects, tokens, credentials, tries. */
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"
#include "oci/challenge.h"
#include "oci/token.h"
#include "oci/url.h"

/* A user name and password, or a token that stands for them; the others are empty. */
struct flow_credential {
    struct str username, password;
    struct str identity_token; /* given to a token server for a token (OAuth2 refresh token) */
    struct str registry_token; /* is the token itself */
    struct str source;         /* where it is from, for people; nothing secret */
};

/* What the operator says of hosts, each "host" for all its ports or "host:port". */
struct flow_rules {
    const struct str *realms; /* token servers that may be given this registry's credentials */
    size_t n_realms;
    const struct str *plain; /* may be asked over plain HTTP */
    size_t n_plain;
};

enum flow_kind {
    FLOW_RESOLVE,  /* the digest that a tag has, by HEAD; by GET where that does not tell it */
    FLOW_MANIFEST, /* the bytes of a manifest */
    FLOW_BLOB,     /* of a blob */
    FLOW_LIST      /* of an answer that has no digest */
};

struct flow_want {
    enum flow_kind kind;
    struct url at;         /* the registry, and the path of what is wanted */
    struct str repository; /* of which a token is asked for */
    struct str digest;     /* that the answer must be of; empty: it is asked for by a tag */
    struct str accept;     /* media types; empty: any */
    bool (*is_manifest)(struct str media_type); /* whether HEAD's content type will do */
    size_t max_body;
    const struct flow_credential *credentials; /* each in turn; none: anonymous */
    size_t n_credentials;
    const struct flow_rules *rules;
};

enum flow_place {
    FLOW_REGISTRY, /* scheme, host and port of the registry that was named */
    FLOW_BESIDE,   /* its host, another port: a token server */
    FLOW_ELSEWHERE
};

struct flow_request {
    bool token; /* asks a token server */
    const char *method;
    struct url url;
    enum flow_place place;
    struct str accept, authorization, content_type, body; /* empty: none. Secret but the first */
    size_t max_body;
};

struct flow_answer {
    unsigned status;
    struct str location, content_type, digest, length, link, body;
    const struct str *challenges; /* values of WWW-Authenticate */
    size_t n_challenges;
    int64_t retry_after; /* nanoseconds; 0: not told */
};

struct flow_result {
    struct str digest;     /* as the header said, well-formed; empty: not told */
    struct str promised;   /* that of a HEAD before; empty: none */
    struct str media_type; /* the content type without its parameters */
    uint64_t size;         /* of the body; of HEAD as it was told, 0 if not */
    struct str link;       /* the Link header */
    struct str body;       /* of GET */
    bool has_body;
    bool redirected; /* it is of another host */
};

enum flow_action { FLOW_SEND, FLOW_DONE };

struct flow_move {
    enum flow_action action;
    int64_t wait; /* nanoseconds before it is sent; 0: none */
    struct flow_request request;
    struct flow_result result;
};

/* What a token is good for, by which it is kept. */
struct flow_token {
    struct url url; /* of the realm */
    struct str realm, service, scope;
    const struct flow_credential *credential; /* NULL: asked for without */
    bool fresh; /* one that was kept has been refused: another is needed */
    struct token token;
};

/* Private but for `token`, `credential`, `withheld` and `kept`. */
struct flow {
    struct arena *arena;
    const struct flow_want *want;
    struct flow_token token; /* the one that is asked for, or was; whole after its answer */
    size_t credential;       /* index of the one in use; n_credentials: none */
    bool withheld;           /* the realm may not have the credentials */
    struct url at;
    const char *method;
    bool kept; /* what is shown was kept, and has not been refused */
    bool asking_token, challenged, left;
    unsigned redirects, tries, exchanges;
    struct str authorization, promised;
    struct challenges challenges;
};

/* Begin. `want` and the arena are borrowed until the end; moves live in the arena. */
void flow_start(struct flow *flow, struct arena *arena, const struct flow_want *want,
                struct flow_move *ret_move);

/* Begin with `token`, which was kept, of the credential of this index (n_credentials: of none). It
 * replaces flow_start's move. */
void flow_start_with(struct flow *flow, const struct flow_token *token, size_t credential,
                     struct flow_move *ret_move);

/* Begin with the password of the credential of this index, by which this registry has let us in
 * before. It replaces flow_start's move. If it is refused, all begins anew, without. */
void flow_start_password(struct flow *flow, size_t credential, struct flow_move *ret_move);

/* Whether the last move showed the registry a password. */
bool flow_shows_password(const struct flow *flow);

/* Instead of sending a move that asks a token server: `token` was kept and is for the same. Not if
 * flow->token.fresh. */
void flow_use_token(struct flow *flow, const struct token *token, struct flow_move *ret_move);

/* Take the answer to the last move, at wall time `now`.
 * Errors: NOT_FOUND, UNAUTHORIZED (no credential is good, or none may be sent where it is asked
 * for), UPSTREAM (any other answer that does not fit), LIMIT. Messages name hosts, never secrets.
 * Limits: LIMIT_REDIRECTS, LIMIT_REGISTRY_TRIES, LIMIT_TOKEN_EXCHANGES.
 * Spec: OCI distribution-spec 1.1; distribution token auth; RFC 6749 section 6; RFC 9110. */
MUST status flow_take(struct flow *flow, const struct flow_answer *answer, int64_t now,
                      struct flow_move *ret_move, struct error *err);

/* Whether `host` is "host" or "host:port" of `url`. */
bool flow_names(struct str host, const struct url *url);
