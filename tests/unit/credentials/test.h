#pragma once
/* The groups of tests of credentials/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "credentials/keyring.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is tried for registry "host[:port]" and repository, in its order: "alice/one bob/two", users
 * and passwords, "id:" and "bearer:" before tokens. An error ends it with "!".
 * Overwritten by the next call. */
const char *tried(const struct keyring *keyring, const char *registry, const char *repository);

/* The last error. */
extern struct error err;

/* Add a Secret called shop/NAME of the type, whose value `text` is put in base64. */
status add_secret(struct keyring *keyring, const char *name, const char *type, const char *text);

int amazon_tests(void);
int clouds_tests(void);
int config_tests(void);
int faults_tests(void);
int google_tests(void);
int helper_tests(void);
int limits_tests(void);
int matching_tests(void);
int microsoft_tests(void);
int wiping_tests(void);
