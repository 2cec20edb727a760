#pragma once
/* A set of policies in words, one document after the other, for people who look at what is in
 * use. Pure. Texts are made of what policies say, which is text from outside. */
#include "policy/policy.h"

struct policy_rule_description {
    struct str name;
    struct str kind;  /* "allow", "deny", "tag", "require", "image" */
    struct str words; /* "ghcr.io, docker.io" */
};

struct policy_description {
    struct str kind; /* ClusterImagePolicy, ImagePolicy, ImagePolicyException */
    struct str namespace, name;
    struct str mode;     /* enforce, warn, audit; of an exception empty */
    struct str match;    /* "namespaces prod-*, not prod-test; kinds Pod"; empty: everything */
    struct str images;   /* "ghcr.io, not ghcr.io/acme"; empty: all */
    struct str policies; /* of an exception: those that it excuses from; empty: all */
    struct str excused;  /* of an exception: names of rules; empty: all */
    int64_t until;       /* of an exception: wall time */
    bool broken;         /* an object that cannot be read: it denies all in its namespace */
    bool object;         /* of the cluster, rather than of a file */
    struct str file;     /* of an object: its kind and name */
    struct mark mark;
    struct policy_rule_description *rules;
    size_t n_rules, rule_count; /* those listed, those that there are */
};

/* Policies and exceptions together; policies come first, in the order in which they were read. */
size_t policy_describe_count(const struct policy_set *set);

/* Describe number `index`, which is below the count. What is returned borrows from the set and
 * lives in the arena. Limits: 32 rules, 8 items of a list, LIMIT_MESSAGE bytes of words each. */
void policy_describe(const struct policy_set *set, size_t index, struct arena *arena,
                     struct policy_description *ret_description);

/* The name alone, without words: for whoever looks for one. */
struct str policy_describe_name(const struct policy_set *set, size_t index);

/* The mode alone: enforce, warn or audit; empty for an exception. */
struct str policy_describe_mode(const struct policy_set *set, size_t index);
