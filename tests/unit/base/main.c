#include "test.h"

int main(void)
{
    return clock_tests() + file_tests() + memory_tests() + status_tests() + str_tests();
}
