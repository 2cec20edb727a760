#pragma once
/* The groups of tests of base/, each in the file of its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int base64_tests(void);
int clock_tests(void);
int file_tests(void);
int hex_tests(void);
int memory_tests(void);
int queue_tests(void);
int status_tests(void);
int str_tests(void);
int task_tests(void);
