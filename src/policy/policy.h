#pragma once
/* Policies: loaded, checked, compiled into an immutable set, selected for a review, decided.
 *
 * A set is built once from documents and never changes; a review takes one reference and keeps it
 * until it is answered. Everything that can be prepared is prepared at load time: patterns, ranges,
 * regular expressions, and an index from namespace and image prefix to policies.
 *
 * Pure but for policy_load. Threading: a set is shared read-only; its count is atomic. */
#include "base/arena.h"
#include "base/status.h"
#include "json/diagnostic.h"
#include "json/doc.h"

struct policy_set;
struct fields;

/* How a container runtime reads a name without a registry. */
enum policy_runtime {
    POLICY_RUNTIME_CONTAINERD, /* as Docker Hub's, always */
    POLICY_RUNTIME_CRIO        /* by aliases and search registries of the node: ambiguous */
};

struct policy_options {
    bool allow_uncovered; /* the verdict on an image that no policy covers; false: denied */
    enum policy_runtime runtime;
    int64_t now; /* wall time, for the end of exceptions; diagnostics only */
};

/* Load all policies at `paths` (files, "-" for standard input, or directories of *.yaml, *.yml and
 * *.json) into a set with one reference. Everything wrong goes to `list`; the load fails if there
 * is any error there. Files with a sound policy but no document are fine; no policy at all is an
 * error. The items of a List of Kubernetes count as documents. Documents of kind ImagePolicyTest,
 * which are for `pratique test`, are passed over. Warnings do not fail a load. Errors: CONFIG
 * (diagnostics say what), and those of file.h. */
MUST status policy_load(const char *const *paths, size_t n, const struct policy_options *options,
                        struct diagnostics *list, struct policy_set **ret_set, struct error *err);

/* A policy or exception that is an object of a cluster. */
struct policy_object {
    struct str kind, namespace, name;
    struct str text; /* JSON: kind, name and namespace are those above */
    /* set by the load */
    bool sound;         /* it is part of the set */
    size_t rules;       /* of a policy that is sound */
    int64_t until;      /* of an exception that is sound: when it ends, in wall time */
    struct str problem; /* what is wrong with it, for people; lives in list->arena */
};

/* Where policies come from. */
struct policy_sources {
    const char *const *paths; /* as policy_load takes them */
    size_t n_paths;
    struct policy_object *objects; /* sorted by kind, namespace and name */
    size_t n_objects;
    bool cluster; /* objects are looked for: there need not be any policy, then all is uncovered */
};

/* Load files and objects into one set. In the list, an object stands as "KIND NAME" or "KIND
 * NAMESPACE/NAME" in the place of a file. Objects come from more hands than files do, and one of
 * them that is wrong (or is called as a document of a file is) must not do more than its author
 * could have done:
 *   ImagePolicy           all is denied in its namespace, with a message that says why
 *   ImagePolicyException  excuses nothing
 *   ClusterImagePolicy    the load fails, as with a file
 * The former two are warnings in the list. Errors: as policy_load.
 * Limits: LIMIT_POLICY_OBJECT_ITEMS; for the ImagePolicies of one namespace
 * LIMIT_NAMESPACE_POLICIES and LIMIT_NAMESPACE_POLICY_BYTES: those beyond are wrong. */
MUST status policy_load_all(const struct policy_sources *sources,
                            const struct policy_options *options, struct diagnostics *list,
                            struct policy_set **ret_set, struct error *err);

/* The same from a text, as if it were the file `name`. */
MUST status policy_parse(struct str name, struct str text, const struct policy_options *options,
                         struct diagnostics *list, struct policy_set **ret_set, struct error *err);

/* Sets are immutable and counted: one more reference, which is returned; one fewer, which frees the
 * set when it was the last. From any thread. */
struct policy_set *policy_set_ref(struct policy_set *set);
void policy_set_unref(struct policy_set *set); /* NULL is fine */

struct policy_counts {
    size_t policies, rules, exceptions, indexed;
};
/* How large the set is; `indexed` are the policies that the index finds by registry. */
void policy_set_counts(const struct policy_set *set, struct policy_counts *ret_counts);

/* Whether a policy of the set selects by labels of namespaces. */
bool policy_set_asks_labels(const struct policy_set *set);

/* Have `ended` called with `self` when the last reference of the set is given back, before it is
 * freed; for a set that one thread has. */
void policy_set_on_end(struct policy_set *set, void (*ended)(void *self, struct policy_set *set),
                       void *self);

/* A number over all documents, equal for equal sets in equal order: for logs and metrics. */
uint64_t policy_set_hash(const struct policy_set *set);

/* The suffixes of policy files, for file_list and file_fingerprint; ends with NULL. */
extern const char *const policy_suffixes[];

/* The table of documents of this kind, for formatting; NULL if it is no policy. */
const struct fields *policy_fields(struct str kind);

/* Append the JSON Schema of all kinds, or the reference page in Markdown. */
void policy_schema(struct buf *buf);
void policy_reference(struct buf *buf);
