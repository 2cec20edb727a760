#pragma once
/* Inside credentials/: which images an entry of a docker config is for, as a kubelet reads it.
 * Pure. One thing kubelets do in two ways: "a[bc].example.com" is a pattern here, as where they
 * were built by an older Go; by a newer one it is no URL, and such an entry is passed over. Spec:
 * Kubernetes pkg/credentialprovider/keyring.go; Go net/url and path/filepath. */
#include "base/arena.h"
#include "base/str.h"

/* What an entry is filed under. */
struct match_key {
    struct str text; /* host and path: the order of entries */
    struct str host; /* a pattern for each label */
    struct str port; /* empty: none */
    struct str path; /* with its slash; empty: any */
    bool sound;      /* false: it is filed, and matches nothing */
};

/* Read the name of an entry: "https://index.docker.io/v1/", "*.example.com:5000/team". False: it is
 * no URL, and the entry is passed over. Parts borrow or live in the arena. */
bool match_key_parse(struct arena *arena, struct str name, struct match_key *ret_key);

/* Whether it is for the image: equal ports, as many labels, each of which its pattern matches, and
 * a path that begins with the key's. */
bool match_key_covers(const struct match_key *key, struct str registry, struct str repository);
