#pragma once
/* The groups of tests of cache/, each in the file of its name. */
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
#include "cache/cache.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int keeping_tests(void);
int sharing_tests(void);
int cache_table_tests(void);
