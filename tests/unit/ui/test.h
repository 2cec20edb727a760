#pragma once
/* The groups of tests of ui/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* That the buffer holds this text and nothing else. */
void assert_text(const struct buf *buf, const char *text);

int html_tests(void);
int query_tests(void);
int pages_tests(void);
