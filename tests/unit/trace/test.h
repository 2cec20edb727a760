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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* In a folder of the test's own. */
int start(void **state);
int stop(void **state);

void write_file(const char *name, const char *text);

int context_tests(void);
int credentials_tests(void);
int otlp_tests(void);
int sending_tests(void);
