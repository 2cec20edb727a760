#pragma once
/* The groups of tests of layout/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "layout/layout.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern struct arena test_arena; /* empty at the beginning of each test */

/* Begin and end in an empty folder. */
int start(void **state);
int stop(void **state);

/* Write a file of the working directory. */
void put_file(const char *name, struct str bytes);

/* Fail unless the error is this one. */
void assert_error(const struct error *err, enum error_kind kind, const char *wanted);

/* -- archives -- */

struct archive {
    struct buf bytes;
};

void archive_start(struct archive *archive);

/* Add an entry of a type ('0', '5', '2', 'x', 'L', …) with a header of ustar. */
void archive_add(struct archive *archive, char type, const char *name, struct str data);

/* Add one header, in which `n` bytes at `at` are others; the checksum is made to fit. */
void archive_add_header(struct archive *archive, char type, const char *name, uint64_t size,
                        size_t at, const char *bytes, size_t n);

/* Add the end, write it to a file and forget it. */
void archive_write(struct archive *archive, const char *file);

int layout_tests(void);
int tar_tests(void);
