#pragma once
/* Policies of other tools, written as policies of ours.
 *
 * Nothing is dropped silently and nothing becomes looser: what cannot be said exactly is said more
 * strictly, what cannot be said at all denies the images that it was about, and both leave a note.
 * Images are compared, not spellings: `nginx` is docker.io/library/nginx:latest, and an image that
 * a demand of the source admits under one of its names is admitted by the rule made of it under
 * each; a note tells that too.
 *
 * Pure. Ownership: everything lives in the arena that the conversion was begun with; the documents
 * must live until convert_finish. Threading: one conversion belongs to one thread. */
#include "base/arena.h"
#include "base/status.h"
#include "json/doc.h"

enum convert_effect {
    CONVERT_SAME,         /* the same images, under names that the source takes for others */
    CONVERT_STRICTER,     /* something that the source admits is denied */
    CONVERT_NOT_CONVERTED /* it has to be done by hand; until then it denies, if it is a demand */
};

/* Something that is not carried over exactly. */
struct convert_note {
    struct str file;
    struct mark mark;
    struct str kind, name; /* of the object */
    struct str path;       /* in it; empty: the object as a whole */
    enum convert_effect effect;
    struct str text; /* what it is, and what was written instead */
};

/* What came of one object. */
struct convert_output {
    struct str name; /* "k8sallowedrepos-prod.yaml": fit for a file, no two are the same */
    struct str text; /* YAML documents with a comment; the comment alone if nothing is demanded */
};

struct convert_result {
    const struct convert_output *outputs;
    size_t n_outputs;
    const struct convert_note *notes; /* in the order of the source */
    size_t n_notes;
};

struct conversion;

/* Begin. Lives in the arena. */
struct conversion *convert_begin(struct arena *arena);

/* Convert a document, each item of a List by itself. `file` names its source for notes; both are
 * borrowed until convert_finish. For an object that is not shaped as its kind must be, a policy is
 * written that denies every image; for one of another kind, nothing. Both leave a note. */
void convert_document(struct conversion *conversion, struct str file, const struct json_doc *doc);

/* Write what all documents together mean. Call once. */
struct convert_result convert_finish(struct conversion *conversion);

/* "same", "stricter", "not converted". */
const char *convert_effect_name(enum convert_effect effect);
