#include "test.h"

int rewrite_tests(void)
{
    return 0;
}
