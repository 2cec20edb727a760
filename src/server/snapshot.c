#include "server/snapshot.h"

void snapshot_init(struct snapshot *snapshot, struct policy_set *set)
{
    pthread_mutex_init(&snapshot->lock, NULL);
    snapshot->set = set;
}

void snapshot_done(struct snapshot *snapshot)
{
    policy_set_unref(snapshot->set);
    snapshot->set = NULL;
    pthread_mutex_destroy(&snapshot->lock);
}

struct policy_set *snapshot_take(struct snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->lock);
    struct policy_set *set = snapshot->set == NULL ? NULL : policy_set_ref(snapshot->set);
    pthread_mutex_unlock(&snapshot->lock);
    return set;
}

bool snapshot_is_empty(struct snapshot *snapshot)
{
    pthread_mutex_lock(&snapshot->lock);
    bool empty = snapshot->set == NULL;
    pthread_mutex_unlock(&snapshot->lock);
    return empty;
}

void snapshot_swap(struct snapshot *snapshot, struct policy_set *set)
{
    pthread_mutex_lock(&snapshot->lock);
    struct policy_set *old = snapshot->set;
    snapshot->set = set;
    pthread_mutex_unlock(&snapshot->lock);
    policy_set_unref(old);
}
