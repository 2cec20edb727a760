#pragma once
/* Registries, asked for what tags point to and for the bytes of manifests and blobs.
 *
 * A registry is not trusted: what it says is bounded before memory is taken for it, and bytes that
 * were asked for by digest are checked against that digest. Where credentials go and which
 * redirects are followed is said in oci/flow.h; which addresses are not connected to, in
 * fetch/guard.h. Each host is asked no more often at one time, and no longer while it fails, than
 * registry/gates.h says. Threading: one `struct registry` is for all threads. */
#include <stdatomic.h>

#include "credentials/cloud.h"
#include "credentials/keyring.h"
#include "oci/image.h"
#include "registry/hosts.h"
#include "registry/ports.h"

struct registry;

/* Time, so that tests need not wait. Monotonic and wall time in nanoseconds. */
struct registry_time {
    void *self;
    int64_t (*now)(void *self);
    int64_t (*wall)(void *self);
    void (*wait)(void *self, int64_t until, const atomic_bool *cancel);
};

/* Borrowed while the registry lives. */
struct registry_options {
    struct registry_hosts hosts;
    struct str ca; /* PEM: whom to trust where the host says nothing; empty: the system's */
    const struct registry_ports *ports; /* NULL: libcurl */
    const struct registry_time *time;   /* NULL: the machine's */
};

/* One request, for people. */
struct registry_step {
    struct str method, url; /* without the query, which may be a secret */
    bool token;             /* of a token server */
    unsigned status;        /* 0: no answer */
    int64_t took;           /* nanoseconds */
    struct str error;       /* why there is no answer; empty: there is one */
};

struct registry_steps {
    struct arena *arena; /* where their texts live: less than 1 MiB */
    struct registry_step items[LIMIT_REGISTRY_STEPS];
    size_t n; /* those beyond are not kept */
};

/* What one question may take, and with what it is asked. Borrowed for the call. */
struct registry_call {
    int64_t deadline; /* monotonic, for all of it */
    const atomic_bool *cancel;
    const struct keyring *keyring; /* NULL: none */
    bool trusted_name;   /* a person named the host: it may have any address, this machine's too */
    size_t max_blob;     /* for registry_blob */
    struct arena *arena; /* where what is returned lives */
    struct registry_steps *steps; /* what was done is added, also where it fails; NULL: not */
};

/* Where an answer is from. */
struct registry_source {
    struct str host;       /* that was asked: "registry-1.docker.io" */
    struct str repository; /* as it is called there */
    struct str credential; /* the source of the credential that was used; empty: nobody's */
};

struct registry_resolved {
    struct str digest, media_type;
    uint64_t size; /* of the manifest; 0: not told */
    struct registry_source source;
};

struct registry_content {
    struct str digest, media_type, body;
    struct registry_source source;
};

/* For cloud_options.say: what `options`, a struct registry_options, say of a host. */
void registry_options_say(const void *options, struct str url, struct cloud_way *ret_way);

/* Returns owned. */
struct registry *registry_new(const struct registry_options *options);

/* No call may be under way. NULL is fine. */
void registry_free(struct registry *registry);

/* All functions below borrow what they are given. What they return lives in call->arena, which
 * should have room for twice what is returned and 2 MiB.
 * Errors: NOT_FOUND, UNAUTHORIZED, UPSTREAM, EVIDENCE (what was answered is not what was asked
 * for), TIMEOUT (deadline, cancelled), LIMIT, INPUT (a registry that is no host), CONFIG, and those
 * of the keyring. */

/* The digest that the reference has: of its tag ("latest" if it has neither), or its own digest, if
 * that exists there. That of an index is the index's own. */
MUST status registry_resolve(struct registry *registry, const struct reference *reference,
                             const struct registry_call *call,
                             struct registry_resolved *ret_resolved, struct error *err);

/* The manifest or index with this digest. Limits: LIMIT_MANIFEST. */
MUST status registry_manifest(struct registry *registry, const struct reference *reference,
                              struct str digest, const struct registry_call *call,
                              struct registry_content *ret_content, struct error *err);

/* What the image is that was resolved: its index, manifests and configs, each by its digest. Layers
 * are not asked for. Its media type counts if it is known. The arena should have room for 64 MiB.
 * Errors, limits: also those of oci/assemble.h. */
MUST status registry_image(struct registry *registry, const struct reference *reference,
                           const struct registry_resolved *resolved,
                           const struct registry_call *call, struct oci_image *ret_image,
                           struct error *err);

/* The blob that `descriptor` names: a config, say, of call->max_blob bytes at most. */
MUST status registry_blob(struct registry *registry, const struct reference *reference,
                          const struct oci_descriptor *descriptor, const struct registry_call *call,
                          struct registry_content *ret_content, struct error *err);

/* To what something may refer. */
struct registry_subject {
    const struct reference *reference; /* the repository */
    struct str digest;
    struct str artifact_type; /* of those that are listed; empty: all */
};

/* What refers to a subject, as an index: by the referrers API or, at registries without one, by the
 * tag that stands for it. Nothing is an empty index. The arena should have room for 48 MiB.
 * Limits: LIMIT_REFERRERS, LIMIT_REFERRERS_PAGES, LIMIT_REFERRERS_BYTES.
 * Spec: OCI distribution-spec 1.1, "Listing Referrers", "Referrers Tag Schema". */
MUST status registry_referrers(struct registry *registry, const struct registry_subject *subject,
                               const struct registry_call *call, struct oci_manifest *ret_index,
                               struct error *err);
