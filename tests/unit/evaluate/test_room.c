#include "test.h"

int room_tests(void)
{
    return 0;
}
