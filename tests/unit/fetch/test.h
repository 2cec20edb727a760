#pragma once
/* The groups of tests of fetch/, each in the file of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/fetch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int answer_tests(void);
int curl_tests(void);
int guard_tests(void);
int streams_tests(void);
