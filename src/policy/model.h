#pragma once
/* A policy set as compiled: what the rest of the folder works on. Private to policy/.
 *
 * Built by load.c and compile.c, immutable afterwards, shared by all threads. Everything lives in
 * the set's arena but the regular expressions, which PCRE2 owns and policy_set_unref frees. */
#include <stdatomic.h>

#include "image/glob.h"
#include "image/pattern.h"
#include "image/semver.h"
#include "policy/decision.h"
#include "policy/policy.h"
#include "json/fields.h"

struct policy_index;
struct policy_tally;
struct regex;
struct rule_kind;
struct image_rule;

/* One requirement of a label selector. */
struct policy_label {
    struct str key;
    enum { LABEL_IN, LABEL_NOT_IN, LABEL_EXISTS, LABEL_DOES_NOT_EXIST } operator_;
    struct str *values;
    size_t n_values;
};

struct policy_selector {
    struct policy_label *labels; /* all must hold */
    size_t n;
};

/* Which requests a policy applies to: the compiled `match`. */
struct policy_match {
    struct glob_list namespaces; /* of an ImagePolicy: its own, and nothing else */
    struct glob_list kinds;
    struct glob_list users;
    unsigned operations;                              /* bits 1 << enum review_operation; 0: all */
    const struct policy_selector *namespace_selector; /* NULL: all */
    const struct policy_selector *object_selector;
};

enum policy_requirement { REQUIRE_DIGEST = 1, REQUIRE_TAG = 2, REQUIRE_FULLY_QUALIFIED = 4 };

struct rule {
    struct str name;
    struct str help; /* the platform team's own words; empty if none */
    struct mark mark;
    const struct rule_kind *kind;
    const struct pattern **patterns; /* allow, deny */
    size_t n_patterns;
    bool warns_on_error;               /* evidence that could not be had is only warned of */
    unsigned require;                  /* require: bits of enum policy_requirement */
    const struct semver_range *range;  /* tag; NULL: none */
    const struct regex *regex;         /* tag; NULL: none */
    struct str range_text, regex_text; /* as written */
    const struct image_rule *image;    /* image; NULL: of another kind */
};

struct policy_rewrite {
    const struct rewrite *rewrite;
    const struct pattern *from, *to;
    struct mark mark;
};

struct policy {
    struct str name;
    struct str namespace; /* of an ImagePolicy; empty for a ClusterImagePolicy */
    struct str file;
    struct mark mark;
    enum policy_mode mode;
    struct policy_match match;
    struct pattern_list images;
    struct rule *rules;
    size_t n_rules;
    struct policy_rewrite *rewrites;
    size_t n_rewrites;
    bool resolve_digest;        /* mutate.resolveDigest */
    int64_t stale_for;          /* staleWhileUnreachable, in nanoseconds; 0: never */
    unsigned accept;            /* of enum reference_quirk */
    bool object;                /* of a cluster, rather than of a file */
    bool broken;                /* stands for an object that cannot be read: objects.c */
    struct policy_tally *tally; /* hits.h: changes */
};

struct exception {
    struct str name;
    struct str file;
    struct mark mark;
    struct glob_list policies;
    struct str *rules; /* names; none: all rules */
    size_t n_rules;
    struct pattern_list images;
    struct glob_list namespaces;
    int64_t until;             /* wall time; in force before it */
    struct texts policy_texts; /* as written, with places, for the check over all documents */
    struct texts rule_texts;
    bool object;                /* of a cluster, rather than of a file */
    struct policy_tally *tally; /* hits.h: changes */
};

struct policy_set {
    atomic_size_t references;
    struct arena arena;
    struct policy_options options;
    struct policy **policies; /* in the order in which they were read */
    size_t n_policies, room_policies;
    struct exception **exceptions;
    size_t n_exceptions, room_exceptions;
    const struct policy_index *applying; /* policies by namespace and image */
    const struct policy_index *leading;  /* policies with rewrites, by namespace and `to` */
    bool rewrites;                       /* some policy has one */
    const struct policy_index *excusing; /* exceptions by policy, namespace and image */
    struct regex *regexes;               /* to be freed */
    uint64_t hash;
    bool asks_labels;                                  /* a policy has a namespaceSelector */
    void (*ended)(void *self, struct policy_set *set); /* NULL: nobody asks */
    void *ended_self;
};

/* True if the images that the policy applies to are covered by it: a policy of one namespace only
 * tightens, and one without a rule demands nothing. */
static inline bool policy_covers(const struct policy *policy)
{
    return policy->namespace.n == 0 && policy->n_rules > 0;
}

/* The name of a policy's kind. Lives for ever. */
struct str policy_kind_of(const struct policy *policy);

/* Counters at 0, in the arena. */
struct policy_tally *policy_tally_new(struct arena *arena);

/* An empty set with one reference. Never NULL. */
struct policy_set *policy_set_new(const struct policy_options *options);

/* Append to the set; what is given lives in its arena. */
void policy_set_add_policy(struct policy_set *set, struct policy *policy);
void policy_set_add_exception(struct policy_set *set, struct exception *exception);
