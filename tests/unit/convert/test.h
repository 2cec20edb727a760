#pragma once
/* The groups of tests of convert/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROOM         (64u * 1024 * 1024)

int glob_tests(void);
int glob_random_tests(void);
