#pragma once
/* Inside oci/: a JSON document, by tables of its members. A document is not ours and is signed by
 * its digest: members that we do not know are passed over, and the first thing that is wrong ends
 * the decoding, with its place.
 *
 * The programs that run images are written in Go, whose reader takes "Layers" or "layerſ" for
 * "layers". A key that is a known one but for its case is refused: it would be another document to
 * them than to us. */
#include "base/buf.h"
#include "oci/descriptor.h"
#include "json/doc.h"

struct oci_decoding {
    struct arena *arena;
    struct error *err;
    size_t pairs_left; /* annotations and labels that there is still room for */
    size_t texts_left; /* items of lists */
};

/* Where a value stands. Linked on the stack. */
struct oci_place {
    const struct oci_place *up; /* NULL: the document */
    struct str name;            /* p == NULL: an item of a list */
    size_t index;
    yyjson_val *value;
};

struct oci_field;

/* Decode the value at `at`, which is neither missing nor null, into the struct at `ret`. */
typedef status oci_decode(struct oci_decoding *d, const struct oci_field *field,
                          const struct oci_place *at, void *ret);

struct oci_fields {
    const struct oci_field *members;
    size_t n;
};

#define OCI_FIELDS(members)                                                                        \
    {                                                                                              \
        members, sizeof(members) / sizeof *(members)                                               \
    }

struct oci_field {
    const char *name;
    oci_decode *decode;
    bool required;   /* a value that is missing or null is an error */
    size_t offset;   /* of the value in the C struct; of a list, of the pointer to its items */
    size_t n_offset; /* of a list: of the number of items */
    const struct oci_fields *object; /* of an object */
};

/* Say what is wrong at a place, "layers[2].digest: ...", and fail. `at` NULL: no place. */
MUST status oci_wrong(struct oci_decoding *d, const struct oci_place *at, enum error_kind kind,
                      const char *format, ...) PRINTF(4, 5);

/* "must be WANTED, found a number". */
MUST status oci_wrong_type(struct oci_decoding *d, const struct oci_place *at, const char *wanted);

/* Parse `text`, at most `max` bytes of a `what` ("manifest"), into an object. The caller frees.
 * Errors: EVIDENCE, LIMIT. */
MUST status oci_read(struct str text, size_t max, const char *what, struct json_doc *ret_doc,
                     struct error *err);

/* Decode the members of the object at `at` by a table. Errors: EVIDENCE, LIMIT. */
MUST status oci_decode_object(struct oci_decoding *d, const struct oci_fields *fields,
                              const struct oci_place *at, void *ret);

/* An item of the list at `at`. */
struct oci_place oci_item(const struct oci_place *at, yyjson_val *value, size_t index);

/* Keep a list that `field` describes. */
void oci_keep_list(const struct oci_field *field, void *ret, void *items, size_t n);

/* Take room for `n` more items of lists of strings. Errors: LIMIT (LIMIT_IMAGE_TEXTS). */
MUST status oci_take_texts(struct oci_decoding *d, const struct oci_place *at, size_t n);

/* What is kept of a string in a list. */
typedef status oci_keep(struct oci_decoding *d, const struct oci_place *at, struct str *ret_text);

/* Decode a list of strings, of each of which `keep` tells what is kept. */
MUST status oci_decode_list(struct oci_decoding *d, const struct oci_field *field,
                            const struct oci_place *at, oci_keep *keep, void *ret);

/* The decoders of a table. Strings are copied into the arena. */
oci_decode oci_decode_text;       /* struct str */
oci_decode oci_decode_media_type; /* struct str */
oci_decode oci_decode_digest;     /* struct str */
oci_decode oci_decode_size;       /* uint64_t, at most LIMIT_BLOB_SIZE */
oci_decode oci_decode_pairs;      /* struct oci_pair * and a number: an object of strings */
oci_decode oci_decode_texts;      /* struct str * and a number: a list of strings */
oci_decode oci_decode_nested;     /* an object whose members are at the same `ret` */
oci_decode oci_decode_nothing;    /* the key is known, the value is of no use */
oci_decode oci_decode_descriptor; /* struct oci_descriptor */
