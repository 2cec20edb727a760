#include "scan/resources.h"

#include "base/limits.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define WORKLOAD(group_, kind_, plural_, path_)                                                    \
    {                                                                                              \
        .plural = TEXT(plural_), .group = TEXT(group_), .version = TEXT("v1"),                     \
        .kind = TEXT(kind_), .path = TEXT(path_), .name = TEXT(plural_)                            \
    }

/* Spec: the v1 API types. A PodTemplate runs nothing. */
static const struct scan_resource WORKLOADS[] = {
    WORKLOAD("apps", "Deployment", "deployments", "/apis/apps/v1/deployments"),
    WORKLOAD("apps", "StatefulSet", "statefulsets", "/apis/apps/v1/statefulsets"),
    WORKLOAD("apps", "DaemonSet", "daemonsets", "/apis/apps/v1/daemonsets"),
    WORKLOAD("batch", "CronJob", "cronjobs", "/apis/batch/v1/cronjobs"),
    WORKLOAD("", "ReplicationController", "replicationcontrollers",
             "/api/v1/replicationcontrollers"),
    WORKLOAD("apps", "ReplicaSet", "replicasets", "/apis/apps/v1/replicasets"),
    WORKLOAD("batch", "Job", "jobs", "/apis/batch/v1/jobs"),
    WORKLOAD("", "Pod", "pods", "/api/v1/pods"),
};

enum { N_WORKLOADS = sizeof WORKLOADS / sizeof *WORKLOADS };

void resources_init(struct scan_resources *resources, const struct str *names, size_t n)
{
    *resources = (struct scan_resources){.n = 0};
    ENSURE(n + N_WORKLOADS <= LIMIT_SCAN_RESOURCES);
    arena_init(&resources->arena, LIMIT_KUBE_ARENA);
    for (size_t i = 0; i < n; i++) {
        struct scan_resource custom = {.custom = true, .name = names[i]};
        (void)str_cut(names[i], '.', &custom.plural, &custom.group);
        resources->items[resources->n++] = custom;
    }
    for (size_t i = 0; i < N_WORKLOADS; i++) {
        resources->items[resources->n++] = WORKLOADS[i];
    }
}

void resources_done(struct scan_resources *resources)
{
    arena_done(&resources->arena);
    resources->n = 0;
}

void resources_reset(struct scan_resources *resources)
{
    arena_reset(&resources->arena);
    for (size_t i = 0; i < resources->n; i++) {
        struct scan_resource *it = &resources->items[i];
        it->listed = it->absent = false;
        if (it->custom) {
            it->version = it->kind = it->path = STR_EMPTY;
        }
    }
}

/* -- custom kinds -- */

/* GET `path`; `absent` if there is nothing. */
static status get(struct calls *calls, struct str path, struct scan_resource *resource,
                  struct json_doc *ret_object, struct error *err)
{
    const struct kube_call call = {.method = "GET", .path = path};
    enum kube_outcome outcome;
    TRY(calls_make(calls, SCAN_GET, &call, &outcome, ret_object, err));
    resource->absent = outcome != KUBE_DONE;
    return OK;
}

static void read_kind(const yyjson_val *list, struct arena *arena, struct scan_resource *resource)
{
    yyjson_val *resources = json_get(list, "resources"), *it;
    size_t i, max;
    resource->absent = true;
    yyjson_arr_foreach(resources, i, max, it)
    {
        if (str_eq(json_str(json_get(it, "name")), resource->plural)) {
            resource->absent = false;
            resource->kind = arena_dup(arena, json_str(json_get(it, "kind")));
        }
    }
}

status resources_find(struct scan_resources *resources, struct scan_resource *resource,
                      struct calls *calls, struct error *err)
{
    struct arena *arena = &resources->arena;
    json_doc_auto group = {0};
    json_doc_auto list = {0};
    struct str path = arena_printf(arena, "/apis/%.*s", STR_ARG(resource->group));
    TRY(get(calls, path, resource, &group, err));
    if (resource->absent) {
        return OK;
    }
    struct str version = json_str(json_get(json_get(group.root, "preferredVersion"), "version"));
    if (!kube_name_is_sound(version)) {
        return error_set(err, ERROR_UPSTREAM, "GET %.*s: it names no version", STR_ARG(path));
    }
    resource->version = arena_dup(arena, version);
    path = arena_printf(arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(version));
    TRY(get(calls, path, resource, &list, err));
    if (!resource->absent) {
        read_kind(list.root, arena, resource);
    }
    resource->path = arena_printf(arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(resource->plural));
    return OK;
}

struct scan_resource *resources_of(struct scan_resources *resources, struct str api_version,
                                   struct str kind)
{
    struct str group, version;
    if (!str_cut(api_version, '/', &group, &version)) {
        group = STR_EMPTY;
    }
    for (size_t i = 0; i < resources->n; i++) {
        struct scan_resource *it = &resources->items[i];
        if (it->kind.n > 0 && str_eq(it->kind, kind) && str_eq(it->group, group)) {
            return it;
        }
    }
    return NULL;
}
