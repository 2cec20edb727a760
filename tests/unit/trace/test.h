#pragma once
/* The groups of tests of trace/, each in the file of its name, and what they share. */
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

#include "../folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int context_tests(void);
int credentials_tests(void);
int otlp_tests(void);
int sending_tests(void);
