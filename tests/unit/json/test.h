#pragma once
/* The groups of tests of json/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "json/doc.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

int json_tests(void);
int yaml_tests(void);
int yaml_scalar_tests(void);
int yaml_alias_tests(void);
int mark_tests(void);
int limit_tests(void);
int diagnostic_tests(void);
int comments_tests(void);
int format_tests(void);
int fields_tests(void);
int schema_tests(void);
int structural_tests(void);
int reference_tests(void);
int vector_tests(void);

/* Fail, and show the row, unless both texts are equal. */
void expect_text(const char *row, struct str got, const char *wanted);

/* What json_parse, or yaml_parse for a stream, makes of a text: its documents written as compact
 * JSON, one a line, or "KIND: text" of its error. Owned by the caller. */
char *shown_json(struct str text);
char *shown_yaml(struct str text);

/* Fail, and show `row`, unless both documents are equal in every value. */
void expect_same_tree(const char *row, const struct json_doc *a, const struct json_doc *b);
