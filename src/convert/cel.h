#pragma once
/* Expressions in CEL that demand something of the text of each image. Inside convert/.
 *
 * A strict subset: LIST.all(x, P) and !LIST.exists(x, P), joined by &&. LIST is images.containers,
 * object.spec.containers and the like, sums of them, or a variable that is one. P is made of &&,
 * ||, ! and ( ) from x.startsWith("a"), endsWith, contains, matches("^a$"), x == "a", x != "a" and
 * x in ["a", "b"], where x is the text of an image. Everything else is refused, so that nothing is
 * misread. Pure; lives in the arena. */
#include "convert/kyverno.h"

/* Demands: one of the globs is matched, or one of those denied is not. `*` and `?` are wildcards.
 */
struct cel_clause {
    struct texts globs, denied;
};

struct cel_clauses {
    struct cel_clause *items;
    size_t n, room;
    unsigned kinds;  /* of containers that are looked at: KYVERNO_ALL_KINDS */
    unsigned shapes; /* where it looks for them: of enum kyverno_shape; 0: wherever they are */
};

/* Read an expression; `variables` is the policy's list of them, or NULL. All clauses together are
 * what it demands. Returns false if it is of no form that is known. */
bool cel_read(struct arena *arena, struct str expression, yyjson_val *variables,
              struct cel_clauses *ret_clauses);
