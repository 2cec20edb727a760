#pragma once
/* Which of several replicas acts: a thread of its own steps a Lease, and any thread can ask whether
 * this replica leads. A leader that cannot renew its Lease stops believing in itself five seconds
 * before another may take it, whatever its thread does meanwhile: that is read from the clock. */
#include "fetch/fetch.h"
#include "kube/config.h"

/* Everything is borrowed while the thread runs. The names are sound (kube_name_is_sound). */
struct leader_config {
    const struct kube_config *kube;
    const struct fetch *fetch; /* NULL: over the network */
    struct str namespace, name;
};

enum leader_event_kind {
    LEADER_LEADING,   /* this replica leads from now on */
    LEADER_FOLLOWING, /* it does so no longer */
    LEADER_FAILURE, /* the Lease cannot be had or renewed; `again`: for the same reason as before */
    LEADER_RECOVERED /* it can again */
};

struct leader_event {
    enum leader_event_kind kind;
    const struct error *err; /* FAILURE */
    bool again;
};

/* Who is told; called by the thread. */
struct leader_watcher {
    void *self;
    void (*tell)(void *self, const struct leader_event *event);
};

struct leader;

/* Begin to take part. Both are borrowed. Returns owned. Errors: INTERNAL. */
MUST status leader_start(const struct leader_config *config, const struct leader_watcher *watcher,
                         struct leader **ret_leader, struct error *err);

/* Whether this replica may act as the leader now; NULL: it may not. Ask again before each thing
 * that is done: a pause behind the answer is met by resourceVersions. Threading: any. */
bool leader_holds(const struct leader *leader);

/* Give the Lease up, end the thread within a few seconds, and free; NULL is fine. Nobody may act as
 * the leader any more, nor ask. */
void leader_stop(struct leader *leader);
