#pragma once
/* The groups of tests of review/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "review/review.h"

int answer_tests(void);
int decode_tests(void);
int extract_tests(void);
int hostile_tests(void);
int kinds_tests(void);
int limits_tests(void);
int manifest_tests(void);
int patch_tests(void);
int rewrite_tests(void);
int update_tests(void);
int vectors_tests(void);

#define N(array) (sizeof(array) / sizeof *(array))

/* What came of decoding a text, and all that it borrows from. */
struct decoded {
    struct arena arena;
    struct json_doc doc;
    const struct kinds *kinds;
    struct review review;
    bool failed;
    struct error err;
};

void decoded_done(struct decoded *d);
#define decoded_auto __attribute__((cleanup(decoded_done))) struct decoded

/* Start with the shipped kinds and the JSON of `text`. */
void decoded_start(struct decoded *d, struct str text);

/* Decode a whole review; `accept_bare` as for review_decode. */
void decode_review(struct decoded *d, struct str text, bool accept_bare);

/* Decode a request: the text goes into an AdmissionReview of v1. */
void decode_request(struct decoded *d, const char *request);

/* Decode the CREATE of an object of this group and kind. */
void decode_create(struct decoded *d, const char *group, const char *kind, const char *object);

/* `text` with each ' made a ", so that JSON can be read in C. Lives until the test ends. */
const char *json(const char *text);

/* The images as one line, each as "ROLE.NAME@PATH=TEXT", with "!" behind one that is unchanged;
 * ROLE is c(ontainer), i(nit), e(phemeral), v(olume) or x (custom). Also checks that each pointer
 * leads to its text. */
const char *describe_images(const struct decoded *d);

/* Encode an answer, run it through the API server's rules, and return its text. */
const char *encode(struct decoded *d, const struct review_answer *answer, bool mutating);

/* Encode an admission and a denial. */
void encode_both(struct decoded *d);

/* Where a file of the vectors is: below PRATIQUE_VECTORS, or the project's own copy. */
const char *vector_path(struct decoded *d, const char *path);

/* Read a file of the vectors; fails the test if it is not there. */
struct str read_vector(struct decoded *d, const char *path);
