#pragma once
/* Rules made of globs. Inside convert/. Whatever is not exact leaves a note. */
#include "convert/source.h"

struct draft_glob {
    struct object *object; /* that it stands in; with others it may make one list */
    struct glob glob;
    const yyjson_val *at; /* what notes are about */
};

struct draft_globs {
    struct draft_glob *items;
    size_t n, room;
};

/* Put rules of the object's policies that no image can pass together into policies of their own,
 * which mean the same. */
void draft_split(struct object *object);

/* Append a glob. */
void draft_globs_add(struct object *object, struct draft_globs *globs, struct glob glob,
                     const yyjson_val *at);

/* Add a rule. Its name is made fit and unique in the policy. Returns it, with no items. */
struct draft_rule *draft_rule_add(struct object *object, struct draft *policy, const char *field,
                                  struct str name);

/* Add a rule with one item: draft_rule_add(..., "deny", ...) and "**", for example. */
struct draft_rule *draft_rule_item(struct object *object, struct draft *policy, const char *field,
                                   struct str name, const char *item);

/* What matches no glob is denied. */
void draft_allow(struct object *object, struct draft *policy, struct str name,
                 const struct draft_globs *globs);

/* What matches a glob is denied. */
void draft_deny(struct object *object, struct draft *policy, struct str name,
                const struct draft_globs *globs);

/* A demand that cannot be written: everything that the policy applies to is denied until somebody
 * converts it. A note says so; `what` is the demand. */
void draft_by_hand(struct object *object, struct draft *policy, struct str name,
                   const yyjson_val *at, const char *what);

/* The policy applies to images around the globs. Returns false if no image can match one. */
bool draft_include(struct object *object, struct draft *policy, const struct draft_globs *globs);

/* The policy applies only to images within the globs: what it covers, it admits. Returns false if
 * there are none. */
bool draft_cover(struct object *object, struct draft *policy, const struct draft_globs *globs);

/* The policy does not apply to what matches a glob. With `no_digests`, it does not apply to images
 * with a digest anyway. */
void draft_exclude(struct object *object, struct draft *policy, const struct draft_globs *globs,
                   bool no_digests);
