#pragma once
/* The groups of tests of events/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "events/event.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A denial of a Pod of the ReplicaSet web-1 in the namespace shop. */
struct event a_denial(void);

int body_tests(void);
int known_tests(void);
int limiter_tests(void);
int writing_tests(void);
