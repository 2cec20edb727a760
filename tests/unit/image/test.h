#pragma once
/* The groups of tests of image/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROOM         (4u * 1024 * 1024)

/* 64 hex digits, and a digest of them. */
#define HEX64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SHA256 "sha256:" HEX64

int digest_tests(void);
int glob_tests(void);
int grammar_tests(void);
int pattern_tests(void);
int pattern_set_tests(void);
int reference_tests(void);
int rewrite_tests(void);
int semver_tests(void);
int semver_range_tests(void);
int vector_tests(void);
