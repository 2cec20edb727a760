#pragma once
/* Inside verify/: JSON as Protocol Buffers write it, member by member, each with its place in
 * messages. Bytes are base64 of the standard alphabet with padding, 64-bit numbers may be strings,
 * null is absent, names are in lowerCamelCase.
 * Spec: protobuf.dev ProtoJSON; sigstore client specification, section 5. */
#include "base/arena.h"
#include "base/status.h"
#include "json/doc.h"

struct proto {
    struct arena *arena; /* for what is kept */
    bool strict;         /* members that are not known are refused */
    struct error *err;
};

/* A value, and where it stands. Linked on the stack. */
struct proto_place {
    const struct proto_place *up; /* NULL: the document */
    const char *name;             /* NULL: an item of a list */
    size_t index;
    yyjson_val *value;
};

/* Parse `text`, at most `max` bytes of a `what` ("bundle"), into an object. The caller frees.
 * Errors: INPUT, LIMIT. */
MUST status proto_parse(struct str text, size_t max, const char *what, struct json_doc *ret_doc,
                        struct error *err);

/* Say what is wrong at a place, "tlogEntries[0].logId: ...", and fail. */
MUST status proto_wrong(const struct proto *p, const struct proto_place *at, enum error_kind kind,
                        const char *format, ...) PRINTF(4, 5);

/* Check that it is an object, with members of `names` alone (ends with NULL) where the reading is
 * strict. Errors: INPUT. */
MUST status proto_object(const struct proto *p, const struct proto_place *at,
                         const char *const *names);

/* The member `name`; false if it is absent. `at` must live as long as *ret. */
bool proto_member(const struct proto_place *at, const char *name, struct proto_place *ret);

/* The same; it must be there. Errors: INPUT. */
MUST status proto_need(const struct proto *p, const struct proto_place *at, const char *name,
                       struct proto_place *ret);

/* The number of items of a list. Errors: INPUT, LIMIT (more than `max`). */
MUST status proto_list(const struct proto *p, const struct proto_place *at, size_t max,
                       size_t *ret_n);

/* The item `index`. */
struct proto_place proto_item(const struct proto_place *at, size_t index);

/* A string of at most `max` bytes, copied into the arena. Errors: INPUT, LIMIT. */
MUST status proto_text(const struct proto *p, const struct proto_place *at, size_t max,
                       struct str *ret_text);

/* Bytes in base64, at most `max`; in hexadecimal of lower case. They live in the arena.
 * Errors: INPUT, LIMIT. */
MUST status proto_bytes(const struct proto *p, const struct proto_place *at, size_t max,
                        struct str *ret_bytes);
MUST status proto_hex(const struct proto *p, const struct proto_place *at, size_t max,
                      struct str *ret_bytes);

/* A whole number that is not negative. Errors: INPUT. */
MUST status proto_number(const struct proto *p, const struct proto_place *at, int64_t *ret_number);

/* An RFC 3339 time as wall time. Errors: INPUT. */
MUST status proto_time(const struct proto *p, const struct proto_place *at, int64_t *ret_time);

/* proto_text, proto_bytes or proto_number of the member `name`, which must be there. */
MUST status proto_need_text(const struct proto *p, const struct proto_place *at, const char *name,
                            struct str *ret_text);
MUST status proto_need_bytes(const struct proto *p, const struct proto_place *at, const char *name,
                             size_t max, struct str *ret_bytes);
MUST status proto_need_number(const struct proto *p, const struct proto_place *at, const char *name,
                              int64_t *ret_number);
