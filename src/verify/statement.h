#pragma once
/* in-toto statements: subjects, each known by its digests, and what is said of them. Pure.
 * Spec: in-toto attestation spec v0.1 and v1, statement.md, digest_set.md. */
#include "verify/artifact.h"
#include "json/doc.h"

struct statement_digest {
    struct str algorithm, value; /* as written */
};

struct statement_subject {
    struct str name; /* empty: none */
    const struct statement_digest *digests;
    size_t n_digests;
};

struct statement {
    struct str type;
    struct str predicate_type;
    const struct statement_subject *subjects; /* in the arena */
    size_t n_subjects;
    struct json_doc doc;   /* owned */
    yyjson_val *predicate; /* of `doc`; NULL: none */
};

/* Read a statement of a known version. Members that are not known are passed over, as the
 * specification asks. Texts live in the arena; the caller ends it with statement_done.
 * Errors: INPUT, LIMIT. Limits: LIMIT_STATEMENT_SUBJECTS, LIMIT_SUBJECT_DIGESTS. */
MUST status statement_parse(struct arena *arena, struct str payload, struct statement *ret,
                            struct error *err);

/* Free what it owns; a zeroed one is fine. */
void statement_done(struct statement *statement);

#define statement_auto __attribute__((cleanup(statement_done))) struct statement

/* Whether the artifact is a subject: one that has a digest that is known of the artifact, and no
 * known digest that differs. */
bool statement_names(const struct statement *statement, const struct artifact *artifact);
