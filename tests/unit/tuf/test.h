#pragma once
/* The groups of tests of tuf/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "client.h"
#include "repository.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY          (24 * 3600 * NS_PER_S)

extern struct arena test_arena; /* empty at the beginning of each test */

int start(void **state);
int stop(void **state);

int attack_tests(void);
int canonical_tests(void);
int conformance_tests(void);
int delegation_tests(void);
int key_tests(void);
int limit_tests(void);
int malformed_tests(void);
int rollback_tests(void);
int rotation_tests(void);
int tampering_tests(void);
int vector_tests(void);
