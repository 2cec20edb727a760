#include "test.h"

int walk_tests(void)
{
    return 0;
}
