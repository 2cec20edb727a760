#include "review/kinds.h"

#include "base/limits.h"

struct kinds {
    struct kind_info *custom;
    size_t n;
    const struct str *subresources;
    size_t n_subresources;
};

/* -- the workload kinds of Kubernetes itself -- */

#define MEMBER(name)                                                                               \
    {                                                                                              \
        KIND_STEP_MEMBER,                                                                          \
        {                                                                                          \
            "" name, sizeof(name) - 1                                                              \
        }                                                                                          \
    }
#define BUILT_IN_ROUTE(...)                                                                        \
    {                                                                                              \
        .steps = (const struct kind_step[]){__VA_ARGS__},                                          \
        .n = sizeof((const struct kind_step[]){__VA_ARGS__}) / sizeof(struct kind_step)            \
    }

static const struct kind_route SPEC = BUILT_IN_ROUTE(MEMBER("spec"));
static const struct kind_route TEMPLATE = BUILT_IN_ROUTE(MEMBER("template"), MEMBER("spec"));
static const struct kind_route SPEC_TEMPLATE =
    BUILT_IN_ROUTE(MEMBER("spec"), MEMBER("template"), MEMBER("spec"));
static const struct kind_route SPEC_JOB_TEMPLATE = BUILT_IN_ROUTE(
    MEMBER("spec"), MEMBER("jobTemplate"), MEMBER("spec"), MEMBER("template"), MEMBER("spec"));

#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define BUILT_IN(group_, kind_, resource_, route)                                                  \
    {                                                                                              \
        .group = TEXT(group_), .kind = TEXT(kind_), .resource = TEXT(resource_), .built_in = true, \
        .routes = &(route), .n = 1                                                                 \
    }

/* Spec: the v1 API types. The group `extensions` held the last four until Kubernetes 1.16. */
static const struct kind_info WORKLOADS[] = {
    BUILT_IN("", "Pod", "pods", SPEC),
    BUILT_IN("", "PodTemplate", "podtemplates", TEMPLATE),
    BUILT_IN("", "ReplicationController", "replicationcontrollers", SPEC_TEMPLATE),
    BUILT_IN("apps", "Deployment", "deployments", SPEC_TEMPLATE),
    BUILT_IN("apps", "ReplicaSet", "replicasets", SPEC_TEMPLATE),
    BUILT_IN("apps", "StatefulSet", "statefulsets", SPEC_TEMPLATE),
    BUILT_IN("apps", "DaemonSet", "daemonsets", SPEC_TEMPLATE),
    BUILT_IN("batch", "Job", "jobs", SPEC_TEMPLATE),
    BUILT_IN("batch", "CronJob", "cronjobs", SPEC_JOB_TEMPLATE),
    BUILT_IN("extensions", "Deployment", "deployments", SPEC_TEMPLATE),
    BUILT_IN("extensions", "ReplicaSet", "replicasets", SPEC_TEMPLATE),
    BUILT_IN("extensions", "DaemonSet", "daemonsets", SPEC_TEMPLATE),
    BUILT_IN("extensions", "Job", "jobs", SPEC_TEMPLATE),
};

static const struct kind_info UNKNOWN = {.built_in = false};

/* The object under `status`, `resize` and `ephemeralcontainers` is the Pod itself, and judged; the
 * others take objects that hold no image. */
static const struct str SUBRESOURCES[] = {
    TEXT(""),       TEXT("status"),      TEXT("scale"),    TEXT("ephemeralcontainers"),
    TEXT("resize"), TEXT("binding"),     TEXT("eviction"), TEXT("exec"),
    TEXT("attach"), TEXT("portforward"), TEXT("proxy"),    TEXT("log"),
};

/* -- building -- */

/* How many steps the path has at most: each begins after a dot or a bracket. */
static size_t count_steps(struct str path)
{
    size_t n = 1;
    for (size_t i = 0; i < path.n; i++) {
        n += path.p[i] == '.' || path.p[i] == '[';
    }
    return n;
}

/* Parse one dotted part, such as `spec`, `*` or `tasks[*][*]`, into steps. */
static bool parse_part(struct str part, struct kind_step *steps, size_t *n)
{
    size_t bracket = str_find(part, '[');
    struct str key = str_sub(part, 0, bracket);
    if (key.n == 0 || str_find(key, ']') < key.n) {
        return false;
    }
    bool each = str_eq(key, STR("*"));
    if (!each && str_find(key, '*') < key.n) {
        return false;
    }
    steps[(*n)++] = (struct kind_step){each ? KIND_STEP_EACH_MEMBER : KIND_STEP_MEMBER, key};
    for (struct str rest = str_sub(part, bracket, part.n); rest.n > 0;
         rest = str_sub(rest, 3, rest.n)) {
        if (!str_starts(rest, STR("[*]"))) {
            return false;
        }
        steps[(*n)++] = (struct kind_step){.type = KIND_STEP_EACH_ITEM};
    }
    return true;
}

static status parse_route(struct arena *arena, const struct kind_path *path,
                          struct kind_route *ret_route, struct error *err)
{
    if (path->path.n > LIMIT_FIELD_PATH) {
        return error_set(err, ERROR_INPUT, "a path is longer than %u bytes", LIMIT_FIELD_PATH);
    }
    struct str rest = arena_dup(arena, path->path);
    struct kind_step *steps = ARENA_ARRAY(arena, struct kind_step, count_steps(rest));
    size_t n = 0;
    bool more = true;
    while (more) {
        struct str part;
        more = str_cut(rest, '.', &part, &rest);
        if (!parse_part(part, steps, &n)) {
            return error_set(err, ERROR_INPUT,
                             "path \"%.*s\": \"%.*s\" is no step; write names, `name[*]` for each "
                             "item of a list or `*` for each member, joined by dots",
                             STR_ARG(path->path), STR_ARG(part));
        }
    }
    *ret_route = (struct kind_route){.steps = steps, .n = n, .image = path->image};
    return OK;
}

static status parse_entry(struct arena *arena, const struct kind_entry *entry,
                          struct kind_info *ret_info, struct error *err)
{
    struct kind_route *routes = ARENA_ARRAY(arena, struct kind_route, entry->n);
    for (size_t i = 0; i < entry->n; i++) {
        if (failed(parse_route(arena, &entry->paths[i], &routes[i], err))) {
            return error_wrap(err, "kind %.*s of group \"%.*s\"", STR_ARG(entry->kind),
                              STR_ARG(entry->group));
        }
    }
    *ret_info = (struct kind_info){
        .group = arena_dup(arena, entry->group),
        .kind = arena_dup(arena, entry->kind),
        .paths_only = entry->paths_only,
        .routes = routes,
        .n = entry->n,
    };
    return OK;
}

static const struct kind_info *find(const struct kind_info *infos, size_t n, struct str group,
                                    struct str kind)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(infos[i].kind, kind) && str_eq(infos[i].group, group)) {
            return &infos[i];
        }
    }
    return NULL;
}

static status check_entry(const struct kind_entry *entry, const struct kinds *so_far,
                          struct error *err)
{
    const char *wrong = NULL;
    if (entry->kind.n == 0) {
        return error_set(err, ERROR_INPUT, "a kind of group \"%.*s\" has no name",
                         STR_ARG(entry->group));
    }
    if (find(WORKLOADS, sizeof WORKLOADS / sizeof *WORKLOADS, entry->group, entry->kind)) {
        wrong = "is a kind of Kubernetes itself, whose images are found without a path";
    } else if (find(so_far->custom, so_far->n, entry->group, entry->kind)) {
        wrong = "stands twice";
    }
    return wrong == NULL ? OK
                         : error_set(err, ERROR_INPUT, "kind %.*s of group \"%.*s\" %s",
                                     STR_ARG(entry->kind), STR_ARG(entry->group), wrong);
}

static status copy_subresources(struct arena *arena, const struct str *subresources, size_t n,
                                struct kinds *kinds, struct error *err)
{
    struct str *copies = ARENA_ARRAY(arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        if (subresources[i].n == 0) {
            return error_set(err, ERROR_INPUT, "a subresource has no name");
        }
        copies[i] = arena_dup(arena, subresources[i]);
    }
    kinds->subresources = copies;
    kinds->n_subresources = n;
    return OK;
}

status kinds_build(struct arena *arena, const struct kind_entry *more, size_t n,
                   const struct str *subresources, size_t n_subresources,
                   const struct kinds **ret_kinds, struct error *err)
{
    size_t n_shipped;
    const struct kind_entry *shipped = kinds_shipped(&n_shipped);
    struct kinds *kinds = ARENA_NEW(arena, struct kinds);
    kinds->custom = ARENA_ARRAY(arena, struct kind_info, n + n_shipped);
    for (size_t i = 0; i < n; i++) {
        TRY(check_entry(&more[i], kinds, err));
        TRY(parse_entry(arena, &more[i], &kinds->custom[kinds->n], err));
        kinds->n++;
    }
    size_t n_more = kinds->n;
    for (size_t i = 0; i < n_shipped; i++) {
        if (find(kinds->custom, n_more, shipped[i].group, shipped[i].kind) == NULL) {
            TRY(parse_entry(arena, &shipped[i], &kinds->custom[kinds->n], err));
            kinds->n++;
        }
    }
    TRY(copy_subresources(arena, subresources, n_subresources, kinds, err));
    *ret_kinds = kinds;
    return OK;
}

/* -- asking -- */

const struct kind_info *kinds_find(const struct kinds *kinds, struct str group, struct str kind)
{
    const struct kind_info *info =
        find(WORKLOADS, sizeof WORKLOADS / sizeof *WORKLOADS, group, kind);
    info = info != NULL ? info : find(kinds->custom, kinds->n, group, kind);
    return info != NULL ? info : &UNKNOWN;
}

const struct kind_info *kinds_of_resource(struct str group, struct str resource)
{
    for (size_t i = 0; i < sizeof WORKLOADS / sizeof *WORKLOADS; i++) {
        if (str_eq(WORKLOADS[i].resource, resource) && str_eq(WORKLOADS[i].group, group)) {
            return &WORKLOADS[i];
        }
    }
    return NULL;
}

static bool contains(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

bool kinds_know_subresource(const struct kinds *kinds, struct str subresource)
{
    return contains(SUBRESOURCES, sizeof SUBRESOURCES / sizeof *SUBRESOURCES, subresource) ||
           contains(kinds->subresources, kinds->n_subresources, subresource);
}
