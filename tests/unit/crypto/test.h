#pragma once
/* The groups of tests of crypto/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "crypto/issue.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY          (24 * 3600 * NS_PER_S)

extern struct arena test_arena; /* empty at the beginning of each test */

int start(void **state);
int stop(void **state);

/* An authority, and a leaf of it for NAME. */
extern const struct str NAME;
struct key_pair make_authority(int64_t now, int64_t validity);
struct key_pair make_leaf(const struct key_pair *authority, int64_t now, int64_t validity);

int certificate_tests(void);
int der_tests(void);
int digest_tests(void);
int hash_tests(void);
int hmac_tests(void);
int issue_tests(void);
int pem_tests(void);
int public_key_tests(void);
int sct_tests(void);
int timestamp_tests(void);
int x509_chain_tests(void);
int x509_tests(void);
