#pragma once
/* A world in which managers live: an API server in memory, time that passes when we say so, and a
 * look at every call whether all caBundles verify all that is served. */
#include "../kube/fake_api.h"
#include "certificates/manager.h"
#include "test.h"

#define SECRET     "/api/v1/namespaces/ns/secrets/tls"
#define LEASE      "/apis/coordination.k8s.io/v1/namespaces/ns/leases/tls"
#define VALIDATING "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique"
#define MUTATING   "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/late"

enum { REPLICAS = 3, SEEN = 8 };

/* A leaf is renewed at 40 s, an authority replaced at 96 s. */
#define WORLD_OVERLAP (5 * S)

struct replica {
    bool alive;
    int64_t next; /* when it looks again */
    struct manager manager;
    struct kube *kube;
    struct certificates_watcher watcher;
    struct str leaf; /* in use; empty: none */
    bool stale; /* slept for longer than the overlap, and has not looked since: it serves nobody */
    bool refuses; /* its server does not take certificates */
    size_t events[CERTIFICATES_RECOVERED + 1];
    size_t repeated; /* failures that were told before */
    char waiting[ERROR_TEXT_MAX];
};

struct world {
    struct fake_api api;
    struct fetch_scripted scripted;
    struct fetch port;
    struct certificates_config config;
    int64_t now; /* monotonic; the wall is T ahead of it */
    int64_t wall_error;
    struct replica replicas[REPLICAS];
    struct replica *acting;
    /* What is known of what caBundles verify. */
    bool watched; /* a caBundle that does not verify is a failure of the test */
    size_t looks;
    /* At a call, if `call` is not NULL; see world_fault. */
    enum fake_fault (*call)(const char *method, const char *path);
};

extern struct world world;

/* A group's setup and teardown of each test: an API server with both configurations registered, no
 * Secret, no replica. */
int world_begin(void **state);
int world_end(void **state);

/* Start a replica; end it as a kill does. */
void world_start(size_t index);
void world_kill(size_t index);

/* Let `seconds` pass, in which replicas look when their time comes. */
void world_pass(int64_t seconds);

/* Let time pass until `condition`; a failure after `seconds`. */
void world_until(bool (*condition)(void), int64_t seconds);

/* The one that leads; NULL: none does. */
struct replica *world_leader(void);

/* The entries of the Secret, and what they mean. */
struct certificates_secret world_secret(void);
struct certificates_state world_state(void);

/* Change entries of the Secret, as someone would do it by hand; NULL: as it is. */
void world_damage(const char *leaf, const char *key, const char *authorities,
                  const char *authority_key);

/* One authority, in every caBundle, and its certificate in every replica. */
bool world_settled(void);

/* Register a configuration with empty caBundles. */
void world_register(const char *path);
