#pragma once
/* The groups of tests of cli/, each in the file of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int documents_tests(void);
int help_tests(void);
int manifests_tests(void);
int options_tests(void);
int output_tests(void);
int tree_diff_tests(void);
int xml_tests(void);
