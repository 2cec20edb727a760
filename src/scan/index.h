#pragma once
/* Objects by namespace and uid: a number for each, in the order in which they were added. What is
 * known of them lies in lists of whoever counts by it. Pure but for a random seed, since names of
 * reports are chosen by whoever may write them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { UID_BYTES = 16, UID_TEXT_MAX = 37 };

struct index_key {
    uint32_t namespace; /* a number of struct names */
    unsigned char uid[UID_BYTES];
};

/* Read a uid as API servers give them, 8-4-4-4-12 digits of lower case. Returns false for anything
 * else. Spec: RFC 9562 section 4. */
bool uid_parse(struct str text, unsigned char ret_uid[UID_BYTES]);
void uid_write(const unsigned char uid[UID_BYTES], char ret_text[UID_TEXT_MAX]);

struct index {
    struct index_key *keys; /* owned */
    uint32_t *slots;        /* owned; number and one; 0: empty */
    size_t n, n_slots, max;
    uint64_t seed[2];
};

/* Begin without an object, with room for `max`; free. A zeroed one is full. */
void index_init(struct index *index, size_t max);
void index_done(struct index *index);

/* The number of an object; false if it is not there. */
bool index_find(const struct index *index, const struct index_key *key, size_t *ret_number);

/* The same, added if it is not there; false if it is full. */
bool index_add(struct index *index, const struct index_key *key, size_t *ret_number);

/* Names of namespaces, each with a number. */
struct names {
    struct str *items; /* owned, as the texts are */
    uint32_t *slots;
    size_t n, n_slots, max;
};

/* Begin without a name, with room for `max`; free. */
void names_init(struct names *names, size_t max);
void names_done(struct names *names);

/* The number of a name, added if it is not there; false if they are full. */
bool names_add(struct names *names, struct str name, uint32_t *ret_number);
