#pragma once
/* Inside credentials/: what the clouds have in common. */
#include "cache/cache.h"
#include "credentials/cloud.h"
#include "json/doc.h"

/* One exchange of tokens under way. All that is in the arena is overwritten when it is over. */
struct exchange {
    const struct cloud *cloud;
    const struct credential_query *query;
    struct arena *arena;
    struct fetch fetch;
};

struct cloud_kind {
    const char *username; /* beside every token */
    bool (*covers)(struct str registry);
    /* Under which name a token is kept: registries of the same name have the same one. */
    struct str (*scope)(struct arena *arena, struct str registry);
    /* Get a token, and when it ends by the wall. */
    status (*make)(struct exchange *exchange, struct str *ret_token, int64_t *ret_end,
                   struct error *err);
};

struct cloud {
    const struct cloud_kind *kind;
    struct credential_provider provider;
    struct cache *cache;
    struct cloud_options options;
    struct str source;
    struct arena arena; /* of the texts of the config */
    union {
        struct ecr_config ecr;
        struct gcp_config gcp;
        struct azure_config azure;
    };
};

/* A cloud without its config, which the caller copies into its arena. Returns owned. */
struct cloud *cloud_new(const struct cloud_kind *kind, const struct cloud_options *options);

/* A copy, or `preset` if it is empty. */
struct str cloud_text(struct cloud *cloud, struct str text, struct str preset);

/* Whether it is a label of a host in lower case: "us-east-1". */
bool cloud_is_label(struct str text);

/* The environment's variable; empty if it is not there. */
struct str cloud_environment(const char *name);

/* Fill `text` from it where that is empty. Errors: CONFIG (both are empty; "no WHAT is given, and
 * NAME is not set"). */
MUST status cloud_need(struct str *text, const char *what, const char *name, struct error *err);

/* The token in the file, read anew: without the space around it.
 * Errors: those of file_read; CONFIG (it is empty). Limits: LIMIT_TOKEN. */
MUST status exchange_file(const struct exchange *exchange, struct str path, struct str *ret_token,
                          struct error *err);

struct exchange_call {
    const char *method;
    struct str url;
    const struct fetch_header *headers; /* besides Content-Type and User-Agent */
    size_t n_headers;
    const char *content_type; /* NULL: no body */
    struct str body;
    bool plain; /* http, as with whoever is inside the machine */
};

#define EXCHANGE_FORM "application/x-www-form-urlencoded"

/* Send, and give the body of a 2xx answer. Errors: UNAUTHORIZED (400, 401, 403), UPSTREAM (any
 * other), those of fetch.h; "HOST: 403 AccessDenied". Limits: LIMIT_TOKEN_ANSWER. */
MUST status exchange_send(const struct exchange *exchange, const struct exchange_call *call,
                          struct str *ret_body, struct error *err);

/* The same for an answer in JSON, freed by the caller. Errors: also UPSTREAM (no object). */
MUST status exchange_json(const struct exchange *exchange, const struct exchange_call *call,
                          struct json_doc *ret_doc, struct error *err);

/* "a=b&c=d", values escaped; pairs of name and value, ended by an empty name. */
struct str exchange_form(const struct exchange *exchange, const struct fetch_header *fields);

/* The string `name` of an answer, copied. Errors: UPSTREAM (missing, empty or too long). */
MUST status exchange_text(const struct exchange *exchange, yyjson_val *object, const char *name,
                          struct str *ret_text, struct error *err);

/* Wall time in so many seconds, as an answer tells (expires_in). Errors: UPSTREAM (no number). */
MUST status exchange_end(yyjson_val *seconds, int64_t *ret_end, struct error *err);

/* What the text of XML has between <name> and </name>, which stands in it once; empty if it does
 * not, or not as plain text. */
struct str exchange_xml(struct str text, const char *name);
