#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

int assemble_tests(void);
int challenge_tests(void);
int config_tests(void);
int flow_tests(void);
int flow_token_tests(void);
int image_tests(void);
int link_tests(void);
int manifest_tests(void);
int media_tests(void);
int platform_tests(void);
int token_tests(void);
int url_tests(void);
int vector_tests(void);
