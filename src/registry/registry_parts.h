#pragma once
/* Inside registry/: one question to the places that may have the answer. */
#include "oci/flow.h"
#include "registry/gates.h"
#include "registry/registry.h"
#include "registry/tokens.h"

struct registry {
    const struct registry_options *options;
    const struct registry_time *time;
    struct ports *ports;
    struct gates *gates;
    struct tokens *tokens;
    struct str *plain; /* names of hosts that are asked over plain HTTP; owned */
    size_t n_plain;
};

/* The entries of a list that comes in pages; they live in call->arena. */
struct pages {
    struct oci_descriptor *items;
    size_t n, room, bytes, count;
};

/* What is asked for, wherever it is asked. */
struct question {
    enum flow_kind kind;
    const char *path; /* of what: "manifests", "blobs", "referrers" */
    struct str name;  /* tag or digest, with a query where there is one */
    struct str digest;
    struct str media_type; /* that is known of it; empty: none */
    struct str accept;
    size_t max_body;
    struct pages *pages; /* of a list; NULL: it is none */
    /* Whether an answer will do; another place is asked if not. */
    status (*check)(struct arena *arena, const struct question *question,
                    const struct flow_result *result, struct flow_result *ret_checked,
                    struct error *err);
};

/* Ask the places for `reference` one after the other, until one has an answer that will do. What it
 * returns lives in call->arena. */
MUST status registry_ask(struct registry *registry, const struct reference *reference,
                         const struct question *question, const struct registry_call *call,
                         struct flow_result *ret_result, struct registry_source *ret_source,
                         struct error *err);

/* The bytes that `descriptor`, of a manifest, an index or a blob, names: those of its digest, at
 * most `max`, whatever they are. Lives in call->arena. Errors: as registry_blob. */
MUST status registry_document(struct registry *registry, const struct reference *reference,
                              const struct oci_descriptor *descriptor, size_t max,
                              const struct registry_call *call, struct str *ret_bytes,
                              struct error *err);

/* Add the entries of one page. Errors: EVIDENCE, LIMIT. */
MUST status pages_add(struct pages *pages, struct arena *arena, const struct flow_result *page,
                      struct error *err);

/* One place, with the credentials that are known for it, until `deadline`. */
struct asking {
    struct registry *registry;
    const struct registry_place *place;
    const struct registry_call *call;
    int64_t deadline;
    struct arena *arena; /* for this place alone */
    struct flow_want want;
    struct flow_rules rules;
    struct flow flow;
    struct str origin;
    struct flow_credential credentials[LIMIT_REGISTRY_CREDENTIALS];
    struct credential owned[LIMIT_REGISTRY_CREDENTIALS];
    bool gathered;
    unsigned sends;
};

/* Ask the place of `asking`. The result lives in its arena. */
MUST status registry_ask_place(struct asking *asking, struct flow_result *ret_result,
                               struct error *err);

/* Send one request of the flow. The answer's headers live in asking->arena, its body in `arena`. */
MUST status registry_send(struct asking *asking, const struct flow_request *request,
                          struct arena *arena, struct flow_answer *ret_answer, struct error *err);
