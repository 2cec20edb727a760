#pragma once
/* Which kinds carry images, and where.
 *
 * Three sources, in this order: the workload kinds of Kubernetes itself; custom kinds by path, a
 * list of common ones being shipped and more coming from the configuration; and, for any object but
 * Kubernetes' own workloads, its content: whatever looks like a pod spec (an object with a list of
 * objects under `containers`, `initContainers` or `ephemeralContainers`, one of them with an image,
 * or under `volumes`, one of them with an image's reference) is taken for one.
 *
 * A path is a field path from the object's root: "spec.template.spec",
 * "spec.tasks[*].template.spec", "spec.replicaSpecs.*.template.spec"; `[*]` is each item of a list,
 * `*` each member of an object. It ends at a pod spec or, if so declared, at an image string. What
 * a path does not find is absent, which is no error: paths of one kind may be alternatives.
 *
 * Pure; immutable once built; shared freely. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

struct kind_path {
    struct str path;
    bool image; /* ends at an image string rather than at a pod spec */
};

/* A custom kind. `group` and `kind` are exact; all versions. */
struct kind_entry {
    struct str group;
    struct str kind;
    struct kind_path *paths;
    size_t n;
    bool
        paths_only; /* what looks like a pod spec elsewhere in it runs nothing: schemas, patterns */
};

struct kinds;

/* Build the table from the shipped custom kinds and `more` (which replace a shipped kind of the
 * same group and name), and subresources known to be harmless beside the built-in ones.
 * Lives in the arena; texts are copied. Errors: INPUT (a path that does not parse or is longer than
 * LIMIT_FIELD_PATH, no kind, a kind of Kubernetes itself, a kind that stands twice, an empty
 * subresource). */
MUST status kinds_build(struct arena *arena, const struct kind_entry *more, size_t n,
                        const struct str *subresources, size_t n_subresources,
                        const struct kinds **ret_kinds, struct error *err);

/* The shipped custom kinds, for documentation and tests; lives for ever. */
const struct kind_entry *kinds_shipped(size_t *ret_n);

/* -- what extraction asks -- */

enum kind_step_type {
    KIND_STEP_MEMBER,      /* the member `key` of an object */
    KIND_STEP_EACH_ITEM,   /* [*] */
    KIND_STEP_EACH_MEMBER, /* * */
};

struct kind_step {
    enum kind_step_type type;
    struct str key;
};

/* A path, parsed. */
struct kind_route {
    const struct kind_step *steps;
    size_t n;
    bool image;
};

struct kind_info {
    struct str group;
    struct str kind;
    struct str resource; /* "pods"; empty for custom kinds */
    bool built_in;       /* one route, whose every step must be there; no search by content */
    bool paths_only;
    const struct kind_route *routes;
    size_t n;
};

/* What is known of a kind: never NULL, for of an unknown one it is known that only its content can
 * tell. Lives as long as `kinds`. */
const struct kind_info *kinds_find(const struct kinds *kinds, struct str group, struct str kind);

/* The workload kind of Kubernetes itself whose objects stand at this resource; NULL if none. */
const struct kind_info *kinds_of_resource(struct str group, struct str resource);

/* True if no image can come in by this subresource without being seen. */
bool kinds_know_subresource(const struct kinds *kinds, struct str subresource);
