#pragma once
/* The groups of tests of install/, each in the file of its name, and what they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ROOM         (1024u * 1024)

int argument_tests(void);
int yaml_tests(void);
