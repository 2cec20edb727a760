#pragma once
/* The groups of tests of kube/, each in the file of its name, and what they share. */
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

extern struct arena test_arena;

/* In a folder of the test's own, with an empty arena. */
int start(void **state);
int stop(void **state);

int client_tests(void);
int config_tests(void);
int events_tests(void);
int leader_tests(void);
int lease_tests(void);
int list_tests(void);
int object_tests(void);
int parse_tests(void);
int sync_tests(void);
int watch_tests(void);
