#include "test.h"

int main(void)
{
    return getting_tests() + names_tests() + order_tests();
}
