#pragma once
/* What a converter is given, and what it makes. Inside convert/.
 *
 * A converter reads the object's tree, adds policies to it and leaves notes. It knows one tool; all
 * that it shares with others is here, in draft.h and in ranked.h. */
#include "base/buf.h"
#include "convert/convert.h"
#include "convert/glob.h"

enum draft_mode { MODE_ENFORCE, MODE_WARN, MODE_AUDIT };

struct draft_rule {
    const char *field; /* "allow", "deny", "require" */
    struct str name, message;
    struct texts items;
};

/* A policy of ours, in the making. Empty lists are left out. */
struct draft {
    struct str name;
    struct str namespace; /* not empty: an ImagePolicy */
    enum draft_mode mode;
    struct texts namespaces, kinds, operations, users, images;
    struct texts namespace_selector, object_selector; /* requirements, as YAML in one line */
    struct draft_rule *rules;
    size_t n_rules, room_rules;
    bool resolve_digest; /* mutate.resolveDigest; counts only beside a rule */
};

struct drafts {
    struct draft **items;
    size_t n, room;
};

/* One object of a source. */
struct object {
    struct conversion *conversion;
    struct arena *arena;
    struct str file;
    const struct json_doc *doc;
    yyjson_val *root; /* of the object: an item of a List has others beside it */
    struct str kind, name, namespace;
    const char *tool; /* "Kyverno" */
    struct drafts policies;
    struct texts comments;
    const yyjson_val *wrong; /* what an error is about; NULL: the object as a whole */
};

/* A kind that can be converted. */
struct source {
    const char *tool;
    const char *group; /* of the apiVersion, "kyverno.io"; NULL: told by its shape */
    const char *kind;
    bool (*shaped)(yyjson_val *root); /* where there is no group */
    /* Objects of the tool admit what they are not about. */
    bool admits_rest;
    /* Convert. Errors: INPUT (not shaped as its kind must be). */
    status (*convert)(struct object *object, struct error *err);
};

extern const struct source *const gatekeeper_sources,
    *const kyverno_sources,
        *const policy_controller_sources,
            *const connaisseur_sources,
                *const portieris_sources,
                    *const containers_sources; /* each ends with a source without a tool */

/* Leave a note about `at`, a value of the object (NULL: the object as a whole). */
void object_note(struct object *object, const yyjson_val *at, enum convert_effect effect,
                 const char *format, ...) PRINTF(4, 5);

/* Say something above the policies. */
void object_comment(struct object *object, const char *format, ...) PRINTF(2, 3);

/* Begin a policy of the object, with a name that no other has. Lives in the arena. */
struct draft *draft_add(struct object *object);

/* A copy with a name of its own. */
struct draft *draft_copy(struct object *object, const struct draft *policy);

/* What the tool keeps over its objects until the end: one pointer for each tool. */
void **object_slot(struct conversion *conversion, const char *tool);

/* Called by convert_finish, in the order in which they were asked for. */
void object_at_end(struct conversion *conversion, void (*end)(void *context), void *context);

/* True if all objects are of this one's tool. Only at the end. */
bool object_is_alone(const struct object *object);

/* -- reading -- */

/* The member; an error that names it if it is there and of another type. NULL if it is missing or
 * null. Errors: INPUT. */
MUST status object_member(struct object *object, const yyjson_val *value, const char *key,
                          const char *type, yyjson_val **ret_value, struct error *err);

/* metadata.namespace. Errors: INPUT (it is missing, or no name of a namespace). */
MUST status object_namespace(struct object *object, struct str *ret_namespace, struct error *err);

/* True if `value` has members beside those of `known`, which ends with NULL; the first is returned.
 */
yyjson_val *object_unknown(yyjson_val *value, const char *const *known);

/* -- selectors -- */

/* Add a Kubernetes label selector to `list`. Returns false if a part cannot be written and is left
 * out. */
bool selector_add(struct object *object, yyjson_val *selector, struct texts *list);

/* The same with a note: the policy applies to more. */
void selector_widen(struct object *object, yyjson_val *selector, struct texts *list);

/* Add what the selector does not select. Returns false if that cannot be said. */
bool selector_add_negated(struct object *object, yyjson_val *selector, struct texts *list);

/* -- names -- */

/* Lower case, digits and inner "-" (and "." with `dots`), at most `max`; `otherwise` if nothing is
 * left. Lives in the arena. */
struct str draft_name(struct arena *arena, struct str text, bool dots, size_t max,
                      const char *otherwise);

/* Write the object's comments and policies. */
void draft_write(struct buf *buf, const struct object *object);

/* The policy that admits what no other is about. */
void draft_write_rest(struct buf *buf);
