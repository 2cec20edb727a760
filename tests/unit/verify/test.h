#pragma once
/* The groups of tests of verify/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "json/doc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

extern struct arena test_arena; /* empty at the beginning of each test */

int start(void **state);
int stop(void **state);

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, stop)

/* The path of a file or folder below PRATIQUE_VECTORS, or the project's own copy. */
const char *vector_path(const char *name);

/* The text of that file; its JSON, which the caller frees. */
struct str vector_text(const char *name);
void vector_json(const char *name, struct json_doc *ret_doc);

/* The bytes of a string of base64 in a vector; empty for anything else. */
struct str vector_bytes(const yyjson_val *value);

/* Fail unless the error is of that kind, and says all of `text`. */
void expect_error(const struct error *err, enum error_kind kind, const char *text);

int bundle_tests(void);
int checkpoint_tests(void);
int dsse_tests(void);
int identity_tests(void);
int merkle_tests(void);
int policy_tests(void);
int rekor_tests(void);
int release_tests(void);
int simple_signing_tests(void);
int statement_tests(void);
int trust_tests(void);
