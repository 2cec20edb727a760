#pragma once
/* A repository of the tests' own: its metadata is written by hand in canonical form, so that what
 * is signed does not depend on the code under test. */
#include <stdbool.h>

#include "base/str.h"

enum { ROLES_MAX = 48, DELEGATIONS_MAX = 48, TARGETS_MAX = 32, PUBLISHED_MAX = 2048 };

struct role {
    const char *name, *keys, *signers; /* keys by their digits */
    unsigned threshold, version;
    const char *expires;
    struct str published;   /* last */
    unsigned listed;        /* the version that snapshot lists; 0: none */
    struct str listed_hash; /* replaces the hash that snapshot lists */
};

struct delegation {
    const char *by, *name, *keys;
    unsigned threshold;
    const char *paths; /* the member, "\"paths\":[\"*\"]" */
    bool terminating;
};

struct target {
    const char *role, *path, *content;
    const char *hashes; /* the member's value; NULL: sha256 */
};

/* A change to what a role's file says: `from` becomes `to`, before it is signed or after. */
struct edit {
    const char *role, *from, *to;
    bool signed_before;
};

struct published {
    const char *name; /* "2.root.json"; of targets "T:path" */
    struct str bytes;
};

struct repository {
    struct role roles[ROLES_MAX]; /* root, timestamp, snapshot, targets, and delegated ones */
    size_t n_roles;
    struct delegation delegations[DELEGATIONS_MAX];
    size_t n_delegations;
    struct target targets[TARGETS_MAX];
    size_t n_targets;
    bool plain;               /* names without versions and hashes */
    bool hashes;              /* snapshot and timestamp tell lengths and hashes */
    unsigned snapshot_listed; /* the version that timestamp lists */
    struct edit edit;
    struct published files[PUBLISHED_MAX];
    size_t n_files;
};

/* One with a key for each role, '0' to '3' (root, timestamp, snapshot, targets), all published as
 * version 1; lives in the test's arena. */
struct repository *repository_make(void);

/* A role, by its name. */
struct role *repository_role(struct repository *repo, const char *name);

/* Write these roles, "root targets snapshot timestamp" in this order, each with the next version;
 * what others say of them follows. */
void repository_publish(struct repository *repo, const char *names);

/* The same with the version that they have. */
void repository_publish_again(struct repository *repo, const char *names);

/* Add a delegation, and the role if it is new, with that key; nothing is published. */
void repository_delegate(struct repository *repo, const char *by, const char *name,
                         const char *keys, const char *paths, bool terminating);

/* Add a target; nothing is published but its bytes. */
void repository_add(struct repository *repo, const char *role, const char *path,
                    const char *content);

/* The bytes of a published file, the last ones of this name; without address: none. */
struct str repository_get(const struct repository *repo, const char *name);

/* Replace, or remove (no address), a published file. */
void repository_put(struct repository *repo, const char *name, struct str bytes);
