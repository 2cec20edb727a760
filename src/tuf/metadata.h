#pragma once
/* Inside tuf/: one file of metadata. Read strictly: what the specification names must be there and
 * of its type; other members are passed over, and are signed all the same. Nothing is believed by
 * being read: signatures, versions and times are for the caller to check.
 * Spec: TUF 4. */
#include "base/status.h"
#include "json/doc.h"

enum tuf_type { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS, TUF_TYPE_COUNT };

struct tuf_metadata {
    enum tuf_type type;
    struct str bytes;    /* borrowed */
    struct json_doc doc; /* owned */
    yyjson_val *body;    /* "signed" */
    yyjson_val *signatures;
    uint64_t version;
    int64_t expires;
};

/* Who signs for a role. Borrows from the file that says so. */
struct tuf_signers {
    yyjson_val *keys, *key_ids;
    uint64_t threshold;
    struct str by;       /* the role whose file it is */
    uint64_t by_version; /* of that file */
};

/* What one file says of another. Borrows from it. */
struct tuf_expected {
    uint64_t version; /* of metadata */
    bool has_length;
    uint64_t length;
    yyjson_val *hashes; /* NULL: none */
};

/* "root", "timestamp", ... Lives for ever. */
struct str tuf_type_name(enum tuf_type type);

/* Whether a role of this name is a top-level one. */
bool tuf_is_top_level(struct str role);

/* How large a file of this type may be. */
size_t tuf_type_max(enum tuf_type type);

/* Read a file, which is borrowed. Errors: INPUT, LIMIT. Limits: tuf_type_max, LIMIT_TUF_MEMORY,
 * LIMIT_TUF_SIGNATURES, LIMIT_TUF_ROLE_KEYS, LIMIT_TUF_META, LIMIT_TUF_DELEGATIONS,
 * LIMIT_TUF_VERSION, LIMIT_TUF_NAME. */
MUST status tuf_metadata_read(struct str bytes, enum tuf_type type,
                              struct tuf_metadata *ret_metadata, struct error *err);

/* Free the tree; a zeroed one is fine. */
void tuf_metadata_done(struct tuf_metadata *metadata);

#define tuf_metadata_auto __attribute__((cleanup(tuf_metadata_done))) struct tuf_metadata

/* Of root: who signs for a role of this type, and whether names have versions and hashes. */
struct tuf_signers tuf_root_signers(const struct tuf_metadata *root, enum tuf_type type);
bool tuf_root_is_consistent(const struct tuf_metadata *root);

/* Of timestamp and snapshot: what is said of the file `name`; false: nothing. */
bool tuf_meta(const struct tuf_metadata *metadata, struct str name,
              struct tuf_expected *ret_expected);

/* Of targets: what is said of the target `path`; false: nothing. */
bool tuf_target(const struct tuf_metadata *targets, struct str path,
                struct tuf_expected *ret_expected);

/* Of targets: the list of delegations; NULL: there are none. Who signs for one of them, which
 * `role` found in the file of `by`. */
yyjson_val *tuf_delegations(const struct tuf_metadata *targets);
struct tuf_signers tuf_delegation_signers(const struct tuf_metadata *targets, yyjson_val *role,
                                          struct str by);

/* Inside metadata: say what is wrong with a member, "signed.x must be ..., found a number". */
MUST status tuf_wrong(struct error *err, const char *where, const char *wanted,
                      const yyjson_val *found);

/* Inside metadata: a whole number between `min` and LIMIT_TUF_VERSION. */
MUST status tuf_number(yyjson_val *object, const char *name, uint64_t min, uint64_t *ret_value,
                       struct error *err);

/* Inside metadata: check the members that files of one type have. Errors: INPUT, LIMIT. */
typedef status tuf_check(yyjson_val *body, struct error *err);
tuf_check tuf_check_root, tuf_check_timestamp, tuf_check_snapshot, tuf_check_targets;
