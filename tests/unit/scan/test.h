#pragma once
/* The groups of tests of scan/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int fault_tests(void);
int index_tests(void);
int report_tests(void);
int result_tests(void);
int round_tests(void);
int schedule_tests(void);
