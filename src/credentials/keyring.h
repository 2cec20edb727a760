#pragma once
/* All credentials that may be shown to a registry, in the order in which they are tried.
 *
 * A source is a group: all Secrets together, each docker config, each provider; groups are tried in
 * the order in which the first of each was added. By the rules of a kubelet every entry that
 * matches is tried, the more specific one first; by those of docker one at most. A credential is
 * given for no other host than its entry says: that of Docker Hub, which a kubelet also shows to a
 * host without a dot ("localhost/app"), is for docker.io alone.
 *
 * A source that is broken breaks the keyring: all further calls fail with its error, so that
 * nothing is pulled, or judged, as somebody else than who was meant.
 *
 * Threading: filled by one thread; after that any thread may look. */
#include "credentials/credential.h"
#include "json/doc.h"

struct keyring;

/* An empty one. Returns owned. */
struct keyring *keyring_new(void);

/* Overwrite what it holds, and free it; NULL is fine. */
void keyring_free(struct keyring *keyring);

/* Add the entries of a Secret as the API server gives it. One of another type than
 * kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg, or without the key of its type, is
 * passed over. Copies what it needs.
 * Errors: INPUT (base64 or JSON of it is broken), LIMIT. Limits: LIMIT_DOCKER_CONFIG,
 * LIMIT_KEYRING_ENTRIES. Spec: Kubernetes pkg/credentialprovider/secrets. */
MUST status keyring_add_secret(struct keyring *keyring, const yyjson_val *secret,
                               struct error *err);

enum keyring_rules {
    KEYRING_KUBELET, /* patterns of hosts, prefixes of paths; passwords alone */
    KEYRING_DOCKER   /* exact hosts; tokens, credHelpers, credsStore too */
};

/* Add the text of a config.json; `source` is what it is called. Copies what it needs.
 * Errors: CONFIG (the JSON is broken), LIMIT. Limits: as keyring_add_secret. */
MUST status keyring_add_docker_config(struct keyring *keyring, struct str text, struct str source,
                                      enum keyring_rules rules, struct error *err);

/* The same from a file, whose path is its source. Errors: NOT_FOUND, which does not break the
 * keyring; those of file_read, and of keyring_add_docker_config. */
MUST status keyring_load_docker_config(struct keyring *keyring, const char *path,
                                       enum keyring_rules rules, struct error *err);

/* Add a group of its own, which is asked when it is its turn. Borrows. */
void keyring_add_provider(struct keyring *keyring, const struct credential_provider *provider);

/* Add all groups of another one, behind those that there are. Borrows: it lives longer, and nothing
 * is added to it any more. Errors: that by which it is broken; LIMIT (LIMIT_KEYRING_GROUPS). */
MUST status keyring_add_keyring(struct keyring *keyring, const struct keyring *other,
                                struct error *err);

/* How far a search has come; begins zeroed. */
struct keyring_cursor {
    size_t group, item;
    struct error failure; /* of the first source that could not give one */
};

/* The next credential for what `query` asks; *ret_found false: there are no more. It may run a
 * credential helper or ask a provider. Returns owned (credential_done). An entry that matches and
 * says nothing, as an image may be asked for without, gives none.
 * Errors: once, behind all credentials, that of the first source that could not give one: so it
 * does not hide what others have. Spec: Kubernetes pkg/credentialprovider/keyring.go. */
MUST status keyring_next(const struct keyring *keyring, const struct credential_query *query,
                         struct keyring_cursor *cursor, bool *ret_found,
                         struct credential *ret_credential, struct error *err);
