#pragma once
/* The groups of tests of evidence/, each in the file of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

int images_tests(void);
int shared_tests(void);
int stale_tests(void);
