#include "test.h"

int main(void)
{
    return cache_table_tests() + keeping_tests() + sharing_tests();
}
