#pragma once
/* Inside credentials/: the entries of docker configs. What is read lives in the arena that the list
 * was given, which is overwritten when it is freed. */
#include "credentials/credential.h"
#include "credentials/keyring.h"
#include "credentials/match.h"

enum entry_kind {
    ENTRY_AUTH,   /* has the credential */
    ENTRY_HELPER, /* names who has that of one registry */
    ENTRY_STORE   /* names who has that of any */
};

struct entry {
    enum entry_kind kind;
    struct str name;      /* as it was written; of a store: empty */
    struct match_key key; /* by a kubelet's rules */
    struct str helper;
    struct credential credential; /* with its source; owns nothing */
    size_t order;                 /* in which it was added */
};

struct entries {
    struct arena *arena;
    size_t *read; /* entries of all lists so far, whether kept or not */
    struct entry *items;
    size_t n, room;
};

/* What a config is, for reading it and for messages. */
struct entries_source {
    struct str name;      /* of a credential's source */
    enum error_kind kind; /* of what is broken in it */
    enum keyring_rules rules;
    bool bare; /* a .dockercfg: what others have under "auths" */
};

/* Add the entries of `text`. By a kubelet's rules the list is in its order afterwards.
 * Errors: source->kind, LIMIT; messages begin with the source's name. Limits: LIMIT_DOCKER_CONFIG,
 * LIMIT_KEYRING_ENTRIES, LIMIT_TOKEN for one text; what has a longer name than LIMIT_CREDENTIAL_KEY
 * is for no image, and passed over. */
MUST status entries_read(struct entries *list, struct str text, const struct entries_source *source,
                         struct error *err);

/* The entry number `item` that has a credential, by a kubelet's rules for an image; NULL: there are
 * no more. */
const struct entry *entries_for_image(const struct entries *list,
                                      const struct credential_query *query, size_t item);

/* The one by docker's rules for a registry; NULL: none. */
const struct entry *entries_for_registry(const struct entries *list, struct str registry);

/* What docker calls a registry where credentials are kept. */
struct str entries_server(struct str registry);
