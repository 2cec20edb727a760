#include "cluster/cluster.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cluster/keep.h"
#include "cluster/resources.h"
#include "cluster/table.h"

/* One watch and what it has brought. */
struct resource {
    struct cluster *cluster;
    enum cluster_watch watch;
    struct kube_watch_config config;
    struct kube_watcher watcher;
    struct kube_watch *kube_watch; /* NULL: not watched */
    /* under the cluster's lock */
    struct table table;
    bool synced;  /* was so once */
    bool listing; /* between relist and synced */
    bool changed; /* since the list began */
};

struct cluster {
    const struct cluster_watcher *watcher;
    struct resource resources[CLUSTER_WATCHES];
    pthread_mutex_t lock;
    uint64_t version; /* of the policies */
};

const char *cluster_watch_name(enum cluster_watch watch)
{
    return cluster_resources[watch].name;
}

static bool is_policy(const struct resource *resource)
{
    return resource->watch != CLUSTER_NAMESPACES;
}

/* Under the lock. */
static bool all_policies_known(const struct cluster *cluster)
{
    return cluster->resources[CLUSTER_WIDE].synced && cluster->resources[CLUSTER_LOCAL].synced &&
           cluster->resources[CLUSTER_EXCEPTIONS].synced;
}

/* -- what a watch tells -- */

/* Note, under the lock, that a table changed. Returns whether it is to be told. */
static bool note_change(struct resource *resource)
{
    if (!is_policy(resource)) {
        return false;
    }
    if (resource->listing) {
        resource->changed = true;
        return false;
    }
    resource->cluster->version++;
    return all_policies_known(resource->cluster);
}

static void tell_change(const struct resource *resource, bool changed)
{
    const struct cluster_watcher *watcher = resource->cluster->watcher;
    if (changed) {
        watcher->changed(watcher->self);
    }
}

static void relist(void *self)
{
    struct resource *resource = self;
    pthread_mutex_lock(&resource->cluster->lock);
    table_list(&resource->table);
    resource->listing = true;
    pthread_mutex_unlock(&resource->cluster->lock);
}

static struct table_entry entry_of(const struct resource *resource, struct arena *arena,
                                   const struct kube_item *item)
{
    yyjson_val *object = item->object->root;
    struct table_entry entry = {
        .namespace = item->namespace,
        .name = item->name,
        .generation = keep_generation(object),
        .text = is_policy(resource) ? keep_policy(arena, object) : keep_labels(arena, object),
    };
    if (is_policy(resource)) {
        entry.uid = json_str(json_get(json_get(object, "metadata"), "uid"));
        entry.status = keep_status(arena, object);
    }
    return entry;
}

static void put(void *self, const struct kube_item *item)
{
    struct resource *resource = self;
    arena_auto arena;
    arena_init(&arena, LIMIT_KUBE_ARENA);
    struct table_entry entry = entry_of(resource, &arena, item);
    pthread_mutex_lock(&resource->cluster->lock);
    if (resource->table.bytes + entry.text.n + entry.status.n > LIMIT_CLUSTER_BYTES) {
        entry.text = entry.status = STR_EMPTY;
    }
    bool changed = table_put(&resource->table, &entry) && note_change(resource);
    pthread_mutex_unlock(&resource->cluster->lock);
    tell_change(resource, changed);
}

static void drop(void *self, struct str namespace, struct str name)
{
    struct resource *resource = self;
    pthread_mutex_lock(&resource->cluster->lock);
    bool changed = table_drop(&resource->table, namespace, name) && note_change(resource);
    pthread_mutex_unlock(&resource->cluster->lock);
    tell_change(resource, changed);
}

static void synced(void *self)
{
    struct resource *resource = self;
    const struct cluster_watcher *watcher = resource->cluster->watcher;
    pthread_mutex_lock(&resource->cluster->lock);
    bool changed = table_listed(&resource->table) || resource->changed || !resource->synced;
    resource->listing = resource->changed = false;
    resource->synced = true;
    changed = changed && note_change(resource);
    struct cluster_event event = {.watch = resource->watch, .objects = resource->table.n};
    pthread_mutex_unlock(&resource->cluster->lock);
    watcher->tell(watcher->self, &event);
    tell_change(resource, changed);
}

static void tell(void *self, const struct kube_watch_event *event)
{
    const struct resource *resource = self;
    const struct cluster_watcher *watcher = resource->cluster->watcher;
    watcher->tell(watcher->self, &(struct cluster_event){.watch = resource->watch, .event = event});
}

/* -- life -- */

static status start_watch(struct cluster *cluster, enum cluster_watch watch,
                          const struct kube_config *kube, struct error *err)
{
    struct resource *resource = &cluster->resources[watch];
    resource->config = (struct kube_watch_config){.kube = kube,
                                                  .path = cluster_resources[watch].path,
                                                  .metadata = watch == CLUSTER_NAMESPACES};
    resource->watcher = (struct kube_watcher){.self = resource,
                                              .relist = relist,
                                              .put = put,
                                              .drop = drop,
                                              .synced = synced,
                                              .tell = tell};
    return kube_watch_start(&resource->config, &resource->watcher, &resource->kube_watch, err);
}

static status start_watches(struct cluster *cluster, const struct cluster_config *config,
                            struct error *err)
{
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        if (watch == CLUSTER_NAMESPACES ? config->namespaces : config->policies) {
            TRY(start_watch(cluster, watch, config->kube, err));
        }
    }
    return OK;
}

status cluster_start(const struct cluster_config *config, const struct cluster_watcher *watcher,
                     struct cluster **ret_cluster, struct error *err)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    ENSURE(cluster != NULL);
    cluster->watcher = watcher;
    pthread_mutex_init(&cluster->lock, NULL);
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        cluster->resources[watch].cluster = cluster;
        cluster->resources[watch].watch = watch;
    }
    if (failed(start_watches(cluster, config, err))) {
        cluster_stop(cluster);
        return error_wrap(err, "watching the cluster");
    }
    *ret_cluster = cluster;
    return OK;
}

void cluster_stop(struct cluster *cluster)
{
    if (cluster == NULL) {
        return;
    }
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        kube_watch_cancel(cluster->resources[watch].kube_watch);
    }
    for (enum cluster_watch watch = 0; watch < CLUSTER_WATCHES; watch++) {
        kube_watch_stop(cluster->resources[watch].kube_watch);
        table_done(&cluster->resources[watch].table);
    }
    pthread_mutex_destroy(&cluster->lock);
    free(cluster);
}

struct kube_watch_state cluster_state(struct cluster *cluster, enum cluster_watch watch)
{
    struct kube_watch *kube_watch = cluster->resources[watch].kube_watch;
    return kube_watch == NULL ? (struct kube_watch_state){0} : kube_watch_state(kube_watch);
}

/* -- what is known -- */

uint64_t cluster_policies_version(struct cluster *cluster)
{
    pthread_mutex_lock(&cluster->lock);
    uint64_t version = all_policies_known(cluster) ? cluster->version : 0;
    pthread_mutex_unlock(&cluster->lock);
    return version;
}

static struct cluster_policy copy_policy(struct arena *arena, const char *kind,
                                         const struct table_entry *entry)
{
    return (struct cluster_policy){.kind = str_from(kind),
                                   .namespace = arena_dup(arena, entry->namespace),
                                   .name = arena_dup(arena, entry->name),
                                   .uid = arena_dup(arena, entry->uid),
                                   .text = arena_dup(arena, entry->text),
                                   .status = arena_dup(arena, entry->status),
                                   .generation = entry->generation};
}

/* Under the lock. */
static status copy_policies(const struct cluster *cluster, struct arena *arena,
                            struct cluster_policy **ret_policies, size_t *ret_n, struct error *err)
{
    size_t n = 0;
    for (enum cluster_watch watch = CLUSTER_WIDE; watch <= CLUSTER_EXCEPTIONS; watch++) {
        n += cluster->resources[watch].table.n;
    }
    if (!all_policies_known(cluster)) {
        return error_set(err, ERROR_NOT_FOUND, "the policies of the cluster are not known yet");
    }
    if (n > LIMIT_POLICIES) {
        return error_set(err, ERROR_LIMIT,
                         "the cluster has %zu policies and exceptions; %u are "
                         "taken at most",
                         n, LIMIT_POLICIES);
    }
    struct cluster_policy *policies = ARENA_ARRAY(arena, struct cluster_policy, n);
    *ret_n = 0;
    for (enum cluster_watch watch = CLUSTER_WIDE; watch <= CLUSTER_EXCEPTIONS; watch++) {
        const struct table *table = &cluster->resources[watch].table;
        for (size_t i = 0; i < table->n; i++) {
            policies[(*ret_n)++] =
                copy_policy(arena, cluster_resources[watch].kind, table->entries[i]);
        }
    }
    *ret_policies = policies;
    return OK;
}

status cluster_policies(struct cluster *cluster, struct arena *arena,
                        struct cluster_policy **ret_policies, size_t *ret_n, uint64_t *ret_version,
                        struct error *err)
{
    pthread_mutex_lock(&cluster->lock);
    *ret_version = cluster->version;
    status st = copy_policies(cluster, arena, ret_policies, ret_n, err);
    pthread_mutex_unlock(&cluster->lock);
    return st;
}

/* Under the lock. */
static const struct table_entry *find_policy(const struct cluster *cluster,
                                             const struct policy_target *target)
{
    for (enum cluster_watch watch = CLUSTER_WIDE; watch <= CLUSTER_EXCEPTIONS; watch++) {
        if (str_eq(target->kind, str_from(cluster_resources[watch].kind))) {
            return table_find(&cluster->resources[watch].table, target->namespace, target->name);
        }
    }
    return NULL;
}

bool cluster_policy(struct cluster *cluster, struct arena *arena,
                    const struct policy_target *target, struct cluster_policy *ret_policy)
{
    pthread_mutex_lock(&cluster->lock);
    const struct table_entry *entry = find_policy(cluster, target);
    bool found = entry != NULL && (target->uid.n == 0 || str_eq(entry->uid, target->uid));
    if (found) {
        *ret_policy = copy_policy(arena, arena_dup(arena, target->kind).p, entry);
    }
    pthread_mutex_unlock(&cluster->lock);
    return found;
}

bool cluster_namespace_labels(struct cluster *cluster, struct str name, struct json_doc *ret_labels)
{
    struct resource *resource = &cluster->resources[CLUSTER_NAMESPACES];
    struct error ignored;
    pthread_mutex_lock(&cluster->lock);
    const struct table_entry *entry =
        resource->synced ? table_find(&resource->table, STR_EMPTY, name) : NULL;
    bool known = entry != NULL && entry->text.n > 0 &&
                 !failed(json_parse(entry->text, JSON_WITHOUT_MARKS, ret_labels, &ignored));
    pthread_mutex_unlock(&cluster->lock);
    return known;
}
