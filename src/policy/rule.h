#pragma once
/* The kinds of rules, each one const struct in a file of its own. Private to policy/. */
#include "image/regex.h"
#include "policy/compile.h"

/* What a judge may use. */
struct rule_judging {
    struct arena *arena;
    bool words; /* false: the kind of the finding is enough, its reason and remedy stay empty */
    bool any_digest; /* the reference will get a digest that is not known yet: what one could
                        satisfy is satisfied */
    int64_t now;     /* wall time */
    const struct evidence *evidence; /* of a kind that wants some, all of it; NULL: nothing was
                                        asked */
    int64_t stale_for;               /* how old a stale one may be by the rule's policy */
    struct regex_memory regex;
};

struct rule_kind {
    const char *field; /* of a rule, that makes it one of this kind: "allow" */
    unsigned wants;    /* evidence; bits of evidence.h */

    /* Whether the rule in the document has that field, and where it stands. */
    bool (*given)(const struct policy_rule_doc *doc, struct mark *ret_mark);

    /* Compile what the field holds; `path` is the rule's: "spec.rules[1]". */
    void (*compile)(struct compile *compile, const struct policy_rule_doc *doc, struct str path,
                    struct rule *rule);

    /* Judge a reference that can be read, with all the evidence that the kind wants. Never anything
     * but VALID or INVALID. */
    struct finding (*judge)(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging);
};

extern const struct rule_kind rule_allow;
extern const struct rule_kind rule_deny;
extern const struct rule_kind rule_tag;
extern const struct rule_kind rule_require;
extern const struct rule_kind rule_image;

/* Judge by a rule, whose evidence may be missing: then ABSENT or
 * UNREACHABLE. */
struct finding policy_judge(const struct rule *rule, const struct reference *reference,
                            struct rule_judging *judging);

/* All kinds; ends with NULL. */
extern const struct rule_kind *const rule_kinds[];
