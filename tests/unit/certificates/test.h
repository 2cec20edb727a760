#pragma once
/* The groups of tests of certificates/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "certificates/state.h"
#include "crypto/issue.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define S NS_PER_S
#define T (INT64_C(1800000000) * NS_PER_S) /* the beginning of time */

extern struct arena test_arena; /* empty at the beginning of each test */
extern const struct str NAME;   /* what API servers verify */

int start(void **state);
int stop(void **state);

struct key_pair make_authority(int64_t now, int64_t validity);
struct key_pair make_leaf(const struct key_pair *authority, int64_t now, int64_t validity);
struct str join(struct str a, struct str b);

int bundle_tests(void);
int manager_tests(void);
int rotation_tests(void);
int state_tests(void);
