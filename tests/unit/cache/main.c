#include "test.h"

int main(void)
{
    return table_tests() + keeping_tests() + sharing_tests();
}
