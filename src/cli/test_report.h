#pragma once
/* What `pratique test` prints: for people, as JSON, as JUnit XML. */
#include "cli/command.h"
#include "suite/suite.h"

enum test_format { TEST_TEXT, TEST_JSON, TEST_JUNIT };

struct test_report {
    const struct invocation *invocation;
    enum test_format format;
    bool quiet; /* passing cases are not listed */
    bool begun; /* something is already in the list */
    size_t passed, failed, errors, updated;
    struct buf body; /* of JUnit, whose totals stand first; owned */
};

/* Start a report by the options of the invocation. */
void test_report_begin(struct test_report *report, const struct invocation *invocation);

/* Tell how one case came out. `updated`: its expectation was replaced. */
void test_report_case(struct test_report *report, const struct suite_file *file,
                      const struct suite *suite, const struct suite_result *result, bool updated);

/* Tell that a case, or with `test` NULL a whole file, could not be run. */
void test_report_error(struct test_report *report, const char *path, const struct suite_case *test,
                       const struct error *err);

/* Write the totals. Returns the exit status. */
enum exit_code test_report_end(struct test_report *report);
