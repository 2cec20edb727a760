#pragma once
/* The groups of tests of suite/, each in the file of its name. What reads and writes files is
 * tested by tests/cli/test_test.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "suite/suite.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

int is_one_tests(void);
int compare_tests(void);
