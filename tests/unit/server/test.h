#pragma once
/* The groups of tests of server/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "server/config.h"

#include "../folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is there without a choice. */
#define HEAD    "apiVersion: pratique.dev/v1alpha1\nkind: ServerConfiguration\n"
#define MINIMAL HEAD "tls: {certificate: tls.crt, key: tls.key}\npolicies: [policies]\n"

/* A configuration that was loaded from a text, or was not. */
struct loaded {
    struct arena arena;
    struct server_config config;
    char *printed; /* all diagnostics */
    struct error err;
    bool good;
};

/* Load `text` as the file `name` of the working directory, which is a folder of the test's own. */
void load_as(struct loaded *loaded, const char *name, struct str text);
void load(struct loaded *loaded, const char *text);
void loaded_done(struct loaded *loaded);

/* Load a text that must be refused (or only warned of), with exactly these diagnostics. */
void assert_refused(const char *text, const char *wanted);
void assert_warned(const char *text, const char *wanted);

/* Load a text that must be fine without a word. */
void assert_accepted(const char *text);

/* Formatted text, in memory to be freed. */
char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether `misuse` aborts the program. */
bool aborts(void (*misuse)(void));

int budget_tests(void);
int caller_tests(void);
int config_tests(void);
int config_bound_tests(void);
int config_error_tests(void);
int config_managed_tests(void);
int config_ui_tests(void);
int config_registries_tests(void);
int config_reports_tests(void);
int eventing_tests(void);
int hits_tests(void);
int outcome_tests(void);
int policy_review_tests(void);
int record_tests(void);
int record_sink_tests(void);
int request_tests(void);
int snapshot_tests(void);
