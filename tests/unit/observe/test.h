#pragma once
/* The groups of tests of observe/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "observe/metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All metrics as they are scraped; to be freed. */
char *scrape(void);

/* The part of a scrape that belongs to one family, HELP and TYPE included; to be freed. */
char *scrape_family(const char *name);

/* The number behind `series` at the start of a line of a scrape, which must be there. */
double scrape_value(const char *series);

/* Whether `misuse` aborts the program. */
bool aborts(void (*misuse)(void));

/* A number that is the same in every run, and spread over all bits. */
uint32_t next_random(uint32_t *seed);

int audit_tests(void);
int audit_pipe_tests(void);
int log_tests(void);
int metrics_tests(void);
int process_tests(void);
int series_tests(void);
