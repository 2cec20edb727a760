#pragma once
/* The groups of tests of pulls/, each in the file of its name. */
#include "world.h"

int getting_tests(void);
int names_tests(void);
int order_tests(void);
