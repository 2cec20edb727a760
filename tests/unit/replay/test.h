#pragma once
/* The groups of tests of replay/, each in the file of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "replay/replay.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

int audit_tests(void);
int history_tests(void);
int judge_tests(void);
