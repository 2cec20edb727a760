#include "test.h"

int record_tests(void)
{
    return 0;
}
