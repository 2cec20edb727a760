#pragma once
/* Declarative cases: policies, something to judge, and what is expected of it.
 *
 * A suite is a YAML document of kind ImagePolicyTest; its paths are relative to its file. Each case
 * is judged by the same walk as in the cluster, and what came out is compared field by field with
 * what is expected. A field that is not expected is not compared.
 *
 * Ownership: everything lives in the arena, but what suite_done frees. */
#include "base/arena.h"
#include "base/status.h"
#include "evaluate/script.h"
#include "policy/policy.h"
#include "review/kinds.h"
#include "json/diagnostic.h"
#include "json/fields.h"

/* What is expected of a case, or came out of it. */
enum suite_field {
    SUITE_VERDICT,  /* "allowed", "denied"; "malformed": no answer could be made */
    SUITE_RULES,    /* "POLICY/RULE" of the rules that failed, in any mode, without repetition */
    SUITE_MESSAGES, /* of the violations that deny, or why there is no answer */
    SUITE_WARNINGS, /* what kubectl would print */
    SUITE_PATCH,    /* operations of the JSON Patch, each as JSON on one line */
    SUITE_FIELDS
};

struct suite_entries {
    struct str *items;
    size_t n;
    bool set; /* expected in so many words */
};

struct suite_outcome {
    struct suite_entries fields[SUITE_FIELDS];
};

struct suite_case {
    struct str name;
    struct mark mark;
    struct mark expect_mark; /* of the key `expect`; line 0: nothing is expected yet */
    struct suite_outcome expected;
    const struct suite_case_doc *doc;
    yyjson_val *object; /* written in the case itself; NULL: none */
};

/* One document. */
struct suite {
    struct str name;        /* empty if it has none */
    struct policy_set *set; /* owned */
    const struct suite_doc *doc;
    struct script script; /* of the images that there are */
    struct suite_case *cases;
    size_t n_cases;
};

struct suite_file {
    const char *path;
    struct str text;
    struct json_stream stream; /* owned */
    struct suite *suites;
    size_t n_suites;
};

struct suite_options {
    const struct kinds *kinds;
    struct policy_options policy;         /* where the document does not say otherwise */
    const struct evidence_source *images; /* of images that a document does not tell of; NULL: there
                                             are none. Borrowed */
};

/* True if a document of `text` is of kind ImagePolicyTest, or if that cannot be told because the
 * text speaks of them and is no YAML: then it is loaded, so that a suite is never passed over. */
bool suite_is_one(struct str text);

/* Load the suites of the file at `path`, with their policies. Everything wrong goes to `list`. Call
 * suite_done after it, also if it failed. Errors: CONFIG (diagnostics say what); those of file.h.
 */
MUST status suite_load(struct arena *arena, const char *path, const struct suite_options *options,
                       struct diagnostics *list, struct suite_file *ret_file, struct error *err);

/* Free what the arena does not hold. A zeroed file is fine. */
void suite_done(struct suite_file *file);

/* Judge one case. Lives in the arena. Errors: what the case is about cannot be read: INPUT,
 * NOT_FOUND, LIMIT, INTERNAL. */
MUST status suite_run(struct arena *arena, const struct suite_options *options, const char *path,
                      const struct suite *suite, const struct suite_case *test,
                      struct suite_outcome *ret_got, struct error *err);

/* True if everything that the case expects is as it came out, and it expects something. */
bool suite_passes(const struct suite_case *test, const struct suite_outcome *got);

/* True if field `field` alone does. */
bool suite_field_agrees(enum suite_field field, const struct suite_entries *expected,
                        const struct suite_entries *got);

/* The name of a field in the document. Lives for ever. */
const char *suite_field_name(enum suite_field field);

struct suite_result {
    const struct suite_case *test;
    struct suite_outcome got;
};

/* Append the file's text with the expectations of `results`, which are in the file's order,
 * replaced by what came out: the fields that were given, or where nothing was expected yet, the
 * verdict and what is not empty. All other lines stay as they are, comments inside an expectation
 * stand above its fields; lines end as the file's first one does. The result is read again: nothing
 * but the expectations has changed. Errors: CONFIG (an expectation is not made of lines), LIMIT. */
MUST status suite_update(const struct suite_file *file, const struct suite_result *results,
                         size_t n, struct buf *buf, struct error *err);

/* Append the JSON Schema of the document, or its reference page in Markdown. */
void suite_schema(struct buf *buf);
void suite_reference(struct buf *buf);
